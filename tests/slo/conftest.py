"""Records in which only what an objective looks at matters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from facemon.errors import GenerationError
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

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def make() -> Callable[..., MonitoringData]:
    """Makes a record: `seconds` it took, `attempts`, the `errors` it ended with, the `scores` of its picture.

    scores: by evaluator, True (passed), False (failed), None (unscored), or the error type that broke the picture.
    """

    def score(name: str, answer: bool | str | None) -> Score:
        if isinstance(answer, str):
            return Score(name, "1", ScoreVerdict.FAILED, 0.0, error_type=answer)
        verdict = {True: ScoreVerdict.PASSED, False: ScoreVerdict.FAILED, None: ScoreVerdict.UNSCORED}[answer]
        return Score(name, "1", verdict, None if answer is None else 100.0 * answer)

    def record(
        seconds: float = 1.0,
        *,
        attempts: int = 1,
        errors: tuple[GenerationError, ...] = (),
        scores: dict[str, Any] | None = None,
        credits_booked: float = 3.0,
    ) -> MonitoringData:
        image = None
        if not errors:
            image = ImageMetadata(
                *("p", "m", "a face", "", None, None, 1, "SUCCESS", None, 8, 8, "png", "0" * 64, 9),
                credits=credits_booked,
                response_time=seconds,
                phases=Phases(),
            )
        return MonitoringData(
            id="1",
            timestamp=NOW,
            request_params=RequestParams(),
            performance=Performance(seconds),
            quality=Quality(tuple(score(*item) for item in (scores or {}).items())),
            errors=tuple(map(recorded_error, errors)),
            attempts=tuple(Attempt(n + 1, NOW, 1.0, Phases(), "success") for n in range(attempts)),
            resources=ResourceUse(0.0, 1),
            image=image,
        )

    return record
