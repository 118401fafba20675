"""A press of the webhook bench is a real step of the menu, and the floor answers it with the very same document."""

from collections import Counter
from urllib.parse import parse_qs

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from benches import minimal_web
from benches.parts import MINIMAL, OURS, answered, clocked, table
from benches.press import FEWEST_CALLS, PATH, TURNS, Account, presses, put_in_menu
from center import Center
from tests.stories.world import ACCOUNT, BASE, World

SIGNER = Account(BASE, ACCOUNT, "secret")


@pytest.fixture
def world(redis_url: str, sqlite_url: str) -> "World":
    return World(redis_url, sqlite_url)


def apps(world: World, redis_url: str, count: int) -> tuple[Flask, Flask, Center]:
    put_in_menu(world.client, world.center.plan, count, world.center.now_ms())
    environ = {"TWILIO_AUTH_TOKEN": "secret", "PUBLIC_URL": BASE, "REDIS_URL": redis_url}
    return world.app, minimal_web.create_app(environ), world.center


def test_thirty_parameters_and_their_signature() -> None:
    one = presses(SIGNER, 1)[0]
    form = MultiDict({name: values[0] for name, values in parse_qs(one.body.decode(), keep_blank_values=True).items()})
    assert len(form) == 30
    assert RequestValidator("secret").validate(f"{BASE}{PATH}?{one.query}", form, one.signature)
    assert one.message().endswith(one.body)


def test_no_press_comes_twice_and_turns_follow_each_other() -> None:
    these = presses(SIGNER, 3000)
    assert len(set(these)) == 3000
    turns = [int(parse_qs(one.query)["s"][0]) for one in these]
    assert turns == sorted(turns)
    assert set(Counter(turns)) == set(TURNS)


def test_both_answer_the_same_and_ours_has_saved_each(world: World, redis_url: str) -> None:
    these = presses(SIGNER, 300)
    ours, minimal, center = apps(world, redis_url, len(these))
    for one in these:
        assert answered(ours, one) == answered(minimal, one)
    newest = [int(parse_qs(one.query)["s"][0]) for one in these[-FEWEST_CALLS:]]
    assert sum(call.steps for call in center.live.calls()) == sum(newest)
    _, entries = center.live.stream.after("0-0", 1000)
    assert Counter(fields["choice"] for _, fields in entries) == {"support_menu": len(these)}
    world.close()


def test_floor_refuses_what_is_not_signed(world: World, redis_url: str) -> None:
    _, minimal, _ = apps(world, redis_url, 1)
    forged = presses(Account(BASE, ACCOUNT, "other"), 1)[0]
    with pytest.raises(RuntimeError, match="403"):
        answered(minimal, forged)
    world.close()


def test_every_part_is_measured_in_both(world: World, redis_url: str) -> None:
    these = presses(SIGNER, 40)
    ours, minimal, _ = apps(world, redis_url, len(these))
    found = table(ours, these, OURS)
    assert set(found) == {"signature", "form", "Redis", "menu step", "TwiML", "whole"}
    assert set(table(minimal, these, MINIMAL)) == {"signature", "form", "Redis", "TwiML", "whole"}
    assert 0 < found["signature"] < found["whole"]
    world.close()


def test_clocks_are_taken_away_again() -> None:
    before = RequestValidator.validate
    with clocked(MINIMAL):
        assert RequestValidator.validate is not before
    assert RequestValidator.validate is before
