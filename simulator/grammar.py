"""TwiML as a table: which elements there are, what attributes they take, what they may hold, and where they may stand.

Compact facts from Twilio's SDK (elements, attributes, nesting) and documentation (limits, verbs allowed per kind of
document). Attributes that the SDK knows but the documentation does not are left out on purpose: nobody should send
them. An attribute is `name:type`; types are str, url, method, bool, int, int<low>-<high>, an enumeration a|b|c, or
list(a|b).
"""

from dataclasses import dataclass

_SSML = "break emphasis lang p phoneme prosody s say-as sub w"
_STATUS = (
    "statusCallback:url statusCallbackMethod:method statusCallbackEvent:list(initiated|ringing|answered|completed)"
)
_RECORDING = (
    "recordingStatusCallback:url recordingStatusCallbackMethod:method "
    "recordingStatusCallbackEvent:list(in-progress|completed|absent) trim:trim-silence|do-not-trim"
)
_AMD = (
    "machineDetection:Enable|DetectMessageEnd machineDetectionTimeout:int3-60 "
    "machineDetectionSpeechThreshold:int1000-6000 machineDetectionSpeechEndThreshold:int500-5000 "
    "machineDetectionSilenceTimeout:int2000-10000 amdStatusCallback:url amdStatusCallbackMethod:method"
)
_RING_TONES = (
    "at|au|bg|br|be|ch|cl|cn|cz|de|dk|ee|es|fi|fr|gr|hu|il|in|it|lt|jp|mx|my|nl|no|nz|ph|pl|pt|ru|se|sg|th|uk|us|us-old|"
    "tw|ve|za"
)
_DIAL_RECORD = (
    "do-not-record|record-from-answer|record-from-ringing|record-from-answer-dual|record-from-ringing-dual|true|false"
)
_FACTS = f"""
Response > Say Play Pause Gather Enqueue Leave Dial Record Redirect Reject Hangup
Say language:str loop:int0-1000 voice:str > text {_SSML}
Play digits:str loop:int0-1000 > text
Pause length:int0-14400 >
Gather action:url method:method input:list(dtmf|speech) timeout:int0-600 speechTimeout:str finishOnKey:str \
numDigits:int1-1000 actionOnEmptyResult:bool hints:str language:str speechModel:str profanityFilter:bool \
enhanced:bool partialResultCallback:url partialResultCallbackMethod:method > Say Play Pause
Enqueue action:url method:method waitUrl:url waitUrlMethod:method workflowSid:str > text
Leave >
Dial action:url method:method timeout:int5-600 timeLimit:int1-86400 callerId:str answerOnBridge:bool \
hangupOnStar:bool \
record:{_DIAL_RECORD} \
recordingTrack:both|inbound|outbound ringTone:{_RING_TONES} sequential:bool referUrl:url referMethod:method \
callReason:str {_RECORDING} > text Number Client Conference Queue
Number url:url method:method sendDigits:str byoc:str {_STATUS} {_AMD} > text
Client url:url method:method clientNotificationUrl:url {_STATUS} > text Identity Parameter
Identity > text
Parameter name:str value:str >
Queue url:url method:method reservationSid:str postWorkActivitySid:str > text
Conference startConferenceOnEnter:bool endConferenceOnExit:bool waitUrl:url waitMethod:method \
beep:true|false|onEnter|onExit muted:bool coach:str participantLabel:str maxParticipants:int2-250 \
record:do-not-record|record-from-start statusCallback:url statusCallbackMethod:method \
statusCallbackEvent:list(start|end|join|leave|mute|hold|modify|speaker|announcement) \
jitterBufferSize:small|medium|large|off region:us1|us2|ie1|sg1|br1|au1|jp1|de1 {_RECORDING} > text
Record action:url method:method timeout:int0-600 finishOnKey:str maxLength:int1-14400 playBeep:bool transcribe:bool \
transcribeCallback:url {_RECORDING} >
Redirect method:method > text
Reject reason:rejected|busy >
Hangup >
break strength:none|x-weak|weak|medium|strong|x-strong time:str >
emphasis level:strong|moderate|reduced > text {_SSML}
lang xml:lang:str > text {_SSML}
p > text {_SSML}
phoneme alphabet:str ph:str > text
prosody volume:str rate:str pitch:str > text {_SSML}
s > text {_SSML}
say-as interpret-as:str format:str role:str > text
sub alias:str > text
w role:str > text {_SSML}
"""

_PROMPTS = "Play Say Pause Redirect"
_PLACES = {
    "call": f"{_PROMPTS} Gather Enqueue Dial Record Reject Hangup",
    "wait": f"{_PROMPTS} Gather Leave Hangup",
    "conference wait": _PROMPTS,
    "hold": _PROMPTS,
    "announcement": _PROMPTS,
    "queue notice": _PROMPTS,
    "whisper": f"{_PROMPTS} Gather Hangup",
}
PLACES = {place: frozenset(verbs.split()) for place, verbs in _PLACES.items()}
_ELSEWHERE = "Connect Start Stop Pay Prompt Refer Sms Echo Sip Sim Application WhatsApp Task"
KNOWN_ELSEWHERE = frozenset(_ELSEWHERE.split())


@dataclass(frozen=True)
class Element:
    """What one element takes: attribute name -> type, names of children, and whether it holds text."""

    attributes: dict[str, str]
    children: frozenset[str]
    text: bool


def _element(head: str, tail: str) -> tuple[str, Element]:
    tag, *attributes = head.split()
    kinds = {name: kind for name, _, kind in (attribute.rpartition(":") for attribute in attributes)}
    children = frozenset(tail.split())
    return tag, Element(kinds, children - {"text"}, "text" in children)


ELEMENTS = dict(_element(*line.split(" >")) for line in _FACTS.strip().splitlines())
