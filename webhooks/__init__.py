"""The doors the phone network knocks on. `hang` puts them on the web process."""

from flask import Flask

from center import Center
from webhooks import agent_leg, callback, consent, forward, line, look_up, room, survey, voice, voicemail


def hang(app: Flask, center: Center) -> None:
    """Register every webhook; each stands behind the guard."""
    app.extensions["center"] = center
    for part in (voice, forward, look_up, line, callback, voicemail, survey, consent, agent_leg, room):
        app.register_blueprint(part.door)
