"""The list of calls and one call's page, for those who may see them."""

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.consoles.visitor import Visitor, signed_in
from tests.stories.world import World


@pytest.fixture
def leela(world: World, app: Flask) -> Visitor:
    return signed_in(world, app, "leela", "supervisor")


def test_empty_list_says_what_will_come(leela: Visitor) -> None:
    assert "The first one is listed here" in leela.get("/calls").text
    assert "Show all" in leela.get("/calls?queue=billing").text


def test_call_opens_to_its_evidence(world: World, leela: Visitor) -> None:
    world.agent("asha")
    leg = world.call()
    world.until_ended(leg)
    assert f'href="/calls/{leg.sid}"' in leela.get("/calls?agent=asha").text
    page = leela.get(f"/calls/{leg.sid}").text
    for words in (
        "Maria Lopez asked for Sales in English.",
        "Agent answers within three rings",
        "kept",
        "1 could, 1 waited",
    ):
        assert words in page
    assert "4155550123" not in page
    assert "<svg viewBox" in page
    assert 'style="' not in page


def test_agent_sees_own_calls_only(world: World, app: Flask) -> None:
    world.agent("asha")
    leg = world.call()
    world.until_ended(leg)
    asha, kiran = signed_in(world, app, "asha"), signed_in(world, app, "kiran")
    assert asha.get(f"/calls/{leg.sid}").status_code == 200
    assert kiran.get(f"/calls/{leg.sid}").status_code == 404
    assert leg.sid in asha.get("/calls").text
    assert leg.sid not in kiran.get("/calls?agent=asha").text


def test_callers_words_are_shown_as_words(world: World, app: Flask, leela: Visitor) -> None:
    asha = signed_in(world, app, "asha")
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 5s of talk")
    leg = world.call()
    world.run(120, lambda: world.status(leg) == "wrap_up")
    note = "<script>alert(1)</script>"
    assert asha.post("/desk/wrap-up", {"call": leg.sid, "disposition": "resolved", "note": note}).status_code == 200
    world.drain()
    page = leela.get(f"/calls/{leg.sid}").text
    assert note not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_unknown_call_and_wrong_filter_are_told(leela: Visitor) -> None:
    assert leela.get("/calls/CA" + "0" * 32).status_code == 404
    assert leela.get("/calls?status=asleep").status_code == 422


def test_list_says_so_when_the_record_is_away(world: World, leela: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(**_: object) -> None:
        raise OperationalError("select", {}, Exception("down"))

    monkeypatch.setattr(world.center.history, "calls", down)
    answer = leela.get("/calls")
    assert answer.status_code == 503
    assert "The record cannot be read just now" in answer.text
