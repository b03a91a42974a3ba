"""Labels against networks, by raw counts: when they hold, when there are too few, when they contradict."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.calibrating.judging import Judged
from facemon.calibrating.labels import Labelled
from facemon.calibrating.rate import Rate
from facemon.calibrating.trust import FEWEST, Trust, doubtful, missing, trust_ages, trust_genders
from facemon.slo.intervals import rate_bounds


def genders(agree: int, of: int) -> Trust:
    """The verdict on so many women of whom so many are seen as women."""
    return trust_genders({"female": Rate(of - agree, of), "male": Rate(0, 0)})


@pytest.mark.parametrize(
    ("agree", "of", "more"), [(0, 0, 5), (4, 4, 1), (5, 5, 0), (6, 7, 1), (7, 8, 0), (9, 11, 0)]
)
def test_five_that_agree_are_the_fewest(agree: int, of: int, more: int) -> None:
    """0.5^5 = 0.03 is below 0.05, 0.5^4 is not; with one mistake it takes 8, with two 11."""
    assert missing(Rate(agree, of)) == more
    assert 0.5**FEWEST < 0.05 < 0.5 ** (FEWEST - 1)


@given(st.integers(0, 40), st.integers(0, 40))
def test_what_is_missing_is_enough_and_no_more(agree: int, others: int) -> None:
    """With that many more the lower bound lies above a half; with one less it does not."""
    more = missing(Rate(agree, agree + others))
    assert rate_bounds(agree + more, agree + more + others)[0] > 0.5
    assert not more or rate_bounds(agree + more - 1, agree + more - 1 + others)[0] <= 0.5


@pytest.mark.parametrize("number", [3, 4, 5, 200])
def test_labels_that_are_all_wrong_are_contradicted(number: int) -> None:
    """From three pictures on, of either kind: what was measured is not drawn towards anything first."""
    assert genders(0, number).contradiction is not None
    assert trust_ages([30.0] * number).contradiction is not None
    assert not genders(0, number).holds and not trust_ages([30.0] * number).holds


@pytest.mark.parametrize("number", [1, 2])
def test_one_or_two_wrong_ones_are_too_few_to_say(number: int) -> None:
    """A network that is right in three of four cases errs twice in a row once in 16 times: nothing is measured."""
    for trust in (genders(0, number), trust_ages([30.0] * number)):
        assert trust.contradiction is None
        assert trust.missing > 5
        assert not trust.holds


def test_labels_dealt_out_blindly_are_contradicted() -> None:
    """Half of the genders; each of the ages 20, 30, … 70 said for each one labelled: 16 of 36 within ten years."""
    assert genders(50, 100).contradiction is not None
    ages = range(20, 80, 10)
    trust = trust_ages([float(said - true) for said in ages for true in ages])
    assert trust.agree == Rate(16, 36)
    assert trust.contradiction == "in 20 of 36 pictures the age is more than 10 years from its label"


@pytest.mark.parametrize(
    ("agree", "of", "contradicted"), [(5, 10, True), (2, 5, True), (6, 11, False), (1, 4, False)]
)
def test_no_more_than_half_of_five_is_a_contradiction(agree: int, of: int, contradicted: bool) -> None:
    """Exactly half is no better than guessing; of four that could be chance."""
    trust = trust_ages([0.0] * agree + [20.0] * (of - agree))
    assert (trust.contradiction is not None) is contradicted
    assert not trust.holds


def test_more_than_a_quarter_mistaken_is_too_much() -> None:
    """Raw: 26 of 100 are refused, where an estimate drawn towards the published 2.7 % would be below a quarter."""
    assert genders(75, 100).holds
    assert (
        genders(74, 100).contradiction
        == "in 26 of 100 pictures the network sees another gender than the label's"
    )


def test_one_gender_can_be_wrong_by_itself() -> None:
    """Forty women who are right do not hide five men of six who are not; a single man may be the network's mistake."""
    trust = trust_genders({"female": Rate(0, 40), "male": Rate(5, 6)})
    assert trust.contradiction == "in 5 of 6 pictures labelled male the network sees the other gender"
    assert trust_genders({"female": Rate(0, 40), "male": Rate(1, 1)}).holds


def test_a_few_ages_far_off_are_too_much() -> None:
    """Seven of ten agree, and the others are 60 years off: 33 years in the root mean square, 25 can be used."""
    trust = trust_ages([0.0] * 70 + [60.0] * 30)
    assert trust.contradiction == "the ages are 33 years from their labels, at most 25 is usable"
    assert trust_ages([0.0] * 97 + [60.0] * 3).holds


def test_ten_years_agree_and_no_more() -> None:
    """The step between the ages that are painted, to either side."""
    assert trust_ages([10.0, -10.0, 10.1, -10.1]).agree == Rate(2, 4)


def test_a_verdict_for_a_program() -> None:
    """The counts, the reason, and how many are missing."""
    known = genders(4, 4).as_json()
    assert known["agree"]["of"] == 4
    assert (known["contradiction"], known["pictures_missing"], known["calibrated"]) == (None, 1, False)


def test_doubtful_pictures_are_named_worst_first() -> None:
    """Mistaken genders, then the ages by their error; with what the label says and what is seen."""

    def one(name: str, age: int | None, gender: str | None, said_age: float, said_male: float) -> Judged:
        return Judged(Labelled(Path(name), name, age, gender), 1, said_age, said_male, {})

    faces = [
        one("right.png", 30, "male", 39.9, 0.9),
        one("old.png", 30, "male", 41, 0.9),
        one("older.png", 30, None, 62, 0.9),
        one("girl.png", None, "female", 20, 0.5),
    ]
    assert doubtful(faces) == (
        "girl.png is labelled female, and the network says 20, male",
        "older.png is labelled 30, and the network says 62, male",
        "old.png is labelled 30, male, and the network says 41, male",
    )
