"""Half-written menus: the form and the text in step, kept for each person, and nobody written over."""

# The JSON of an answer is untyped, and a test that indexes nothing fails as it should.
# mypy: disable-error-code="index"

import html
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from consoles import flow_view
from queues.flow_versions import FILE, publish, version_of
from tests.consoles.test_studio import NEW, TEXT, WRONG
from tests.consoles.visitor import Visitor, signed_in
from tests.stories.world import World

ONTO = version_of(TEXT)
HINDI = ["prompts", "welcome", "hi", "text"]


@pytest.fixture
def leela(app: Flask, world: World) -> Visitor:
    publish(world.center, TEXT, FILE)
    return signed_in(world, app, "leela", "supervisor")


@pytest.fixture
def omar(app: Flask, world: World, leela: Visitor) -> Visitor:
    return signed_in(world, app, "omar", "operator")


def keeps(person: Visitor, text: str = TEXT, status: int = 200, **more: Any) -> Any:
    answer = person.post("/studio/keep", {"text": text, "onto": ONTO, **more})
    assert answer.status_code == status, answer.text
    return answer.json


def text_on(page: str) -> str:
    """What stands in the page's text."""
    return html.unescape(re.findall(r'<textarea id="text".*?>\n(.*?)</textarea>', page, re.DOTALL)[0])


def test_change_in_the_form_is_a_change_of_the_text_and_is_kept(leela: Visitor) -> None:
    kept = keeps(leela, node="welcome", edits=[{"path": HINDI, "value": "नमस्ते।"}])
    text = TEXT.replace("सूरज होम अप्लायंसेज़ में आपका स्वागत है।", "नमस्ते।")
    assert (kept["draft"]["text"], kept["draft"]["number"], kept["problems"]) == (text, 1, [])
    assert "-      text: सूरज होम अप्लायंसेज़ में आपका स्वागत है।" in kept["changes"]
    assert 'id="f-prompts-welcome-hi-text"' in kept["form"]
    page = leela.get("/studio?node=welcome").text
    assert text_on(page) == text
    assert "Draft kept at" in page
    assert ">\nनमस्ते।</textarea>" in page


def test_change_in_the_text_is_a_change_of_the_form(leela: Visitor) -> None:
    found = keeps(leela, TEXT.replace("timeout_s: 4\n    options:\n", "timeout_s: 44\n    options:\n"), node="main")
    assert 'value="44"' in found["form"]
    assert 'aria-describedby="f-nodes-main-timeout_s-wrong"' in found["form"]
    assert found["problems"] == [
        {"line": 29, "node": "main", "reason": "`timeout_s`: input should be less than or equal to 30"}
    ]


def test_text_that_is_no_yaml_is_kept_and_has_no_form(leela: Visitor) -> None:
    found = keeps(leela, "name: [\n")
    assert ("No form" in found["form"], found["picture"], found["node"]) == (True, None, "")
    assert text_on(leela.get("/studio").text) == "name: [\n"
    refused = keeps(leela, "name: [\n", 422, number=1, edits=[{"path": HINDI, "value": "x"}])
    assert refused["message"] == "The text cannot be read as YAML."


def test_draft_that_changes_nothing_any_more_is_forgotten(leela: Visitor, world: World) -> None:
    assert keeps(leela, NEW)["draft"]["number"] == 1
    assert keeps(leela, TEXT, number=1)["draft"]["number"] == 0
    assert world.center.history.drafts.of("leela") is None


def test_second_window_writes_over_nothing(leela: Visitor, world: World) -> None:
    keeps(leela, NEW)
    keeps(leela, NEW + "# more\n", number=1)
    for number in (0, 1):
        assert keeps(leela, WRONG, 409, number=number)["error"] == "stale"
    kept = world.center.history.drafts.of("leela")
    assert kept is not None
    assert kept.text == NEW + "# more\n"


