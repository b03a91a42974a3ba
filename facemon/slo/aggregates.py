"""The specification's figures over a set of records."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from facemon.model import MonitoringData, State


@dataclass(frozen=True, slots=True)
class Aggregates:
    """Figures over `count` generations. Durations in seconds, throughput in pictures a minute, rates 0 to 1.

    A generation whose state is unknown (our key, our budget, our network) counts neither for nor against the service:
    rates and percentiles are over `known` generations. A failed generation is slower than any limit: a percentile
    that falls among the failures is infinite. `credits` are those of the pictures that came; what failures may have
    cost beside stands in the ledger. The average is over pictures that came, None if none did.
    """

    count: int
    known: int
    succeeded: int
    first_attempt_succeeded: int
    average_response_time: float | None
    p50_response_time: float | None
    p90_response_time: float | None
    p95_response_time: float | None
    p99_response_time: float | None
    throughput: float | None
    retry_count: int
    credits: float
    error_types: dict[str, int] = field(default_factory=dict)
    causes_unknown: dict[str, int] = field(default_factory=dict)

    @property
    def success_rate(self) -> float | None:
        """Requests that ended with a picture; None without any."""
        return self.succeeded / self.known if self.known else None

    @property
    def first_attempt_success_rate(self) -> float | None:
        """Requests that ended with a picture without a retry; None without any."""
        return self.first_attempt_succeeded / self.known if self.known else None

    @property
    def error_rate(self) -> float | None:
        """Requests that ended without a picture; None without any."""
        return None if self.success_rate is None else 1 - self.success_rate


def aggregate(records: Iterable[MonitoringData], elapsed: float | None = None) -> Aggregates:
    """The figures of some records; `elapsed`: seconds from the first call to the last picture, for the throughput."""
    all_records = list(records)
    known = [record for record in all_records if record.state is not State.UNKNOWN]
    good = [record for record in known if record.succeeded]
    times = sorted(response_times(known))
    return Aggregates(
        count=len(all_records),
        known=len(known),
        succeeded=len(good),
        first_attempt_succeeded=sum(record.first_attempt_succeeded for record in known),
        average_response_time=_mean([record.performance.response_time for record in good]),
        p50_response_time=percentile(times, 0.50),
        p90_response_time=percentile(times, 0.90),
        p95_response_time=percentile(times, 0.95),
        p99_response_time=percentile(times, 0.99),
        throughput=60 * len(good) / elapsed if elapsed else None,
        retry_count=sum(record.retry_count for record in all_records),
        credits=sum(record.image.credits for record in all_records if record.image),
        error_types=dict(
            Counter(kind for record in all_records for kind in record.error_types).most_common()
        ),
        causes_unknown=dict(
            Counter(r.errors[-1].cause for r in all_records if r.state is State.UNKNOWN).most_common()
        ),
    )


def response_times(records: Iterable[MonitoringData]) -> list[float]:
    """Seconds; infinite for a generation that failed."""
    return [record.performance.response_time if record.succeeded else math.inf for record in records]


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile of sorted values (no interpolation: it is a value that occurred); None if empty."""
    if not ordered:
        return None
    return ordered[rank(share, len(ordered)) - 1]


def rank(share: float, count: int) -> int:
    """The nearest rank, from 1; the hair is for 0.07 * 100, which is a little more than 7 to a computer."""
    return max(1, math.ceil(share * count - 1e-9))


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
