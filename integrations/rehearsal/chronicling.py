"""The chronicle put together from the books, the letters and the calendar server's events."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

from icalendar import Calendar

from integrations.answers import Purpose
from integrations.database.answers import AnswerRecord
from integrations.database.bookings import Booking, BookingStatus
from integrations.database.books import Books
from integrations.database.pairings import PairingRecord
from integrations.database.people import Person
from integrations.database.tasks import TaskRecord
from integrations.programme import Programme
from integrations.rehearsal.account import bookings_of
from integrations.rehearsal.chronicle import (
    Became,
    Chronicle,
    Entry,
    EntryKind,
    EventTold,
    LetterTold,
    PairingTold,
    TaskTold,
)
from integrations.rehearsal.mentor_ways import mentors_told
from integrations.rehearsal.pairing_stages import sessions, stages

_T = TypeVar("_T")
_LIFE_PARTS = {"pairing": 4, "mentor": 3, "programme": 2}


def life_of(key: str) -> str:
    """The life that a business key begins with; empty for a key of none."""
    parts = key.split("/")
    return "/".join(parts[: _LIFE_PARTS.get(parts[0], 0)])


class Chronicler:
    """Reads everything once, then tells it; nothing is written."""

    def __init__(
        self, books: Books, programme: Programme, letters: Sequence[LetterTold], live: Sequence[Calendar]
    ) -> None:
        self._programme = programme
        self._letters = letters
        self._people = {person.ref: person for person in books.directory.everybody()}
        self._bookings = bookings_of(books, programme.id)
        self._pairings = books.pairings.of_programme(programme.id)
        self._tasks = books.tasks.of_programme(programme.id)
        self._mentors = books.programmes.mentors(programme.id)
        self._on_server = _starts(live)
        self._answers = sorted(
            (one for purpose in Purpose for one in books.answers.of_programme(programme.id, purpose)),
            key=lambda one: (one.answered_at, one.id),
        )

    def tell(self) -> Chronicle:
        """The whole chronicle, always in the same order for the same books."""
        ordered = sorted(self._pairings, key=lambda one: (one.proposed_at, one.id))
        booked = {one.key for one in self._bookings if one.status is not BookingStatus.CANCELLED}
        return Chronicle(
            pairings=tuple(map(self._pairing, ordered)),
            mentors=mentors_told(self._mentors, self._people, ordered, self._answers, self._letters),
            programme=self._entries(f"programme/{self._programme.id}", {}),
            events=tuple(map(self._event, sorted(self._bookings, key=lambda one: (one.start, one.key)))),
            tasks=tuple(map(self._task, self._tasks)),
            letters=tuple(self._letters),
            strays=tuple(sorted(self._on_server.keys() - booked)),
        )

    def _pairing(self, record: PairingRecord) -> PairingTold:
        answers, bookings = self._answers_by_life[record.id], self._bookings_by_life[record.id]
        tries = sessions(bookings, answers)
        became = {f"{record.id}/session/{one.number}/{one.attempt}": one.became for one in tries}
        proposal = Entry(
            at=record.proposed_at, kind=EntryKind.PROPOSAL, what="proposal", said=f"score {record.score}"
        )
        timeline = (proposal, *self._entries(record.id, self._roles_in(record), became))
        return PairingTold(
            id=record.id,
            mentor_ref=record.mentor_ref,
            mentor=self._name(record.mentor_ref),
            mentee_ref=record.mentee_ref,
            mentee=self._name(record.mentee_ref),
            score=record.score,
            outcome=record.status,
            held=record.held,
            stages=stages(timeline, tries, bookings),
            sessions=tries,
            timeline=timeline,
        )

    def _entries(
        self, life: str, roles: Mapping[str, str], became: Mapping[str, Became] | None = None
    ) -> tuple[Entry, ...]:
        """What happened in a life, in order."""
        roles = {**self._offices, **roles}
        entries = [
            *(self._letter_entry(one, roles) for one in self._letters_by_life[life]),
            *(self._answer_entry(one, roles) for one in self._answers_by_life[life]),
            *(_meeting_entry(one, became or {}) for one in self._bookings_by_life[life]),
            *(self._task_entry(one, roles) for one in self._tasks if one.life == life),
        ]
        return tuple(sorted(entries, key=lambda one: one.at))

    def _letter_entry(self, one: LetterTold, roles: Mapping[str, str]) -> Entry:
        copied = one.key.endswith("/assistant")
        return Entry(
            at=one.sent_at,
            kind=EntryKind.LETTER,
            what=one.letter,
            person_ref=one.person_ref,
            person=one.person,
            role="assistant" if copied else roles.get(one.person_ref, ""),
            subject=one.subject,
            language=one.language,
            letter=one.number if one.in_mailbox else None,
        )

    def _answer_entry(self, one: AnswerRecord, roles: Mapping[str, str]) -> Entry:
        return Entry(
            at=one.answered_at.astimezone(UTC),
            kind=EntryKind.ANSWER,
            what=one.purpose.value,
            person_ref=one.person_ref,
            person=self._name(one.person_ref),
            role=roles.get(one.person_ref, ""),
            said=one.choice,
        )

    def _task_entry(self, one: TaskRecord, roles: Mapping[str, str]) -> Entry:
        return Entry(
            at=one.opened_at.astimezone(UTC),
            kind=EntryKind.TASK,
            what=one.kind,
            person_ref=one.owner_ref,
            person=self._name(one.owner_ref),
            role=roles.get(one.owner_ref, ""),
            said=one.outcome or "open",
        )

    def _event(self, one: Booking) -> EventTold:
        return EventTold(
            key=one.key,
            kind=one.kind,
            number=one.number,
            life=one.life,
            start=one.start.astimezone(UTC),
            end=one.end.astimezone(UTC),
            attendees=tuple(map(self._name, one.attendees)),
            status=one.status.value,
            on_server=self._on_server.get(one.key) == one.start.astimezone(UTC),
        )

    def _task(self, one: TaskRecord) -> TaskTold:
        return TaskTold(
            key=one.key,
            kind=one.kind,
            life=one.life,
            owner=self._name(one.owner_ref),
            about=self._name(one.about_ref) if one.about_ref else "",
            opened_at=one.opened_at.astimezone(UTC),
            outcome=one.outcome,
        )

    def _name(self, ref: str) -> str:
        """A person's name, or their ref where the directory has forgotten them."""
        person = self._people.get(ref)
        return person.name if person else ref

    @cached_property
    def _offices(self) -> Mapping[str, str]:
        """The roles of a programme by ref."""
        refs = {person.person_id: person.ref for person in self._people.values()}
        offices = ("trainer", "deputy", "coordinator", "sponsor")
        return {refs[held]: name for name in offices if (held := getattr(self._programme, name)) in refs}

    def _roles_in(self, record: PairingRecord) -> Mapping[str, str]:
        mentor: Person | None = self._people.get(record.mentor_ref)
        boss = {mentor.manager_ref: "line manager"} if mentor and mentor.manager_ref else {}
        return {**boss, record.mentor_ref: "mentor", record.mentee_ref: "mentee"}

    @cached_property
    def _letters_by_life(self) -> Mapping[str, list[LetterTold]]:
        return _grouped((life_of(one.key), one) for one in self._letters)

    @cached_property
    def _answers_by_life(self) -> Mapping[str, list[AnswerRecord]]:
        return _grouped((one.life, one) for one in self._answers)

    @cached_property
    def _bookings_by_life(self) -> Mapping[str, list[Booking]]:
        return _grouped((one.life, one) for one in self._bookings)


def _meeting_entry(one: Booking, became: Mapping[str, Became]) -> Entry:
    cancelled = one.status is BookingStatus.CANCELLED
    otherwise = Became.CANCELLED if cancelled else Became.BOOKED
    return Entry(
        at=one.start.astimezone(UTC),
        kind=EntryKind.MEETING,
        what=f"{one.kind} {one.number}" if one.number else one.kind,
        said=became.get(one.key, otherwise).value,
    )


def _starts(live: Sequence[Calendar]) -> Mapping[str, datetime]:
    """When the server's events start, by the business key they carry; their UID where they carry none."""
    return {
        str(event.get("X-MENTORING-KEY", event.get("UID"))): event.start.astimezone(UTC)
        for document in live
        for event in document.events
        if isinstance(event.start, datetime) and str(event.get("STATUS", "")) != "CANCELLED"
    }


def _grouped(pairs: Iterable[tuple[str, _T]]) -> Mapping[str, list[_T]]:
    grouped: defaultdict[str, list[_T]] = defaultdict(list)
    for life, one in pairs:
        grouped[life].append(one)
    return grouped
