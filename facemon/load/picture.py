"""A load result as a picture: percentiles on both clocks, latency over time with failures, requests under way."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from facemon.load.plot import seconds
from facemon.load.result import LoadResult
from facemon.slo.histogram import Histogram

_SIZE = (1000, 800)
_INK, _FAINT, _GRID = (40, 44, 52), (120, 126, 138), (225, 228, 233)
# Blue, orange and red of Okabe and Ito's palette, which colour-blind readers tell apart.
_INTENDED, _ACTUAL, _FAILED = (0, 114, 178), (230, 159, 0), (213, 60, 40)
_UNDER_WAY = (222, 232, 240)
_TICKS = (0.0, 0.5, 0.9, 0.99, 0.999)

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class _Panel:
    """A field of the picture with its own scales; both begin at zero."""

    draw: ImageDraw.ImageDraw
    box: tuple[int, int, int, int]
    right: float
    top: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        left, upper, end, lower = self.box
        across = left + (end - left) * min(1.0, x / self.right)
        return across, lower - (lower - upper) * min(1.0, y / self.top)

    def frame(self, title: str, heights: Sequence[float], places: Sequence[tuple[float, str]]) -> None:
        """The title, lines at `heights` (seconds) and words below `places`."""
        left, upper, end, lower = self.box
        self.draw.text((left, upper - 30), title, _INK, _font(17))
        for height in heights:
            y = self.at(0, height)[1]
            self.draw.line([(left, y), (end, y)], _GRID)
            self.draw.text((left - 8, y), seconds(height) if height else "0", _FAINT, _font(13), anchor="rm")
        for place, word in places:
            x = self.at(place, 0)[0]
            self.draw.line([(x, lower), (x, lower + 5)], _FAINT)
            self.draw.text((x, lower + 8), word, _FAINT, _font(13), anchor="ma")

    def line(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        """A line through points."""
        self.draw.line([self.at(*point) for point in points], colour, 3, joint="curve")


def picture(result: LoadResult) -> bytes:
    """A PNG of 1000 by 800 pixels."""
    image = Image.new("RGB", _SIZE, "white")
    draw = ImageDraw.Draw(image)
    draw.text((80, 18), f"{result.schedule}", _INK, _font(22))
    draw.text((80, 48), _summary(result), _FAINT, _font(14))
    _percentiles(draw, result)
    _over_time(draw, result)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _summary(result: LoadResult) -> str:
    return (
        f"{result.sent} of {result.due} sent · {result.late} late · {result.dropped} dropped · "
        f"{result.served} pictures in time · {result.failed} failed · {sum(result.unknown.values())} unknown · "
        f"sender {result.cpu:.0%} of a core"
    )


def _percentiles(draw: ImageDraw.ImageDraw, result: LoadResult) -> None:
    top = _top(result.intended)
    deepest = _deep(1 - 1 / max(2, result.intended.count))
    panel = _Panel(draw, (80, 120, 960, 380), max(1.2, deepest), top)
    ticks = [(_deep(share), f"p{share * 100:g}" if share else "fastest") for share in _TICKS]
    panel.frame(
        "latency by percentile",
        _heights(top),
        [*(tick for tick in ticks if tick[0] < 0.93 * panel.right), (panel.right, "slowest")],
    )
    for histogram, colour in ((result.actual, _ACTUAL), (result.intended, _INTENDED)):
        panel.line(_curve(histogram, panel.right), colour)
    for place, (colour, words) in enumerate(
        ((_INTENDED, "from the intended start"), (_ACTUAL, "from the actual start"))
    ):
        draw.line([(560 + 205 * place, 99), (585 + 205 * place, 99)], colour, 4)
        draw.text((592 + 205 * place, 99), words, _INK, _font(14), anchor="lm")
    if result.intended.failures:
        words = f"{result.intended.failures} failures lie beyond the right end of the curve"
        draw.text((960, 392 + 22), words, _FAILED, _font(13), anchor="ra")


def _curve(histogram: Histogram, right: float) -> list[tuple[float, float]]:
    points = []
    for step in range(201):
        place = right * step / 200
        value = histogram.quantile(1 - 10**-place if step < 200 else 1.0)
        if value is not None and math.isfinite(value):
            points.append((place, value))
    return points or [(0.0, 0.0)]


def _over_time(draw: ImageDraw.ImageDraw, result: LoadResult) -> None:
    top = _top(result.intended)
    end = max(result.schedule.duration, *(second + 1.0 for second in result.concurrency), 1.0)
    panel = _Panel(draw, (80, 490, 960, 740), end, top)
    ticks = [(moment, f"{moment:g} s") for moment in _heights(end)]
    most = max(result.concurrency.values(), default=0.0)
    busy = _Panel(draw, panel.box, end, max(1.0, most))
    for second, value in result.concurrency.items():
        left, upper = busy.at(second, value)
        draw.rectangle((left, upper, busy.at(second + 1, 0)[0], panel.box[3]), _UNDER_WAY)
    panel.frame("latency over time, by the instant a request was due", _heights(top), ticks)
    panel.draw.text(
        (960, 476),
        f"median and slowest · failed: x · requests under way, up to {most:.1f}: shaded",
        _FAINT,
        _font(13),
        anchor="rs",
    )
    length = next((tally.cell_length for tally in result.tallies.values()), 1.0)
    for begin, cell in result.over_time:
        _mark(panel, begin + length / 2, cell)


def _mark(panel: _Panel, place: float, cell: Histogram) -> None:
    came = cell.count - cell.failures
    if came:
        slowest = cell.quantile(came / cell.count) or 0.0
        median = cell.quantile(0.5 * came / cell.count) or 0.0
        panel.draw.line([panel.at(place, median), panel.at(place, slowest)], _INTENDED, 2)
        _dot(panel, place, median, 3)
        _dot(panel, place, slowest, 2)
    if cell.failures:
        x, y = panel.at(place, panel.top)
        for slant in (-4, 4):
            panel.draw.line([(x - 4, y - slant), (x + 4, y + slant)], _FAILED, 2)


def _dot(panel: _Panel, place: float, height: float, size: int) -> None:
    x, y = panel.at(place, height)
    panel.draw.ellipse((x - size, y - size, x + size, y + size), _INTENDED)


def _top(histogram: Histogram) -> float:
    came = histogram.count - histogram.failures
    slowest = histogram.quantile(came / histogram.count) if came else None
    return 1.08 * (slowest or 1.0)


def _heights(top: float) -> list[float]:
    """Round numbers from 0 up to `top`: four or five of them."""
    rough = top / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * unit for factor in (1, 2, 2.5, 5, 10) if factor * unit >= rough)
    return [step * number for number in range(int(top / step) + 1)]


def _deep(share: float) -> float:
    """How far into the tail: 0 for p0, 1 for p90, 2 for p99."""
    return -math.log10(1 - share)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
