"""Incidents belong to a target, and when each target's runs were last looked at is kept."""

import sqlalchemy as sa
from alembic import op

revision = "facemon_0004"
down_revision = "facemon_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table."""
    op.create_table(
        "looks",
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("target", name="pk_looks"),
    )
    op.add_column("incidents", sa.Column("target", sa.Text, nullable=False, server_default=""))
    is_open = sa.text("closed_at IS NULL")
    op.drop_index("ix_incidents_open", table_name="incidents")
    op.create_index(
        "ix_incidents_open",
        "incidents",
        ["target", "component"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
