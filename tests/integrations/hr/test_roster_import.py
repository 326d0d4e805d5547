import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.database.people import Change, ChangeKind
from integrations.database.sql.database import Database, migrate, open_database
from integrations.database.sql.people import SqlDirectory
from integrations.errors import InvalidError
from integrations.hr.events import PersonFacts
from integrations.hr.roster_csv import check_vanished, import_roster
from tests.integrations.hr.test_roster_csv import BOSS, person, read

MONDAY = datetime(2026, 9, 7, 8, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "roster.csv"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'mentoring.db'}"
    migrate(url)
    database = open_database(url)
    yield database
    database.store.close()


def test_import_changes_only_what_changed(file: Path, database: Database) -> None:
    first = read(file, BOSS, person(2), person(3))
    joined = import_roster(database.directory, first, MONDAY, "roster-1")
    assert [change.kinds >= {ChangeKind.JOINED} for change in joined] == [True, True, True]
    assert import_roster(database.directory, first, MONDAY, "roster-1") == ()
    assert import_roster(database.directory, first, MONDAY + timedelta(days=1), "roster-2") == ()
    second = read(file, BOSS, person(2, title="Lead"), person(3))
    (change,) = import_roster(database.directory, second, MONDAY + timedelta(days=2), "roster-3")
    assert change.ref == database.directory.find(person_id="00002")
    assert change.kinds == {ChangeKind.JOB}


def test_import_of_many_batches_is_whole_and_keeps_no_writer_waiting(file: Path, database: Database) -> None:
    roster = read(file, BOSS, *(person(number) for number in range(2, 502)))
    batches: list[int] = []

    class Batches(SqlDirectory):
        def apply(
            self, facts: Sequence[PersonFacts], occurred_at: datetime, event_id: str
        ) -> tuple[Change, ...]:
            batches.append(len(facts))
            return super().apply(facts, occurred_at, event_id)

    assert len(import_roster(Batches(database.store), roster, MONDAY, "roster-1")) == 501
    assert batches == [200, 200, 101]
    assert len(database.directory.everybody()) == 501


def test_later_event_keeps_its_word_against_an_older_roster(file: Path, database: Database) -> None:
    import_roster(database.directory, read(file, BOSS, person(2)), MONDAY, "roster-1")
    said = PersonFacts(person_id="00002", title="Lead")
    database.directory.apply([said], MONDAY + timedelta(days=2), "event")
    roster = read(file, BOSS, person(2, title="Assistant"))
    assert import_roster(database.directory, roster, MONDAY + timedelta(days=1), "roster-2") == ()


def test_emptied_end_date_takes_a_departure_back(file: Path, database: Database) -> None:
    import_roster(database.directory, read(file, BOSS, person(2, end_date="2026-12-31")), MONDAY, "r1")
    (change,) = import_roster(
        database.directory, read(file, BOSS, person(2)), MONDAY + timedelta(days=1), "r2"
    )
    assert change.kinds == {ChangeKind.END_DATE}
    assert change.end_date is None


def test_import_refuses_a_file_cut_short_and_changes_nothing(file: Path, database: Database) -> None:
    company = [BOSS, *(person(number) for number in range(2, 41))]
    import_roster(database.directory, read(file, *company), MONDAY, "r1")
    cut = read(file, *company[:-3], person(1_000))
    with pytest.raises(InvalidError, match=r"^3 of 40 known people are missing"):
        import_roster(database.directory, cut, MONDAY + timedelta(days=1), "r2")
    assert database.directory.find(person_id="01000") is None


def test_import_misses_neither_leavers_nor_quarantined_people(
    file: Path, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    left = [person(number, status="left") for number in range(2, 12)]
    gone = [person(number, end_date="2026-09-08") for number in range(12, 22)]
    import_roster(database.directory, read(file, BOSS, *left, *gone, person(30)), MONDAY, "r1")
    caplog.set_level(logging.INFO)
    roster = read(file, BOSS, person(30, level="x"))
    assert import_roster(database.directory, roster, MONDAY + timedelta(days=1), "r2") == ()
    record = caplog.records[-1]
    assert (record.message, record.__dict__["missing"], record.__dict__["quarantined"]) == (
        "roster.imported",
        0,
        1,
    )


@pytest.mark.parametrize(("known", "vanishing"), [(0, 0), (100, 0), (100, 5), (20, 1), (1000, 50)])
def test_few_may_vanish(known: int, vanishing: int) -> None:
    check_vanished(known, vanishing)


@pytest.mark.parametrize(("known", "vanishing"), [(100, 6), (19, 1), (1000, 51), (1, 1)])
def test_many_may_not_vanish(known: int, vanishing: int) -> None:
    with pytest.raises(InvalidError):
        check_vanished(known, vanishing)
