"""The tables. Typed columns for what is filtered or aggregated, JSON for what is only read back.

runs ─< records ─< attempts
               └─< scores        append only; of one evaluator the latest row counts
incidents ─< events ─< messages ─< deliveries        silences

A change here needs a new file in `migrations/versions/` and a new `HEAD`; a test compares the two.
`records.run_id` is no foreign key: a worker's record must not be lost because its run was announced elsewhere.
Incidents and events are never deleted: no foreign key of theirs cascades.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    text,
)

HEAD = "facemon_0004"
"""The revision this version of facemon reads and writes."""


class UtcTime(TypeDecorator[datetime]):
    """A moment: aware in, aware (UTC) out. SQLite keeps UTC as text, which sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be kept")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CleanText(TypeDecorator[str]):
    """Text from anywhere. What a database cannot hold (NUL, lone surrogates) becomes U+FFFD, so no record is lost."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _id(name: str = "id", *constraints: Any, **options: Any) -> Column[str]:
    # The C collation, so that ids sort and match by prefix as text does in Python.
    return Column(name, Text().with_variant(Text(collation="C"), "postgresql"), *constraints, **options)


metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}
    | {"fk": "fk_%(table_name)s_%(column_0_name)s"}
)

runs = Table(
    "runs",
    metadata,
    _id(primary_key=True),
    Column("started_at", UtcTime, nullable=False, index=True),
    Column("finished_at", UtcTime),
    Column("target", CleanText, nullable=False),
    Column("provider", CleanText),
    Column("model", CleanText),
    Column("workers", Integer, nullable=False),
    Column("summary", JSON, nullable=False),
)

records = Table(
    "records",
    metadata,
    _id(primary_key=True),
    Column("timestamp", UtcTime, nullable=False),
    Column("run_id", CleanText),
    Column("purpose", CleanText, nullable=False),
    Column("check_name", CleanText),
    Column("state", CleanText, nullable=False),
    Column("error_type", CleanText),
    Column("age", Integer),
    Column("gender", CleanText),
    Column("seed", BigInteger),
    Column("provider", CleanText),
    Column("model", CleanText),
    Column("prompt", CleanText),
    Column("template", CleanText),
    Column("template_version", CleanText),
    Column("aspect_ratio", CleanText),
    Column("output_format", CleanText),
    Column("response_time", Float(53), nullable=False),
    Column("overhead", Float(53)),
    Column("retry_count", Integer, nullable=False),
    Column("quality_score", Float(53)),
    Column("prompt_adherence", Float(53)),
    Column("diversity_score", Float(53)),
    Column("pending", Boolean, nullable=False),
    Column("credits", Float(53)),
    Column("sha256", CleanText),
    Column("size_bytes", BigInteger),
    Column("cpu_seconds", Float(53), nullable=False),
    Column("memory_bytes", BigInteger, nullable=False),
    Column("bytes_sent", BigInteger, nullable=False),
    Column("bytes_received", BigInteger, nullable=False),
    Column("errors", JSON(none_as_null=True)),  # RecordedError, oldest first
    Column("image", JSON(none_as_null=True)),  # ImageMetadata, whole
    Column("extra", JSON(none_as_null=True)),  # values of typed columns that do not fit their column
    Index(None, "timestamp", "id"),
    Index(None, "run_id", "timestamp", "id"),
    Index(None, "state", "timestamp", "id"),
    Index(None, "error_type", "timestamp", "id"),
)

attempts = Table(
    "attempts",
    metadata,
    _id("record_id", ForeignKey(records.c.id, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),  # 0, 1, …: the order in the record
    Column("number", Integer, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("duration", Float(53), nullable=False),
    Column("outcome", CleanText, nullable=False),
    Column("delay_before", Float(53), nullable=False),
    Column("status", Integer),
    Column("bytes_sent", BigInteger, nullable=False),
    Column("bytes_received", BigInteger, nullable=False),
    Column("request_id", CleanText),
    Column("error", CleanText),
    Column("traceback", CleanText),
    Column("log_id", CleanText),
    Column("queue", Float(53)),
    Column("connect", Float(53)),
    Column("tls", Float(53)),
    Column("wait", Float(53)),
    Column("download", Float(53)),
    Column("exchange", JSON(none_as_null=True)),  # Exchange, redacted by the client
)

scores = Table(
    "scores",
    metadata,
    Column("id", Integer, primary_key=True),
    _id("record_id", ForeignKey(records.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("evaluator", CleanText, nullable=False),
    Column("version", CleanText, nullable=False),
    Column("verdict", CleanText, nullable=False),
    Column("score", Float(53)),
    Column("raw", Float(53)),
    Column("unit", CleanText),
    Column("reason", CleanText, nullable=False),
    Column("error_type", CleanText),
    Column("weight", Float(53), nullable=False, server_default="0"),
)

incidents = Table(
    "incidents",
    metadata,
    _id(primary_key=True),
    Column("component", CleanText, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("cause", CleanText, nullable=False),
    Column("opened_at", UtcTime, nullable=False, index=True),
    Column("changed_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime, index=True),
    Column("announced", CleanText),
    Column("reopened", Integer, nullable=False),
    Column("events", Integer, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("acknowledged_at", UtcTime),
    Column("acknowledged_by", CleanText, nullable=False),
    Column("target", CleanText, nullable=False, server_default=""),
)
_OPEN = text("closed_at IS NULL")
# One open incident for a target's component, whatever two updaters think of it.
Index(
    "ix_incidents_open",
    incidents.c.target,
    incidents.c.component,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)

events = Table(
    "events",
    metadata,
    _id(primary_key=True),
    _id("incident_id", ForeignKey(incidents.c.id)),
    Column("number", Integer, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("before", CleanText, nullable=False),
    Column("after", CleanText, nullable=False),
    Column("cause", CleanText, nullable=False),
    Column("component", CleanText, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("silent", Boolean, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("html", CleanText, nullable=False),
    Column("evidence", JSON, nullable=False),  # Evidence
    Column("incident", JSON(none_as_null=True)),  # Incident, as it was after this event
    Index(None, "incident_id", "number", unique=True),
)

messages = Table(
    "messages",
    metadata,
    Column("number", Integer, primary_key=True),  # the order of creation, which no clock can change
    _id(nullable=False),
    _id("event_id", ForeignKey(events.c.id), nullable=False),
    _id("incident_id", ForeignKey(incidents.c.id)),
    Column("channel", CleanText, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("delivery", CleanText, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcTime),
    Column("last_error", CleanText, nullable=False),
    Column("sent_at", UtcTime),
    Column("receipt", CleanText, nullable=False),
    Column("leased_by", CleanText),
    Column("leased_until", UtcTime),
    Index(None, "id", unique=True),
    Index(None, "event_id", "channel", unique=True),
    Index(None, "incident_id", "channel", "number"),
)

deliveries = Table(
    "deliveries",
    metadata,
    _id("message_id", ForeignKey(messages.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),  # 1, 2, …: the tries of a message
    Column("at", UtcTime, nullable=False),
    Column("outcome", CleanText, nullable=False),
    Column("error", CleanText, nullable=False),
)

looks = Table(
    "looks",
    metadata,
    Column("target", CleanText, primary_key=True),
    Column("at", UtcTime, nullable=False),  # when its runs were last looked at
)

silences = Table(
    "silences",
    metadata,
    _id(primary_key=True),
    Column("component", CleanText, nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False, index=True),
    Column("reason", CleanText, nullable=False),
    Column("by", CleanText, nullable=False),
    Column("maintenance", Boolean, nullable=False),
)
