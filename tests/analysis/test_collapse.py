"""The verdict on a set, and its words."""

import pytest

from facemon.analysis.collapse import judge
from facemon.analysis.diversity import Diversity, NearDuplicate
from facemon.vision.calibration import Threshold
from facemon.vision.descriptors import ClassicalDescriptor


def found(score, pairs=()):
    """Ten pictures with this diversity score."""
    return Diversity(score, 1 + score * 9 / 100, 10, tuple(pairs), 102)


@pytest.mark.parametrize(
    ("score", "passed"),
    [
        (100, True),
        (ClassicalDescriptor.threshold.score, True),
        (ClassicalDescriptor.threshold.score - 0.1, False),
    ],
)
def test_the_score_decides(score, passed):
    """At the threshold a set passes, below it fails."""
    verdict = judge(found(score))
    assert verdict.passed is passed and bool(verdict.reason) is not passed


def test_one_pair_is_enough():
    """A set full of people fails by two that are one picture: its names and bits are the evidence."""
    verdict = judge(found(97, [NearDuplicate("seed 3", "seed 8", 4)]))
    assert not verdict.passed
    assert verdict.reason == (
        "9.7 effective people in 10 pictures; the same picture (at most 102 bits apart): seed 3 = seed 8 (4)"
    )


def test_few_people_are_said_in_figures():
    """How many people of how many, the score and what was expected."""
    assert judge(found(20)).reason == (
        "2.8 effective people in 10 pictures (diversity of 20, at least 50 expected)"
    )


def test_a_long_list_is_cut_short():
    """Five pairs are named, the others counted."""
    reason = judge(found(0, [NearDuplicate("a", str(place), 0) for place in range(45)])).reason
    assert reason.endswith("a = 3 (0), a = 4 (0) and 40 more")


def test_a_threshold_of_the_users_own():
    """Another threshold replaces the published one and stays with the verdict."""
    own = Threshold(90, "our portraits")
    verdict = judge(found(80), own)
    assert not verdict.passed and verdict.threshold is own


def test_pictures_of_nobody_are_no_people():
    """Where more pictures show nobody than somebody the set fails, whoever is on the rest; the reason names one."""
    nobody = tuple((f"seed {number}", "no face was found") for number in range(3))
    few, enough = (Diversity(100.0, people, int(people), (), 100, nobody) for people in (2.0, 3.0))
    assert judge(enough).passed
    assert not judge(few).passed and "seed 0: no face was found" in judge(few).reason
