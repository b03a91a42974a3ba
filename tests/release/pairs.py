"""Records for tests of the gate: only what a comparison reads is told from one to the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import numpy as np

from facemon.model import (
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
from facemon.release.looks import Look, Looked, Pair

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
PICTURE = ImageMetadata(
    "stability_v2beta", "core", "", "", None, None, 7, "SUCCESS", None, 1536, 1536, "png", "", 1, 3.0, 1.0, Phases()
)  # fmt: skip


def record(
    seconds: float = 1.0,
    *,
    quality: float | None = 90.0,
    adherence: float | None = 0.8,
    sound: bool = True,
    price: float = 3.0,
) -> MonitoringData:
    """A picture came. quality, adherence None: the evaluator could not judge it."""
    verdict = ScoreVerdict.PASSED if sound else ScoreVerdict.FAILED
    scores = (
        _score("sharpness", quality, verdict, weight=1.0),
        _score("prompt_adherence", adherence, ScoreVerdict.PASSED),
    )
    return MonitoringData(
        "one",
        MOMENT,
        RequestParams(30, "female", 7),
        Performance(seconds),
        Quality(scores),
        (),
        (),
        ResourceUse(0.0, 0),
        replace(PICTURE, credits=price),
    )


def failed(state: State = State.DOWN, cause: str = "server_error") -> MonitoringData:
    """No picture came."""
    error = RecordedError("server_error", "sorry", state, cause)
    return replace(record(), errors=(error,), image=None, quality=Quality())


def pairs(count: int, baseline: MonitoringData, candidate: MonitoringData) -> list[Pair]:
    """The same two answers to so many faces."""
    return [pair(seed, baseline, candidate) for seed in range(1, count + 1)]


def pair(seed: int, baseline: MonitoringData, candidate: MonitoringData) -> Pair:
    """The face of a seed, asked of both; where a picture came, the person of that seed is on it."""
    old, new = (
        replace(answer, request_params=replace(answer.request_params, seed=seed))
        for answer in (baseline, candidate)
    )
    looks: tuple[Looked, Looked] = (
        person(seed) if old.succeeded else None,
        person(seed) if new.succeeded else None,
    )
    return Pair(old, new, looks)


@cache
def person(number: int) -> Look:
    """Somebody whom nobody else resembles."""
    chance = np.random.default_rng(number)
    vector = chance.standard_normal(64)
    return Look(vector / np.linalg.norm(vector), chance.random(1024) < 0.5, 0.15)


def _score(name: str, value: float | None, verdict: ScoreVerdict, weight: float = 0.0) -> Score:
    if value is None:
        return Score(name, "1", ScoreVerdict.UNSCORED, reason="no model", weight=weight)
    return Score(name, "1", verdict, value, value, weight=weight)
