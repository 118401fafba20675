"""`python -m simulator`: the network in real time, on a port of this machine, until SIGTERM or Ctrl-C.

Set by the environment: TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_API_KEY, TWILIO_API_SECRET,
TWILIO_TWIML_APP_SID, TWILIO_CALLER_ID, PUBLIC_URL (whose /voice/... the number and the application are given),
SIMULATOR_PORT (0 = a free one).
"""

import json
import logging
import os
import re
import signal
import sys
import threading
import time
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from simulator.network import Network

log = logging.getLogger("simulator")
NEEDED = (
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_API_KEY",
    "TWILIO_API_SECRET",
    "TWILIO_CALLER_ID",
    "PUBLIC_URL",
)


class QuietHandler(WSGIRequestHandler):
    """HTTP/1.1 with kept connections, and no line per request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise headers and body, written apart, wait 40 ms for each other

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the network logs what matters."""
        pass


class JsonLines(logging.Formatter):
    """One JSON object a line, phone numbers cut to their last two digits."""

    def format(self, record: logging.LogRecord) -> str:
        """A log record as one JSON object."""
        line: dict[str, Any] = {
            "at_ms": int(record.created * 1000),
            "level": record.levelname.lower(),
            "from": record.name,
        }
        line["event"] = masked(record.getMessage())
        if record.exc_info:
            line["exception"] = masked(self.formatException(record.exc_info))
        return json.dumps(line)


def masked(text: str) -> str:
    """The text without full phone numbers."""
    return re.sub(r"(\+|%2B)\d{5,13}(\d\d)", r"\1…\2", text)


def network_from(environment: dict[str, str], base_url: str) -> Network:
    """A live network as the environment describes it. Raises SystemExit with a sentence when something is missing."""
    missing = [name for name in NEEDED if not environment.get(name)]
    if missing:
        raise SystemExit(f"the simulated network needs {', '.join(missing)} in its environment")
    net = Network(
        account_sid=environment["TWILIO_ACCOUNT_SID"],
        auth_token=environment["TWILIO_AUTH_TOKEN"],
        api_key=environment["TWILIO_API_KEY"],
        api_secret=environment["TWILIO_API_SECRET"],
        seed=time.time_ns() & 0xFFFFFFFF,
        base_url=base_url,
    )
    public = environment["PUBLIC_URL"].rstrip("/")
    fallback, status = f"{public}/voice/fallback", f"{public}/voice/status"
    net.number(environment["TWILIO_CALLER_ID"], f"{public}/voice/incoming", fallback, status)
    net.application(environment.get("TWILIO_TWIML_APP_SID", ""), f"{public}/voice/client", fallback, status)
    return net


def _log_news(news: dict[str, Any]) -> None:
    if news["type"] == "warning":
        log.warning("%s %s", news["code"], news["message"])
    elif news["type"] == "state":
        log.info("%s %s", news["call"], news["status"])


def main() -> None:
    """Serve until told to stop."""
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(JsonLines())
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO").upper(), handlers=[lines])
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    port = os.environ.get("SIMULATOR_PORT", "0")
    if not port.isdigit():
        raise SystemExit(f"SIMULATOR_PORT is no port number: {port}")
    net = network_from(dict(os.environ), f"http://127.0.0.1:{port}")
    server = make_server("127.0.0.1", int(port), net.app, threaded=True, request_handler=QuietHandler)
    net.base_url = f"http://127.0.0.1:{server.server_port}"
    net.listen(_log_news)
    net.start()
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop_signal, lambda *_: threading.Thread(target=server.shutdown).start())
    log.info("the simulated phone network listens at %s", net.base_url)
    server.serve_forever()
    net.stop()
    server.server_close()
    logging.shutdown()
    os._exit(0)  # a webhook that still waits for a slow customer would hold the process for up to 15 s


if __name__ == "__main__":
    main()
