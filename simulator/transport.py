"""Webhooks of a live network over real HTTP: connections kept, three time-outs, no retries of its own."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from simulator.courier import ConnectTimedOut, TimeLimits

THREADS = 64
LARGEST_ANSWER = 10 * 1024 * 1024
_connections = urllib3.PoolManager(num_pools=8, maxsize=THREADS, retries=False)


def http_pool() -> ThreadPoolExecutor:
    """The threads that wait for customers' servers."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="courier")


def http_send(
    method: str, url: str, body: bytes, headers: dict[str, str], limits: TimeLimits
) -> tuple[int, Mapping[str, str], bytes]:
    """One request (see `courier.Send`); the whole answer has to be there within the read limit."""
    timeout = urllib3.Timeout(connect=limits.connect_ms / 1000, read=limits.read_ms / 1000)
    deadline_s = time.monotonic() + limits.read_ms / 1000
    try:
        answer = _connections.request(
            method, url, body=body or None, headers=headers, timeout=timeout, redirect=False, preload_content=False
        )
        with answer:
            content = b""
            for piece in answer.stream(65_536):
                content += piece
                if time.monotonic() > deadline_s or len(content) > LARGEST_ANSWER:
                    raise TimeoutError("the answer took too long or was too large")
            answer.drain_conn()
        return answer.status, dict(answer.headers), content
    except ConnectTimeoutError as failure:
        refused = isinstance(failure, NewConnectionError)
        raise (ConnectionRefusedError if refused else ConnectTimedOut)(str(failure)) from failure
    except NewConnectionError as failure:
        raise ConnectionRefusedError(str(failure)) from failure
    except ReadTimeoutError as failure:
        raise TimeoutError(str(failure)) from failure
    except HTTPError as failure:
        raise TimeoutError(f"the answer broke off: {failure}") from failure
