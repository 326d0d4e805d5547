import csv
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from activities.match_files import cohort_of
from integrations.errors import InvalidError
from integrations.hr.roster_csv import read_roster
from integrations.match_files import read_pairs, read_wishes
from integrations.rehearsal.scene import COMPANY

ROSTER = COMPANY / "roster.csv"
PROGRAM = Path(__file__).parents[2] / "worker.py"
WISHES = """person_id,role,strengths,interests,preferred,wants,capacity
00025,mentee,,2.4;1.2,mon-am;tue-am,00521,
00076,mentee,,3.1,,,
00510,mentor,2.4:4;1.2:2,,mon-am,,
00521,mentor,2.4:1,,,00025,
"""


@pytest.fixture
def wishes(tmp_path: Path) -> Path:
    path = tmp_path / "wishes.csv"
    path.write_text(WISHES)
    return path


def run(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROGRAM), "match", *map(str, argv)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


def rows(text: str) -> dict[str, dict[str, str]]:
    return {row["mentee_id"]: row for row in csv.DictReader(text.splitlines())}


def test_match_needs_nothing_but_files_and_says_why(wishes: Path) -> None:
    done = run(ROSTER, wishes)
    found = rows(done.stdout)
    assert done.returncode == 0
    assert "2 of 2 mentees have a mentor" in done.stderr
    assert {mentee: row["mentor_id"] for mentee, row in found.items()} == {"00025": "00510", "00076": "00521"}
    assert all(row["reasons"] for row in found.values())


def test_match_keeps_out_past_pairs_and_writes_to_a_file_in_french(wishes: Path, tmp_path: Path) -> None:
    pairs, out = tmp_path / "pairs.csv", tmp_path / "out.csv"
    pairs.write_text("mentor_id,mentee_id,kind\n00510,00025,past\n00510,00076,fixed\n")
    done = run(ROSTER, wishes, pairs, "--out", out, "--language", "fr")
    found = rows(out.read_text())
    assert (done.returncode, done.stdout) == (0, "")
    assert {mentee: row["mentor_id"] for mentee, row in found.items()} == {"00025": "00521", "00076": "00510"}


@pytest.mark.parametrize(("days", "stays"), [(None, True), (84, True), (83, False)])
def test_cohort_knows_who_leaves_too_soon_for_three_sessions(
    wishes: Path, days: int | None, *, stays: bool
) -> None:
    on = date(2026, 9, 7)
    last = on + timedelta(days=days) if days else None
    people = [
        one.model_copy(update={"end_date": last}) if one.person_id in {"00025", "00510"} else one
        for one in read_roster(ROSTER).facts
    ]
    found = cohort_of(people, read_wishes(wishes), (), on)
    known = {one.ref: one.stays for one in (*found.mentees, *found.mentors)}
    assert known == {"00025": stays, "00510": stays, "00076": True, "00521": True}


def test_wrong_wishes_are_named_by_line_and_field(tmp_path: Path) -> None:
    path = tmp_path / "wishes.csv"
    path.write_text("person_id,role,strengths\n1,mentor,2.4:9\n2,boss,\n")
    with pytest.raises(InvalidError, match=r"line 2: strengths; line 3: role"):
        read_wishes(path)


def test_wrong_pairs_are_named_by_line_and_field(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("mentor_id,mentee_id,kind\n1,2,past\n1,,past\n")
    with pytest.raises(InvalidError, match="line 3: mentee_id"):
        read_pairs(path)


def test_wish_of_nobody_in_the_roster_ends_with_code_2_and_one_line(tmp_path: Path) -> None:
    path = tmp_path / "wishes.csv"
    path.write_text("person_id,role\n99999,mentor\n")
    done = run(ROSTER, path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "line 2" in done.stderr
