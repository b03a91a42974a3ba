"""`facemon generate --count N`: a training set, as the application makes one, monitored and saved as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from facemon import FaceRequest, Monitor, MonitoringData
from facemon.batch import EVEN, plan_batch
from facemon.cli import saving
from facemon.cli.asking import Pictures, quote
from facemon.cli.console import err, out, progress
from facemon.cli.keeping import Sink, keeping
from facemon.cli.reach import reached
from facemon.cli.record_view import Rows, coloured, seconds, sheet
from facemon.cli.trouble import Exit
from facemon.config import Settings
from facemon.errors import GenerationError, InvalidInput
from facemon.model import State
from facemon.monitoring import assembled
from facemon.slo.aggregates import Aggregates, aggregate

_FOLDER = "training-set"


def run(settings: Settings, count: Any, pictures: Pictures, *, record: bool) -> int:
    """Generate them; returns the exit code. After some failures in a row (setting `give_up_after`) no more is asked."""
    first = replace(pictures, out=None).face(30, "female")  # a folder's name says nothing of a format
    seed = first.seed
    plan = plan_batch(count, (20, 70), EVEN, seed)
    requests = [
        FaceRequest(face.age, face.gender, None, first.aspect_ratio, first.output_format) for face in plan
    ]
    folder = Path(pictures.out or _FOLDER)
    _check_folder(folder, pictures.force)
    err().print(f"{quote(settings, first, len(requests))}; asking {settings.target} …", style="dim")
    folder.mkdir(exist_ok=True)
    batch = _Batch(requests, folder, settings.give_up_after)
    with progress("faces") as bar:
        task = bar.add_task("faces", total=len(requests))
        sink = asyncio.run(batch.generate(settings, record, lambda: bar.advance(task)))
    out().print(sheet(_rows(batch, folder, record)))
    sink.raise_trouble()
    return batch.code


class _Batch:
    """The faces asked for, and what became of them."""

    def __init__(self, requests: list[FaceRequest], folder: Path, give_up_after: int) -> None:
        self.asked = len(requests)
        self.records: list[MonitoringData] = []
        self._waiting: Iterator[tuple[int, FaceRequest]] = iter(enumerate(requests, start=1))
        self._folder, self._give_up_after = folder, give_up_after
        self._in_a_row = 0
        self.last_error: GenerationError | None = None
        self.spent = 0.0

    @property
    def figures(self) -> Aggregates:
        """The specification's figures."""
        return aggregate(self.records)

    @property
    def code(self) -> Exit:
        """A failure of the service outranks what is unknown."""
        states = {record.state for record in self.records}
        if states & {State.DOWN, State.DEGRADED}:
            return Exit.FAIL
        judged = not any(record.quality.unscored for record in self.records)
        whole = states == {State.UP} and len(self.records) == self.asked
        return Exit.OK if whole and judged else Exit.UNKNOWN

    async def generate(self, settings: Settings, record: bool, advance: Callable[[], None]) -> Sink:
        """Ask for all, a few at a time."""
        with reached(settings) as (reachable, transport):
            async with (
                keeping(settings.store, record) as sink,
                assembled(sink, settings=reachable, transport=transport) as monitor,
            ):
                await asyncio.gather(*(self._work(monitor, advance) for _ in range(settings.concurrency)))
                if monitor.client:
                    self.spent = monitor.client.ledger.spending().committed
            return sink

    async def _work(self, monitor: Monitor, advance: Callable[[], None]) -> None:
        for number, request in self._waiting:
            if self._give_up_after and self._in_a_row >= self._give_up_after:
                return
            result = await monitor.generate(request)
            self.records.append(await result.scored())
            self._in_a_row = 0 if result.image else self._in_a_row + 1
            self.last_error = result.error or self.last_error
            if result.image:
                seed, kind = result.image.metadata.seed, result.image.metadata.format
                name = f"{number:0{len(str(self.asked))}}-face-{request.age}-{request.gender}-{seed}.{kind}"
                saving.save(result.image, self._folder / name, force=True)
            advance()


def _rows(batch: _Batch, folder: Path, kept: bool) -> Rows:
    figures = batch.figures
    yield "folder", str(folder)
    yield "faces", f"{figures.succeeded} of {batch.asked}"
    if figures.average_response_time is not None and figures.p95_response_time is not None:
        p95 = figures.p95_response_time
        slow = "a failure" if p95 == float("inf") else seconds(p95)
        yield "time", f"average {seconds(figures.average_response_time)} · p95 {slow}"
    yield "retries", str(figures.retry_count)
    yield (
        "credits",
        f"{batch.spent:g} ({batch.spent / 100:.4g} USD), with what may have been charged for nothing",
    )
    yield from _unsound_rows(batch, kept)
    blind = [record.quality.unscored[0] for record in batch.records if record.quality.unscored]
    if blind:
        yield "not judged", f"{len(blind)} of {figures.succeeded} ({blind[0].evaluator}: {blind[0].reason})"
    if figures.error_types:
        counted = ", ".join(f"{kind} {number}" for kind, number in figures.error_types.items())
        yield "errors", coloured(counted, "red", str(batch.last_error or ""))
    if len(batch.records) < batch.asked:
        yield "not tried", f"{batch.asked - len(batch.records)}: too many failures in a row"


def _unsound_rows(batch: _Batch, kept: bool) -> Rows:
    """The pictures that came and are not sound: a line each, with what tells it from the others, and why."""
    unsound = [record for record in batch.records if record.image is not None and record.quality.failed]
    if not unsound:
        return
    lines = [f"{len(unsound)} of {batch.figures.succeeded}: see them before you use them"]
    for record in unsound:
        asked, seed = record.request_params, record.image.seed if record.image else None
        named = f"age {asked.age}, {asked.gender}, seed {'–' if seed is None else seed}"
        named += f", record {record.id}" if kept else ""
        lines.append(f"{named}: {', '.join(score.reason for score in record.quality.failed)}")
    yield "not sound", "\n".join(lines)


def _check_folder(folder: Path, force: bool) -> None:
    if folder.is_dir():
        saving.check_folder(folder)
        if any(folder.iterdir()) and not force:
            raise InvalidInput(
                "output path", str(folder), "an empty or a new folder, or --force to add to this one"
            )
    elif folder.exists():
        raise InvalidInput("output path", str(folder), "a folder")
    else:
        saving.check_folder(folder.parent)
