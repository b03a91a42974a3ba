"""The commands, put together."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import facemon
from facemon.cli import check, gate, generate, init, plan, scheduled, simulate
from facemon.cli.alerts import alerts
from facemon.cli.evaluators import evaluators
from facemon.cli.options import HELP_SETTINGS, examples
from facemon.cli.records import records
from facemon.cli.trouble import guarded


class Facemon(TyperGroup):
    """The one place where a command starts and its end becomes an exit code."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command and end the process; expected errors become one sentence."""
        extra = {**extra, "prog_name": "facemon", "standalone_mode": False}
        sys.exit(guarded(lambda: super(Facemon, self).main(*args, **extra)))


app = typer.Typer(
    cls=Facemon,
    context_settings=HELP_SETTINGS,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog=examples(
        ("facemon generate --age 30 --gender female", "a face from the built-in simulator: no key, no cost"),
        ("facemon check", "is the service up, fast enough, and are its pictures sound?"),
        ("facemon simulate --list-faults", "every way in which the simulator can misbehave"),
        ("facemon records list --run last", "what the last run saw, one generation a line"),
    ),
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"facemon {facemon.__version__}")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Tell whether the generation of face images works: is it up, fast enough, and are the pictures what was asked?"""


generate.register(app)
check.register(app)
gate.register(app)
simulate.register(app)
plan.register(app)
app.add_typer(records, name="records")
app.add_typer(evaluators, name="evaluators")
app.add_typer(alerts, name="alerts")
scheduled.register(app)
init.register(app)
