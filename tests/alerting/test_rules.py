"""Each rule against a reference that is slow and obvious, and against the figures that its definition rests on."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.alerting.rules import burn_rate, consecutive
from facemon.alerting.rules.burn_rate import BURNS, Burn, BurnRate
from facemon.alerting.rules.consecutive import Consecutive, in_a_row
from facemon.alerting.rules.cusum import Cusum, rate_that_matters
from facemon.alerting.rules.mean_cusum import MeanCusum, MeanPromise
from facemon.alerting.rules.outcomes import MeanOutcome, Outcome
from facemon.alerting.rules.watch import left_out, share_rules

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR_LONG, SIX_HOURS_LONG = BURNS
SHARES = st.sampled_from([0.8, 0.9, 0.95, 0.99, 0.999])
PACES = st.sampled_from([0.5, 2, 6, 12, 60])
# (minutes since the last, good): irregular, several at the same moment, failures common
STEPS = st.lists(st.tuples(st.integers(0, 45), st.booleans() | st.just(True)), max_size=120)


def series(steps):
    """Outcomes of (minutes since the last, good), each with its number for an id."""
    at, made = START, []
    for number, (minutes, good) in enumerate(steps):
        at += timedelta(minutes=minutes)
        made.append(Outcome(at, good, f"r{number}"))
    return made


def regular(goods, pace):
    """Outcomes at so many an hour: `.` is a success, `x` a failure."""
    return [
        Outcome(START + n * timedelta(hours=1) / pace, good == ".", f"r{n}") for n, good in enumerate(goods)
    ]


def fired(rule, outcomes):
    """The places of the outcomes at which the rule fires."""
    places = []
    for place, outcome in enumerate(outcomes):
        rule.add(outcome)
        if rule.firing is not None:
            places.append(place)
    return places


def first(rule, outcomes):
    """The first of them; one past the end where there is none."""
    return next(iter(fired(rule, outcomes)), len(outcomes))


def all_rules(share, pace):
    """Every rule that can watch the promise."""
    return share_rules(share, pace)


@pytest.mark.parametrize(
    ("share", "pace", "count"),
    [(0.95, 2, 4), (0.95, 6, 5), (0.95, 12, 5)]
    + [(share, pace, 3) for share in (0.99, 0.999) for pace in (2, 6, 12)],
)
def test_an_outage_is_found_within_three_failures_or_five_where_many_are_allowed(share, pace, count):
    """3 in a row at 99 % and 99.9 %, 4 or 5 at 95 %: the fewest that hardly ever come by chance."""
    assert in_a_row(share, pace) == count
    assert fired(Consecutive(share, pace), regular("x" * 6, pace)) == list(range(count - 1, 6))


@given(SHARES, PACES)
def test_the_row_is_the_shortest_that_chance_makes_less_than_once_in_a_hundred_months(share, pace):
    """With the whole budget used, budget ** k failures in a row are expected at each probe of 30 days."""
    count, probes = in_a_row(share, pace), pace * 24 * 30
    if count < 5:
        assert (1 - share) ** count * probes <= 0.01
    if count > 3:
        assert (1 - share) ** (count - 1) * probes > 0.01


@given(SHARES, PACES, STEPS)
def test_a_success_ends_a_row(share, pace, steps):
    """Fires where the last k outcomes failed, and nowhere else; the finding names the whole row."""
    outcomes, count = series(steps), in_a_row(share, pace)
    rule = Consecutive(share, pace)
    for place, outcome in enumerate(outcomes):
        rule.add(outcome)
        row = 0
        while row <= place and not outcomes[place - row].good:
            row += 1
        assert (rule.firing is not None) == (row >= count)
        if rule.firing is not None:
            assert (rule.firing.seen, rule.firing.bad) == (row, row)
            assert rule.firing.since == outcomes[place - row + 1].at
            assert rule.firing.refs == tuple(f"r{place - back}" for back in range(min(row, 5)))
            assert rule.firing.urgent


def test_five_in_a_row_say_nothing_where_a_fifth_may_fail():
    """A promise of 80 % has no rule of failures in a row, and it is said why."""
    assert "failures in a row come by chance" in consecutive.why_not(0.8, 12)
    assert not any(isinstance(rule, Consecutive) for rule in all_rules(0.8, 12))
    assert consecutive.why_not(0.95, 12) == ""


def burns(burn, share, pace, outcomes):
    """The definition of the burn rate, of the outcomes up to the last."""
    now = outcomes[-1].at
    margin = timedelta(hours=0.5 / pace)
    floor_short = 2 if burn.short * pace >= timedelta(hours=2) else 1
    for window, floor in ((burn.long - margin, 3), (burn.short + margin, floor_short)):
        inside = [each for each in outcomes if now - each.at < window]
        bad = sum(not each.good for each in inside)
        if bad < floor or bad / len(inside) < burn.times * (1 - share) - 1e-9:
            return False
    return not outcomes[-1].good


@given(st.sampled_from(BURNS), SHARES, PACES, STEPS)
def test_a_burn_rate_fires_where_both_windows_burn_on_enough_evidence(burn, share, pace, steps):
    """Irregular probes, several at once, gaps: as counted anew from all outcomes at each."""
    if burn_rate.why_not(burn, share, pace):
        return
    outcomes = series(steps)
    expected = [place for place in range(len(outcomes)) if burns(burn, share, pace, outcomes[: place + 1])]
    assert fired(BurnRate(burn, share, pace), outcomes) == expected


@pytest.mark.parametrize(
    ("pattern", "fires"),
    [
        ("x", []),  # a burn rate of 100 on one failure is no evidence
        ("x.x", []),
        ("x.x.x", [4]),  # three of five within the hour
        ("x.x...x", []),  # the first is an hour old, and no longer counts
        ("x.x..x", [5]),
    ],
)
def test_three_failures_are_the_least_evidence(pattern, fires):
    """At 6 an hour and 99 % the hour's burn rate would fire at any failure, but for the floor."""
    assert fired(BurnRate(HOUR_LONG, 0.99, 6), regular(pattern, 6)) == fires


