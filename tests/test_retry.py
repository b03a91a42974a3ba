"""When to try again: a table of errors and delays, to the second, and `Retry-After`."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon import errors
from facemon.errors import AttemptTimeout, ConnectionFailed, GenerationError, RateLimited, ServerError
from facemon.retry import NO_RETRY, RetryPolicy, parse_retry_after

# A slow moment of a busy machine is no failure of the code.
UNHURRIED = settings(deadline=None)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
T, S = AttemptTimeout("t"), ServerError("s", status=500)
FINAL = [
    kind
    for kind in GenerationError.__subclasses__()
    if kind not in (AttemptTimeout, ServerError, RateLimited) and kind.__module__ == errors.__name__
]


def delays(failures, policy=None):
    """The delay after each of these failures in turn; it ends with the first None."""
    policy = policy or RetryPolicy()
    found = []
    for end in range(1, len(failures) + 1):
        found.append(policy.delay(failures[:end]))
        if found[-1] is None:
            break
    return found


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        ([T] * 4, [2, 2, 2, None]),
        ([S] * 4, [1, 2, 4, None]),
        ([T, S, T, S], [2, 1, 2, None]),
        ([S, T, S, T], [1, 2, 2, None]),
        ([S, S, T, S], [1, 2, 2, None]),
        ([T, T, S, S], [2, 2, 1, None]),
    ],
)
def test_delays_to_the_second(failures, expected):
    """Time-outs wait 2, 2, 2 s, 5xx 1, 2, 4 s; delays count per kind, at most three retries over all kinds."""
    assert delays(failures) == expected


@pytest.mark.parametrize("kind", FINAL, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("before", [[], [T], [S]], ids=["first", "after a time-out", "after a 5xx"])
def test_everything_else_is_final(kind, before):
    """No other error is tried again, be it the first or one after a retry."""
    assert RetryPolicy().delay([*before, kind("x")]) is None


def test_rate_limited_waits_what_it_was_told():
    """A 429 waits for Retry-After, nothing else, and fails at once where none was sent; three retries at most."""
    asked = RateLimited("r", retry_after=7.0)
    assert delays([asked] * 4) == [7.0, 7.0, 7.0, None]
    assert delays([RateLimited("r")]) == [None]
    assert delays([RateLimited("r", retry_after=0.0)]) == [0.0]


def test_no_retry_never_retries():
    """NO_RETRY gives up after the first failure of any kind, an asked-for wait included."""
    assert all(NO_RETRY.delay([error]) is None for error in (T, S, RateLimited("r", retry_after=1.0)))


def test_own_policy():
    """Delays and the number of retries are the policy's own; a list that ends gives up."""
    assert delays([T, T], RetryPolicy(timeout_delays=(5.0,))) == [5.0, None]
    assert delays([S, S], RetryPolicy(max_retries=1)) == [1.0, None]


@UNHURRIED
@given(
    st.lists(st.sampled_from([T, S, RateLimited("r", retry_after=3.0), ConnectionFailed("c")]), min_size=1)
)
def test_never_more_than_three_retries(failures):
    """Whatever fails in whatever order, after the fourth failure there is no retry and no delay is negative."""
    found = RetryPolicy().delay(failures)
    assert found is None or (len(failures) <= 3 and found >= 0)


# --- Retry-After ---


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("0", 0.0),
        ("7", 7.0),
        (" 120 ", 120.0),
        ("007", 7.0),
        ("Thu, 01 Jan 2026 00:00:09 GMT", 9.0),
        ("Thursday, 01-Jan-26 00:01:00 GMT", 60.0),
        ("Thu Jan  1 00:00:30 2026", 30.0),
        ("Wed, 31 Dec 2025 23:59:00 GMT", 0.0),
        ("Thu, 01 Jan 2026 01:00:10 +0100", 10.0),
        ("Thu, 01 Jan 2026 00:00:10 -0000", 10.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٧", None),
        ("²", None),
        ("7 s", None),
        ("0x10", None),
        ("Thu, 99 Jan 2026 00:00:00 GMT", None),
    ],
)
def test_retry_after_in_both_forms(value, expected):
    """Seconds or any of the three HTTP date forms; a date gone by means now; what cannot be read means None."""
    assert parse_retry_after(value, NOW) == expected


@pytest.mark.parametrize(
    "value",
    [
        "Thu, 01 Jan 2026 99999999999999999999:00:00 GMT",
        "Thu, 01 Jan 2026 00:00:00 +99999999999999999999",
        "Thu, 01 Jan 999999999999999999999 00:00:00 GMT",
    ],
)
def test_retry_after_with_numbers_beyond_a_date(value):
    """A date whose numbers overflow the machine's is unreadable, and no exception of another kind."""
    assert parse_retry_after(value, NOW) is None


@UNHURRIED
@given(st.integers(0, 10**9), st.integers(-12, 12))
def test_retry_after_date_in_any_zone(seconds, hours):
    """A date says the same moment in every time zone."""
    moment = (NOW + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=hours)))
    assert parse_retry_after(format_datetime(moment), NOW) == seconds


@UNHURRIED
@given(st.one_of(st.text(), st.text("0123456789:+-, GMTJanThu", max_size=60)))
def test_retry_after_of_any_text(value):
    """Any text gives None or seconds that are not negative, never an exception."""
    found = parse_retry_after(value, NOW)
    assert found is None or found >= 0
