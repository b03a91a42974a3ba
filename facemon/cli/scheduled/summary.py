"""`facemon summary`: the last run in Markdown, on the page that GitHub shows of a job."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from facemon.cli.options import Store, Target, examples
from facemon.cli.trouble import CommandError, Exit

if TYPE_CHECKING:
    from facemon.incident import Incident
    from facemon.store import Run

_EXAMPLES = examples(
    ("facemon summary", "the last run; on a GitHub runner it goes to the job's page"),
    ("facemon summary --store .facemon/facemon.db > summary.md", "into a file"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(summary)


def summary(target: Target = None, store: Store = None) -> int:
    """Say what the last run saw: verdict, state, objectives, errors, credits, incidents, how late it was.

    Appended to the file that GITHUB_STEP_SUMMARY names, else written to stdout. Exit code 11 where the job that
    began with facemon state fetch has no run that ended: then monitoring itself broke. A service that fails is
    exit code 0 here: facemon check and the alerts tell of it. Where a target is named (--target, FACEMON_TARGET)
    only its runs count: another machine's may be newer.
    """
    from facemon.cli.reach import label_if_told, settings_of
    from facemon.config import surroundings
    from facemon.scheduled.branch import fetched_at, kept
    from facemon.scheduled.job_summary import markdown, trouble

    where = settings_of(store=store).store
    run, incidents = look(where, label_if_told(target))
    around = surroundings()
    broken = trouble(run, fetched_at(kept(where)))
    text = markdown(run, incidents, around.get("FACEMON_REPORT_URL", ""), broken)
    _write(text, around.get("GITHUB_STEP_SUMMARY", ""))
    if broken:
        raise CommandError(broken, "read what facemon check said in this job's log", Exit.UNKNOWN)
    return Exit.OK


def look(where: str, target: str | None = None) -> tuple[Run | None, list[Incident]]:
    """The latest run and the open incidents (of one target, as its runs name it, or of all); nothing where there is no
    store yet. Raises StoreError.
    """
    if "://" not in where and not Path(where).expanduser().exists():
        return None, []
    return asyncio.run(_look(where, target))


async def _look(where: str, target: str | None) -> tuple[Run | None, list[Incident]]:
    from facemon.store import IncidentStore, RecordStore

    # For writing: a store of an older version is brought forward, as the next check would.
    async with await RecordStore.open(where) as records:
        runs = await records.runs() if target else [await records.latest_run()]
    run = next((run for run in runs if run is not None and target in (None, run.target)), None)
    async with await IncidentStore.open(where) as incidents:
        still = await incidents.incidents(open_only=True)
    return run, [each for each in still if target is None or each.target in ("", target)]


def _write(text: str, file: str) -> None:
    if not file:
        typer.echo(text, nl=False)
        return
    try:
        with Path(file).open("a", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        raise CommandError(
            f"the summary cannot be written to {file!r}: {error.strerror}",
            "check GITHUB_STEP_SUMMARY",
            Exit.FAIL,
        ) from None
