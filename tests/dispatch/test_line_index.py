"""The index of lines never hides one that an agent may serve."""

from hypothesis import given
from hypothesis import strategies as st

from queues.line_index import LineIndex
from queues.plan import canonical
from queues.routing import parse, serves
from tests.dispatch.floor import plan_of

SKILLS = ("lang:en", "lang:hi", "sales", "support")
skills = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 3), max_size=4)


@given(held=skills, asked=st.lists(skills, max_size=20))
def test_every_line_that_an_agent_serves_is_near(held: dict[str, int], asked: list[dict[str, int]]) -> None:
    plan = plan_of({"asha": held})
    known = {f"any|{canonical(needs)}" for needs in asked}
    near = LineIndex(known).near(held)
    assert {name for name in known if serves("asha", parse(name), plan)} <= set(near) <= known
    assert len(near) == len(set(near))


def test_lines_that_ask_for_a_skill_not_held_are_passed_over() -> None:
    index = LineIndex(["named otherwise", "any|anyone", "any|lang:en=1&sales=1", "any|sales=1", "any|support=2"])
    assert sorted(index.near(["sales"])) == ["any|anyone", "any|sales=1"]
