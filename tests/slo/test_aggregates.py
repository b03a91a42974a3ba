"""The specification's figures, each worked out by hand."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.errors import AttemptTimeout, BudgetExceeded, ConnectionFailed, ServerError, Unauthorized
from facemon.slo.aggregates import Aggregates, aggregate, percentile, rank, response_times

SERVER, TIMEOUT = (ServerError("HTTP 500", status=500),), (AttemptTimeout("no reply"),)
KEY, BUDGET = (Unauthorized("HTTP 401", status=401),), (BudgetExceeded("cap"),)
NO_DNS = (ConnectionFailed("no name", "no dns"),)


@pytest.mark.parametrize(("share", "count"), [(0.07, 100), (0.55, 100), (0.56, 25), (0.95, 60), (0.5, 3)])
def test_the_rank_is_that_of_the_fraction(share, count):
    """0.07 * 100 is a little more than 7 to a computer, and the seventh of a hundred all the same."""
    assert rank(share, count) == -(-round(share * 100) * count // 100)


def test_a_small_run_by_hand(make):
    """Five generations: 1 s, 2 s, 3 s on the third attempt, a time-out after 4 attempts, and one without a key."""
    found = aggregate(
        [
            make(1.0),
            make(2.0),
            make(3.0, attempts=3),
            make(120.0, attempts=4, errors=TIMEOUT),
            make(0.1, errors=KEY),
        ],
        elapsed=30.0,
    )
    assert found == Aggregates(
        count=5,
        known=4,
        succeeded=3,
        first_attempt_succeeded=2,
        average_response_time=2.0,
        p50_response_time=2.0,
        p90_response_time=math.inf,
        p95_response_time=math.inf,
        p99_response_time=math.inf,
        throughput=6.0,  # three pictures in half a minute
        retry_count=5,
        credits=9.0,
        error_types={"timeout": 1, "unauthorized": 1},
        causes_unknown={"unauthorized": 1},
    )
    assert (found.success_rate, found.first_attempt_success_rate, found.error_rate) == (0.75, 0.5, 0.25)


def test_success_on_the_third_attempt_counts_in_one_rate_and_against_the_other(make):
    """A retry that helped is a success, and no first-attempt success."""
    found = aggregate([make(attempts=3)])
    assert (found.success_rate, found.first_attempt_success_rate, found.error_rate) == (1.0, 0.0, 0.0)
    assert found.retry_count == 2


def test_unknown_generations_change_no_rate_and_no_percentile(make):
    """What our key, budget or network kept from being seen is counted, named, and left out of every figure."""
    seen = [make(1.0), make(2.0, attempts=2), make(5.0, errors=SERVER)]
    unseen = [
        make(9.0, errors=KEY),
        make(9.0, errors=BUDGET),
        make(9.0, errors=NO_DNS),
        make(9.0, errors=KEY),
    ]
    alone, mixed = aggregate(seen, 10), aggregate([*unseen, *seen], 10)
    for name in Aggregates.__dataclass_fields__:
        if name not in ("count", "error_types", "causes_unknown"):
            assert getattr(mixed, name) == getattr(alone, name), name
    assert (mixed.count, mixed.known) == (7, 3)
    assert mixed.causes_unknown == {"unauthorized": 2, "budget_exceeded": 1, "connection: no dns": 1}
    assert mixed.error_types["unauthorized"] == 2 and mixed.error_types["server_error"] == 1


def test_only_unknown_generations_have_no_rates(make):
    """Nothing known: no rate, no percentile, no average, and no picture a minute."""
    found = aggregate([make(1.0, errors=KEY)], 10.0)
    assert (found.known, found.success_rate, found.first_attempt_success_rate, found.error_rate) == (
        0,
        None,
        None,
        None,
    )
    assert (found.average_response_time, found.p95_response_time, found.throughput) == (None, None, 0.0)


def test_empty_input():
    """No records: counts of nought, rates and times of None, and no exception."""
    assert aggregate([]) == Aggregates(0, 0, 0, 0, None, None, None, None, None, None, 0, 0)
    assert aggregate(iter(())).success_rate is None and aggregate([]).error_rate is None
    assert aggregate([]).first_attempt_success_rate is None


@pytest.mark.parametrize("elapsed", [None, 0, 0.0])
def test_no_throughput_without_a_time(make, elapsed):
    """Without a time that passed there is no throughput, rather than an infinite one."""
    assert aggregate([make()], elapsed).throughput is None


def test_any_iterable_will_do(make):
    """Records may come from a generator, once."""
    assert aggregate(make(float(n)) for n in (1, 2, 3)).average_response_time == 2.0


def test_error_types_are_counted_commonest_first(make):
    """Each final error counts once under its type, whatever the attempts before it were."""
    found = aggregate([make(errors=TIMEOUT, attempts=4), make(errors=SERVER), make(errors=SERVER), make()])
    assert list(found.error_types.items()) == [("server_error", 2), ("timeout", 1)]


def test_a_picture_that_does_not_decode_is_an_error(make):
    """It came in 0.1 s and is no success: an error type, an error rate, and slower than any limit."""
    found = aggregate([make(0.1, scores={"decodes": "invalid_image"}), make(2.0)])
    assert (found.succeeded, found.error_rate, found.error_types) == (1, 0.5, {"invalid_image": 1})
    assert (found.average_response_time, found.p50_response_time, found.p90_response_time) == (
        2.0,
        2.0,
        math.inf,
    )


def test_an_unsound_picture_is_no_error(make):
    """A blurred or blank picture is a failed score: the request did end with a picture."""
    found = aggregate([make(scores={"not_blurred": False, "size": None})])
    assert (found.success_rate, found.error_types) == (1.0, {})


def test_credits_are_those_of_the_pictures(make):
    """The credits booked for each picture that came are added up."""
    assert aggregate([make(credits_booked=6.5), make(credits_booked=2.5), make(errors=SERVER)]).credits == 9.0


def test_failures_are_slower_than_anything(make):
    """A failure that came at once is not a fast answer."""
    assert response_times([make(0.5), make(0.001, errors=SERVER)]) == [0.5, math.inf]


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([15, 20, 35, 40, 50], 0.05, 15),
        ([15, 20, 35, 40, 50], 0.30, 20),
        ([15, 20, 35, 40, 50], 0.40, 20),
        ([15, 20, 35, 40, 50], 0.50, 35),
        ([15, 20, 35, 40, 50], 1.00, 50),
        ([15, 20, 35, 40, 50], 0.0, 15),
        ([7], 0.99, 7),
        (list(range(1, 101)), 0.95, 95),
        (list(range(1, 60)), 0.95, 57),
        (list(range(1, 60)), 0.99, 59),
        ([1, math.inf], 0.5, 1),
        ([1, math.inf], 0.51, math.inf),
        ([], 0.5, None),
    ],
)
def test_percentile_is_the_nearest_rank(values, share, expected):
    """The textbook's example and some of ours: the value at rank ceil(share · n), which did occur."""
    assert percentile(values, share) == expected


@given(st.integers(1, 5000), st.sampled_from([50, 90, 95, 99]))
def test_percentile_rank_in_whole_numbers(count, percent):
    """No rounding of floats moves the rank: it is the one that exact fractions give."""
    assert percentile(range(1, count + 1), percent / 100) == math.ceil(Fraction(percent, 100) * count)
