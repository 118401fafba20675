"""Callers are looked up at the company's own service, by a job, while they hear a filler.

Several at once: a slow answer holds nobody else up. Nothing is tried again, because the caller has gone on by then.
"""

from concurrent.futures import Future
from typing import Any
from urllib.parse import urlsplit

import structlog

from center import Center
from queues.answers import NoAnswer

log = structlog.get_logger()

ANSWER_MS = 2_000
# How long one job goes on while questions keep coming; then the next takes over, after whatever else is to be done.
JOB_MS = 10_000
NEXT_S = 0.05


def ask(center: Center, id: str, url: str, body: str) -> None:
    """Have a question answered; asking it twice asks it once."""
    if center.live.look_ups.ask(id, url, body, center.now_ms()):
        center.jobs.errand("look_up")


def answer_all(center: Center) -> None:
    """Take every question that is there, and those that come while one is on its way."""
    until_ms = center.now_ms() + JOB_MS
    under_way: list[Future[None]] = []
    while center.now_ms() < until_ms:
        question = center.live.look_ups.take(NEXT_S if under_way else 0)
        under_way = [one for one in under_way if not one.done()]
        if question:
            under_way.append(center.pool.submit(_answer, center, question))
        elif not under_way:
            return
    center.jobs.errand("look_up")


def waited_out(asked_ms: int, now_ms: int) -> bool:
    """Whether a caller has waited for an answer for as long as one should."""
    return now_ms - asked_ms >= ANSWER_MS


def _answer(center: Center, question: Any) -> None:
    secret = center.settings.secret_key.get_secret_value()
    try:
        text = center.live.look_ups.send(question, secret, center.now_ms(), ANSWER_MS / 1000)
    except NoAnswer as error:
        log.warning("look_up_failed", host=urlsplit(question.url).hostname, why=str(error))
        text = ""
    center.live.look_ups.answer(question.id, text)
