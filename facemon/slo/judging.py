"""An objective judged on records: what the evidence says, how sure it is, and how much more it would take.

Two promises about error at confidence 95 %: a service that breaks an objective is passed in at most 5 of 100 runs, and
one that keeps it is failed in at most 5 of 100. `sequential`: the same, however often one looks while samples come in.
Over a split the false discovery rate is at most 5 %: of the cells that are called failed, and a split passes only if
each of its cells does (an intersection-union test, Berger 1982, needs no correction).
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from facemon.model import MonitoringData, State
from facemon.slo.aggregates import percentile
from facemon.slo.evidence import Evidence, look, unit_values
from facemon.slo.intervals import CONFIDENCE
from facemon.slo.metrics import Kind
from facemon.slo.needed import fewest, more_needed
from facemon.slo.objectives import Objective, fewest_to_confirm, quantile
from facemon.slo.sequential import log_evidence_above
from facemon.slo.splits import benjamini_hochberg, cells_of

ALPHA = 1 - CONFIDENCE
# The figure of the first attempts, shown beside the final one, which retries have mended.
_FIRST = {"success_rate": "first_attempt_success_rate", "response_time": "first_attempt_time"}


class Verdict(enum.StrEnum):
    """What the evidence says of a promise."""

    PASS = "pass"  # noqa: S105  a verdict
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    UNSCORED = "unscored"


_WORST_FIRST = (Verdict.FAIL, Verdict.UNSCORED, Verdict.INCONCLUSIVE, Verdict.PASS)


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure of a whole run, in its metric's unit, and its bounds: the value itself where nothing is uncertain.

    compared: what the limit is held against in place of the bounds · withheld: `note` says why there is no fail, and no
    pass either unless `compared` shows one.
    """

    value: float
    lower: float
    upper: float
    samples: int
    note: str = ""
    compared: tuple[float, float] | None = None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """A promise judged. value: the figure, in the metric's unit; lower, upper: its one-sided bounds at 95 %.

    needed: more generations until the evidence suffices, if it goes on as it did; None if that cannot be said ·
    against: the p-value against a promise that is kept · first: the figure of the first attempts alone, where retries
    may have mended this one · cell: the values of the axes, for one cell of a split · cells: those of a split · note:
    what else there is to say.
    """

    objective: Objective
    verdict: Verdict
    value: float | None
    lower: float
    upper: float
    samples: int
    needed: int | None = None
    against: float = 1.0
    first: float | None = None
    cell: tuple[object, ...] = ()
    cells: tuple[Judgement, ...] = ()
    note: str = ""

    @property
    def text(self) -> str:
        """As a person reads it aloud."""
        return str(self.objective)


def judge(
    objective: Objective,
    records: Iterable[MonitoringData],
    *,
    counted: Mapping[str, Counted] | None = None,
    sequential: bool = False,
) -> Judgement:
    """The verdict over the records that can tell; generations of unknown state cannot.

    records: of the objective's window, in the order of the requests · counted: the figures of the whole run, by the
    metric's name, a `Counted` each · sequential: evidence that holds under continuous looking.
    Raises TypeError for a sentence in place of an objective: `parse_objective` reads it.
    """
    if not isinstance(objective, Objective):
        raise TypeError(f"judge takes an Objective, not {objective!r}: parse_objective reads a sentence")
    if objective.measure.kind is Kind.RUN:
        return _judge_counted(objective, (counted or {}).get(objective.metric))
    all_records = list(records)
    known = [record for record in all_records if record.state is not State.UNKNOWN]
    total = replace(
        judge_values(objective, values_of(objective, known), sequential=sequential),
        first=_first(objective, known),
    )
    if not objective.by:
        return total
    # What was asked and could not be seen is a cell of its own, without data.
    members = cells_of(objective.by, all_records)
    seen = [[record for record in some if record.state is not State.UNKNOWN] for some in members.values()]
    cells = judge_cells(objective, [values_of(objective, some) for some in seen], sequential=sequential)
    return _joined(total, [replace(cell, cell=name) for name, cell in zip(members, cells, strict=True)])


def judge_values(
    objective: Objective, values: Sequence[float], *, sequential: bool = False, alpha: float = ALPHA
) -> Judgement:
    """The verdict on numbers in the order of the requests. alpha: the chance of a wrong fail, other than 5 %."""
    if not values:
        wanted = fewest_to_pass(objective, sequential=sequential)
        return Judgement(objective, Verdict.UNSCORED, None, -math.inf, math.inf, 0, wanted)
    found = look(objective, values, ALPHA, sequential=sequential)
    verdict = _verdict(objective, len(values), found, alpha)

    def decided(more: Sequence[float]) -> bool:
        return decide(objective, more, sequential=sequential, alpha=alpha) is not Verdict.INCONCLUSIVE

    return Judgement(
        objective,
        verdict,
        value_of(objective, values),
        found.lower,
        found.upper,
        len(values),
        more_needed(objective, values, decided) if verdict is Verdict.INCONCLUSIVE else None,
        found.against,
    )


