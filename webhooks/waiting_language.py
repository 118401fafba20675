"""Another language while waiting: `*` offers the menu's languages; the call keeps its place and asks for the new one.

Used by the keys in line. A menu without a language question has no such choice.
"""

from collections.abc import Mapping

from center import Center
from ivr.flow import Flow
from ivr.nodes import LanguageNode
from ivr.reply import Prompt
from queues import flow_versions, lifecycle, routing
from queues.plan import canonical
from queues.records import NOTHING, Call, Change


def offered(here: Center, call: Call) -> Mapping[str, str]:
    """Key → language of the menu that this caller began with; empty when there is nothing to choose."""
    node = _question(_flow(here, call))
    return node.options if node else {}


def question(here: Center, call: Call) -> list[Prompt]:
    """Every language in its own words."""
    flow = _flow(here, call)
    node = _question(flow)
    return [flow.prompt(node.prompt, language) for language in node.options.values()] if node else []


def choose(here: Center, call: Call, language: str) -> Call:
    """The call in that language from now on; unchanged when it has moved on meanwhile."""
    now_ms = here.now_ms()

    def decide() -> Change:
        now = here.live.call(call.call)
        return lifecycle.change_language(now, language, _needs(now, language), now_ms) if now else NOTHING

    if here.live.settle(decide, now_ms):
        here.live.memories.keep_language(call.caller, language)
    return here.live.call(call.call) or call


def _flow(here: Center, call: Call) -> Flow:
    return flow_versions.flow_of(here, call.flow)


def _question(flow: Flow) -> LanguageNode | None:
    return next((node for node in flow.nodes.values() if isinstance(node, LanguageNode)), None)


def _needs(call: Call, language: str) -> str:
    """What the call asks for, with this language in the place of the other, at the same level."""
    asked = dict(routing.wanted(call.needs))
    level = max([asked.pop(skill) for skill in list(asked) if skill.startswith("lang:")], default=1)
    return canonical(asked | {f"lang:{language}": level})