@pytest.mark.parametrize(
    ("pattern", "fires"),
    [("x" + "." * 20 + "x" + "." * 9 + "x", []), ("x" + "." * 20 + "x..x", [24]), ("x..x..x", [6])],
)
def test_the_short_window_says_that_it_still_goes_on(pattern, fires):
    """Three in six hours, but two of them must be within half an hour; a probe on its very edge counts."""
    assert fired(BurnRate(SIX_HOURS_LONG, 0.99, 6), regular(pattern, 6)) == fires


@pytest.mark.parametrize(
    ("burn", "minutes", "fires"),
    [
        (HOUR_LONG, (0, 30, 54), True),
        (HOUR_LONG, (0, 30, 55), False),
        (HOUR_LONG, (0, 30, 64), False),
        (SIX_HOURS_LONG, (0, 100, 134), True),
        (SIX_HOURS_LONG, (0, 100, 135), False),
        (SIX_HOURS_LONG, (0, 340, 354), True),
        (SIX_HOURS_LONG, (0, 340, 355), False),
    ],
)
def test_a_probe_on_the_edge_may_come_late_or_early(burn, minutes, fires):
    """At 6 an hour, one that was due an hour ago is out and one that was due half an hour ago in,
    give or take 5 minutes.
    """
    failed = [Outcome(START + timedelta(minutes=each), False) for each in minutes]
    success = Outcome(START, True)
    assert fired(BurnRate(burn, 0.99, 6), [failed[0], success, *failed[1:]]) == ([3] if fires else [])


def test_both_windows_must_burn_as_fast():
    """At 95 % and 12 an hour 72 % must fail: in the hour nine of ten do at the end, of the last two
    probes only one.
    """
    assert fired(BurnRate(HOUR_LONG, 0.95, 12), regular("xxxxxxxx.x", 12)) == [2, 3, 4, 5, 6, 7]


def test_a_success_that_left_the_window_thins_out_no_failure():
    """The first is 57.5 minutes old, and out: three of four failed. A moment younger it would be three of five."""
    for first, fires in ((0, [4]), (0.1, [])):
        minutes = (first, 10, 55, 56, 57.5)
        outcomes = [Outcome(START + timedelta(minutes=each), each <= 10) for each in minutes]
        assert fired(BurnRate(HOUR_LONG, 0.95, 12), outcomes) == fires


@pytest.mark.parametrize("share", [0.5, 0.9, 0.93, 1 - 1 / 14.4])
def test_a_burn_rate_that_cannot_be_reached_is_refused(share):
    """14.4 times the budget of 7 % is more than can fail: the objective must lie above 1 - 1 / 14.4 = 93.06 %."""
    with pytest.raises(ValueError, match=r"14\.4 cannot be reached .* only above 93\.06 %"):
        BurnRate(HOUR_LONG, share, 60)
    assert fired(BurnRate(HOUR_LONG, 0.931, 60), regular("x" * 60, 60))


def test_a_window_that_cannot_hold_three_probes_is_refused_and_left_out():
    """At 2 an hour the hour's burn rate could never fire; nobody is to believe that it watches."""
    with pytest.raises(ValueError, match="1 hour at 2 probes an hour hold 2 probes, 3 failures are needed"):
        BurnRate(HOUR_LONG, 0.99, 2)
    assert [rule.name for rule in all_rules(0.99, 2)] == [
        "consecutive failures",
        "burn rate over 6 hours",
        "cusum",
        "error rate",
    ]
    assert left_out(0.99, 2) == ["1 hour at 2 probes an hour hold 2 probes, 3 failures are needed"]
    assert left_out(0.99, 6) == []


