"""What a folder of labelled pictures tells: each error with its interval, and the calibration that follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from facemon.calibrating.adjustable import adjustable
from facemon.calibrating.figures import AgeFigures, ScoreFigures
from facemon.calibrating.fitting import decade_of, fit_age, fit_gender, fit_threshold
from facemon.calibrating.judging import Judged
from facemon.calibrating.rate import Rate
from facemon.calibrating.trust import Trust, doubtful, trust_ages, trust_genders
from facemon.evaluators.base import Evaluator
from facemon.vision.calibration import DECADES, UNCALIBRATED, Calibration


@dataclass(frozen=True, slots=True)
class Study:
    """What each figure rests on is a number of pictures.

    detected: those with exactly one face, of those that decode; the rest is measured on these alone · age: of those
    with a labelled age · mistaken: by labelled gender, of those with that label · scores: of those that the evaluator
    could judge, with or without a label · trust_age, trust_gender: whether the calibration holds the error measured
    here, or the published one · doubtful: the pictures that do not agree with their label, each in words.
    """

    detected: Rate
    age: AgeFigures
    mistaken: dict[str, Rate]
    scores: dict[str, ScoreFigures]
    trust_age: Trust
    trust_gender: Trust
    doubtful: tuple[str, ...]
    calibration: Calibration

    def as_json(self) -> dict[str, Any]:
        """Every figure of the report; names no picture."""
        return {
            "detected": self.detected.as_json(),
            "age": {**self.age.as_json(), "labels": self.trust_age.as_json()},
            "gender_mistaken": {gender: rate.as_json() for gender, rate in self.mistaken.items()},
            "gender_labels": self.trust_gender.as_json(),
            "scores": {name: figures.as_json() for name, figures in self.scores.items()},
        }


def study(judged: Sequence[Judged], evaluators: Iterable[Evaluator], folder: str, day: date) -> Study:
    """The figures of all pictures that decode, and the calibration; folder: its name, for the source in words.

    An error that the labels cannot measure is the published one in the calibration.
    """
    faces = [one for one in judged if one.faces == 1]
    ages = _ages(faces)
    errors = [said - true for said, true in ages]
    mistaken = {gender: _mistaken(faces, gender) for gender in ("female", "male")}
    found = {evaluator.name: _scores(evaluator, faces) for evaluator in evaluators}
    scores = {name: figures for name, figures in found.items() if figures is not None}
    trust_age, trust_gender = trust_ages(errors), trust_genders(mistaken)
    wrong = trust_gender.agree.misses
    return Study(
        Rate(len(faces), len(judged)),
        AgeFigures(tuple(errors), _by_decade(ages)),
        mistaken,
        scores,
        trust_age,
        trust_gender,
        doubtful(faces),
        Calibration(
            f"{folder}: {len(faces)} of {len(judged)} pictures with exactly one face, {day}",
            fit_age([said for said, _ in ages], [true for _, true in ages])
            if trust_age.holds
            else UNCALIBRATED.age,
            fit_gender(wrong, trust_gender.agree.trials) if trust_gender.holds else UNCALIBRATED.gender_error,
            {name: figures.proposed for name, figures in scores.items() if figures.proposed},
        ),
    )


def _ages(faces: Sequence[Judged]) -> list[tuple[float, int]]:
    """Said and labelled age, of the pictures that have both."""
    pairs = [(one.said_age, one.labelled_age) for one in faces]
    return [(said, true) for said, true in pairs if said is not None and true is not None]


def _by_decade(ages: Sequence[tuple[float, int]]) -> dict[int, tuple[float, ...]]:
    found = {
        decade: tuple(said - true for said, true in ages if decade_of(said) == decade) for decade in DECADES
    }
    return {decade: errors for decade, errors in found.items() if errors}


def _mistaken(faces: Sequence[Judged], gender: str) -> Rate:
    known = [one.mistaken for one in faces if one.label.gender == gender and one.mistaken is not None]
    return Rate(sum(known), len(known))


def _scores(evaluator: Evaluator, faces: Sequence[Judged]) -> ScoreFigures | None:
    answers = [one.answers[evaluator.name] for one in faces if evaluator.name in one.answers]
    if not answers:
        return None
    scores = tuple(answer.score for answer in answers)
    proposed = fit_threshold(scores) if evaluator.name in adjustable() else None
    failed = Rate(sum(not answer.passed for answer in answers), len(answers))
    return ScoreFigures(failed, scores, evaluator.threshold, proposed)
