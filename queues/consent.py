"""Whether a conversation may be recorded: what each country asks for, and what a caller answered. Pure.

Nothing is recorded without an answer that allows it, kept with the very words that were asked, before it begins.
"""

from dataclasses import dataclass

from queues.records import Call, Order

# `yes` by key; `told` where a notice is enough; `telling` until the notice has been heard out.
ALLOWED = frozenset({"yes", "told"})


@dataclass(frozen=True)
class Consent:
    """One answer. `prompt` names the sentence and its version, `key` is what was pressed, `at_ms` UTC ms."""

    call: str
    number: str
    country: str
    mode: str
    prompt: str
    language: str
    key: str
    answer: str
    at_ms: int

    @property
    def allows(self) -> bool:
        """Whether the conversation may be recorded."""
        return self.answer in ALLOWED


def begin(call: Call) -> tuple[Order, ...]:
    """What is asked of the network when caller and agent are together."""
    return (Order("record", call=call.call, leg=call.caller_leg),) if call.consent in ALLOWED else ()


def end(call: Call) -> tuple[Order, ...]:
    """The conversation is over and the caller still there: what follows is not part of it."""
    return (Order("stop_recording", call=call.call, leg=call.caller_leg),) if call.consent in ALLOWED else ()
