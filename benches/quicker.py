"""Faster exact forms of what a key press needs, to learn what they would save. The service uses the libraries' own.

The signature's is not among them: the service has it (webhooks/signature.py). Each gives what the library gives for
every form; tests hold them to that.
"""

from urllib.parse import unquote_plus
from xml.sax.saxutils import escape, quoteattr


def form(body: str) -> dict[str, list[str]]:
    """A form's fields in the order in which they came; only what was quoted is unquoted."""
    fields: dict[str, list[str]] = {}
    for pair in body.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            fields.setdefault(_plain(name), []).append(_plain(value))
    return fields


def _plain(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text


def question(action: str, nothing: str, timeout_s: int, words: str, voice: str, locale: str) -> str:
    """The document of a question answered by one key, put together from text."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Response>'
        f'<Gather action={_quoted(action)} finishOnKey="" input="dtmf" method="POST" '
        f'numDigits="1" timeout="{timeout_s}">'
        f"<Say language={_quoted(locale)} voice={_quoted(voice)}>{escape(words)}</Say></Gather>"
        f'<Redirect method="POST">{escape(nothing)}</Redirect></Response>'
    )


def _quoted(text: str) -> str:
    return quoteattr(text, {'"': "&quot;"})