def test_second_person_is_told_and_brings_both_changes_together(leela: Visitor, omar: Visitor, world: World) -> None:
    mine = TEXT.replace("retries: 2", "retries: 1")
    keeps(leela, mine)
    assert "leela has a draft too" in keeps(omar, NEW)["news"]
    published = omar.fill("/studio/publish", text=NEW, onto=ONTO, note="warmer", number="1")
    assert published.status_code == 302
    assert world.center.history.drafts.of("omar") is None

    told = keeps(leela, mine, number=1)["news"]
    assert "omar published version" in told
    assert "(warmer)" in told
    refused = leela.fill("/studio/publish", text=mine, onto=ONTO, number="2")
    assert refused.status_code == 409
    assert text_on(refused.text) == mine
    assert leela.fill("/studio/bring-in").status_code == 302
    both = text_on(leela.get("/studio").text)
    assert both == NEW.replace("retries: 2", "retries: 1")
    assert leela.fill("/studio/publish", text=both, onto=version_of(NEW), number="3").status_code == 302
    assert world.center.history.flows.state().current == version_of(both)


def test_where_both_changed_the_same_mine_stays_and_the_line_is_told(leela: Visitor, world: World) -> None:
    keeps(leela, TEXT.replace("Welcome to Suraj", "Good evening from Suraj"))
    publish(world.center, NEW, "omar")
    done = leela.fill("/studio/bring-in")
    assert done.headers["Location"] == "/studio?both=86"
    page = leela.get(done.headers["Location"]).text
    assert "Both of you had changed line 86" in page
    assert "Good evening from Suraj" in text_on(page)


def test_looking_at_a_version_leaves_the_draft_alone(leela: Visitor, world: World) -> None:
    keeps(leela, NEW)
    page = leela.get(f"/studio?version={ONTO}").text
    assert (text_on(page), "readonly" in page, "is kept" in page) == (TEXT, True, True)
    done = leela.fill("/studio/discard", version=ONTO)
    assert (done.status_code, done.headers["Location"]) == (302, f"/studio?version={ONTO}")
    assert world.center.history.drafts.of("leela") is None
    assert "readonly" not in leela.get(f"/studio?version={ONTO}").text


def test_publishing_another_windows_text_leaves_the_newer_draft(leela: Visitor, world: World) -> None:
    keeps(leela, NEW)
    keeps(leela, NEW + "# more\n", number=1)
    assert leela.fill("/studio/publish", text=NEW, onto=ONTO, number="1").status_code == 302
    assert world.center.history.drafts.of("leela") is not None


def test_without_the_record_the_page_is_there_and_says_that_nothing_is_kept(
    leela: Visitor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError("select", {}, Exception("away"))

    for name in ("of", "others", "keep", "drop"):
        monkeypatch.setattr(world.center.history.drafts, name, away)
    for name in ("state", "versions", "changes", "find", "choices"):
        monkeypatch.setattr(world.center.history.flows, name, away)
    page = leela.get("/studio").text
    assert text_on(page) == TEXT
    assert "The record cannot be read just now" in page
    assert keeps(leela, NEW, 503)["message"].startswith("The record cannot be reached")
    world.client.delete("tr:flow_texts")
    assert text_on(leela.get("/studio").text) == TEXT


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": ["nodes"], "value": "x"},
        {"path": ["nodes", "main", "next"], "value": ["x"]},
        {"path": ["nodes", "main", "next"], "value": {"x": 1}},
        {"path": ["nodes", "main", "x" * 33], "value": "x"},
        {"path": "nodes.main.next", "value": "x"},
    ],
)
def test_entry_that_is_none_is_refused(leela: Visitor, wrong: dict[str, Any]) -> None:
    keeps(leela, status=422, edits=[wrong])


def test_agent_keeps_no_draft(app: Flask, world: World) -> None:
    agent = signed_in(world, app, "asha")
    assert agent.post("/studio/keep", {"text": TEXT}).status_code == 403
    assert world.center.history.drafts.of("asha") is None


def test_numbers_of_the_day_stay_while_somebody_writes(leela: Visitor, world: World) -> None:
    world.call("press 1 on gather, press 3 on gather, hang up after 30s")
    world.run(60)
    assert "1 today" in keeps(leela, NEW)["picture"]
    publish(world.center, NEW, FILE)
    assert "1 today" in leela.get("/studio").text
    assert "1 today" not in leela.get(f"/studio?version={version_of(NEW)}").text


def test_what_is_changed_is_told_line_by_line() -> None:
    assert flow_view.changes(TEXT, TEXT) == []
    assert flow_view.changes("a\nb\n", "a\nc\n") == ["@ line 1", " a", "-b", "+c"]
    rows = flow_view.changes("", "x\n" * 500)
    assert (len(rows), rows[-1]) == (401, "@ and 101 more lines")
