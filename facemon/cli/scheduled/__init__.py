"""What a scheduled run does around its checks, a command each: `facemon state`, `summary`, `site`, `heartbeat`."""

from __future__ import annotations

import typer

from facemon.cli.options import HELP_SETTINGS
from facemon.cli.scheduled import heartbeat, site, state, summary

_STATE = typer.Typer(
    context_settings=HELP_SETTINGS,
    no_args_is_help=True,
    epilog=state.GROUP,
    help="Keep what scheduled runs know on a branch of the repository.",
)
state.register(_STATE)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_STATE, name="state")
    summary.register(app)
    site.register(app)
    heartbeat.register(app)
