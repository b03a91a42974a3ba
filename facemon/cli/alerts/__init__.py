"""`facemon alerts`: what broke, who was told, and what is to be said of it."""

from __future__ import annotations

import typer

from facemon.cli.alerts import listing, sending, silencing, specimen, watching
from facemon.cli.options import HELP_SETTINGS, examples

alerts = typer.Typer(
    context_settings=HELP_SETTINGS,
    no_args_is_help=True,
    help="Tell what broke: incidents, messages, silences. Channels stand in facemon.toml, under \\[alerts.channels].",
    epilog=examples(
        ("facemon alerts list", "open incidents, and messages that did not arrive"),
        ("facemon alerts update", "after a run: what broke, what recovered"),
        ("facemon alerts send", "send what waits, until it is acknowledged"),
        ("facemon alerts test ops-mail", "a specimen through one channel"),
    ),
)
watching.register(alerts)
sending.register(alerts)
listing.register(alerts)
specimen.register(alerts)
silencing.register(alerts)
