"""Names of records sort by time."""

import itertools
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.store.identity import IdSource, new_id

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
V7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def milliseconds(name: str) -> int:
    return int(name.replace("-", "")[:12], 16)


def test_layout() -> None:
    """A name is a UUIDv7 as RFC 9562 draws it: milliseconds first, version 7, variant 10."""
    name = IdSource()(datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC))  # the RFC's own example (appendix A.6)
    assert V7.fullmatch(name)
    assert name.startswith("017f22e2-79b0-7")


@given(st.lists(st.timedeltas(timedelta(days=-2), timedelta(days=2)), min_size=2, max_size=40))
def test_monotonic(steps: list[timedelta]) -> None:
    """Whatever the clock does, back or forth, a later name of a process is greater as text."""
    source = IdSource()
    names = [source(NOON + step) for step in steps]
    assert all(before < after for before, after in itertools.pairwise(names))


def test_one_millisecond() -> None:
    """Thousands of names of one moment are different, ordered, and still of that moment."""
    source = IdSource()
    names = [source(NOON) for _ in range(5000)]
    assert names == sorted(set(names))
    assert {milliseconds(name) for name in names} == {int(NOON.timestamp() * 1000)}


def test_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a millisecond's random part is used up, the next millisecond is taken."""
    source = IdSource()
    first = source(NOON)
    monkeypatch.setattr(source, "_last_random", (1 << 74) - 1)
    assert milliseconds(source(NOON)) == milliseconds(first) + 1


def test_threads() -> None:
    """Threads share a source without making a name twice."""
    source, names = IdSource(), []

    def work() -> None:
        names.extend([source(NOON) for _ in range(500)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 2000


def test_exact_milliseconds() -> None:
    """A moment is cut, not rounded, into its millisecond: no float is in the way."""
    assert milliseconds(IdSource()(NOON + timedelta(microseconds=999))) == int(NOON.timestamp() * 1000)


@pytest.mark.parametrize("moment", [NOON.replace(tzinfo=None), datetime(1969, 1, 1, tzinfo=UTC)])
def test_refused(moment: datetime) -> None:
    """A naive moment, or one that has no place in 48 unsigned bits, is refused."""
    with pytest.raises(ValueError, match="a name is made from a moment"):
        new_id(moment)
