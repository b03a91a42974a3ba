"""What an objective is, and which are refused because they promise nothing."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.errors import ConfigError
from facemon.slo.intervals import chance_of_as_few, chance_of_as_many, rate_bounds
from facemon.slo.objectives import Objective, ObjectiveError, default_objectives, fewest_to_confirm, quantile


def test_the_four_promises():
    """Success, success at the first attempt, the 95th percentile of the time, sound pictures: 95 % each."""
    objectives = default_objectives(2.5)
    assert [str(objective) for objective in objectives] == [
        "success_rate >= 95%",
        "first_attempt_success_rate >= 95%",
        "response_time.p95 <= 2.5s",
        "sound_picture_rate >= 95%",
    ]
    assert {objective.share for objective in objectives} == {0.95}


@pytest.mark.parametrize(
    ("objective", "share"),
    [
        (Objective("success_rate", None, 0.99), 0.99),
        (Objective("error_rate", None, 0.01), 0.99),
        (Objective("response_time", "p95", 3), 0.95),
        (Objective("response_time", "p99.9", 3), 0.999),
        (Objective("quality_score", "p5", 60), 0.95),
        (Objective("response_time", "mean", 3), None),
        (Objective("throughput", None, 100), None),
    ],
    ids=str,
)
def test_the_share_that_must_keep_it(objective, share):
    """A rate and a percentile are promises about a share of generations; a mean and a run's figure are not."""
    assert objective.share == share


def test_the_limit_itself_keeps_the_promise():
    """Within 3 s includes 3 s; the next number does not; where high is good it is the other way round."""
    in_time, good = Objective("response_time", "p95", 3), Objective("quality_score", "p5", 60)
    assert in_time.kept(3.0) and not in_time.kept(math.nextafter(3, 4)) and not in_time.kept(math.inf)
    assert good.kept(60.0) and not good.kept(math.nextafter(60, 0))
    assert Objective("success_rate", None, 0.9).kept(1.0) and not Objective("error_rate", None, 0.1).kept(1.0)


@pytest.mark.parametrize(
    ("statistic", "rank"),
    [("p95", 0.95), ("p99.9", 0.999), ("p5", 0.05), ("mean", None), (None, None), ("p100", None)],
)
def test_quantile(statistic, rank):
    """The number behind the p, as a share."""
    assert quantile(statistic) == rank


@pytest.mark.parametrize(
    ("share", "least"), [(0.5, 5), (0.9, 29), (0.95, 59), (0.99, 299), (0.999, 2995), (0.9999, 29956)]
)
def test_least_samples_that_confirm(share, least):
    """59 clean samples confirm 95 %, 299 confirm 99 %, and one fewer does not."""
    assert fewest_to_confirm(share) == least
    assert rate_bounds(least, least)[0] >= share > rate_bounds(least - 1, least - 1)[0]


@settings(deadline=None, max_examples=100)
@given(st.floats(0.01, 0.9999))
def test_by_default_one_failure_never_refutes(share):
    """From so many samples on as an objective asks by itself a single failure is no evidence enough; two may be."""
    least = Objective("success_rate", None, share).fewest
    assert chance_of_as_few(least - 1, least, share) > 0.05 - 1e-9
    assert least == 1 or chance_of_as_few(least - 2, least - 1, share) <= 0.05 + 1e-9


@settings(deadline=None, max_examples=100)
@given(st.floats(0.01, 0.9999), st.integers(1, 2000))
def test_a_minimum_at_which_one_failure_would_refute_is_refused(share, samples):
    """`from N samples` is accepted exactly where one failure in N is not evidence enough."""
    chance = chance_of_as_few(samples - 1, samples, Objective("success_rate", None, share).share)
    if chance > 0.05 + 1e-9:
        assert Objective("success_rate", None, share, samples=samples).fewest == samples
    elif chance < 0.05 - 1e-9:
        with pytest.raises(ObjectiveError, match="it would fail for one failure in"):
            Objective("success_rate", None, share, samples=samples)


@settings(deadline=None, max_examples=100)
@given(st.floats(1e-6, 1, exclude_max=True))
def test_every_share_that_is_accepted_can_pass_and_can_fail(share):
    """Within 30,000 samples a perfect service is confirmed and a dead one refuted; else the objective is refused."""
    count = 30_000
    decidable = chance_of_as_many(count, count, share) <= 0.05 and chance_of_as_few(0, count, share) <= 0.05
    if 0.0001 <= share <= 0.9999:
        assert Objective("success_rate", None, share).share and decidable
    else:
        with pytest.raises(ObjectiveError, match=r"hardly ever|one failure"):
            Objective("success_rate", None, share)


def test_limits_and_windows_keep_twelve_digits():
    """What a person wrote, and not what its halves add up to: 0.1 + 0.2 is 0.3."""
    objective = Objective("response_time", "p95", 0.1 + 0.2, window=60.1 + 0.2)
    assert (objective.limit, objective.window) == (0.3, 60.3)
    assert Objective("success_rate", None, 0.95, by=["age"]).by == ("age",)
    assert hash(objective) == hash(Objective("response_time", "p95", 0.3, window=60.3))


def test_a_percentile_may_lie_beyond_the_deadline():
    """A failure is slower than any limit, so that `p95 <= 200s` can fail; a mean is capped at 180 s and cannot."""
    assert Objective("response_time", "p95", 200).share == 0.95
    with pytest.raises(ObjectiveError, match="never above 180"):
        Objective("response_time", "mean", 180)


@pytest.mark.parametrize(
    "limit", [None, "0.95", [1], math.nan, math.inf, -0.5, pytest.param(10**400, id="huge")]
)
def test_no_limit(limit):
    """A limit that is no number above 0 is refused by name, from Python too."""
    with pytest.raises(ObjectiveError, match="is no limit"):
        Objective("response_time", "p95", limit)


@pytest.mark.parametrize("window", [math.nan, math.inf, -1, 0, 59, 366 * 86400 + 1])
def test_a_window_out_of_range(window):
    """A window is one minute to a leap year."""
    with pytest.raises(ObjectiveError, match="give 1min to 366d"):
        Objective("response_time", "p95", 3, window=window)


def test_a_wrong_objective_is_a_configuration_error():
    """Whoever catches ConfigError catches it."""
    assert issubclass(ObjectiveError, ConfigError)
