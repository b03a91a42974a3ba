"""How processes come together: one instant for all, nobody waits for the dead, half a file is never read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facemon.load.meeting import Meeting, NoMeeting
from facemon.load.schedule import Schedule
from facemon.load.tally import Tally

Virtual = Callable[[Callable[[Any], Any]], Any]
SCHEDULE = Schedule(1, 10)


@pytest.fixture
def meeting(tmp_path: Path) -> Meeting:
    """One whose wall clock stands at 1000 s."""
    return Meeting(tmp_path / "run.load", wall=lambda: 1000.0)


def ended(meeting: Meeting, name: str) -> None:
    """This worker reports its last word."""
    tally = Tally.of(SCHEDULE, 5, 3.0)
    tally.ended = True
    meeting.report(name, tally)


def test_all_start_at_the_instant_the_controller_names(meeting: Meeting, virtual: Virtual) -> None:
    """A worker waits until it is announced; the names are in one order for all, so that shares are one schedule."""

    async def main(loop: Any) -> None:
        loop.call_later(5.0, lambda: meeting.announce({"gw1", "gw0"}, delay=0.5))
        start = await meeting.await_start(loop, patience=60)
        assert (start.at, start.names) == (1000.5, ("gw0", "gw1"))
        assert 4.9 < loop.monotonic() < 5.2

    virtual(main)


def test_a_start_that_never_comes_is_not_waited_for(meeting: Meeting, virtual: Virtual) -> None:
    """After its patience a worker says so."""
    with pytest.raises(NoMeeting, match="within 60 s"):
        virtual(lambda loop: meeting.await_start(loop, patience=60))


def test_who_is_ready_is_known(meeting: Meeting) -> None:
    """Each worker says it once it has opened what it needs."""
    meeting.ready("gw0")
    meeting.ready("gw3")
    assert meeting.ready_names() == {"gw0", "gw3"}


def test_the_workers_wait_for_each_other(meeting: Meeting, virtual: Virtual) -> None:
    """The end comes when the last one has reported its last word; a tally on the way is not one."""
    meeting.announce(["gw0", "gw1"])
    ended(meeting, "gw0")
    meeting.report("gw1", Tally.of(SCHEDULE, 5, 3.0))

    async def main(loop: Any) -> None:
        assert not meeting.over()
        loop.call_later(7.0, lambda: ended(meeting, "gw1"))
        await meeting.await_end(loop, patience=60)
        assert 6.9 < loop.monotonic() < 7.2

    virtual(main)
    assert meeting.result(SCHEDULE).missing == ()


def test_a_stop_is_heard_by_all(meeting: Meeting) -> None:
    """The controller was interrupted: everybody can see it, and it waits for nobody who has ended or died."""
    meeting.announce(["gw0", "gw1"])
    assert not meeting.stopped()
    ended(meeting, "gw0")
    meeting.lost("gw1")
    meeting.stop(patience=60)
    assert meeting.stopped()


def test_nobody_waits_for_the_dead(meeting: Meeting, virtual: Virtual) -> None:
    """A worker that died is missing in the result; what it had said until then counts."""
    meeting.announce(["gw0", "gw1", "gw2"])
    ended(meeting, "gw0")
    spoken = Tally.of(SCHEDULE, 5, 3.0)
    spoken.started = 2
    meeting.report("gw1", spoken)
    meeting.lost("gw1")
    meeting.lost("gw2")
    assert meeting.over()
    found = meeting.result(SCHEDULE)
    assert found.missing == ("gw1", "gw2")
    assert found.sent == 2


def test_patience_ends(meeting: Meeting, virtual: Virtual) -> None:
    """A worker that neither ends nor dies holds nobody up for ever."""
    meeting.announce(["gw0", "gw1"])
    ended(meeting, "gw0")

    async def main(loop: Any) -> None:
        await meeting.await_end(loop, patience=30)
        assert 29 < loop.monotonic() < 31

    virtual(main)
    assert meeting.result(SCHEDULE).missing == ("gw1",)


def test_only_one_does_what_is_done_once(meeting: Meeting) -> None:
    """The first to claim it is told so, the others not."""
    assert [meeting.claim("picture") for _ in range(3)] == [True, False, False]


def test_nothing_is_left(meeting: Meeting) -> None:
    """Closed, the folder is gone; closing twice does no harm."""
    ended(meeting, "gw0")
    meeting.close()
    meeting.close()
    assert not meeting.folder.exists()
