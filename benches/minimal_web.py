"""The floor of the webhook bench: a Flask view that does only what must be done for a key press, all by the libraries.

The signature is checked, the form read, Redis asked once, one document written: the very one that the service answers.
Runs on the same server with the same settings: `granian --interface wsgi benches.minimal_web:app`.
"""

import os
from collections.abc import Mapping
from urllib.parse import urlencode

import redis
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

from queues.addresses import RETRIED

WORDS = (
    "For a repair, press 1. For an order or delivery, press 2. To book a service visit, press 3. Or stay on the line."
)
VOICE, LOCALE = "Polly.Kajal-Neural", "en-IN"


def create_app(environ: Mapping[str, str]) -> Flask:
    """The view over the same variables as the service has."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    validator, base = RequestValidator(environ["TWILIO_AUTH_TOKEN"]), environ["PUBLIC_URL"]
    client = redis.Redis.from_url(environ["REDIS_URL"], decode_responses=True)

    @app.post("/voice/menu")
    def menu() -> Response:
        url = f"{base}{request.path}?{request.environ['QUERY_STRING']}"
        if not validator.validate(url, request.form, request.headers.get("X-Twilio-Signature", "")):
            return Response("Forbidden\n", status=403, mimetype="text/plain")
        call = client.hgetall(f"tr:call:{request.form['CallSid']}")
        if not call or request.form.get("Digits") != "2":
            return Response("Not found\n", status=404, mimetype="text/plain")
        return Response(document(f"{base}/voice/menu", int(request.args["s"]) + 1), mimetype="text/xml")

    return app


def document(address: str, turn: int) -> str:
    """The menu of support, asked as the caller's question of that number."""
    place = {"n": "support_menu", "l": "en", "b": "language.main", "s": str(turn)}
    response = VoiceResponse()
    gather = Gather(
        action=f"{address}?{urlencode(place)}{RETRIED}",
        method="POST",
        input="dtmf",
        timeout=2,
        num_digits=1,
        finish_on_key="",
    )
    gather.say(WORDS, voice=VOICE, language=LOCALE)
    response.append(gather)
    response.redirect(f"{address}?{urlencode(place | {'silent': '1'})}{RETRIED}", method="POST")
    return str(response)


def __getattr__(name: str) -> Flask:
    """`minimal_web.app` is made when the server asks for it."""
    if name != "app":
        raise AttributeError(name)
    app = globals()["app"] = create_app(os.environ)
    return app
