"""The schedule: one for all workers, the same in each, whatever they number."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.errors import ConfigError
from facemon.load.schedule import ARRIVALS, Due, Schedule, parse_length, parse_schedule

SCHEDULES = st.builds(
    Schedule,
    rate=st.floats(0.05, 20),
    duration=st.floats(20, 60),
    arrivals=st.sampled_from(ARRIVALS),
    seed=st.integers(0, 2**32),
)


@given(SCHEDULES, st.integers(1, 9))
def test_the_shares_are_the_schedule(schedule: Schedule, workers: int) -> None:
    """Whatever the number of workers, each request is sent by exactly one, and the shares differ by one at most."""
    shares = [schedule.share(place, workers) for place in range(workers)]
    together = sorted((due for share in shares for due in share), key=lambda due: due.number)
    assert together == schedule.dues()
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@given(SCHEDULES)
def test_a_schedule_keeps_its_rate_and_its_time(schedule: Schedule) -> None:
    """Requests are due in order, within the duration, and never fewer than the rate asks for."""
    moments = [due.at for due in schedule.dues()]
    assert moments == sorted(moments)
    assert 0 <= moments[0] <= moments[-1] <= schedule.duration
    assert len(moments) == schedule.count
    assert schedule.rate * schedule.duration - 1e-5 <= schedule.count < schedule.rate * schedule.duration + 1
    assert schedule.per_minute >= 60 * schedule.rate * (1 - 1e-6)


@given(SCHEDULES, st.floats(0.5, 20))
def test_the_busiest_stretch(schedule: Schedule, seconds: float) -> None:
    """The most requests in any stretch of that length; a Poisson schedule has busier ones than its rate says."""
    moments = [due.at for due in schedule.dues()]
    by_hand = max(sum(begin <= at < begin + seconds for at in moments) for begin in moments)
    assert abs(schedule.most_within(seconds) - by_hand) <= 1  # rounding where one lies on the edge


@given(SCHEDULES)
def test_a_schedule_repeats_itself(schedule: Schedule) -> None:
    """Two processes that are told the same send the same."""
    assert (
        schedule.dues() == Schedule(schedule.rate, schedule.duration, schedule.arrivals, schedule.seed).dues()
    )


def test_poisson_arrivals_come_in_bursts_and_by_their_seed() -> None:
    """Gaps vary about as much as their mean, as an exponential's do; another seed is another schedule."""
    moments = [due.at for due in Schedule(10, 200, "poisson", 1).dues()]
    gaps = [after - before for before, after in pairwise(moments)]
    mean = sum(gaps) / len(gaps)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert 0.9 < spread / mean < 1.1
    assert moments != [due.at for due in Schedule(10, 200, "poisson", 2).dues()]


def test_constant_arrivals_are_even() -> None:
    """One a second: due at 0, 1 and 2."""
    assert Schedule(1, 3).dues() == [Due(0, 0.0), Due(1, 1.0), Due(2, 2.0)]


@pytest.mark.parametrize(
    ("given_rate", "a_second"), [("100/min", 100 / 60), ("2/s", 2), ("600/h", 1 / 6), ("0.5/s", 0.5)]
)
def test_a_rate_is_read(given_rate: str, a_second: float) -> None:
    """Requests in a second, a minute or an hour; the duration is two minutes unless it is given."""
    schedule = parse_schedule({"rate": given_rate})
    assert schedule is not None
    assert (schedule.rate, schedule.duration) == (pytest.approx(a_second), 120.0)


@pytest.mark.parametrize(("text", "length"), [("90s", 90), ("2m", 120), ("2min", 120), ("1.5h", 5400)])
def test_a_duration_is_read(text: str, length: float) -> None:
    """Seconds, minutes, hours."""
    assert parse_length(text) == length


BAD = [
    ({"rate": "100"}, "such as 100/min"),
    ({"rate": "100/day"}, "'100/day'"),
    ({"rate": "-3/s"}, "'-3/s'"),
    ({"rate": "0/s"}, "above 0"),
    ({"rate": "١/s"}, "such as 100/min"),
    ({"rate": "100/min", "duration": "2"}, "such as 90s"),
    ({"rate": "100/min", "duration": "0s"}, "up to 6h"),
    ({"rate": "100/min", "duration": "7h"}, "up to 6h"),
    ({"rate": "1000/s", "duration": "1h"}, "3600000 requests"),
    ({"rate": "100/min", "arrivals": "bursts"}, "constant or poisson"),
    ({"rate": "100/min", "arrival_seed": "-1"}, "a whole number from 0"),
    ({"duration": "2m"}, "--facemon-duration belongs to a schedule"),
    ({"arrival_seed": "3"}, "--facemon-arrival-seed belongs to a schedule"),
]


@pytest.mark.parametrize(("values", "said"), BAD)
def test_what_is_no_schedule_is_refused(values: dict[str, str], said: str) -> None:
    """Each wrong value is refused in one sentence that says what is accepted."""
    with pytest.raises(ConfigError) as refused:
        parse_schedule(values)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_nothing_asked_is_no_schedule() -> None:
    """Without a rate no load is sent."""
    assert parse_schedule({"rate": None, "duration": None}) is None
