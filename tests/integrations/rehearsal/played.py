"""A small programme as a rehearsal leaves it behind: a real database, Maildirs and calendar files."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypedDict, Unpack

from integrations.answers import FORMS, Purpose
from integrations.calendars.calendar import Attendee, EventSpec
from integrations.calendars.ics import Mark, event_text, event_uid
from integrations.clock import ProgrammeClock
from integrations.database.bookings import Booking, BookingStatus
from integrations.database.links import Link
from integrations.database.pairings import PairingRecord
from integrations.database.sql.database import Database, migrate, open_database
from integrations.database.tasks import TaskRecord
from integrations.facts import Facts, Named
from integrations.hr.events import PersonFacts
from integrations.mail.mail import Attachment, Message
from integrations.mail.mime import compose
from integrations.programme import Programme, parse
from integrations.rehearsal.account import Account, Seen, bookings_of, counted, live_events, mails
from integrations.rehearsal.children import Children
from integrations.rehearsal.maildir import Postman
from integrations.rehearsal.scene import Scene
from integrations.rehearsal.servers import MailServer, RadicaleServer, TemporalServer

SENDER = "mentoring@atelier-nord.example"
OPENED = datetime(2026, 9, 7, 6, tzinfo=UTC)
PROGRAMME = "digital"


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """An instant so many days after the first, at an hour of Paris in summer."""
    return OPENED.replace(hour=0) + timedelta(days=day, hours=hour - 2, minutes=minute)


def programme() -> Programme:
    return parse(
        {
            "id": PROGRAMME,
            "name": "Digital <2026>",
            "starts_on": date(2026, 9, 7),
            "sponsor": "1",
            "coordinator": "2",
            "deputy": "3",
            "trainer": "4",
            "confidential_contact": "5",
        }
    )


class Looks(TypedDict, total=False):
    """What a letter may look like."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]


