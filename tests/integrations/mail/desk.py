"""A desk on a database of its own, a mentee who was invited by mail, and what the lives are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from integrations.calendars.ics import event_uid
from integrations.database.bookings import Booking, BookingStatus
from integrations.database.mail_replies import MailReply
from integrations.database.sql.database import Database, migrate, open_database
from integrations.errors import RetryableError
from integrations.hr.events import PersonFacts
from integrations.mail.reply_desk import ReplyDesk
from tests.integrations.mail.answers import HOUR, PERSON, START

LIFE = "pairing/digital/p/1"
KEY = f"{LIFE}/session/1/0"
UID = event_uid(KEY, 0)
NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)
ASSISTANT = "paul.martin@corp.example"
MENTOR = "max@corp.example"


@dataclass
class Lives:
    """Remembers the hints, unless it is down."""

    is_down: bool = False
    told: list[tuple[str, str, str]] = field(default_factory=list)

    async def meeting_changed(self, life: str, meeting: str, key: str) -> None:
        if self.is_down:
            raise RetryableError("Temporal is down")
        self.told.append((life, meeting, key))


@dataclass
class House:
    """The desk and its neighbours."""

    database: Database
    lives: Lives
    now: datetime = NOW

    @property
    def desk(self) -> ReplyDesk:
        return ReplyDesk(
            bookings=self.database.bookings,
            directory=self.database.directory,
            replies=self.database.mail_replies,
            changed=self.lives.meeting_changed,
            now=lambda: self.now,
            real_now=lambda: self.now,
        )

    @property
    def mentee(self) -> str:
        ref = self.database.directory.find(address=PERSON)
        assert ref is not None
        return ref

    @property
    def booking(self) -> Booking:
        booking = self.database.bookings.get(KEY)
        assert booking is not None
        return booking

    @property
    def kept(self) -> tuple[MailReply, ...]:
        return self.database.mail_replies.replies(KEY, 0)

    def change(self, **fields: object) -> None:
        """Changes the booking."""
        self.database.bookings.save(self.booking.model_copy(update=fields))


@contextmanager
def house_in(folder: Path) -> Iterator[House]:
    """A house on a new database in that folder."""
    url = f"sqlite:///{folder / 'mentoring.db'}"
    migrate(url)
    database = open_database(url)
    try:
        people = [
            PersonFacts(person_id="1", work_address=PERSON, given_name="Zoe", assistant_id="3"),
            PersonFacts(person_id="2", work_address=MENTOR, given_name="Max"),
            PersonFacts(person_id="3", work_address=ASSISTANT, given_name="Paul"),
        ]
        database.directory.apply(people, NOW - timedelta(days=1), "roster")
        refs = tuple(str(database.directory.find(address=one)) for one in (PERSON, MENTOR))
        database.mail_replies.invite(UID, KEY, 0, refs[:1])
        database.bookings.save(
            Booking(
                key=KEY,
                programme_id="digital",
                life=LIFE,
                kind="session",
                start=START,
                end=START + HOUR,
                attendees=refs,
                by_mail=refs[:1],
                status=BookingStatus.BOOKED,
            )
        )
        yield House(database, Lives())
    finally:
        database.store.close()
