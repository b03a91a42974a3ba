"""What one worker counts of its share of a schedule, in bounded memory, ready to be sent and merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from facemon.load.schedule import Schedule
from facemon.slo.histogram import Histogram

LATE = 0.05
"""Seconds after its due instant from which a start is late."""
_MOST_CELLS = 60
CELL_DIGITS = 2
"""Significant digits of the latencies over time: they are drawn, and a worker holds many of them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request.

    outcome: `success`, or a word of `facemon.errors.ErrorType` · took: seconds from its start until the picture was
    there · cause: why it tells nothing of the service, None if it does · own_fault: what ends the sending.
    """

    outcome: str
    took: float
    cause: str | None = None
    own_fault: str | None = None


@dataclass
class Tally:
    """Counts of one worker. Latencies are from the intended start and from the actual one.

    started, late, dropped, unsent: of the requests due · served: pictures that were there at most `limit` seconds
    after the whole schedule's last request was due · outcomes: of those answered · unknown: causes, of answers that
    tell nothing of the service; they are in no latency · cells: latencies from the intended start by the time they
    were due, `cell_length` seconds each · busy: requests under way, averaged over each second · lag: how much later
    than asked the event loop woke up · cpu_seconds: of the whole process, until its last picture was judged ·
    cpu_while_sending: of the same, until the schedule's end · memory: the most bytes it had resident.
    """

    limit: float
    last_due: float
    cell_length: float
    due: int = 0
    started: int = 0
    late: int = 0
    dropped: int = 0
    unsent: int = 0
    served: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    intended: Histogram = field(default_factory=Histogram)
    actual: Histogram = field(default_factory=Histogram)
    lag: Histogram = field(default_factory=Histogram)
    cells: dict[int, Histogram] = field(default_factory=dict)
    busy: dict[int, float] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    cpu_while_sending: float = 0.0
    memory: int = 0
    readings: int = 0
    stopped: str | None = None
    ended: bool = False

    @classmethod
    def of(cls, schedule: Schedule, due: int, limit: float) -> Tally:
        """An empty one for `due` requests of a schedule. limit: the promise on the response time, in seconds."""
        last = schedule.dues()[-1].at
        return cls(limit, last, max(1.0, schedule.duration / _MOST_CELLS), due)

    @property
    def answered(self) -> int:
        """Requests that have ended, whatever way."""
        return sum(self.outcomes.values()) + sum(self.unknown.values())

    @property
    def in_flight(self) -> int:
        """Requests under way."""
        return self.started - self.answered

    @property
    def failed(self) -> int:
        """Requests that ended without a picture, of those that tell something of the service."""
        return sum(number for outcome, number in self.outcomes.items() if outcome != "success")

    def start(self, due: float, at: float) -> None:
        """A request was sent `at`, in seconds from the schedule's start."""
        self.started += 1
        self.late += at - due > LATE

    def end(self, due: float, at: float, answer: Answer) -> None:
        """The request that was sent `at` has ended."""
        self._occupy(at, at + answer.took)
        if answer.cause is not None:
            self.unknown[answer.cause] += 1
            return
        came = answer.outcome == "success"
        self.outcomes[answer.outcome] += 1
        took = answer.took if came else float("inf")
        waited = max(0.0, at - due)  # a loop wakes up a hair too early, too
        self.intended.record(took + waited)
        self.actual.record(took)
        cell = int(due / self.cell_length)
        if cell not in self.cells:
            self.cells[cell] = Histogram(digits=CELL_DIGITS)
        self.cells[cell].record(took + waited)
        self.served += came and at + answer.took <= self.last_due + self.limit

    def _occupy(self, begin: float, end: float) -> None:
        second = int(begin)
        while second < end:
            overlap = min(end, second + 1) - max(begin, second)
            self.busy[second] = self.busy.get(second, 0.0) + overlap
            second += 1

    def to_json(self) -> dict[str, Any]:
        """As `json.dumps` takes it."""
        plain = dict(vars(self))
        for name in ("intended", "actual", "lag"):
            plain[name] = plain[name].encode()
        plain["cells"] = [[place, cell.encode()] for place, cell in self.cells.items()]
        plain["busy"] = list(self.busy.items())
        return plain

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Tally:
        """The reverse of `to_json`."""
        found = cls(**data)
        for name in ("intended", "actual", "lag"):
            setattr(found, name, Histogram.decode(data[name]))
        found.outcomes, found.unknown = Counter(data["outcomes"]), Counter(data["unknown"])
        found.cells = {place: Histogram.decode(cell) for place, cell in data["cells"]}
        found.busy = dict(map(tuple, data["busy"]))
        return found


def summed(parts: Iterable[dict[int, float]]) -> dict[int, float]:
    """Second → the sum over the parts, in order."""
    total: dict[int, float] = {}
    for part in parts:
        for second, value in part.items():
            total[second] = total.get(second, 0.0) + value
    return dict(sorted(total.items()))
