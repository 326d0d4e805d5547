"""The tables. JSON columns hold values that are read and written whole."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC, also on SQLite, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuses naive instants and stores UTC."""
        if value is not None and value.tzinfo is None:
            message = "an instant must be aware"
            raise ValueError(message)
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Gives the instant its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of all tables."""

    type_annotation_map = {dict[str, Any]: JSON, list[str]: JSON, datetime: Instant}  # noqa: RUF012


class PersonRow(Base):
    """People: current facts, and for each field the (occurred_at, event_id) it was set by."""

    __tablename__ = "people"
    ref: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(64), unique=True)
    address: Mapped[str] = mapped_column(String(254), index=True)
    facts: Mapped[dict[str, Any]]
    stamps: Mapped[dict[str, Any]]


class ProgrammeRow(Base):
    """Programmes: the file as it was opened."""

    __tablename__ = "programmes"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[dict[str, Any]]


class MentorRow(Base):
    """Where each mentor of a programme stands."""

    __tablename__ = "mentors"
    programme_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    mentor_ref: Mapped[str] = mapped_column(String(40), primary_key=True)
    status: Mapped[str] = mapped_column(String(40))


class PairingRow(Base):
    """Pairings: who was proposed to whom, and what became of it."""

    __tablename__ = "pairings"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    programme_id: Mapped[str] = mapped_column(String(64), index=True)
    mentor_ref: Mapped[str] = mapped_column(String(40))
    mentee_ref: Mapped[str] = mapped_column(String(40))
    score: Mapped[int]
    parts: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(40))
    held: Mapped[int] = mapped_column(default=0)
    proposed_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class MatchingRow(Base):
    """What a matching found or a report counted, whole."""

    __tablename__ = "matchings"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    programme_id: Mapped[str] = mapped_column(String(64), index=True)
    content: Mapped[dict[str, Any]]


class AskRow(Base):
    """One ask to one person: it is answered once, whatever link was used."""

    __tablename__ = "asks"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    life: Mapped[str] = mapped_column(String(200))
    ask_key: Mapped[str] = mapped_column(String(200))
    person_ref: Mapped[str] = mapped_column(String(40))
    programme_id: Mapped[str] = mapped_column(String(64), index=True)
    used_at: Mapped[datetime | None]


class LinkRow(Base):
    """Links by the hash of their token; the token itself is only in the letter."""

    __tablename__ = "links"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    ask_id: Mapped[str] = mapped_column(ForeignKey("asks.id"), index=True)
    content: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]


class AnswerRow(Base):
    """Answers, one for each ask and person."""

    __tablename__ = "answers"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(40))
    programme_id: Mapped[str] = mapped_column(String(64))
    life: Mapped[str] = mapped_column(String(200))
    ask_key: Mapped[str] = mapped_column(String(200))
    person_ref: Mapped[str] = mapped_column(String(40))
    choice: Mapped[str] = mapped_column(String(40))
    content: Mapped[dict[str, Any]]
    answered_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None] = mapped_column(index=True)
    __table_args__ = (Index("answers_of", "programme_id", "purpose"), Index("answers_to", "life", "purpose"))


class LetterRow(Base):
    """The mail ledger."""

    __tablename__ = "mail_ledger"
    key: Mapped[str] = mapped_column(String(400), primary_key=True)
    letter: Mapped[str] = mapped_column(String(60))
    person_ref: Mapped[str] = mapped_column(String(40))
    programme_id: Mapped[str] = mapped_column(String(64), index=True)
    claimed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    receipt: Mapped[str] = mapped_column(String(400), default="")


class BookingRow(Base):
    """Bookings of meetings."""

    __tablename__ = "bookings"
    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    programme_id: Mapped[str] = mapped_column(String(64), index=True)
    life: Mapped[str] = mapped_column(String(200), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    generation: Mapped[int]
    start: Mapped[datetime] = mapped_column(index=True)
    end: Mapped[datetime]
    attendees: Mapped[list[str]]
    by_mail: Mapped[list[str]]
    sequence: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))
    event: Mapped[str | None] = mapped_column(Text)
    offers: Mapped[list[str]]


class IdeaRow(Base):
    """Ideas for the company."""

    __tablename__ = "ideas"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    programme_id: Mapped[str] = mapped_column(String(64), index=True)
    pairing_id: Mapped[str] = mapped_column(String(200))
    author_ref: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(Text)


class TaskRow(Base):
    """Tasks of people."""

    __tablename__ = "tasks"
    key: Mapped[str] = mapped_column(String(400), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    programme_id: Mapped[str] = mapped_column(String(64), index=True)
    life: Mapped[str] = mapped_column(String(200))
    owner_ref: Mapped[str] = mapped_column(String(40))
    about_ref: Mapped[str | None] = mapped_column(String(40))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(40))


class DeliveryRow(Base):
    """HR deliveries, allow-listed."""

    __tablename__ = "hr_deliveries"
    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    type: Mapped[str] = mapped_column(String(40))
    event: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]


class SubscriptionRow(Base):
    """Subscriptions to the notices of organizers' calendars; one without an end may not have come about."""

    __tablename__ = "calendar_subscriptions"
    provider: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    organizer: Mapped[str] = mapped_column(String(254))
    resource: Mapped[str] = mapped_column(String(400))
    hook: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class CursorRow(Base):
    """How far the changes of organizers' calendars were read, by position."""

    __tablename__ = "calendar_cursors"
    provider: Mapped[str] = mapped_column(String(40), primary_key=True)
    organizer: Mapped[str] = mapped_column(String(254), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    cursor: Mapped[str] = mapped_column(Text)


class MailInvitationRow(Base):
    """Which booking the UID of an invitation by mail stands for, and whom it went to."""

    __tablename__ = "mail_invitations"
    uid: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_ref: Mapped[str] = mapped_column(String(40), primary_key=True)
    booking_key: Mapped[str] = mapped_column(String(300))
    generation: Mapped[int]


class MailReplyRow(Base):
    """What each person last answered by mail."""

    __tablename__ = "mail_replies"
    booking_key: Mapped[str] = mapped_column(String(300), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True)
    person_ref: Mapped[str] = mapped_column(String(40), primary_key=True)
    sequence: Mapped[int]
    stamp: Mapped[datetime]
    rsvp: Mapped[str] = mapped_column(String(20))
    proposed_start: Mapped[datetime | None]
    proposed_end: Mapped[datetime | None]
    received_at: Mapped[datetime]
