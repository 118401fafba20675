"""A center file that contradicts itself is refused with file, line and reason; what is only doubtful is told."""

import pytest

from queues.plan import Plan, PlanError, load_plan
from queues.plan_check import doubts

CENTER = """\
name: Test
zone: Asia/Kolkata
country: IN
flow: none
languages: [en, hi]
queues:
  sales:
    title: Sales
    needs: {sales: 2}
    priority_minutes: 5
    relax:
      - {after_s: 30, needs: {sales: 1}}
      - {after_s: 60, needs: {sales: 0, "lang:hi": 0}}
    reserve: {skill: support, after_s: 20}
    overflow:
      - {to: general, after_s: 90}
      - {to: general, when: length, length: 3}
  general:
    title: General
agents:
  asha: {name: Asha, line: "+919812345001", skills: {sales: 3, "lang:en": 1}, queues: [sales, general]}
  ravi: {name: Ravi, line: client:ravi, skills: {support: 1, "lang:en": 1, "lang:hi": 1}}
callers:
  "+14155550123": {name: Maria, agent: asha, priority_minutes: 3}
importance:
  - {caller: "+91", minutes: 2}
limits: {overtaking_minutes: 10, queue_order_minutes: 1}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(PlanError) as refused:
        load_plan(text, "center.yaml")
    return [str(problem) for problem in refused.value.problems]


def center(old: str = "", new: str = "") -> Plan:
    assert old in CENTER
    return load_plan(CENTER.replace(old, new, 1), "center.yaml")


def test_center_of_these_tests_is_right() -> None:
    assert list(center().queues) == ["sales", "general"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "needs: {sales: 2}",
            "needs: {sales: 4}",
            ["center.yaml:9: queue `sales` needs sales at level 4, which no agent has"],
        ),
        (
            "needs: {sales: 2}",
            "needs: {sales: 2, plumbing: 1}",
            ["center.yaml:9: queue `sales` needs plumbing at level 1, which no agent has"],
        ),
        (
            "needs: {sales: 2}",
            "needs: {sales: 2, support: 1}",
            ["center.yaml:7: queue `sales` can never be answered: no agent has all it needs"],
        ),
        (
            "{sales: 0,",
            "{sales: 2,",
            ["center.yaml:13: a relax step cannot ask for more: sales at 2"],
        ),
        (
            "{sales: 0,",
            "{support: 1,",
            ["center.yaml:13: a relax step cannot ask for more: support at 1"],
        ),
        ("after_s: 60", "after_s: 30", ["center.yaml:13: relax steps must come one after the other"]),
        ("skill: support", "skill: chess", ["center.yaml:14: no agent has the reserved skill chess"]),
        ("to: general, after_s: 90", "to: sales, after_s: 90", ["center.yaml:16: cannot overflow to `sales`"]),
        ("to: general, after_s: 90", "to: nowhere, after_s: 90", ["center.yaml:16: cannot overflow to `nowhere`"]),
        ("to: general, after_s: 90", 'to: "+9100000", after_s: 90', ["center.yaml:16: cannot overflow to `+9100000`"]),
        (", after_s: 90", "", ["center.yaml:16: `after_s` must say after which wait"]),
        (", length: 3", "", ["center.yaml:17: `length` must say how many callers"]),
        ("queues: [sales, general]", "queues: [sales, lost]", ["center.yaml:21: there is no queue `lost`"]),
        ("agent: asha", "agent: nobody", ["center.yaml:24: there is no agent `nobody`"]),
        (
            "priority_minutes: 5",
            "priority_minutes: 9.5",
            ["center.yaml:10: a priority of 9.5 minutes is over the bound on overtaking"],
        ),
        (
            "priority_minutes: 3",
            "priority_minutes: 20",
            ["center.yaml:24: a priority of 20 minutes is over the bound on overtaking"],
        ),
        (
            "minutes: 2}",
            "minutes: 12}",
            ["center.yaml:26: a priority of 12 minutes is over the bound on overtaking"],
        ),
        (
            "queue_order_minutes: 1",
            "queue_order_minutes: 11",
            [
                "center.yaml:10: a priority of 5 minutes is over the bound on overtaking",
                "center.yaml:24: a priority of 3 minutes is over the bound on overtaking",
                "center.yaml:26: a priority of 2 minutes is over the bound on overtaking",
                "center.yaml:27: an agent's order of queues holds a call back by 11 minutes, over the bound of 10",
            ],
        ),
    ],
)
def test_contradiction_is_refused_by_line(old: str, new: str, expected: list[str]) -> None:
    assert old in CENTER
    assert problems(CENTER.replace(old, new, 1)) == expected


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("priority_minutes: 5", "priority_minutes: 61", 10),
        ("priority_minutes: 5", "priority_minutes: -1", 10),
        ("priority_minutes: 5", "urgency: 5", 10),
        ("priority_minutes: 5", "rule: newest_first", 10),
        ("needs: {sales: 2}", "needs: {sales: 11}", 9),
        ("after_s: 20", "after_s: 0", 14),
    ],
)
def test_value_out_of_range_is_refused_by_line(old: str, new: str, line: int) -> None:
    assert old in CENTER
    assert problems(CENTER.replace(old, new, 1))[0].startswith(f"center.yaml:{line}: ")


def test_queue_cannot_be_named_as_a_way_out_of_a_line() -> None:
    named = CENTER.replace("  general:", "  voicemail:", 1).replace("queues: [sales, general]", "queues: [sales]")
    assert "center.yaml:18: `voicemail` is a way out of a line, and no name for a queue" in problems(named)


@pytest.mark.parametrize("hours", ["20:00-09:00", "09:00-09:00"])
def test_hours_at_which_nobody_could_be_called_back_are_refused(hours: str) -> None:
    assert problems(f"{CENTER}\ncallbacks:\n  hours: {hours}\n") == [
        f"center.yaml:{len(CENTER.splitlines()) + 3}: `hours`: must begin before they end, on one day"
    ]


def test_every_fault_is_told_at_once_in_the_order_of_lines() -> None:
    wrong = CENTER.replace("skill: support", "skill: chess").replace("agent: asha", "agent: nobody")
    assert problems(wrong) == [
        "center.yaml:14: no agent has the reserved skill chess",
        "center.yaml:24: there is no agent `nobody`",
    ]


def test_language_that_nobody_speaks_in_a_queue_and_a_bound_that_is_off_are_doubts() -> None:
    assert doubts(center()) == ["queue `sales`: nobody can take a call in `hi`"]
    unbounded = center("overtaking_minutes: 10", "overtaking_minutes: null")
    assert doubts(unbounded)[1:] == ["limits.overtaking_minutes is off: a caller may be overtaken without end"]
