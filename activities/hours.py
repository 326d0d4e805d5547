"""When people can meet: their working hours, days off, calendars and our own bookings, put to the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from activities.rules.days_off import days_off
from activities.rules.providers import Providers
from activities.rules.slots import Diary, Reason, Wish, find_slots
from activities.rules.stretches import Stretch, Stretches, common, instant_of, minutes_of, outward, without
from activities.rules.working_hours import (
    day_stretches,
    parse_weekly_hours,
    week_part_stretches,
    working_stretches,
)
from activities.scheduling import BookMeeting, MeetingKind
from integrations.answers import Application, OptIn, Purpose
from integrations.calendars.calendar import Availability, Busy, BusyKind, Calendar, Unknown, Window
from integrations.clock import ProgrammeClock
from integrations.database.bookings import Booking
from integrations.database.books import Books
from integrations.database.people import Person
from integrations.programme import Programme

_NOTICE = timedelta(hours=4)
_DAY_MINUTES = 24 * 60
_HOST_HOURS = "Mo-Fr 07:00-21:00"
"""Who hosts a half-day of training for people overseas works late or early that day."""
_FRIDAY = frozenset({"fri-pm"})
_PREFERRING = frozenset({MeetingKind.KICK_OFF, MeetingKind.SESSION, MeetingKind.CLOSING_REVIEW})


@dataclass(frozen=True)
class Sought:
    """A time that is looked for; instants are programme time. `not_at` is out of the question.

    `host` works longer hours for it. `own` is the booking to be moved: its present hour is not in its way.
    """

    programme_id: str
    required: tuple[str, ...]
    minutes: int
    earliest: datetime
    latest: datetime
    wanted: tuple[str, ...] = ()
    quorum: int = 0
    near: datetime | None = None
    prefer: str | None = None
    host: str | None = None
    not_at: tuple[datetime, ...] = ()
    own: Booking | None = None
    first_choice: tuple[datetime, ...] = ()
    spread: bool = False

    @classmethod
    def of(cls, request: BookMeeting) -> Self:
        """The time a new meeting is looked for."""
        return cls(
            programme_id=request.programme_id,
            required=request.required,
            wanted=request.wanted,
            quorum=request.quorum,
            minutes=request.minutes,
            earliest=request.earliest,
            latest=request.latest,
            near=request.near,
            prefer=request.prefer if request.kind in _PREFERRING else None,
            host=request.required[0] if request.kind is MeetingKind.TRAINING else None,
        )

    @classmethod
    def moving(
        cls,
        booking: Booking,
        earliest: datetime,
        latest: datetime,
        *,
        first_choice: tuple[datetime, ...] = (),
        spread: bool = False,
    ) -> Self:
        """Another time for a meeting, close to the old one but not the same; a free first choice wins."""
        return cls(
            programme_id=booking.programme_id,
            required=booking.attendees,
            minutes=round((booking.end - booking.start) / timedelta(minutes=1)),
            earliest=earliest,
            latest=latest,
            near=booking.start,
            not_at=(booking.start,),
            own=booking,
            first_choice=first_choice,
            spread=spread,
        )


@dataclass(frozen=True)
class FoundSlot:
    """A time that suits, and the refs of those who are free then."""

    start: datetime
    end: datetime
    present: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """The times that suit, best first, or what stood in the way: how many starts each reason took."""

    slots: tuple[FoundSlot, ...]
    removed: Mapping[str, int]


class Hours:
    """Looks for common hours. Errors are those of the calendars; one person's unreadable calendar is busy."""

    def __init__(
        self,
        books: Books,
        calendars: Mapping[str, Calendar],
        providers: Providers,
        clock: ProgrammeClock,
    ) -> None:
        self._books = books
        self._calendars = calendars
        self._providers = providers
        self._clock = clock

    def find(self, sought: Sought) -> Found:
        """The best times for all that are required and a quorum of the wanted."""
        window = _quarters(max(sought.earliest, self._clock.now() + _NOTICE), sought.latest)
        if window is None:
            return Found((), {Reason.NOTICE: 1})
        diaries = self._diaries(sought, window)
        search = find_slots(
            [diaries[ref] for ref in sought.required],
            Wish(
                minutes=sought.minutes,
                window=window,
                near=minutes_of(sought.near) if sought.near else None,
                not_at=frozenset(map(minutes_of, sought.not_at)),
                apart=_DAY_MINUTES if sought.spread else 0,
            ),
            wanted=[diaries[ref] for ref in sought.wanted],
            quorum=sought.quorum,
        )
        slots = [FoundSlot(instant_of(s.start), instant_of(s.end), s.present) for s in search.slots]
        chosen = self._first_choice(sought, diaries)
        rest = [slot for slot in slots if slot not in chosen]
        return Found((*chosen, *rest), {str(reason): count for reason, count in search.removed.items()})

    def are_free(self, own: Booking, refs: Sequence[str], start: datetime, end: datetime) -> bool:
        """Whether these people have nothing else at that time; working hours are theirs to give away."""
        people = self._people(refs)
        busy = self._busy(people, Window(start=start, end=end))
        ours = _minutes(self._books.bookings.meanwhile(tuple(refs), start, end), own)
        wanted = (minutes_of(start), minutes_of(end))
        for person in people:
            found = busy[person.ref]
            if isinstance(found, Unknown):
                return False
            taken = without((*_kind(found, *BusyKind), *ours), (outward(own.start, own.end),))
            if common(taken, (wanted,)):
                return False
        return True

    def _first_choice(self, sought: Sought, diaries: Mapping[str, Diary]) -> list[FoundSlot]:
        """The hours chosen from an offer, where they are still free."""
        found: list[FoundSlot] = []
        for start in sought.first_choice:
            window = (minutes_of(start), minutes_of(start) + sought.minutes)
            wish = Wish(minutes=sought.minutes, window=window)
            search = find_slots([diaries[ref] for ref in sought.required], wish, most=1)
            found += [FoundSlot(instant_of(s.start), instant_of(s.end), s.present) for s in search.slots]
        return found

    def _diaries(self, sought: Sought, window: Stretch) -> Mapping[str, Diary]:
        programme = self._books.programmes.load(sought.programme_id)
        people = self._people((*sought.required, *sought.wanted))
        stretch = Window(start=instant_of(window[0]), end=instant_of(window[1]))
        busy = self._busy(people, stretch)
        taken = self._books.bookings.meanwhile(
            tuple(person.ref for person in people), stretch.start, stretch.end
        )
        preferred = self._preferred(sought, window)
        return {
            person.ref: _diary(
                person,
                programme,
                window,
                hours=_HOST_HOURS if person.ref == sought.host else person.weekly_hours,
                busy=busy[person.ref],
                taken=_minutes([one for one in taken if person.ref in one.attendees], sought.own),
                own=(outward(sought.own.start, sought.own.end),) if sought.own else (),
                preferred=preferred if person.ref == sought.prefer else (),
            )
            for person in people
        }

    def _people(self, refs: Sequence[str]) -> tuple[Person, ...]:
        return tuple(self._books.directory.person(ref) for ref in dict.fromkeys(refs))

    def _busy(self, people: Sequence[Person], window: Window) -> Mapping[str, Availability]:
        """Everybody's taken time, each asked at their own provider; nobody's calendar is nothing known."""
        found: dict[str, Availability] = {person.ref: () for person in people}
        for provider, calendar in self._calendars.items():
            asked = {
                person.address: person.ref for person in people if self._providers.of(person) == provider
            }
            if asked:
                answers = calendar.free_busy(tuple(asked), window)
                found |= {ref: answers[address] for address, ref in asked.items()}
        return found

    def _preferred(self, sought: Sought, window: Stretch) -> Stretches:
        """The parts of the week that the person whose preference counts has said they like."""
        if sought.prefer is None:
            return ()
        parts: tuple[str, ...] = ()
        for purpose in (Purpose.APPLICATION, Purpose.OPT_IN):
            for answer in self._books.answers.of_programme(sought.programme_id, purpose):
                form = answer.form
                if answer.person_ref == sought.prefer and isinstance(form, Application | OptIn):
                    parts = tuple(part.value for part in form.preferred)
        zone = self._books.directory.person(sought.prefer).zone
        return week_part_stretches(parts, zone, window) if parts else ()


