"""The figures of `facemon plan` against simulated months that `judge` itself judges: `python -m benchmarks.planning`.

A service is drawn generation by generation, as records; every run is judged with the records of each objective's
window. Nothing of facemon.planning but the plan itself is used. A share's verdict depends on how many records miss and
not on which, so that `judge` is asked once for each different count. Prints the plan's figure beside the simulation's
with its 99 % interval, and exits 1 where one lies outside. `--quick`: a tenth of the months and cases.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemon.errors import ServerError
from facemon.model import (
    Attempt,
    ImageMetadata,
    MonitoringData,
    Performance,
    Phases,
    Quality,
    RequestParams,
    ResourceUse,
    Score,
    ScoreVerdict,
    recorded_error,
)
from facemon.planning.delay import Delay, Figure
from facemon.planning.plan import OUTAGE, PARTLY, plan
from facemon.planning.schedule import Schedule
from facemon.slo.intervals import percentile_bounds, rate_bounds
from facemon.slo.judging import Verdict, judge
from facemon.slo.language import parse
from facemon.slo.objectives import KNOWN_VALUES, Objective

SEED = 20260101
MONTHS, CASES, AT_ONCE = 40_000, 40_000, 50
MONTH, DAY = 30 * 86400.0, 86400.0
SCHEDULES: tuple[tuple[float, int, tuple[str, ...]], ...] = (
    (
        900.0,
        12,
        (
            "success_rate >= 95%",
            "first_attempt_success_rate >= 95%",
            "response_time.p95 <= 3s",
            "sound_picture_rate >= 95%",
        ),
    ),
    (
        3600.0,
        6,
        (
            "success_rate >= 95% over 6h",
            "response_time.p95 <= 3s over 6h",
            "sound_picture_rate >= 95% over 6h",
        ),
    ),
    (
        7200.0,
        24,
        ("success_rate >= 99% over 1d", "response_time.p95 <= 3s", "sound_picture_rate >= 90% by gender"),
    ),
)
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_ANSWERS = ("success_rate", "first_attempt_success_rate", "response_time")
_FAILED, _RETRIED, _SLOW, _FAULTY = 1, 2, 4, 8
Ints = NDArray[np.int64]


def record(kind: int, age: int, gender: str) -> MonitoringData:
    """A generation that failed, was tried again, was slow, or shows a fault."""
    attempts = tuple(
        Attempt(n + 1, _NOW, 1.0, Phases(), "success") for n in range(2 if kind & _RETRIED else 1)
    )
    image = ImageMetadata(
        *(
            "p",
            "m",
            "a face",
            "",
            None,
            None,
            1,
            "SUCCESS",
            None,
            8,
            8,
            "png",
            "0" * 64,
            9,
            3.0,
            1.0,
            Phases(),
        )
    )
    verdict = ScoreVerdict.FAILED if kind & _FAULTY else ScoreVerdict.PASSED
    failed = bool(kind & _FAILED)
    return MonitoringData(
        id="1",
        timestamp=_NOW,
        request_params=RequestParams(age, gender),
        performance=Performance(99.0 if kind & _SLOW else 1.0),
        quality=Quality() if failed else Quality((Score("sharpness", "1", verdict, 50.0),)),
        errors=(recorded_error(ServerError("HTTP 500", status=500)),) if failed else (),
        attempts=attempts,
        resources=ResourceUse(0.0, 1),
        image=None if failed else image,
    )


@dataclass(frozen=True)
class Service:
    """The shares of generations (nested, one number each) and of pictures that miss."""

    failed: float
    retried: float
    slow: float
    faulty: float

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """The kinds of so many generations."""
        answer, picture = rng.random(shape, np.float32), rng.random(shape, np.float32)
        kinds = (answer < self.failed) * np.uint8(_FAILED)
        kinds |= (answer < self.retried) * np.uint8(_RETRIED)
        kinds |= (answer < self.slow) * np.uint8(_SLOW)
        kinds |= (picture < self.faulty) * np.uint8(_FAULTY)
        return kinds


def keeping(objectives: Sequence[Objective]) -> Service:
    """One that uses half of every error budget, or less where a stricter promise holds the same generations."""
    half = {each.metric: (1 - (each.share or 1)) / 2 for each in objectives}
    failed = min((half[name] for name in _ANSWERS if name in half), default=0.0)
    retried, slow = (half.get(name, 0.0) for name in _ANSWERS[1:])
    return Service(failed, retried, slow, half.get("sound_picture_rate", 0.0))


class Judged:
    """An objective over the last runs of its window, in many services at once; `judge` gives the verdicts."""

    def __init__(self, objective: Objective, schedule: Schedule) -> None:
        self.objective = objective
        self.runs = max(1, math.ceil((objective.window or 0) / schedule.every))
        self.cells = list(product(*(KNOWN_VALUES[axis] for axis in objective.by))) or [()]
        kinds = [record(kind, 20, "male") for kind in range(16)]
        values = [objective.measure.read(each) for each in kinds]
        self._seen = np.array([value is not None for value in values])
        self._missed = np.array([value is not None and not objective.kept(value) for value in values])
        self._examples = {
            missed: next(k for k in range(16) if self._seen[k] and self._missed[k] == missed)
            for missed in (False, True)
        }
        self._verdicts: dict[tuple[int, ...], bool] = {}

    def counts(self, kinds: NDArray[np.uint8], first: int) -> Ints:
        """Seen and missed by cell. kinds: shape (..., samples), the first of which is the `first` of all."""
        members = (first + np.arange(kinds.shape[-1])) % len(self.cells)
        each = [
            table[kinds[..., members == cell]].sum(-1)
            for cell in range(len(self.cells))
            for table in (self._seen, self._missed)
        ]
        return np.stack(each, -1).astype(np.int64)

    def failed(self, windows: Ints) -> NDArray[np.bool_]:
        """Whether each window fails. windows: shape (..., 2 * cells)."""
        flat = windows.reshape(-1, windows.shape[-1])
        base = int(flat.max()) + 1
        assert base ** flat.shape[1] < 2**63
        keys = flat @ (base ** np.arange(flat.shape[1]))
        _, places, back = np.unique(keys, return_index=True, return_inverse=True)
        found = np.array([self._verdict(tuple(flat[place].tolist())) for place in places])
        return np.asarray(found[back].reshape(windows.shape[:-1]))

    def _verdict(self, counts: tuple[int, ...]) -> bool:
        if counts not in self._verdicts:
            records = [
                one for cell, values in enumerate(self.cells) for one in self._records(counts, cell, values)
            ]
            self._verdicts[counts] = judge(self.objective, records).verdict is Verdict.FAIL
        return self._verdicts[counts]

    def _records(
        self, counts: tuple[int, ...], cell: int, values: tuple[object, ...]
    ) -> Iterator[MonitoringData]:
        axes: dict[str, Any] = dict(zip(self.objective.by, values, strict=True))
        seen, missed = counts[2 * cell : 2 * cell + 2]
        for kind, count in ((True, missed), (False, seen - missed)):
            one = record(self._examples[kind], 20, "male")
            yield from [replace(one, request_params=replace(one.request_params, **axes))] * count


def false_alarms(schedule: Schedule, objectives: Sequence[Objective], months: int) -> Figure:
    """Alarms that begin in a month, with the 99 % interval of the mean of independent months."""
    rng, service = np.random.default_rng(SEED), keeping(objectives)
    judged = [Judged(each, schedule) for each in objectives]
    before, runs = max(each.runs for each in judged), round(MONTH / schedule.every)
    begun: list[int] = []
    while len(begun) < months:
        kinds = service.draw(rng, (AT_ONCE, before + runs, schedule.samples))
        failed = np.zeros((AT_ONCE, runs + 1), np.bool_)
        for each in judged:
            # With whole rounds of the cells in a run, every run starts with the first.
            assert schedule.samples % len(each.cells) == 0
            sums = np.cumsum(each.counts(kinds, 0), axis=1)
            sums = np.concatenate([np.zeros_like(sums[:, :1]), sums], axis=1)
            failed |= each.failed((sums[:, each.runs :] - sums[:, : -each.runs])[:, -runs - 1 :])
        begun += (failed[:, 1:] & ~failed[:, :-1]).sum(axis=1).tolist()
    spread = 2.5758 * float(np.std(begun, ddof=1)) / math.sqrt(len(begun))
    mean = float(np.mean(begun))
    return Figure(mean, mean - spread, mean + spread)


def delays(schedule: Schedule, objectives: Sequence[Objective], missing: float, cases: int) -> Delay:
    """From the start of trouble to the run that fails an objective about answers."""
    rng, service = np.random.default_rng(SEED), keeping(objectives)
    bad = replace(
        service, failed=missing, retried=max(missing, service.retried), slow=max(missing, service.slow)
    )
    judged = [Judged(each, schedule) for each in objectives if each.metric in _ANSWERS]
    before, found = max(each.runs for each in judged) - 1, np.full(cases, math.inf)
    kinds = [service.draw(rng, (cases, schedule.samples)) for _ in range(before)]
    for step in range(round(MONTH / schedule.every)):
        kinds = [*kinds, bad.draw(rng, (cases, schedule.samples))][-before - 1 :]
        failed = np.zeros(cases, np.bool_)
        for each in judged:
            failed |= each.failed(np.sum([each.counts(run, 0) for run in kinds[-each.runs :]], axis=0))
        new = failed & np.isinf(found)
        found[new] = (step + rng.random(int(new.sum()))) * schedule.every
        if np.isfinite(found).all():
            break
    ordered, soon = sorted(found.tolist()), int((found <= DAY).sum())
    median, late = (
        Figure(ordered[math.ceil(share * cases) - 1], *percentile_bounds(ordered, share, 0.995))
        for share in (0.5, 0.9)
    )
    return Delay(median, late, Figure(soon / cases, *rate_bounds(soon, cases, 0.995)))


def compare(months: int, cases: int) -> Iterator[tuple[str, Figure, Figure]]:
    """What, the plan's figure, the simulation's."""
    for every, samples, sentences in SCHEDULES:
        schedule, objectives = Schedule(every, samples), [parse(each) for each in sentences]
        planned = plan(schedule, objectives)
        yield f"{schedule}: false alarms a month", planned.alarms, false_alarms(schedule, objectives, months)
        for row in planned.rows:
            assert row.alarms is not None
            yield f"  of {row.objective} alone", row.alarms, false_alarms(schedule, [row.objective], months)
        for name, missing, one in (("outage", OUTAGE, planned.outage), ("30 % fail", PARTLY, planned.partly)):
            assert one is not None
            seen = delays(schedule, objectives, missing, cases)
            yield f"  {name}: median, min", one.median.times(1 / 60), seen.median.times(1 / 60)
            yield f"  {name}: 9 of 10, min", one.late.times(1 / 60), seen.late.times(1 / 60)
            yield f"  {name}: found within a day", one.within_day, seen.within_day


def inside(planned: Figure, seen: Figure) -> bool:
    """Whether the plan's figure, or its own interval, lies in the simulation's."""
    return planned.lower <= seen.upper + 1e-9 and seen.lower <= planned.upper + 1e-9


def report() -> None:
    """One line, of a tenth of the months."""
    found = [inside(planned, seen) for _, planned, seen in compare(MONTHS // 10, CASES // 10)]
    print(f"plan against simulation             {sum(found)} of {len(found)} figures in their 99 % interval")


def main(months: int, cases: int) -> int:
    """The table; 1 where a figure lies outside."""
    print(f"{months} months, {cases} cases; 99 % intervals\n")
    print(f"{'':<62}{'plan':>26}{'simulated':>12}{'interval':>24}")
    outside = 0
    for name, planned, seen in compare(months, cases):
        good = inside(planned, seen)
        outside += not good
        figure = f"{planned.value:.4g}"
        if not planned.exact:
            figure += f" ({planned.lower:.4g} to {planned.upper:.4g})"
        interval = f"{seen.lower:.4g} to {seen.upper:.4g}"
        print(
            f"{name:<62}{figure:>26}{seen.value:>12.4g}{interval:>24}  {'ok' if good else 'OUTSIDE'}",
            flush=True,
        )
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main(MONTHS // 10, CASES // 10) if "--quick" in sys.argv[1:] else main(MONTHS, CASES))
