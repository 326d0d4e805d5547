"""When people do not meet although they work: days off, Friday afternoons, lunch, full days, short notice."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from activities.rules.days_off import days_off
from activities.rules.diaries import full_days, full_weeks
from activities.rules.slots import Reason
from activities.rules.stretches import Stretch, Stretches, minutes_of
from activities.rules.working_hours import (
    day_stretches,
    parse_weekly_hours,
    week_part_stretches,
    working_stretches,
)
from activities.seeking import SESSIONS, Sought
from integrations.database.bookings import Booking
from integrations.database.people import Person
from integrations.programme import Programme

_FRIDAY = frozenset({"fri-pm"})


def avoided(  # noqa: PLR0913 - each is a reason of its own
    person: Person,
    programme: Programme,
    sought: Sought,
    *,
    taken: Sequence[Booking],
    window: Stretch,
    now: datetime,
) -> Mapping[str, Stretches]:
    """The time of a person that may not be used, by reason, within the window; `now` is programme time.

    `taken` are their bookings, also those a week before and after the window, which fill its days and weeks.
    """
    off = days_off(programme, person.site)
    return {
        Reason.HOLIDAY: day_stretches(off, person.zone, window),
        Reason.FRIDAY_AFTERNOON: week_part_stretches(_FRIDAY, person.zone, window),
        **dict(_lunch(person, programme, sought, window)),
        **dict(_full(person, programme, sought, taken, window)),
        **dict(_short_notice(person, programme, window, now)),
    }


def _lunch(
    person: Person, programme: Programme, sought: Sought, window: Stretch
) -> Iterator[tuple[str, Stretches]]:
    """Lunch on the person's own clock; a host of people overseas takes it when it suits."""
    if programme.meetings.lunch and person.ref != sought.host:
        hours = parse_weekly_hours(f"Mo-Su {programme.meetings.lunch}")
        yield Reason.LUNCH, working_stretches(hours, person.zone, frozenset(), window)


def _full(
    person: Person, programme: Programme, sought: Sought, taken: Sequence[Booking], window: Stretch
) -> Iterator[tuple[str, Stretches]]:
    """The days and weeks in which the person has as many sessions as they may."""
    if not sought.is_a_session:
        return
    own = sought.own.key if sought.own else None
    sessions = [minutes_of(one.start) for one in taken if one.kind in SESSIONS and one.key != own]
    if most := programme.meetings.most_a_day:
        yield Reason.MOST_PER_DAY, full_days(sessions, most, person.zone, window)
    if most := programme.meetings.most_a_week:
        yield Reason.MOST_PER_WEEK, full_weeks(sessions, most, person.zone, window)


def _short_notice(
    person: Person, programme: Programme, window: Stretch, now: datetime
) -> Iterator[tuple[str, Stretches]]:
    """The hours in which an assistant could not make room any more."""
    until = minutes_of(now + timedelta(hours=programme.meetings.assistant_notice_hours), up=True)
    if person.assistant_ref and programme.meetings.assistant_notice_hours and window[0] < until:
        yield Reason.ASSISTANT, ((window[0], min(until, window[1])),)