@given(SHARES, PACES)
def test_whatever_is_not_left_out_can_fire(share, pace):
    """Each rule of a promise fires at the latest after a day of nothing but failures."""
    for rule in all_rules(share, pace):
        assert fired(rule, regular("x" * max(100, int(pace * 24)), pace)), rule
    assert len(all_rules(share, pace)) + len(left_out(share, pace)) == 5


@given(SHARES, st.sampled_from([2, 10]), STEPS)
def test_the_sum_is_the_likelihood_ratio_of_the_worst_stretch(share, times, steps):
    """Page's sum is the largest log likelihood ratio of all stretches that end with the last outcome."""
    outcomes, budget = series(steps), 1 - share
    rate = min(times * budget, 0.5) if budget < 0.25 else (1 + budget) / 2
    weights = [math.log((1 - rate) / share) if each.good else math.log(rate / budget) for each in outcomes]
    expected = [
        place
        for place, outcome in enumerate(outcomes)
        if not outcome.good
        and max(math.fsum(weights[start : place + 1]) for start in range(place + 1)) >= math.log(1e4) - 1e-6
    ]
    assert fired(Cusum(share, times=times), outcomes) == expected


def test_four_in_a_row_weigh_ten_thousand():
    """Ten times the budget, four times: exactly ln 10^4, whatever a sum of doubles makes of it."""
    for share in (0.95, 0.99, 0.999):
        rule = Cusum(share)
        assert fired(rule, regular("xxxx", 6)) == [3]
        assert rule.firing.refs == ("r3", "r2", "r1", "r0")
        assert not rule.firing.urgent
        assert "4 of 4 failed (100.0%): at least 10,000 times likelier" in rule.firing.text


def test_a_sum_that_fell_to_zero_begins_anew():
    """25 successes outweigh one failure at 99 %; the debt of the last of them is not held against what follows."""
    assert fired(Cusum(0.99), regular("x" + "." * 25 + "xxxx", 6)) == [29]


def test_scattered_failures_are_found_that_no_burn_rate_finds():
    """Every fourth of a promise of 95 % fails: five times the budget, too slow for both burn rates."""
    outcomes = regular("...x" * 300, 12)
    assert not any(fired(BurnRate(burn, 0.95, 12), outcomes) for burn in BURNS)
    assert fired(Cusum(0.95), outcomes)


def test_an_error_rate_that_ten_budgets_miss_is_found():
    """Every tenth of a promise of 95 % fails, twice what is allowed: the second sum, with its smaller step."""
    outcomes = regular(".........x" * 300, 12)
    rules = {rule.name: rule for rule in all_rules(0.95, 12)}
    slow = rules.pop("error rate")
    assert not any(fired(rule, outcomes) for rule in rules.values())
    assert fired(slow, outcomes)


@pytest.mark.parametrize(("share", "times", "rate"), [(0.99, 10, 0.1), (0.9, 10, 0.5), (0.6, 2, 0.7)])
def test_a_rate_that_matters_is_one(share, times, rate):
    """Ten budgets, but never more than half; of a budget of 40 %, half the way to 1: always above the budget."""
    assert rate_that_matters(share, times) == pytest.approx(rate)


def test_the_whole_budget_gives_a_false_alarm_in_ten_thousand_outcomes_at_most():
    """Lorden's bound, at 95 %: 400,000 outcomes, the sum begun anew after each alarm."""
    random, good, bad = np.random.default_rng(1), Outcome(START, True), Outcome(START, False)
    rule, alarms = Cusum(0.95), 0
    for failed in (random.random(400_000) < 0.05).tolist():
        rule.add(bad if failed else good)
        if rule.firing is not None:
            rule, alarms = Cusum(0.95), alarms + 1
    assert 0 < alarms <= 40


@given(SHARES, PACES, STEPS)
def test_a_success_fires_nothing(share, pace, steps):
    """No rule fires at a good outcome, even where older good ones leave its window."""
    outcomes = series(steps)
    for rule in all_rules(share, pace):
        assert all(not outcomes[place].good for place in fired(rule, outcomes))


@given(SHARES, PACES, STEPS, st.data())
def test_one_more_failure_is_never_found_later(share, pace, steps, data):
    """Were one of the successes a failure, each rule would fire as soon, or sooner."""
    outcomes = series(steps)
    if not outcomes:
        return
    place = data.draw(st.integers(0, len(outcomes) - 1))
    worse = [*outcomes]
    worse[place] = Outcome(outcomes[place].at, False)
    for rule, again in zip(all_rules(share, pace), all_rules(share, pace), strict=True):
        assert first(again, worse) <= first(rule, outcomes)


