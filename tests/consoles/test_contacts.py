"""The report of what was solved at the first call: open to its calls, and honest about what is young."""

# The JSON of an answer is untyped, and a test that indexes nothing fails as it should.
# mypy: disable-error-code="index"

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from consoles.contact_view import sentence, usual_days
from queues import agent_moves
from queues.shares import Share
from simulator import Leg
from tests.cases.test_first_contact import contact, total
from tests.consoles.test_reports import links
from tests.consoles.visitor import TOKEN, Visitor, signed_in
from tests.stories.world import World

DAY_S = 86_400
TALK = "answer@1ring, press 1 on gather, hang up after 20s of talk"


@pytest.fixture
def leela(world: World, app: Flask) -> Visitor:
    return signed_in(world, app, "leela", "supervisor")


def helped(world: World, caller: str = "+14155550102", reason: str = "refund") -> Leg:
    """A caller who talks to an agent, who notes it as solved."""
    world.agent("kiran", TALK)
    leg = world.call("press 1 on gather, press 1 on gather, wait", from_=caller)
    world.run(300, lambda: world.status(leg) == "wrap_up")
    assert agent_moves.wrap_up(world.center, "kiran", leg.sid, "resolved", reason, {"solved": "yes"})
    world.until_ended(leg, seconds=60)
    return leg


def days(world: World, back: int) -> str:
    """The last days, these included, as the address has them."""
    span = usual_days(world.net.now_ms + 8 * DAY_S * 1000, world.center.plan.zone)
    first = span.last.fromordinal(span.last.toordinal() - back)
    return f"from={first}&to={span.last}"


def test_report_without_contacts_says_when_they_count(leela: Visitor) -> None:
    assert "On these days nobody talked to an agent." in leela.get("/reports/contacts").text
    assert "Nobody on these days." in leela.get("/reports/contacts/calls").text


def test_contact_is_young_for_seven_days_and_then_counts(world: World, leela: Visitor) -> None:
    leg, asked = helped(world), days(world, 0)
    page = leela.get(f"/reports/contacts?{asked}").text
    assert "None of the calls noted as solved has had its seven days yet. No caller was asked." in page
    assert f'href="/calls/{leg.sid}"' in leela.get(f"/reports/contacts/calls?{asked}&which=young").text
    world.run(8 * DAY_S)
    assert "100\u00a0% of 1 call noted as solved held" in leela.get("/reports/contacts").text


def test_report_opens_to_the_calls_behind_a_number(world: World, app: Flask, leela: Visitor) -> None:
    first = helped(world)
    world.run(2 * DAY_S)
    second = helped(world)
    world.run(8 * DAY_S)
    page = leela.get("/reports/contacts").text
    assert "50\u00a0% of 2 calls noted as solved held for seven days (between 9 and 91\u00a0%)" in page
    assert 'style="' not in page
    behind = {
        which: {leg.sid for leg in (first, second) if f'<a href="/calls/{leg.sid}">' in leela.get(link).text}
        for link in links(page, "/reports/contacts/calls")
        for which in [link.partition("which=")[2]]
    }
    both = {first.sid, second.sid}
    assert behind == {"": both, "held": {second.sid}, "matured": both, "again": {first.sid}}
    again = leela.get("/reports/contacts/calls?which=again&reason=refund").text
    assert f'href="/calls/{second.sid}">the second call' in again
    assert "Nobody on these days." in leela.get("/reports/contacts/calls?which=again&reason=bill_question").text
    now_ms = world.net.now_ms
    answer = app.test_client().get(f"/api/v1/reports/contacts?from_ms={now_ms - 20 * DAY_S * 1000}", headers=TOKEN)
    assert answer.status_code == 200
    (row,) = answer.json["rows"]
    assert row["held"] == {"count": 1, "of": 2, "share": 0.5} | {name: row["held"][name] for name in ("low", "high")}
    assert (row["reason"], row["again"], row["said"]["share"], answer.json["total"]["contacts"]) == (
        "refund",
        1,
        None,
        2,
    )


def test_api_keeps_to_a_queue_but_follows_callers_everywhere(world: World, app: Flask) -> None:
    helped(world)
    client, path = app.test_client(), "/api/v1/reports/contacts"
    counts = [
        client.get(f"{path}?queue={queue}", headers=TOKEN).json["total"]["contacts"] for queue in ("sales", "support")
    ]
    assert counts == [1, 0]
    assert client.get(f"{path}?from_ms=0", headers=TOKEN).status_code == 422


def test_report_is_for_supervisors(world: World, app: Flask) -> None:
    asha = signed_in(world, app, "asha")
    assert [asha.get(f"/reports/contacts{rest}").status_code for rest in ("", "/calls")] == [403, 403]


def test_report_says_so_when_the_record_is_away(world: World, leela: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise OperationalError("select", {}, Exception("down"))

    monkeypatch.setattr(world.center.history, "first_contacts", down)
    for path in ("/reports/contacts", "/reports/contacts/calls"):
        answer = leela.get(path)
        assert (answer.status_code, "The record cannot be read just now" in answer.text) == (503, True)


def test_wrong_days_are_refused(leela: Visitor) -> None:
    assert leela.get("/reports/contacts?from=2026-11-22&to=2026-11-21").status_code == 422


def test_sentence_tells_the_survey_beside_the_share_and_never_without_its_interval() -> None:
    said = [contact(f"CA{number}", 10, f"+91989800{number:04d}", solved_said="yes") for number in range(8)]
    found = total([*said, contact("CA9", 10, solved_said="no")])
    assert found.said == Share(8, 9)
    assert sentence(found) == (
        "89 % of 9 calls noted as solved held for seven days (between 57 and 98 %). "
        "Of 9 callers asked, 89 % say that it was solved (between 57 and 98 %)."
    )
    assert sentence(total([contact("CA1", 10, solved="no")])).startswith("No call of these days that can be followed")
