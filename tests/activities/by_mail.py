"""The acts on calendars with an answer box, and the hook through which answers come in."""

import email
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import httpx
from icalendar import Calendar as Document
from icalendar import Event
from starlette.applications import Starlette

import worker
from activities.appointments import Appointments
from activities.cohorts import Cohorts
from activities.events import Events, conference_link
from activities.hours import Hours
from activities.imip import AnswerBox, MailInvitations
from activities.letters.catalogue import Letter
from activities.office.facts import FactsReader
from activities.office.matters import Matters
from activities.office.posting import Posting
from activities.review import MatchReviewReader
from activities.rules.providers import Providers
from activities.scheduling import (
    BookingOutcome,
    MeetingState,
    MoveMeeting,
    OfferSlots,
)
from integrations.calendars.calendar import Attendee, Calendar
from integrations.database.bookings import Booking
from integrations.database.people import Person
from integrations.mail.reply_desk import ReplyDesk
from integrations.rehearsal.scene import ORGANIZER
from integrations.web.mail_in import mail_routes
from tests.activities.house import House
from tests.integrations.mail.answers import Said

MENTOR, MENTEE, OTHER = "00510", "00014", "00521"
KEY = "pairing/digital-2026/p/1/session/1/0"
BOX = "invitations@programme.example"
SECRET = "a secret of the mail hook"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Office:
    """The acts on calendars with an answer box, and the hook through which answers come in."""

    house: House
    acts: Appointments
    told: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def mentee(self) -> Person:
        return self.house.person(MENTEE)

    @property
    def booking(self) -> Booking:
        booking = self.house.books.bookings.get(KEY)
        assert booking is not None
        return booking

    def book(self, *ids: str, key: str = KEY) -> BookingOutcome:
        people = [self.house.person(one) for one in ids or (MENTOR, MENTEE)]
        return self.acts.book_meeting(self.house.meeting(key, *people))

    def look(self) -> MeetingState:
        return self.acts.look(KEY)

    def move(self, **more: object) -> BookingOutcome:
        now, start = self.house.clock.now(), self.booking.start
        request = MoveMeeting(key=KEY, moved_from=start, earliest=now + DAY, latest=now + 14 * DAY)
        return self.acts.move_meeting(request.model_copy(update=more))

    def offer(self) -> tuple[datetime, ...]:
        now = self.house.clock.now()
        self.acts.offer_slots(OfferSlots(key=KEY, earliest=now + DAY, latest=now + 14 * DAY))
        return self.booking.offers

    def letters(self, letter: Letter) -> list[EmailMessage]:
        """The mentee's letters of one kind."""
        mail = self.house.mail_to(self.mentee)
        return [one for one in mail if one["X-Mentoring-Letter"] == letter.value]

    def said(self, event: Event, partstat: str = "DECLINED") -> Said:
        """What the mentee answers to an invitation, from the calendar they opened it in."""
        return Said(
            uid=str(event["UID"]),
            partstat=partstat,
            sequence=int(str(event["SEQUENCE"])),
            stamp=datetime.now(UTC),
            person=self.mentee.address,
        )

    async def post(self, raw: bytes) -> None:
        """Posts a message as Inbound Parse does, signed by its sender's domain."""
        sender = str(email.message_from_bytes(raw)["From"]).rpartition("@")[2].strip("<>")
        app = Starlette(routes=mail_routes(take=self._desk().take, secrets=[SECRET]))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            fields = {"dkim": (None, f"{{@{sender} : pass}}"), "envelope": (None, json.dumps({}))}
            response = await client.post(f"/mail/sendgrid/{SECRET}", files={**fields, "email": (None, raw)})
        assert response.status_code == 200

    def _desk(self) -> ReplyDesk:
        books = self.house.books
        return ReplyDesk(
            bookings=books.bookings,
            directory=books.directory,
            replies=books.mail_replies,
            changed=self._changed,
            now=self.house.clock.now,
            real_now=lambda: datetime.now(UTC),
        )

    async def _changed(self, life: str, meeting: str, key: str) -> None:
        self.told.append((life, meeting, key))


def acts_of(
    house: House, *, box: bool = True, usual: str = "caldav", connected: Mapping[str, Calendar] | None = None
) -> Appointments:
    """The acts on calendars, put together as the composition root does."""
    books, settings, conference = house.books, house.settings, conference_link("")
    matters = Matters(books, MatchReviewReader(books, Cohorts(books)))
    posting = Posting(
        books,
        facts=FactsReader(books, matters, conference),
        signer=worker.signer(settings),
        mailer=worker.mailer(settings),
        clock=house.clock,
        public_url=settings.public_url,
    )
    answer_box = AnswerBox(BOX, books.mail_replies) if box else None
    calendars = connected or worker.calendars(settings)
    providers = Providers(usual)
    events = Events(
        books.directory,
        calendars=calendars,
        providers=providers,
        organizer=Attendee(address=ORGANIZER, name="Programme"),
        by_mail=MailInvitations(books.directory, posting, answer_box),
        conference=conference,
        programmes=books.programmes,
    )
    hours = Hours(books, calendars, providers, house.clock)
    return Appointments(bookings=books.bookings, hours=hours, events=events, clock=house.clock)


def event_in(letter: EmailMessage) -> Event:
    """The one event of a letter's calendar part, whose method it also says."""
    (part,) = [one for one in letter.walk() if one.get_content_type() == "text/calendar"]
    document = Document.from_ical(str(part.get_content()))
    assert part.get_param("method") == str(document["METHOD"])
    (event,) = document.events
    return event
