"""The dispatcher, with receivers of every temper, on a clock that nobody waits for."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from facemon.alerting.dispatcher import Dispatched, Patience, dispatch
from facemon.clock import ManualClock
from facemon.errors import DeliveryFailed, DeliveryRefused, StoreError
from facemon.incident import Delivery, Event, EventKind, Incident, Message, Notice
from facemon.model import State
from facemon.store import IncidentStore
from facemon.store.incidents import Changes

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Receiver:
    """A channel. answer: what becomes of a notice, a receipt or what it raises · got: the ids it acknowledged ·
    busy: it was handed something · free: it acknowledged something.
    """

    def __init__(self, answer: Callable[[Notice], str] = lambda notice: f"got {notice.message.id}") -> None:
        self.name = "receiver"
        self.answer = answer
        self.tries: list[str] = []
        self.got: list[str] = []
        self.busy, self.free = asyncio.Event(), asyncio.Event()

    async def send(self, notice: Notice) -> str:
        self.tries.append(notice.message.id)
        receipt = self.answer(notice)
        self.got.append(notice.message.id)
        self.free.set()
        return receipt

    async def close(self) -> None:
        pass


class Silent(Receiver):
    """Takes a notice and never answers."""

    async def send(self, notice: Notice) -> str:
        self.tries.append(notice.message.id)
        self.busy.set()
        await asyncio.Event().wait()
        raise AssertionError


def raising(*errors: Exception | None) -> Callable[[Notice], str]:
    """Raises these one after another, None: does not; then it takes everything."""
    left = list(errors)

    def answer(notice: Notice) -> str:
        error = left.pop(0) if left else None
        if error is not None:
            raise error
        return "receipt"

    return answer


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
async def store(tmp_path: Path, clock: ManualClock) -> AsyncIterator[IncidentStore]:
    async with await IncidentStore.open(tmp_path / "facemon.db", clock=clock) as store:
        yield store


async def happen(
    store: IncidentStore, clock: ManualClock, name: str, number: int = 1, *channels: str
) -> None:
    """An event of an incident, with a message for each channel."""
    now = clock.now()
    incident = Incident(name, name, State.DOWN, "timeout", START, now, events=number)
    event = Event(f"{name}{number}", EventKind.EVIDENCE, now, State.DOWN, State.DOWN, "x", name, number)
    messages = tuple(
        Message(f"{event.id}-{channel}", event.id, channel, now, name) for channel in channels or ("mail",)
    )
    await store.change(lambda _: Changes((incident,), (event,), messages))


async def test_sent_once(store: IncidentStore, clock: ManualClock) -> None:
    """What is pending is sent, marked with its receipt, and not sent again."""
    await happen(store, clock, "a")
    mail = Receiver()
    assert await dispatch(store, {"mail": mail}, clock, owner="me") == Dispatched(1, 0, 0)
    assert await dispatch(store, {"mail": mail}, clock, owner="me") == Dispatched(0, 0, 0)
    (message,) = await store.messages()
    assert (mail.got, message.delivery, message.receipt) == (["a1-mail"], Delivery.SENT, "got a1-mail")


async def test_order_within_an_incident(store: IncidentStore, clock: ManualClock) -> None:
    """Messages of one incident arrive in the order of its events, though the first of them fails at first."""
    for number in (1, 2, 3):
        await happen(store, clock, "a", number)
    await happen(store, clock, "b")
    mail = Receiver(raising(DeliveryFailed("HTTP 503")))
    assert await dispatch(store, {"mail": mail}, clock, owner="me", wait=60) == Dispatched(4, 0, 0)
    assert mail.got == ["b1-mail", "a1-mail", "a2-mail", "a3-mail"]


async def test_receiver_down_for_an_hour(store: IncidentStore, clock: ManualClock) -> None:
    """A receiver is down for an hour, then up: every message arrives, in order, those of the hour too; its record tells
    the delay and each try. Runs come every five minutes, and wait a minute.
    """
    up_at = START + timedelta(hours=1)

    def answer(notice: Notice) -> str:
        if clock.now() < up_at:
            raise DeliveryFailed("HTTP 503")
        return ""

    mail, made = Receiver(answer), 0
    while clock.now() < START + timedelta(hours=2):
        slot = clock.now() + timedelta(minutes=5)
        if clock.now() < up_at:
            made += 1
            await happen(store, clock, "a", made)
            await happen(store, clock, "b", made)
        await dispatch(store, {"mail": mail}, clock, owner="me", wait=60)
        clock.advance(max(0.0, (slot - clock.now()).total_seconds()))
    messages = await store.messages()
    assert len(messages) == 24
    for name in "ab":
        assert [m for m in mail.got if m[0] == name] == [f"{name}{n}-mail" for n in range(1, made + 1)]
    for message in messages:
        tries = await store.deliveries(message.id)
        assert [one.number for one in tries] == list(range(1, message.attempts + 1))
        assert [one.outcome for one in tries] == ["failed"] * (len(tries) - 1) + ["sent"]
        assert message.sent_at is not None
        assert up_at <= message.sent_at <= up_at + timedelta(minutes=20)
        assert tries[-1].at == message.sent_at
    # The delays run on between the runs: 40 s after the try at 35 s is too late for the first run, and so on.
    tried = [(one.at - START).total_seconds() for one in await store.deliveries("a1-mail")]
    assert tried == [0, 5, 15, 35, 300, 600, 900, 1220, 1860, 2760, 3660]
    assert messages[0].last_error == "HTTP 503"


async def test_backoff(store: IncidentStore, clock: ManualClock) -> None:
    """The delay is 5 s, doubles with each failure up to 15 minutes, and never ends the trying."""
    await happen(store, clock, "a")
    mail = Receiver(raising(*[DeliveryFailed("no")] * 12))
    assert await dispatch(store, {"mail": mail}, clock, owner="me", wait=86_400) == Dispatched(1, 0, 0)
    tries = await store.deliveries("a1-mail")
    gaps = [(b.at - a.at).total_seconds() for a, b in itertools.pairwise(tries)]
    assert gaps == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]


@pytest.mark.parametrize(
    ("wish", "delay"),
    [(120.0, 120), (1.0, 5), (-3.0, 5), (None, 5), (float("nan"), 5), (float("inf"), 5), (1e15, 86_400)],
)
def test_retry_after(wish: float | None, delay: float) -> None:
    """A receiver that asks for more time gets it, up to a day; one that asks for less, or for nonsense, does not."""
    assert Patience().delay(1, wish) == delay


def test_delay_of_any_number() -> None:
    """However often it failed, there is a next time."""
    assert Patience().delay(10_000) == 900


async def test_refused_stops_at_once(store: IncidentStore, clock: ManualClock) -> None:
    """A permanent refusal is tried once, kept with its reason, and lets the next message go."""
    await happen(store, clock, "a", 1)
    await happen(store, clock, "a", 2)
    mail = Receiver(raising(DeliveryRefused("550 no such user")))
    assert await dispatch(store, {"mail": mail}, clock, owner="me", wait=3600) == Dispatched(1, 1, 0)
    assert mail.tries == ["a1-mail", "a2-mail"]
    (refused,) = await store.messages(delivery=Delivery.REFUSED)
    assert (refused.id, refused.last_error, refused.attempts) == ("a1-mail", "550 no such user", 1)


async def test_unforeseen(store: IncidentStore, clock: ManualClock) -> None:
    """Whatever a channel raises, the message stays and comes again; the record says what and where, and quotes nothing
    that could be a secret.
    """
    await happen(store, clock, "a")
    mail = Receiver(raising(ValueError("https://hunter2@mail.example"), asyncio.CancelledError()))  # type: ignore[arg-type]
    assert await dispatch(store, {"mail": mail}, clock, owner="me", wait=60) == Dispatched(1, 0, 0)
    first, second, third = await store.deliveries("a1-mail")
    assert first.error.startswith("unforeseen ValueError in test_dispatcher.py, line ")
    assert second.error == "the channel cancelled its own sending"
    assert third.outcome == "sent"


async def test_long_errors_are_cut(store: IncidentStore, clock: ManualClock) -> None:
    """A receiver that answers with a page does not fill the record."""
    await happen(store, clock, "a")
    await dispatch(store, {"mail": Receiver(raising(DeliveryFailed("x" * 9999)))}, clock, owner="me")
    assert len((await store.messages())[0].last_error) == 500


async def test_time_limit(store: IncidentStore, clock: ManualClock) -> None:
    """A receiver that does not answer in time has not acknowledged: the message comes again."""
    await happen(store, clock, "a")
    silent = Silent()
    patience = Patience(send=0.01)
    assert await dispatch(store, {"mail": silent}, clock, owner="me", patience=patience) == Dispatched(
        0, 0, 1
    )
    (message,) = await store.messages()
    assert (message.last_error, message.attempts) == ("no acknowledgement within 0.01 s", 1)
    assert message.due_at == clock.now() + timedelta(seconds=5)


async def test_channels_side_by_side(store: IncidentStore, clock: ManualClock) -> None:
    """A channel whose receiver hangs holds no other up."""
    await happen(store, clock, "a", 1, "mail", "webhook")
    silent, quick = Silent(), Receiver()
    task = asyncio.ensure_future(dispatch(store, {"mail": silent, "webhook": quick}, clock, owner="me"))
    await silent.busy.wait()
    await quick.free.wait()
    assert not task.done()
    assert quick.got == ["a1-webhook"]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelled(store: IncidentStore, clock: ManualClock) -> None:
    """Cancelled in the middle of a try, the message is pending and held until the lease ends; then it goes."""
    await happen(store, clock, "a")
    silent = Silent()
    task = asyncio.ensure_future(dispatch(store, {"mail": silent}, clock, owner="me"))
    await silent.busy.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await store.deliveries("a1-mail") == []
    mail = Receiver()
    assert await dispatch(store, {"mail": mail}, clock, owner="next") == Dispatched(0, 0, 1)
    clock.advance(Patience().lease)
    assert await dispatch(store, {"mail": mail}, clock, owner="next") == Dispatched(1, 0, 0)
    assert mail.got == silent.tries


async def test_waits_for_a_dead_ones_lease(store: IncidentStore, clock: ManualClock) -> None:
    """With time to wait, a message whose sender died goes out as soon as the lease has ended."""
    await happen(store, clock, "a")
    await store.claim("dead", clock.now(), 120, ["mail"])
    assert await dispatch(store, {"mail": Receiver()}, clock, owner="me", wait=300) == Dispatched(1, 0, 0)
    assert clock.now() == START + timedelta(seconds=120)


async def test_unknown_channel(store: IncidentStore, clock: ManualClock) -> None:
    """A message for a channel that is not configured any more stays pending, and is counted apart."""
    await happen(store, clock, "a", 1, "mail", "pager")
    assert await dispatch(store, {"mail": Receiver()}, clock, owner="me", wait=60) == Dispatched(
        1, 0, 0, (), {"pager": 1}
    )
    assert await dispatch(store, {}, clock, owner="me", wait=60) == Dispatched(0, 0, 0, (), {"pager": 1})
    assert clock.now() == START


async def test_without_waiting_each_once(store: IncidentStore, clock: ManualClock) -> None:
    """Without waiting each message is tried once, also where a slow receiver lets the first fall due meanwhile."""
    for name in "abc":
        await happen(store, clock, name)

    def slow(notice: Notice) -> str:
        clock.advance(30)
        raise DeliveryFailed("timed out")

    mail = Receiver(slow)
    assert await dispatch(store, {"mail": mail}, clock, owner="me") == Dispatched(0, 0, 3)
    assert mail.tries == ["a1-mail", "b1-mail", "c1-mail"]


async def test_the_time_is_over(store: IncidentStore, clock: ManualClock) -> None:
    """The waiting ends with its time; what is left stays pending, and the next run sends it."""
    await happen(store, clock, "a")
    mail = Receiver(raising(*[DeliveryFailed("no")] * 3))
    assert await dispatch(store, {"mail": mail}, clock, owner="me", wait=20) == Dispatched(0, 0, 1)
    assert clock.now() <= START + timedelta(seconds=20)
    assert len(mail.tries) == 3
    clock.advance(300)
    assert await dispatch(store, {"mail": mail}, clock, owner="me") == Dispatched(1, 0, 0)


async def test_busy_until_the_time_is_over(store: IncidentStore, clock: ManualClock) -> None:
    """A slow receiver with much to take does not keep a run beyond its time by more than the try under way."""
    for number in range(9):
        await happen(store, clock, f"i{number}")

    def slow(notice: Notice) -> str:
        clock.advance(25)
        return ""

    assert await dispatch(store, {"mail": Receiver(slow)}, clock, owner="me", wait=60) == Dispatched(3, 0, 6)


async def test_a_lost_claim_is_not_counted(store: IncidentStore, clock: ManualClock) -> None:
    """Who sends for longer than its lease, and is overtaken, does not count the message as sent by itself."""
    await happen(store, clock, "a")
    patience = Patience(lease=1)

    async def overtaken(notice: Notice) -> str:
        clock.advance(2)
        await store.claim("quick", clock.now(), 600, ["mail"])
        return ""

    mail = Receiver()
    mail.send = overtaken  # type: ignore[method-assign]
    assert await dispatch(store, {"mail": mail}, clock, owner="me", patience=patience) == Dispatched(0, 0, 1)


async def test_store_trouble(store: IncidentStore, clock: ManualClock) -> None:
    """Where the store fails, its error comes out as it is; the message is not marked and will come again."""
    await happen(store, clock, "a")
    mail = Receiver()

    async def closing(notice: Notice) -> str:
        await store.close()
        return ""

    mail.send = closing  # type: ignore[method-assign]
    with pytest.raises(StoreError, match="is closed"):
        await dispatch(store, {"mail": mail}, clock, owner="me")


async def test_receipts_reach_the_channel(store: IncidentStore, clock: ManualClock) -> None:
    """A channel is handed the receipts of what it sent before, such as the issue's number."""
    await happen(store, clock, "a", 1)
    await happen(store, clock, "a", 2)
    seen: list[tuple[str, ...]] = []

    def answer(notice: Notice) -> str:
        seen.append(notice.receipts)
        assert replace(notice.message, attempts=0) == notice.message
        return f"#{len(seen)}"

    await dispatch(store, {"mail": Receiver(answer)}, clock, owner="me")
    assert seen == [(), ("#1",)]
