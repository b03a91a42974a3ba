"""A load result in words and as a small plot of text, for the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from facemon.load.result import LoadResult
from facemon.slo.histogram import Histogram

QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999, 1.0)
_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 60

Line = tuple[str, str | None]
"""A line and its colour, if any."""


def progress(result: LoadResult, elapsed: float) -> str:
    """One line while it runs."""
    due_by_now = min(result.due, math.ceil(result.schedule.rate * max(0.0, elapsed)))
    return (
        f"facemon load {min(elapsed, result.schedule.duration):.0f} of {result.schedule.duration:.0f} s · "
        f"due {due_by_now} of {result.due} · sent {result.sent} · answered {result.answered} · "
        f"in flight {result.in_flight} · errors {result.failed + sum(result.unknown.values())} · "
        f"p95 {seconds(result.intended.quantile(0.95))}"
    )


def lines(result: LoadResult) -> Iterator[Line]:
    """The section of a load run."""
    yield f"schedule  {result.schedule}, {len(result.tallies)} {_plural('worker', len(result.tallies))}", None
    missed = result.late + result.dropped + result.unsent
    yield (
        (
            f"starts    {result.sent} of {result.due} sent · {result.late} late · {result.dropped} dropped · "
            f"{result.unsent} not sent"
        ),
        "yellow" if missed else None,
    )
    answers = " · ".join(
        f"{name} {number}" for name, number in (result.outcomes + result.unknown).most_common()
    )
    yield f"answers   {answers or 'none'} · in time {result.served}", "red" if result.failed else None
    yield "", None
    yield "latency   " + "".join(f"{_name(share):>10}" for share in QUANTILES), None
    for title, histogram in (("intended", result.intended), ("actual", result.actual)):
        figures = "".join(f"{seconds(histogram.quantile(share)):>10}" for share in QUANTILES)
        yield f"  {title:<8}{figures}   from the {title} start", None
    yield from _over_time(result)
    yield "", None
    lag = result.lag.quantile(0.99)
    yield (
        (
            f"sender    CPU {result.cpu:.1%} of a core on average, the busiest worker {result.busiest:.1%} while "
            f"sending · event loop late by {seconds(lag)} (p99) · memory at most {result.memory / 1e6:.0f} MB a process"
        ),
        None,
    )
    withheld = result.why_withheld()
    if withheld:
        yield f"withheld  {withheld}", "yellow"


def _over_time(result: LoadResult) -> Iterator[Line]:
    """Columns of equal time: the slowest picture of those due in it, failures, and requests under way."""
    if not result.over_time:
        return
    end = max(result.schedule.duration, *(second + 1.0 for second in result.concurrency))
    columns = min(_WIDTH, math.ceil(end))
    cells = [Histogram() for _ in range(columns)]
    for begin, cell in result.over_time:
        place = min(columns - 1, int(columns * begin / end))
        cells[place] = cells[place] + cell
    busy = [0.0] * columns
    for second, value in result.concurrency.items():
        place = min(columns - 1, int(columns * second / end))
        busy[place] = max(busy[place], value)
    slowest = [_slowest(cell) for cell in cells]
    top = max((value for value in slowest if value is not None), default=0.0)
    yield "", None
    yield f"  slowest    {_bars(slowest, top)}   up to {seconds(top)}, by the time it was due", None
    if result.intended.failures:
        marks = "".join("x" if cell.failures else " " for cell in cells)
        yield f"  failed     {marks}   {result.intended.failures} in all", "red"
    yield f"  under way  {_bars(busy, max(busy))}   up to {max(busy):.1f} at once", None


def _slowest(cell: Histogram) -> float | None:
    """The slowest picture that came; None where none did."""
    came = cell.count - cell.failures
    return cell.quantile(came / cell.count) if came else None


def _bars(values: Sequence[float | None], top: float) -> str:
    return "".join(
        " "
        if value is None
        else _BARS[min(len(_BARS) - 1, int(len(_BARS) * value / top))]
        if top
        else _BARS[0]
        for value in values
    )


def _name(share: float) -> str:
    return "max" if share == 1 else f"p{share * 100:.12g}"


def seconds(value: float | None) -> str:
    """`2.31 s`, `a failure`, `–`."""
    if value is None:
        return "–"
    if math.isinf(value):
        return "a failure"
    return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"


def _plural(word: str, number: int) -> str:
    return word if number == 1 else f"{word}s"
