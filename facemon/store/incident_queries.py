"""What is asked of incidents and written of them. Everything here runs inside a transaction; nothing deletes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, insert, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite

from facemon.errors import InvalidInput
from facemon.incident import Event, Incident, Message, Notice, Silence
from facemon.model import State
from facemon.store.incident_rows import (
    Row,
    after_each,
    event_from,
    event_row,
    incident_after,
    incident_from,
    incident_row,
    message_row,
    silence_from,
    silence_row,
)
from facemon.store.schema import events, incidents, looks, messages, silences

_ADVISORY_LOCK = 0x696E636964656E74  # "incident"
_IS_OPEN = incidents.c.closed_at.is_(None)
_IS_OWED = incidents.c.announced != State.UP.value  # not true of NULL: of those nobody knows
_NEWEST_FIRST = (incidents.c.opened_at.desc(), incidents.c.id.desc())


def exclude_others(connection: Connection) -> None:
    """Wait until no other transaction changes incidents; a SQLite transaction that writes is alone already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def current_incidents(connection: Connection, since: datetime) -> tuple[Incident, ...]:
    """The open ones, those closed since a moment, and those of whose end nobody was told; oldest first."""
    query = select(incidents).where(or_(_IS_OPEN, incidents.c.closed_at >= since, _IS_OWED))
    rows = connection.execute(query.order_by(incidents.c.opened_at, incidents.c.id)).mappings()
    return tuple(incident_from(row) for row in rows)


def current_silences(connection: Connection, since: datetime) -> tuple[Silence, ...]:
    """Those that end after a moment, in the order they start."""
    query = select(silences).where(silences.c.ends_at >= since).order_by(silences.c.starts_at, silences.c.id)
    return tuple(silence_from(row) for row in connection.execute(query).mappings())


def last_look(connection: Connection, target: str) -> datetime | None:
    """When a target's runs were last looked at."""
    return connection.execute(select(looks.c.at).where(looks.c.target == target)).scalar_one_or_none()


def write_look(connection: Connection, target: str, now: datetime) -> None:
    """A target's runs were looked at."""
    _upsert(connection, looks, [{"target": target, "at": now}])


def write(
    connection: Connection,
    changed: Iterable[Incident],
    new_events: Sequence[Event],
    new_messages: Sequence[Message],
    changed_silences: Iterable[Silence],
) -> None:
    """Insert or update incidents and silences; insert events and messages, in this order."""
    # Closed ones first: of one component the next may be open only when the last is closed.
    ordered = sorted(changed, key=lambda incident: incident.closed_at is None)
    _upsert(connection, incidents, [incident_row(incident) for incident in ordered])
    _upsert(connection, silences, [silence_row(silence) for silence in changed_silences])
    if of_events := _event_rows(connection, new_events):
        connection.execute(insert(events), of_events)
    for message in new_messages:  # one by one: their numbers are the order in which they go
        connection.execute(insert(messages), message_row(message))


def _upsert(connection: Connection, table: Table, rows: list[Row]) -> None:
    kind = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = kind(table)
    (key,) = table.primary_key
    new = {column.name: statement.excluded[column.name] for column in table.c if column is not key}
    for row in rows:
        connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=new), row)


def _event_rows(connection: Connection, new: Iterable[Event]) -> list[Row]:
    by_incident = defaultdict[str | None, list[Event]](list)
    for event in new:
        by_incident[event.incident_id].append(event)
    rows = [event_row(event, None) for event in by_incident.pop(None, ())]
    for name, of_incident in by_incident.items():
        row = connection.execute(select(incidents).where(incidents.c.id == name)).mappings().one_or_none()
        if row is None:
            raise InvalidInput(
                "incident id", name, "the id of an incident that is here, or comes with its event"
            )
        rows += [event_row(event, after) for event, after in after_each(incident_from(row), of_incident)]
    return rows


def find_incidents(connection: Connection, open_only: bool, limit: int | None) -> list[Incident]:
    """Incidents, newest first."""
    query = select(incidents).order_by(*_NEWEST_FIRST).limit(limit)
    if open_only:
        query = query.where(_IS_OPEN)
    return [incident_from(row) for row in connection.execute(query).mappings()]


def find_incident(connection: Connection, name: str) -> Incident:
    """The incident of an id, or of the beginning of just one id. Raises InvalidInput for none and for several."""
    # "~" sorts behind everything an id holds; an exact one sorts before those that begin with it.
    query = select(incidents).where(incidents.c.id >= name, incidents.c.id < name + "~")
    found = connection.execute(query.order_by(incidents.c.id).limit(2)).mappings().all()
    if not name or not found:
        raise InvalidInput(
            "incident id", name, "the id of an incident in this store, or the beginning of one"
        )
    if len(found) > 1 and found[0]["id"] != name:
        raise InvalidInput("incident id", name, "more of its characters: several incidents begin with these")
    return incident_from(found[0])


def find_events(connection: Connection, incident_id: str | None, until: int | None = None) -> list[Event]:
    """The events of an incident, up to a number, or (None) those of none; oldest first."""
    query = select(events).where(events.c.incident_id == incident_id)
    if until is not None:
        query = query.where(events.c.number <= until)
    ordered = query.order_by(events.c.number, events.c.at, events.c.id)
    return [event_from(row) for row in connection.execute(ordered).mappings()]


def events_of(connection: Connection, incident_ids: Sequence[str]) -> dict[str, tuple[Event, ...]]:
    """Incident → its events, oldest first."""
    query = select(events).where(events.c.incident_id.in_(incident_ids)).order_by(events.c.number)
    found = defaultdict[str, list[Event]](list)
    for row in connection.execute(query).mappings():
        found[row["incident_id"]].append(event_from(row))
    return {name: tuple(of_incident) for name, of_incident in found.items()}


def heard(connection: Connection) -> dict[str, frozenset[str]]:
    """Open incident → the channels that have messages of it, sent or not."""
    query = select(messages.c.incident_id, messages.c.channel).join(
        incidents, incidents.c.id == messages.c.incident_id
    )
    found = defaultdict[str, set[str]](set)
    for name, channel in connection.execute(query.where(_IS_OPEN).distinct()):
        found[name].add(channel)
    return {name: frozenset(channels) for name, channels in found.items()}


def notice(connection: Connection, message: Message) -> Notice:
    """A message with all it needs to be put into words. Raises InvalidInput for one that is not here."""
    row = connection.execute(select(events).where(events.c.id == message.event_id)).mappings().one_or_none()
    if row is None:
        raise InvalidInput("message", message.id, "a message of this store")
    event = event_from(row)
    if event.incident_id is None:
        return Notice(message, event)
    this = select(messages.c.number).where(messages.c.id == message.id).scalar_subquery()
    receipts = select(messages.c.receipt).where(
        messages.c.incident_id == event.incident_id,
        messages.c.channel == message.channel,
        messages.c.number < this,
        messages.c.receipt != "",
    )
    return Notice(
        message,
        event,
        incident_after(row),
        tuple(find_events(connection, event.incident_id, event.number)),
        tuple(connection.execute(receipts.order_by(messages.c.number)).scalars()),
    )
