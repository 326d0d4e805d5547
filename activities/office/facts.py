"""The facts of one letter, read from the database at the moment it is written."""

from collections.abc import Callable, Mapping
from typing import Any

from activities.correspondence import About, Recipient
from activities.letters.catalogue import Letter
from activities.office.matters import Matters
from integrations.database.bookings import Booking
from integrations.database.books import Books
from integrations.errors import GoneError
from integrations.facts import Facts, Meeting, Named
from integrations.programme import Programme

_PAIR = frozenset({"mentor", "mentee"})

Extra = Mapping[str, Any]


class FactsReader:
    """Reads what a letter and the page behind its link may tell their reader."""

    def __init__(self, books: Books, matters: Matters, conference: Callable[[str], str]) -> None:
        self._books = books
        self._matters = matters
        self._conference = conference

    def read(self, letter: Letter, to: Recipient, about: About) -> Facts:
        """The facts of `letter` for this reader; raises GoneError where the reader is not known any more."""
        programme = self._books.programmes.load(about.programme_id)
        reader = self._books.directory.person(to.ref)
        facts = Facts(
            programme=programme.name,
            language=reader.language,
            zone=reader.zone,
            role=to.role,
            reader=reader.named,
            session=about.session,
            sessions_planned=programme.sessions,
            session_minutes=programme.session_minutes,
            sessions_held=about.sessions_held,
            reason=about.reason,
            task=about.task,
        )
        people = self._people(programme, to, about)
        extra = self._matters.of(letter, about, reader.language)
        return facts.model_copy(update={**people, **self._meetings(letter, about), **extra})

    def _people(self, programme: Programme, to: Recipient, about: About) -> Extra:
        mentor, mentee = (self._named(ref) for ref in (about.mentor_ref, about.mentee_ref))
        other = mentee if to.ref == about.mentor_ref else mentor
        return {
            "sponsor": self._named(self._books.directory.find(person_id=programme.sponsor)),
            "coordinator": self._named(self._books.directory.find(person_id=programme.coordinator)),
            "mentor": mentor,
            "mentee": mentee,
            "partner": other if to.role in _PAIR else None,
            "people": tuple(filter(None, map(self._named, about.people))),
        }

    def _named(self, ref: str | None) -> Named | None:
        """A person by ref; None where they are not known any more, so that a letter about others goes out."""
        try:
            return self._books.directory.person(ref).named if ref else None
        except GoneError:
            return None

    def _meetings(self, letter: Letter, about: About) -> Extra:
        keys = about.meeting_keys or ((about.meeting_key,) if about.meeting_key else ())
        bookings = [booking for booking in map(self._books.bookings.get, keys) if booking]
        if letter is Letter.SLOT_CHOICE and bookings:
            return {"meeting": self._meeting(bookings[0]), "meetings": _offered(bookings[0])}
        meetings = tuple(map(self._meeting, bookings))
        return {"meeting": meetings[0] if meetings else None, "meetings": meetings}

    def _meeting(self, booking: Booking) -> Meeting:
        return Meeting(
            start=booking.start,
            end=booking.end,
            number=booking.number,
            conference=self._conference(booking.key),
        )


def _offered(booking: Booking) -> tuple[Meeting, ...]:
    lasts = booking.end - booking.start
    return tuple(Meeting(start=start, end=start + lasts, number=booking.number) for start in booking.offers)
