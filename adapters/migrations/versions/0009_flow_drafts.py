"""Menus that somebody is still writing.

Revision 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flow_drafts",
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("by", "text", "onto")],
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("by", name=op.f("pk_flow_drafts")),
    )
