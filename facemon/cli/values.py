"""Texts from the command line as values. What is refused is named, with what is accepted."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from facemon.errors import InvalidInput

_SPAN = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def number_or_text(text: str | None) -> Any:
    """An int where the text is one, else the text as it is: the room that it goes to refuses it in its own words."""
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,18}", text, re.ASCII) else text


def whole(name: str, text: str, low: int, high: int) -> int:
    """A whole number from `low` to `high`. Raises InvalidInput."""
    value = number_or_text(text)
    if not isinstance(value, int) or not low <= value <= high:
        raise InvalidInput(name, value, f"a whole number from {low} to {high}")
    return value


def real(name: str, text: str, accepted: str) -> float:
    """A number written plainly. Raises InvalidInput; its range is judged where it is used."""
    if not re.fullmatch(r"-?(\d{1,18}(\.\d{1,18})?|\.\d{1,18})", text, re.ASCII):
        raise InvalidInput(name, text, accepted)
    return float(text)


def one_of(name: str, text: str, accepted: Sequence[str]) -> str:
    """One of some words. Raises InvalidInput with the nearest of them."""
    if text not in accepted:
        near = difflib.get_close_matches(text, accepted, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise InvalidInput(name, text, "one of " + ", ".join(accepted) + hint)
    return text


def moment(name: str, text: str, now: datetime) -> datetime:
    """A moment: a span before `now` (90s, 30m, 24h, 7d, 2w), or a date with or without a time (ISO 8601, UTC unless it
    says otherwise). Raises InvalidInput.
    """
    span = _SPAN.fullmatch(text)
    try:
        if span:
            return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        accepted = "a span such as 90s, 30m, 24h or 7d, or a date such as 2026-03-01 or 2026-03-01T08:30"
        raise InvalidInput(name, text, accepted) from None
