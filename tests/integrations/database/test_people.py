from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest

from integrations.database.people import ChangeKind
from integrations.database.sql.database import Database
from integrations.errors import GoneError
from integrations.hr.events import PersonFacts, Status

MONDAY = datetime(2026, 9, 7, 8, tzinfo=UTC)


def test_apply_joins_a_person_and_keeps_leading_zeros(database: Database) -> None:
    facts = PersonFacts(person_id="00042", given_name="Zoé", family_name="Œuvrard", locale="fr-FR", level=2)
    (change,) = database.directory.apply([facts], MONDAY, "e1")
    person = database.directory.person(change.ref)
    assert (person.person_id, person.name, person.language, person.level) == ("00042", "Zoé Œuvrard", "fr", 2)
    assert ChangeKind.JOINED in change.kinds


def test_apply_again_changes_nothing(database: Database) -> None:
    facts = PersonFacts(person_id="1", given_name="Ada")
    database.directory.apply([facts], MONDAY, "e1")
    assert database.directory.apply([facts], MONDAY, "e1") == ()


def test_apply_gives_one_end_state_whatever_the_order(database: Database) -> None:
    events = [
        (PersonFacts(person_id="7", end_date=date(2026, 12, 31), title="Analyst"), MONDAY, "e1"),
        (PersonFacts(person_id="7", end_date=None), MONDAY + timedelta(days=1), "e2"),
        (PersonFacts(person_id="7", end_date=date(2027, 3, 31)), MONDAY + timedelta(days=1), "e3"),
        (PersonFacts(person_id="7", title="Senior analyst"), MONDAY + timedelta(days=2), "e4"),
    ]
    ends = set()
    for order in permutations(events):
        for facts, occurred_at, event_id in order:
            database.directory.apply([facts], occurred_at, event_id)
        ref = database.directory.find(person_id="7")
        assert ref is not None
        person = database.directory.person(ref)
        ends.add((person.end_date, person.title))
        database.directory.forget(ref)
    assert ends == {(date(2027, 3, 31), "Senior analyst")}


def test_newest_word_on_some_facts_has_its_stamp(database: Database) -> None:
    later = MONDAY + timedelta(days=1)
    database.directory.apply([PersonFacts(person_id="7", end_date=date(2026, 12, 31))], MONDAY, "e1")
    database.directory.apply([PersonFacts(person_id="7", end_date=None, title="Analyst")], later, "e2")
    database.directory.apply([PersonFacts(person_id="7", end_date=date(2027, 3, 31))], MONDAY, "e3")
    ref = database.directory.find(person_id="7")
    assert ref
    assert database.directory.said(ref, ("end_date", "status")) == (later, "e2")
    assert database.directory.said(ref, ("site",)) is None
    assert database.directory.said("p_unknown", ("end_date",)) is None


def test_apply_tells_who_left(database: Database) -> None:
    database.directory.apply([PersonFacts(person_id="7", status=Status.ACTIVE)], MONDAY, "e1")
    left = PersonFacts(person_id="7", status=Status.LEFT)
    (change,) = database.directory.apply([left], MONDAY + timedelta(days=1), "e2")
    assert change.kinds == {ChangeKind.LEFT}


def test_person_resolves_manager_and_assistant_refs(database: Database) -> None:
    boss = PersonFacts(person_id="1", work_address="Boss@Example.com")
    report = PersonFacts(person_id="2", manager_id="1", assistant_id="1")
    database.directory.apply([boss, report], MONDAY, "e1")
    ref = database.directory.find(person_id="2")
    assert ref is not None
    boss_ref = database.directory.find(address="boss@example.com")
    person = database.directory.person(ref)
    assert (person.manager_ref, person.assistant_ref) == (boss_ref, boss_ref)


def test_forgotten_person_is_gone(database: Database) -> None:
    (change,) = database.directory.apply([PersonFacts(person_id="7")], MONDAY, "e1")
    database.directory.forget(change.ref)
    database.directory.forget(change.ref)
    with pytest.raises(GoneError):
        database.directory.person(change.ref)
