"""The histogram of latencies: its stated error, and that merging loses nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.slo.aggregates import percentile
from facemon.slo.histogram import HIGHEST, RELATIVE_ERROR, Histogram, merged

DURATIONS = st.one_of(st.floats(0, HIGHEST), st.just(math.inf))
SAMPLES = st.lists(DURATIONS, max_size=40)
MICROSECOND = 1e-6
EMPTY = Histogram().encode().split(" ")[1]


@given(st.lists(DURATIONS, min_size=1, max_size=60), st.floats(0, 1))
def test_a_quantile_is_within_the_stated_error(durations: list[float], share: float) -> None:
    """Never below the exact nearest-rank percentile, and above it by the stated share or two microseconds at most."""
    exact = percentile(sorted(durations), share - 1e-12 if share else 0)
    found = Histogram(durations).quantile(share)
    assert exact is not None
    assert found is not None
    if math.isinf(exact):
        assert math.isinf(found)
    else:
        assert exact - MICROSECOND <= found <= exact * (1 + RELATIVE_ERROR) + 2 * MICROSECOND


@given(SAMPLES, SAMPLES, SAMPLES)
def test_merging_is_associative_and_loses_nothing(
    first: list[float], second: list[float], third: list[float]
) -> None:
    """However samples are grouped, ordered and merged, the histogram is that of all of them."""
    a, b, c = Histogram(first), Histogram(second), Histogram(third)
    whole = Histogram([*first, *second, *third])
    assert (a + b) + c == a + (b + c) == (c + a) + b == merged([a, b, c]) == whole
    assert whole.count == len(first) + len(second) + len(third)
    assert a == Histogram(first)  # what is merged does not change


def test_four_workers_report_the_histogram_of_one() -> None:
    """The same latencies dealt out to four workers, sent as text and merged, give the histogram of one, bit by bit."""
    latencies = [0.05 * 1.01 ** (number % 500) for number in range(2000)] + [math.inf] * 7
    shares = [Histogram(latencies[worker::4]).encode() for worker in range(4)]
    together = merged(map(Histogram.decode, shares))
    assert together == Histogram(latencies)
    assert together.encode() == Histogram(latencies).encode()


@given(SAMPLES)
def test_decode_reverses_encode(durations: list[float]) -> None:
    """A histogram survives the way to another process."""
    assert Histogram.decode(Histogram(durations).encode()) == Histogram(durations)


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "0 ", "0 abc", "0 HISTFAAAABR42pNpmSzMwMBAGQAA", f"-1 {EMPTY}", f"0 {EMPTY[:-4]}"],
)
def test_what_is_no_histogram_is_refused(text: str) -> None:
    """Text of another kind is a ValueError, not an empty histogram."""
    with pytest.raises(ValueError, match="no encoded histogram"):
        Histogram.decode(text)


@pytest.mark.parametrize("seconds", [-0.001, math.nan])
def test_what_is_no_duration_is_refused(seconds: float) -> None:
    """A clock that went back is a mistake, and no latency of nothing."""
    with pytest.raises(ValueError, match="no duration"):
        Histogram().record(seconds)


def test_failures_are_slower_than_any_limit() -> None:
    """With 5 failures in 100 the 95th percentile is still a duration, the 96th is infinite."""
    histogram = Histogram([1.0] * 95, failures=5)
    assert histogram.quantile(0.95) == pytest.approx(1.0, rel=RELATIVE_ERROR)
    assert histogram.quantile(0.96) == math.inf


def test_an_empty_histogram_has_no_quantile() -> None:
    """Nothing counted is no data, and not zero seconds; a share beyond 1 is a mistake."""
    assert Histogram().quantile(0.5) is None
    with pytest.raises(ValueError, match="no share"):
        Histogram([1.0]).quantile(95)


@given(SAMPLES.filter(lambda some: not all(map(math.isinf, some))))
def test_fewer_digits_take_less_and_err_more(durations: list[float]) -> None:
    """Two digits err by 1/128 at most; added to one of three digits they count in full."""
    coarse, fine = Histogram(durations, digits=2), Histogram(durations)
    exact = percentile(sorted(durations), 0.3)
    found = coarse.quantile(0.3)
    assert exact is not None
    assert found is not None
    if not math.isinf(exact):
        assert exact - MICROSECOND <= found <= exact * (1 + 2**-7) + 2 * MICROSECOND
    assert (fine + coarse).count == 2 * fine.count
    assert Histogram.decode(coarse.encode()) == coarse


def test_what_is_too_long_counts_as_an_hour() -> None:
    """Beyond the range a duration is kept as the longest one, and not lost."""
    assert Histogram([1e9]).quantile(1) == pytest.approx(HIGHEST, rel=RELATIVE_ERROR)
