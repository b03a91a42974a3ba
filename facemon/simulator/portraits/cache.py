"""Encoded pictures from memory, else from disk, else drawn."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from threading import Lock, Thread

from facemon.simulator.portraits.disk import DiskShelf
from facemon.simulator.portraits.encoding import render
from facemon.simulator.portraits.keys import PictureKey

_MEBIBYTE = 1024 * 1024


class PictureCache:
    """Thread-safe. Two threads that ask for the same cold picture may both draw it, to the same bytes.

    `folder` None keeps pictures in memory only; `memory_limit` is in bytes of encoded pictures.
    """

    def __init__(self, folder: Path | None, memory_limit: int = 256 * _MEBIBYTE) -> None:
        self._shelf = DiskShelf(folder)
        self._memory = _Memory(memory_limit)

    def get(self, key: PictureKey) -> bytes:
        """The encoded picture. Blocks for as long as the drawing takes when it is not ready."""
        body = self._find(key)
        if body is None:
            body = render(key)
            self._keep(key, body)
        return body

    def is_ready(self, key: PictureKey) -> bool:
        """Whether `get` answers without drawing; a damaged file does not count.

        The answer takes a reading of the file, which is why the picture is kept in memory from here on.
        """
        return self._find(key) is not None

    def prepare(
        self,
        keys: Iterable[PictureKey],
        processes: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Draw what is missing of `keys` in `processes` (default: one a core), and return how many that was.

        `progress(done, total)` is called in this thread, before the first picture and after each one.
        """
        missing = [key for key in dict.fromkeys(keys) if not self.is_ready(key)]
        if progress is not None:
            progress(0, len(missing))
        workers = min(processes or os.cpu_count() or 1, len(missing))
        for done, (key, body) in enumerate(_render_all(missing, workers), start=1):
            self._keep(key, body)
            if progress is not None:
                progress(done, len(missing))
        return len(missing)

    def _find(self, key: PictureKey) -> bytes | None:
        body = self._memory.get(key)
        if body is None:
            body = self._shelf.read(key)
            if body is not None:
                self._memory.put(key, body)
        return body

    def _keep(self, key: PictureKey, body: bytes) -> None:
        self._memory.put(key, body)
        self._shelf.write(key, body)


class _Memory:
    """The most recently used pictures, up to a number of bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._bodies: OrderedDict[PictureKey, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: PictureKey) -> bytes | None:
        with self._lock:
            body = self._bodies.get(key)
            if body is not None:
                self._bodies.move_to_end(key)
            return body

    def put(self, key: PictureKey, body: bytes) -> None:
        if len(body) > self._limit:
            return  # it would drive out everything else and then itself
        with self._lock:
            self._size += len(body) - len(self._bodies.pop(key, b""))
            self._bodies[key] = body
            while self._size > self._limit:
                _, dropped = self._bodies.popitem(last=False)
                self._size -= len(dropped)


def _end_with_parent(parent: int) -> None:
    """A drawing process whose parent was killed is told by nobody: it looks for itself, once a second."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _render_all(keys: list[PictureKey], workers: int) -> Iterator[tuple[PictureKey, bytes]]:
    """Each key with its picture, in order, drawn in `workers` processes, or here when there is but one."""
    done = 0
    if workers > 1:
        # Spawned, not forked: the caller may run threads, whose locks a forked child would inherit locked.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(
            workers, mp_context=context, initializer=_end_with_parent, initargs=(os.getpid(),)
        )
        try:
            for body in pool.map(render, keys):
                yield keys[done], body
                done += 1
        except BrokenProcessPool:
            # A child that cannot start (a `__main__` without a guard) or was killed: draw the rest here.
            pass
        finally:
            # Whoever interrupts is not kept waiting for pictures that nobody wants any more.
            pool.shutdown(cancel_futures=True)
    for key in keys[done:]:
        yield key, render(key)
