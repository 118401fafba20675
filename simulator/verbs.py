"""Which function plays which verb."""

from simulator import dialing, interpreter, prompts, voicemail, waiting
from simulator.interpreter import VerbPlayer

VERBS: dict[str, VerbPlayer] = {
    "Say": prompts.prompt,
    "Play": prompts.prompt,
    "Pause": prompts.prompt,
    "Gather": prompts.gather,
    "Enqueue": waiting.enqueue,
    "Leave": waiting.leave,
    "Dial": dialing.dial,
    "Record": voicemail.record,
    "Redirect": interpreter.redirect,
    "Reject": interpreter.reject,
    "Hangup": interpreter.hangup,
}
