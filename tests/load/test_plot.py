"""What a person sees of a load run: a line while it runs, a section, a picture."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from facemon.load.picture import picture
from facemon.load.plot import lines, progress, seconds
from facemon.load.result import LoadResult
from facemon.load.schedule import Schedule
from facemon.load.tally import Answer, Tally

SCHEDULE = Schedule(2, 60)
RED = (213, 60, 40)


def told(failing: range = range(0), slow: range = range(0), answers: int = 120) -> LoadResult:
    """A run of 120 requests of 0.2 s each; some fail, some take 2 s."""
    tally = Tally.of(SCHEDULE, 120, limit=3.0)
    for due in SCHEDULE.dues()[:answers]:
        tally.start(due.at, due.at)
        took = 2.0 if due.number in slow else 0.2
        tally.end(due.at, due.at, Answer("server_error" if due.number in failing else "success", took))
    return LoadResult(SCHEDULE, {"main": tally})


def text(result: LoadResult) -> str:
    """The section."""
    return "\n".join(line for line, _ in lines(result))


def test_the_section_has_both_clocks_and_all_counts() -> None:
    """Percentiles from the intended and the actual start, starts, answers, the sender."""
    said = text(told())
    for words in (
        "120 of 120 sent",
        "0 late",
        "0 dropped",
        "success 120",
        "in time 120",
        "intended",
        "actual",
    ):
        assert words in said
    assert "withheld" not in said
    assert "failed" not in said


def test_failures_are_marked_where_they_happened() -> None:
    """Two failures in the first two seconds: an x in the first columns and in none after, in line with the bars."""
    rows = text(told(failing=range(4))).splitlines()
    bars = next(row for row in rows if row.startswith("  slowest"))
    marks = next(row for row in rows if row.startswith("  failed"))
    assert (bars[13:16], marks[13:16]) == ("  █", "xx ")
    assert marks.count("x") == 2
    assert "4 in all" in marks
    assert "a failure" in text(told(failing=range(4)))  # p99 lies among them


def test_a_slow_time_stands_out() -> None:
    """The column of the slow requests is the highest one."""
    bars = next(row for row in text(told(slow=range(60, 64))).splitlines() if row.startswith("  slowest"))
    plot = bars.partition("slowest")[2].strip().partition("   ")[0]
    assert plot.index("█") == pytest.approx(30 * len(plot) / 60, abs=2)


def test_the_line_of_progress_counts() -> None:
    """Due so far, sent, answered, in flight, errors, p95 so far."""
    line = progress(told(failing=range(3), answers=50), 30.0)
    for words in (
        "30 of 60 s",
        "due 60 of 120",
        "sent 50",
        "answered 50",
        "in flight 0",
        "errors 3",
        "p95 a failure",
    ):
        assert words in line


def test_nothing_counted_is_shown_as_nothing() -> None:
    """A run that was broken off at once has a section and a picture, and no figure in them."""
    empty = LoadResult(SCHEDULE, {})
    assert "answers   none" in text(empty)
    assert progress(empty, 0.0).endswith("p95 –")
    assert Image.open(io.BytesIO(picture(empty))).size == (1000, 800)


def test_the_picture_marks_failures_in_red() -> None:
    """A PNG of the stated size; red only where something failed."""

    def reds(result: LoadResult) -> int:
        image = Image.open(io.BytesIO(picture(result)))
        assert (image.format, image.size) == ("PNG", (1000, 800))
        return sum(number for number, colour in image.getcolors(100_000) or () if colour == RED)

    assert reds(told()) == 0
    assert reds(told(failing=range(10, 30))) > 50


@pytest.mark.parametrize(
    ("value", "said"), [(None, "–"), (float("inf"), "a failure"), (0.0123, "12.3 ms"), (2.345, "2.35 s")]
)
def test_durations_are_read_at_a_glance(value: float | None, said: str) -> None:
    """Milliseconds below a second, three digits."""
    assert seconds(value) == said
