"""What is planned: a schedule. A run is an instant: the time that it takes is small against the time between runs."""

from __future__ import annotations

from dataclasses import dataclass

from facemon.errors import ConfigError
from facemon.slo.language import duration

DAY = 86400.0
MONTH = 30 * DAY
_MOST_SAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Schedule:
    """A run every so many seconds, of so many samples, each for so many credits.

    Raises ConfigError for one that is none: every 1 min to 30 d, 1 to 10000 samples.
    """

    every: float
    samples: int
    price: float = 0.0

    def __post_init__(self) -> None:
        if not 60 <= self.every <= MONTH:
            raise ConfigError(f"a run every {self.every:g} s is not accepted: give 1min to 30d")
        if not 1 <= self.samples <= _MOST_SAMPLES:
            raise ConfigError(f"{self.samples} samples a run are not accepted: give 1 to {_MOST_SAMPLES}")

    def __str__(self) -> str:
        return f"{self.samples} samples every {duration(self.every)}"

    @property
    def runs_a_day(self) -> float:
        """Runs in 24 hours; below 1 where the pause is longer."""
        return DAY / self.every

    @property
    def credits_a_day(self) -> float:
        """If each sample is one attempt."""
        return self.price * self.samples * self.runs_a_day
