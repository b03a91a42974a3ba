"""Silences by hand: ended before their time, in words, and whether anything of that name was ever seen."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from facemon.cli.reach import settings_of
from facemon.cli.trouble import CommandError

if TYPE_CHECKING:
    from facemon.incident import Silence
    from facemon.store.incidents import Changes, IncidentStore, Snapshot

_SOON = timedelta(days=1)
_FROM_FILE = "file-"  # what the ids of the project file's windows begin with
_WILDCARDS = frozenset("*?[")


def moment(at: datetime) -> str:
    """`2026-03-01 12:20 UTC`, whatever the offset it was written with."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def line(silence: Silence) -> str:
    """`silence of speed, 2026-03-01 12:20 UTC to 2026-03-01 14:20 UTC: the vendor knows`."""
    what = "maintenance" if silence.maintenance else "silence"
    until = f"{moment(silence.starts_at)} to {moment(silence.ends_at)}"
    return f"{what} of {silence.component}, {until}: {silence.reason or 'no reason given'}{_origin(silence)}"


def soon(windows: Iterable[Silence], now: datetime) -> list[Silence]:
    """Those of the project's file that are in force, or will be within a day."""
    return [each for each in windows if now < each.ends_at and each.starts_at <= now + _SOON]


async def end(component: str, place: IncidentStore, windows: Iterable[Silence]) -> list[str]:
    """End those of exactly this pattern, in force or to come; returns what is to be said of it.

    windows: the project file's, which only the file ends. Raises CommandError where there is nothing to end.
    """
    from facemon.store.incidents import Changes

    lasting: list[Silence] = []

    def decide(snapshot: Snapshot) -> Changes:
        now = snapshot.now
        lasting.extend(each for each in (*snapshot.silences, *windows) if now < each.ends_at)
        mine = [each for each in lasting if each.component == component and not _of_file(each)]
        if not mine:
            raise _nothing(component, lasting)
        ended = (replace(each, starts_at=min(each.starts_at, now), ends_at=now) for each in mine)
        return Changes(silences=tuple(ended))

    ended = (await place.change(decide)).silences
    others = [each for each in lasting if each.id not in {one.id for one in ended}]
    still = [each for each in others if each.starts_at <= ended[0].ends_at and _covers(each, component)]
    return [
        *(f"ended: {line(each)}" for each in ended),
        *(f"{component} is still silenced: {line(each)}" for each in still),
    ]


async def doubt(component: str, place: IncidentStore, location: str | None) -> str:
    """What to say of a component that nobody has seen; empty for one that somebody has, and for a pattern."""
    from facemon.alerting.components import COMPONENTS, of_check
    from facemon.store import RecordStore

    if _WILDCARDS & set(component):
        return ""
    async with await RecordStore.open(settings_of(store=location).store) as records:
        run = await records.latest_run()
    checks = run.summary.get("checks") if run is not None else None
    seen = {*COMPONENTS, *(each.component for each in await place.incidents())}
    seen |= {of_check(name) for name in checks} if isinstance(checks, dict) else set()
    if component in seen:
        return ""
    near = [each for each in (of_check(component),) if each in seen]
    near = near or difflib.get_close_matches(component.lower(), sorted(seen), 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(seen))}"
    return f"no component of this name has been seen: {hint}"


def _nothing(component: str, lasting: Iterable[Silence]) -> CommandError:
    named = [f"{each.component} (until {moment(each.ends_at)}{_origin(each)})" for each in lasting]
    there = f"in force or to come: {', '.join(named)}" if named else "nothing is silenced"
    todo = "give the component as it stands there; a window of a file is ended in the file" if named else ""
    return CommandError(f"there is no silence of {component} to end; {there}", todo)


def _covers(silence: Silence, component: str) -> bool:
    return fnmatch.fnmatchcase(component, silence.component)


def _of_file(silence: Silence) -> bool:
    return silence.id.startswith(_FROM_FILE)


def _origin(silence: Silence) -> str:
    return f", from {silence.by}" if _of_file(silence) else ""
