"""A record as JSON: the specification's names, nothing lost that JSON can carry."""

import json
import math
from dataclasses import is_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.model import (
    Attempt,
    Exchange,
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
from facemon.wire import from_json, to_json

QUALITY = Score("sharpness", "1", ScoreVerdict.FAILED, 12.5, 700.0, "px", "soft", weight=0.5)
ADHERENCE = Score("prompt_adherence", "1", ScoreVerdict.PASSED, 90.0, 0.9, "probability")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MICROSECONDS = st.integers(0, 10**12).map(lambda n: n / 1_000_000)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    float: MICROSECONDS,
    str: st.text(max_size=20),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type; dataclasses with all their fields."""
    if kind in VALUES:
        return VALUES[kind]
    if is_dataclass(kind):
        return st.builds(kind, **{name: any_of(hint) for name, hint in get_type_hints(kind).items()})
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return st.one_of([any_of(part) for part in inner])
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(any_of(inner[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(any_of, inner))
    return st.from_type(kind)


def as_sent(attempt: Attempt) -> Attempt:
    """An attempt as JSON with exchanges carries it: a good one leaves its exchange and traceback at home."""
    return replace(attempt, exchange=None, traceback=None) if attempt.succeeded else attempt


@given(any_of(MonitoringData))
def test_round_trip(record: MonitoringData) -> None:
    """What went out as JSON text comes back the same, to the microsecond."""
    text = json.dumps(to_json(record, with_exchanges=True), allow_nan=False)
    assert from_json(json.loads(text)) == replace(record, attempts=tuple(map(as_sent, record.attempts)))


@given(any_of(MonitoringData), st.booleans(), st.sampled_from([math.nan, math.inf, 1e308, 1.23456789e-4]))
def test_stable(record: MonitoringData, with_exchanges: bool, odd: float) -> None:
    """Read and written again, JSON is the same, whatever the numbers were; it never holds NaN."""
    record = replace(record, performance=Performance(odd, odd), resources=ResourceUse(odd, 1))
    sent = to_json(record, with_exchanges=with_exchanges)
    text = json.dumps(sent, allow_nan=False)
    assert json.dumps(to_json(from_json(json.loads(text)), with_exchanges=with_exchanges)) == text


def record() -> MonitoringData:
    exchange = Exchange("POST", "https://x", (("accept", "*/*"),), "sent", (("server", "s"),), "received")
    phases = Phases(queue=0.0, wait=0.5)
    bad = Attempt(1, NOON, 1.5, phases, "server_error", status=500, traceback="Traceback", exchange=exchange)
    good = Attempt(2, NOON, 0.6, phases, "success", delay_before=1.0, status=200, exchange=exchange)
    return MonitoringData(
        id="id-1",
        timestamp=NOON.astimezone(timezone(timedelta(hours=9))),
        request_params=RequestParams(30, "female", 7, "stability_v2beta", "core", "a face"),
        performance=Performance(3.1234567, 0.0005),
        quality=Quality((QUALITY, ADHERENCE), False),
        errors=(RecordedError("server_error", "no", State.DOWN, "server_error", 500),),
        attempts=(bad, good),
        resources=ResourceUse(0.25, 90_000_000, 400, 300_000),
        image=ImageMetadata(
            *(
                "p",
                "core",
                "a face",
                "",
                None,
                None,
                7,
                "SUCCESS",
                None,
                8,
                9,
                "png",
                "ab",
                300,
                3.0,
                0.6,
                phases,
            )
        ),
        run_id="run-1",
    )


def test_names_of_the_specification() -> None:
    """The names the specification gives are there, in its places and units."""
    sent = to_json(record())
    assert sent["id"] == "id-1"
    assert sent["timestamp"] == "2026-03-01T12:00:00+00:00"
    assert sent["requestParams"]["age"] == 30
    assert sent["performance"] == {"responseTime": 3123.457, "overhead": 0.5}
    assert (sent["quality"]["qualityScore"], sent["quality"]["promptAdherence"]) == (pytest.approx(12.5), 0.9)
    assert sent["quality"]["weakest"] == "sharpness"
    assert sent["errors"][0]["errorType"] == "server_error"
    assert (sent["retryCount"], sent["runId"], sent["purpose"], sent["state"]) == (
        1,
        "run-1",
        "measure",
        "down",
    )
    assert (sent["image"]["sizeBytes"], sent["image"]["responseTime"]) == (300, 600.0)
    assert sent["resources"]["cpuSeconds"] == 0.25
    assert [attempt["duration"] for attempt in sent["attempts"]] == [1500.0, 600.0]
    assert sent["attempts"][1]["delayBefore"] == 1000.0


def test_camel_case_throughout() -> None:
    """No name of ours leaves in snake case."""

    def names(value: object) -> list[str]:
        if isinstance(value, dict):
            return [*value, *(name for item in value.values() for name in names(item))]
        return [name for item in value for name in names(item)] if isinstance(value, list) else []

    assert [name for name in names(to_json(record(), with_exchanges=True)) if "_" in name] == []


def test_exchanges_only_when_asked() -> None:
    """Requests, responses and tracebacks go out only when asked for, and only of failed attempts."""
    quiet = to_json(record())["attempts"]
    assert all("exchange" not in attempt and "traceback" not in attempt for attempt in quiet)
    bad, good = to_json(record(), with_exchanges=True)["attempts"]
    assert bad["exchange"]["responseBody"] == "received"
    assert bad["traceback"] == "Traceback"
    assert "exchange" not in good


def test_incomplete() -> None:
    """A member that is missing is named."""
    sent = to_json(record())
    del sent["performance"]
    with pytest.raises(KeyError, match="performance"):
        from_json(sent)
