"""The doors the phone network knocks on. `hang` puts them on the web process."""

from flask import Flask

from center import Center
from webhooks import agent_leg, callback, forward, line, look_up, room, voice


def hang(app: Flask, center: Center) -> None:
    """Register every webhook; each stands behind the guard."""
    app.extensions["center"] = center
    for door in (voice.door, forward.door, look_up.door, line.door, callback.door, agent_leg.door, room.door):
        app.register_blueprint(door)
