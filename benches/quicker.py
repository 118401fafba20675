"""Faster exact forms of what a key press needs, to learn what they would save. The service uses the libraries' own.

The signature's is not among them: the service has it (webhooks/signature.py). Each gives what the library gives for
every form; tests hold them to that.
"""

from typing import IO
from urllib.parse import unquote
from xml.sax.saxutils import escape, quoteattr

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser


class QuickForms(FormDataParser):
    """Reads the form of a webhook, with the library around it as it is."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """The stream, the form and no files; what is no UTF-8 is an empty form."""
        if mimetype != "application/x-www-form-urlencoded":
            return super().parse(stream, mimetype, content_length, options)
        try:
            return stream, self.cls(form(stream.read().decode())), self.cls()
        except UnicodeDecodeError:
            return stream, self.cls(), self.cls()


class QuickRequest(Request):
    """A request with such a form."""

    form_data_parser_class = QuickForms


def form(body: str) -> dict[str, list[str]]:
    """A form's fields in the order in which they came; only what was quoted is unquoted."""
    fields: dict[str, list[str]] = {}
    for pair in body.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            fields.setdefault(_plain(name), []).append(_plain(value))
    return fields


def _plain(text: str) -> str:
    text = text.replace("+", " ")
    return unquote(text, errors="werkzeug.url_quote") if "%" in text else text


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
