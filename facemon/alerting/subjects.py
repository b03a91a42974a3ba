"""What the rules watch: each promise as a series of outcomes, and the component that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from facemon.alerting.components import AVAILABILITY, MONITOR, PICTURES, SPEED, of_check, of_metric
from facemon.alerting.rules.mean_cusum import MeanPromise
from facemon.alerting.rules.outcomes import Finding, MeanOutcome, Outcome
from facemon.alerting.rules.watch import FLAP, Change, Turn, mean_watch, share_watch
from facemon.model import MonitoringData, State
from facemon.slo.metrics import Kind
from facemon.slo.objectives import Objective
from facemon.store.runs import Run

CHECK_SHARE = 0.99
"""What a check that judges no records is taken to promise: three failing runs, in a row or nearly, are not chance."""
SEEING_SHARE = 0.99
"""The same of the monitor itself: that it can see the service."""
_WATCHED_BY_RECORDS = (AVAILABILITY, SPEED, PICTURES)
_CALM = 3  # outcomes, the shortest row that ends an incident
_LONGEST_PACE = 7 * 24.0  # hours


@dataclass(frozen=True, slots=True)
class Judged:
    """finding: what is wrong with a promise now, None where it is kept · ended: what was wrong before, with its end."""

    finding: Finding | None
    ended: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """One promise. name: as a person reads it · share: None for a mean · outcomes: oldest first."""

    component: str
    name: str
    outcomes: tuple[Outcome, ...] | tuple[MeanOutcome, ...]
    share: float | None = None
    mean: MeanPromise | None = None

    def judged(
        self,
        recovered_at: datetime | None = None,
        reopened: int = 0,
        since: datetime | None = None,
        flap: timedelta = FLAP,
    ) -> Judged:
        """What the rules make of it, given when the component last recovered.

        since: nothing up to then counts, if that is later.
        """
        begin = max((moment for moment in (recovered_at, since) if moment is not None), default=None)
        after = [outcome for outcome in self.outcomes if begin is None or outcome.at > begin]
        watch: Any = (
            mean_watch(self.mean, recovered_at=recovered_at, reopened=reopened, flap=flap)
            if self.mean is not None
            else share_watch(
                self.share or CHECK_SHARE,
                pace(self.outcomes),
                recovered_at=recovered_at,
                reopened=reopened,
                flap=flap,
            )
        )
        changes = watch.replay(after)
        return Judged(watch.broken, tuple(change for change in changes if change.turn is Turn.KEPT))

    @property
    def calm(self) -> bool:
        """Whether the last outcomes all kept it, as far as one tells: the pace, and with it a rule, may have changed
        since it fired, which is no recovery.
        """
        last = [outcome.good for outcome in self.outcomes[-_CALM:] if isinstance(outcome, Outcome)]
        return self.share is None or (len(last) == _CALM and all(last))


def pace(outcomes: Sequence[Outcome | MeanOutcome]) -> float:
    """Outcomes an hour, over the last week; a first run counts as one an hour."""
    if not outcomes:
        return 1.0
    last = outcomes[-1].at
    ages = [(last - outcome.at).total_seconds() / 3600 for outcome in outcomes]
    within = [age for age in ages if age <= _LONGEST_PACE]
    return len(within) / max(1.0, within[0])


def subjects(
    objectives: Iterable[Objective], records: Sequence[MonitoringData], runs: Sequence[Run]
) -> list[Subject]:
    """Every promise that can be watched. records: measured, oldest first · runs: that ended, oldest first."""
    known = [record for record in records if record.state is not State.UNKNOWN]
    found = [subject for each in objectives if (subject := _of_objective(each, known)) is not None]
    found += _of_checks(runs)
    found.append(_of_the_monitor(records))
    return found


def _of_objective(objective: Objective, known: Sequence[MonitoringData]) -> Subject | None:
    metric = objective.measure
    if metric.kind is Kind.RUN:
        return None
    component, read = of_metric(objective.metric), metric.read
    values = [(record, value) for record in known if (value := read(record)) is not None]
    if objective.share is None:
        if not metric.lowest < objective.limit < metric.highest:
            return None
        promise = MeanPromise(objective.limit, metric.lowest, metric.highest, metric.low_is_good)
        series = tuple(
            MeanOutcome(record.timestamp, min(value, metric.highest), record.id) for record, value in values
        )
        return Subject(component, str(objective), series, mean=promise)
    good = (Outcome(record.timestamp, objective.kept(value), record.id) for record, value in values)
    return Subject(component, str(objective), tuple(good), objective.share)


def _of_checks(runs: Sequence[Run]) -> list[Subject]:
    """Checks of which no record tells: the outcome of each run. The others are evidence, and fire nothing."""
    series: dict[str, list[Outcome]] = {}
    for run in runs:
        checks = run.summary.get("checks")
        for name, said in checks.items() if isinstance(checks, dict) else ():
            if of_check(name) not in _WATCHED_BY_RECORDS and said.get("outcome") in ("passed", "failed"):
                at = run.finished_at or run.started_at
                series.setdefault(name, []).append(Outcome(at, said["outcome"] == "passed", ""))
    return [
        # Runs that overlap do not end in the order in which they began.
        Subject(of_check(name), name, tuple(sorted(each, key=lambda outcome: outcome.at)), CHECK_SHARE)
        for name, each in series.items()
    ]


def _of_the_monitor(records: Sequence[MonitoringData]) -> Subject:
    outcomes = (Outcome(record.timestamp, record.state is not State.UNKNOWN, record.id) for record in records)
    return Subject(MONITOR, "the service can be seen", tuple(outcomes), SEEING_SHARE)
