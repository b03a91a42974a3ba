"""CPU and memory of this process. Network use is counted by the client, exchange by exchange."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING

from facemon.model import ResourceUse

if TYPE_CHECKING:
    import psutil


@functools.cache
def _process(pid: int) -> psutil.Process:
    import psutil  # late: importing facemon must stay light

    return psutil.Process(pid)


def memory_bytes() -> int:
    """The resident set size of this process."""
    import os

    return int(_process(os.getpid()).memory_info().rss)


class ResourceMeter:
    """Measures from its creation to `read`."""

    def __init__(self) -> None:
        self._cpu = time.process_time()

    def read(self, *, bytes_sent: int = 0, bytes_received: int = 0) -> ResourceUse:
        """What was used since; the byte counts are the caller's own."""
        return ResourceUse(
            cpu_seconds=time.process_time() - self._cpu,
            memory_bytes=memory_bytes(),
            bytes_sent=bytes_sent,
            bytes_received=bytes_received,
        )
