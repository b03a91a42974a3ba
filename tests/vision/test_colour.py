"""CIELAB, against published values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.vision.colour import cielab

CHANNEL = st.integers(0, 255)


# As Lindbloom's calculator and the textbooks give them, for sRGB under D65.
@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((255, 255, 0), (97.14, -21.55, 94.48)),
        ((1, 1, 1), (0.274, 0, 0)),  # below the kink of both curves
    ],
)
def test_known_colours(rgb, lab):
    """White, black, the primaries, yellow, and nearly black."""
    assert cielab(np.array(rgb, np.uint8)) == pytest.approx(np.array(lab), abs=0.05)


@given(CHANNEL)
def test_grey_has_no_colour(value):
    """a* and b* of every grey are nothing, and its lightness lies between 0 and 100."""
    lightness, a, b = cielab(np.full(3, value, np.uint8))
    assert -1e-9 <= lightness <= 100 + 1e-9 and abs(a) < 0.01 and abs(b) < 0.01


@given(CHANNEL, CHANNEL)
def test_lighter_grey_is_lighter(one, other):
    """The lightness keeps the order of the greys."""
    lightness = cielab(np.array([[one] * 3, [other] * 3], np.uint8))[:, 0]
    assert np.sign(lightness[1] - lightness[0]) == np.sign(other - one)


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 4, 3)])
def test_shape_is_kept(shape):
    """One colour, a row, a picture."""
    assert cielab(np.zeros(shape, np.uint8)).shape == shape
