"""The first schema."""

import sqlalchemy as sa
from alembic import op

from integrations.database.sql.tables import Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates all tables."""
    op.create_table(
        "answers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("life", sa.String(length=200), nullable=False),
        sa.Column("ask_key", sa.String(length=200), nullable=False),
        sa.Column("person_ref", sa.String(length=40), nullable=False),
        sa.Column("choice", sa.String(length=40), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("answered_at", Instant(timezone=True), nullable=False),
        sa.Column("delivered_at", Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("answers_of", "answers", ["programme_id", "purpose"], unique=False)
    op.create_index("answers_to", "answers", ["life", "purpose"], unique=False)
    op.create_index(op.f("ix_answers_delivered_at"), "answers", ["delivered_at"], unique=False)
    op.create_table(
        "asks",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("life", sa.String(length=200), nullable=False),
        sa.Column("ask_key", sa.String(length=200), nullable=False),
        sa.Column("person_ref", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("used_at", Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_asks_programme_id"), "asks", ["programme_id"], unique=False)
    op.create_table(
        "bookings",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("life", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("start", Instant(timezone=True), nullable=False),
        sa.Column("end", Instant(timezone=True), nullable=False),
        sa.Column("attendees", sa.JSON(), nullable=False),
        sa.Column("by_mail", sa.JSON(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("event", sa.Text(), nullable=True),
        sa.Column("offers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_bookings_life"), "bookings", ["life"], unique=False)
    op.create_index(op.f("ix_bookings_programme_id"), "bookings", ["programme_id"], unique=False)
    op.create_index(op.f("ix_bookings_start"), "bookings", ["start"], unique=False)
    op.create_table(
        "hr_deliveries",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("event", sa.JSON(), nullable=False),
        sa.Column("received_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "key"),
    )
    op.create_table(
        "ideas",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("pairing_id", sa.String(length=200), nullable=False),
        sa.Column("author_ref", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_ideas_programme_id"), "ideas", ["programme_id"], unique=False)
    op.create_table(
        "mail_ledger",
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("letter", sa.String(length=60), nullable=False),
        sa.Column("person_ref", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("claimed_at", Instant(timezone=True), nullable=False),
        sa.Column("sent_at", Instant(timezone=True), nullable=True),
        sa.Column("receipt", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_mail_ledger_programme_id"), "mail_ledger", ["programme_id"], unique=False)
    op.create_table(
        "matchings",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_matchings_programme_id"), "matchings", ["programme_id"], unique=False)
    op.create_table(
        "mentors",
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("mentor_ref", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "mentor_ref"),
    )
    op.create_table(
        "pairings",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("mentor_ref", sa.String(length=40), nullable=False),
        sa.Column("mentee_ref", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("proposed_at", Instant(timezone=True), nullable=False),
        sa.Column("changed_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_pairings_programme_id"), "pairings", ["programme_id"], unique=False)
    op.create_table(
        "people",
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("stamps", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("ref"),
        sa.UniqueConstraint("person_id"),
    )
    op.create_index(op.f("ix_people_address"), "people", ["address"], unique=False)
    op.create_table(
        "programmes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "tasks",
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("life", sa.String(length=200), nullable=False),
        sa.Column("owner_ref", sa.String(length=40), nullable=False),
        sa.Column("about_ref", sa.String(length=40), nullable=True),
        sa.Column("opened_at", Instant(timezone=True), nullable=False),
        sa.Column("closed_at", Instant(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_tasks_programme_id"), "tasks", ["programme_id"], unique=False)
    op.create_table(
        "links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("ask_id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ask_id"],
            ["asks.id"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_links_ask_id"), "links", ["ask_id"], unique=False)


def downgrade() -> None:
    """Drops all tables."""
    op.drop_table("links")
    op.drop_table("answers")
    op.drop_table("asks")
    op.drop_table("bookings")
    op.drop_table("hr_deliveries")
    op.drop_table("ideas")
    op.drop_table("mail_ledger")
    op.drop_table("matchings")
    op.drop_table("mentors")
    op.drop_table("pairings")
    op.drop_table("people")
    op.drop_table("programmes")
    op.drop_table("tasks")
