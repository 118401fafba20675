"""Cases, the recordings that belong to calls, and what a call knows of its case.

Revision 0004. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXTS = ("id", "kind", "call", "number", "caller_name", "queue", "language", "recording", "status", "who")
MORE_TEXTS = ("resolved_by", "note")
TIMES = ("created_ms", "due_ms", "taken_ms", "resolved_ms")


def upgrade() -> None:
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("case_id", sa.Text(), nullable=False, server_default=""))
        for name in ("left_line_ms", "case_opened_ms", "case_resolved_ms"):
            batch_op.add_column(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "cases",
        *[sa.Column(name, sa.Text(), nullable=False) for name in (*TEXTS, *MORE_TEXTS)],
        *[sa.Column(name, sa.BigInteger(), nullable=False) for name in TIMES],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        for name in ("status", "call"):
            batch_op.create_index(batch_op.f(f"ix_cases_{name}"), [name], unique=False)
    op.create_table(
        "recordings",
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("recording", "call", "kind", "status", "words")],
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("recording", name=op.f("pk_recordings")),
    )
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recordings_call"), ["call"], unique=False)
