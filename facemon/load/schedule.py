"""When which request is due: one schedule for all workers, the same in each of them."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facemon.errors import ConfigError, shorten
from facemon.slo.objectives import SIGNIFICANT

ARRIVALS = ("constant", "poisson")
_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_RATE = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)/(s|min|h)", re.ASCII)
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(s|min|m|h)", re.ASCII)
_LONGEST, _MOST = 6 * 3600.0, 1_000_000  # seconds; requests


@dataclass(frozen=True, slots=True)
class Due:
    """A request and its moment, in seconds from the start."""

    number: int
    at: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """rate: requests a second · duration: seconds · arrivals: `constant` or `poisson`, the latter from its seed.

    Raises ConfigError for what is no schedule.
    """

    rate: float
    duration: float
    arrivals: str = "constant"
    seed: int = 0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise ConfigError(f"the rate {self.rate:g}/s is not accepted: give one above 0")
        if not 0 < self.duration <= _LONGEST:
            raise ConfigError(f"the duration {self.duration:g}s is not accepted: give up to 6h")
        if self.arrivals not in ARRIVALS:
            raise ConfigError(
                f"the arrivals {shorten(self.arrivals)} are not accepted: give {' or '.join(ARRIVALS)}"
            )
        if not 1 <= self.count <= _MOST:
            raise ConfigError(
                f"{self} is {self.count} requests: give a rate and a duration that make 1 to {_MOST}"
            )

    @property
    def count(self) -> int:
        """How many requests are due: rounded up, so that the rate asked for can be shown."""
        return math.ceil(self.rate * self.duration - 1e-6)

    @property
    def per_minute(self) -> float:
        """Requests a minute, as the metric `throughput` has them, to the digits that an objective keeps."""
        return float(f"{60 * self.count / self.duration:.{SIGNIFICANT}g}")

    def __str__(self) -> str:
        return f"{60 * self.rate:.6g}/min for {self.duration:.6g}s, {self.arrivals}"

    def dues(self) -> list[Due]:
        """Every request, in order; the first of constant arrivals is due at once.

        Poisson arrivals are those of a Poisson process given their number, which are as many independent moments,
        each anywhere in the duration (Kingman, "Poisson Processes", 1993, 2.4): so the rate is the one asked for.
        """
        if self.arrivals == "constant":
            return [Due(number, number / self.rate) for number in range(self.count)]
        chance = random.Random(self.seed)
        moments = sorted(chance.uniform(0, self.duration) for _ in range(self.count))
        return [Due(number, at) for number, at in enumerate(moments)]

    def most_within(self, seconds: float) -> int:
        """The most requests that are due within so many seconds, wherever they begin."""
        moments = [due.at for due in self.dues()]
        most = begin = 0
        for end, at in enumerate(moments):
            while moments[begin] <= at - seconds:
                begin += 1
            most = max(most, end - begin + 1)
        return most

    def share(self, place: int, workers: int) -> list[Due]:
        """What one of so many workers sends: every so many-th request, from its place on."""
        if not 0 <= place < workers:
            raise ValueError(f"place {place} of {workers} workers")
        return self.dues()[place::workers]


def parse_schedule(given: Mapping[str, Any]) -> Schedule | None:
    """The schedule that options state, None where none is asked for.

    given: `rate` (`100/min`), `duration` (`2m`), `arrivals`, `arrival_seed`, as text or None. Raises ConfigError with
    one sentence.
    """
    values = {name: value for name, value in given.items() if value is not None}
    if "rate" not in values:
        if values:
            name = next(iter(values)).replace("_", "-")
            raise ConfigError(
                f"--facemon-{name} belongs to a schedule: give --facemon-rate too, such as 100/min"
            )
        return None
    rate = _RATE.fullmatch(str(values["rate"]))
    if rate is None:
        raise ConfigError(
            f"rate {shorten(values['rate'])} is not accepted: give requests in a time, such as 100/min, 2/s or 600/h"
        )
    return Schedule(
        float(rate[1]) / _UNITS[rate[2]],
        parse_length(str(values.get("duration", "2m"))),
        str(values.get("arrivals", "constant")),
        _seed(str(values.get("arrival_seed", "0"))),
    )


def parse_length(text: str) -> float:
    """Seconds of `90s`, `2m` (or `2min`), `1h`. Raises ConfigError."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ConfigError(f"duration {shorten(text)} is not accepted: give a time such as 90s, 2m or 1h")
    return float(found[1]) * _UNITS["min" if found[2] == "m" else found[2]]


def _seed(text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
        raise ConfigError(f"arrival_seed {shorten(text)} is not accepted: give a whole number from 0")
    return int(text)
