"""What rules are fed, what they find, and what each of them promises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeVar

SHOWN = 5  # records that a finding names


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether one generation kept a promise about a share. ref: the record's id.

    Of a promise such as `response_time.p95 <= 3s` that is whether it came in time: 95 % have to. A generation of which
    nobody can tell is no outcome.
    """

    at: datetime
    good: bool
    ref: str = ""


@dataclass(frozen=True, slots=True)
class MeanOutcome:
    """What one generation adds to a mean, such as its quality score, in the unit of the promise."""

    at: datetime
    value: float
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found, at the outcome that made it fire.

    urgent: somebody should be woken · text: why, with the figures · since: of the first outcome that it rests on ·
    seen, bad: outcomes since then, and those of them that failed (for a mean: that lie beyond its limit) · refs: of the
    last that failed, newest first · mean: of the outcomes since then, None for a share.
    """

    rule: str
    urgent: bool
    text: str
    since: datetime
    at: datetime
    seen: int
    bad: int
    refs: tuple[str, ...] = ()
    mean: float | None = None


Seen = TypeVar("Seen", Outcome, MeanOutcome)
Fed = TypeVar("Fed", Outcome, MeanOutcome, contravariant=True)


class Rule(Protocol[Fed]):
    """A fold over outcomes, oldest first. It fires at an outcome that speaks against the promise, and at no other."""

    @property
    def firing(self) -> Finding | None:
        """What the last outcome made it find."""
        ...

    def add(self, outcome: Fed) -> None:
        """Take the next outcome into account."""
        ...


class Recovering(Protocol[Fed]):
    """A fold over the outcomes that came after a finding."""

    @property
    def kept(self) -> bool:
        """Whether the promise counts as kept again."""
        ...

    def add(self, outcome: Fed) -> None:
        """Take the next outcome into account."""
        ...


def named(newest_first: Iterable[Outcome | MeanOutcome]) -> tuple[str, ...]:
    """The ids of the first few that have one."""
    return tuple(islice((outcome.ref for outcome in newest_first if outcome.ref), SHOWN))
