"""A load result as figures that objectives are judged on."""

from __future__ import annotations

import math

from facemon.load.result import LoadResult
from facemon.load.schedule import Schedule
from facemon.slo.intervals import rate_bounds
from facemon.slo.judging import Counted
from facemon.slo.objectives import Objective

# The specification: 100 requests a minute, at most 256 MB, at most 30 % of a CPU.
PROMISED_RATE, MEMORY, CPU = 100.0, 256.0, 0.30
_MOST_REQUESTS = 100_000
ENOUGH = 0.95
"""The share of the pictures due that shows a throughput: failures up to 5 % are the business of `success_rate`."""


def load_objectives(schedule: Schedule) -> tuple[Objective, ...]:
    """What is promised of a run on this schedule; of a lower rate than the promised one, that it is kept."""
    return (
        Objective("throughput", None, min(PROMISED_RATE, schedule.per_minute)),
        Objective("memory", "max", MEMORY),
        Objective("cpu", "mean", CPU),
    )


def counted(result: LoadResult) -> dict[str, Counted]:
    """The figures by their metric's name.

    throughput: pictures that were there at most the response-time limit after the last request was due, in the
    schedule's duration; a backlog that would be drained later does not count. Its bounds are Clopper and Pearson's on
    the share served of what was due, times the rate. A promise of X a minute at a rate of R a minute is one of
    min(X / R, 95 %) of the pictures, so what is compared with X is R itself where a bound reaches 95 %. Where the
    sender was late it can be shown, and not be refuted.
    """
    rate, due = result.schedule.per_minute, result.due
    bounds = rate_bounds(result.served, due)
    lower, upper = (rate * share for share in bounds)
    withheld, only_good = result.why_withheld(), result.why_not_refuted()
    compared = (_shown(bounds[0], rate), math.inf if only_good else _shown(bounds[1], rate))
    in_time = f"{result.served} of {due} in time"
    if withheld is None and (more := _requests_to_show(result.served / due, due)):
        in_time += f"; a run of {more} such requests would show it"
    memory = result.memory / 1e6
    broken_off = result.why_incomplete()
    return {
        "throughput": Counted(
            rate * result.served / due,
            lower,
            upper,
            due,
            withheld or (f"{in_time}; {only_good}" if only_good else in_time),
            compared=None if withheld else compared,
            withheld=bool(withheld or only_good),
        ),
        "memory": Counted(
            memory,
            memory,
            memory,
            result.readings,
            broken_off or "of the largest process, test tools included",
            withheld=broken_off is not None,
        ),
        "cpu": Counted(
            result.cpu,
            result.cpu,
            result.cpu,
            len(result.tallies),
            broken_off or "sending and judging the pictures",
            withheld=broken_off is not None,
        ),
    }


def _requests_to_show(share: float, due: int) -> int | None:
    """How many requests would show the rate itself, if the same share of them is served; None where they do already, or
    where no number would.
    """
    if share <= ENOUGH or rate_bounds(round(share * due), due)[0] >= ENOUGH:
        return None
    count = due
    while count < _MOST_REQUESTS and rate_bounds(math.floor(share * count), count)[0] < ENOUGH:
        count += max(1, count // 50)
    return count if count < _MOST_REQUESTS else None


def _shown(share: float, rate: float) -> float:
    return rate if share >= ENOUGH else share * rate
