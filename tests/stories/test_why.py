"""Every decision answers "why?", with what was true then; and every agent why no call comes."""

from queues import agent_moves, why
from queues.routing import Line
from tests.stories.world import World


def weighed(world: World, line: Line, taken: str = "") -> dict[str, str]:
    return {row.agent: row.verdict for row in why.weigh(line, world.center.live.agents(), world.center.plan, taken)}


def test_decision_is_stored_with_everybody_who_was_weighed(world: World) -> None:
    world.agent("asha")
    world.agent("kiran")
    agent_moves.choose_status(world.center, "ravi", "break", "lunch")
    caller = world.call()
    world.until_ended(caller)
    offer = world.record(caller)["offers"][0]
    assert [(row["agent"], row["verdict"]) for row in offer["weighed"]] == [
        *(("asha", "taken"), ("kiran", "could"), ("ravi", "lacks")),
        *(("meera", "offline"), ("arjun", "offline"), ("farah", "lacks")),
    ]


def test_what_was_true_at_the_decision_stays_what_is_told(world: World) -> None:
    world.agent("asha")
    world.agent("kiran")
    caller = world.call()
    world.until_ended(caller)
    before = world.record(caller)["offers"][0]["weighed"]
    agent_moves.choose_status(world.center, "kiran", "offline")
    assert world.record(caller)["offers"][0]["weighed"] == before


def test_decision_in_words_says_the_rule_and_what_would_have_changed_it(world: World) -> None:
    world.agent("asha")
    world.agent("kiran")
    line = Line("sales", "lang:en=1&sales=1")
    row = why.weigh(line, world.center.live.agents(), world.center.plan, "asha")
    assert why.decided(row, "least_flexible", world.center.plan) == (
        "Asha Patel, by the rule: the one who can do the fewest other things, then the longest available; "
        "else it would have been Kiran Shah."
    )


def test_waiting_call_says_who_could_take_it_and_what_they_do(world: World) -> None:
    agent_moves.choose_status(world.center, "kiran", "break", "lunch")
    line = Line("billing", "billing=1&lang:te=1")
    row = why.weigh(line, world.center.live.agents(), world.center.plan)
    assert why.waits(row, world.center.plan) == (
        "Nobody who can take it is free: Ravi Reddy is signed out, Kiran Shah is on a break (lunch). "
        "The first of them to be free and available takes it."
    )


def test_call_that_nobody_has_the_skills_for_says_so(world: World) -> None:
    line = Line("billing", "billing=1&lang:ta=1")
    assert why.waits(why.weigh(line, world.center.live.agents(), world.center.plan), world.center.plan).startswith(
        "Nobody has the skills for this call"
    )


def test_agent_is_told_why_no_call_comes(world: World) -> None:
    live, plan = world.center.live, world.center.plan

    def reasons(name: str) -> list[str]:
        waiting = [call for call in live.calls() if call.status == "waiting"]
        return why.agent_reasons(live.agent(name), waiting, live.agents(), plan, world.net.now_ms)

    assert reasons("asha") == ["Asha Patel is signed out. Being available brings calls."]
    agent_moves.choose_status(world.center, "meera", "available")
    assert reasons("meera")[0].startswith("Meera Nair has no phone connected")
    world.agent("ravi")
    world.call("press 3 on gather, press 1 on gather, wait")
    world.run(10)
    assert reasons("ravi") == ["A caller for Sales waits: Ravi Reddy does not have lang:gu at level 1."]


def test_reserved_and_preferred_stand_in_the_way(world: World) -> None:
    world.agent("asha")
    assert weighed(world, Line("sales", "lang:en=1&sales=1", without="lang:gu"))["asha"] == "reserved"
    assert weighed(world, Line("sales", "lang:en=1&sales=1", only="meera"))["asha"] == "another_preferred"
