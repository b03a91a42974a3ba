"""From judged pictures to figures: what is counted, with which interval, and what follows from it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from facemon.calibrating.adjustable import adjustable
from facemon.calibrating.file import load, save
from facemon.calibrating.judging import Judged
from facemon.calibrating.labels import Labelled
from facemon.calibrating.rate import Rate
from facemon.calibrating.study import Study, study
from facemon.evaluators import EVALUATORS as ALL
from facemon.evaluators.age import Age
from facemon.evaluators.background import Background
from facemon.evaluators.base import Answer, Question
from facemon.evaluators.decodes import Decodes
from facemon.evaluators.face_count import FaceCount
from facemon.evaluators.gender import Gender
from facemon.evaluators.illumination import Illumination
from facemon.evaluators.natural_colour import NaturalColour
from facemon.evaluators.not_blank import NotBlank
from facemon.evaluators.not_blurred import NotBlurred
from facemon.evaluators.ofiq import Ofiq
from facemon.vision.calibration import UNCALIBRATED

EVALUATORS = (Age(), Gender(), NotBlank(), NotBlurred())
DAY = date(2026, 3, 1)


class Named(Question):
    """Another evaluator's name and threshold, without its models."""

    def __init__(self, kind: type[Question]) -> None:
        self.name = kind.name  # type: ignore[misc]
        self.threshold = kind.default_threshold


def judged(
    age: int | None = 30,
    gender: str | None = "female",
    *,
    faces: int = 1,
    said_age: float = 30,
    said_male: float = 0.1,
    scores: dict[str, float] | None = None,
) -> Judged:
    """One judged picture; a score fails below 20."""
    label = Labelled(Path("a.png"), "a.png", age, gender)
    answers = {name: Answer(score, passed=score >= 20) for name, score in (scores or {}).items()}
    one = faces == 1
    return Judged(label, faces, said_age if one else None, said_male if one else None, answers)


def studied(pictures: list[Judged]) -> Study:
    """The study of a folder called `mine`."""
    return study(pictures, EVALUATORS, "mine", DAY)


def test_detection_counts_pictures_with_exactly_one_face() -> None:
    """None and two are both missed, and nothing else is learned from them."""
    found = studied(
        [judged(), judged(faces=0, scores={"not_blank": 5}), judged(faces=2), judged(said_age=40)]
    )
    assert found.detected == Rate(2, 4)
    assert found.age.errors == (0, 10)
    assert not found.scores


def test_age_errors_are_listed_by_what_was_said() -> None:
    """Said minus labelled, by decade of the answer; a label above 80 is 80, the network's last year."""
    pictures = [judged(20, said_age=24), judged(28, said_age=25), judged(95, said_age=79), judged(None)]
    figures = studied(pictures).age
    assert figures.errors == (4, -3, -1)
    assert figures.by_decade == {20: (4, -3), 70: (-1,)}
    known = figures.as_json()
    assert (known["pictures"], known["interval"]) == (3, None)
    assert known["mean_absolute_error"] == pytest.approx(8 / 3)
    assert known["bias_by_decade"] == {
        "20": {"pictures": 2, "bias": 0.5},
        "70": {"pictures": 1, "bias": -1},
    }


def test_genders_are_confused_one_way_or_the_other() -> None:
    """Each labelled gender has its own rate; a face without a label is in none."""
    pictures = [
        *[judged(gender="female", said_male=0.1)] * 3,
        judged(gender="female", said_male=0.5),
        *[judged(gender="male", said_male=0.9)] * 4,
        judged(gender=None, said_male=0.9),
    ]
    found = studied(pictures)
    assert found.mistaken == {"female": Rate(1, 4), "male": Rate(0, 4)}
    assert found.calibration.gender_error == pytest.approx((1 + 1) / (8 + 1 / 0.027))


def test_scores_of_good_pictures_give_thresholds() -> None:
    """59 with one face and a score; fails and thresholds of today stand beside what is proposed."""
    pictures = [judged(scores={"not_blank": 50 + place, "not_blurred": 30 + place}) for place in range(59)]
    pictures[0] = judged(scores={"not_blank": 10})
    found = studied(pictures)
    figures = found.scores["not_blank"]
    assert figures.failed == Rate(1, 59)
    assert figures.threshold == NotBlank().threshold
    assert figures.proposed == found.calibration.thresholds["not_blank"]
    assert figures.proposed is not None
    assert figures.proposed.score == 8
    assert set(found.calibration.thresholds) == {"not_blank"}  # of not_blurred there are 58
    known = figures.as_json()
    assert known["pictures"] == known["failed"]["of"] == 59
    assert [known[name] for name in ("lowest", "percentile_1", "median")] == [10, 10, 79]


