"""Cumulative sums: failures that are too frequent, however they are spread.

Page, "Continuous inspection schemes", Biometrika 41 (1954): the log likelihood ratio of a failing rate that matters
against the rate that is allowed, summed up over the outcomes and never below zero. Lorden, "Procedures for reacting to
a change in distribution", Annals of Mathematical Statistics 42 (1971): with a threshold of ln(A) a service that uses
its whole budget gives a false alarm once in A outcomes at most, on average.
"""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime

from facemon.alerting.rules.outcomes import SHOWN, Finding, Outcome, named

_HALF = 0.5
_ROUNDING = 1e-9  # four failures of ln 10 are meant to reach ln 10^4


def rate_that_matters(share: float, times: float) -> float:
    """So many times the budget, but at most one half; of a budget that is large itself, half the way to 1."""
    budget = 1 - share
    return min(times * budget, _HALF) if budget < _HALF / 2 else (1 + budget) / 2


class Cusum:
    """Fires at each failure that leaves the sum at its threshold or above. Not urgent.

    share: promised, between 0 and 1 · times: the failing rate to be found, in budgets · outcomes: the fewest from one
    false alarm to the next, on average, where the whole budget is used.
    """

    def __init__(
        self, share: float, *, times: float = 10, outcomes: float = 1e4, name: str = "cusum"
    ) -> None:
        budget, rate = 1 - share, rate_that_matters(share, times)
        self.name = name
        self._good = True
        self._share, self._rate, self._outcomes = share, rate, outcomes
        self._up, self._down = math.log(rate / budget), math.log((1 - budget) / (1 - rate))
        self._threshold = math.log(outcomes) - _ROUNDING
        self._sum = 0.0
        self._since: datetime | None = None
        self._seen = self._bad = 0
        self._last: deque[Outcome] = deque(maxlen=SHOWN)

    def add(self, outcome: Outcome) -> None:
        """A success takes from the sum what a failure adds, each by its weight."""
        self._good = outcome.good
        if outcome.good:
            if self._since is not None:
                self._sum -= self._down
                self._seen += 1
                if self._sum <= 0:
                    self._since = None
            return
        if self._since is None:
            self._since, self._sum, self._seen, self._bad = outcome.at, 0.0, 0, 0
            self._last.clear()
        self._sum += self._up
        self._seen += 1
        self._bad += 1
        self._last.append(outcome)

    @property
    def firing(self) -> Finding | None:
        """The stretch of outcomes that weighs most, if the last one is a failure and it weighs enough."""
        if self._good or self._since is None or self._sum < self._threshold:
            return None
        text = (
            f"{self._bad} of {self._seen} failed ({self._bad / self._seen:.1%}): at least {self._outcomes:,.0f} times "
            f"likelier where {_percent(self._rate)} fail than where {_percent(1 - self._share)} do, which is allowed"
        )
        refs = named(reversed(self._last))
        return Finding(self.name, False, text, self._since, self._last[-1].at, self._seen, self._bad, refs)


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"