@given(SHARES, PACES, STEPS)
def test_a_finding_counts_what_it_rests_on(share, pace, steps):
    """seen and bad are those from `since` to the outcome that made it fire; the refs are the last failures."""
    outcomes = series([(minutes + 1, good) for minutes, good in steps])
    for rule in all_rules(share, pace):
        for place, outcome in enumerate(outcomes):
            rule.add(outcome)
            found = rule.firing
            if found is None:
                continue
            part = [each for each in outcomes[: place + 1] if each.at >= found.since]
            failures = [each.ref for each in part if not each.good]
            assert (found.at, found.seen, found.bad) == (outcome.at, len(part), len(failures))
            assert found.refs == tuple(reversed(failures[-5:]))


def means(values):
    """Outcomes of a mean, ten minutes apart."""
    return [MeanOutcome(START + n * timedelta(minutes=10), value, f"r{n}") for n, value in enumerate(values)]


@given(st.lists(st.floats(0, 1), max_size=80), st.sampled_from([0.5, 0.8, 0.9]))
def test_a_bet_is_the_capital_of_the_worst_stretch(values, limit):
    """Each stake's capital is the largest product over stretches up to the last value; they are averaged."""
    expected = []
    for place in range(len(values)):
        total = 0.0
        for stake in (0.05, 0.1, 0.2, 0.4, 0.8):
            factors = [1 + stake / (1 - limit) * (limit - value) for value in values[: place + 1]]
            total += max(math.prod(factors[start:]) for start in range(len(factors)))
        if values[place] < limit and total / 5 >= 1e4:
            expected.append(place)
    assert fired(MeanCusum(MeanPromise(limit)), means(values)) == expected


@pytest.mark.parametrize("kind", ["beta", "coin", "rare"])
def test_a_mean_at_its_limit_gives_a_false_alarm_in_ten_thousand_values_at_most(kind):
    """Whatever the distribution: beta, 0 or 1, and a few zeros among many that are just above the limit."""
    random, count = np.random.default_rng([5, *kind.encode()]), 60_000
    values = {
        "beta": lambda: random.beta(8, 2, count),
        "coin": lambda: (random.random(count) < 0.8).astype(float),
        "rare": lambda: np.where(random.random(count) < 0.03, 0.0, 0.8 / 0.97),
    }[kind]()
    rule, alarms = MeanCusum(MeanPromise(0.8)), 0
    for value in values.tolist():
        rule.add(MeanOutcome(START, value))
        if rule.firing is not None:
            rule, alarms = MeanCusum(MeanPromise(0.8)), alarms + 1
    assert alarms <= 6


@pytest.mark.parametrize(
    ("promise", "kept", "broken"),
    [
        (MeanPromise(80, 0, 100), [75.0, 90.0], [60.0, 75.0]),
        (MeanPromise(20, 0, 100, low_is_good=True), [25.0, 10.0], [40.0, 25.0]),
    ],
)
def test_a_mean_beyond_its_limit_is_found_in_its_own_unit(promise, kept, broken):
    """90 and 75 in turn keep a mean of 80; 60 and 75 break it, and the finding has their mean, not the earlier."""
    rule, good = MeanCusum(promise), kept * 200
    assert fired(rule, means(good)) == []
    outcomes = means(good + broken * 100)[len(good) :]
    for outcome in outcomes:
        rule.add(outcome)
        if rule.firing is not None:
            break
    found = rule.firing
    assert found is not None and found.mean == pytest.approx(sum(broken) / 2, abs=2)
    assert str(promise.limit) in found.text and found.bad == found.seen and not found.urgent
    assert found.refs[0] == outcome.ref and found.since >= outcomes[0].at


@pytest.mark.parametrize("limit", [0, 1, 1.5, math.nan])
def test_a_limit_at_the_end_of_the_range_is_no_promise_about_a_mean(limit):
    """No bet is possible against a mean that cannot lie beyond the limit."""
    with pytest.raises(ValueError, match="does not lie between 0 and 1"):
        MeanPromise(limit)


@pytest.mark.parametrize(("share", "pace"), [(1.0, 6), (0.0, 6), (0.99, 0), (0.99, -1), (math.nan, 6)])
def test_what_is_no_share_or_no_pace_is_refused(share, pace):
    """A promise of 100 % has no budget, and without probes nothing can be watched."""
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        share_rules(share, pace)


@pytest.mark.parametrize(
    ("burn", "pace", "reason"),
    [
        (Burn(14.4, timedelta(hours=1), timedelta(minutes=5)), 3, ""),
        (Burn(1.0, timedelta(days=3), timedelta(hours=6)), 2, "only above 0 %"),
    ],
)
def test_why_a_burn_rate_cannot_fire_is_said(burn, pace, reason):
    """Three probes in the hour are enough; a burn rate of 1 can be reached by every promise."""
    assert burn_rate.why_not(burn, 0.99, pace) == ("" if burn.times == 1 else reason)
