"""One picture, generated, monitored, saved and shown."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import RenderableType
from rich.table import Table

from facemon import FaceRequest, ImageRequest, MonitoringData, MonitoringResult
from facemon.cli import saving
from facemon.cli.asking import quote
from facemon.cli.console import err, out
from facemon.cli.keeping import Sink, keeping
from facemon.cli.preview import preview
from facemon.cli.reach import reached
from facemon.cli.record_view import Rows, image_rows, outcome_rows, seconds, sheet, too_slow
from facemon.cli.trouble import CommandError, Exit, state_code
from facemon.config import Settings
from facemon.evaluators import EVALUATORS
from facemon.model import State
from facemon.monitoring import assembled

_SIDE_BY_SIDE = 120  # columns of a terminal that has room for the face beside its table


def run(
    settings: Settings, request: FaceRequest | ImageRequest, path: Path | None, *, force: bool, record: bool
) -> int:
    """Generate it; returns the exit code. Raises GenerationError when no picture came."""
    _check_place(path, request, force)
    err().print(f"{quote(settings, request)}; asking {settings.target} …", style="dim")
    result, sink = asyncio.run(_generate(settings, request, record))
    if result.image is None:
        count = len(result.attempts)
        tries = f"{count} attempt{'' if count == 1 else 's'} in {seconds(result.performance.response_time)}"
        err().print(f"{tries}{f': facemon records show {result.data.id}' if record else ''}", style="dim")
        result.raise_for_error()
        raise AssertionError("a generation ends with a picture or an error")
    name = Path(_name(request, result.image.metadata.seed, result.image.metadata.format))
    if path is None or path.is_dir():
        place = (path or Path()) / name
        path = place if force else saving.free_name(place)
    saving.save(result.image, path, force=force)
    limit = settings.response_time_limit
    _show(result, path, limit, kept=record)
    _tell_of_faults(settings, result.data, limit)
    sink.raise_trouble()
    return _code(result.data, limit)


def _check_place(path: Path | None, request: FaceRequest | ImageRequest, force: bool) -> None:
    """Refuse before anything is spent. A folder is a place too: the name is the default one then."""
    folder = path if path is not None and path.is_dir() else None
    if path is not None and folder is None:
        saving.check_folder(path.parent)
        saving.check_new(path, force=force)
        return
    saving.check_folder(folder or Path())
    if request.seed is not None:
        name = _name(request, request.seed, request.output_format)
        saving.check_new((folder or Path()) / name, force=force)


def _name(request: FaceRequest | ImageRequest, seed: int | None, picture_format: str) -> str:
    who = f"face-{request.age}-{request.gender}" if isinstance(request, FaceRequest) else "picture"
    return f"{who}{'' if seed is None else f'-{seed}'}.{picture_format}"


async def _generate(
    settings: Settings, request: FaceRequest | ImageRequest, record: bool
) -> tuple[MonitoringResult, Sink]:
    with reached(settings) as (reachable, transport):
        async with (
            keeping(settings.store, record) as sink,
            assembled(sink, settings=reachable, transport=transport) as monitor,
        ):
            result = await monitor.generate(request)
            await result.scored()
            return result, sink


def _show(result: MonitoringResult, path: Path, limit: float, *, kept: bool) -> None:
    console = out()
    table = sheet(_rows(result, path, limit, kept))
    picture = preview(result.image.data) if result.image and console.is_terminal else None
    console.print(_beside(picture, table, console.width) if picture else table)


def _tell_of_faults(settings: Settings, record: MonitoringData, limit: float) -> None:
    """Where a declared fault left no trace: one face for every seed is seen in a set of pictures only."""
    sound = record.state is State.UP and record.first_attempt_succeeded and not too_slow(record, limit)
    if settings.fault and sound:
        given = " ".join(f"--fault {spec}" for spec in settings.fault)
        err().print(
            f"nothing of it shows on this one picture; facemon check {given} also looks at sets (check_diversity)",
            style="dim",
        )


def _beside(picture: RenderableType, table: Table, width: int) -> RenderableType:
    both = Table.grid(padding=(0, 2))
    if width >= _SIDE_BY_SIDE:
        both.add_row(picture, table)
    else:
        both.add_row(picture)
        both.add_row(table)
    return both


def _rows(result: MonitoringResult, path: Path, limit: float, kept: bool) -> Rows:
    record = result.data
    yield "file", str(path)
    if record.image is not None:
        yield from image_rows(record.image)
    yield from outcome_rows(record, limit)
    yield "prompt", record.request_params.prompt or ""
    if kept:
        yield "record", record.id


def _code(record: MonitoringData, limit: float) -> int:
    code = state_code(record.state.value)
    if not code and record.quality.unscored:
        blind = record.quality.unscored[0]
        raise CommandError(
            f"a picture came, but {blind.evaluator} could not judge it: {blind.reason}",
            "see it before you use it",
            Exit.UNKNOWN,
        )
    if code:
        found = ", ".join(score.reason for score in record.quality.failed)
        raise CommandError(
            f"a picture came, but it is not sound: {found}",
            EVALUATORS[record.quality.failed[0].evaluator].advice,  # what hides other faults stands first
            code,
        )
    slow = too_slow(record, limit)
    if slow:
        raise CommandError(
            f"a picture came, but too slowly: {slow}",
            "try again later; facemon check tells how bad it is",
            Exit.FAIL,
        )
    return code
