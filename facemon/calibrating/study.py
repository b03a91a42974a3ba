"""What a folder of labelled pictures tells: each error with its interval, and the calibration that follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from facemon.calibrating.adjustable import adjustable
from facemon.calibrating.fitting import decade_of, fit_age, fit_gender, fit_threshold, mean_interval
from facemon.calibrating.judging import Judged
from facemon.evaluators.base import Evaluator, Threshold
from facemon.slo.intervals import rate_bounds
from facemon.vision.calibration import DECADES, Calibration

_TAIL = 0.975  # one-sided, to either side: an interval at 95 %


@dataclass(frozen=True, slots=True)
class Rate:
    """hits of trials."""

    hits: int
    trials: int

    def as_json(self) -> dict[str, Any]:
        """With its 95 % interval (Clopper and Pearson)."""
        low, high = self.bounds
        return {"hits": self.hits, "of": self.trials, "low": low, "high": high}

    @property
    def bounds(self) -> tuple[float, float]:
        """The two-sided 95 % interval; 0 and 1 without a trial."""
        return rate_bounds(self.hits, self.trials, _TAIL)


@dataclass(frozen=True, slots=True)
class AgeFigures:
    """errors: said - labelled age of each face, in years · by_decade: the same, by decade of what was said."""

    errors: tuple[float, ...]
    by_decade: dict[int, tuple[float, ...]]

    def as_json(self) -> dict[str, Any]:
        """Mean absolute error with its 95 % interval (bootstrap; null below 10 faces), and each decade's bias."""
        absolute = np.abs(self.errors).tolist()
        return {
            "faces": len(self.errors),
            "mean_absolute_error": float(np.mean(absolute)) if absolute else None,
            "interval": mean_interval(absolute),
            "bias": float(np.mean(self.errors)) if absolute else None,
            "bias_by_decade": {
                str(decade): {"faces": len(errors), "bias": float(np.mean(errors))}
                for decade, errors in self.by_decade.items()
            },
        }


@dataclass(frozen=True, slots=True)
class ScoreFigures:
    """One evaluator on the pictures with one face; failed: below the threshold that holds without calibration."""

    failed: Rate
    scores: tuple[float, ...]
    threshold: Threshold | None
    proposed: Threshold | None

    def as_json(self) -> dict[str, Any]:
        """The distribution of the scores, and both thresholds."""
        lowest, first, middle = np.percentile(self.scores, [0, 1, 50], method="lower").tolist()
        return {
            "failed": self.failed.as_json(),
            "lowest": lowest,
            "percentile_1": first,
            "median": middle,
            "threshold": self.threshold and self.threshold.score,
            "proposed": self.proposed and self.proposed.score,
        }


@dataclass(frozen=True, slots=True)
class Study:
    """detected: pictures with exactly one face among those that decode · mistaken: by labelled gender."""

    detected: Rate
    age: AgeFigures
    mistaken: dict[str, Rate]
    scores: dict[str, ScoreFigures]
    calibration: Calibration

    def as_json(self) -> dict[str, Any]:
        """Every figure of the report."""
        return {
            "detected": self.detected.as_json(),
            "age": self.age.as_json(),
            "gender_mistaken": {gender: rate.as_json() for gender, rate in self.mistaken.items()},
            "scores": {name: figures.as_json() for name, figures in self.scores.items()},
        }


def study(judged: Sequence[Judged], evaluators: Iterable[Evaluator], folder: str, day: date) -> Study:
    """The figures of all pictures that decode, and the calibration; folder: its name, for the source in words."""
    faces = [one for one in judged if one.faces == 1]
    pairs = [(one.said_age, _oldest(one.label.age)) for one in faces]
    ages = [(said, true) for said, true in pairs if said is not None and true is not None]
    errors = [(decade_of(said), said - true) for said, true in ages]
    mistaken = {gender: _mistaken(faces, gender) for gender in ("female", "male")}
    found = {evaluator.name: _scores(evaluator, faces) for evaluator in evaluators}
    scores = {name: figures for name, figures in found.items() if figures is not None}
    calibration = Calibration(
        f"{folder}: {len(faces)} labelled pictures, {day}",
        fit_age([said for said, _ in ages], [true for _, true in ages]),
        fit_gender(
            sum(rate.hits for rate in mistaken.values()), sum(rate.trials for rate in mistaken.values())
        ),
        {name: figures.proposed for name, figures in scores.items() if figures.proposed},
    )
    by_decade = {
        decade: tuple(error for said, error in errors if said == decade)
        for decade in DECADES
        if any(said == decade for said, _ in errors)
    }
    figures = AgeFigures(tuple(error for _, error in errors), by_decade)
    return Study(Rate(len(faces), len(judged)), figures, mistaken, scores, calibration)


def _oldest(age: int | None) -> int | None:
    # The network's last year means that age and all above it.
    return None if age is None else min(age, DECADES[-1])


def _mistaken(faces: Sequence[Judged], gender: str) -> Rate:
    said = [one.said_male for one in faces if one.label.gender == gender and one.said_male is not None]
    return Rate(sum((male >= 0.5) != (gender == "male") for male in said), len(said))


def _scores(evaluator: Evaluator, faces: Sequence[Judged]) -> ScoreFigures | None:
    answers = [one.answers[evaluator.name] for one in faces if evaluator.name in one.answers]
    if not answers:
        return None
    scores = tuple(answer.score for answer in answers)
    proposed = fit_threshold(scores) if evaluator.name in adjustable() else None
    failed = Rate(sum(not answer.passed for answer in answers), len(answers))
    return ScoreFigures(failed, scores, evaluator.threshold, proposed)
