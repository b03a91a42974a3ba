"""The scores of a picture, written beside it: what is wrong first, then what nobody could judge, then the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import ImageDraw, ImageFont

from facemon.model import MonitoringData, Score, ScoreVerdict

WIDTH = 640  # pixels
PAPER = (250, 250, 250)
RED, GREEN, GREY = (198, 40, 40), (46, 125, 50), (110, 110, 110)
_INK, _RAIL = (33, 33, 33), (224, 224, 224)
_SIZE, _HEADLINE = 13, 20  # pixels
_LINE = 21  # pixels from a line of text to the next
_GAP, _BORDER = 10, 20
_BAR, _BAR_LENGTH, _FIGURE, _TEXT = 140, 100, 275, 290  # pixels from the left border
# Pillow's own font has the letters of ASCII and few others; what it has not is drawn as an empty box.
_PLAIN = str.maketrans({"–": "-", "—": "-", "×": "x", "²": "^2", "³": "^3", "≥": ">=", "≤": "<="})
_ODD = re.compile(r"[^\x20-\x7e·°…]")

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """What stands side by side. score: drawn as a bar and a figure · text: as many lines as it needs."""

    text: tuple[str, ...]
    name: str = ""
    colour: Colour = _INK
    score: float | None = None
    size: int = _SIZE
    left: int = _TEXT

    @property
    def height(self) -> int:
        """In pixels."""
        return _LINE * max(1, len(self.text)) + self.size - _SIZE


def rows(record: MonitoringData) -> list[Row]:
    """Headline, what was asked, the totals, and every score; a row without anything is a gap."""
    scores = record.quality.scores
    failed, blind, passed = (
        [score for score in scores if score.verdict is verdict]
        for verdict in (ScoreVerdict.FAILED, ScoreVerdict.UNSCORED, ScoreVerdict.PASSED)
    )
    found = [_headline(failed, blind, passed), *_totals(record), Row(())]
    found += [_scored(score, RED) for score in failed]
    found += _open(blind)
    return found + [_scored(score, GREEN) for score in passed]


def height(rows: Sequence[Row]) -> int:
    """Of all rows with their borders, in pixels."""
    return sum(row.height for row in rows) + 2 * _GAP


def draw(canvas: ImageDraw.ImageDraw, left: int, rows: Sequence[Row]) -> None:
    """Write the rows from the top, `left` pixels from the canvas' own border."""
    left, y = left + _BORDER, _GAP
    for row in rows:
        canvas.text((left, y), row.name, row.colour, font=_font(_SIZE))
        if row.score is not None:
            _bar(canvas, left, y, row.score, row.colour)
        for number, line in enumerate(row.text):
            ink = row.colour if not row.name else _INK
            canvas.text((left + row.left, y + number * _LINE), line, ink, font=_font(row.size))
        y += row.height


def _headline(failed: Sequence[Score], blind: Sequence[Score], passed: Sequence[Score]) -> Row:
    names = ", ".join(score.evaluator for score in failed)
    if failed:
        said, colour = f"failed: {names}", RED
    elif blind:
        said = f"{len(blind)} question{'s' * (len(blind) != 1)} could not be judged"
        colour = GREY
    elif not passed:
        said, colour = "nobody has judged it", GREY
    else:
        said, colour = "nothing is wrong with it", GREEN
    return Row(_wrapped(said, 0, _HEADLINE), colour=colour, size=_HEADLINE, left=0)


def _totals(record: MonitoringData) -> Iterator[Row]:
    params, quality = record.request_params, record.quality
    score, weakest, adherence = quality.quality_score, quality.weakest, quality.prompt_adherence
    asked = f"age {params.age}, {params.gender}" if params.age else params.prompt or "not known"
    total = "not known" if score is None else f"{score:.0f} of 100"
    if score is not None and score < 99.5 and weakest is not None:
        total += f", pulled down most by {weakest.evaluator}"
    person = "not known" if adherence is None else f"{adherence:.2f}"
    image = record.image
    origin = f"seed {image.seed or 'not known'}, {image.width} x {image.height}, " if image else ""
    for name, text in (
        ("asked for", asked),
        ("quality", total),
        ("adherence", person),
        ("picture", f"{origin}record {record.id}"),
    ):
        yield Row(_wrapped(text, _BAR), name, GREY, left=_BAR)


def _scored(score: Score, colour: Colour) -> Row:
    raw = "" if score.raw is None else f"{_number(score.raw)} {score.unit or ''}".strip()
    return Row(_wrapped(score.reason or raw, _TEXT), score.evaluator, colour, score.score or 0.0)


def _number(raw: float) -> str:
    return f"{raw:,.0f}" if abs(raw) >= 1000 else f"{raw:.3g}"


def _open(blind: Sequence[Score]) -> Iterator[Row]:
    """One row a reason: a picture without a face leaves a dozen questions open for the same one."""
    for reason in dict.fromkeys(score.reason for score in blind):
        names = ", ".join(score.evaluator for score in blind if score.reason == reason)
        yield Row(_wrapped(f"{reason}: {names}", _BAR), "not judged", GREY, left=_BAR)


def _wrapped(text: str, left: int, size: int = _SIZE) -> tuple[str, ...]:
    font, room = _font(size), WIDTH - 2 * _BORDER - left
    lines = [""]
    for word in _ODD.sub("?", text.translate(_PLAIN)).split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return tuple(lines)


def _bar(canvas: ImageDraw.ImageDraw, left: int, y: int, score: float, colour: Colour) -> None:
    start, top, bottom = left + _BAR, y + 5, y + 12
    canvas.rectangle((start, top, start + _BAR_LENGTH, bottom), fill=_RAIL)
    if score >= 1:
        canvas.rectangle((start, top, start + score / 100 * _BAR_LENGTH, bottom), fill=colour)
    canvas.text((left + _FIGURE, y), f"{score:.0f}", _INK, font=_font(_SIZE), anchor="ra")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
