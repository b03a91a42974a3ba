"""`facemon records export`: records for other programs."""

from __future__ import annotations

import asyncio
import io
import secrets
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from facemon.cli import saving
from facemon.cli.console import err
from facemon.cli.options import Store, examples
from facemon.cli.records.opening import All, OfAge, OfError, OfGender, OfState, Run, Since, filters, opened
from facemon.cli.trouble import Exit
from facemon.cli.values import one_of
from facemon.errors import InvalidInput
from facemon.model import MonitoringData
from facemon.reports.formats import RECORD_FORMATS

_EXAMPLES = examples(
    ("facemon records export --format csv --out records.csv", "everything measured, for a spreadsheet"),
    ("facemon records export --format jsonl --run last", "the last run on stdout, an object a line"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(export)


def export(
    output_format: Annotated[
        str, typer.Option("--format", metavar="|".join(RECORD_FORMATS), help="How they are written.")
    ] = "json",
    to: Annotated[
        str | None, typer.Option("--out", metavar="FILE", help="Where to; default: stdout.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")] = False,
    run: Run = None,
    state: OfState = None,
    error_type: OfError = None,
    age: OfAge = None,
    gender: OfGender = None,
    since: Since = None,
    everything: All = False,
    store: Store = None,
) -> int:
    """Export records, the oldest first, with the specification's names and times in milliseconds."""
    kind = RECORD_FORMATS[one_of("format", output_format, tuple(RECORD_FORMATS))]()
    path = Path(to) if to is not None else None
    if path is not None:
        if not _is_special(path):
            saving.check_folder(_target(path).parent if path.is_symlink() else path.parent)
        saving.check_new(path, force=force)

    async def find() -> list[MonitoringData]:
        async with opened(store) as place:
            wanted = await filters(
                place,
                run=run,
                state=state,
                error_type=error_type,
                age=age,
                gender=gender,
                since=since,
                everything=everything,
            )
            return await place.records(**wanted)

    found = asyncio.run(find())
    text = io.StringIO(newline="")
    kind.write(found, text)
    if path is None:
        _to_stdout(text.getvalue())
    else:
        _to_file(text.getvalue(), path)
        err().print(f"{len(found)} records in {path}", style="dim")
    return Exit.OK


def _to_stdout(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _to_file(text: str, path: Path) -> None:
    """A file: whole or not at all. A link stays one, and what is no file (a pipe, a device) is written in place."""
    try:
        if _is_special(path):
            path.write_text(text, encoding="utf-8", newline="")
        else:
            _replace(_target(path), text)
    except OSError as error:
        raise InvalidInput(
            "output path", str(path), f"a file that can be written ({error.strerror})"
        ) from None


def _replace(path: Path, text: str) -> None:
    """Written beside under a name of its own, then renamed; the mode of what was there stays."""
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def _target(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        raise InvalidInput("output path", str(path), "a file, not a link that leads nowhere") from None
