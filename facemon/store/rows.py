"""A record as rows, and rows as a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
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
from facemon.store.runs import Run

Row = dict[str, Any]


def _names(kind: type, *without: str) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name not in without)


_PARAMS = _names(RequestParams)
_RESOURCES = _names(ResourceUse)
_ERROR = _names(RecordedError)
_IMAGE = _names(ImageMetadata, "phases")
_ATTEMPT = _names(Attempt, "phases", "exchange")
_PHASES = _names(Phases)
_EXCHANGE = _names(Exchange)
_SCORE = _names(Score)
_RUN = _names(Run)
_LARGEST = 2**63 - 1
_BLANK = MonitoringData(
    "",
    datetime(1970, 1, 1, tzinfo=UTC),
    RequestParams(),
    Performance(0.0),
    Quality(),
    (),
    (),
    ResourceUse(0.0, 0),
)


def _pick(thing: object, names: Iterable[str]) -> Row:
    return {name: getattr(thing, name) for name in names}


def record_row(record: MonitoringData) -> Row:
    """The row of `records`."""
    image, quality = record.image, record.quality
    row = {
        "id": record.id,
        "timestamp": record.timestamp,
        "run_id": record.run_id,
        "purpose": record.purpose,
        "check_name": record.check,
        **_pick(record.request_params, _PARAMS),
        "response_time": record.performance.response_time,
        "overhead": record.performance.overhead,
        "retry_count": record.retry_count,
        "diversity_score": quality.diversity_score,
        "credits": image.credits if image else None,
        "sha256": image.sha256 if image else None,
        "size_bytes": image.size_bytes if image else None,
        **_pick(record.resources, _RESOURCES),
        "errors": [_pick(error, _ERROR) for error in record.errors] or None,
        "image": {**_pick(image, _IMAGE), "phases": _pick(image.phases, _PHASES)} if image else None,
        "extra": None,
        **judged_columns(record),
    }
    seed = row["seed"]
    if isinstance(seed, int) and abs(seed) > _LARGEST:
        # A check of refusals may send a seed that no column holds; JSON has no limit.
        row["seed"], row["extra"] = None, {"seed": seed}
    return row


def judged_columns(record: MonitoringData) -> Row:
    """The columns of `records` that late scores change."""
    errors, types = record.errors, record.error_types
    return {
        "state": record.state.value,
        # The error it ended with; a late one (a picture that does not decode) only where there was none.
        "error_type": errors[-1].error_type if errors else (types[-1] if types else None),
        "quality_score": record.quality.quality_score,
        "prompt_adherence": record.quality.prompt_adherence,
        "pending": record.quality.pending,
    }


def rejudged_columns(errors: Sequence[Row] | None, scores: Iterable[Mapping[str, Any]]) -> Row:
    """The same columns, from a row's `errors` and all its scores, oldest first. The rules stay in the model: it is
    asked about a record that is blank but for these.
    """
    return judged_columns(replace(_BLANK, errors=_errors(errors), quality=Quality(_view(scores))))


def attempt_rows(record: MonitoringData) -> list[Row]:
    """The rows of `attempts`."""
    return [
        {
            "record_id": record.id,
            "position": position,
            **_pick(attempt, _ATTEMPT),
            **_pick(attempt.phases, _PHASES),
            "exchange": _pick(attempt.exchange, _EXCHANGE) if attempt.exchange else None,
        }
        for position, attempt in enumerate(record.attempts)
    ]


def score_rows(record_id: str, scores: Iterable[Score]) -> list[Row]:
    """The rows of `scores`."""
    return [
        {"record_id": record_id, **_pick(score, _SCORE), "verdict": score.verdict.value} for score in scores
    ]


def run_row(run: Run) -> Row:
    """The row of `runs`."""
    return {**_pick(run, _RUN), "summary": dict(run.summary)}


def record_from(
    row: Mapping[str, Any], attempts: Sequence[Mapping[str, Any]], scores: Sequence[Mapping[str, Any]]
) -> MonitoringData:
    """The record again. attempts: in their order · scores: oldest first; of one evaluator the latest counts."""
    return MonitoringData(
        id=row["id"],
        timestamp=row["timestamp"],
        request_params=RequestParams(**{name: row[name] for name in _PARAMS} | (row["extra"] or {})),
        performance=Performance(row["response_time"], row["overhead"]),
        quality=Quality(_view(scores), row["pending"], row["diversity_score"]),
        errors=_errors(row["errors"]),
        attempts=tuple(_attempt(attempt) for attempt in attempts),
        resources=ResourceUse(**{name: row[name] for name in _RESOURCES}),
        image=_image(row["image"]),
        run_id=row["run_id"],
        purpose=row["purpose"],
        check=row["check_name"],
    )


def run_from(row: Mapping[Any, Any]) -> Run:
    """The run again."""
    return Run(**{name: row[name] for name in _RUN})


def _view(scores: Iterable[Mapping[str, Any]]) -> tuple[Score, ...]:
    latest = {row["evaluator"]: row for row in scores}
    return tuple(
        Score(**{name: row[name] for name in _SCORE} | {"verdict": ScoreVerdict(row["verdict"])})
        for row in latest.values()
    )


def _errors(items: Sequence[Row] | None) -> tuple[RecordedError, ...]:
    return tuple(RecordedError(**{**item, "state": State(item["state"])}) for item in items or ())


def _attempt(row: Mapping[str, Any]) -> Attempt:
    return Attempt(
        **{name: row[name] for name in _ATTEMPT},
        phases=Phases(**{name: row[name] for name in _PHASES}),
        exchange=_exchange(row["exchange"]),
    )


def _exchange(data: Mapping[str, Any] | None) -> Exchange | None:
    if data is None:
        return None
    values: Row = {name: _pairs(value) if isinstance(value, list) else value for name, value in data.items()}
    return Exchange(**values)


def _pairs(items: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in items)


def _image(data: Mapping[str, Any] | None) -> ImageMetadata | None:
    if data is None:
        return None
    return ImageMetadata(**{**data, "phases": Phases(**data["phases"])})
