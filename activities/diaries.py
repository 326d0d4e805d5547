"""People's diaries: working hours, days off, calendars and our own bookings, as the rules take them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from activities.patterns import avoided
from activities.rules.providers import Providers
from activities.rules.slots import Diary
from activities.rules.stretches import DAY, Stretch, Stretches, instant_of, outward, without
from activities.rules.working_hours import parse_weekly_hours, week_part_stretches, working_stretches
from activities.seeking import Sought
from integrations.answers import Application, OptIn, Purpose
from integrations.calendars.calendar import Availability, Busy, BusyKind, Calendar, Unknown, Window
from integrations.database.bookings import Booking
from integrations.database.books import Books
from integrations.database.people import Person
from integrations.programme import Programme

_HOST_HOURS = "Mo-Fr 07:00-21:00"
"""Who hosts a half-day of training for people overseas works late or early that day."""
_WEEK = 7 * DAY


class Diaries:
    """Reads diaries. Errors are those of the calendars; one person's unreadable calendar is busy."""

    def __init__(self, books: Books, calendars: Mapping[str, Calendar], providers: Providers) -> None:
        self._books = books
        self._calendars = calendars
        self._providers = providers

    def of(self, sought: Sought, window: Stretch, programme: Programme, now: datetime) -> Mapping[str, Diary]:
        """The diaries of everybody required or wanted within a window, by ref; `now` is programme time."""
        people = self.people((*sought.required, *sought.wanted))
        stretch = Window(start=instant_of(window[0]), end=instant_of(window[1]))
        busy = self.busy(people, stretch)
        # The days and weeks that the window begins and ends in are full by what lies outside of it, too.
        taken = self._books.bookings.meanwhile(
            tuple(person.ref for person in people),
            instant_of(window[0] - _WEEK),
            instant_of(window[1] + _WEEK),
        )
        preferred = self._preferred(sought, window)
        return {
            person.ref: _diary(
                person,
                programme,
                window,
                hours=_HOST_HOURS if person.ref == sought.host else person.weekly_hours,
                busy=busy[person.ref],
                taken=[one for one in taken if person.ref in one.attendees],
                sought=sought,
                now=now,
                preferred=preferred if person.ref == sought.prefer else (),
            )
            for person in people
        }

    def people(self, refs: Sequence[str]) -> tuple[Person, ...]:
        """The people, each once."""
        return tuple(self._books.directory.person(ref) for ref in dict.fromkeys(refs))

    def busy(self, people: Sequence[Person], window: Window) -> Mapping[str, Availability]:
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
        """The parts of the week that the person whose preference counts has said they like.

        Of their newest application and their newest opt-in, the later that names any counts.
        """
        if sought.prefer is None:
            return ()
        said = [
            self._books.answers.of_programme(sought.programme_id, purpose, sought.prefer)[-1:]
            for purpose in (Purpose.APPLICATION, Purpose.OPT_IN)
        ]
        parts: tuple[str, ...] = ()
        for answer in sorted(sum(said, ()), key=lambda one: one.answered_at):
            form = answer.form
            if isinstance(form, Application | OptIn) and form.preferred:
                parts = tuple(part.value for part in form.preferred)
        zone = self._books.directory.person(sought.prefer).zone
        return week_part_stretches(parts, zone, window) if parts else ()


def kind_of(busy: Sequence[Busy], *kinds: BusyKind) -> Stretches:
    """The time that is taken in one of these ways."""
    return tuple(outward(one.start, one.end) for one in busy if one.kind in kinds)


def held(bookings: Sequence[Booking], own: Booking | None) -> Stretches:
    """The time of these bookings but their own."""
    return tuple(outward(one.start, one.end) for one in bookings if own is None or one.key != own.key)


def _diary(  # noqa: PLR0913 - a diary has that many pages
    person: Person,
    programme: Programme,
    window: Stretch,
    *,
    hours: str,
    busy: Availability,
    taken: Sequence[Booking],
    sought: Sought,
    now: datetime,
    preferred: Stretches,
) -> Diary:
    own = (outward(sought.own.start, sought.own.end),) if sought.own else ()
    known = () if isinstance(busy, Unknown) else busy
    return Diary(
        ref=person.ref,
        working=working_stretches(parse_weekly_hours(hours), person.zone, frozenset[date](), window),
        busy=(*without(kind_of(known, BusyKind.BUSY), own), *held(taken, sought.own)),
        tentative=without(kind_of(known, BusyKind.TENTATIVE), own),
        out_of_office=kind_of(known, BusyKind.OUT_OF_OFFICE),
        known=not isinstance(busy, Unknown),
        preferred=preferred,
        avoid=avoided(person, programme, sought, taken=taken, window=window, now=now),
    )
