"""The ledger, bookings, tasks and HR deliveries in SQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from integrations.database.bookings import Booking, BookingStatus
from integrations.database.deliveries import Receipt
from integrations.database.ledger import Claim, SentLetter
from integrations.database.sql.store import Store
from integrations.database.sql.tables import BookingRow, DeliveryRow, LetterRow, TaskRow
from integrations.database.tasks import TaskRecord
from integrations.errors import ConflictError, GoneError
from integrations.hr.events import HrEvent

_RESERVING: Final = 7_240_118
# Built once, and run below the ORM: every letter runs it.
_MARKING: Final = update(LetterRow).where(LetterRow.key == bindparam("marked"))
_NAMELESS: Final = frozenset(
    {"schema_version", "id", "source", "type", "occurred_at", "mode", "programme_id", "stop_mode"}
)
_OUTCOME: Final = "outcome"


class SqlLedger:
    """Implements the Ledger port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def claim(self, key: str, letter: str, person_ref: str, programme_id: str, now: datetime) -> Claim:
        """Claims a letter; of two racing claims one is NEW."""
        values = {"key": key, "letter": letter, "person_ref": person_ref, "programme_id": programme_id}
        with self._store.session() as session:
            if self._store.insert_new(session, LetterRow, **values, claimed_at=now, sent_at=None, receipt=""):
                return Claim.NEW
            sent_at = session.scalar(select(LetterRow.sent_at).where(LetterRow.key == key))
            return Claim.SENT if sent_at else Claim.UNSURE

    def which_sent(self, keys: Sequence[str]) -> frozenset[str]:
        """Those whose letters went out."""
        wanted = select(LetterRow.key).where(LetterRow.key.in_(keys), LetterRow.sent_at.is_not(None))
        with self._store.reading() as session:
            return frozenset(session.scalars(wanted))

    def mark_sent(self, key: str, receipt: str, now: datetime) -> None:
        """Remembers that the letter went out."""
        with self._store.session() as session:
            session.connection().execute(_MARKING, {"marked": key, "sent_at": now, "receipt": receipt[:400]})

    def release(self, key: str) -> None:
        """Gives a claim back."""
        with self._store.session() as session:
            session.execute(delete(LetterRow).where(LetterRow.key == key, LetterRow.sent_at.is_(None)))

    def unsure(self, programme_id: str) -> tuple[str, ...]:
        """The keys that were claimed and have no other word."""
        wanted = select(LetterRow.key).where(
            LetterRow.programme_id == programme_id, LetterRow.sent_at.is_(None)
        )
        with self._store.reading() as session:
            return tuple(session.scalars(wanted.order_by(LetterRow.key)))

    def sent(self, programme_id: str) -> tuple[SentLetter, ...]:
        """The letters of a programme that went out, oldest first."""
        wanted = select(LetterRow).where(
            LetterRow.programme_id == programme_id, LetterRow.sent_at.is_not(None)
        )
        with self._store.reading() as session:
            found = session.scalars(wanted.order_by(LetterRow.sent_at, LetterRow.key))
            return tuple(SentLetter.model_validate(row, from_attributes=True) for row in found)


class SqlBookings:
    """Implements the Bookings port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str) -> Booking | None:
        """The booking under this key."""
        with self._store.reading() as session:
            row = session.get(BookingRow, key)
            return _booking(row) if row else None

    def save(self, booking: Booking) -> None:
        """Keeps the booking as it is now."""
        with self._store.session() as session:
            session.merge(_booking_row(booking))

    def replace(self, read: Booking | None, booking: Booking) -> None:
        """Keeps the booking if what was read still stands."""
        with self._store.session() as session:
            self._replace(session, read, booking)

    def reserve(self, booking: Booking, read: Booking | None = None) -> bool:
        """Replaces what was read unless another holds an attendee's time; one at a time."""
        with self._store.session() as session:
            self._store.take_turns(session, _RESERVING)
            held = _holding(session, booking.attendees, booking.start, booking.end)
            if any(other.key != booking.key for other in held):
                return False
            self._replace(session, read, booking)
            return True

    def _replace(self, session: Session, read: Booking | None, booking: Booking) -> None:
        """The row is locked, and one that is not there is inserted: of two that read the same, one wins."""
        if read is None and self._store.insert_new(session, BookingRow, **_values(booking)):
            return
        row = session.get(BookingRow, booking.key, with_for_update=True)
        stands = _booking(row) if row else None
        if stands == booking:
            return
        if stands is None or stands != read:
            raise ConflictError(f"meeting {booking.key} was changed by another act; read it again")
        session.merge(_booking_row(booking))

    def of_life(self, life: str) -> tuple[Booking, ...]:
        """All bookings of a life."""
        wanted = select(BookingRow).where(BookingRow.life == life).order_by(BookingRow.key)
        with self._store.reading() as session:
            return tuple(map(_booking, session.scalars(wanted)))

    def standing(self, now: datetime) -> tuple[Booking, ...]:
        """Bookings with an event that is neither to be cancelled nor over."""
        wanted = select(BookingRow).where(
            BookingRow.status.not_in((BookingStatus.CANCELLING.value, BookingStatus.CANCELLED.value)),
            BookingRow.event.is_not(None),
            BookingRow.end > now,
        )
        with self._store.reading() as session:
            return tuple(map(_booking, session.scalars(wanted.order_by(BookingRow.key))))

    def meanwhile(self, refs: tuple[str, ...], start: datetime, end: datetime) -> tuple[Booking, ...]:
        """Bookings that hold the time of any of these people within the window."""
        with self._store.reading() as session:
            return _holding(session, refs, start, end)


