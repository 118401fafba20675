"""What callers were told of their wait, and the way to a queue's newest calls.

Revision 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "estimates",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("news", sa.Text(), nullable=False),
        sa.Column("lo_ms", sa.BigInteger(), nullable=False),
        sa.Column("hi_ms", sa.BigInteger(), nullable=False),
        sa.Column("mean_ms", sa.BigInteger(), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.Column("handle_ms", sa.BigInteger(), nullable=False),
        sa.Column("patience_ms", sa.BigInteger(), nullable=False),
        sa.Column("to_ms", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call", "at_ms", name=op.f("pk_estimates")),
    )
    op.create_index(op.f("ix_estimates_at_ms"), "estimates", ["at_ms"])
    op.create_index(op.f("ix_calls_queue_enqueued_ms"), "calls", ["queue", "enqueued_ms"])
