"""The versions of the menu, who got which, and which one each call began with.

Revision 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("flow", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "flow_versions",
        *_texts("version", "text"),
        sa.Column("published_ms", sa.BigInteger(), nullable=False),
        *_texts("by", "note"),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_flow_versions")),
    )
    op.create_table(
        "flow_changes",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        *_texts("deed", "current", "candidate", "by", "note"),
        sa.Column("share", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_flow_changes")),
    )
