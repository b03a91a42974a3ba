"""The course of an incident as a picture: its state over time, large enough to be read on a telephone."""

from __future__ import annotations

import functools
import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from PIL import Image, ImageDraw, ImageFont

from facemon.alerting.story import line, moment
from facemon.incident import Event, Notice, Picture
from facemon.model import State

_SIZE = (720, 400)  # pixels; shown 360 points wide, its smallest letters are 14 points high
_INK, _FAINT, _GRID = (32, 36, 44), (96, 102, 114), (224, 228, 234)
_BOX = (164, 78, 690, 320)
# Best on top. Colours of Okabe and Ito's palette, which colour-blind readers tell apart; the height says it too.
_STATES = (State.UP, State.UNKNOWN, State.DEGRADED, State.DOWN)
_COLOURS = {
    State.UP: (0, 158, 115),
    State.UNKNOWN: (130, 134, 142),
    State.DEGRADED: (230, 159, 0),
    State.DOWN: (213, 60, 40),
}
_MARGIN = 0.12  # of the incident's time: shown of what was before it, and of what came after

Span = tuple[datetime, datetime, State]


def timeline(notice: Notice) -> Picture | None:
    """A PNG of 720 by 400 pixels; None for what belongs to no incident."""
    events = notice.history or (notice.event,)
    if notice.event.incident_id is None:
        return None
    name = line(notice.event.component, 40)
    image = Image.new("RGB", _SIZE, "white")
    axis = _Axis.over(events)
    draw = ImageDraw.Draw(image)
    draw.text((24, 34), f"{name}: {notice.event.after}", _INK, _font(32), anchor="lm")
    _frame(draw, axis)
    spans = _spans(events, axis.end)
    _course(draw, axis, spans)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return Picture("timeline.png", out.getvalue(), _in_words(name, spans))


@dataclass(frozen=True, slots=True)
class _Axis:
    """Time from left to right. first, last: the events' own, which are named below it."""

    start: datetime
    end: datetime
    first: datetime
    last: datetime

    @classmethod
    def over(cls, events: Sequence[Event]) -> _Axis:
        first, last = events[0].at, events[-1].at
        margin = max((last - first) * _MARGIN, timedelta(minutes=1))
        return cls(first - margin, last + margin, first, last)

    def at(self, when: datetime) -> float:
        left, _, right, _ = _BOX
        return left + (right - left) * ((when - self.start) / (self.end - self.start))


def _spans(events: Sequence[Event], end: datetime) -> list[Span]:
    """From one change to the next, with the state between; the first is what was before."""
    before = (datetime.min.replace(tzinfo=UTC), events[0].before)
    changes = [before, *((event.at, event.after) for event in events)]
    ends = [*(when for when, _ in changes[1:]), end]
    return [(when, until, state) for (when, state), until in zip(changes, ends, strict=True)]


def _frame(draw: ImageDraw.ImageDraw, axis: _Axis) -> None:
    left, _, right, lower = _BOX
    for state in _STATES:
        draw.line([(left, _height(state)), (right, _height(state))], _GRID, 2)
        draw.text((left - 16, _height(state)), state.value, _INK, _font(28), anchor="rm")
    same_day = f"{axis.first:%j%Y}" == f"{axis.last:%j%Y}"
    draw.text((24, 372), moment(axis.first), _FAINT, _font(28), anchor="lm")
    if axis.last > axis.first:
        last = f"{axis.last.astimezone(UTC):%H:%M} UTC" if same_day else moment(axis.last)
        draw.text((right, 372), last, _FAINT, _font(28), anchor="rm")
    for when in {axis.first, axis.last}:
        draw.line([(axis.at(when), lower), (axis.at(when), lower + 20)], _FAINT, 2)


def _course(draw: ImageDraw.ImageDraw, axis: _Axis, spans: Sequence[Span]) -> None:
    before: State | None = None
    for start, until, state in spans:
        x, end, y = axis.at(max(start, axis.start)), axis.at(until), _height(state)
        if before not in (None, state):
            draw.line([(x, _height(before or state)), (x, y)], _FAINT, 4)
        draw.line([(x, y), (max(end, x + 2), y)], _COLOURS[state], 14)
        before = state
    for start, _, state in spans[1:]:
        x, y = axis.at(start), _height(state)
        draw.ellipse((x - 10, y - 10, x + 10, y + 10), _COLOURS[state], _INK, 3)


def _height(state: State) -> float:
    _, upper, _, lower = _BOX
    return upper + 20 + (lower - upper - 40) * _STATES.index(state) / (len(_STATES) - 1)


def _in_words(name: str, spans: Sequence[Span]) -> str:
    changes = [here for before, here in itertools.pairwise(spans) if before[2] is not here[2]]
    told = [f"{state} from {moment(start)}" for start, _, state in changes]
    return f"{name}: {spans[0][2]}, then {', '.join(told) or 'still'}"


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
