"""Messages on their way: who sends which, and what became of each try. Everything here runs inside a transaction.

A claim is a lease: whoever dies with it loses it when it ends, and somebody else sends the message again. An answer
counts only from who holds the claim, so that one who was taken for dead changes nothing behind the back of the next.
(The pattern of healthchecks' outgoing notifications: a row, and a conditional UPDATE; the lease is what it lacks.)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, or_, select, update

from facemon.incident import Delivery, Message
from facemon.store.incident_rows import message_from
from facemon.store.schema import deliveries, incidents, messages

_IS_PENDING = messages.c.delivery == Delivery.PENDING.value
_earlier = messages.alias("earlier")
# None before an earlier one of the same incident on the same channel. Without an incident there is no order.
_IS_FIRST = ~exists().where(
    _earlier.c.incident_id == messages.c.incident_id,
    _earlier.c.channel == messages.c.channel,
    _earlier.c.number < messages.c.number,
    _earlier.c.delivery == Delivery.PENDING.value,
)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(messages.c.leased_until.is_(None), messages.c.leased_until <= now)


def claim(
    connection: Connection,
    owner: str,
    now: datetime,
    lease: float,
    channels: Collection[str],
    limit: int,
    due_by: datetime,
) -> list[Message]:
    """Lease messages that are due, free, and the first of their stream, in the order they were made."""
    is_due = or_(messages.c.due_at.is_(None), messages.c.due_at <= due_by)
    candidates = (
        select(messages.c.number)
        .where(_IS_PENDING, is_due, _is_free(now), messages.c.channel.in_(channels), _IS_FIRST)
        .order_by(messages.c.number)
        .limit(limit)
        .with_for_update(skip_locked=True)  # PostgreSQL: what another is claiming now is passed over
    )
    numbers = connection.execute(candidates).scalars().all()
    if not numbers:
        return []
    change = (
        update(messages)
        .where(messages.c.number.in_(numbers), _IS_PENDING, _is_free(now))
        .values(leased_by=owner, leased_until=now + timedelta(seconds=lease))
        .returning(messages)
    )
    rows = connection.execute(change).mappings().all()
    return [message_from(row) for row in sorted(rows, key=lambda row: row["number"])]


def unheard(connection: Connection, channels: Collection[str]) -> list[Message]:
    """What these channels refused of open incidents, where nothing later about the incident got through or waits."""
    later = messages.alias("later")
    known = exists().where(
        later.c.incident_id == messages.c.incident_id,
        later.c.channel == messages.c.channel,
        later.c.number > messages.c.number,
        later.c.delivery != Delivery.REFUSED.value,
    )
    query = (
        select(messages)
        .join(incidents, incidents.c.id == messages.c.incident_id)
        .where(
            messages.c.delivery == Delivery.REFUSED.value,
            messages.c.channel.in_(channels),
            incidents.c.closed_at.is_(None),
            ~known,
        )
    )
    return [message_from(row) for row in connection.execute(query.order_by(messages.c.number)).mappings()]


def renew(connection: Connection, channels: Collection[str], now: datetime) -> list[Message]:
    """Make what is unheard wait again, to be sent now."""
    found = unheard(connection, channels)
    change = update(messages).where(messages.c.id.in_([message.id for message in found]))
    connection.execute(change.values(delivery=Delivery.PENDING.value, due_at=now))
    return found


def next_due(connection: Connection, channels: Collection[str]) -> datetime | None:
    """When the next message of these channels can be claimed, which may be past; None where none is pending."""
    query = select(messages.c.created_at, messages.c.due_at, messages.c.leased_until).where(
        and_(_IS_PENDING, messages.c.channel.in_(channels), _IS_FIRST)
    )
    rows = connection.execute(query).all()
    return min((max(moment for moment in row if moment is not None) for row in rows), default=None)


def settle(
    connection: Connection, message_id: str, owner: str, now: datetime, outcome: str, **columns: Any
) -> bool:
    """Write what became of a try, and give the lease back; False, and nothing is written, where it is not the owner's.

    outcome: as `deliveries` calls it · columns: of `messages`.
    """
    change = (
        update(messages)
        .where(messages.c.id == message_id, messages.c.leased_by == owner)
        .values(attempts=messages.c.attempts + 1, leased_by=None, leased_until=None, **columns)
        .returning(messages.c.attempts)
    )
    number = connection.execute(change).scalar()
    if number is None:
        return False
    error = columns.get("last_error", "")
    row = {"message_id": message_id, "number": number, "at": now, "outcome": outcome, "error": error}
    connection.execute(insert(deliveries), row)
    return True


def find_messages(connection: Connection, delivery: Delivery | None, channel: str | None) -> list[Message]:
    """Messages, in the order they were made."""
    query = select(messages).order_by(messages.c.number)
    if delivery is not None:
        query = query.where(messages.c.delivery == Delivery(delivery).value)
    if channel is not None:
        query = query.where(messages.c.channel == channel)
    return [message_from(row) for row in connection.execute(query).mappings()]


def find_deliveries(connection: Connection, message_id: str) -> list[Mapping[str, Any]]:
    """The tries of a message as rows, oldest first."""
    query = select(deliveries).where(deliveries.c.message_id == message_id).order_by(deliveries.c.number)
    return [{str(name): value for name, value in row.items()} for row in connection.execute(query).mappings()]
