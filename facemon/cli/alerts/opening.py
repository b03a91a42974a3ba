"""What the commands share: the store of incidents, the project's channels, and a line for each event."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from facemon.cli.console import out
from facemon.cli.reach import settings_of
from facemon.cli.record_view import STATE_COLOURS, coloured
from facemon.incident import Event

if TYPE_CHECKING:
    from facemon.alerting.config import AlertSettings
    from facemon.store.incidents import IncidentStore


NO_CHANNEL = "facemon.toml names no channel; [alerts.channels.console] or .github_issue, see docs/alerts.md"


def project() -> AlertSettings:
    """`[alerts]` of the project's file. Raises ConfigError."""
    from facemon.alerting.config import alert_settings
    from facemon.config import surroundings

    return alert_settings(Path.cwd(), surroundings())


@asynccontextmanager
async def incidents(location: str | None, *, must_exist: bool = False) -> AsyncIterator[IncidentStore]:
    """The store of an option, else of the settings. Raises StoreError."""
    from facemon.store.incidents import IncidentStore

    where = settings_of(store=location).store
    async with await IncidentStore.open(where, must_exist=must_exist) as store:
        yield store


def say(events: Sequence[Event]) -> None:
    """A line each: `down: availability: timeout (opened)`."""
    for event in events:
        silent = " · nobody is told" if event.silent else ""
        words = f"{event.component}: {event.cause} ({event.kind}){silent}"
        out().print(coloured(event.after, STATE_COLOURS[event.after], words), soft_wrap=True)
