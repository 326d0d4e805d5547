"""Invitations that went out by mail, and the replies to them."""

import sqlalchemy as sa
from alembic import op

from integrations.database.sql.tables import Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Creates both tables."""
    op.create_table(
        "mail_invitations",
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("person_ref", sa.String(length=40), nullable=False),
        sa.Column("booking_key", sa.String(length=300), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("uid", "person_ref"),
    )
    op.create_table(
        "mail_replies",
        sa.Column("booking_key", sa.String(length=300), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("person_ref", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stamp", Instant(timezone=True), nullable=False),
        sa.Column("rsvp", sa.String(length=20), nullable=False),
        sa.Column("proposed_start", Instant(timezone=True), nullable=True),
        sa.Column("proposed_end", Instant(timezone=True), nullable=True),
        sa.Column("received_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("booking_key", "generation", "person_ref"),
    )


def downgrade() -> None:
    """Drops both tables."""
    op.drop_table("mail_replies")
    op.drop_table("mail_invitations")
