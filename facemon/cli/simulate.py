"""`facemon simulate`: the stand-in of the API, in the foreground."""

from __future__ import annotations

from typing import Annotated

import typer

from facemon.cli.options import examples

_EXAMPLES = examples(
    ("facemon simulate", "serve on port 8011 until Ctrl-C"),
    (
        "facemon simulate --port 0 --fault hang:on=3 --fault bad_gateway:rate=0.1",
        "any free port, and some trouble",
    ),
    ("facemon simulate --realtime --balance 30", "real waiting times, and money for ten faces"),
    ("facemon simulate --list-faults", "every fault, one a line, with its settings"),
    ("facemon simulate --list-readings", "where the API's facts are unsure: the other readings"),
    ("facemon simulate --prepare-only", "draw the portraits now, so that nobody waits later"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(simulate)


def simulate(
    port: Annotated[str, typer.Option(metavar="PORT", help="0 to 65535; 0 takes any free one.")] = "8011",
    key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="The only key it accepts; one that you give is not printed. Default: sk-simulator.",
        ),
    ] = None,
    balance: Annotated[
        str, typer.Option(metavar="CREDITS", help="What the account holds at the start.")
    ] = "1000",
    realtime: Annotated[
        bool, typer.Option("--realtime", help="Wait as long as the real service does.")
    ] = False,
    latency_scale: Annotated[
        str | None,
        typer.Option(metavar="FACTOR", help="Waiting times: 0 none, 1 real, up to 100 (default: 0.02)."),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:KEY=VALUE,…", help="Misbehave; may be given several times. See --list-faults."
        ),
    ] = None,
    reading: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Read an uncertain fact of the API the other way; may be given several times. See --list-readings.",
        ),
    ] = None,
    no_rate_limit: Annotated[
        bool, typer.Option("--no-rate-limit", help="Lift the limit of 150 requests in 10 s.")
    ] = False,
    seed: Annotated[str, typer.Option(metavar="N", help="Of everything random; 0 or more.")] = "0",
    pool: Annotated[
        str,
        typer.Option(metavar="N", help="Persons for each age and gender; 0: a new one for every request."),
    ] = "3",
    cache: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Where drawn portraits are kept (default: this user's cache)."),
    ] = None,
    no_prepare: Annotated[
        bool, typer.Option("--no-prepare", help="Serve at once; draw each portrait when it is asked for.")
    ] = False,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="List the faults and end.")] = False,
    list_readings: Annotated[
        bool, typer.Option("--list-readings", help="List the readings and end.")
    ] = False,
    prepare_only: Annotated[bool, typer.Option("--prepare-only", help="Draw the portraits and end.")] = False,
    all_models: Annotated[
        bool,
        typer.Option("--all-models", help="With --prepare-only: the sizes of all models, in every format."),
    ] = False,
) -> int:
    """Serve a faithful stand-in of the API on this machine: no cost, no network.

    A fault is NAME or NAME:KEY=VALUE,…: rate=0.3 is how often it strikes, times=2
    how often at most, on=3, on=3-5 or on=3- which generation requests, seed=7 its
    own chance. Any other key is a setting of the fault itself.

    Exit codes: 0 stopped by Ctrl-C or SIGTERM · 4 a wrong option, or the port is taken.
    """
    from facemon.cli import drawing, fault_list, serving

    if list_faults:
        return fault_list.run()
    if list_readings:
        return serving.list_readings()
    config = serving.configured(
        port=port,
        key=key,
        balance=balance,
        latency=serving.latency(latency_scale, realtime),
        faults=fault,
        readings=reading,
        rate_limit=not no_rate_limit,
        seed=seed,
        pool=pool,
        cache=cache,
        prepare=not no_prepare,
    )
    if prepare_only or all_models:
        return drawing.run(config, only=prepare_only, all_models=all_models)
    return serving.run(config, key_is_ours=key is None)
