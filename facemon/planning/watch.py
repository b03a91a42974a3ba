"""An objective as a monitor on a schedule sees it.

The samples of a split go round its cells,
and the next run goes on where the last one stopped.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from facemon.errors import ConfigError
from facemon.planning.schedule import Schedule
from facemon.slo.evidence import look
from facemon.slo.intervals import chance_of_as_few
from facemon.slo.judging import ALPHA
from facemon.slo.metrics import Kind
from facemon.slo.objectives import KNOWN_VALUES, Objective

# Metrics that a failed generation misses, and those that it says nothing of, because no picture came.
ANSWERS = frozenset(
    ("success_rate", "first_attempt_success_rate", "error_rate", "response_time", "first_attempt_time")
)
PICTURES = frozenset(("sound_picture_rate", "quality_score", "prompt_adherence"))
_BUDGET_USED = 0.5
_MOST_IN_A_WINDOW = 200_000


@dataclass(frozen=True, slots=True)
class Watch:
    """An objective on a schedule.

    A promise about a mean is taken for one about a share, the widest case there is: a generation is as good as can be
    or as bad as can be, and of the latter the limit bears so many.

    runs: that its window holds · samples: of one run · cells: of its split ·
    level: the share of generations that miss it in a service that keeps it with half the error budget used.
    """

    objective: Objective
    runs: int
    samples: int
    cells: int

    @property
    def share(self) -> float:
        """That must keep the promise."""
        if self.objective.share is not None:
            return self.objective.share
        metric = self.objective.measure
        best = metric.lowest if metric.low_is_good else metric.highest
        return 1 - abs(best - self.objective.limit) / (metric.highest - metric.lowest)

    @property
    def level(self) -> float:
        """Half of what may miss."""
        return _BUDGET_USED * (1 - self.share)

    @property
    def judged(self) -> int:
        """Samples over which a verdict is given."""
        return self.runs * self.samples

    @property
    def misses(self) -> int | None:
        """The fewest misses that fail it, of a cell's where it is split; None where none can, and for a mean."""
        if self.of_a_mean:
            return None
        return least_misses(self.objective, math.ceil(self.judged / self.cells))

    @property
    def able(self) -> bool:
        """Whether anything can fail it."""
        if self.of_a_mean:
            return mean_against(self.objective, (True,) * math.ceil(self.judged / self.cells)) <= ALPHA
        return self.misses is not None

    @property
    def of_a_mean(self) -> bool:
        """Whether the order of its samples matters, and no count of misses decides."""
        return self.objective.share is None

    @property
    def on_answers(self) -> bool:
        """Whether a failed generation misses it; else it is about the pictures that came."""
        return self.objective.metric in ANSWERS

    @property
    def plain(self) -> bool:
        """Whether its misses are one binomial count."""
        return self.cells == 1 and not self.of_a_mean

    def broken_by(self, missing: float) -> bool:
        """Whether a service of which so large a share misses breaks the promise."""
        return missing > 1 - self.share + 1e-12

    @property
    def likeness(self) -> tuple[object, ...]:
        """Watches with the same see the same, where the same generations miss them."""
        decides = self.misses if self.plain else self.objective
        return self.on_answers, self.runs, self.level, decides


def watch(objective: Objective, schedule: Schedule) -> Watch | str:
    """How a schedule sees an objective; or why it cannot be planned. Raises ConfigError for a window too full."""
    if objective.measure.kind is Kind.RUN:
        return "one figure of a whole run: counted, not sampled"
    if objective.metric not in ANSWERS | PICTURES:
        return f"{objective.metric} tells nothing of failures and faults"
    runs = 1
    if objective.window is not None:
        runs = max(1, math.ceil(objective.window / schedule.every - 1e-9))
    if runs * schedule.samples > _MOST_IN_A_WINDOW:
        raise ConfigError(
            f"objective {str(objective)!r}: its window holds {runs * schedule.samples} samples, more than can be "
            f"planned: give at most {_MOST_IN_A_WINDOW}"
        )
    # Axes whose values are not known before are taken to have one: a schedule asks one model with one template.
    cells = math.prod(len(KNOWN_VALUES.get(axis, (None,))) for axis in objective.by)
    return Watch(objective, runs, schedule.samples, cells)


def over(objectives: Iterable[Objective], window: float | None) -> tuple[Objective, ...]:
    """The same objectives, those about samples over another window."""
    return tuple(
        each if each.measure.kind is Kind.RUN else replace(each, window=window) for each in objectives
    )


@functools.lru_cache(maxsize=65536)
def least_misses(objective: Objective, samples: int) -> int | None:
    """The fewest misses among so many samples for which `judge_values` says fail; None where no number does.

    The same test as its: the exact binomial chance of as few hits, at most 5 %, from `objective.fewest` samples on.
    """
    share = objective.share
    assert share is not None
    if samples < objective.fewest or samples == 0 or chance_of_as_few(0, samples, share) > ALPHA:
        return None
    low, high = 0, samples
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (low, middle) if chance_of_as_few(samples - middle, samples, share) <= ALPHA else (middle, high)
        )
    return high


@functools.lru_cache(maxsize=65536)
def mean_against(objective: Objective, missed: tuple[bool, ...]) -> float:
    """The p-value by which `judge_values` fails a promise about a mean, of the worst and best values in this order."""
    if len(missed) < max(1, objective.fewest):
        return 1.0
    metric = objective.measure
    worst, best = (metric.highest, metric.lowest) if metric.low_is_good else (metric.lowest, metric.highest)
    values = [worst if each else best for each in missed]
    return look(objective, values, ALPHA, sequential=False, bounds=False).against
