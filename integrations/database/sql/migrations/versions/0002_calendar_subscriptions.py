"""Subscriptions to calendars' notices, and how far changes were read."""

import sqlalchemy as sa
from alembic import op

from integrations.database.sql.tables import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Creates both tables."""
    op.create_table(
        "calendar_subscriptions",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("organizer", sa.String(length=254), nullable=False),
        sa.Column("resource", sa.String(length=400), nullable=False),
        sa.Column("hook", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("expires_at", Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("provider", "id"),
    )
    op.create_table(
        "calendar_cursors",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("organizer", sa.String(length=254), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "organizer", "position"),
    )


def downgrade() -> None:
    """Drops both tables."""
    op.drop_table("calendar_cursors")
    op.drop_table("calendar_subscriptions")
