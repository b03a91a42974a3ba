"""A record as a person reads it: what was asked, what came, how long each phase took, what each evaluator said."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from facemon.cli.score_table import score_rows
from facemon.model import Attempt, ImageMetadata, MonitoringData, Phases, State

STATE_COLOURS = {"up": "green", "degraded": "yellow", "down": "red", "unknown": "magenta"}
_TIME_IN_AN_ID = 13  # characters of a UUIDv7 that hold the millisecond
_PHASES = ("queue", "connect", "tls", "wait", "download")

Rows = Iterator[tuple[str, RenderableType]]


def sheet(rows: Rows) -> Table:
    """Names on the left, values on the right."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    return table


def columns(names: Sequence[str], *, right: Sequence[str] = (), folding: Sequence[str] = ()) -> Table:
    """A list's empty table: a bold head, no lines, nothing cut but what may fold."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in names:
        table.add_column(
            name, justify="right" if name in right else "left", no_wrap=name not in folding, overflow="fold"
        )
    return table


def unique_length(ids: Sequence[str]) -> int:
    """How many characters tell these apart, at least those of their time."""
    shared = [_shared(*pair) for pair in pairwise(sorted(ids))]
    return max([_TIME_IN_AN_ID, *(length + 1 for length in shared)])


def outcome(record: MonitoringData) -> RenderableType:
    """The state in its colour, and what stands behind it in a word."""
    state = record.state.value
    causes = list[str](record.error_types) or [score.evaluator for score in record.quality.failed]
    return coloured(state, STATE_COLOURS[state], ", ".join(causes))


def image_rows(image: ImageMetadata) -> Rows:
    """A picture's metadata."""
    yield "provider", f"{image.provider}, model {image.model}"
    yield "seed", "–" if image.seed is None else str(image.seed)
    yield "finish reason", image.finish_reason or "–"
    yield "request id", image.request_id or "–"
    yield "size", f"{image.width} × {image.height} pixels, {image.format}, {image.size_bytes:,} bytes"
    yield "SHA-256", image.sha256
    yield "credits", f"{image.credits:g} ({image.credits / 100:.4g} USD)"


def outcome_rows(record: MonitoringData, limit: float = math.inf) -> Rows:
    """What came of it: time, attempts, scores, state. limit: the time promised, in seconds."""
    yield "time", f"{seconds(record.performance.response_time)} ({phases(_last_phases(record))})"
    yield "attempts", "\n".join(map(attempt_line, record.attempts)) or "none: nothing was sent"
    if record.quality.scores:
        yield from score_rows(record.quality)
    slow = too_slow(record, limit)
    state = State.DEGRADED if slow else record.state
    yield "state", coloured(state.value, STATE_COLOURS[state.value], slow or _why(record))


def too_slow(record: MonitoringData, limit: float) -> str:
    """Why a picture that is otherwise sound came too late, by the health check's rule; empty where it did not."""
    took = record.performance.response_time
    if record.state is not State.UP or took < limit:
        return ""
    return f"{took:.2f} s, where less than {limit:g} s is promised"


def attempt_line(attempt: Attempt) -> str:
    """One attempt in a line."""
    status = f"HTTP {attempt.status}" if attempt.status else "no reply"
    after = f", tried {attempt.delay_before:g} s later" if attempt.delay_before else ""
    return f"{attempt.number}: {attempt.outcome}, {status}, {seconds(attempt.duration)}{after}"


def phases(found: Phases) -> str:
    """The phases that happened."""
    named = ((name, getattr(found, name)) for name in _PHASES)
    return " · ".join(f"{name} {seconds(value)}" for name, value in named if value is not None) or "no phases"


def seconds(value: float) -> str:
    """A duration with three figures, in the unit that reads best."""
    return f"{value:.3g} s" if value >= 1 else f"{value * 1000:.3g} ms"


def coloured(word: str, colour: str, rest: str = "") -> RenderableType:
    """A word in its colour, and what follows it."""
    return Text.assemble((word, colour), f": {rest}" if rest else "")


def _shared(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _last_phases(record: MonitoringData) -> Phases:
    return record.attempts[-1].phases if record.attempts else Phases()


def _why(record: MonitoringData) -> str:
    if record.errors:
        return record.errors[-1].cause
    if record.error_types:
        return record.error_types[-1]
    return ", ".join(f"{score.evaluator}: {score.reason}" for score in record.quality.failed)
