"""The studio and its API: what callers meet, written, checked, tried, published, compared and rolled back."""

# The JSON of an answer is untyped, and a test that indexes nothing fails as it should.
# mypy: disable-error-code="index"

import pytest
from flask import Flask
from flask.testing import FlaskClient

from center import HOUSE
from queues.flow_versions import FILE, publish, version_of
from tests.consoles.visitor import TOKEN, Visitor, signed_in
from tests.stories.world import World

TEXT = (HOUSE / "ivr/flows/main.yaml").read_text("utf-8")
NEW = TEXT.replace("Welcome to Suraj", "Good day from Suraj")
WRONG = TEXT.replace("start: language", "start: nowhere")


@pytest.fixture
def supervisor(app: Flask, world: World) -> Visitor:
    return signed_in(world, app, "leela", "supervisor")


@pytest.fixture
def api(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = TOKEN["Authorization"]
    return client


def test_supervisor_sees_the_menu_with_todays_callers_and_where_they_gave_up(supervisor: Visitor, world: World) -> None:
    assert "None was published yet" in supervisor.get("/studio").text
    publish(world.center, TEXT, FILE)
    world.call("press 1 on gather, press 3 on gather, hang up after 30s")
    world.call("press 1 on gather, hang up after 8s", "+14155550124")
    world.run(60)
    page = supervisor.get("/studio").text
    assert "2 today" in page  # chose English
    assert 'aria-label="main, menu, 10 s, line 26, 1 hung up here today"' in page
    assert "s to a line" in page
    assert "the flow file" in page


def test_supervisor_publishes_compares_and_goes_back(supervisor: Visitor, world: World) -> None:
    first = publish(world.center, TEXT, FILE)
    done = supervisor.fill("/studio/publish", text=NEW.replace("\n", "\r\n"), note="warmer", onto=first.current)
    assert done.status_code == 302
    state = world.center.history.flows.state()
    assert (state.current, state.by, state.note) == (version_of(NEW), "leela", "warmer")
    page = supervisor.get(f"/studio/difference?from={first.current}&to={state.current}").text
    assert "-      text: Welcome to Suraj Home Appliances." in page
    assert "+      text: Good day from Suraj Home Appliances." in page
    assert supervisor.fill("/studio/publish", text=TEXT, onto=first.current).status_code == 409
    assert supervisor.fill("/studio/rollback", version=first.current).status_code == 302
    assert world.center.history.flows.state().current == first.current
    assert supervisor.fill("/studio/rollback", version="0123456789ab").status_code == 404
    assert supervisor.get("/studio/difference?from=x&to=y").status_code == 404


def test_supervisor_gives_a_share_and_withdraws_it(supervisor: Visitor, world: World) -> None:
    publish(world.center, TEXT, FILE)
    assert supervisor.fill("/studio/publish", text=NEW, share="10").status_code == 302
    assert "10 % of new callers" in supervisor.get("/studio").text
    assert supervisor.fill("/studio/publish", text=NEW, share="11").status_code == 422
    assert supervisor.fill("/studio/rollback").status_code == 302
    assert world.center.history.flows.state().candidate == ""


def test_wrong_text_is_told_by_line_and_not_published(supervisor: Visitor, world: World) -> None:
    before = publish(world.center, TEXT, FILE)
    answer = supervisor.fill("/studio/publish", text=WRONG)
    assert answer.status_code == 422
    assert "line 10: no node is called `nowhere`" in answer.text.replace("&#39;", "'")
    assert world.center.history.flows.state() == before


def test_draft_is_checked_while_it_is_written(supervisor: Visitor) -> None:
    found = supervisor.post("/studio/check", {"text": TEXT}).json
    assert (found["problems"], found["seconds"]["usual"], found["version"]) == ([], 2, version_of(TEXT))
    assert '<svg class="flow"' in found["picture"]
    wrong = supervisor.post("/studio/check", {"text": WRONG}).json
    assert wrong["problems"] == [{"line": 10, "reason": "no node is called `nowhere`", "node": ""}]
    assert (wrong["seconds"], wrong["picture"]) == (None, None)
    hostile = TEXT.replace("en: Suraj Home", "en: \"</textarea><script>alert('1')</script>\" #")
    found = supervisor.post("/studio/check", {"text": hostile}).json
    assert "<script>" not in found["picture"] + found["form"] + found["changes"]


def test_draft_is_tried_by_the_next_call_alone(supervisor: Visitor, world: World) -> None:
    settings = world.center.settings.model_copy(update={"simulator_url": "http://phone.test"})
    object.__setattr__(world.center, "settings", settings)
    publish(world.center, TEXT, FILE)
    assert supervisor.post("/studio/try", {"text": WRONG}).status_code == 422
    assert supervisor.post("/studio/try", {"text": NEW}).json == {"url": "/phone"}
    tried, other = world.call("press 1 on gather, wait"), None
    world.run(5)
    other = world.call("press 1 on gather, wait", "+14155550124")
    world.run(12)
    assert "Good day from Suraj Home Appliances." in world.said(tried)
    assert "Welcome to Suraj Home Appliances." in world.said(other)


def test_agent_is_told_that_the_studio_is_for_supervisors(app: Flask, world: World) -> None:
    assert signed_in(world, app, "asha").get("/studio").status_code == 403


def test_program_checks_publishes_and_rolls_back(api: FlaskClient, world: World) -> None:
    checked = api.post("/api/v1/flows/check", json={"text": WRONG}).json
    assert checked["problems"] == [{"line": 10, "reason": "no node is called `nowhere`"}]
    assert api.post("/api/v1/flows/publish", json={"text": WRONG}).status_code == 422
    assert api.post("/api/v1/flows/publish", json={"text": TEXT}).json["current"] == version_of(TEXT)
    tried = api.post("/api/v1/flows/publish", json={"text": NEW, "share": 0.25, "onto": version_of(TEXT)}).json
    assert (tried["candidate"], tried["share"]) == (version_of(NEW), 0.25)
    assert api.post("/api/v1/flows/rollback", json={}).json["candidate"] is None
    listed = api.get("/api/v1/flows").json
    assert [row["deed"] for row in listed["changes"]] == ["rolled_back", "tried", "published"]
    assert {row["version"] for row in listed["versions"]} == {version_of(TEXT), version_of(NEW)}
    assert api.post("/api/v1/flows/publish", json={"text": TEXT, "onto": "0123456789ab"}).status_code == 409
    assert api.post("/api/v1/flows/rollback", json={"version": "0123456789ab"}).status_code == 404
