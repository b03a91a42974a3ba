"""A candidate against its baseline: non-inferior on every metric, worse on one, or not yet decided.

Pass: each metric is shown to be no worse than its margin allows, at 5 % each (an intersection-union test, Berger 1982,
so that a candidate that is beyond one margin passes in at most 5 of 100 gates). Fail: one is shown to be worse than
that, at 5 % over all of them together (Bonferroni), so that a candidate within its margins fails in at most 5 of 100.
Both hold although one looks after every pair (see `wealth` and `quantiles`). Pure: it neither waits nor asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from facemon.model import State
from facemon.release.diversity_measure import DiversityMeasure
from facemon.release.looks import Pair, Undescribed
from facemon.release.margins import DEFAULTS, Margin
from facemon.release.mean_measure import MeanMeasure
from facemon.release.measure import Measure, MetricComparison
from facemon.release.percentile_measure import PercentileMeasure
from facemon.release.price_measure import PriceMeasure
from facemon.slo.judging import ALPHA, Verdict

EXIT_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 10, Verdict.UNSCORED: 11}
_WORST_FIRST = (Verdict.FAIL, Verdict.UNSCORED, Verdict.INCONCLUSIVE, Verdict.PASS)


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What the pairs say. pairs: those that were compared · left_out: cause → pairs of which one side is unknown.

    needed: more pairs until every metric is decided, if it goes on as it did; None where that cannot be said or
    nothing is open · blind: why nothing can be said of a metric, else empty.
    """

    verdict: Verdict
    metrics: tuple[MetricComparison, ...]
    pairs: int
    left_out: dict[str, int] = field(default_factory=dict)
    needed: int | None = None
    blind: str = ""


def compare(pairs: Iterable[Pair], margins: Sequence[Margin] = DEFAULTS) -> GateVerdict:
    """The verdict over some pairs, in the order in which they were asked; it stops at the one that decides."""
    comparison = Comparison(margins)
    for pair in pairs:
        if comparison.finished:
            break
        comparison.add(pair)
    return comparison.verdict()


class Comparison:
    """Takes pairs in and says when it is enough.

    give_up_after: pairs in a row that say nothing, because the baseline brought no picture, a picture has no score,
    or a side is unknown; then the answer is that nothing can be known. 0: never.
    """

    def __init__(self, margins: Sequence[Margin] = DEFAULTS, give_up_after: int = 5) -> None:
        estimated = sum(not margin.counted for margin in margins)
        self._measures = [_measure(margin, ALPHA / max(1, estimated)) for margin in margins]
        self._give_up_after = give_up_after
        self._pairs = self._silent = 0
        self._left_out: Counter[str] = Counter()
        self._why = ""

    def add(self, pair: Pair) -> None:
        """Take one pair in."""
        why = self._taken(pair)
        self._silent = self._silent + 1 if why else 0
        self._why = why

    def _taken(self, pair: Pair) -> str:
        """Add it to every measure; why it says nothing, or nothing."""
        for record in (pair.baseline, pair.candidate):
            if record.state is State.UNKNOWN:
                cause = record.errors[-1].cause
                self._left_out[cause] += 1
                return cause
        self._pairs += 1
        judged = [measure.add(pair) for measure in self._measures]
        if not pair.baseline.succeeded:
            return f"the baseline brought no picture ({pair.baseline.error_types[-1]})"
        # A picture that is faulty has told something, even if nobody could say whom it shows.
        if not all(judged) and not (pair.baseline.quality.failed or pair.candidate.quality.failed):
            return f"a picture has no score ({_unscored(pair)})"
        return ""

    @property
    def pairs(self) -> int:
        """Those that were compared."""
        return self._pairs

    @property
    def blind(self) -> str:
        """Why it makes no sense to go on; empty while it does."""
        limit = self._give_up_after
        return f"{self._why}, {self._silent} times in a row" if limit and self._silent >= limit else ""

    @property
    def finished(self) -> bool:
        """Whether further pairs would change nothing."""
        verdicts = {measure.verdict() for measure in self._measures}
        return Verdict.FAIL in verdicts or verdicts == {Verdict.PASS} or bool(self.blind)

    def open_metrics(self) -> tuple[int, int]:
        """How many metrics are not decided yet, and how many there are."""
        decided = sum(measure.verdict() in (Verdict.PASS, Verdict.FAIL) for measure in self._measures)
        return len(self._measures) - decided, len(self._measures)

    def verdict(self) -> GateVerdict:
        """All of it, as of now."""
        metrics = tuple(measure.told() for measure in self._measures)
        found = {metric.verdict for metric in metrics} | ({Verdict.UNSCORED} if self.blind else set())
        verdict = next((each for each in _WORST_FIRST if each in found), Verdict.UNSCORED)
        needed = _needed(metrics) if verdict is Verdict.INCONCLUSIVE else None
        return GateVerdict(verdict, metrics, self._pairs, dict(self._left_out), needed, self.blind)


def _needed(metrics: Sequence[MetricComparison]) -> int | None:
    """Until the last one is decided: one that fails before ends it, but that is not promised from so few."""
    needed = [metric.needed for metric in metrics if metric.verdict is Verdict.INCONCLUSIVE]
    known = [number for number in needed if number is not None]
    return max(known) if known and len(known) == len(needed) else None


def _measure(margin: Margin, alpha_fail: float) -> Measure:
    """alpha_fail: the chance that a candidate within the margin is failed for this metric."""
    if margin.counted:
        return PriceMeasure(margin)
    if margin.of_pictures:
        return DiversityMeasure(margin, alpha_fail)
    if margin.rank is None:
        return MeanMeasure(margin, alpha_fail)
    return PercentileMeasure(margin, margin.rank, alpha_fail)


def _unscored(pair: Pair) -> str:
    for record in (pair.baseline, pair.candidate):
        for score in record.quality.unscored:
            return f"{score.evaluator}: {score.reason}"
    for look in pair.looks:
        if isinstance(look, Undescribed):
            return f"diversity_score: {look.why}"
    return "it was not judged"
