"""A fault spec in words: `name[:key=value,...]`.

Common keys say when it strikes: `rate=0.3` (how often), `on=3`, `on=3-5` or `on=3-` (which generation requests, counted
from 1), `times=2` (at most), `seed=7` (of its own chance). Any other key is a setting of the fault itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any, get_type_hints

from facemon.simulator.bounds import nearest
from facemon.simulator.faults import FAULTS
from facemon.simulator.faults.base import Fault

COMMON = ("rate", "on", "times", "seed")
_FOREVER = 10**12


@dataclass(frozen=True)
class FaultSpec:
    """One parsed spec. `first` and `last` are the generation requests it may strike; `times` None is without limit."""

    text: str
    fault: Fault
    rate: float = 1.0
    first: int = 1
    last: int = _FOREVER
    times: int | None = None
    seed: int | None = None


def parse_spec(text: str) -> FaultSpec:
    """Raises ValueError in one sentence: the value, what is accepted, and the nearest name."""
    name, colon, rest = text.strip().partition(":")
    if name not in FAULTS:
        raise ValueError(
            f"fault: {name!r} is not a fault{nearest(name, FAULTS)}; there are {', '.join(FAULTS)}"
        )
    if colon and not rest:
        raise ValueError(f"fault {text!r}: nothing follows the colon; write name:key=value,key=value")
    pairs = _pairs(text, rest)
    kind = FAULTS[name]
    settings = _settings(text, kind, pairs)
    try:
        fault = kind(**settings)
    except ValueError as error:
        raise ValueError(f"fault {text!r}: {error}") from None
    spec = FaultSpec(text.strip(), fault, **_common(text, pairs))
    if kind.reach == "connection" and not (spec.rate == 1 and spec.times is None and spec.last == _FOREVER):
        # While nothing listens nobody can count requests, so there is no telling when to come back.
        raise ValueError(f"fault {text!r}: {name} accepts only on=N- (refused from generation request N on)")
    return spec


def _pairs(text: str, rest: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for entry in rest.split(",") if rest else ():
        key, equals, value = (piece.strip() for piece in entry.partition("="))
        if not key or not equals or not value:
            raise ValueError(f"fault {text!r}: {entry!r} is not key=value")
        if key in pairs:
            raise ValueError(f"fault {text!r}: {key!r} is given twice")
        pairs[key] = value
    return pairs


def _settings(text: str, kind: type[Any], pairs: dict[str, str]) -> dict[str, Any]:
    """The fault's own settings, taken by the types of its fields."""
    hints = get_type_hints(kind)
    known = [field.name for field in fields(kind)]
    settings = {}
    for key, value in pairs.items():
        if key in COMMON:
            continue
        if key not in known:
            accepted = [*known, *COMMON]
            raise ValueError(
                f"fault {text!r}: {kind.name} has no setting {key!r}{nearest(key, accepted)}; "
                f"there are {', '.join(accepted)}"
            )
        settings[key] = _convert(text, key, value, hints[key])
    return settings


def _convert(text: str, key: str, value: str, hint: object) -> object:
    if hint is bool:
        if value not in ("true", "false"):
            raise ValueError(f"fault {text!r}: {key}={value} is neither true nor false")
        return value == "true"
    if hint is str:
        return value
    if hint is int:
        return _whole(text, key, value, 0)
    return _real(text, key, value)


def _common(text: str, pairs: dict[str, str]) -> dict[str, Any]:
    common: dict[str, Any] = {}
    if "rate" in pairs:
        common["rate"] = _real(text, "rate", pairs["rate"])
        if not 0 < common["rate"] <= 1:
            raise ValueError(f"fault {text!r}: rate={pairs['rate']} is not a share above 0 and up to 1")
    if "on" in pairs:
        common["first"], common["last"] = _span(text, pairs["on"])
    if "times" in pairs:
        common["times"] = _whole(text, "times", pairs["times"], 1)
    if "seed" in pairs:
        common["seed"] = _whole(text, "seed", pairs["seed"], 0)
    return common


def _span(text: str, value: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,9})(-(\d{1,9})?)?", value, re.ASCII)
    if match:
        first = int(match[1])
        last = first if match[2] is None else int(match[3]) if match[3] else _FOREVER
        if 1 <= first <= last:
            return first, last
    raise ValueError(f"fault {text!r}: on={value} is not 3, 3-5 or 3- (generation requests, counted from 1)")


def _whole(text: str, key: str, value: str, low: int) -> int:
    if not re.fullmatch(r"\d{1,18}", value, re.ASCII) or int(value) < low:
        raise ValueError(f"fault {text!r}: {key}={value} is not a whole number of at least {low}")
    return int(value)


def _real(text: str, key: str, value: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?|\.\d+", value, re.ASCII):
        raise ValueError(f"fault {text!r}: {key}={value} is not a number such as 4 or 0.5")
    return float(value)
