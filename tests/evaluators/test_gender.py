"""The gender: what fails, and what is only doubt."""

from __future__ import annotations

from itertools import pairwise

import pytest

from facemon.evaluators.base import Asked
from facemon.evaluators.gender import Gender
from tests.evaluators.person import ask


@pytest.mark.parametrize("asked", ["male", "female"])
def test_the_other_gender_fails_and_doubt_does_not(asked: str) -> None:
    """The score falls with the probability; it fails where the other gender is at least four times likelier."""
    answers = [
        ask(Gender, 40, sure if asked == "male" else 1 - sure, Asked(gender=asked))
        for sure in (1, 0.9, 0.5, 0.3, 0.15, 0)
    ]
    assert [answer.passed for answer in answers] == [True, True, True, True, False, False]
    assert all(later.score < earlier.score for earlier, later in pairwise(answers))
    assert [answers[place].raw for place in (0, 2, 5)] == pytest.approx([0.973, 0.5, 0.027])
    other = "female" if asked == "male" else "male"
    assert answers[-1].reason == f"looks {other} (probability 0.97), where {asked} was asked for"
