"""Whether somebody still works here."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from integrations.database.people import Person
from integrations.hr.events import Status

WORTH_A_START: Final = 3
"""So many sessions, at a programme's cadence, make a new pairing worth its start."""


def has_left(person: Person, now: datetime) -> bool:
    """Whether the person no longer works here at the programme instant `now`; the last day counts as work."""
    if person.status is Status.LEFT:
        return True
    return person.end_date is not None and end_of(person.end_date, person.zone) <= now


def stays_until(person: Person, then: datetime) -> bool:
    """Whether no last day before the programme instant `then` is known of the person."""
    return person.end_date is None or end_of(person.end_date, person.zone) >= then


def end_of(day: date, zone: str) -> datetime:
    """The instant a day ends in a zone, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
