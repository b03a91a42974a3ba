"""When a broken promise counts as kept again.

Not at the first success: of a service of which 30 % fail, most generations succeed. What came since the failing ended
must be such as the service of the incident shows at most once in twenty times; each reopening soon after doubles the
evidence that is asked for, which damps flapping.
"""

from __future__ import annotations

import math

from facemon.alerting.rules.mean_cusum import MeanPromise
from facemon.alerting.rules.outcomes import Finding, MeanOutcome, Outcome

_ALPHA = 0.05
_FEWEST, _MOST = 3, 30
_MOST_DAMPED = 60  # with 5 % failing, as 95 % allows, such a streak takes some 400 probes
_STAKE = 0.8  # of the largest that cannot be lost in one bet
_LEAST = 0.01  # of a range: a mean of 0 would allow any stake


def streak(seen: int, bad: int, reopened: int = 0) -> int:
    """How many successes in a row end an incident in which `bad` of `seen` failed and which was reopened so often.

    The fewest, n, with (1 - bad / seen) ** n <= 5 %, from 3 to 30; doubled for each reopening, to 60 at most.
    """
    rate = bad / seen
    wanted = _MOST if rate <= 0 else _FEWEST if rate >= 1 else math.log(_ALPHA) / math.log1p(-rate)
    fewest = math.ceil(min(max(wanted, _FEWEST), _MOST))
    return min(fewest << min(reopened, 10), _MOST_DAMPED)


class Streak:
    """Recovery of a promise about a share: successes in a row. The failing rate is that from the finding's first
    outcome to the last failure.
    """

    def __init__(self, finding: Finding, reopened: int = 0) -> None:
        self._reopened = reopened
        self._seen, self._bad = finding.seen, finding.bad
        self._row, self.needed = 0, streak(finding.seen, finding.bad, reopened)

    @property
    def kept(self) -> bool:
        """Whether the row is long enough."""
        return self._row >= self.needed

    def add(self, outcome: Outcome) -> None:
        """A failure ends the row, and the incident was longer than it seemed."""
        if outcome.good:
            self._row += 1
            return
        self._seen += self._row + 1
        self._bad += 1
        self._row, self.needed = 0, streak(self._seen, self._bad, self._reopened)


class MeanRecovery:
    """Recovery of a mean: outcomes that keep the limit on average, at least three, with which a bet that the mean lies
    above that of the incident has won 20 to 1 (twice as much for each reopening).

    They are the stretch up to now that exceeds the limit most: it begins anew when it falls short of it.
    """

    def __init__(self, promise: MeanPromise, finding: Finding, reopened: int = 0) -> None:
        assert finding.mean is not None
        self._promise, self._limit, self._broken = (
            promise,
            promise.unit(promise.limit),
            promise.unit(finding.mean),
        )
        self._wanted = (1 << min(reopened, 10)) / _ALPHA
        self._stake = _STAKE / max(self._broken, _LEAST)
        self._seen, self._excess, self._capital = 0, 0.0, 1.0

    @property
    def kept(self) -> bool:
        """Whether the stretch is long enough and the bet won."""
        return self._seen >= _FEWEST and self._capital >= self._wanted

    def add(self, outcome: MeanOutcome) -> None:
        """Bet on it."""
        share = self._promise.unit(outcome.value)
        self._seen += 1
        self._excess += share - self._limit
        self._capital *= 1 + self._stake * (share - self._broken)
        if self._excess < 0:
            self._seen, self._excess, self._capital = 0, 0.0, 1.0
