"""Incidents, events, messages, deliveries, silences."""

import sqlalchemy as sa
from alembic import op

revision = "facemon_0003"
down_revision = "facemon_0002"
branch_labels = None
depends_on = None

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _incidents()
    _events()
    _messages()
    _deliveries()
    _silences()


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", _ID, nullable=False),
        *_texts("component", "state", "cause"),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("closed_at", _TIME),
        sa.Column("announced", sa.Text),
        sa.Column("reopened", sa.Integer, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("acknowledged_at", _TIME),
        *_texts("acknowledged_by"),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_opened_at", "incidents", ["opened_at"])
    op.create_index("ix_incidents_closed_at", "incidents", ["closed_at"])
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_incidents_open",
        "incidents",
        ["component"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("incident_id", _ID),
        sa.Column("number", sa.Integer, nullable=False),
        *_texts("kind"),
        sa.Column("at", _TIME, nullable=False),
        *_texts("before", "after", "cause", "component"),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("silent", sa.Boolean, nullable=False),
        *_texts("text", "html"),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("incident", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_events_incident_id"),
    )
    op.create_index("ix_events_incident_id_number", "events", ["incident_id", "number"], unique=True)


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("incident_id", _ID),
        *_texts("channel"),
        sa.Column("created_at", _TIME, nullable=False),
        *_texts("delivery"),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", _TIME),
        *_texts("last_error"),
        sa.Column("sent_at", _TIME),
        *_texts("receipt"),
        sa.Column("leased_by", sa.Text),
        sa.Column("leased_until", _TIME),
        sa.PrimaryKeyConstraint("number", name="pk_messages"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_messages_event_id"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_messages_incident_id"),
    )
    op.create_index("ix_messages_delivery", "messages", ["delivery"])
    op.create_index("ix_messages_id", "messages", ["id"], unique=True)
    op.create_index("ix_messages_event_id_channel", "messages", ["event_id", "channel"], unique=True)
    columns = ["incident_id", "channel", "number"]
    op.create_index("ix_messages_incident_id_channel_number", "messages", columns)


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("message_id", _ID, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        *_texts("outcome", "error"),
        sa.PrimaryKeyConstraint("message_id", "number", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_deliveries_message_id"),
    )


def _silences() -> None:
    op.create_table(
        "silences",
        sa.Column("id", _ID, nullable=False),
        *_texts("component"),
        sa.Column("starts_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME, nullable=False),
        *_texts("reason", "by"),
        sa.Column("maintenance", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )
    op.create_index("ix_silences_ends_at", "silences", ["ends_at"])
