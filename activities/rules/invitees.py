"""Who may be called as a mentor and who is invited as a mentee: by level, tenure and site, never by age."""

from collections.abc import Iterable
from datetime import date

from integrations.database.people import Person
from integrations.hr.events import Status
from integrations.programme import Programme

_DAYS_A_MONTH = 30.44


def invited_mentees(programme: Programme, people: Iterable[Person]) -> tuple[Person, ...]:
    """The managers the sponsor invites: those named, else by level, highest first, at most `max_count`."""
    rule = programme.mentees
    chosen = [
        person
        for person in people
        if person.status is Status.ACTIVE
        and person.person_id not in _roles(programme)
        and (person.person_id in rule.person_ids if rule.person_ids else person.level >= rule.min_level)
        and _at(rule.sites, person)
    ]
    chosen.sort(key=lambda person: (-person.level, person.person_id))
    return tuple(chosen[: rule.max_count])


def called_mentors(programme: Programme, people: Iterable[Person]) -> tuple[Person, ...]:
    """The employees who are called: junior enough, long enough with the company, at one of the sites."""
    rule = programme.mentors
    return tuple(
        person
        for person in people
        if person.status is Status.ACTIVE
        and person.person_id not in _roles(programme)
        and person.level <= rule.max_level
        and _tenure_months(person, programme.starts_on) >= rule.min_tenure_months
        and _at(rule.sites, person)
    )


def _roles(programme: Programme) -> frozenset[str]:
    return frozenset(
        {
            programme.sponsor,
            programme.coordinator,
            programme.deputy,
            programme.trainer,
            programme.confidential_contact,
        }
    )


def _at(sites: tuple[str, ...], person: Person) -> bool:
    return not sites or person.site in sites


def _tenure_months(person: Person, on: date) -> float:
    return (on - person.hire_date).days / _DAYS_A_MONTH if person.hire_date else 0.0
