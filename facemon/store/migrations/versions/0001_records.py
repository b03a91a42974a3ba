"""Runs, records, attempts, scores.

Written out rather than taken from `facemon.store.schema`: a migration must do tomorrow what it did today.
"""

import sqlalchemy as sa
from alembic import op

revision = "facemon_0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TIME = sa.DateTime(timezone=True)
_NUMBER = sa.Float(53)


def upgrade() -> None:
    """Make the tables."""
    _runs()
    _records()
    _attempts()
    _scores()


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("provider", sa.Text),
        sa.Column("model", sa.Text),
        sa.Column("workers", sa.Integer, nullable=False),
        sa.Column("summary", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_started_at", "runs", ["started_at"])


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("id", _ID, nullable=False),
        sa.Column("timestamp", _TIME, nullable=False),
        sa.Column("run_id", sa.Text),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("check_name", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("error_type", sa.Text),
        sa.Column("age", sa.Integer),
        sa.Column("gender", sa.Text),
        sa.Column("seed", sa.BigInteger),
        sa.Column("provider", sa.Text),
        sa.Column("model", sa.Text),
        sa.Column("prompt", sa.Text),
        sa.Column("template", sa.Text),
        sa.Column("template_version", sa.Text),
        sa.Column("aspect_ratio", sa.Text),
        sa.Column("output_format", sa.Text),
        sa.Column("response_time", _NUMBER, nullable=False),
        sa.Column("overhead", _NUMBER),
        sa.Column("retry_count", sa.Integer, nullable=False),
        sa.Column("quality_score", _NUMBER),
        sa.Column("prompt_adherence", _NUMBER),
        sa.Column("diversity_score", _NUMBER),
        sa.Column("pending", sa.Boolean, nullable=False),
        sa.Column("credits", _NUMBER),
        sa.Column("sha256", sa.Text),
        sa.Column("size_bytes", sa.BigInteger),
        sa.Column("cpu_seconds", _NUMBER, nullable=False),
        sa.Column("memory_bytes", sa.BigInteger, nullable=False),
        sa.Column("bytes_sent", sa.BigInteger, nullable=False),
        sa.Column("bytes_received", sa.BigInteger, nullable=False),
        sa.Column("errors", sa.JSON),
        sa.Column("image", sa.JSON),
        sa.Column("extra", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_records"),
    )
    for first in ("", "run_id", "state", "error_type"):
        columns = [*([first] if first else []), "timestamp", "id"]
        op.create_index("ix_records_" + "_".join(columns), "records", columns)


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("record_id", _ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("duration", _NUMBER, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("delay_before", _NUMBER, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("bytes_sent", sa.BigInteger, nullable=False),
        sa.Column("bytes_received", sa.BigInteger, nullable=False),
        sa.Column("request_id", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("traceback", sa.Text),
        sa.Column("log_id", sa.Text),
        *(sa.Column(phase, _NUMBER) for phase in ("queue", "connect", "tls", "wait", "download")),
        sa.Column("exchange", sa.JSON),
        sa.PrimaryKeyConstraint("record_id", "position", name="pk_attempts"),
        sa.ForeignKeyConstraint(
            ["record_id"], ["records.id"], name="fk_attempts_record_id", ondelete="CASCADE"
        ),
    )


def _scores() -> None:
    op.create_table(
        "scores",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("record_id", _ID, nullable=False),
        sa.Column("evaluator", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("score", _NUMBER),
        sa.Column("raw", _NUMBER),
        sa.Column("unit", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("error_type", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_scores"),
        sa.ForeignKeyConstraint(
            ["record_id"], ["records.id"], name="fk_scores_record_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_scores_record_id", "scores", ["record_id"])
