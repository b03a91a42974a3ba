"""A batch of faces, monitored side by side, and its figures."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field

from facemon.client import check_count
from facemon.errors import InvalidInput
from facemon.model import AGES, GENDERS, FaceRequest, MonitoringData
from facemon.monitor import Monitor, RecordSink
from facemon.monitoring import assembled
from facemon.slo.aggregates import Aggregates, aggregate

EVEN = {"male": 0.5, "female": 0.5}


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The figures of a batch and its records, in the order of the requests. Durations in seconds, rates 0 to 1."""

    figures: Aggregates
    elapsed: float
    records: tuple[MonitoringData, ...] = field(repr=False)

    @property
    def average_response_time(self) -> float | None:
        """Over the pictures that came; None if none did."""
        return self.figures.average_response_time

    @property
    def throughput(self) -> float | None:
        """Pictures a minute."""
        return self.figures.throughput

    @property
    def success_rate(self) -> float | None:
        """Requests that ended with a picture."""
        return self.figures.success_rate

    @property
    def first_attempt_success_rate(self) -> float | None:
        """Requests that ended with a picture without a retry."""
        return self.figures.first_attempt_success_rate

    @property
    def error_rate(self) -> float | None:
        """Requests that ended without a picture."""
        return self.figures.error_rate

    @property
    def error_types(self) -> dict[str, int]:
        """How often each error type ended a generation."""
        return self.figures.error_types

    @property
    def retry_count(self) -> int:
        """Attempts after the first, over all generations."""
        return self.figures.retry_count


async def monitor_batch_generation(
    count: int,
    *,
    age_range: tuple[int, int] = (20, 70),
    gender_distribution: Mapping[str, float] = EVEN,
    random_seed: int | None = None,
    monitor: Monitor | None = None,
    store: RecordSink | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> BatchResult:
    """Generate and monitor `count` faces side by side, as many at once as the settings' `concurrency` allows.

    age_range: lowest and highest age, both included · gender_distribution: the share of each gender, adding up to 1;
    the shares are kept as exactly as whole faces allow · random_seed: makes the choice repeatable · progress: called
    with (done, count). Raises InvalidInput before anything is sent.
    """
    requests = plan_batch(count, age_range, gender_distribution, random_seed)
    done, last = 0, 0.0

    async with nullcontext(monitor) if monitor else assembled(store) as own:

        async def one(request: FaceRequest) -> MonitoringData:
            nonlocal done, last
            result = await own.generate(request)
            last = max(last, clock.monotonic())
            record = await result.scored()
            done += 1
            if progress:
                progress(done, count)
            return record

        clock = own.clock
        started = last = clock.monotonic()
        answers = await asyncio.gather(*map(one, requests), return_exceptions=True)
        elapsed = last - started
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    records = [answer for answer in answers if isinstance(answer, MonitoringData)]
    return BatchResult(aggregate(records, elapsed), elapsed, tuple(records))


def plan_batch(
    count: int,
    age_range: tuple[int, int],
    gender_distribution: Mapping[str, float],
    random_seed: int | None = None,
) -> list[FaceRequest]:
    """The requests of a batch, in random order. Raises InvalidInput."""
    check_count(count)
    ages = _ages(age_range)
    genders = _genders(count, gender_distribution)
    if isinstance(random_seed, bool) or not isinstance(random_seed, int | None):
        raise InvalidInput("random_seed", random_seed, "a whole number, or none for another choice each time")
    chance = random.Random(random_seed)
    chance.shuffle(genders)
    return [FaceRequest(chance.choice(ages), gender) for gender in genders]


def _ages(age_range: tuple[int, int]) -> list[int]:
    accepted = (
        "two ages, the lower first, with at least one of " + ", ".join(map(str, AGES)) + " between them"
    )
    try:
        low, high = age_range
        if isinstance(low, bool) or isinstance(high, bool):
            raise TypeError
        ages = [age for age in AGES if low <= age <= high]
    except (TypeError, ValueError):
        raise InvalidInput("age_range", age_range, accepted) from None
    if not ages:
        raise InvalidInput("age_range", age_range, accepted)
    return ages


def _genders(count: int, shares: Mapping[str, float]) -> list[str]:
    """Whole faces by the largest-remainder method (Hamilton), so that 10 faces at 0.5 and 0.5 are 5 and 5."""
    accepted = "shares from 0 to 1 for male and female that add up to 1"
    if not isinstance(shares, Mapping) or not shares or set(shares) - set(GENDERS):
        raise InvalidInput("gender_distribution", shares, accepted)
    values = list(shares.values())
    if any(isinstance(v, bool) or not isinstance(v, int | float) or not 0 <= v <= 1 for v in values):
        raise InvalidInput("gender_distribution", dict(shares), accepted)
    if not math.isclose(sum(values), 1, abs_tol=1e-6):
        raise InvalidInput("gender_distribution", dict(shares), accepted)
    exact = {gender: share * count for gender, share in shares.items()}
    whole = {gender: int(value + 1e-9) for gender, value in exact.items()}
    by_remainder = sorted(exact, key=lambda gender: whole[gender] - exact[gender])
    for gender in by_remainder[: count - sum(whole.values())]:
        whole[gender] += 1
    return [gender for gender, faces in whole.items() for _ in range(faces)]
