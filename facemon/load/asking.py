"""The request of a number, asked through a monitor as every other one, and what its result says of the service."""

from __future__ import annotations

from itertools import product

from facemon.client import queued_for
from facemon.load.sender import Ask
from facemon.load.tally import Answer
from facemon.model import AGES, GENDERS, FaceRequest, State
from facemon.monitor import Monitor, MonitoringResult

CHECK = "throughput"
"""The check that a load run's records name."""
FACES = tuple(FaceRequest(age, gender) for age, gender in product(AGES, GENDERS))


def asking(monitor: Monitor) -> Ask:
    """Sends the request of a number: the faces go round all ages and genders."""

    async def ask(number: int) -> Answer:
        return answer_of(await monitor.generate(FACES[number % len(FACES)], check=CHECK))

    return ask


def answer_of(result: MonitoringResult) -> Answer:
    """What a result says of the service; its time is that from the call until the picture was there."""
    took = result.performance.response_time + queued_for(result.attempts)
    if result.error is None:
        return Answer("success", took)
    last = result.errors[-1]
    if last.state is not State.UNKNOWN:
        return Answer(last.error_type, took)
    spent = "the credit budget is spent" if last.error_type == "budget_exceeded" else None
    return Answer(last.error_type, took, last.cause, spent)
