"""Options that several commands have, and the examples at the end of every help."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

HELP_SETTINGS = {"help_option_names": ["--help", "-h"]}

# Every value arrives as text and is judged by the room it belongs to, so that there is one wording for each refusal.
Target = Annotated[
    str | None,
    typer.Option(
        metavar="sim|mock|live|URL",
        help="Who paints: sim (a simulator started for this command; the default), mock (the same without a socket), "
        "live (the vendor's API; needs STABILITY_API_KEY), or a server's URL.",
    ),
]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="NAME[:KEY=VALUE,…]",
        help="Let the simulator misbehave; may be given several times. facemon simulate --list-faults names them.",
    ),
]
MaxCredits = Annotated[
    str | None,
    typer.Option(
        metavar="CREDITS",
        help="Hard cap on what is spent; mandatory where it is real money (1 credit is 0.01 USD).",
    ),
]
Store = Annotated[
    str | None,
    typer.Option(
        metavar="PATH|URL",
        help="Where records are kept: a file or a database URL (default: .facemon/facemon.db).",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The model: core (default), ultra, sd3.5-large, sd3.5-large-turbo, sd3.5-medium or sd3.5-flash.",
    ),
]
Provider = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The upstream API: stability_v2beta (default) or stability_v1."),
]


def examples(*pairs: tuple[str, str]) -> str:
    """Examples as a help's epilogue: a line that can be run as it is, and below it what it does."""
    lines = [f"  [cyan]{escape(command)}[/cyan]\n      [dim]{escape(what)}[/dim]" for command, what in pairs]
    return "\n".join(["[bold]Examples[/bold]", *lines])
