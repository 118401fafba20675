"""The parameters that every voice webhook carries about its leg (twilio.com/docs/voice/twiml), as strings.

Captured requests show that Caller and Called repeat From and To, and that the looked-up places are sent even when
empty.
"""

from simulator.cadence import country_of
from simulator.legs import Leg
from simulator.names import flag

API_VERSION = "2010-04-01"


def voice_params(leg: Leg, account_sid: str) -> dict[str, str]:
    """From, To, CallStatus and their company, as of now."""
    params = {
        "CallSid": leg.sid,
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "From": leg.from_,
        "To": leg.to,
        "Caller": leg.from_,
        "Called": leg.to,
        "CallStatus": leg.status,
        "Direction": leg.direction,
    }
    if leg.parent_sid:
        params["ParentCallSid"] = leg.parent_sid
    if leg.application_sid:
        params["ApplicationSid"] = leg.application_sid
    for party, line in (("From", leg.from_), ("Caller", leg.from_), ("To", leg.to), ("Called", leg.to)):
        if line.startswith("+"):
            params |= {f"{party}City": "", f"{party}State": "", f"{party}Zip": "", f"{party}Country": country_of(line)}
    return {**params, **leg.params}


def end_params(leg: Leg) -> dict[str, str]:
    """What the last status webhook of a leg adds: seconds, billed minutes, how SIP ended it."""
    return {
        "CallDuration": str(leg.duration_s),
        "Duration": str(-(-leg.duration_s // 60)),
        "SipResponseCode": str(leg.sip_code),
    }


def participant_flags(muted: bool, hold: bool, coaching: bool, ends: bool, starts: bool) -> dict[str, str]:
    """The flags that conference events carry about a participant."""
    return {
        "Muted": flag(muted),
        "Hold": flag(hold),
        "Coaching": flag(coaching),
        "EndConferenceOnExit": flag(ends),
        "StartConferenceOnEnter": flag(starts),
    }
