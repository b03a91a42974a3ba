"""What this process uses."""

import mmap
import time

from facemon.resources import ResourceMeter, memory_bytes


def test_memory_is_the_resident_set_in_bytes():
    """A Python process with its libraries has more than 10 MB and less than 8 GB."""
    assert 10 * 2**20 < memory_bytes() < 8 * 2**30


def test_memory_sees_an_allocation():
    """Forty megabytes written to are seen in the resident set."""
    # Straight from the kernel: the heap of a long session may hold as much memory ready.
    with mmap.mmap(-1, 40 * 2**20) as block:
        before = memory_bytes()
        block.write(b"x" * len(block))
        assert memory_bytes() - before > 20 * 2**20


def test_meter_counts_cpu_since_its_creation():
    """CPU time worked after the meter was made is in its reading; the byte counts are passed through."""
    meter = ResourceMeter()
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    used = meter.read(bytes_sent=3, bytes_received=4)
    assert used.cpu_seconds >= 0.05 and used.memory_bytes > 0
    assert (used.bytes_sent, used.bytes_received) == (3, 4)


def test_meter_does_not_count_what_was_before():
    """A meter made now knows nothing of the CPU time used before it."""
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    assert ResourceMeter().read().cpu_seconds < 0.1
