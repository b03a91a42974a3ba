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

    scores: by evaluator, True (passed), False (failed), None (unscored), or the error type that broke the picture ·
    first: seconds of the first attempt; it failed where there are several · adherence: 0 to 1, of a judged picture ·
    check and asked (age, gender, model, template): what it can be split by.
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
        first: float = 1.0,
        adherence: float | None = None,
        check: str | None = None,
        **asked: Any,
    ) -> MonitoringData:
        image = None
        if not errors:
            image = ImageMetadata(
                *("p", "m", "a face", "", None, None, 1, "SUCCESS", None, 8, 8, "png", "0" * 64, 9),
                credits=credits_booked,
                response_time=seconds,
                phases=Phases(),
            )
        failed_first = attempts > 1 or bool(errors)
        judged = tuple(score(*item) for item in (scores or {}).items())
        if adherence is not None:
            judged += (Score("prompt_adherence", "1", ScoreVerdict.PASSED, 100 * adherence, adherence),)
        return MonitoringData(
            id="1",
            timestamp=NOW,
            request_params=RequestParams(**asked),
            performance=Performance(seconds),
            quality=Quality(judged),
            errors=tuple(map(recorded_error, errors)),
            attempts=tuple(
                Attempt(
                    n + 1,
                    NOW,
                    1.0 if n else first,
                    Phases(),
                    "timeout" if failed_first and not n else "success",
                )
                for n in range(attempts)
            ),
            resources=ResourceUse(0.0, 1),
            image=image,
            check=check,
        )

    return record
