"""How light falls on a face: each measure against a value worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.vision.light import burnt_share, entropy, gradient_mean, highlight, luma, overlap

GREYS = st.lists(st.floats(0, 255, width=32), min_size=1, max_size=60).map(
    lambda values: np.array(values, np.float32)
)


def greys(*values):
    """These grey values."""
    return np.array(values, np.float32)


@pytest.mark.parametrize(
    ("colour", "expected"), [((255, 0, 0), 76.2), ((0, 255, 0), 149.7), ((0, 0, 255), 29.1)]
)
def test_luma_weighs_the_channels(colour, expected):
    """ITU-R 601-2: 0.299 red, 0.587 green, 0.114 blue; white stays 255."""
    assert luma(np.array([[colour]], np.uint8)) == pytest.approx(np.array([[expected]]), abs=0.1)
    assert luma(np.full((2, 3, 3), 255, np.uint8)) == pytest.approx(np.full((2, 3), 255), abs=0.01)


def test_highlight_is_the_lightest_twentieth():
    """95 of 100 even steps: a few white pixels do not make a dark face light."""
    assert highlight(np.linspace(0, 255, 101).astype(np.float32)) == pytest.approx(0.95)
    assert highlight(greys(*[51] * 97, 255, 255, 255)) == pytest.approx(0.2)


def test_burnt_pixels_begin_at_247():
    """OFIQ's bound belongs to them, the value below it does not."""
    assert burnt_share(greys(246.9, 247, 255, 0)) == 0.5


@pytest.mark.parametrize("values", [1, 2, 16, 256])
def test_entropy_of_equal_shares_is_their_logarithm(values):
    """Two values alike are one bit, all 256 are 8, a single one is none."""
    assert entropy(np.tile(np.arange(values, dtype=np.float32), 3)) == pytest.approx(np.log2(values))


@given(GREYS)
def test_entropy_lies_between_none_and_eight_bits(grey):
    """Whatever the grey values."""
    assert 0 <= entropy(grey) <= 8


def test_overlap_of_the_same_the_half_and_nothing():
    """One region twice has all in common; half of it half; dark against light nothing."""
    even = np.linspace(40, 200, 500).astype(np.float32)
    assert overlap(even, even) == pytest.approx(1)
    assert overlap(greys(50, 50), greys(50, 150)) == pytest.approx(0.5)
    assert overlap(greys(20, 25), greys(200, 210)) == 0


def test_regions_without_light_are_alike():
    """Black against black is no division by nothing."""
    assert overlap(greys(0, 0), greys(0, 0)) == 1


@given(GREYS, GREYS)
def test_overlap_is_a_share_and_the_same_both_ways(one, other):
    """Between 0 and 1, and mirroring a face changes nothing."""
    assert 0 <= overlap(one, other) <= 1 + 1e-9 and overlap(one, other) == pytest.approx(overlap(other, one))


@pytest.mark.parametrize("gain", [0.1, 0.5, 1.25])
def test_overlap_does_not_hear_the_exposure(gain):
    """A darker or lighter picture of the same face has the same shadow."""
    chance = np.random.default_rng(3)
    one, other = (chance.normal(middle, 12, 4000).astype(np.float32) for middle in (110, 130))
    assert overlap(one * np.float32(gain), other * np.float32(gain)) == pytest.approx(
        overlap(one, other), abs=0.01
    )


def test_gradient_of_slopes_and_of_nothing():
    """One grey value a pixel is 8, whichever way it rises; three across and four down are five times that."""
    rows, columns = np.mgrid[:9, :7].astype(np.float32)
    assert gradient_mean(rows) == gradient_mean(-columns) == 8
    assert gradient_mean(3 * columns + 4 * rows) == pytest.approx(40)
    assert gradient_mean(np.full((3, 3), 90, np.float32)) == 0
