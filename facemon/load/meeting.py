"""Where the processes of a load run meet: small files in one folder, each written whole or not at all.

NAME.ready: this worker could start · start.json: the starting instant and who takes part, written by the controller ·
NAME.json: a worker's tally so far · NAME.ended: that tally was its last · NAME.dead: the controller says that it died ·
stop: the controller was interrupted, nobody sends any more.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from facemon.clock import Clock
from facemon.load.result import LoadResult
from facemon.load.schedule import Schedule
from facemon.load.tally import Tally

_LOOK_EVERY = 0.05  # seconds


class NoMeeting(Exception):
    """The workers did not come together in time."""


@dataclass(frozen=True, slots=True)
class Start:
    """at: seconds since the epoch, the one clock that processes share · names: whose shares make the schedule."""

    at: float
    names: tuple[str, ...]


class Meeting:
    """The folder of one run. wall: seconds since the epoch."""

    def __init__(self, folder: Path, wall: Callable[[], float] = time.time) -> None:
        self.folder, self._wall = folder, wall
        folder.mkdir(parents=True, exist_ok=True)

    def ready(self, name: str) -> None:
        """This worker could start."""
        self._write(f"{name}.ready", {})

    def ready_names(self) -> set[str]:
        """Workers that could start."""
        return {path.stem for path in self.folder.glob("*.ready")}

    def announce(self, names: Iterable[str], delay: float = 0.5) -> Start:
        """Name the starting instant: so many seconds from now, which is time enough for all to read it."""
        start = Start(self._wall() + delay, tuple(sorted(names)))
        self._write("start.json", asdict(start))
        return start

    def start(self) -> Start | None:
        """What was announced; None if nothing was yet."""
        said = self._read("start.json")
        return None if said is None else Start(said["at"], tuple(said["names"]))

    async def await_start(self, clock: Clock, patience: float) -> Start:
        """Wait for the announcement. Raises NoMeeting after `patience` seconds."""
        async for _ in _looks(clock, patience):
            if (start := self.start()) is not None:
                return start
        raise NoMeeting(f"no starting instant was named within {patience:g} s")

    def report(self, name: str, tally: Tally) -> None:
        """Keep a worker's tally, in place of its last one."""
        self._write(f"{name}.json", tally.to_json())
        if tally.ended:
            self._write(f"{name}.ended", {})

    def stop(self, patience: float = 0.0) -> None:
        """Nobody is to send any more; wait so many seconds at most for those who do."""
        self._write("stop", {})
        end = time.monotonic() + patience
        while not self.over() and time.monotonic() < end:
            time.sleep(_LOOK_EVERY)

    def stopped(self) -> bool:
        """Whether nobody is to send any more."""
        return (self.folder / "stop").exists()

    def lost(self, name: str) -> None:
        """This worker died: nobody waits for it."""
        self._write(f"{name}.dead", {})

    def lost_names(self) -> set[str]:
        """Workers that died."""
        return {path.stem for path in self.folder.glob("*.dead")}

    def tallies(self) -> dict[str, Tally]:
        """The tallies reported so far, by worker."""
        start = self.start()
        found = {name: self._read(f"{name}.json") for name in (start.names if start else ())}
        return {name: Tally.from_json(data) for name, data in found.items() if data is not None}

    def over(self) -> bool:
        """Whether every worker has ended or died."""
        start = self.start()
        gone = self.lost_names() | {path.stem for path in self.folder.glob("*.ended")}
        return start is not None and gone.issuperset(start.names)

    async def await_end(self, clock: Clock, patience: float) -> None:
        """Wait until every worker has ended or died, for at most `patience` seconds."""
        async for _ in _looks(clock, patience):
            if self.over():
                return

    def result(self, schedule: Schedule) -> LoadResult:
        """The tallies merged; a worker that has not ended is missing, and what it had said counts."""
        start, tallies = self.start(), self.tallies()
        names = start.names if start else ()
        missing = tuple(name for name in names if name not in tallies or not tallies[name].ended)
        return LoadResult(schedule, tallies, missing)

    def claim(self, word: str) -> bool:
        """Whether this process is the first of all to claim what only one of them is to do."""
        try:
            (self.folder / f"{word}.claimed").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, name: str, content: dict[str, Any]) -> None:
        unfinished = self.folder / f"{name}.{os.getpid()}.new"
        unfinished.write_text(json.dumps(content), "utf-8")
        unfinished.replace(self.folder / name)

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads((self.folder / name).read_text("utf-8"))
        except FileNotFoundError:
            return None
        return found


async def _looks(clock: Clock, patience: float) -> Any:
    end = clock.monotonic() + patience
    while clock.monotonic() < end:
        yield None
        await clock.sleep(_LOOK_EVERY)
