"""What `facemon gate` does: checks what it was given, asks, shows the verdict and writes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from facemon import FaceRequest
from facemon.cli.asking import quote
from facemon.cli.console import err, out, progress
from facemon.cli.reach import reached
from facemon.cli.records.opening import run_id
from facemon.cli.trouble import CommandError, Exit
from facemon.config import Settings
from facemon.errors import InvalidInput, StoreError
from facemon.judges import evaluators_of
from facemon.ledger import Ledger
from facemon.prompts import HEADSHOT
from facemon.release.comparison import EXIT_CODES, Comparison
from facemon.release.gate import GateReport, Plan, run_gate
from facemon.release.margins import Margin
from facemon.release.sides import Kept, Side, comparable, vouched_for
from facemon.release.templates import template_of
from facemon.release.verdict import as_json, markdown, unfinished
from facemon.release.verdict_words import HEADINGS, row, sentence, side
from facemon.store.runs import target_label

if TYPE_CHECKING:
    from facemon.store import RecordStore

_COLOURS = {"pass": "green", "fail": "red", "inconclusive": "yellow", "unscored": "yellow"}
_A_LINE_EVERY = 100  # pairs
_EXAMPLE = FaceRequest(30, "female")


@dataclass(frozen=True, slots=True)
class Choice:
    """The options of a gate. templates: of the baseline and of the candidate · files: for Markdown and for JSON."""

    templates: tuple[str | None, str | None]
    baseline_run: str | None
    margins: tuple[Margin, ...]
    max_pairs: int
    seed: int
    files: tuple[str | None, str | None]


def run(before: Settings, after: Settings, choice: Choice) -> int:
    """The gate's exit code. Raises FacemonError before anything is sent."""
    old, new = (template_of(name) if name else HEADSHOT for name in choice.templates)
    kept = choice.baseline_run is not None
    files = _files(choice.files)
    for settings, who in ((after, "candidate"), *(() if kept else ((before, "baseline"),))):
        evaluators_of(settings)  # refused before a file is touched; what it loads is kept for the monitor
        called = f"pictures of the {who}, at most,"
        err().print(quote(settings, _EXAMPLE, choice.max_pairs, called), style="dim")
    _write(files, unfinished())
    with ExitStack() as stack:
        reachable, transport = stack.enter_context(reached(after))
        candidate = Side(reachable, target_label(after.target), new, transport)
        baseline = None
        if not kept:
            same = (before.target, before.fault) == (after.target, after.fault)
            place = (_at(before, reachable), transport) if same else stack.enter_context(reached(before))
            baseline = Side(place[0], target_label(before.target), old, place[1])
        report = asyncio.run(_compared(baseline, candidate, choice))
    _write(files, (markdown(report), as_json(report)))
    _show(report)
    return EXIT_CODES[report.verdict.verdict]


def _at(settings: Settings, reachable: Settings) -> Settings:
    return settings.model_copy(update={"base_url": reachable.base_url, "api_key": reachable.api_key})


async def _compared(baseline: Side | None, candidate: Side, choice: Choice) -> GateReport:
    settings = candidate.settings
    ledger = Ledger(cap=settings.max_credits, rate=settings.rate)
    try:
        async with await _open_store(settings.store, must_exist=choice.baseline_run is not None) as store:
            before = baseline or await _kept(store, choice.baseline_run or "last")
            plan = Plan(choice.margins, choice.max_pairs, choice.seed, _faces(baseline, candidate))
            with _progress(choice.max_pairs) as tell:
                try:
                    return await run_gate(before, candidate, plan, store, ledger, tell)
                except StoreError as error:  # by now something may have been paid for
                    raise CommandError(str(error), "name another --store", Exit.UNKNOWN) from None
    finally:
        ledger.close()


@contextmanager
def _progress(most: int) -> Iterator[Callable[[Comparison], None]]:
    """A bar on a terminal; elsewhere, such as in a CI's log, a line now and then."""
    said = 0
    with progress("{task.description}") as bar:
        task = bar.add_task("comparing", total=most)

        def tell(so_far: Comparison) -> None:
            nonlocal said
            still, of = so_far.open_metrics()
            words = f"{of - still} of {of} metrics decided"
            bar.update(task, completed=so_far.pairs, description=words)
            if bar.disable and so_far.pairs >= said + _A_LINE_EVERY:
                said = so_far.pairs
                err().print(f"{said} pairs of at most {most}: {words}", style="dim")

        yield tell


async def _open_store(location: str, *, must_exist: bool) -> RecordStore:
    from facemon.store import RecordStore

    return await RecordStore.open(location, must_exist=must_exist)


async def _kept(store: RecordStore, name: str) -> Kept:
    """A run to compare with. Raises InvalidInput for one that is not there, CommandError for an empty one.

    `last` is never the candidate of a gate that it did not pass; named by its id, such a run is taken at one's word.
    """
    runs = await store.runs()
    if name == "last":
        name = next((run.id for run in runs if vouched_for(run)), name)
    found = await run_id(store, name)
    run = next(each for each in runs if each.id == found)
    records = comparable(await store.records(run_id=found, purpose="measure"))
    if not records:
        raise CommandError(
            f"the run {found} holds no face that was measured: there is nothing to compare with",
            "facemon records runs lists the others; or leave --baseline-run out, and both are asked",
            Exit.UNKNOWN,
        )
    return Kept(run, records)


def _faces(baseline: Side | None, candidate: Side) -> list[FaceRequest] | None:
    """Those that the simulator has drawn already; elsewhere a new seed costs nothing but its price."""
    own = {"sim", "mock"}
    if baseline is None or not {baseline.target, candidate.target} <= own:
        return None
    from facemon.simulator import SimulatorConfig, working_set

    return [FaceRequest(key.age, key.gender, key.seed) for key in working_set(SimulatorConfig())]


def _files(names: tuple[str | None, str | None]) -> tuple[Path | None, Path | None]:
    """Where the verdict goes. Raises InvalidInput for a place that cannot be written."""
    markdown_file, json_file = (None if name is None else Path(name) for name in names)
    for option, path in (("markdown file", markdown_file), ("json file", json_file)):
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir() or not path.name):
            raise InvalidInput(option, str(path), "a file in a folder that exists")
    if markdown_file is not None and markdown_file == json_file:
        raise InvalidInput("json file", str(json_file), "another file than that of --markdown")
    return markdown_file, json_file


def _write(files: tuple[Path | None, Path | None], texts: tuple[str, str]) -> None:
    for path, text in zip(files, texts, strict=True):
        if path is None:
            continue
        try:
            path.write_text(text, "utf-8")
        except OSError as error:
            raise CommandError(
                f"the verdict cannot be written to {str(path)!r}: {error.strerror}",
                "name another file",
                Exit.UNKNOWN,
            ) from None


def _show(report: GateReport) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading in ("metric", "verdict") else "right")
    for metric in report.verdict.metrics:
        cells = row(metric)
        table.add_row(*cells, style=_COLOURS[metric.verdict.value] if metric.verdict.value != "pass" else "")
    console = out()
    console.print(f"baseline   {side(report.baseline)}")
    console.print(f"candidate  {side(report.candidate)}")
    console.print(table)
    console.print()
    # In one line, however long: a CI job looks for it.
    console.print(sentence(report), style=f"bold {_COLOURS[report.verdict.verdict.value]}", soft_wrap=True)
