"""What callers answered when asked how it was, and who does not want to be asked.

Revision 0005. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("surveyed_ms", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("satisfied", sa.Integer(), nullable=False, server_default="0"))
        for name in ("solved_said", "comment"):
            batch_op.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "survey_refusals",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_survey_refusals")),
    )