def decide(
    objective: Objective, values: Sequence[float], *, sequential: bool = False, alpha: float = ALPHA
) -> Verdict:
    """The verdict of `judge_values` alone: for who asks often and needs no bounds."""
    if not values:
        return Verdict.UNSCORED
    found = look(objective, values, ALPHA, sequential=sequential, bounds=False)
    return _verdict(objective, len(values), found, alpha)


def judge_cells(
    objective: Objective, cells: Sequence[Sequence[float]], *, sequential: bool = False
) -> list[Judgement]:
    """The verdict on each cell of a split, so that of those that fail at most 5 % fail wrongly, on average.

    A cell that fails on its own and not among so many others is inconclusive.
    """
    verdicts = decide_cells(objective, cells, sequential=sequential)
    share = ALPHA / max(1, len(cells))
    return [
        judge_values(
            objective, values, sequential=sequential, alpha=ALPHA if verdict is Verdict.FAIL else share
        )
        for values, verdict in zip(cells, verdicts, strict=True)
    ]


def decide_cells(
    objective: Objective, cells: Sequence[Sequence[float]], *, sequential: bool = False
) -> list[Verdict]:
    """The verdicts of `judge_cells` alone."""
    alone = [decide(objective, values, sequential=sequential) for values in cells]
    against = [
        look(objective, values, ALPHA, sequential=sequential, bounds=False).against
        if verdict is Verdict.FAIL
        else 1.0
        for values, verdict in zip(cells, alone, strict=True)
    ]
    rejected = benjamini_hochberg(against, ALPHA)
    return [
        Verdict.INCONCLUSIVE if verdict is Verdict.FAIL and not reject else verdict
        for verdict, reject in zip(alone, rejected, strict=True)
    ]


def values_of(objective: Objective, records: Iterable[MonitoringData]) -> list[float]:
    """The numbers that the records hold for an objective."""
    read = objective.measure.read
    return [value for record in records if (value := read(record)) is not None]


def value_of(objective: Objective, values: Sequence[float]) -> float:
    """The observed figure in the metric's unit; infinite for a percentile that falls among the failures."""
    metric, rank = objective.measure, quantile(objective.statistic)
    if rank is not None:
        found = percentile(sorted(values), rank)
        assert found is not None
        return found
    if metric.kind is Kind.RATE:
        return math.fsum(values) / len(values)
    share = math.fsum(unit_values(metric, values)) / len(values)
    return metric.lowest + share * (metric.highest - metric.lowest)


def fewest_to_pass(objective: Objective, *, sequential: bool = False) -> int | None:
    """Samples that would confirm a promise if every one of them were as good as can be; None for one about a mean."""
    share = objective.share
    if share is None:
        return None
    if not sequential:
        return max(objective.fewest, fewest_to_confirm(share))
    clean = fewest(lambda count: log_evidence_above(count, count, share) >= -math.log(ALPHA), 0)
    return None if clean is None else max(objective.fewest, clean)


def _verdict(objective: Objective, samples: int, found: Evidence, alpha: float) -> Verdict:
    if samples < objective.fewest:
        return Verdict.INCONCLUSIVE
    if found.against <= alpha:
        return Verdict.FAIL
    return Verdict.PASS if found.in_favour <= ALPHA else Verdict.INCONCLUSIVE


def _first(objective: Objective, records: Sequence[MonitoringData]) -> float | None:
    twin = _FIRST.get(objective.metric)
    if twin is None:
        return None
    same = replace(objective, metric=twin, samples=None)
    values = values_of(same, records)
    return value_of(same, values) if values else None


def _joined(total: Judgement, cells: Sequence[Judgement]) -> Judgement:
    """A split's verdict is that of its worst cell; its figures are those of all records."""
    verdicts = {cell.verdict for cell in cells}
    worst = next((each for each in _WORST_FIRST if each in verdicts), Verdict.UNSCORED)
    open_cells = [cell.needed for cell in cells if cell.verdict in (Verdict.INCONCLUSIVE, Verdict.UNSCORED)]
    known = [needed for needed in open_cells if needed is not None]
    needed = sum(known) if open_cells and len(known) == len(open_cells) else None
    return replace(total, verdict=worst, needed=needed, cells=tuple(cells))


def _judge_counted(objective: Objective, counted: Counted | None) -> Judgement:
    """A figure of the whole run is counted, not sampled: its bounds are what the counting itself leaves open."""
    if counted is None:
        return Judgement(objective, Verdict.UNSCORED, None, -math.inf, math.inf, 0)
    bounds = (-math.inf, math.inf) if counted.withheld else (counted.lower, counted.upper)
    worst, best = counted.compared or bounds
    if objective.measure.low_is_good:
        worst, best = -best, -worst
    limit = -objective.limit if objective.measure.low_is_good else objective.limit
    verdict = Verdict.PASS if worst >= limit else Verdict.FAIL if best < limit else Verdict.INCONCLUSIVE
    if counted.withheld and verdict is not Verdict.PASS:
        verdict = Verdict.UNSCORED
    return Judgement(
        objective,
        verdict,
        counted.value,
        counted.lower,
        counted.upper,
        counted.samples,
        note=counted.note,
    )
