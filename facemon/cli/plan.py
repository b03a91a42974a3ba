"""`facemon plan`: what a schedule costs, finds and mistakes, before anything is spent."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facemon.cli.options import Model, Provider, examples
from facemon.cli.trouble import Exit
from facemon.errors import InvalidInput

if TYPE_CHECKING:
    from facemon.planning.plan import Plan
    from facemon.planning.wish import Answer, Wish
    from facemon.slo.objectives import Objective

_EXAMPLES = examples(
    ("facemon plan --every 15min --samples 12", "cost, delays, false alarms of your objectives"),
    ("facemon plan --every 1h --samples 12 --window 4h", "judged over the records of 4 hours"),
    ("facemon plan --objective 'success_rate >= 99% over 6h'", "of an objective you only consider"),
    ("facemon plan --find-outage-within 1h --budget 600/day", "the cheapest schedules that do that"),
    ("facemon plan --find-30-percent-within 4h --false-alarms 1/month", "a quieter wish"),
    ("facemon plan --every 1h --samples 4 --json", "the same for a program; --markdown for a page"),
)
_EVERY, _SAMPLES = 3600.0, 12
_RATE = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(?:\s*/\s*(day|month))?", re.ASCII)
_DAYS = {"day": 1.0, "month": 30.0}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(plan)


def plan(
    every: Annotated[
        str | None, typer.Option(metavar="15min|1h|…", help="Time between two runs (default: 1h).")
    ] = None,
    samples: Annotated[
        str | None, typer.Option(metavar="N", help=f"Faces that a run asks for (default: {_SAMPLES}).")
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(
            metavar="4h|none", help="Judge all objectives over this, instead of each over its own window."
        ),
    ] = None,
    objective: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SENTENCE",
            help="Such as 'response_time.p95 <= 3s over 6h'; may be given several times. "
            "Default: those of facemon.toml or pyproject.toml, else the specification's.",
        ),
    ] = None,
    model: Model = None,
    provider: Provider = None,
    find_outage_within: Annotated[
        str | None, typer.Option(metavar="30min|…", help="Wish: an outage is found so soon in 9 of 10 cases.")
    ] = None,
    find_30_percent_within: Annotated[
        str | None,
        typer.Option(
            "--find-30-percent-within",
            metavar="2h|…",
            help="Wish: the same of 30 % of the generations failing.",
        ),
    ] = None,
    false_alarms: Annotated[
        str | None, typer.Option(metavar="N/month", help="Wish: no more false alarms (or N/day).")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="CREDITS/day", help="Wish: no more credits (or CREDITS/month).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON to stdout.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Write Markdown to stdout.")] = False,
) -> int:
    """Plan a schedule: what it costs, how soon it finds trouble, how often it cries wolf.

    A monitor alarms when a run's verdict on any objective is fail. False alarms
    are those of a service that uses half of each error budget. Nothing is asked
    of the service, and nothing is spent. With a wish it looks for the cheapest
    schedule that meets it; --every, --samples and --window then are fixed.

    Exit codes: 0 planned · 1 no schedule meets the wish · 4 a wrong option
    """
    from facemon.planning.wish import Wish

    if as_json and as_markdown:
        raise InvalidInput("format", "--json --markdown", "one of them")
    wish = Wish(
        _span("--find-outage-within", find_outage_within),
        _span("--find-30-percent-within", find_30_percent_within),
        _rate("--false-alarms", false_alarms, "month"),
        _rate("--budget", budget, "day"),
    )
    objectives, price = _promised(objective), _price(model, provider)
    schedule = _span("--every", every), _count(samples), window
    if wish.named:
        said = [*(word for each in objective or () for word in ("--objective", each))]
        said += [
            word
            for name, value in (("--model", model), ("--provider", provider))
            if value
            for word in (name, value)
        ]
        return _search(wish, objectives, price, schedule, (as_json, as_markdown), said)
    _show_plan(_planned(objectives, price, schedule), (as_json, as_markdown))
    return Exit.OK


Given = tuple[float | None, int | None, str | None]


def _planned(objectives: Sequence[Objective], price: float, given: Given) -> Plan:
    from facemon.planning.plan import plan as planned
    from facemon.planning.schedule import Schedule
    from facemon.planning.watch import over

    every, samples, window = given
    schedule = Schedule(_EVERY if every is None else every, _SAMPLES if samples is None else samples, price)
    return planned(schedule, objectives if window is None else over(objectives, _window(window)))


def _search(
    wish: Wish,
    objectives: Sequence[Objective],
    price: float,
    given: Given,
    formats: tuple[bool, bool],
    said: Sequence[str],
) -> int:
    from facemon.cli.console import err, progress
    from facemon.planning.wish import EVERY, SAMPLES, WINDOWS, search

    every, samples, window = given
    for each in objectives:
        if each.share is None:
            err().print(f"left out of the search, not about a share: {each}")
    with progress("looking for schedules") as bar:
        task = bar.add_task("", total=None)
        answer = search(
            wish,
            objectives,
            price,
            every=EVERY if every is None else (every,),
            samples=SAMPLES if samples is None else (samples,),
            windows=WINDOWS if window is None else (_window(window),),
            progress=lambda: bar.advance(task),
        )
    _show_answer(answer, formats, said)
    return Exit.OK if answer.offers else Exit.FAIL


def _show_plan(found: Plan, formats: tuple[bool, bool]) -> None:
    from facemon.cli.console import out
    from facemon.cli.record_view import sheet
    from facemon.planning import as_data, words

    if formats[0]:
        typer.echo(json.dumps(as_data.as_json(found), indent=2))
    elif formats[1]:
        typer.echo(words.as_markdown(found), nl=False)
    else:
        console = out()
        console.print(sheet(iter(words.facts(found))))
        if lines := words.rows(found):
            console.print()
            _print_table(words.HEAD, lines)
            console.print()
            _print_table(words.SAMPLES_HEAD, words.sample_rows(found))
        for note in words.notes(found):
            console.print(f"\n{note}")


def _show_answer(answer: Answer, formats: tuple[bool, bool], said: Sequence[str]) -> None:
    from facemon.cli.console import err, out
    from facemon.planning import as_data, offers

    if formats[0]:
        typer.echo(json.dumps(as_data.offers_as_json(answer), indent=2))
    elif formats[1]:
        typer.echo(offers.offers_as_markdown(answer), nl=False)
    elif answer.offers:
        _print_table(offers.OFFERS_HEAD, offers.offer_rows(answer.offers))
        err().print(f"next: {offers.command(answer.offers[0], said)} shows all of the first", soft_wrap=True)
    else:
        for line in offers.obstacles(answer):
            out().print(line, soft_wrap=True)


def _print_table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    from facemon.cli.console import out
    from facemon.cli.record_view import columns

    table = columns(head, folding=head)
    for line in lines:
        table.add_row(*line)
    out().print(table)


def _promised(sentences: list[str] | None) -> list[Objective]:
    from facemon.cli.reach import settings_of
    from facemon.promises import promises, stated
    from facemon.slo.objectives import default_objectives

    found = stated(sentences, "--objective") if sentences else promises(Path.cwd())
    if found:
        return [each.objective for each in found]
    return list(default_objectives(settings_of().response_time_limit))


def _price(model: str | None, provider: str | None) -> float:
    """Credits of one face. Raises ConfigError for a model that the provider does not serve."""
    from facemon import FaceClient, FaceRequest
    from facemon.cli.reach import settings_of

    client = FaceClient(settings_of(model=model, provider=provider))
    return client.price(client.words(FaceRequest(30, "female")))


def _span(name: str, text: str | None) -> float | None:
    """Seconds. Raises InvalidInput."""
    from facemon.slo.language import parse_duration

    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise InvalidInput(name, text, str(error)) from None


def _window(text: str) -> float | None:
    return None if text == "none" else _span("--window", text)


def _count(text: str | None) -> int | None:
    from facemon.cli.values import whole

    return None if text is None else whole("--samples", text, 1, 10_000)


def _rate(name: str, text: str | None, per: str) -> float | None:
    """So many a day or a month, as so many `per`. Raises InvalidInput."""
    if text is None:
        return None
    found = _RATE.fullmatch(text.strip())
    if found is None or not found[2]:
        raise InvalidInput(name, text, "a number a day or a month, such as 0.5/month or 500/day")
    return float(found[1]) * _DAYS[per] / _DAYS[found[2]]
