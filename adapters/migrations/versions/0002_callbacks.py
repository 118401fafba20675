"""Promises to call back, their attempts, and what a call knows of its promise.

Revision 0002. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXTS = ("id", "call", "number", "called", "name", "country", "queue", "language", "needs", "status")
TIMES = ("created_ms", "from_ms", "to_ms", "not_before_ms", "position_ms", "enqueued_ms", "received_ms")
MORE_TIMES = ("attempt_ms", "changed_ms", "closed_ms")


def upgrade() -> None:
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("callback", sa.Text(), nullable=False, server_default=""))
        for name in ("promised_ms", "promised_to_ms"):
            batch_op.add_column(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "callbacks",
        *[sa.Column(name, sa.Text(), nullable=False) for name in TEXTS],
        *[sa.Column(name, sa.BigInteger(), nullable=False) for name in (*TIMES, *MORE_TIMES)],
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )
    with op.batch_alter_table("callbacks", schema=None) as batch_op:
        for name in ("status", "number"):
            batch_op.create_index(batch_op.f(f"ix_callbacks_{name}"), [name], unique=False)
    op.create_table(
        "callback_attempts",
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("offer", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("callback", "attempt", name=op.f("pk_callback_attempts")),
    )
