"""`facemon alerts update`: what became of the incidents, after a run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from facemon.cli.alerts.opening import NO_CHANNEL, project, say
from facemon.cli.console import counted, err
from facemon.cli.options import Store, Target, examples
from facemon.cli.reach import label_of, settings_of
from facemon.cli.trouble import Exit
from facemon.clock import SystemClock
from facemon.config import Settings
from facemon.errors import ConfigError

if TYPE_CHECKING:
    from facemon.slo.objectives import Objective
    from facemon.store.incidents import Changes

_EXAMPLES = examples(
    ("facemon alerts update", "judge what the store holds; then facemon alerts send"),
    ("facemon alerts update --target live", "of the runs against the vendor's API"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(update)


def update(target: Target = None, store: Store = None) -> int:
    """Look at the runs in the store, and write down what broke, got worse, or recovered.

    Each change and its messages are kept in one transaction; nothing is sent. A
    second look at the same runs changes nothing. Only runs against the target
    count (default: as for facemon check). A channel that cannot work here is
    named; what there is to tell waits for facemon alerts send.

    Exit codes: 0 done, whatever was found · 3 a fault of facemon's own · 4 a wrong option or facemon.toml
    """
    settings = settings_of(target=target, store=store)
    changes = asyncio.run(_update(settings))
    say(changes.events)
    if changes.events and not project().channels:
        err().print(f"nobody will be told: {NO_CHANNEL}", style="yellow")
    told = f", {counted(len(changes.messages), 'message')} to send" if changes.messages else ""
    err().print(f"{counted(len(changes.events), 'change')}{told}", style="dim")
    return Exit.OK


async def _update(settings: Settings) -> Changes:
    from facemon.alerting.config import opened
    from facemon.alerting.update import update as look
    from facemon.config import surroundings
    from facemon.store import RecordStore
    from facemon.store.incidents import IncidentStore

    known, clock = project(), SystemClock()
    try:
        async with opened(known.channels, clock):
            pass
    except ConfigError as error:  # what broke is kept all the same
        err().print(f"{error}; until that is mended nothing can be sent", style="yellow")
    async with (
        await RecordStore.open(settings.store) as records,
        await IncidentStore.open(settings.store) as incidents,
    ):
        return await look(
            records,
            incidents,
            _objectives(settings),
            known,
            clock.now(),
            target=label_of(settings),
            report=surroundings().get("FACEMON_REPORT_URL", ""),
        )


def _objectives(settings: Settings) -> list[Objective]:
    from facemon.promises import promises
    from facemon.slo.objectives import default_objectives

    stated = [promise.objective for promise in promises(Path.cwd())]
    return stated or list(default_objectives(settings.response_time_limit))
