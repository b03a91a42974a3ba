"""What a watch saw of the last runs, in many simulated services at once, and whether it fails."""

from __future__ import annotations

import abc

import numpy as np
from numpy.typing import NDArray

from facemon.planning.watch import Watch, least_misses, mean_against
from facemon.slo.intervals import chance_of_as_few
from facemon.slo.judging import ALPHA

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]


class Window(abc.ABC):
    """The runs of a watch's window; the oldest gives way to the newest."""

    def __init__(self, watch: Watch) -> None:
        self.watch, self._number = watch, 0

    @abc.abstractmethod
    def add(self, missed: Flags, seen: Flags) -> Flags:
        """Take in a run, shape (services, samples) each; which services it fails, shape (services,)."""

    @abc.abstractmethod
    def keep(self, which: Flags) -> None:
        """Go on with these services only."""

    def _turn(self) -> tuple[int, Flags]:
        """The place of the next run in the ring, and which of its samples are in which cell: (samples, cells)."""
        place, first = self._number % self.watch.runs, self._number * self.watch.samples
        self._number += 1
        cells = (first + np.arange(self.watch.samples)) % self.watch.cells
        return place, cells[:, None] == np.arange(self.watch.cells)


def window(watch: Watch, services: int) -> Window:
    """The one that fits: counts tell all of a share; of a mean the order matters."""
    return MeanWindow(watch, services) if watch.of_a_mean else CountWindow(watch, services)


class CountWindow(Window):
    """Counts, by cell. misses, seen: shape (runs, services, cells)."""

    def __init__(self, watch: Watch, services: int) -> None:
        super().__init__(watch)
        self._misses = np.zeros((watch.runs, services, watch.cells), np.int64)
        self._seen = np.zeros_like(self._misses)
        self._total_misses, self._total_seen = self._misses[0].copy(), self._seen[0].copy()
        most = watch.judged // watch.cells + watch.samples + 1
        self._fewest = np.array([least_misses(watch.objective, n) or most + 1 for n in range(most + 1)])
        self._chances = np.full((most + 1, most + 1) if watch.cells > 1 else (0, 0), np.nan)

    def add(self, missed: Flags, seen: Flags) -> Flags:
        place, member = self._turn()
        for ring, total, flags in (
            (self._misses, self._total_misses, missed),
            (self._seen, self._total_seen, seen),
        ):
            new = (flags.astype(np.float32) @ member).astype(np.int64)
            total += new - ring[place]
            ring[place] = new
        misses, size = self._total_misses, self._total_seen
        if self.watch.cells == 1:
            return np.asarray(misses >= self._fewest[size])[:, 0]
        return any_rejected(self._p_values(misses, size))

    def keep(self, which: Flags) -> None:
        self._misses, self._seen = self._misses[:, which], self._seen[:, which]
        self._total_misses, self._total_seen = self._total_misses[which], self._total_seen[which]

    def _p_values(self, misses: NDArray[np.int64], size: NDArray[np.int64]) -> Numbers:
        found = self._chances[size, misses]
        unknown = np.isnan(found)
        if not unknown.any():
            return found
        for n, m in {*zip(size[unknown].tolist(), misses[unknown].tolist(), strict=True)}:
            enough = n >= max(1, self.watch.objective.fewest)
            self._chances[n, m] = chance_of_as_few(n - m, n, self.watch.share) if enough else 1.0
        return self._chances[size, misses]


class MeanWindow(Window):
    """Every sample in its order. missed, seen: shape (runs, services, samples)."""

    def __init__(self, watch: Watch, services: int) -> None:
        super().__init__(watch)
        self._missed = np.zeros((watch.runs, services, watch.samples), np.bool_)
        self._seen = np.zeros_like(self._missed)
        self._member = np.zeros((watch.runs, watch.samples, watch.cells), np.bool_)

    def add(self, missed: Flags, seen: Flags) -> Flags:
        place, self._member[place] = self._turn()
        self._missed[place], self._seen[place] = missed, seen
        order = (place + 1 + np.arange(self.watch.runs)) % self.watch.runs  # the oldest first
        found = np.ones((missed.shape[0], self.watch.cells))
        for cell in range(self.watch.cells):
            there = self._seen & self._member[:, None, :, cell]
            for service in range(missed.shape[0]):
                values = self._missed[order, service][there[order, service]]
                found[service, cell] = mean_against(self.watch.objective, tuple(values.tolist()))
        return any_rejected(found)

    def keep(self, which: Flags) -> None:
        self._missed, self._seen = self._missed[:, which], self._seen[:, which]


def any_rejected(p_values: Numbers) -> Flags:
    """Whether a cell fails, by the rule of `benjamini_hochberg`. p_values: shape (services, cells)."""
    allowed = np.arange(1, p_values.shape[1] + 1) / p_values.shape[1] * ALPHA
    return np.asarray((np.sort(p_values, axis=1) <= allowed).any(axis=1))
