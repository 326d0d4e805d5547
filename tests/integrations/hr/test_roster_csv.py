from datetime import date
from pathlib import Path

import pytest

from integrations.errors import InvalidError
from integrations.hr.events import Status
from integrations.hr.roster_csv import OPTIONAL, REQUIRED, Quarantined, Roster, read_roster

COLUMNS = (*REQUIRED, *OPTIONAL)
BOSS = {
    "person_id": "00001",
    "given_name": "Hélène",
    "family_name": "Vasseur",
    "work_address": "helene.vasseur@atelier-nord.example",
    "locale": "fr-FR",
    "zone": "Europe/Paris",
    "site": "Paris",
    "department": "Board",
    "function": "Management",
    "level": "8",
    "title": "Chief executive officer",
    "manager_id": "",
    "hire_date": "2009-03-02",
    "end_date": "",
    "status": "active",
    "weekly_hours": "",
    "languages": "fr en",
    "assistant_id": "",
    "calendar_provider": "caldav",
}


def person(number: int, manager: str = "00001", **cells: str) -> dict[str, str]:
    own = {"person_id": f"{number:05}", "work_address": f"p{number}@atelier-nord.example", "level": "2"}
    return BOSS | own | {"manager_id": manager} | cells


def text(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS, between: str = ",") -> str:
    lines = [between.join(columns)]
    lines += [between.join(f'"{row[name]}"' for name in columns) for row in rows]
    return "\n".join(lines) + "\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "roster.csv"


def read(file: Path, *rows: dict[str, str]) -> Roster:
    file.write_text(text(*rows), encoding="utf-8")
    return read_roster(file)


def numbers(roster: Roster) -> list[int]:
    return [int(facts.person_id) for facts in roster.facts]


@pytest.mark.parametrize("between", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_roster_reads_what_spreadsheets_write(file: Path, between: str, encoding: str, newline: str) -> None:
    file.write_text(text(BOSS, person(2), between=between), encoding=encoding, newline=newline)
    roster = read_roster(file)
    boss = roster.facts[0]
    assert (numbers(roster), roster.quarantined) == ([1, 2], ())
    assert roster.named == {"00001", "00002"}
    assert (boss.person_id, boss.given_name, boss.level) == ("00001", "Hélène", 8)
    assert (boss.hire_date, boss.languages, boss.status) == (date(2009, 3, 2), ("fr", "en"), Status.ACTIVE)


@pytest.mark.parametrize("written", ["fr;en", "fr, en", "fr/en", "fr en", "fr|en"])
def test_languages_are_listed_in_many_ways(file: Path, written: str) -> None:
    assert read(file, BOSS | {"languages": written}).facts[0].languages == ("fr", "en")


def test_empty_cell_says_none_and_missing_column_says_nothing(file: Path) -> None:
    columns = tuple(name for name in COLUMNS if name not in {"weekly_hours", "status"})
    file.write_text(text(BOSS, columns=columns), encoding="utf-8")
    (facts,) = read_roster(file).facts
    assert facts.model_fields_set == set(columns)
    assert facts.end_date is None


def test_column_the_programme_does_not_need_is_dropped(file: Path) -> None:
    row = BOSS | {"birth_date": "01/02/1970", "salary": "many"}
    file.write_text(text(row, columns=(*COLUMNS, "birth_date", "salary")), encoding="utf-8")
    roster = read_roster(file)
    assert (numbers(roster), roster.quarantined) == ([1], ())


def test_missing_columns_are_one_error(file: Path) -> None:
    columns = tuple(name for name in COLUMNS if name not in {"zone", "hire_date", "languages"})
    file.write_text(text(BOSS, columns=columns), encoding="utf-8")
    with pytest.raises(InvalidError, match=r"^the roster lacks the columns zone, hire_date$"):
        read_roster(file)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "lacks the columns person_id"),
        (text(BOSS, columns=(*COLUMNS, "title")).encode(), "repeats the columns title"),
        (text(BOSS).encode("latin-1"), "not in UTF-8"),
        (text(BOSS).encode() + b'"00002', "not CSV"),
        (text(BOSS).encode() + b'"0"0002,', "not CSV"),
    ],
)
def test_file_that_cannot_be_trusted_is_refused_whole(file: Path, content: bytes, complaint: str) -> None:
    file.write_bytes(content)
    with pytest.raises(InvalidError, match=complaint):
        read_roster(file)


