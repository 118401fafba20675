"""What callers answered when asked whether the conversation may be recorded.

Revision 0006. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consents",
        *[
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("call", "number", "country", "mode", "prompt", "language", "key", "answer")
        ],
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_consents")),
    )
