"""A record as JSON that leaves the process: the specification's names, in camelCase.

Every duration is in milliseconds (as the specification's `responseTime` is), rounded to the microsecond, except
`cpuSeconds`, which says what it is. A number that is not finite is null: JSON has none. `state`, `succeeded`,
`retryCount`, `quality.qualityScore` and the like follow from the rest, and are ignored when read back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

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

Json = dict[str, Any]


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def _spellings(kind: type, *without: str) -> dict[str, str]:
    """Field name → its spelling in JSON, for the fields that are carried as they are."""
    return {field.name: _camel(field.name) for field in fields(kind) if field.name not in without}


_PARAMS = _spellings(RequestParams)
_SCORE = _spellings(Score, "verdict")
_ERROR = _spellings(RecordedError, "state")
_RESOURCES = _spellings(ResourceUse)
_IMAGE = _spellings(ImageMetadata, "phases", "response_time")
_ATTEMPT = _spellings(Attempt, "phases", "exchange", "started_at", "duration", "delay_before")
_EXCHANGE = _spellings(Exchange)


def to_json(record: MonitoringData, *, with_exchanges: bool = False) -> Json:
    """A record as `json.dumps` takes it; timestamps are ISO 8601 in UTC.

    with_exchanges: failed attempts carry their request and response (as redacted in the record) and traceback.
    """
    quality = record.quality
    return {
        "id": record.id,
        "timestamp": _moment(record.timestamp),
        "runId": record.run_id,
        "purpose": record.purpose,
        "check": record.check,
        "state": record.state.value,
        "succeeded": record.succeeded,
        "firstAttemptSucceeded": record.first_attempt_succeeded,
        "retryCount": record.retry_count,
        "requestParams": _put(record.request_params, _PARAMS),
        "performance": {
            "responseTime": _ms(record.performance.response_time),
            "overhead": _ms(record.performance.overhead),
        },
        "quality": {
            "qualityScore": _finite(quality.quality_score),
            "weakest": quality.weakest.evaluator if quality.weakest else None,
            "promptAdherence": _finite(quality.prompt_adherence),
            "diversityScore": _finite(quality.diversity_score),
            "pending": quality.pending,
            "scores": [{**_put(score, _SCORE), "verdict": score.verdict.value} for score in quality.scores],
        },
        "errors": [{**_put(error, _ERROR), "state": error.state.value} for error in record.errors],
        "attempts": [_attempt(attempt, with_exchanges) for attempt in record.attempts],
        "resources": _put(record.resources, _RESOURCES),
        "image": _image(record.image),
    }


def from_json(data: Mapping[str, Any]) -> MonitoringData:
    """The record of a JSON object that `to_json` made; what it left out is None.

    Raises KeyError for a missing member and ValueError for a value that is none of ours.
    """
    quality = data["quality"]
    return MonitoringData(
        id=data["id"],
        timestamp=datetime.fromisoformat(data["timestamp"]),
        request_params=RequestParams(**_take(data["requestParams"], _PARAMS)),
        performance=Performance(
            _known_seconds(data["performance"]["responseTime"]), _seconds(data["performance"]["overhead"])
        ),
        quality=Quality(
            tuple(_score_from(score) for score in quality["scores"]),
            quality["pending"],
            quality["diversityScore"],
        ),
        errors=tuple(_error_from(error) for error in data["errors"]),
        attempts=tuple(_attempt_from(attempt) for attempt in data["attempts"]),
        resources=ResourceUse(**_take(data["resources"], _RESOURCES)),
        image=_image_from(data["image"]),
        run_id=data["runId"],
        purpose=data["purpose"],
        check=data["check"],
    )


def _attempt(attempt: Attempt, with_exchanges: bool) -> Json:
    found = {
        **_put(attempt, _ATTEMPT),
        "startedAt": _moment(attempt.started_at),
        "duration": _ms(attempt.duration),
        "delayBefore": _ms(attempt.delay_before),
        "phases": _phases(attempt.phases),
    }
    traceback = found.pop("traceback")
    if with_exchanges and not attempt.succeeded:
        found["traceback"] = traceback
        found["exchange"] = _put(attempt.exchange, _EXCHANGE) if attempt.exchange else None
    return found


def _attempt_from(data: Mapping[str, Any]) -> Attempt:
    exchange = data.get("exchange")
    return Attempt(
        **_take({"traceback": None, **data}, _ATTEMPT),
        started_at=datetime.fromisoformat(data["startedAt"]),
        duration=_known_seconds(data["duration"]),
        delay_before=_known_seconds(data["delayBefore"]),
        phases=_phases_from(data["phases"]),
        exchange=None if exchange is None else _exchange_from(exchange),
    )


def _exchange_from(data: Mapping[str, Any]) -> Exchange:
    values: Json = {
        name: tuple((key, text) for key, text in value) if isinstance(value, (list, tuple)) else value
        for name, value in _take(data, _EXCHANGE).items()
    }
    return Exchange(**values)


def _image(image: ImageMetadata | None) -> Json | None:
    if image is None:
        return None
    return {
        **_put(image, _IMAGE),
        "responseTime": _ms(image.response_time),
        "phases": _phases(image.phases),
    }


def _image_from(data: Mapping[str, Any] | None) -> ImageMetadata | None:
    if data is None:
        return None
    return ImageMetadata(
        **_take(data, _IMAGE),
        response_time=_known_seconds(data["responseTime"]),
        phases=_phases_from(data["phases"]),
    )


def _score_from(data: Mapping[str, Any]) -> Score:
    return Score(**_take(data, _SCORE), verdict=ScoreVerdict(data["verdict"]))


def _error_from(data: Mapping[str, Any]) -> RecordedError:
    return RecordedError(**_take(data, _ERROR), state=State(data["state"]))


def _phases(phases: Phases) -> Json:
    return {field.name: _ms(getattr(phases, field.name)) for field in fields(Phases)}


def _phases_from(data: Mapping[str, Any]) -> Phases:
    return Phases(**{name: _seconds(value) for name, value in data.items()})


def _put(thing: object, spellings: Mapping[str, str]) -> Json:
    return {spelling: _finite(getattr(thing, name)) for name, spelling in spellings.items()}


def _take(data: Mapping[str, Any], spellings: Mapping[str, str]) -> Json:
    return {name: data[spelling] for name, spelling in spellings.items()}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None or not math.isfinite(seconds * 1000) else round(seconds * 1000, 3)


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds / 1000, 6)


def _known_seconds(milliseconds: float | None) -> float:
    return math.nan if milliseconds is None else round(milliseconds / 1000, 6)


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
