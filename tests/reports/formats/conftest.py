"""Records to write out."""

from datetime import UTC, datetime

import pytest

from facemon.model import (
    Attempt,
    ImageMetadata,
    MonitoringData,
    Performance,
    Phases,
    Quality,
    RecordedError,
    RequestParams,
    ResourceUse,
    Score,
    ScoreVerdict,
    State,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def records() -> list[MonitoringData]:
    """One with a picture that was judged, one that timed out."""
    params = RequestParams(
        30, "female", 7, "stability_v2beta", "core", '=HYPERLINK("http://x"), a "face"\nあ'
    )
    scores = (
        Score("blur", "1", ScoreVerdict.FAILED, 12.5, weight=0.1),
        Score("size", "1", ScoreVerdict.FAILED, 50.0),
        Score("faces", "1", ScoreVerdict.UNSCORED),
    )
    resources = ResourceUse(0.25, 90_000_000, 400, 300_000)
    image = ImageMetadata(
        *("p", "core", "x", "", None, None, -7, "SUCCESS", None, 8, 9, "png", "ab", 300, 3.0, 0.6, Phases())
    )
    good = MonitoringData(
        *("id-1", NOON, params, Performance(0.6), Quality(scores), (), (), resources),
        image=image,
        run_id="run-1",
    )
    attempt = Attempt(1, NOON, 30.0, Phases(), "timeout", traceback="Traceback", log_id="log-1")
    error = RecordedError("timeout", "-no reply", State.DOWN, "timeout")
    bad = MonitoringData(
        *(
            "id-2",
            NOON,
            RequestParams(prompt="@x"),
            Performance(30.0),
            Quality(),
            (error,),
            (attempt,),
            resources,
        )
    )
    return [good, bad]