def test_what_follows_from_the_measured_errors_gets_no_percentile() -> None:
    """Age and gender are corrected by their errors; a threshold from the same pictures would count those twice."""
    pictures = [judged(scores={"age": 30, "gender": 90 + place / 10}) for place in range(99)]
    assert not studied(pictures).calibration.thresholds


@pytest.mark.parametrize("kind", [Background, Illumination, NaturalColour, Ofiq, FaceCount, Decodes])
def test_what_informs_or_answers_yes_or_no_stays_as_it_is(kind: type[Question]) -> None:
    """Good pictures are no evidence that a lower score is bad: a restless wall never fails by a calibration."""
    pictures = [judged(scores={kind.name: 50 + place / 10}) for place in range(99)]
    evaluator = Named(kind)
    found = study(pictures, (evaluator, NotBlank()), "mine", DAY)
    assert not found.calibration.thresholds
    assert found.scores[kind.name].proposed is None
    assert found.scores[kind.name].as_json()["median"] == 54.9


def test_what_is_proposed_is_what_a_file_may_hold(tmp_path: Path) -> None:
    """Of all evaluators, with scores that spread: the proposals are `adjustable`, and are read again."""
    every = tuple(Named(kind) for kind in ALL.values())
    pictures = [judged(scores=dict.fromkeys(ALL, 50 + place / 10)) for place in range(99)]
    calibration = study(pictures, every, "mine", DAY).calibration
    assert tuple(calibration.thresholds) == adjustable()
    assert {"not_blank", "sharpness", "pose", "safety"} <= set(adjustable())
    save(tmp_path / "mine.json", calibration, {})
    assert load(tmp_path / "mine.json") == calibration


def test_the_source_is_told_in_words() -> None:
    """Folder without its path, pictures with exactly one face of those that decode, day."""
    source = studied([judged(), judged(faces=0)]).calibration.source
    assert source == "mine: 1 of 2 pictures with exactly one face, 2026-03-01"


def test_portraits_without_a_label_count_where_none_is_needed() -> None:
    """In the detection and in the scores; the errors rest on those with that label, and say on how many."""
    scores = {"not_blank": 50.0}
    pictures = [
        judged(scores=scores), judged(None, scores=scores), judged(None, None, scores=scores), judged(faces=2),
    ]  # fmt: skip
    found = studied(pictures)
    known = found.as_json()
    assert (known["detected"]["hits"], known["detected"]["of"]) == (3, 4)
    assert known["scores"]["not_blank"]["pictures"] == 3
    assert (known["age"]["pictures"], known["age"]["labels"]["agree"]["of"]) == (1, 1)
    assert known["gender_labels"]["agree"]["of"] == 2


def test_three_wrong_labels_calibrate_nothing() -> None:
    """The networks contradict all of them: both errors stay as they are published."""
    found = studied([judged(70, "male", said_age=22, said_male=0.01)] * 3)
    assert found.trust_age.contradiction and found.trust_gender.contradiction
    assert found.calibration.age is UNCALIBRATED.age
    assert found.calibration.gender_error == UNCALIBRATED.gender_error
    assert len(found.doubtful) == 3


def test_an_error_is_measured_from_five_pictures_on() -> None:
    """With four that agree the published one stays; each error by its own labels."""
    four = studied([judged(said_age=34)] * 4 + [judged(None)])
    assert (four.trust_age.missing, four.calibration.age) == (1, UNCALIBRATED.age)
    assert four.trust_gender.holds
    assert four.calibration.gender_error == pytest.approx(1 / (5 + 1 / 0.027))
    five = studied([judged(said_age=34)] * 5)
    assert five.calibration.age.bias[30] == pytest.approx((20 + 10 * 20 / 15) / 15)


@pytest.mark.parametrize(
    "pictures", [[], [judged(faces=0)], [judged(None, None)], [judged(scores={"not_blank": 0})]]
)
def test_little_is_no_obstacle(pictures: list[Judged]) -> None:
    """No picture, no face, no label, one picture: figures that JSON can hold, and the published errors."""
    found = studied(pictures)
    json.dumps(found.as_json(), allow_nan=False)
    assert found.calibration.age is UNCALIBRATED.age
    assert found.calibration.gender_error == UNCALIBRATED.gender_error
