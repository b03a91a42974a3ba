"""A lock that processes share: one file, held by one of them at a time."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.002

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        # flock, not lockf: a POSIX record lock is dropped when any descriptor of the file is closed.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def interprocess_lock(path: Path, patience: float = 5.0) -> Iterator[bool]:
    """Hold the lock file `path` (made where missing) for the block; yields whether it could be had.

    Waits `patience` seconds at most; where it could not be had, the block runs without it. The system drops the
    lock of a process that dies. Raises OSError where the file cannot be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        yield _wait(descriptor, time.monotonic() + patience)
    finally:
        os.close(descriptor)  # also lets go of the lock


def _wait(descriptor: int, deadline: float) -> bool:
    while True:
        try:
            _take(descriptor)
        except OSError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        else:
            return True
