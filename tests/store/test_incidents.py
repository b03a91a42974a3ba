"""The contract of the store of incidents, in both databases."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import func, select

from facemon.clock import ManualClock
from facemon.errors import InvalidInput, StoreError
from facemon.incident import Delivery, Event, EventKind, Evidence, Incident, Message, Silence
from facemon.model import State
from facemon.store import IncidentStore, RecordStore
from facemon.store.incidents import HORIZON, Changes, Snapshot
from facemon.store.schema import events as events_table

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UP, DEGRADED, DOWN = State.UP, State.DEGRADED, State.DOWN
EVIDENCE = Evidence(
    *("3 in a row", {"99 % ≥ 0.99": "0.91 (0.88–0.94)"}, {"check_x": "AssertionError"}, {"timeout": 3}),
    *(("r3", "r2"), "POST /generate", "HTTP 500", "facemon check -k x", "https://x.example/7", "run", "live"),
)


def incident(name: str = "i1", **changes: Any) -> Incident:
    return replace(Incident(name, "availability", DOWN, "timeout", START, START, events=1), **changes)


def event(name: str, of: str | None = "i1", number: int = 1, **changes: Any) -> Event:
    made = Event(name, EventKind.OPENED, START, UP, DOWN, "timeout", of, number, "availability")
    return replace(made, **changes)


def message(of: Event, channel: str = "mail", **changes: Any) -> Message:
    return replace(Message(f"{of.id}-{channel}", of.id, channel, of.at, of.incident_id), **changes)


def opening(name: str = "i1", *channels: str, **changes: Any) -> Changes:
    """An incident opens, and each channel gets a message."""
    first = event(f"{name}-e1", name)
    return Changes((incident(name, **changes),), (first,), tuple(message(first, c) for c in channels))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
async def store(location: str, clock: ManualClock) -> AsyncIterator[IncidentStore]:
    async with await IncidentStore.open(location, clock=clock) as store:
        yield store


async def put(store: IncidentStore, changes: Changes) -> Changes:
    return await store.change(lambda _: changes)


async def seen(store: IncidentStore) -> Snapshot:
    kept: list[Snapshot] = []

    def look(snapshot: Snapshot) -> Changes:
        kept.append(snapshot)
        return Changes()

    await store.change(look)
    return kept[0]


async def test_round_trip(store: IncidentStore) -> None:
    """Every field of an incident, its event, its message and a silence comes back as it was."""
    whole = Incident(
        *(
            "i1",
            "pictures",
            DEGRADED,
            "wrong_age",
            START,
            START + MINUTE,
            START + 2 * MINUTE,
            DOWN,
            2,
            3,
            True,
        ),
        *(START + MINUTE, "ada"),
    )
    first = Event(
        *(
            "e1",
            EventKind.EASED,
            START,
            DOWN,
            DEGRADED,
            "wrong_age",
            "i1",
            3,
            "pictures",
            True,
            True,
            EVIDENCE,
        ),
        *("text", "<p>html</p>"),
    )
    sent = Message("m1", "e1", "mail", START, "i1", Delivery.SENT, 2, START + MINUTE, "late", START, "<id@x>")
    silence = Silence("s1", "pict*", START, START + MINUTE, "work", "ada", True)
    changes = Changes((whole,), (first,), (sent,), (silence,))
    assert await put(store, changes) == changes
    assert await store.incidents() == [whole]
    assert await store.incident("i1") == whole
    assert await store.events("i1") == [first]
    assert await store.messages() == [sent]
    assert await store.silences() == [silence]
    notice = await store.notice(sent)
    assert (notice.message, notice.event, notice.incident) == (sent, first, whole)


async def test_time_zones(store: IncidentStore) -> None:
    """A moment of any time zone comes back as the same moment in UTC, in the incident of a notice too."""
    east = START.astimezone(timezone(timedelta(hours=9)))
    changes = opening("i1", "mail", opened_at=east)
    await put(store, changes)
    after = (await store.notice(changes.messages[0])).incident
    assert after is not None
    assert (after.opened_at, after.opened_at.tzinfo) == (START, UTC)
    assert after == await store.incident("i1")


async def test_an_alert_without_incident(store: IncidentStore) -> None:
    """An alert or a report is an event of its own: kept, told, and no part of any incident."""
    alert = event("a1", None, 0, kind=EventKind.ALERT, text="the disk is full")
    await put(store, Changes(events=(alert,), messages=(message(alert),)))
    assert await store.events(None) == [alert]
    notice = await store.notice(message(alert))
    assert (notice.event, notice.incident, notice.history, notice.receipts) == (alert, None, (), ())


async def test_one_transaction(store: IncidentStore) -> None:
    """What cannot be written whole is not written at all: no incident without its event, no event without its
    message.
    """
    changes = opening("i1", "mail")
    orphan = replace(changes.messages[0], id="orphan", event_id="nobody", channel="webhook")
    with pytest.raises(StoreError):
        await put(store, replace(changes, messages=(*changes.messages, orphan)))
    assert (await store.incidents(), await store.events("i1"), await store.messages()) == ([], [], [])


async def test_events_are_never_rewritten(store: IncidentStore) -> None:
    """An event stays as it was told: neither its id nor its number within the incident can be used again."""
    await put(store, opening())
    for again in (event("i1-e1", number=2, cause="another"), event("i1-e2", number=1)):
        with pytest.raises(StoreError):
            await put(store, Changes(events=(again,)))
    assert [found.cause for found in await store.events("i1")] == ["timeout"]


async def test_an_event_of_no_incident_that_is_here(store: IncidentStore) -> None:
    """An event names an incident of this store."""
    with pytest.raises(InvalidInput, match="incident id 'nobody'"):
        await put(store, Changes(events=(event("e1", "nobody"),)))


async def test_update(store: IncidentStore) -> None:
    """An incident whose id is known is brought up to date; so is a silence that ends early."""
    silence = Silence("s1", "*", START, START + 9 * MINUTE)
    await put(store, replace(opening(), silences=(silence,)))
    closed = incident(state=UP, changed_at=START + MINUTE, closed_at=START + MINUTE, events=2)
    shorter = replace(silence, ends_at=START + MINUTE)
    await put(store, Changes((closed,), silences=(shorter,)))
    assert await store.incidents() == [closed]
    assert await store.silences() == [shorter]


async def test_one_open_incident_for_a_component(store: IncidentStore) -> None:
    """Two open incidents of one component cannot be; a new one may open in the change that closes the last."""
    await put(store, opening())
    with pytest.raises(StoreError):
        await put(store, opening("i2"))
    closed = incident(state=UP, closed_at=START)
    await put(store, Changes((incident("i2", opened_at=START + MINUTE), closed)))
    assert [found.id for found in await store.incidents(open_only=True)] == ["i2"]


async def test_two_updaters(location: str) -> None:
    """Of two updaters that see the same failure at the same time one opens the incident; the other finds it open."""
    meeting = threading.Barrier(2, timeout=0.2)

    def open_if_none(name: str) -> Any:
        def decide(snapshot: Snapshot) -> Changes:
            try:
                meeting.wait()  # both inside would mean that they share the moment
            except threading.BrokenBarrierError:
                pass
            else:
                raise AssertionError("two decisions at once")
            return Changes() if snapshot.incidents else opening(name, "mail")

        return decide

    async with await IncidentStore.open(location) as one, await IncidentStore.open(location) as two:
        await asyncio.gather(one.change(open_if_none("i1")), two.change(open_if_none("i2")))
        assert len(await one.incidents()) == 1
        assert len(await two.messages()) == 1


async def test_snapshot(store: IncidentStore, clock: ManualClock) -> None:
    """A decision sees what is open however old, what was closed within the horizon, and silences not ended before it;
    and the time.
    """
    old, recent = clock.now() - HORIZON - MINUTE, clock.now() - HORIZON + MINUTE
    incidents = (
        incident("forgotten", component="a", state=UP, closed_at=old),
        incident("closed", component="a", state=UP, opened_at=old, closed_at=recent),
        incident("open", component="b", opened_at=old - HORIZON),
    )
    silences = (Silence("ended", "*", old, old), Silence("to come", "*", START + MINUTE, START + 2 * MINUTE))
    await put(store, Changes(incidents, silences=silences))
    snapshot = await seen(store)
    assert snapshot == Snapshot(START, (incidents[2], incidents[1]), silences[1:])
    assert len(await store.incidents()) == 3


async def test_snapshot_brings_events(store: IncidentStore) -> None:
    """A decision sees the events of every incident it sees, in their order, so that it knows what was told before."""
    await put(store, opening())
    more = (event("e3", number=3), event("e2", number=2))
    await put(store, replace(opening("i2", component="speed"), events=(event("x1", "i2"), *more)))
    alert = event("a1", None, 0)
    await put(store, Changes(events=(alert,)))
    assert (await seen(store)).events == {
        "i1": (event("i1-e1"), more[1], more[0]),
        "i2": (event("x1", "i2"),),
    }


async def test_a_decision_that_fails(store: IncidentStore) -> None:
    """What a decision raises comes out as it is, not as trouble of the database, and nothing is written."""
    with pytest.raises(ValueError, match="mine") as caught:
        await store.change(lambda _: (_ for _ in ()).throw(ValueError("mine")))
    assert not isinstance(caught.value, StoreError)
    assert await put(store, opening()) == opening()


async def test_find_by_beginning(store: IncidentStore) -> None:
    """The beginning of just one id finds its incident; none and several are told apart; a whole id is enough."""
    names = ("ab-1", "ab-12", "cd-3")
    await put(store, Changes(tuple(incident(name, component=name) for name in names)))
    assert (await store.incident("c")).id == "cd-3"
    assert (await store.incident("ab-1")).id == "ab-1"
    with pytest.raises(InvalidInput, match="several incidents begin with these"):
        await store.incident("ab")
    for unknown in ("", "x", "%", "ab-13"):
        with pytest.raises(InvalidInput, match="the id of an incident in this store"):
            await store.incident(unknown)


async def test_incidents_order_and_limit(store: IncidentStore) -> None:
    """Incidents come newest first, and no more than asked."""
    made = [incident(f"i{n}", component=f"c{n}", opened_at=START + n * MINUTE) for n in range(3)]
    await put(store, Changes(tuple(made)))
    assert await store.incidents() == made[::-1]
    assert await store.incidents(limit=2) == made[:0:-1]


async def test_messages_filters(store: IncidentStore) -> None:
    """Messages come in the order they were made, whatever a clock says, and can be narrowed."""
    first = opening("i1", "mail", "webhook")
    late = event("e2", number=2, at=START - MINUTE, kind=EventKind.EVIDENCE)
    await put(store, first)
    await put(store, Changes(events=(late,), messages=(message(late, delivery=Delivery.REFUSED),)))
    found = [m.id for m in await store.messages()]
    assert found == ["i1-e1-mail", "i1-e1-webhook", "e2-mail"]
    assert [m.id for m in await store.messages(channel="mail")] == ["i1-e1-mail", "e2-mail"]
    assert [m.id for m in await store.messages(delivery=Delivery.REFUSED)] == ["e2-mail"]


async def test_one_message_for_an_event_and_a_channel(store: IncidentStore) -> None:
    """Nobody is told the same thing twice by two messages."""
    changes = opening("i1", "mail")
    await put(store, changes)
    with pytest.raises(StoreError):
        await put(store, Changes(messages=(replace(changes.messages[0], id="again"),)))


async def test_notice_tells_of_its_own_time(store: IncidentStore) -> None:
    """A message sent late tells the incident as it was after its event, with the history up to it, and no more."""
    first = opening("i1", "mail")
    await put(store, first)
    worse = event("e2", number=2, kind=EventKind.ESCALATED, at=START + MINUTE)
    over = event("e3", number=3, kind=EventKind.RECOVERED, after=UP, cause="", at=START + 2 * MINUTE)
    now = incident(state=UP, cause="", changed_at=over.at, closed_at=over.at, events=3, announced=UP)
    await put(store, Changes((now,), (worse, over), (message(worse), message(over))))
    notices = [await store.notice(m) for m in await store.messages()]
    assert [notice.incident for notice in notices] == [
        incident(),
        replace(now, state=DOWN, cause="timeout", changed_at=worse.at, closed_at=None, events=2),
        now,
    ]
    assert [[e.id for e in notice.history] for notice in notices] == [
        ["i1-e1"],
        ["i1-e1", "e2"],
        ["i1-e1", "e2", "e3"],
    ]


async def test_notice_of_nobody(store: IncidentStore) -> None:
    """A message that is not of this store has no notice."""
    with pytest.raises(InvalidInput, match="message"):
        await store.notice(message(event("nobody")))


async def test_hostile_text(store: IncidentStore) -> None:
    """NUL and lone surrogates in what the service said cost a character and not the alert."""
    said = "a\0b\ud800"
    bad = event("e1", cause=said, text=said, evidence=Evidence(response=said, checks={said: said}))
    await put(store, Changes((incident(cause=said),), (bad,), (message(bad),)))
    (found,) = await store.events("i1")
    assert (found.cause, found.text) == ("a\ufffdb\ufffd", "a\ufffdb\ufffd")
    assert (await store.notice(message(bad))).event == found


async def test_nothing_is_deleted(store: IncidentStore) -> None:
    """A closed incident that everybody forgot keeps its row and its events."""
    await put(store, opening())
    await put(store, Changes((incident(state=UP, closed_at=START - 365 * timedelta(days=1)),)))
    assert len(await store.incidents()) == 1

    def count(connection: Any) -> int:
        return int(connection.execute(select(func.count()).select_from(events_table)).scalar_one())

    assert await store._workers.read(count) == 1


async def test_beside_records(location: str) -> None:
    """Records and incidents share one database, whichever store opens it first."""
    async with await IncidentStore.open(location) as incidents, await RecordStore.open(location) as records:
        await put(incidents, opening())
        assert await records.count() == 0
        assert len(await incidents.incidents()) == 1


async def test_read_only(location: str) -> None:
    """A store opened for reading only shows everything and changes nothing."""
    async with await IncidentStore.open(location) as store:
        await put(store, opening("i1", "mail"))
    async with await IncidentStore.open(location, read_only=True) as store:
        assert len(await store.messages()) == 1
        with pytest.raises(StoreError, match="was opened for reading only"):
            await store.claim("me", START, 10, ["mail"])


async def test_must_exist(tmp_path: Any) -> None:
    """A store that has to be there already is not made."""
    with pytest.raises(StoreError, match="there is no store at"):
        await IncidentStore.open(tmp_path / "x.db", must_exist=True)
    assert not (tmp_path / "x.db").exists()


async def test_closed(store: IncidentStore) -> None:
    """A closed store says so, for each kind of call. Closing twice is allowed."""
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="is closed"):
        await store.incidents()
    with pytest.raises(StoreError, match="is closed"):
        await put(store, opening())


async def test_memory() -> None:
    """A store in memory takes readers and writers at once."""
    async with await IncidentStore.open(":memory:") as store:
        made = [opening(f"i{n}", "mail", component=f"c{n}") for n in range(10)]
        await asyncio.gather(*(put(store, one) for one in made), *(store.messages() for _ in range(10)))
        assert len(await store.incidents()) == 10
