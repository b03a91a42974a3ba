"""All workers' tallies together: what the service did under load, and whether the sender could have seen it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from facemon.load.schedule import Schedule
from facemon.load.tally import Tally, summed
from facemon.slo.histogram import Histogram, merged

MOST_CPU = 0.9
"""Of a core, on average: above it the sender is its own bottleneck, as Locust's and k6's documentations warn."""
MOST_MISSED = 0.01
"""Of the requests due: late, dropped, not sent or unknown ones that a verdict bears."""


@dataclass(frozen=True)
class LoadResult:
    """The merged result. tallies: one a worker, by its name · missing: workers that ended without a last word."""

    schedule: Schedule
    tallies: dict[str, Tally]
    missing: tuple[str, ...] = ()

    def _sum(self, name: str) -> int:
        return sum(int(getattr(tally, name)) for tally in self.tallies.values())

    @property
    def due(self) -> int:
        """Requests of the whole schedule."""
        return self.schedule.count

    @property
    def sent(self) -> int:
        """Requests that were started."""
        return self._sum("started")

    @property
    def late(self) -> int:
        """Requests that started more than 50 ms after they were due."""
        return self._sum("late")

    @property
    def dropped(self) -> int:
        """Requests that were not started, because too many were under way."""
        return self._sum("dropped")

    @property
    def unsent(self) -> int:
        """Requests that were not started, because the sending had been ended or their worker died."""
        return max(0, self.due - self.sent - self.dropped)

    @property
    def answered(self) -> int:
        """Requests that have ended."""
        return self._sum("answered")

    @property
    def in_flight(self) -> int:
        """Requests under way."""
        return self._sum("in_flight")

    @property
    def failed(self) -> int:
        """Requests that ended without a picture and tell something of the service."""
        return self._sum("failed")

    @property
    def served(self) -> int:
        """Pictures that were there within the response-time limit after the last request was due."""
        return self._sum("served")

    @cached_property
    def outcomes(self) -> Counter[str]:
        """Error types and `success`, counted."""
        return sum((tally.outcomes for tally in self.tallies.values()), Counter[str]())

    @cached_property
    def unknown(self) -> Counter[str]:
        """Causes of answers that tell nothing of the service, counted."""
        return sum((tally.unknown for tally in self.tallies.values()), Counter[str]())

    @cached_property
    def intended(self) -> Histogram:
        """Latencies from the instant a request was due: what a user would have waited."""
        return merged(tally.intended for tally in self.tallies.values())

    @cached_property
    def actual(self) -> Histogram:
        """Latencies from the instant a request was really sent."""
        return merged(tally.actual for tally in self.tallies.values())

    @cached_property
    def lag(self) -> Histogram:
        """How much later than asked the senders' event loops woke up."""
        return merged(tally.lag for tally in self.tallies.values())

    @cached_property
    def over_time(self) -> list[tuple[float, Histogram]]:
        """(seconds from the start, latencies from the intended start of the requests due from then on)."""
        cells: dict[int, Histogram] = {}
        length = 1.0
        for tally in self.tallies.values():
            length = tally.cell_length
            for place, cell in tally.cells.items():
                cells[place] = cells[place] + cell if place in cells else cell
        return [(place * length, cell) for place, cell in sorted(cells.items())]

    @cached_property
    def concurrency(self) -> dict[int, float]:
        """Second → requests under way, averaged over that second."""
        return summed(tally.busy for tally in self.tallies.values())

    @property
    def cpu(self) -> float:
        """Cores used by all workers together, the judging of the pictures included, on average over the schedule."""
        return sum(tally.cpu_seconds for tally in self.tallies.values()) / self.schedule.duration

    @property
    def busiest(self) -> float:
        """Cores used by the busiest worker while it sent."""
        used = (tally.cpu_while_sending for tally in self.tallies.values())
        return max(used, default=0.0) / self.schedule.duration

    @property
    def memory(self) -> int:
        """The most bytes that one worker had resident."""
        return max((tally.memory for tally in self.tallies.values()), default=0)

    @property
    def readings(self) -> int:
        """How often memory was read."""
        return self._sum("readings")

    def why_withheld(self) -> str | None:
        """Why the throughput cannot be judged at all; None if it can."""
        return next(self._reasons(), None)

    def why_not_refuted(self) -> str | None:
        """Why the throughput cannot be found too low; None if it can.

        A late start leaves its answer less time, so it can make the service look worse, and never better: what was
        in time nevertheless counts.
        """
        if self.late > MOST_MISSED * self.due:
            return f"the sender was the limit: {self.late} of {self.due} starts were late"
        return None

    def why_incomplete(self) -> str | None:
        """Why the run's own figures (memory, CPU) cannot be judged; None if they can."""
        return next(self._breaks(), None)

    def _breaks(self) -> Iterator[str]:
        stopped = [tally.stopped for tally in self.tallies.values() if tally.stopped]
        if stopped:
            yield f"the sending was ended: {stopped[0]}"
        if self.missing or not self.tallies:
            yield f"{' and '.join(self.missing) or 'every worker'} ended without a last word: its share is not known"

    def _reasons(self) -> Iterator[str]:
        bearable = MOST_MISSED * self.due
        yield from self._breaks()
        if self.busiest > MOST_CPU:
            yield f"the sender was the limit: it used {self.busiest:.0%} of a core"
        if self.dropped + self.unsent > bearable:
            yield (
                f"the sender was the limit: of {self.due} starts {self.dropped} were dropped, {self.unsent} not sent"
            )
        unknown = sum(self.unknown.values())
        if unknown > bearable:
            cause = self.unknown.most_common(1)[0][0]
            yield f"{unknown} of {self.due} answers tell nothing of the service ({cause})"
