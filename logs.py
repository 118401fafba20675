"""How every process of the service speaks: one JSON object per line on stdout, without anybody's number or name.

Called first thing by every entrance (web, workers, ticker, recorder, feed). Lines of the libraries, RQ and granian
among them, come out in the same form. Time stamps order lines; nothing decides by them.
"""

import logging
import os
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.types import Processor

log: BoundLogger = structlog.stdlib.get_logger()

# With a plus (in addresses %2B) it is a phone number; without, ten digits or more are one, or a card. Sids, stream
# ids and dates have letters or dashes beside their digits.
NUMBER = re.compile(r"(?:\+|%2B)\d{6,19}|(?<![\w.+-])\d{10,19}(?![\w-])", re.IGNORECASE)
NAMES = frozenset({"caller_name", "note", "speech", "transcript"})
OWN_SINK = ("_granian", "granian.access", "rq.worker", "rq.scheduler", "rq")


def start_logging(process: str, level: str = "INFO") -> None:
    """Log as `process` from here on, at `level` (DEBUG, INFO, WARNING, ERROR). Calling it again replaces the first."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _signed(process),
        mask,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=False,
    )
    sink = logging.StreamHandler(sys.stdout)
    sink.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(_json)],
        )
    )
    logging.basicConfig(handlers=[sink], level=level, force=True)
    for name in OWN_SINK:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    for name in ("alembic", "twilio.http_client"):  # a line for every header of every request helps nobody
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def mask(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: phone numbers and cards keep their last two digits, names and notes nothing."""
    for key, value in line.items():
        if key != "timestamp":
            line[key] = "…" if key in NAMES and value else masked(value)
    return line


def masked(value: Any) -> Any:
    """The value with every number in its texts masked, however deep. Whole numbers (times, counts) stay."""
    if isinstance(value, str):
        return NUMBER.sub(lambda found: f"…{found[0][-2:]}", value)
    if isinstance(value, dict):
        return {masked(key): "…" if key in NAMES and inner else masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(inner) for inner in value]
    return value


def _signed(process: str) -> Processor:
    def sign(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line.update(process=process, pid=os.getpid())
        return line

    return sign


def _json(line: Any, **_options: Any) -> str:
    return orjson.dumps(line, default=lambda value: masked(str(value)), option=orjson.OPT_NON_STR_KEYS).decode()