def test_missing_file_is_named_as_such(file: Path) -> None:
    with pytest.raises(InvalidError, match="cannot be opened: No such file"):
        read_roster(file)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"hire_date": "03/04/2024"}, "hire_date: a day is written YYYY-MM-DD"),
        ({"end_date": "31.12.2026"}, "end_date: a day is written YYYY-MM-DD"),
        ({"work_address": "zoé@atelier-nord.example"}, "work_address: letters outside ASCII before the @"),
        ({"work_address": ""}, "work_address: must not be empty"),
        ({"person_id": ""}, "person_id: must not be empty"),
        ({"level": "senior"}, "level: input should be a valid integer"),
        ({"zone": "Singapore time"}, "zone: an IANA time zone"),
        ({"weekly_hours": "full time"}, "weekly_hours: is written like"),
        ({"languages": "français"}, "languages: are written as ISO 639"),
        ({"status": "retired"}, "status: input should be 'active', 'on-leave' or 'left'"),
        ({"manager_id": "00009"}, "manager_id: the manager is not in the roster"),
        ({"assistant_id": "00009"}, "assistant_id: the assistant is not in the roster"),
        ({"title": "Analyst\x00"}, "title: holds control characters"),
        ({"manager_id": "00002"}, "manager_id: nobody is their own manager"),
    ],
)
def test_wrong_row_is_quarantined_and_the_rest_stands(file: Path, cells: dict[str, str], reason: str) -> None:
    roster = read(file, BOSS, person(2, **cells), person(3))
    assert numbers(roster) == [1, 3]
    (row,) = roster.quarantined
    assert row.line == 3
    assert row.reason.startswith(reason)


def test_rows_of_one_person_are_all_quarantined(file: Path) -> None:
    roster = read(file, BOSS, person(2), person(3), person(2, title="Other"), person(2))
    assert numbers(roster) == [1, 3]
    assert roster.quarantined == (
        Quarantined(3, "person_id: the person is in line 5 again"),
        Quarantined(5, "person_id: the person is in line 3 already"),
        Quarantined(6, "person_id: the person is in line 3 already"),
    )


def test_circle_is_quarantined_but_not_who_reports_to_it(file: Path) -> None:
    circle = [person(2, "00003"), person(3, "00004"), person(4, "00002")]
    roster = read(file, BOSS, person(5, "00002"), *circle, person(6, "00003"), person(7))
    assert numbers(roster) == [1, 5, 6, 7]
    assert {row.reason for row in roster.quarantined} == {"manager_id: the reporting line runs in a circle"}
    assert [row.line for row in roster.quarantined] == [4, 5, 6]


def test_team_of_a_quarantined_manager_stands(file: Path) -> None:
    assert numbers(read(file, BOSS, person(2, level="x"), person(3, "00002"))) == [1, 3]


def test_row_with_another_number_of_cells_is_quarantined(file: Path) -> None:
    file.write_text(text(BOSS) + "00002,Zoé\n" + ",".join(COLUMNS) + ",more\n", encoding="utf-8")
    assert [row.reason for row in read_roster(file).quarantined] == [
        "has 2 cells where the header has 19",
        "has 20 cells where the header has 19",
    ]


def test_rows_of_empty_cells_are_none_and_lines_are_those_of_the_file(file: Path) -> None:
    rows = text(BOSS, person(2, title="two\nlines"), person(3, level=""))
    file.write_text(rows.replace('"00003"', ",,,,\n\n" + '"00003"'), encoding="utf-8")
    roster = read_roster(file)
    assert [row.line for row in roster.quarantined] == [4, 7]


def test_reasons_repeat_no_value(file: Path) -> None:
    canary = dict.fromkeys(COLUMNS, "Canary")
    roster = read(file, BOSS, canary, person(2, "Canary 2"), person(3, hire_date="Canary"))
    assert len(roster.quarantined) == 3
    assert not any("canary" in row.reason.lower() for row in roster.quarantined)
