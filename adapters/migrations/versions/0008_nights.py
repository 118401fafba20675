"""What was found each night of the waits that callers were told.

Revision 0008. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "nights",
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("day", "queue", "method")],
        *[sa.Column(name, sa.Integer(), nullable=False) for name in ("told", "answered", "left", "over_lo", "over_hi")],
        *[sa.Column(name, sa.Float(), nullable=True) for name in ("by_lo", "by_hi")],
        sa.Column("loss_ms", sa.BigInteger(), nullable=True),
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("verdict_lo", "verdict_hi")],
        sa.Column("judged_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "queue", "method", name=op.f("pk_nights")),
    )
