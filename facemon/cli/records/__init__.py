"""`facemon records`: what was measured, from the store."""

from __future__ import annotations

import typer

from facemon.cli.options import examples
from facemon.cli.records import export, listing, runs, show

records = typer.Typer(
    no_args_is_help=True,
    help="Look at the records of generations: list, show, export, and the runs they belong to.",
    epilog=examples(
        ("facemon records list --since 24h", "the last day, newest first"),
        ("facemon records runs", "each run with its verdict"),
    ),
)
for command in (listing, show, export, runs):
    command.register(records)
