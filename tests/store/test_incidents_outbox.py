"""The outbox: claimed by one, in order, given back when its owner dies; in both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from facemon.incident import Delivery, Event, EventKind, Incident, Message
from facemon.model import State
from facemon.store import IncidentStore, outbox
from facemon.store.engine import Database
from facemon.store.incidents import Changes, DeliveryAttempt
from facemon.store.location import locate

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = 60.0


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def story(name: str, events: int = 1, *channels: str, due_at: datetime | None = None) -> Changes:
    """An incident with some events, each with a message for each channel; a name of "" makes alerts about none."""
    of = name or None
    incident = Incident(name, name, State.DOWN, "timeout", START, START, events=events)
    made = tuple(
        Event(f"{name}e{n}", EventKind.EVIDENCE, START, State.DOWN, State.DOWN, "timeout", of, n)
        for n in range(1, events + 1)
    )
    messages = tuple(
        Message(f"{e.id}-{channel}", e.id, channel, START, of, due_at=due_at)
        for e in made
        for channel in channels
    )
    return Changes((incident,) if of else (), made, messages)


@pytest.fixture
async def store(location: str) -> AsyncIterator[IncidentStore]:
    async with await IncidentStore.open(location) as store:
        yield store


async def put(store: IncidentStore, *changes: Changes) -> None:
    for one in changes:
        await store.change(lambda _, one=one: one)  # type: ignore[misc]


async def claimed(
    store: IncidentStore, owner: str = "me", at: float = 0, limit: int = 9, *on: str
) -> list[str]:
    return [m.id for m in await store.claim(owner, later(at), LEASE, on or ("mail", "webhook"), limit)]


async def only(store: IncidentStore) -> Message:
    (found,) = await store.messages()
    return found


async def test_claim_is_exclusive(store: IncidentStore) -> None:
    """What one has claimed nobody gets before the lease ends, not even its owner; then anybody does."""
    await put(store, story("a", 1, "mail"))
    assert await claimed(store) == ["ae1-mail"]
    assert await claimed(store, "other") == []
    assert await claimed(store, at=LEASE - 0.001) == []
    assert await claimed(store, "other", at=LEASE) == ["ae1-mail"]


async def test_many_claimers(location: str) -> None:
    """However many claim at the same time, each message is handed to one of them, and none is passed over."""
    async with await IncidentStore.open(location) as first:
        await put(first, *(story(f"i{n}", 1, "mail") for n in range(20)))
        stores = [await IncidentStore.open(location) for _ in range(4)]

        async def take(store: IncidentStore, owner: str) -> list[str]:
            found: list[str] = []
            while got := await claimed(store, owner, 0, 1):
                found += got
            return found

        taken = await asyncio.gather(*(take(store, f"owner {n}") for n, store in enumerate(stores)))
        for store in stores:
            await store.close()
    assert sorted(name for names in taken for name in names) == sorted(f"i{n}e1-mail" for n in range(20))


async def test_head_of_its_stream(store: IncidentStore) -> None:
    """Of an incident on a channel only the earliest pending message is handed out; the next once it is sent, or
    refused. Other channels and other incidents do not wait for it.
    """
    await put(store, story("a", 3, "mail", "webhook"), story("b", 1, "mail"))
    assert await claimed(store) == ["ae1-mail", "ae1-webhook", "be1-mail"]
    assert await claimed(store) == []
    assert await store.acknowledged("ae1-mail", "me", START, "")
    assert await claimed(store) == ["ae2-mail"]
    assert await store.refused("ae2-mail", "me", START, "no")
    assert await claimed(store) == ["ae3-mail"]


async def test_failed_head_holds_its_stream(store: IncidentStore) -> None:
    """While a message waits for its next try, later ones of the same incident on the same channel wait too."""
    await put(store, story("a", 2, "mail"))
    await claimed(store)
    assert await store.failed("ae1-mail", "me", START, "down", later(5))
    assert await claimed(store, at=4.9) == []
    assert await claimed(store, at=5) == ["ae1-mail"]


async def test_without_incident_each_for_itself(store: IncidentStore) -> None:
    """Alerts and reports wait for nobody."""
    await put(store, story("", 2, "mail"))
    assert await claimed(store, "one", 0, 1) == ["e1-mail"]
    assert await claimed(store, "two", 0, 1) == ["e2-mail"]


async def test_due(store: IncidentStore) -> None:
    """A message is not handed out before it is due; `due_by` keeps back what fell due since."""
    await put(store, story("a", 1, "mail", due_at=later(10)), story("b", 1, "mail"))
    assert await claimed(store) == ["be1-mail"]
    assert await store.claim("me", later(20), LEASE, ["mail"], due_by=later(9)) == []
    assert await claimed(store, at=10) == ["ae1-mail"]


async def test_channels_and_limit(store: IncidentStore) -> None:
    """Only messages of the channels asked for, the oldest first, and no more than asked for."""
    await put(store, story("a", 1, "webhook", "mail"), story("b", 1, "mail"), story("c", 1, "mail"))
    assert await claimed(store, "me", 0, 2, "mail") == ["ae1-mail", "be1-mail"]
    assert await store.claim("me", START, LEASE, [], 9) == []


async def test_record_of_tries(store: IncidentStore) -> None:
    """Each try is kept with its time and its error; the message counts them and keeps its receipt and its delay."""
    await put(store, story("a", 1, "mail"))
    await claimed(store)
    assert await store.failed("ae1-mail", "me", later(1), "HTTP 503", later(6))
    assert await claimed(store, at=6) == ["ae1-mail"]
    assert await store.acknowledged("ae1-mail", "me", later(7), "#12")
    found = await only(store)
    assert (found.delivery, found.attempts, found.receipt) == (Delivery.SENT, 2, "#12")
    assert (found.sent_at, found.last_error) == (later(7), "HTTP 503")
    assert await store.deliveries("ae1-mail") == [
        DeliveryAttempt("ae1-mail", 1, later(1), "failed", "HTTP 503"),
        DeliveryAttempt("ae1-mail", 2, later(7), "sent"),
    ]


async def test_refusal_is_kept(store: IncidentStore) -> None:
    """A refused message is never handed out again, and says why."""
    await put(store, story("a", 1, "mail"))
    await claimed(store)
    assert await store.refused("ae1-mail", "me", later(1), "550 no such user")
    found = await only(store)
    assert (found.delivery, found.last_error, found.attempts) == (Delivery.REFUSED, "550 no such user", 1)
    assert await claimed(store, at=1e6) == []
    assert [one.outcome for one in await store.deliveries("ae1-mail")] == ["refused"]


async def test_unheard_is_what_was_refused_of_an_open_incident(store: IncidentStore) -> None:
    """Not of one that is closed, nor where something later got through, nor of another channel; renewed, it waits again
    at its place.
    """
    await put(store, story("a", 2, "mail", "webhook"), story("closed", 1, "mail"), story("known", 2, "mail"))
    while waiting := await claimed(store):
        for name in waiting:
            if name.endswith("mail") and name != "knowne2-mail":
                await store.refused(name, "me", later(1), "no")
            else:
                await store.acknowledged(name, "me", later(1), "")
    (over,) = [each for each in await store.incidents() if each.id == "closed"]
    await put(store, Changes((replace(over, closed_at=later(2), state=State.UP),)))
    unheard = [message.id for message in await store.unheard(["mail", "webhook"])]
    assert unheard == ["ae1-mail", "ae2-mail"]
    assert await store.unheard(["webhook"]) == await store.renew(["webhook"], later(3)) == []
    assert [message.id for message in await store.renew(["mail"], later(3))] == unheard
    assert await store.unheard(["mail"]) == []
    assert await claimed(store, at=3) == unheard[:1]


@pytest.mark.parametrize("what", ["acknowledged", "failed", "refused"])
async def test_a_lost_claim_changes_nothing(store: IncidentStore, what: str) -> None:
    """Who was taken for dead, and comes back after another has claimed the message, changes nothing."""
    await put(store, story("a", 1, "mail"))
    await claimed(store, "slow")
    await claimed(store, "quick", at=LEASE)
    before = await only(store)
    late = later(LEASE + 1)
    answers = {
        "acknowledged": store.acknowledged,
        "failed": lambda *a: store.failed(*a, late),
        "refused": store.refused,
    }
    assert not await answers[what]("ae1-mail", "slow", late, "x")
    assert (await only(store), await store.deliveries("ae1-mail")) == (before, [])
    assert await store.acknowledged("ae1-mail", "quick", late, "")
    assert not await answers[what]("ae1-mail", "quick", late, "x")
    assert (await only(store)).delivery is Delivery.SENT


async def test_late_answer_that_nobody_overtook(store: IncidentStore) -> None:
    """An answer that comes after the lease, while nobody else has claimed the message, still counts."""
    await put(store, story("a", 1, "mail"))
    await claimed(store)
    assert await store.acknowledged("ae1-mail", "me", later(LEASE + 1), "")


async def test_next_due(store: IncidentStore) -> None:
    """The next moment at which a claim would find something: the end of a delay or of a lease; none without any."""
    assert await store.next_due(["mail"]) is None
    await put(store, story("a", 2, "mail", due_at=later(30)), story("b", 1, "mail"))
    assert await store.next_due(["webhook"]) is None
    assert await store.next_due(["mail"]) == START
    assert await claimed(store) == ["be1-mail"]
    assert await store.next_due(["mail"]) == later(30)
    assert await claimed(store, at=30) == ["ae1-mail"]
    assert await store.next_due(["mail"]) == later(LEASE)


async def test_receipts(store: IncidentStore) -> None:
    """A notice brings the receipts of earlier messages of its incident on its channel, oldest first, and no others."""
    await put(store, story("a", 3, "mail", "webhook"), story("b", 1, "mail"))
    for name in ("ae1-mail", "ae1-webhook", "be1-mail", "ae2-mail"):
        await claimed(store)
        assert await store.acknowledged(name, "me", START, f"receipt of {name}")
    by_id = {m.id: m for m in await store.messages()}
    notice = await store.notice(by_id["ae3-mail"])
    assert notice.receipts == ("receipt of ae1-mail", "receipt of ae2-mail")
    assert (await store.notice(by_id["ae1-mail"])).receipts == ()


async def test_no_receipt(store: IncidentStore) -> None:
    """A message that was refused, or whose receiver gave it no name, leaves no empty receipt behind."""
    await put(store, story("a", 3, "mail"))
    await claimed(store)
    assert await store.acknowledged("ae1-mail", "me", START, "")
    await claimed(store)
    assert await store.refused("ae2-mail", "me", START, "no")
    last = (await store.messages())[-1]
    assert (await store.notice(last)).receipts == ()


@pytest.mark.postgres
async def test_claims_do_not_wait_for_each_other(postgres: str) -> None:
    """While one claims a message, in a transaction that has not ended, another gets the next one at once."""
    async with await IncidentStore.open(postgres) as store:
        await put(store, story("a", 1, "mail"), story("b", 1, "mail"))
        database = Database(locate(postgres))
        with database.writing() as connection:
            assert outbox.claim(connection, "one", START, LEASE, ["mail"], 1, START)[0].id == "ae1-mail"
            assert await claimed(store, "two", 0, 1) == ["be1-mail"]
        database.close()
