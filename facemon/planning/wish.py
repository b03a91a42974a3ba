"""The cheapest schedule that meets a wish: a grid, the cheapest first, each judged by the figures of a plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import product

from facemon.errors import ConfigError
from facemon.planning.delay import Figure
from facemon.planning.plan import OUTAGE, PARTLY, delay, false_alarms, watches_of
from facemon.planning.schedule import DAY, Schedule
from facemon.planning.watch import over
from facemon.slo.language import duration
from facemon.slo.objectives import Objective

EVERY = tuple(60.0 * minutes for minutes in (5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440))
SAMPLES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 36, 48, 72)
WINDOWS = (None, *(3600.0 * hours for hours in (1, 2, 4, 8, 24)))
_MOST_IN_A_WINDOW = 1500  # generations: a window that needs more is no cheap one, and slow to compute
_GENERATIONS = 400_000  # simulated for a candidate's false alarms, where no formula gives them
BEST = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """What a schedule should do; None: nothing is wished there.

    outage, partly: seconds within which it is found in nine cases of ten · alarms: false ones in 30 days at most ·
    budget: credits a day at most.
    """

    outage: float | None = None
    partly: float | None = None
    alarms: float | None = None
    budget: float | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """The fields that wish something."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name) is not None)


@dataclass(frozen=True, slots=True)
class Offer:
    """A schedule, the window of all objectives about samples, and what it does. alarms: false ones in 30 days ·
    outage, partly: seconds until it is found in nine cases of ten.
    """

    schedule: Schedule
    window: float | None
    alarms: Figure
    outage: Figure
    partly: Figure

    def __str__(self) -> str:
        return str(self.schedule) if self.window is None else f"{self.schedule} over {duration(self.window)}"


@dataclass(frozen=True, slots=True)
class Answer:
    """offers: the cheapest that fit, the cheapest first · tried: how many there were.

    Where none fits: hopeless: the wishes that no schedule meets, alone · without: those that stand in the way of all
    others, with the cheapest offer that meets these.
    """

    offers: tuple[Offer, ...]
    tried: int
    hopeless: tuple[str, ...] = ()
    without: dict[str, Offer] = field(default_factory=dict)


def search(
    wish: Wish,
    objectives: Sequence[Objective],
    price: float,
    *,
    every: Sequence[float] = EVERY,
    samples: Sequence[int] = SAMPLES,
    windows: Sequence[float | None] = WINDOWS,
    progress: Callable[[], None] = lambda: None,
) -> Answer:
    """The best few of all combinations, for the objectives about shares; `progress` is called for each one looked at.

    Raises ConfigError where no objective is about a share.
    """
    if all(each.share is None for each in objectives):
        raise ConfigError(
            "no objective is about a share, and for others no schedule can be looked for: state one"
        )
    grid = [_Candidate(objectives, *one) for one in _grid(price, every, samples, windows)]
    grid.sort(key=lambda one: (one.schedule.credits_a_day, one.window or 0.0, one.schedule.every))
    offers = tuple(_fitting(grid, wish, BEST, progress))
    if offers:
        return Answer(offers, len(grid))
    alone = {name: Wish(**{name: getattr(wish, name)}) for name in wish.named}
    hopeless = tuple(name for name, one in alone.items() if not any(_fitting(grid, one, 1, progress)))
    without: dict[str, Offer] = {}
    for name in wish.named if len(wish.named) > 1 else ():
        found = next(_fitting(grid, replace(wish, **{name: None}), 1, progress), None)
        if found is not None:
            without[name] = found
    return Answer((), len(grid), hopeless, without)


def _grid(
    price: float, every: Sequence[float], samples: Sequence[int], windows: Sequence[float | None]
) -> Iterator[tuple[Schedule, float | None]]:
    for pause, count, window in product(every, samples, windows):
        # A window that holds one run is none; the longest and fullest cost more than they find.
        if window is not None and (window <= pause or math.ceil(window / pause) * count > _MOST_IN_A_WINDOW):
            continue
        yield Schedule(pause, count, price), window


class _Candidate:
    """One point of the grid; each figure is computed when it is first asked for."""

    def __init__(self, objectives: Sequence[Objective], schedule: Schedule, window: float | None) -> None:
        self.schedule, self.window = schedule, window
        self._objectives = objectives
        self._known: dict[str, Figure] = {}

    def fits(self, wish: Wish) -> bool:
        """The cheap questions first."""
        if wish.budget is not None and self.schedule.credits_a_day > wish.budget:
            return False
        for name, missing, limit in (("outage", OUTAGE, wish.outage), ("partly", PARTLY, wish.partly)):
            if limit is not None and not (
                0.9 * self.schedule.every <= limit and self._delay(name, missing).value <= limit
            ):
                return False
        return wish.alarms is None or self._alarms().value <= wish.alarms

    def offer(self) -> Offer:
        return Offer(
            self.schedule,
            self.window,
            self._alarms(),
            self._delay("outage", OUTAGE),
            self._delay("partly", PARTLY),
        )

    def _delay(self, name: str, missing: float) -> Figure:
        if name not in self._known:
            watches = watches_of(self.schedule, over(self._objectives, self.window))
            found = delay(watches, missing, self.schedule, 7 * DAY)
            self._known[name] = Figure(math.inf, math.inf, math.inf) if found is None else found.late
        return self._known[name]

    def _alarms(self) -> Figure:
        if "alarms" not in self._known:
            watches = watches_of(self.schedule, over(self._objectives, self.window))
            self._known["alarms"] = false_alarms(watches, self.schedule, _GENERATIONS)
        return self._known["alarms"]


def _fitting(
    grid: Sequence[_Candidate], wish: Wish, most: int, progress: Callable[[], None]
) -> Iterator[Offer]:
    for candidate in grid:
        progress()
        if candidate.fits(wish):
            yield candidate.offer()
            most -= 1
            if not most:
                return
