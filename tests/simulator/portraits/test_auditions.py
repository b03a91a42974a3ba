"""Who stands before the camera: only people who passed for their age, and each seed a person of its own."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.simulator.portraits import auditions
from facemon.simulator.portraits.auditions import AGES, PEOPLE, person_number
from facemon.simulator.portraits.casting import imagine

GENDERS = ("female", "male")
TABLE = json.loads(auditions.TABLE.read_text("utf-8"))
CELLS = [(age, gender) for gender in GENDERS for age in AGES]


@pytest.mark.parametrize(("age", "gender"), CELLS)
def test_the_table_has_every_cell(age: int, gender: str) -> None:
    """Each cell names who was turned down: numbers of people, each once, and by far not all of them."""
    turned_down = TABLE["turned_down"][gender][str(age)]
    assert turned_down == sorted(set(turned_down))
    assert all(0 <= number < PEOPLE for number in turned_down)
    assert len(turned_down) < 0.25 * PEOPLE


@given(st.sampled_from(CELLS), st.integers(0, 2**32))
def test_nobody_who_was_turned_down_is_drawn(cell: tuple[int, str], seed: int) -> None:
    """Whatever the seed: it picks somebody who was taken."""
    age, gender = cell
    assert person_number(age, gender, seed) in set(range(PEOPLE)) - set(
        TABLE["turned_down"][gender][str(age)]
    )


@given(st.sampled_from(CELLS), st.integers(0, 2**32), st.integers(1, 300))
def test_seeds_near_each_other_are_different_people(cell: tuple[int, str], seed: int, further: int) -> None:
    """Within 300 seeds nobody comes twice."""
    assert person_number(*cell, seed) != person_number(*cell, seed + further)


@given(st.integers(18, 90), st.sampled_from(GENDERS), st.integers(0, 2**32))
def test_other_ages_are_drawn_too(age: int, gender: str, seed: int) -> None:
    """Between the six ages, and beyond them, the people of the nearest one are taken."""
    assert 0 <= person_number(age, gender, seed) < PEOPLE


def test_one_person_in_two_places() -> None:
    """Two seeds of one person: the same features, another wall and other clothes."""
    taken = PEOPLE - len(TABLE["turned_down"]["male"]["40"])
    one, other = imagine(40, "male", 7), imagine(40, "male", 7 + taken)
    assert (one.skull, one.eyes, one.nose, one.mouth, one.skin) == (
        other.skull,
        other.eyes,
        other.nose,
        other.mouth,
        other.skin,
    )
    assert not np.array_equal(one.scene.background, other.scene.background)
    assert not np.array_equal(one.scene.cloth, other.scene.cloth)
