"""A schedule and its price."""

from __future__ import annotations

import pytest

from facemon.errors import ConfigError
from facemon.planning.schedule import Schedule


def test_a_schedule_costs_its_samples_times_its_runs() -> None:
    """12 samples every 15 minutes at 3 credits are 96 runs and 3456 credits a day."""
    schedule = Schedule(900, 12, 3)
    assert schedule.runs_a_day == 96
    assert schedule.credits_a_day == 3456
    assert str(schedule) == "12 samples every 15min"


@pytest.mark.parametrize(
    ("every", "samples"), [(59, 1), (31 * 86400, 1), (900, 0), (900, 10_001), (float("nan"), 1)]
)
def test_what_is_no_schedule_is_refused(every: float, samples: int) -> None:
    """With what is accepted."""
    with pytest.raises(ConfigError, match=r"give 1(min)? to "):
        Schedule(every, samples)
