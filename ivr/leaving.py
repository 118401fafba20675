"""The end of a walk through the menu: what each kind of exit makes of a visit."""

from ivr.exits import CallbackNode, EnqueueNode, Exit, ForwardNode, HangupNode, SurveyNode, VoicemailNode
from ivr.reply import Callback, Enqueue, Forward, HangUp, Reply, Survey, Then, Voicemail
from ivr.visit import Visit


def leave(visit: Visit, name: str, node: Exit) -> Reply:
    """The reply with which a caller leaves the menu at an exit."""
    return visit.reply(_then(visit, name, node))


def _then(visit: Visit, name: str, node: Exit) -> Then:
    language = visit.language
    match node:
        case EnqueueNode():
            skills = _skills(visit, node)
            return Enqueue(node.queue, language, skills, node.priority, node.reason, node.promised)
        case CallbackNode():
            skills = _skills(visit, node)
            return Callback(node.queue, language, skills, node.priority, node.reason, visit.place(name))
        case VoicemailNode():
            return Voicemail(node.queue, language, node.reason, visit.place(name))
        case SurveyNode():
            return Survey(language)
        case ForwardNode():
            return Forward(node.number, node.timeout_s, visit.place(name))
        case HangupNode():
            return HangUp(node.outcome)


def _skills(visit: Visit, node: EnqueueNode | CallbackNode) -> dict[str, int]:
    spoken = f"lang:{visit.language}"
    return {**node.skills, spoken: max(1, node.skills.get(spoken, 1))}
