"""Another language in line: the place is kept, and whoever speaks it takes the call."""

from tests.stories.world import World


def test_caller_who_changes_the_language_keeps_the_place_and_gets_who_speaks_it(world: World) -> None:
    caller = world.call("press 1 on gather, press 1 on gather, press * at 40s, press 4 at 55s")
    world.run(60, lambda: world.live(caller).language == "te" if world.status(caller) else False)
    call = world.live(caller)
    assert (call.needs, call.position_ms) == ("lang:te=1&sales=1", call.enqueued_ms)
    world.agent("asha")
    world.run(10)
    assert world.status(caller) == "waiting"
    world.agent("kiran")
    world.until_ended(caller)
    assert world.offers(caller) == [("kiran", "accepted")]
    assert (world.record(caller)["language"], world.record(caller)["enqueued_ms"]) == ("te", call.enqueued_ms)
