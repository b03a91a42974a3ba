"""Refusals of wrong settings: one sentence, the name, the value, what is accepted."""

from __future__ import annotations

import math
from collections.abc import Iterable
from difflib import get_close_matches


def number(name: str, value: object, low: float, high: float, what: str) -> None:
    """Raise ValueError unless `value` is a finite number from `low` to `high`."""
    real = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not real or not low <= value <= high:  # type: ignore[operator]
        raise ValueError(f"{name}: {value!r} is not {what}")


def whole(name: str, value: object, low: int, high: int, what: str) -> None:
    """Raise ValueError unless `value` is an int from `low` to `high`."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name}: {value!r} is not {what}")


def seconds(name: str, value: object) -> None:
    """Raise ValueError unless `value` is a duration that somebody could wait for."""
    number(name, value, 0, 86400, "a number of seconds from 0 to 86400")


def share(name: str, value: object) -> None:
    """Raise ValueError unless `value` is a part of a whole."""
    number(name, value, 0, 0.999, "a share from 0 to 0.999")


def nearest(name: str, names: Iterable[str]) -> str:
    """What to add to a refusal of `name`: the one that was probably meant, or nothing."""
    near = get_close_matches(name, list(names), 1, 0.5)
    return f" (did you mean {near[0]}?)" if near else ""
