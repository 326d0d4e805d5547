"""The sample company and its programme hold together."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from activities.rules.working_hours import parse_weekly_hours, utc_week
from integrations.database.sql.database import migrate, open_database
from integrations.hr.events import PersonFacts, Status
from integrations.hr.roster_csv import import_roster, read_roster
from integrations.programme_file import load
from integrations.rehearsal import __file__ as rehearsal

COMPANY = Path(rehearsal).parent / "company"
PROGRAMME = load(COMPANY / "programme.toml")
ROSTER = read_roster(COMPANY / "roster.csv")
PEOPLE = {facts.person_id: facts for facts in ROSTER.facts}
ROLES = {
    PROGRAMME.sponsor,
    PROGRAMME.coordinator,
    PROGRAMME.deputy,
    PROGRAMME.trainer,
    PROGRAMME.confidential_contact,
}


def level(person: PersonFacts) -> int:
    assert person.level is not None
    return person.level


def line(person: PersonFacts) -> Iterator[PersonFacts]:
    """The managers above somebody, nearest first."""
    while person.manager_id:
        person = PEOPLE[person.manager_id]
        yield person


def months_here(person: PersonFacts, on: date) -> int:
    assert person.hire_date is not None
    hired = person.hire_date
    return (on.year - hired.year) * 12 + on.month - hired.month - (on.day < hired.day)


MENTEES = [person for person in PEOPLE.values() if level(person) >= 5 and person.person_id not in ROLES]
MENTORS = [
    person
    for person in PEOPLE.values()
    if level(person) <= 3 and person.status is Status.ACTIVE and months_here(person, PROGRAMME.starts_on) >= 6
]


@cache
def minutes_of_week(person_id: str) -> frozenset[int]:
    person = PEOPLE[person_id]
    assert person.weekly_hours is not None
    assert person.zone is not None
    week = utc_week(parse_weekly_hours(person.weekly_hours), person.zone, PROGRAMME.starts_on)
    return frozenset(minute for start, end in week for minute in range(start, end))


def may_be_paired(mentor: PersonFacts, mentee: PersonFacts) -> bool:
    above_mentor, above_mentee = list(line(mentor)), list(line(mentee))
    in_one_line = mentee in above_mentor or mentor in above_mentee
    near_manager = any(manager in above_mentee[:2] for manager in above_mentor[:2])
    languages = set(mentor.languages or ()) & set(mentee.languages or ())
    common = minutes_of_week(mentor.person_id) & minutes_of_week(mentee.person_id)
    far_apart = level(mentee) - level(mentor) >= 2
    return bool(languages) and len(common) >= 180 and far_apart and not in_one_line and not near_manager


def test_roster_has_nothing_to_quarantine() -> None:
    assert ROSTER.quarantined == ()
    assert len(PEOPLE) == len(ROSTER.named) == 130


def test_company_is_one_tree_of_seven_levels() -> None:
    roots = [person for person in PEOPLE.values() if person.manager_id is None]
    assert [level(person) for person in roots] == [8]
    depths = Counter(len(list(line(person))) + 1 for person in PEOPLE.values())
    assert max(depths) == 7
    assert all(level(manager) > level(person) for person in PEOPLE.values() for manager in line(person))
    assert {level(person) for person in PEOPLE.values()} == set(range(1, 9))


def test_people_are_spread_over_three_sites_and_zones() -> None:
    sites = {(person.site, person.zone) for person in PEOPLE.values()}
    assert sites == {
        ("Paris", "Europe/Paris"),
        ("Montréal", "America/Toronto"),
        ("Singapore", "Asia/Singapore"),
    }
    mentors = Counter(person.site for person in MENTORS)
    mentees = Counter(person.site for person in MENTEES)
    assert all(mentors[site] > mentees[site] >= 4 for site, _ in sites)
    assert len({person.function for person in PEOPLE.values()}) >= 8


def test_addresses_are_unique_and_reserved_for_examples() -> None:
    addresses = [person.work_address or "" for person in PEOPLE.values()]
    assert len(set(addresses)) == len(PEOPLE)
    assert all(
        re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*@atelier-nord\.example", a) for a in addresses
    )


def test_company_is_as_varied_as_a_real_one() -> None:
    people = PEOPLE.values()
    names = "".join(f"{person.given_name}{person.family_name}" for person in people)
    assert set("éèëïçôüíŒÉ'") <= set(names)
    assert len({person.weekly_hours for person in people}) >= 8
    assert 1 <= sum(person.calendar_provider == "none" for person in people) <= 2
    assert {person.assistant_id is not None for person in people if level(person) >= 7} == {True, False}
    assert {person.locale for person in people} >= {"fr-FR", "fr-CA", "en-CA", "en-SG"}
    assert sum(months_here(person, PROGRAMME.starts_on) < 6 for person in people) == 4


def test_programme_is_run_by_people_who_are_neither_mentors_nor_mentees() -> None:
    assert len(ROLES) == 5
    assert PEOPLE.keys() >= ROLES
    # Everybody is in the line of the chief executive, who could be nobody's mentee.
    assert level(PEOPLE[PROGRAMME.sponsor]) == 8
    assert {level(PEOPLE[ref]) for ref in ROLES - {PROGRAMME.sponsor}} == {4}
    assert not ROLES & {person.person_id for person in MENTORS + MENTEES}
    assert PROGRAMME.mentees.min_level == 5
    assert PROGRAMME.mentors.max_level == 3
    assert (PROGRAMME.id, PROGRAMME.starts_on) == ("digital-2026", date(2026, 9, 7))


def test_forty_pairings_are_possible_under_the_hard_rules() -> None:
    assert (len(MENTEES), len(MENTORS)) == (46, 66)
    allowed = np.array([[may_be_paired(mentor, mentee) for mentor in MENTORS] for mentee in MENTEES])
    rows, columns = linear_sum_assignment(allowed, maximize=True)
    assert int(allowed[rows, columns].sum()) == 46
    assert allowed.sum(axis=1).min() >= 10


def test_sample_imports_whole_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'mentoring.db'}"
    migrate(url)
    database = open_database(url)
    at = datetime(2026, 9, 1, tzinfo=UTC)
    try:
        assert len(import_roster(database.directory, ROSTER, at, "roster-1")) == 130
        assert import_roster(database.directory, ROSTER, at, "roster-1") == ()
        people = database.directory.everybody()
        assert [person.person_id for person in people] == sorted(PEOPLE)
        assert sum(person.manager_ref is None for person in people) == 1
    finally:
        database.store.close()


@pytest.mark.parametrize("name", ["roster.csv", "programme.toml"])
def test_sample_files_are_plain_text(name: str) -> None:
    content = (COMPANY / name).read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"\n")
