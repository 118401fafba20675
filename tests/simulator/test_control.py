"""The control interface: people, calls and faults over HTTP, with wrong input told in plain words."""

from itertools import pairwise

import pytest

from tests.simulator.customer import AGENT, CALLER, HOST, OURS, Town


def test_call_is_placed_and_followed_to_its_scripted_end(town: Town) -> None:
    town.documents |= {
        "/in": '<Gather numDigits="1" action="/x"><Say>Press</Say></Gather>',
        "/x": f"<Dial>{AGENT}</Dial>",
    }
    town.control("PUT", f"people/{AGENT}", {"script": "answer@2rings, hang up after 5s of talk"})
    call = town.control("POST", "calls", {"from": CALLER, "to": OURS, "script": "press 1 on gather, wait"}, 201)["call"]
    town.pass_s(4)
    now = town.control("GET", f"calls/{call}")
    assert (now["status"], now["ended_as_scripted"], now["script"][0]["done_at_ms"]) == (
        "in-progress",
        None,
        town.net.now_ms - 3400,
    )
    town.pass_s(60)
    end = town.control("GET", f"calls/{call}")
    assert (end["status"], end["ended_as_scripted"]) == ("completed", True)
    assert end["reason"] == "the other side ended it, all steps were done"
    assert [h["kind"] for h in end["heard"]] == ["ring", "say", "key", "ring", "talk"]
    assert [leg["call"] for leg in town.control("GET", "calls")["calls"]] == [call]
    assert [leg["line"] for leg in town.control("GET", f"legs?line=%2B{AGENT[1:]}")["legs"]] == [AGENT]
    assert town.control("GET", "legs?live=true")["legs"] == []


def test_manual_person_answers_presses_speaks_and_hangs_up_from_outside(town: Town) -> None:
    town.documents |= {
        "/hello": '<Gather input="dtmf speech" speechTimeout="1" action="/got"><Say>Hi</Say></Gather>',
        "/got": lambda p: f"<Say>{p.get('Digits') or p.get('SpeechResult')}</Say><Redirect>/hello</Redirect>",
    }
    town.control("PUT", "people/client:asha", {"script": "manual"})
    leg = town.dial("client:asha", Url=f"{HOST}/hello")
    assert town.control("POST", f"legs/{leg.sid}/answer", expect=409) == {"done": False, "status": "queued"}
    town.pass_s(20)
    assert town.control("POST", f"legs/{leg.sid}/answer") == {"done": True, "status": "in-progress"}
    town.pass_s(1)
    town.control("POST", f"legs/{leg.sid}/press", {"keys": "12#"})
    town.pass_s(2)
    town.control("POST", f"legs/{leg.sid}/say", {"text": "hello"})
    town.pass_s(3)
    town.control("POST", f"legs/{leg.sid}/hang_up")
    assert town.control("POST", f"legs/{leg.sid}/hang_up", expect=409)["status"] == "completed"
    assert leg.said() == ["Hi", "12", "Hi", "hello", "Hi"]


def test_manual_person_declines(town: Town) -> None:
    town.control("PUT", "people/client:asha", {"script": "manual", "country": "GB"})
    leg = town.dial("client:asha", Url=f"{HOST}/hello")
    town.pass_s(2)
    assert town.control("POST", f"legs/{leg.sid}/decline")["status"] == "busy"
    assert town.control("GET", "people")["people"] == [
        {"line": "client:asha", "picks_up": "manual", "steps": [], "country": "GB"}
    ]
    town.control("DELETE", "people/client:asha")
    assert town.control("DELETE", "people/client:asha", expect=404)["error"] == "not_found"


