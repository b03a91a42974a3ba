"""One promise over time: kept until a rule fires, broken until it has recovered.

What is replayed: all outcomes since the last recovery, thirty days at most, and nothing from before it. With a recovery
the rules begin anew, with empty windows and sums, so that failures that were told once do not fire again. Whoever
replays the same outcomes comes to the same changes, at once or bit by bit.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic

from facemon.alerting.rules import burn_rate, consecutive
from facemon.alerting.rules.burn_rate import BURNS, BurnRate
from facemon.alerting.rules.consecutive import Consecutive
from facemon.alerting.rules.cusum import Cusum
from facemon.alerting.rules.mean_cusum import MeanCusum, MeanPromise
from facemon.alerting.rules.outcomes import Finding, MeanOutcome, Outcome, Recovering, Rule, Seen
from facemon.alerting.rules.recovery import MeanRecovery, Streak

FLAP = timedelta(days=1)
"""Breaking again so soon after a recovery is the same incident, reopened, and takes more evidence to end."""


class Turn(enum.StrEnum):
    """broken: a rule fired · urgent: an urgent one fired too · kept: recovered."""

    BROKEN = "broken"
    URGENT = "urgent"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the promise at an outcome. finding: what it rests on; with `kept`, that which is over."""

    turn: Turn
    at: datetime
    finding: Finding


class Watch(Generic[Seen]):
    """Folds outcomes, oldest first. broken: the finding while the promise counts as broken · reopened: how often it
    broke again within the flap window.

    rules: make those of the promise, anew after each recovery; of several that fire at once the first urgent one counts
    · recovery: makes its end from (finding, reopened) · recovered_at, reopened: as the last incident left them.
    """

    def __init__(
        self,
        rules: Callable[[], Sequence[Rule[Seen]]],
        recovery: Callable[[Finding, int], Recovering[Seen]],
        *,
        recovered_at: datetime | None = None,
        reopened: int = 0,
        flap: timedelta = FLAP,
    ) -> None:
        self.broken: Finding | None = None
        self.reopened = reopened
        self._make_rules: Callable[[], Sequence[Rule[Seen]]] = rules
        self._make_recovery: Callable[[Finding, int], Recovering[Seen]] = recovery
        self._flap = flap
        self._rules: Sequence[Rule[Seen]] = rules()
        self._recovery: Recovering[Seen] | None = None
        self._recovered_at = recovered_at
        self._last = recovered_at

    def add(self, outcome: Seen) -> Change | None:
        """The change at this outcome, if there is one. Raises ValueError for one that is older than the last."""
        if self._last is not None and outcome.at < self._last:
            raise ValueError(f"the outcome of {outcome.at} comes after that of {self._last}")
        self._last = outcome.at
        for rule in self._rules:
            rule.add(outcome)
        if self._recovery is not None:
            return self._go_on(self._recovery, outcome)
        found = self._found()
        return None if found is None else self._break(found)

    def replay(self, outcomes: Iterable[Seen]) -> list[Change]:
        """The changes of several outcomes."""
        return [change for change in map(self.add, outcomes) if change is not None]

    def _found(self) -> Finding | None:
        found: Finding | None = None
        for rule in self._rules:
            fired = rule.firing
            if fired is not None and (found is None or (fired.urgent and not found.urgent)):
                found = fired
        return found

    def _break(self, found: Finding) -> Change:
        soon = self._recovered_at is not None and found.at - self._recovered_at <= self._flap
        self.reopened = self.reopened + 1 if soon else 0
        self.broken, self._recovery = found, self._make_recovery(found, self.reopened)
        return Change(Turn.BROKEN, found.at, found)

    def _go_on(self, recovery: Recovering[Seen], outcome: Seen) -> Change | None:
        assert self.broken is not None
        recovery.add(outcome)
        if recovery.kept:
            over, self.broken, self._recovery = self.broken, None, None
            self._rules, self._recovered_at = self._make_rules(), outcome.at
            return Change(Turn.KEPT, outcome.at, over)
        found = None if self.broken.urgent else self._found()
        if found is None or not found.urgent:
            return None
        self.broken = found
        return Change(Turn.URGENT, outcome.at, found)


def share_rules(share: float, pace: float) -> list[Rule[Outcome]]:
    """Those of a promise about a share, the urgent ones first. share: between 0 and 1 · pace: probes an hour.

    Raises ValueError for what is neither.
    """
    if not 0 < share < 1 or not pace > 0:
        raise ValueError(
            f"a share of {share:g} at {pace:g} probes an hour: it must lie between 0 and 1, the pace above 0"
        )
    rules: list[Rule[Outcome]] = []
    if not consecutive.why_not(share, pace):
        rules.append(Consecutive(share, pace))
    rules += [BurnRate(burn, share, pace) for burn in BURNS if not burn_rate.why_not(burn, share, pace)]
    # Ten budgets are found soon; what lies between the budget and them takes a smaller step, and more patience.
    rules.append(Cusum(share))
    rules.append(Cusum(share, times=2, outcomes=1e5, name="error rate"))
    return rules


def left_out(share: float, pace: float) -> list[str]:
    """Why the rules that are not among `share_rules` are not."""
    reasons = [consecutive.why_not(share, pace), *(burn_rate.why_not(burn, share, pace) for burn in BURNS)]
    return [reason for reason in reasons if reason]


def share_watch(
    share: float,
    pace: float,
    *,
    recovered_at: datetime | None = None,
    reopened: int = 0,
    flap: timedelta = FLAP,
) -> Watch[Outcome]:
    """Of a promise such as `success_rate >= 99%` or `response_time.p95 <= 3s`."""
    return Watch(
        lambda: share_rules(share, pace), Streak, recovered_at=recovered_at, reopened=reopened, flap=flap
    )


def mean_watch(
    promise: MeanPromise,
    *,
    recovered_at: datetime | None = None,
    reopened: int = 0,
    flap: timedelta = FLAP,
) -> Watch[MeanOutcome]:
    """Of a promise such as `quality_score.mean >= 80`."""
    return Watch(
        lambda: [MeanCusum(promise)],
        lambda finding, again: MeanRecovery(promise, finding, again),
        recovered_at=recovered_at,
        reopened=reopened,
        flap=flap,
    )
