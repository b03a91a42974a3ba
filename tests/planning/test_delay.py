"""From runs to seconds, when trouble starts at any moment."""

from __future__ import annotations

import math

import numpy as np
import pytest

from facemon.planning.delay import Figure, computed, exactly, observed


def test_the_next_run_is_half_an_interval_away() -> None:
    """Found for sure by the next run: in the median after half an hour, in nine of ten cases after 54 minutes."""
    delay = computed(np.array([1.0, 0.0]), 3600)
    assert delay.median == exactly(1800)
    assert delay.late.value == pytest.approx(3240)
    assert delay.within_day == exactly(1.0)
    assert delay.exact


def test_a_chance_that_is_spread_over_runs() -> None:
    """A quarter by the first run, three quarters by the second: the median lies in the middle of the second."""
    delay = computed(np.array([1.0, 0.75, 0.25, 0.0]), 100)
    assert delay.median.value == pytest.approx(150)
    assert delay.late.value == pytest.approx(260)


def test_a_day_ends_within_an_interval() -> None:
    """Every 36 hours, found by the first run: two thirds are found in 24 hours."""
    assert computed(np.array([1.0, 0.0]), 129_600).within_day.value == pytest.approx(2 / 3)


def test_what_is_not_found_is_infinite() -> None:
    """Where fewer than half are found in all the runs that are followed."""
    delay = computed(np.array([1.0, 0.9, 0.8]), 60)
    assert math.isinf(delay.median.value) and math.isinf(delay.late.value)
    assert delay.within_day.value == pytest.approx(0.2)


def test_simulated_delays_have_an_interval() -> None:
    """Order statistics around the figure; a figure without one would claim too much."""
    delay = observed([float(number) for number in range(1, 1001)])
    assert delay.median.lower < delay.median.value == 500 < delay.median.upper
    assert delay.late.lower < delay.late.value == 900 < delay.late.upper
    assert not delay.exact
    assert delay.within_day.lower < 1 == delay.within_day.value
    assert observed([math.inf] * 100).median.value == math.inf


def test_a_figure_in_another_unit() -> None:
    """With its bounds."""
    assert Figure(2, 1, 3).times(10) == Figure(20, 10, 30)
