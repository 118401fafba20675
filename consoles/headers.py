"""What every answer tells the browser to forbid: foreign scripts, framing, guessing types, leaking addresses."""

from urllib.parse import urlsplit

from flask import Response, request

from center import Settings

# The hosts of Twilio's Voice SDK: signalling, insights and its sounds.
TWILIO_CONNECT = ("wss://voice-js.roaming.twilio.com", "https://eventgw.twilio.com", "https://sdk.twilio.com")
TWILIO_MEDIA = ("mediastream:", "https://media.twiliocdn.com", "https://sdk.twilio.com")


def policy(settings: Settings, softphone: bool = False) -> str:
    """The Content-Security-Policy of a page; only the desk's (`softphone`) may speak to the phone network."""
    connect, media = ["'self'", *_origin(settings.feed_url)], ["'self'"]
    if softphone and settings.simulated:
        connect += _origin(settings.simulator_url)
    elif softphone:
        connect += [*TWILIO_CONNECT, *_origin(settings.twilio_api_base_url)]
        media += TWILIO_MEDIA
    return "; ".join(
        [
            "default-src 'self'",
            f"connect-src {' '.join(connect)}",
            f"media-src {' '.join(media)}",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def _origin(address: str) -> list[str]:
    parts = urlsplit(address)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def protect(settings: Settings, response: Response) -> Response:
    """Add the headers to an answer; what a view has set itself stays."""
    response.headers.setdefault("Content-Security-Policy", policy(settings, softphone=request.path == "/desk"))
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.endpoint != "pages.static" and not response.cache_control:
        response.headers.setdefault("Cache-Control", "no-store")
    if settings.base_url.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
