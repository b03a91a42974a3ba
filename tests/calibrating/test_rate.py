"""A count among others, and how sure it is."""

from __future__ import annotations

import pytest

from facemon.calibrating.rate import Rate


def test_a_rate_has_its_interval() -> None:
    """Two-sided at 95 %: 27 of 27 is at least 0.025^(1/27) = 0.872; without a trial nothing is known."""
    low, high = Rate(27, 27).bounds
    assert (low, high) == (pytest.approx(0.025 ** (1 / 27)), 1)
    assert Rate(0, 0).bounds == (0, 1)


def test_misses_are_the_others() -> None:
    """Hits and misses are all trials."""
    assert Rate(3, 10).misses == 7