def test_faults_are_set_by_name_and_shown(town: Town) -> None:
    shown = town.control(
        "PUT", "faults", {"lost": 0.5, "doubled": ["ringing"], "rest_errors": [{"code": 20429, "times": 3}]}
    )
    assert (shown["lost"], shown["doubled"]) == (0.5, ["ringing"])
    assert shown["rest_errors"] == [{"code": 20429, "times": 3, "path": "", "method": ""}]
    assert town.control("GET", "faults") == shown


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("PUT", "people/x", {"script": "dance"}, "cannot understand 'dance'; examples: press 1 on gather"),
        ("PUT", "people/x", {}, "script: a sentence or a list of steps is needed"),
        ("PUT", "people/x", [1], "a JSON object is needed"),
        ("POST", "calls", {"from": CALLER, "to": "+1999", "script": "wait"}, "no number +1999 on this network"),
        ("POST", "calls", {"from": CALLER, "to": OURS, "script": "answer@1s"}, "a caller does not answer"),
        ("POST", "calls", {"from": "client:x", "to": ""}, "the account has no TwiML application"),
        ("POST", "calls", {"from": CALLER, "params": 3}, "params is an object"),
        ("PUT", "faults", {"lots": 1}, "there is no fault or switch called lots"),
        ("PUT", "faults", {"lost": 2}, "lost: 2 does not fit"),
        ("PUT", "faults", {"late_ms": -1}, "late_ms: -1 does not fit"),
        ("PUT", "faults", {"omit_ringing": 1}, "omit_ringing: 1 does not fit"),
        ("PUT", "faults", {"empty_digits": "none"}, "empty_digits: 'none' does not fit"),
        ("PUT", "faults", {"rest_errors": [{"kode": 1}]}, "rest_errors: a list of"),
        ("POST", "numbers", {"number": "5550100"}, "number (E.164) is needed"),
    ],
)
def test_wrong_input_is_refused_in_plain_words(town: Town, method: str, path: str, body: object, says: str) -> None:
    refused = town.control(method, path, body, expect=422)
    assert set(refused) == {"error", "message"}
    assert says in refused["message"]


def test_unknown_call_is_not_found(town: Town) -> None:
    assert town.control("GET", "calls/CA0", expect=404) == {"error": "not_found", "message": "there is no leg CA0"}


def test_wrong_key_or_empty_speech_is_refused(town: Town) -> None:
    call = town.call()
    assert "0-9" in town.control("POST", f"legs/{call.sid}/press", {"keys": "x"}, 422)["message"]
    assert "text" in town.control("POST", f"legs/{call.sid}/say", {}, 422)["message"]


def test_state_shows_numbers_legs_queues_and_rooms(town: Town) -> None:
    town.control("POST", "numbers", {"number": "+18005550177", "voice_url": f"{HOST}/in"}, 201)
    town.documents["/in"] = '<Enqueue waitUrl="">q</Enqueue>'
    call = town.call()
    town.pass_s(1)
    state = town.control("GET", "state")
    assert (list(state["numbers"]), state["now_ms"]) == ([OURS, "+18005550177"], town.net.now_ms)
    assert [(q["queue"], q["calls"]) for q in state["queues"]] == [("q", [call.sid])]
    assert state["legs"] == [
        {"call": call.sid, "line": CALLER, "direction": "inbound", "status": "in-progress", "talking": False}
    ]
    assert [d["status"] for d in town.control("GET", "deliveries")["deliveries"]] == [200]


def test_listeners_are_told_states_talk_and_what_is_heard(town: Town) -> None:
    news: list[tuple[str, object]] = []
    stop = town.net.listen(lambda n: news.append((n["type"], n.get("status", n.get("kind")))))
    town.documents["/in"] = "<Gather><Say>Press</Say></Gather>"
    call = town.call()
    town.pass_s(1)
    stop()
    town.net.hang_up(call.sid)
    assert news == [
        ("heard", "ring"), ("state", "ringing"), ("state", "in-progress"), ("listening", "gather"), ("heard", "say")
    ]  # fmt: skip


def test_two_networks_with_one_seed_are_the_same_network() -> None:
    stories = []
    for _ in range(2):
        town = Town(seed=7)
        town.documents |= {"/in": f"<Dial>{AGENT}</Dial>", "/st": ""}
        town.net.faults.lost = 0.5
        town.call()
        town.pass_s(60)
        stories.append([(s.at_ms, s.url, s.params) for s in town.net.deliveries])
    assert stories[0] == stories[1]


def test_run_next_runs_one_event_at_a_time(town: Town) -> None:
    town.documents["/in"] = "<Say>Hello</Say>"
    town.call()
    steps: list[int] = []
    while (due_ms := town.net.next_due_ms()) is not None and len(steps) < 50:
        town.net.run_next()
        assert town.net.now_ms == due_ms
        steps.append(len(town.net.deliveries))
    assert all(later - earlier <= 1 for earlier, later in pairwise(steps))
    assert steps[-1] == 2
    assert town.net.run_next() is False
