"""A sign of life to somebody outside, who tells when it stays away: a monitor cannot report its own silence.

It is sent last, once the run's messages are: what it says is that facemon watches and tells, and nothing of the
service. The address is a secret of the receiver's making, and appears in no error.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from facemon.clock import Clock
from facemon.config import is_loopback
from facemon.errors import ConfigError, DeliveryFailed, DeliveryRefused

VARIABLE = "FACEMON_HEARTBEAT_URL"
METHODS = ("GET", "POST")
_PAUSES = (2.0, 10.0, 30.0)  # seconds before the second, third and fourth try
_TIMEOUT = 10.0
_PASSING = (408, 425, 429)


def check_address(url: str) -> None:
    """Raises ConfigError unless it is https, or http on this machine itself."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not (host and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))):
        raise ConfigError(
            f"{VARIABLE} is not accepted (it is not shown: it is a secret): give a URL that starts with https://, "
            "or http:// for this machine itself"
        )


async def beat(
    url: str, clock: Clock, *, method: str = "GET", transport: httpx.AsyncBaseTransport | None = None
) -> int:
    """Ask the address; how many tries it took. A redirect is not followed: it would take the secret elsewhere.

    Raises ConfigError, DeliveryRefused for an answer that a further try would get again, DeliveryFailed after the
    fourth try.
    """
    check_address(url)
    trouble = ""
    async with httpx.AsyncClient(timeout=_TIMEOUT, transport=transport) as client:
        for number, pause in enumerate((*_PAUSES, None), 1):
            trouble = await _try(client, method, url)
            if not trouble:
                return number
            if pause is not None:
                await clock.sleep(pause)
    raise DeliveryFailed(f"the heartbeat was not acknowledged in {len(_PAUSES) + 1} tries: {trouble}")


async def _try(client: httpx.AsyncClient, method: str, url: str) -> str:
    """Why it was not acknowledged; empty when it was. httpx's own words are not repeated: they may name the URL."""
    try:
        with _unlogged():
            async with asyncio.timeout(_TIMEOUT), client.stream(method, url) as answer:
                status = answer.status_code  # of an answer that drips for ever, no more is read
    except (httpx.TimeoutException, TimeoutError):
        return f"no answer within {_TIMEOUT:g} s"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"no connection ({type(error).__name__})"
    if 200 <= status < 300:
        return ""
    if status < 500 and status not in _PASSING:
        raise DeliveryRefused(f"the heartbeat was refused with HTTP {status}: check {VARIABLE}")
    return f"HTTP {status}"


@contextmanager
def _unlogged() -> Iterator[None]:
    """httpx logs each URL that it asks, and this one is a secret."""
    logger = logging.getLogger("httpx")
    logger.addFilter(_nothing)
    try:
        yield
    finally:
        logger.removeFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:  # noqa: ARG001  the parameter is logging's
    return False
