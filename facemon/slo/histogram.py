"""Latencies counted in the layout of HdrHistogram: bounded memory, merged without loss, a stated relative error.

The layout is Gil Tene's High Dynamic Range histogram (http://hdrhistogram.org) at 3 significant digits, in microseconds
from 1 µs to 1 h: 2048 equal steps up to 2048 µs, then 1024 steps for each doubling. Only the steps that were hit are
kept.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import zlib
from collections.abc import Iterable

RELATIVE_ERROR = 2**-10
"""The most by which a quantile exceeds the sample it stands for, as a share of it; below 1 ms it is 1 µs instead."""
HIGHEST = 3600.0
"""Seconds. What took longer counts as this long."""
_MICRO = 1_000_000
_STEP_BITS = 11  # 2**11 = 2048 steps: the first power of two that holds 2 * 10**3, as 3 digits need


class Histogram:
    """Durations in seconds. `failures` are counted apart: each is slower than any duration."""

    def __init__(self, durations: Iterable[float] = (), failures: int = 0) -> None:
        self._counts: dict[int, int] = {}  # the lowest microsecond of a step → how many fell into it
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
        step = _step(max(1, round(min(seconds, HIGHEST) * _MICRO)))
        self._counts[step] = self._counts.get(step, 0) + 1

    @property
    def count(self) -> int:
        """Durations and failures."""
        return sum(self._counts.values()) + self.failures

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
        # As `aggregates.percentile` ranks; the hair is for 0.07 * 100, which is a little more than 7.
        rank = max(1, math.ceil(share * total - 1e-9))
        for step in sorted(self._counts):
            rank -= self._counts[step]
            if rank <= 0:
                return _last_of(step) / _MICRO
        return math.inf

    def __add__(self, other: Histogram) -> Histogram:
        """Both together, as if one had counted everything; neither is changed."""
        both = Histogram(failures=self.failures + other.failures)
        both._counts = dict(self._counts)
        for step, number in other._counts.items():
            both._counts[step] = both._counts.get(step, 0) + number
        return both

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histogram):
            return NotImplemented
        return self._counts == other._counts and self.failures == other.failures

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Histogram({self.count} counted, {self.failures} of them failures)"

    def encode(self) -> str:
        """As text of a few kilobytes at most: letters, digits, `+`, `/` and `=`."""
        content = json.dumps([self.failures, sorted(self._counts.items())], separators=(",", ":"))
        return base64.b64encode(zlib.compress(content.encode())).decode()

    @classmethod
    def decode(cls, text: str) -> Histogram:
        """The reverse of `encode`. Raises ValueError for any other text."""
        try:
            failures, counts = json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
            found = cls(failures=_whole(failures))
            found._counts = {_whole(step): _whole(number) for step, number in counts}
        except (binascii.Error, zlib.error, ValueError, TypeError) as error:
            raise ValueError(f"this is no encoded histogram ({error})") from None
        if any(_step(max(1, step)) != step for step in found._counts):
            raise ValueError("this is no encoded histogram (a count lies between two steps)")
        return found


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """All together; in any order and grouping the same."""
    total = Histogram()
    for histogram in histograms:
        total = total + histogram
    return total


def _step(micro: int) -> int:
    shift = max(0, micro.bit_length() - _STEP_BITS)
    return micro >> shift << shift


def _last_of(step: int) -> int:
    return step + (1 << max(0, step.bit_length() - _STEP_BITS)) - 1


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value
