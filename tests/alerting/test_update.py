"""The step between runs and alerts, over a real store: what counts, once, and by one of many."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest_asyncio
from series import RUN, STEP, at, name, record, records, run

from facemon.alerting.channels.base import ChannelConfig
from facemon.alerting.config import AlertSettings
from facemon.alerting.decide import resolved
from facemon.alerting.update import HISTORY, update
from facemon.clock import ManualClock
from facemon.incident import EventKind, Silence
from facemon.model import State
from facemon.slo.language import parse
from facemon.store import RecordStore, new_id
from facemon.store.incidents import Changes, IncidentStore

OBJECTIVES = [parse("success_rate >= 99%")]
MAIL = AlertSettings((ChannelConfig("mail", {}, {}, kind="email"),))


class Monitor:
    """A run against the vendor whose records are added by hand, and an updater."""

    def __init__(self, kept: RecordStore, incidents: IncidentStore, clock: ManualClock) -> None:
        self.kept, self.incidents, self.clock = kept, incidents, clock

    async def sees(self, kinds: str, first: int = 0, **changes) -> None:
        for each in records(kinds, first, **changes):
            await self.kept.add(each)

    async def update(self, number: float, settings: AlertSettings = MAIL, target: str = "live") -> list:
        """At the moment of a record; the kinds of the events."""
        now = at(number)
        self.clock.advance((now - self.clock.now()).total_seconds())
        changes = await update(self.kept, self.incidents, OBJECTIVES, settings, now, target=target)
        return [event.kind for event in changes.events]


@pytest_asyncio.fixture
async def monitor(tmp_path):
    """An empty store with one run under way."""
    clock = ManualClock(at(0))
    place = tmp_path / "facemon.db"
    async with (
        await RecordStore.open(place) as kept,
        await IncidentStore.open(place, clock=clock) as incidents,
    ):
        await kept.start_run(run(finished_at=None, summary={}))
        yield Monitor(kept, incidents, clock)


async def test_an_outage_from_its_failure_to_its_recovery(monitor):
    """One incident with its events and a message each, in the store; a second look at the same writes nothing."""
    await monitor.sees("....xxx")
    assert await monitor.update(7) == [EventKind.OPENED]
    assert await monitor.update(7) == await monitor.update(8) == []
    await monitor.sees("..", 7)
    assert await monitor.update(9) == []
    await monitor.sees(".", 9)
    assert await monitor.update(10) == [EventKind.RECOVERED]
    assert await monitor.update(10) == []
    (incident,) = await monitor.incidents.incidents()
    assert incident.closed_at == at(10) and incident.opened_at == at(4)
    events = await monitor.incidents.events(incident.id)
    assert [event.number for event in events] == [1, 2]
    assert events[0].evidence.records == (name(6), name(5), name(4))
    messages = await monitor.incidents.messages()
    assert [message.event_id for message in messages] == [event.id for event in events]
    assert {message.channel for message in messages} == {"mail"}


async def test_a_drill_does_not_count(monitor):
    """A deliberate refusal is kept, and is no outage."""
    await monitor.sees("...xxxxxx", purpose="probe")
    assert await monitor.update(9) == []


async def test_records_of_a_gate_do_not_count(monitor):
    """Neither those of its runs, by their role, nor those that name it."""
    await monitor.kept.start_run(run(1, finished_at=None, summary={"role": "candidate"}))
    await monitor.sees("xxxxxx", run_id=run(1).id)
    await monitor.sees("xxxxxx", 6, check="gate")
    assert await monitor.update(12) == []


async def test_another_target_does_not_count(monitor):
    """Nor does what belongs to no run; each target is judged by its own runs."""
    await monitor.kept.start_run(run(1, target="sim", finished_at=None, summary={}))
    await monitor.sees("xxxxxx", run_id=run(1).id)
    await monitor.sees("xxxxxx", 6, run_id=None)
    assert await monitor.update(12) == []
    assert await monitor.update(12, target="sim") == [EventKind.OPENED]


async def test_a_run_that_was_killed_counts_by_its_records(monitor):
    """And one that ended by its checks, too; a check that failed in a run of a gate does not."""
    check = {"check_balance.py::check_credits": "failed"}
    for number in (1, 2, 3):
        await monitor.kept.start_run(run(number, finished_at=None, summary={"role": "baseline"}))
        summary = {**run(number, check).summary, "role": "baseline"}
        await monitor.kept.finish_run(run(number).id, at(number + 0.1), summary)
    assert await monitor.update(4) == []
    for number in (4, 5, 6):
        await monitor.kept.start_run(run(number, finished_at=None, summary={}))
        await monitor.kept.finish_run(run(number).id, at(number + 0.1), run(number, check).summary)
    assert await monitor.update(7) == [EventKind.OPENED]
    assert [each.component for each in await monitor.incidents.incidents()] == ["api"]


async def test_two_updaters_at_once_make_one_incident(monitor, tmp_path):
    """Each with connections of its own."""
    await monitor.sees("....xxx")
    async with await IncidentStore.open(tmp_path / "facemon.db", clock=monitor.clock) as other:
        pair = [
            update(monitor.kept, place, OBJECTIVES, MAIL, at(7), target="live")
            for place in (monitor.incidents, other)
        ]
        changes = await asyncio.gather(*pair)
    assert sorted(len(each.events) for each in changes) == [0, 1]
    assert len(await monitor.incidents.incidents()) == len(await monitor.incidents.messages()) == 1


async def test_a_window_of_the_projects_file_is_kept(monitor):
    """Maintenance: nothing is told in it; at its end what is still true is."""
    window = Silence("file-0", "*", at(0), at(8), maintenance=True)
    settings = AlertSettings(MAIL.channels, (window,))
    await monitor.sees("....xxx")
    assert await monitor.update(7, settings) == [EventKind.OPENED]
    assert await monitor.incidents.messages() == []
    assert await monitor.update(8, settings) == [EventKind.OPENED]
    assert len(await monitor.incidents.messages()) == 1


async def test_resolved_by_hand_stays_closed_until_it_fails_again(monitor):
    """Failures of before are told; three new ones open it again, as the same incident."""
    await monitor.sees("....xxx")
    await monitor.update(7)
    (incident,) = await monitor.incidents.incidents()
    now = at(7.5)
    await monitor.incidents.change(
        lambda snapshot: resolved(snapshot, incident, "ada", now, ["mail"], lambda: new_id(now))
    )
    await monitor.sees("xx", 8)
    assert await monitor.update(10) == []
    await monitor.sees("x", 10)
    assert await monitor.update(11) == [EventKind.REOPENED]


async def test_what_was_closed_long_ago_does_not_fire_again(monitor):
    """Rules look back on no more than what the store shows: failures of before count never again."""
    await monitor.sees("....xxx")
    await monitor.update(7)
    (incident,) = await monitor.incidents.incidents()
    now = at(7.5)
    await monitor.incidents.change(
        lambda snapshot: resolved(snapshot, incident, "ada", now, ["mail"], lambda: new_id(now))
    )
    later = timedelta(days=29) / STEP
    await monitor.kept.add(record(int(later)))
    assert await monitor.update(later + 1) == []


async def test_what_broke_and_recovered_between_two_looks_is_told(monitor):
    """Once, as one incident with the times of its records, and nobody is woken for it."""
    await monitor.sees("....")
    assert await monitor.update(4) == []
    await monitor.sees("xxx...", 4)
    assert await monitor.update(20) == [EventKind.OPENED, EventKind.RECOVERED]
    assert await monitor.update(20) == await monitor.update(21) == []
    (incident,) = await monitor.incidents.incidents()
    assert (incident.opened_at, incident.closed_at) == (at(4), at(9))
    assert (incident.cause, incident.urgent) == ("timeout", False)
    events = await monitor.incidents.events(incident.id)
    assert events[0].evidence.rule == "3 failures in a row; it was over before anybody looked"
    assert events[0].evidence.records == (name(6), name(5), name(4))
    assert len(await monitor.incidents.messages()) == 2


async def test_the_first_look_tells_nothing_of_the_past(monitor):
    """Who begins with alerts today is not told of last week; nor is it told later."""
    await monitor.sees("xxxx......")
    assert await monitor.update(10) == []
    await monitor.sees("..", 10)
    assert await monitor.update(12) == []


async def test_a_run_that_ends_after_the_look_brings_what_is_older(monitor):
    """Runners that overlap: what one of them saw before the other looked is not lost with it."""
    await monitor.sees("....")
    await monitor.update(20)
    await monitor.sees("xxx...", 4, run_id=run(1).id)
    await monitor.kept.start_run(run(1, finished_at=None, summary={}))
    await monitor.kept.finish_run(run(1).id, at(21), {})
    assert await monitor.update(22) == [EventKind.OPENED, EventKind.RECOVERED]


async def test_an_incident_ends_with_its_own_target(monitor):
    """Two targets in one store: one that is well closes nothing of the other's, and each has an open incident."""
    await monitor.kept.start_run(run(1, target="sim", finished_at=None, summary={}))
    await monitor.sees("xxx")
    assert await monitor.update(3) == [EventKind.OPENED]
    for first in (3, 6):
        for each in records("..." if first == 3 else "xxx", first):
            await monitor.kept.add(replace(each, run_id=run(1).id))
        assert await monitor.update(first + 3, target="sim") == ([EventKind.OPENED] if first == 6 else [])
    opened = await monitor.incidents.incidents(open_only=True)
    assert sorted(each.target for each in opened) == ["live", "sim"]