@dataclass
class Played:
    """What is left of a rehearsal in `folder`; each method adds one thing that happened."""

    folder: Path
    database: Database

    @classmethod
    def empty(cls, folder: Path) -> "Played":
        url = f"sqlite:///{folder / 'mentoring.db'}"
        migrate(url)
        played = cls(folder, open_database(url))
        played.database.programmes.save(programme())
        return played

    @property
    def scene(self) -> Scene:
        storage = self.folder / "radicale"
        return Scene(
            folder=self.folder,
            programme=programme(),
            clock=ProgrammeClock.starting(OPENED, at=datetime(2026, 3, 2, 12, tzinfo=UTC), rate=86_400),
            temporal=TemporalServer(address="", ui="", metrics=""),
            calendars=RadicaleServer(
                url="", user="", password="", people_password="", storage=storage, users=storage / "users"
            ),
            mail=MailServer(host="", port=0, folder=self.folder / "mail"),
            database_url="",
            public_url="",
            environment={"MENTORING_SENDER_ADDRESS": SENDER},
            hr_secret="",
            children=Children(),
        )

    def person(self, person_id: str, name: str, *, locale: str = "en-GB", manager: str | None = None) -> str:
        given, _, family = name.partition(" ")
        facts = PersonFacts(
            person_id=person_id,
            given_name=given,
            family_name=family,
            work_address=f"{person_id}@atelier-nord.example",
            locale=locale,
            zone="Europe/Paris",
            title="Designer",
            manager_id=manager,
        )
        self.database.directory.apply([facts], OPENED, f"import-{person_id}")
        ref = self.database.directory.find(person_id=person_id)
        assert ref
        return ref

    def pairing(
        self, mentor: str, mentee: str, when: datetime, *, status: str = "completed", held: int = 1
    ) -> str:
        life = f"pairing/{PROGRAMME}/{mentee}/1"
        record = PairingRecord(
            id=life, programme_id=PROGRAMME, mentor_ref=mentor, mentee_ref=mentee, score=71, proposed_at=when
        )
        self.database.pairings.propose(record)
        self.database.pairings.set_status(life, status, held, when)
        return life

    def letter(self, key: str, letter: str, ref: str, when: datetime, **looks: Unpack[Looks]) -> str:
        """A letter in the ledger and in its reader's mailbox; returns its key."""
        self.enter(key, letter, ref, when)
        self.post(f"{key}/{ref}", letter, ref, **looks)
        return f"{key}/{ref}"

    def enter(self, key: str, letter: str, ref: str, when: datetime) -> None:
        self.database.ledger.claim(f"{key}/{ref}", letter, ref, PROGRAMME, when)
        self.database.ledger.mark_sent(f"{key}/{ref}", "250", when)

    def post(self, key: str, letter: str, ref: str, **looks: Unpack[Looks]) -> Path:
        """A letter in its reader's mailbox only."""
        person = self.database.directory.person(ref)
        message = Message(
            to_address=person.address,
            to_name=person.name,
            subject=looks.get("subject", f"About {letter}"),
            text=looks.get("text", "Bonjour,\nà bientôt.\n"),
            html=looks.get(
                "html", '<html><head></head><body class="x"><p>Bonjour, à bientôt.</p></body></html>'
            ),
            headers={"X-Mentoring-Letter": letter},
            attachments=looks.get("attachments", ()),
        )
        written = datetime(2026, 3, 2, 13, tzinfo=UTC)
        mail = compose(message, key, sender_address=SENDER, sender_name="Mentoring", written_at=written)
        return Postman(self.folder / "mail").keep(person.address, mail.content)

    def answer(
        self, life: str, ask_key: str, ref: str, when: datetime, purpose: Purpose, **form: object
    ) -> None:
        facts = Facts(
            programme="Digital",
            language="en",
            zone="UTC",
            role="",
            reader=Named(ref=ref, name="", given_name=""),
        )
        link = Link(
            purpose=purpose,
            person_ref=ref,
            programme_id=PROGRAMME,
            life=life,
            ask_key=ask_key,
            facts=facts,
            expires_at=when + timedelta(days=14),
        )
        token = f"{life}/{ask_key}/{ref}"
        self.database.links.issue(link, token)
        self.database.links.answer(token, FORMS[purpose].model_validate(form), when)

    def booking(  # noqa: PLR0913 - a booking has that many sides
        self,
        key: str,
        life: str,
        start: datetime,
        attendees: tuple[str, ...],
        *,
        kind: str = "session",
        number: int = 0,
        minutes: int = 60,
        status: BookingStatus = BookingStatus.BOOKED,
        on_server: bool = True,
    ) -> Booking:
        booking = Booking(
            key=key,
            programme_id=PROGRAMME,
            life=life,
            kind=kind,
            number=number,
            start=start,
            end=start + timedelta(minutes=minutes),
            attendees=attendees,
            status=status,
        )
        self.database.bookings.save(booking)
        if on_server and status is BookingStatus.BOOKED:
            self.serve(key, booking.start, booking.end)
        return booking

    def serve(self, key: str, start: datetime, end: datetime) -> None:
        """Puts an event into the organizer's calendar at the server."""
        calendar = self.scene.calendars.storage / "collection-root" / SENDER / "calendar"
        calendar.mkdir(parents=True, exist_ok=True)
        spec = EventSpec(
            summary="Meeting",
            description="",
            start=start,
            end=end,
            organizer=Attendee(address=SENDER, name="Mentoring"),
            attendees=(),
        )
        uid = event_uid(key, 0)
        text = event_text(spec, uid, Mark(key=key, generation=0), stamp=OPENED)
        (calendar / f"{uid}.ics").write_text(text, newline="")

    def task(self, life: str, kind: str, owner: str, when: datetime, outcome: str = "") -> None:
        key = f"{life}/task/{kind}"
        task = TaskRecord(
            key=key,
            kind=kind,
            programme_id=PROGRAMME,
            life=life,
            owner_ref=owner,
            about_ref=None,
            opened_at=when,
        )
        self.database.tasks.open(task)
        if outcome:
            self.database.tasks.close(key, outcome, when)

    def account(self, **changes: object) -> Account:
        """The account as a rehearsal would give it."""
        books = self.database
        outcomes = {one.id: one.status for one in books.pairings.of_programme(PROGRAMME)}
        live = live_events(self.scene.calendars.storage, SENDER)
        mail, seen = mails(self.scene.mail.folder), Seen(len(live), "Radicale")
        account = Account(
            programme_id=PROGRAMME,
            began=OPENED,
            ended=at(300),
            seconds=75.4,
            outcomes=Counter(outcomes.values()),
            sessions_held=sum(one.held for one in books.pairings.of_programme(PROGRAMME)),
            least_sessions_of_completed=1,
            letters=Counter(one.letter for one in books.ledger.sent(PROGRAMME)),
            events=Counter(f"{one.kind} {one.status.value}" for one in bookings_of(books, PROGRAMME)),
            hr_events={},
            tasks=Counter(one.kind for one in books.tasks.of_programme(PROGRAMME)),
            cast={"answered": 12},
            troubles=(),
            counts=counted(books, PROGRAMME, outcomes, mail, seen, SENDER),
        )
        return account.model_copy(update=changes)
