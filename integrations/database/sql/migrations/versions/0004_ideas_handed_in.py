"""Only ideas that were agreed to are kept, so that nothing is left to say whether they were."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Removes what was never agreed to, then the word itself."""
    op.execute("DELETE FROM ideas WHERE agreed IS NULL OR NOT agreed")
    with op.batch_alter_table("ideas") as ideas:
        ideas.drop_column("agreed")


def downgrade() -> None:
    """Says of every idea that it was agreed to."""
    with op.batch_alter_table("ideas") as ideas:
        ideas.add_column(sa.Column("agreed", sa.Boolean(), nullable=True))
    op.execute(sa.text("UPDATE ideas SET agreed = :agreed").bindparams(sa.bindparam("agreed", True)))
