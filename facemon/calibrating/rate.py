"""A count of pictures among others, with how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from facemon.slo.intervals import rate_bounds

_TAIL = 0.975  # one-sided, to either side: an interval at 95 %


@dataclass(frozen=True, slots=True)
class Rate:
    """hits of trials, both numbers of pictures."""

    hits: int
    trials: int

    @property
    def misses(self) -> int:
        """The others."""
        return self.trials - self.hits

    @property
    def bounds(self) -> tuple[float, float]:
        """The two-sided 95 % interval (Clopper and Pearson); 0 and 1 without a trial."""
        return rate_bounds(self.hits, self.trials, _TAIL)

    def as_json(self) -> dict[str, Any]:
        """With its interval."""
        low, high = self.bounds
        return {"hits": self.hits, "of": self.trials, "low": low, "high": high}
