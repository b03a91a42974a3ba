"""What is kept of a study, and what is said where nothing is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from facemon.calibrating.judging import Judged
from facemon.calibrating.labels import Labelled
from facemon.calibrating.study import Study, study
from facemon.calibrating.worth import counted, refusal, what_to_check, why_published
from facemon.evaluators.base import Answer
from facemon.evaluators.not_blank import NotBlank


def studied(*pictures: tuple[int | None, str | None], number: int = 1, said_age: float = 30) -> Study:
    """So many of each label, all seen as women of that age, with scores that differ."""
    judged = [
        Judged(
            Labelled(Path("a"), f"{place}.png", age, gender), 1, said_age, 0.1,
            {"not_blank": Answer(60 + place % 7, passed=True)},
        )
        for place, (age, gender) in enumerate(pictures * number)
    ]  # fmt: skip
    return study(judged, (NotBlank(),), "mine", date(2026, 3, 1))


@pytest.mark.parametrize(
    ("number", "label"), [(5, (30, "female")), (5, (30, None)), (5, (None, "female")), (59, (None, None))]
)
def test_one_part_is_worth_a_file(number: int, label: tuple[int | None, str | None]) -> None:
    """An error of age, one of gender, or thresholds, which need no labels."""
    assert refusal(studied(label, number=number)) is None


def test_too_few_are_told_how_many_more() -> None:
    """Of each part: what agrees, and how many pictures it still takes."""
    why = str(refusal(studied((30, "female"), (None, "female"), number=2)))
    assert "a labelled age (2 of 2 agree with it): 3 more that agree are needed" in why
    assert "a labelled gender (4 of 4 agree with it): 1 more that agree are needed" in why


@pytest.mark.parametrize("number", [3, 100])
def test_one_contradiction_refuses_all(number: int) -> None:
    """Also the thresholds and the other error, which nothing speaks against: nobody knows what is wrong there."""
    found = studied((30, "male"), number=number)
    why = str(refusal(found))
    assert why.startswith("the labels contradict the networks: ")
    assert f"in {number} of {number} pictures labelled male the network sees the other gender" in why
    assert "the labels contradict the networks: " in str(refusal(studied((70, "female"), number=number)))


def test_the_pictures_to_look_at_are_named() -> None:
    """Three of them with label and finding, and how many more there are; without any, what to add."""
    advice = what_to_check(studied((30, "male"), number=5))
    assert advice.count("is labelled 30, male, and the network says 30, female") == 3
    assert advice.endswith("and 2 more, which --json names")
    assert "more close portraits" in what_to_check(studied((30, "female")))


def test_no_face_is_the_first_reason() -> None:
    """Before any label: pictures of walls contradict nobody."""
    wall = Judged(Labelled(Path("a"), "a.png", 30, "male"), 0, None, None, {})
    found = study([wall] * 9, (), "mine", date(2026, 3, 1))
    assert refusal(found) == "in none of the pictures was exactly one face found"


def test_what_is_measured_needs_no_excuse() -> None:
    """No sentence where the calibration holds the measured error."""
    assert why_published("age", studied((30, "female"), number=5).trust_age) == ""


def test_one_picture_is_no_plural() -> None:
    """In sentences for people."""
    assert (counted(0), counted(1), counted(2)) == ("0 pictures", "1 picture", "2 pictures")
