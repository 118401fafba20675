"""The picture of a menu: who stands where, which ways are drawn, and what callers did today."""

from ivr.flow import Flow
from ivr.picture import HEIGHT, Box, Picture, draw


def box(picture: Picture, name: str) -> Box:
    return next(box for box in picture.boxes if box.name == name)


def test_every_node_stands_once_within_the_picture_behind_the_one_that_leads_to_it(flow: Flow) -> None:
    picture = draw(flow, {}, {})
    assert {each.name for each in picture.boxes} == set(flow.nodes)
    assert len({(each.x, each.y) for each in picture.boxes}) == len(picture.boxes)
    assert max(each.y for each in picture.boxes) + HEIGHT < picture.height
    assert max(each.x for each in picture.boxes) < picture.width
    assert box(picture, "main").x < box(picture, "support_menu").x < box(picture, "visit_hours").x


def test_ways_have_their_keys_and_todays_callers(flow: Flow) -> None:
    taken = {("main", "support_menu"): 3, ("main", "person"): 9, ("language", "hi"): 2, ("language", "en"): 1}
    picture = draw(flow, taken, {"main": 4})
    assert (box(picture, "main").given_up, box(picture, "sales").given_up) == (4, 0)
    assert (box(picture, "main").seconds, box(picture, "sales").seconds) == (10, 0)
    counted = {(arrow.label, arrow.taken) for arrow in picture.arrows if arrow.taken}
    assert counted == {("2", 3), ("1 2 3 4", 3)}


def test_a_way_back_runs_below(flow: Flow) -> None:
    picture = draw(flow, {}, {})
    (back,) = (arrow for arrow in picture.arrows if arrow.back and arrow.label == "1")
    assert box(picture, "support").y + HEIGHT < back.y < picture.height
