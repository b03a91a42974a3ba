"""Latencies in bounded memory, merged without loss, with a stated relative error: an HdrHistogram.

Gil Tene's High Dynamic Range histogram (http://hdrhistogram.org), in microseconds from 1 µs to 1 h, with 3 significant
digits unless fewer are asked for. What the library does not know is added: failures, which are slower than any
duration, and the nearest rank, as `aggregates.percentile` takes it.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from hdrh.codec import HdrCookieException, HdrLengthException
from hdrh.histogram import HdrHistogram

from facemon.slo.aggregates import rank

RELATIVE_ERROR = 2**-10
"""The most by which a quantile exceeds the sample it stands for, as a share of it; below 1 ms it is 1 µs instead."""
HIGHEST = 3600.0
"""Seconds. What took longer counts as this long."""
DIGITS = 3
_MICRO = 1_000_000


class Histogram:
    """Durations in seconds. `failures` are counted apart: each is slower than any duration.

    digits: significant ones; 3 take 190 kB, 2 take 25 kB and have a `RELATIVE_ERROR` of 2⁻⁷.
    """

    def __init__(self, durations: Iterable[float] = (), failures: int = 0, digits: int = DIGITS) -> None:
        self._counted = HdrHistogram(1, round(HIGHEST * _MICRO), digits)
        self.failures = failures
        for seconds in durations:
            self.record(seconds)

    def record(self, seconds: float) -> None:
        """Count a duration; an infinite one is a failure. Raises ValueError for what is none."""
        if math.isnan(seconds) or seconds < 0:
            raise ValueError(f"{seconds} is no duration: give seconds of at least 0")
        if math.isinf(seconds):
            self.failures += 1
            return
        self._counted.record_value(max(1, round(min(seconds, HIGHEST) * _MICRO)))

    @property
    def count(self) -> int:
        """Durations and failures."""
        return int(self._counted.total_count) + self.failures

    def quantile(self, share: float) -> float | None:
        """Seconds that the nearest-rank quantile does not exceed; infinite where it falls among the failures.

        At most `RELATIVE_ERROR` above the sample itself. None if nothing was counted. Raises ValueError for a share
        outside 0 to 1.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"{share} is no share from 0 to 1")
        total = self.count
        if not total:
            return None
        place = rank(share, total)
        if place > self._counted.total_count:
            return math.inf
        step = int(np.searchsorted(np.cumsum(self._counts()), place))
        value = self._counted.get_value_from_index(step)
        return float(self._counted.get_highest_equivalent_value(value)) / _MICRO

    def __add__(self, other: Histogram) -> Histogram:
        """Both together, as if one had counted everything, as exactly as the first; neither is changed."""
        both = Histogram(failures=self.failures + other.failures, digits=self._counted.significant_figures)
        both._counted.add(self._counted)
        both._counted.add(other._counted)
        return both

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histogram):
            return NotImplemented
        return self.failures == other.failures and np.array_equal(self._counts(), other._counts())

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Histogram({self.count} counted, {self.failures} of them failures)"

    def _counts(self) -> npt.NDArray[np.int64]:
        return np.frombuffer(
            self._counted.counts, dtype=np.int64
        )  # the array itself: asking by index is slow

    def encode(self) -> str:
        """As text of a few kilobytes at most: the failures, and the interchange format that HdrHistogram tools read."""
        return f"{self.failures} {self._counted.encode().decode()}"

    @classmethod
    def decode(cls, text: str) -> Histogram:
        """The reverse of `encode`. Raises ValueError for any other text."""
        try:
            failures, counts = text.split(" ")
            counted = HdrHistogram.decode(counts)
            found = cls(failures=_whole(failures), digits=counted.significant_figures)
            found._counted.add(counted)
        except (
            HdrCookieException,
            HdrLengthException,
            zlib.error,
            ValueError,
            TypeError,
            IndexError,
        ) as error:
            raise ValueError(f"this is no encoded histogram ({error})") from None
        return found


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """All together; in any order and grouping the same."""
    total = Histogram()
    for histogram in histograms:
        total = total + histogram
    return total


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"{text!r} is no count")
    return int(text)
