"""The state in a README: an endpoint for shields, and the same as a picture. Pure.

A file cannot turn stale by itself, so the badge says of when it is; it says `stale` where it is written anew and the
data are old.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from facemon.scheduled.slots import kept, ticks
from facemon.store.runs import Run

_COLOURS = {"up": "#3fb950", "degraded": "#d29922", "down": "#da3633"}
_GREY = "#8b949e"
STALE_AFTER = 3  # slots: two may be late or dropped any day
_WITHOUT_SCHEDULE = timedelta(days=1)
_CHARACTER = 6.3  # pixels of one at 11 px in a sans-serif face, on average
_PADDING = 12  # pixels of one half


@dataclass(frozen=True, slots=True)
class Badge:
    """color: as CSS; the word is spelt as shields spells it."""

    label: str
    message: str
    color: str


def badge(run: Run | None, now: datetime, *, schedule: str = "", stale_after: int = STALE_AFTER) -> Badge:
    """The state of the latest run that ended, and of when it is; `stale` where that is so many slots ago.

    schedule: a cron expression, else the one that the run keeps, else a day is the limit. Raises ConfigError.
    """
    if run is None or run.finished_at is None:
        return Badge("faces", "no data", _GREY)
    found = kept(run.summary)
    cron = schedule or (found.schedule if found else "")
    seen = f"{run.finished_at.astimezone(UTC):%d %b %H:%M} UTC"
    if _is_stale(run.finished_at, now, cron, stale_after):
        return Badge("faces", f"stale since {seen}", _GREY)
    state = str(run.summary.get("state") or "unknown")
    return Badge("faces", f"{state} · {seen}", _COLOURS.get(state, _GREY))


def endpoint(found: Badge) -> str:
    """The JSON that shields' endpoint badge reads (its schema version 1)."""
    content: dict[str, Any] = {
        "schemaVersion": 1,
        "label": found.label,
        "message": found.message,
        "color": found.color,
        "isError": found.color == _GREY,
        "cacheSeconds": 300,  # the least that shields accepts
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def svg(found: Badge) -> str:
    """The same as a picture of 20 pixels' height, readable by a screen reader."""
    left, right = (round(len(text) * _CHARACTER) + _PADDING for text in (found.label, found.message))
    width, title = left + right, escape(f"{found.label}: {found.message}")
    words = "".join(
        f'<text x="{middle}" y="14" textLength="{room - _PADDING}">{escape(text)}</text>'
        for text, middle, room in (
            (found.label, left / 2, left),
            (found.message, left + right / 2, right),
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{title}">'
        f"<title>{title}</title>"
        f'<clipPath id="r"><rect width="{width}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#424a53"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{escape(found.color)}"/></g>'
        f'<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f"{words}</g></svg>\n"
    )


def _is_stale(seen: datetime, now: datetime, schedule: str, slots: int) -> bool:
    if not schedule:
        return now - seen > _WITHOUT_SCHEDULE
    return ticks(schedule, seen, now) >= slots
