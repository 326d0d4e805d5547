"""The facts of one letter, read from the database at the moment it is written."""

from collections.abc import Callable, Mapping
from typing import Any

from activities.correspondence import About, Recipient
from activities.letters.catalogue import Letter
from activities.office.matters import Matters
from integrations.database.bookings import Booking
from integrations.database.books import Books
from integrations.errors import GoneError
from integrations.facts import Facts, Meeting

_PAIR = frozenset({"mentor", "mentee"})

Extra = Mapping[str, Any]


class FactsReader:
    """Reads what a letter and the page behind its link may tell their reader."""

    def __init__(self, books: Books, matters: Matters, conference: Callable[[str], str]) -> None:
        self._books = books
        self._matters = matters
        self._conference = conference
        self._roles: dict[str, str] = {}

    def read(self, letter: Letter, to: Recipient, about: About) -> Facts:
        """The facts of `letter` for this reader; raises GoneError where the reader is not known any more."""
        programme = self._books.programmes.load(about.programme_id)
        sponsor, coordinator = self._role(programme.sponsor), self._role(programme.coordinator)
        pair = (about.mentor_ref, about.mentee_ref)
        refs = {ref for ref in (to.ref, sponsor, coordinator, *pair, *about.people) if ref}
        known = self._books.directory.people(refs)
        people = {ref: person.named for ref, person in known.items()}
        if to.ref not in known:
            raise GoneError(f"person {to.ref} is not in the directory")
        reader = known[to.ref]
        mentor, mentee = (people.get(ref or "") for ref in pair)
        other = mentee if to.ref == about.mentor_ref else mentor
        facts = Facts(
            programme=programme.name,
            language=reader.language,
            zone=reader.zone,
            role=to.role,
            reader=reader.named,
            sponsor=people.get(sponsor or ""),
            coordinator=people.get(coordinator or ""),
            mentor=mentor,
            mentee=mentee,
            partner=other if to.role in _PAIR else None,
            people=tuple(people[ref] for ref in about.people if ref in people),
            session=about.session,
            sessions_planned=programme.sessions,
            session_minutes=programme.session_minutes,
            session_every_d=programme.timings.session_every_d,
            sessions_held=about.sessions_held,
            reason=about.reason,
            task=about.task,
            reply_address=known[coordinator].address if coordinator and coordinator in known else "",
        )
        extra = self._matters.of(letter, about, reader.language)
        return facts.model_copy(update={**self._meetings(letter, about), **extra})

    def _role(self, person_id: str) -> str | None:
        """The ref of who has a role in the programme; a person keeps their ref for good."""
        if person_id not in self._roles and (ref := self._books.directory.find(person_id=person_id)):
            self._roles[person_id] = ref
        return self._roles.get(person_id)

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
            kind=booking.kind,
            conference=self._conference(booking.key),
        )


def _offered(booking: Booking) -> tuple[Meeting, ...]:
    lasts = booking.end - booking.start
    return tuple(Meeting(start=start, end=start + lasts, number=booking.number) for start in booking.offers)
