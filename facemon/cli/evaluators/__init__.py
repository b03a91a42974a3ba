"""`facemon evaluators`: what judges a picture, with what evidence, and how far it can be trusted."""

from __future__ import annotations

from typing import Annotated

import typer

from facemon.cli.evaluators import calibrate, listing
from facemon.cli.options import examples
from facemon.cli.trouble import Exit

evaluators = typer.Typer(
    help="List the evaluators with their evidence, or calibrate them on labelled pictures of your own.",
    epilog=examples(
        ("facemon evaluators", "each one: what it weighs, when it fails, and why there"),
        ("facemon evaluators --json", "the same for a program"),
    ),
    invoke_without_command=True,
)
calibrate.register(evaluators)


@evaluators.callback()
def show(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON to stdout.")] = False,
) -> int:
    """List the evaluators with their evidence, or calibrate them on labelled pictures of your own."""
    if context.invoked_subcommand is None:
        listing.run(as_json=as_json)
    return Exit.OK
