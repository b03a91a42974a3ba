"""What a score weighs in the quality score. Scores of before belong to questions that weigh nothing."""

import sqlalchemy as sa
from alembic import op

revision = "facemon_0002"
down_revision = "facemon_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("scores", sa.Column("weight", sa.Float(53), nullable=False, server_default="0"))
