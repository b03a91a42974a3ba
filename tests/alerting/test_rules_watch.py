"""A promise over time: broken once, kept again only on evidence, and the same whoever replays it."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.alerting.rules.mean_cusum import MeanPromise
from facemon.alerting.rules.outcomes import MeanOutcome, Outcome
from facemon.alerting.rules.recovery import streak
from facemon.alerting.rules.watch import Turn, mean_watch, share_watch

START = datetime(2026, 1, 1, tzinfo=UTC)
PATTERNS = st.text(".....x", max_size=40) | st.just("x" * 6)


def regular(goods, pace=6, first=0):
    """Outcomes at so many an hour: `.` is a success, `x` a failure."""
    return [
        Outcome(START + (first + n) * timedelta(hours=1) / pace, good == ".", f"r{first + n}")
        for n, good in enumerate(goods)
    ]


def turns(changes):
    """What and after how many ten minutes."""
    return [(change.turn, round((change.at - START) / timedelta(minutes=10))) for change in changes]


@pytest.mark.parametrize(
    ("seen", "bad", "reopened", "row"),
    [
        (3, 3, 0, 3),  # all failed: one success would do, three are asked for
        (10, 3, 0, 9),
        (2, 1, 0, 5),
        (100, 1, 0, 30),
        (3, 3, 1, 6),
        (3, 3, 3, 24),
        (10, 3, 2, 36),
        (100, 1, 1, 60),
        (3, 3, 99, 60),
    ],
)
def test_the_row_that_ends_an_incident(seen, bad, reopened, row):
    """3 after a full outage, 9 after 30 %, from 3 to 30; doubled with each reopening, to 60."""
    assert streak(seen, bad, reopened) == row


@given(st.integers(1, 300), st.integers(1, 300))
def test_the_row_is_the_shortest_that_the_failing_service_shows_once_in_twenty_times(seen, bad):
    """Where neither 3 nor 30 limits it."""
    bad = min(seen, bad)
    row, good = streak(seen, bad), 1 - bad / seen
    assert 3 <= row <= 30
    if 3 < row < 30:
        assert good**row <= 0.05 + 1e-9 < good ** (row - 1) + 2e-9


def test_an_outage_breaks_the_promise_once_and_three_successes_mend_it():
    """One change when it begins, none while it goes on, one when it is over."""
    changes = share_watch(0.99, 6).replay(regular("." * 20 + "x" * 30 + "." * 20))
    assert turns(changes) == [(Turn.BROKEN, 22), (Turn.KEPT, 52)]
    assert changes[0].finding is changes[1].finding
    assert changes[0].finding.text == "3 failures in a row"


def test_one_success_in_an_outage_mends_nothing():
    """Nor do two, where most fail."""
    watch = share_watch(0.99, 6)
    assert turns(watch.replay(regular("xxx.x..xx.x..x"))) == [(Turn.BROKEN, 2)]
    assert watch.broken is not None


def test_of_thirty_percent_failing_nine_successes_are_asked_for():
    """The failing rate seen during the incident sets the row, also where it fell since the finding."""
    watch = share_watch(0.99, 6)
    failing = "xxx" + "..x" * 8 + "....x" * 6
    assert turns(watch.replay(regular(failing))) == [(Turn.BROKEN, 2)]
    rate = failing.count("x") / len(failing)
    row = math.ceil(math.log(0.05) / math.log(1 - rate))
    after = watch.replay(regular("." * 40, first=len(failing)))
    assert turns(after) == [(Turn.KEPT, len(failing) + row - 1)]
    assert row == 9


def test_old_failures_do_not_fire_again():
    """After a recovery the windows are empty: one more failure within the same six hours breaks nothing."""
    watch = share_watch(0.99, 6)
    watch.replay(regular("xxx..."))
    assert watch.broken is None
    assert watch.replay(regular("x.x", first=6)) == []
    # Without a recovery between them the very same two would have.
    assert share_watch(0.99, 6).replay(regular("xx..x.x"))


def test_flapping_is_damped():
    """Each time it breaks again within a day the row doubles: 3, 6, 12, 24."""
    watch, series = (
        share_watch(0.99, 6),
        "xxx" + "." * 3 + "xxx" + "." * 6 + "xxx" + "." * 12 + "xxx" + "." * 24,
    )
    changes = watch.replay(regular(series))
    assert turns(changes) == [
        (Turn.BROKEN, 2),
        (Turn.KEPT, 5),
        (Turn.BROKEN, 8),
        (Turn.KEPT, 14),
        (Turn.BROKEN, 17),
        (Turn.KEPT, 29),
        (Turn.BROKEN, 32),
        (Turn.KEPT, 56),
    ]
    assert watch.reopened == 3


def test_a_day_of_peace_ends_the_damping():
    """An outage a day and more after the last is a new one."""
    watch = share_watch(0.99, 6)
    watch.replay(regular("xxx...xxx......" + "." * 145 + "xxx"))
    assert watch.broken is not None and watch.reopened == 0


def test_the_last_incident_is_remembered_from_outside():
    """Its end and its reopenings are all that a replay needs to know of what came before it."""
    first = share_watch(0.99, 6)
    first.replay(regular("xxx...xxx......"))
    second = share_watch(0.99, 6, recovered_at=START + timedelta(minutes=140), reopened=first.reopened)
    later = regular("xxx" + "." * 20, first=15)
    assert second.replay(later) == first.replay(later)
    assert second.reopened == first.reopened == 2


def test_a_slow_decline_becomes_urgent_when_all_fails():
    """A rule that wakes nobody fires first; an urgent one that follows is told, once."""
    slow = "...x" * 40
    changes = share_watch(0.95, 12).replay(regular(slow + "x" * 20 + "." * 40, pace=12))
    assert [change.turn for change in changes] == [Turn.BROKEN, Turn.URGENT, Turn.KEPT]
    assert [change.finding.urgent for change in changes] == [False, True, True]
    assert changes[0].finding.rule == "cusum" and changes[1].finding.rule == "consecutive failures"


@given(st.lists(PATTERNS, max_size=8), st.sampled_from([0.95, 0.99, 0.999]), st.sampled_from([2, 6, 12]))
def test_bit_by_bit_and_at_once_are_the_same(parts, share, pace):
    """However the outcomes are cut, the changes are the same, and they alternate."""
    outcomes = regular("".join(parts), pace)
    at_once, bit_by_bit = share_watch(share, pace), share_watch(share, pace)
    expected, changes, done = at_once.replay(outcomes), [], 0
    for part in parts:
        changes += bit_by_bit.replay(outcomes[done : done + len(part)])
        done += len(part)
    assert changes == expected and bit_by_bit.broken == at_once.broken
    state = [change.turn for change in changes if change.turn is not Turn.URGENT]
    assert state == [Turn.BROKEN if place % 2 == 0 else Turn.KEPT for place in range(len(state))]


@given(st.lists(PATTERNS, max_size=8), st.sampled_from([0.95, 0.99, 0.999]))
def test_a_success_breaks_nothing_and_a_failure_mends_nothing(parts, share):
    """A promise breaks at a failure and is kept again at a success."""
    outcomes = regular("".join(parts))
    good_at = {outcome.at: outcome.good for outcome in outcomes}
    for change in share_watch(share, 6).replay(outcomes):
        assert good_at[change.at] is (change.turn is Turn.KEPT)


def test_what_is_replayed_again_comes_to_the_same():
    """Begun anew after a recovery, the outcomes since then give the changes that the whole series gave."""
    random = np.random.default_rng(3)
    failing = np.where(np.arange(3000) % 300 < 60, 0.4, 0.0)
    outcomes = regular("".join("x" if each else "." for each in random.random(3000) < failing), 12)
    changes = share_watch(0.99, 12).replay(outcomes)
    kept = [place for place, change in enumerate(changes) if change.turn is Turn.KEPT]
    assert len(kept) > 3
    reopened, last = 0, None
    for place in kept:
        end = changes[place].at
        start = next(change for change in changes[place::-1] if change.turn is Turn.BROKEN)
        soon = last is not None and start.at - last <= timedelta(days=1)
        reopened, last = (reopened + 1 if soon else 0), end
        again = share_watch(0.99, 12, recovered_at=end, reopened=reopened)
        assert again.replay(each for each in outcomes if each.at > end) == changes[place + 1 :]


def test_the_past_is_refused():
    """Outcomes come oldest first; several of one moment are fine."""
    watch, (early, late) = share_watch(0.99, 6), regular("..")
    watch.replay([late, late])
    with pytest.raises(ValueError, match="comes after that of"):
        watch.add(early)


def test_a_mean_breaks_and_recovers_on_evidence():
    """A quality of 85 that falls to 65 and comes back: broken once, kept again after the bet is won, not at one 90."""
    random = np.random.default_rng(4)

    def scores(mean, count, first):
        values = np.clip(random.normal(mean, 8, count), 0, 100).tolist()
        return [
            MeanOutcome(START + (first + n) * timedelta(minutes=10), value) for n, value in enumerate(values)
        ]

    watch = mean_watch(MeanPromise(80, 0, 100))
    assert watch.replay(scores(85, 300, 0)) == []
    assert [change.turn for change in watch.replay(scores(65, 100, 300))] == [Turn.BROKEN]
    found = watch.broken
    assert found is not None and found.mean == pytest.approx(65, abs=4)
    assert watch.replay([MeanOutcome(START + timedelta(minutes=4000), 95.0)]) == []
    assert watch.replay(scores(75, 100, 401)) == []  # better than it was, and still not as promised
    assert [change.turn for change in watch.replay(scores(85, 100, 501))] == [Turn.KEPT]


def test_a_mean_of_nothing_but_the_worst_recovers_too():
    """An incident of nothing but zeros, and a promise that low is good."""
    for promise, worst, best in (
        (MeanPromise(0.9), 0.0, 0.95),
        (MeanPromise(0.1, low_is_good=True), 1.0, 0.05),
    ):
        watch = mean_watch(promise)
        series = [best] * 30 + [worst] * 30 + [best] * 30
        moments = (START + n * timedelta(minutes=5) for n in range(90))
        changes = watch.replay(map(MeanOutcome, moments, series))
        assert [change.turn for change in changes] == [Turn.BROKEN, Turn.KEPT]
        assert changes[1].at >= START + timedelta(minutes=5 * 62)