class SqlTasks:
    """Implements the Tasks port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, task: TaskRecord) -> None:
        """Opens a task once."""
        with self._store.session() as session:
            self._store.insert_new(session, TaskRow, **task.model_dump(), closed_at=None)

    def close(self, key: str, outcome: str, at: datetime) -> None:
        """Closes a task once."""
        closing = update(TaskRow).where(TaskRow.key == key, TaskRow.closed_at.is_(None))
        with self._store.session() as session:
            session.execute(closing.values(outcome=outcome, closed_at=at))

    def of_programme(self, programme_id: str) -> tuple[TaskRecord, ...]:
        """All tasks of a programme, oldest first."""
        wanted = select(TaskRow).where(TaskRow.programme_id == programme_id).order_by(TaskRow.opened_at)
        with self._store.reading() as session:
            return tuple(
                TaskRecord.model_validate(row, from_attributes=True) for row in session.scalars(wanted)
            )


class SqlDeliveries:
    """Implements the Deliveries port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def receive(self, source: str, key: str, digest: str, event: HrEvent, at: datetime) -> Receipt:
        """Keeps a delivery unless its key was seen."""
        content = event.model_dump(mode="json", exclude_unset=True)
        values = {"source": source, "key": key, "digest": digest, "type": event.type.value, "event": content}
        with self._store.session() as session:
            if self._store.insert_new(session, DeliveryRow, **values, received_at=at):
                return Receipt.NEW
            row = session.get(DeliveryRow, (source, key))
            return Receipt.SAME if row and row.digest == digest else Receipt.DIFFERENT

    def event(self, source: str, key: str) -> HrEvent:
        """The event of a delivery."""
        with self._store.reading() as session:
            row = session.get(DeliveryRow, (source, key))
        if row is None:
            raise GoneError(f"delivery {source}/{key} is not known")
        return HrEvent.model_validate(row.event)

    def settle(self, source: str, key: str, outcome: Mapping[str, Any]) -> None:
        """Keeps what a delivery did; of what it said, only what names nobody."""
        with self._store.session() as session:
            if row := session.get(DeliveryRow, (source, key)):
                kept = {field: value for field, value in row.event.items() if field in _NAMELESS}
                row.event = {**kept, _OUTCOME: dict(outcome)}

    def outcome(self, source: str, key: str) -> Mapping[str, Any] | None:
        """What a delivery did, once it was applied."""
        with self._store.reading() as session:
            row = session.get(DeliveryRow, (source, key))
            return row.event.get(_OUTCOME) if row else None

    def counts(self) -> dict[str, int]:
        """How many deliveries of each type were received."""
        wanted = select(DeliveryRow.type, func.count()).group_by(DeliveryRow.type)
        with self._store.reading() as session:
            return {kind: count for kind, count in session.execute(wanted)}  # noqa: C416 - rows are no tuples


def _holding(session: Session, refs: Sequence[str], start: datetime, end: datetime) -> tuple[Booking, ...]:
    wanted = select(BookingRow).where(
        BookingRow.status != BookingStatus.CANCELLED.value, BookingRow.start < end, BookingRow.end > start
    )
    found = map(_booking, session.scalars(wanted.order_by(BookingRow.start)))
    return tuple(booking for booking in found if not set(booking.attendees).isdisjoint(refs))


def _booking_row(booking: Booking) -> BookingRow:
    return BookingRow(**_values(booking))


def _values(booking: Booking) -> dict[str, Any]:
    values = booking.model_dump()
    values["status"] = booking.status.value
    values["attendees"], values["by_mail"] = list(booking.attendees), list(booking.by_mail)
    values["offers"] = [offer.isoformat() for offer in booking.offers]
    return values


def _booking(row: BookingRow) -> Booking:
    return Booking.model_validate(row, from_attributes=True)