async def test_a_recovery_in_a_long_silence_is_told_at_its_end(monitor):
    """However long ago it was: who was told that it broke waits for it."""
    await monitor.sees("....xxx")
    await monitor.update(7)
    long = timedelta(days=40) / STEP
    silence = Silence("1", "*", at(7), at(long))
    await monitor.incidents.change(lambda _: Changes(silences=(silence,)))
    await monitor.sees("...", 7)
    assert await monitor.update(10) == [EventKind.RECOVERED]
    assert len(await monitor.incidents.messages()) == 1
    assert await monitor.update(long + 1) == [EventKind.RECOVERED]
    assert await monitor.update(long + 2) == []
    (incident,) = await monitor.incidents.incidents()
    assert incident.announced is State.UP and len(await monitor.incidents.messages()) == 2


async def test_what_lies_far_back_is_forgotten(monitor):
    """Failures of thirty days ago and more say nothing of the service of today."""
    await monitor.sees("....xxx")
    assert await monitor.update(HISTORY / STEP + 8) == []


async def test_the_report_and_the_run_are_in_the_evidence(monitor):
    """So that an alert leads to them."""
    await monitor.kept.finish_run(RUN, at(0.5), {"checks": {}})
    await monitor.sees("....xxx")
    changes = await update(
        monitor.kept,
        monitor.incidents,
        OBJECTIVES,
        MAIL,
        at(7),
        target="live",
        report="https://example.com/r",
    )
    found = changes.events[0].evidence
    assert (found.report, found.run_id) == ("https://example.com/r", RUN)
