"""Questions to the company's own service: kept in Redis until they are answered, and sent over HTTP.

A question that is lost costs a caller two seconds, never the call; what is answered later is not looked at.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Any

import redis
import requests

from queues.answers import NoAnswer

ASKED = "tr:look_ups"
# Long after the caller has gone on; only so that Redis does not keep it for ever.
KEEP_S = 600
MOST_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `body` is JSON, `answer` what came back as text, None while nothing has."""

    id: str
    url: str
    body: str
    asked_ms: int
    answer: str | None = None


class LookUps:
    """The questions of one center."""

    def __init__(self, client: redis.Redis) -> None:
        self.client: Any = client

    def ask(self, id: str, url: str, body: str, now_ms: int) -> bool:
        """Keep a question (JSON) and let it be taken. False: it has been asked before."""
        key = _key(id)
        if not self.client.hsetnx(key, "asked_ms", now_ms):
            return False
        pipe = self.client.pipeline()
        pipe.hset(key, mapping={"url": url, "body": body})
        pipe.expire(key, KEEP_S)
        pipe.rpush(ASKED, id)
        pipe.execute()
        return True

    def question(self, id: str) -> Question | None:
        """A question as it stands; None when nobody asked it, or Redis forgot."""
        row = self.client.hgetall(_key(id))
        if not row:
            return None
        return Question(id, row.get("url", ""), row.get("body", ""), int(row["asked_ms"]), row.get("answer"))

    def take(self, wait_s: float = 0) -> Question | None:
        """The next question that nobody has taken; waits so long for one."""
        row = self.client.blpop([ASKED], timeout=wait_s) if wait_s else self.client.lpop(ASKED)
        id = row[1] if isinstance(row, list | tuple) else row
        return self.question(id) if id else None

    def answer(self, id: str, text: str) -> None:
        """Keep what was answered; empty for an answer that could not be had."""
        self.client.hset(_key(id), "answer", text)

    def send(self, question: Question, secret: str, now_ms: int, most_s: float) -> str:
        """POST a question and give back the text of the answer. Raises NoAnswer.

        The service knows us by `X-Third-Ring-Signature`: HMAC-SHA256 in hex, with `SECRET_KEY`, of the header
        `X-Third-Ring-Time` (UTC ms), a full stop, and the body.
        """
        signed = hmac.new(secret.encode(), f"{now_ms}.{question.body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Third-Ring-Time": str(now_ms),
            "X-Third-Ring-Signature": signed,
        }
        body = question.body.encode()
        try:
            with requests.post(
                question.url, body, headers=headers, timeout=most_s, allow_redirects=False, stream=True
            ) as response:
                if response.status_code != 200:
                    raise NoAnswer(f"status {response.status_code}")
                return _text(response, time.monotonic() + most_s)
        except requests.RequestException as error:
            raise NoAnswer(type(error).__name__) from None


def _text(response: requests.Response, until: float) -> str:
    """The body, as long as it is short and comes in time."""
    text = b""
    for part in response.iter_content(512):
        text += part
        if len(text) > MOST_BYTES or time.monotonic() > until:
            raise NoAnswer("too long")
    return text.decode("utf-8", "replace")


def _key(id: str) -> str:
    return f"tr:look_up:{id}"