def _diary(  # noqa: PLR0913 - a diary has that many pages
    person: Person,
    programme: Programme,
    window: Stretch,
    *,
    hours: str,
    busy: Availability,
    taken: Stretches,
    own: Stretches,
    preferred: Stretches,
) -> Diary:
    off = days_off(programme, person.site)
    known = () if isinstance(busy, Unknown) else busy
    return Diary(
        ref=person.ref,
        working=working_stretches(parse_weekly_hours(hours), person.zone, frozenset[date](), window),
        busy=(*without(_kind(known, BusyKind.BUSY), own), *taken),
        tentative=without(_kind(known, BusyKind.TENTATIVE), own),
        out_of_office=_kind(known, BusyKind.OUT_OF_OFFICE),
        known=not isinstance(busy, Unknown),
        preferred=preferred,
        avoid={
            Reason.HOLIDAY: day_stretches(off, person.zone, window),
            Reason.FRIDAY_AFTERNOON: week_part_stretches(_FRIDAY, person.zone, window),
        },
    )


def _kind(busy: Sequence[Busy], *kinds: BusyKind) -> Stretches:
    return tuple(outward(one.start, one.end) for one in busy if one.kind in kinds)


def _minutes(bookings: Sequence[Booking], own: Booking | None) -> Stretches:
    return tuple(outward(one.start, one.end) for one in bookings if own is None or one.key != own.key)


def _quarters(earliest: datetime, latest: datetime) -> Stretch | None:
    """The window in whole quarters of an hour, so that meetings start on them in every zone of the world."""
    start, end = minutes_of(earliest, up=True), minutes_of(latest)
    start += -start % 15
    return (start, end) if start < end else None
