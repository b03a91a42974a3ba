"""What a refusal of GitHub's API means for a message: soon, once somebody has mended something, or never.

Never is only what is about the message itself. What is about the token or the repository may be mended: until then it
is tried every quarter of an hour, and `facemon alerts send` is red.

Rate limits by GitHub's documentation ("Rate limits for the REST API", exceeding the limit): 403 or 429; `retry-after`
counts first, then `x-ratelimit-reset` where nothing remains, else at least a minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from facemon.alerting.channels.base import MENDABLE
from facemon.errors import DeliveryError, DeliveryFailed, DeliveryRefused, shorten

A_MINUTE = 60.0
_HINTS = {
    401: "the token of GITHUB_TOKEN is not accepted",
    403: "the token may not do this: it needs the permission issues: write",
    404: "there is no such repository, or the token may not see it",
    410: "issues are switched off in this repository, or this one was deleted",
}
# What is sent is not accepted, wherever and by whom it is sent; with 422, which has a class of its own.
_MESSAGE = frozenset((400, 413, 414, 415))


class NotThere(DeliveryFailed):
    """404 or 410: deleted, moved out of sight, or not there yet."""


class Forbidden(DeliveryFailed):
    """403 that is no rate limit: a permission is missing."""


class Invalid(DeliveryRefused):
    """422. fields: the names of those that GitHub does not accept."""

    def __init__(self, message: str, fields: frozenset[str]) -> None:
        self.fields = fields
        super().__init__(message)


def meaning(status: int, headers: Mapping[str, str], data: Any, now: datetime, where: str) -> DeliveryError:
    """The error to raise for an answer. headers: names in lower case · data: the decoded body · where: as shown."""
    said = data.get("message", "") if isinstance(data, Mapping) else ""
    text = f"GitHub answered {status} to {where}" + (f" ({shorten(str(said), 200)})" if said else "")
    wait = _wait(status, headers, str(said), now)
    if wait is not None:
        return DeliveryFailed(f"{text}: its rate limit asks to wait {wait:.0f} s", wait)
    if status >= 500 or status in (408, 409, 425):
        return DeliveryFailed(text, _retry_after(headers, now))
    hinted = f"{text}: {_HINTS[status]}" if status in _HINTS else text
    if status in (404, 410):
        return NotThere(hinted, MENDABLE)
    if status == 403:
        return Forbidden(hinted, MENDABLE)
    if status == 422:
        fields = _fields(data)
        return Invalid(f"{text}: {', '.join(sorted(fields))}" if fields else text, fields)
    return DeliveryRefused(text) if status in _MESSAGE else DeliveryFailed(hinted, MENDABLE)


def _wait(status: int, headers: Mapping[str, str], said: str, now: datetime) -> float | None:
    """Seconds that a rate limit asks for; None where it is none."""
    if status not in (403, 429):
        return None
    asked = _retry_after(headers, now)
    if asked is not None:
        return asked
    if headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        # One more: it is not said when in that second.
        return max(1.0, float(reset) - now.timestamp() + 1) if reset.isdecimal() else A_MINUTE
    return A_MINUTE if status == 429 or "rate limit" in said.lower() else None


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds, or a date (RFC 9110, 10.2.3)."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())


def _fields(data: Any) -> frozenset[str]:
    errors = data.get("errors") if isinstance(data, Mapping) else None
    named = (
        [each.get("field") for each in errors if isinstance(each, Mapping)]
        if isinstance(errors, list)
        else []
    )
    return frozenset(str(field) for field in named if field)
