import re
import tomllib
from pathlib import Path

import pytest

from integrations.programme import ProgrammeFileError, parse
from integrations.programme_file import load
from integrations.programme_rules import MeetingRule, QuotaRule

FILE = """
id = "digital-2026"
name = "Digital 2026"
starts_on = 2026-09-07
sponsor = "0001"
coordinator = "0002"
deputy = "0003"
trainer = "0004"
confidential_contact = "0005"
"""


def test_load_fills_in_the_usual_timings(tmp_path: Path) -> None:
    path = tmp_path / "programme.toml"
    path.write_text(FILE)
    programme = load(path)
    assert (programme.sessions, programme.timings.call_open_d, programme.timings.follow_up_d) == (6, 15, 90)


def test_wrong_file_is_one_error_naming_every_wrong_field(tmp_path: Path) -> None:
    path = tmp_path / "programme.toml"
    path.write_text(
        FILE.replace("2026-09-07", '"soon"') + 'zone = "Paris"\nsesions = 6\n[timings]\ncall_open_d = 0\n'
    )
    with pytest.raises(ProgrammeFileError) as raised:
        load(path)
    named = [line.split(":")[0].strip() for line in str(raised.value).splitlines()[1:]]
    assert sorted(named) == ["sesions", "starts_on", "timings.call_open_d", "zone"]


def test_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "programme.toml"
    path.write_text("id = ")
    with pytest.raises(ProgrammeFileError, match=r"programme\.toml cannot be read as TOML"):
        load(path)


def test_missing_roles_are_all_named() -> None:
    with pytest.raises(ProgrammeFileError) as raised:
        parse({"id": "digital", "name": "Digital", "starts_on": "2026-09-07"})
    assert str(raised.value).count("field required") == 5


def test_quotas_and_working_pattern_are_read() -> None:
    programme = parse(
        tomllib.loads(
            FILE
            + """
apart = [["0042", "0107"]]
[meetings]
lunch = "12:30-13:30"
buffer_minutes = 10
most_a_day = 1
[[quotas]]
department = "Finance"
at_most_percent = 25
[[quotas]]
side = "mentors"
site = "Metz"
at_least = 2
"""
        )
    )
    finance, metz = programme.quotas
    assert (finance.unit, finance.counts, finance.most(11), finance.fewest(11)) == (
        "Finance",
        "department",
        2,
        0,
    )
    assert (metz.unit, metz.counts, metz.most(11), metz.fewest(11)) == ("Metz", "site", None, 2)
    assert (programme.meetings.lunch, programme.meetings.most_a_week) == ("12:30-13:30", None)
    assert programme.apart == (("0042", "0107"),)


def test_examples_of_the_document_are_accepted() -> None:
    document = (Path(__file__).parents[2] / "docs" / "matching.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", document, re.DOTALL)
    quotas, apart, meetings = (tomllib.loads(one) for one in examples)
    programme = parse(tomllib.loads(FILE) | quotas | apart | meetings)
    assert {one.unit for one in programme.quotas} == {"Finance", "Metz"}
    assert len(programme.apart) == 2
    assert set(meetings["meetings"]) == set(MeetingRule.model_fields)
    named = set(re.findall(r"`(\w+)`", document))
    assert set(QuotaRule.model_fields) <= named


def test_share_to_be_reached_is_rounded_up() -> None:
    assert QuotaRule(site="Metz", at_least_percent=25).fewest(9) == 3


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ("[[quotas]]\nat_most = 1\n", "quotas.0: value error, give `department` or `site`"),
        (
            '[[quotas]]\nsite = "A"\ndepartment = "B"\nat_most = 1\n',
            "quotas.0: value error, give `department`",
        ),
        ('[[quotas]]\nsite = "A"\n', "quotas.0: value error, give a limit"),
        ('[[quotas]]\nsite = "A"\nat_most = 1\nat_least = 2\n', "`at_least` is no more than `at_most`"),
        (
            '[[quotas]]\nsite = "A"\nat_most_percent = 1\nat_least_percent = 2\n',
            "`at_least_percent` is no more than `at_most_percent`",
        ),
        ('[[quotas]]\nsite = "A"\nat_most = 1\nat_most_percent = 5\n', "give `at_most` or `at_most_percent`"),
        ('[[quotas]]\nsite = "A"\nat_least = 1\nat_least_percent = 5\n', "`at_least` or `at_least_percent`"),
        ('[[quotas]]\nsite = "A"\nat_most = -1\n', "quotas.0.at_most: "),
        ('[[quotas]]\nsite = "A"\nside = "both"\nat_most = 1\n', "quotas.0.side: "),
        ('[[quotas]]\nsite = "A"\nunit = "B"\nat_most = 1\n', "quotas.0.unit: is not a field"),
        (
            '[[quotas]]\nsite = "A"\nat_most = 1\n[[quotas]]\ndepartment = "B"\nat_most = 1\n',
            "quotas: value error, quotas of mentees count departments or sites",
        ),
        (
            '[[quotas]]\nsite = "A"\nat_most = 1\n[[quotas]]\nsite = "A"\nat_least = 1\n',
            "quotas: value error, two quotas of mentees are for the same unit",
        ),
        ('apart = [["0042"]]\n', "apart.0.1: "),
        ('[meetings]\nlunch = "noon"\n', "meetings.lunch: value error, a time of day"),
        ('[meetings]\nlunch = "13:30-12:30"\n', "meetings.lunch: value error, a time of day"),
        ("[meetings]\nbuffer_minutes = 300\n", "meetings.buffer_minutes: "),
        ("[meetings]\nmost_a_day = 0\n", "meetings.most_a_day: "),
    ],
)
def test_wrong_rule_is_named_with_what_it_accepts(part: str, named: str) -> None:
    with pytest.raises(ProgrammeFileError) as raised:
        parse(tomllib.loads(FILE + part))
    assert named in str(raised.value)


def test_a_programme_may_name_its_own_organizer() -> None:
    assert parse(tomllib.loads(FILE)).organizer is None
    named = parse(tomllib.loads('organizer = "digital-office@corp.example"\n' + FILE))
    assert named.organizer == "digital-office@corp.example"


@pytest.mark.parametrize(
    "organizer",
    [
        "office",
        "office@corp",
        "a b@corp.example",
        "office@corp.example\\n",
        "Zoé@corp.example",
        "a@b@c.example",
    ],
)
def test_an_organizer_that_no_calendar_can_have_is_refused(organizer: str) -> None:
    with pytest.raises(ProgrammeFileError, match=r"organizer: .*mail address"):
        parse(tomllib.loads(f'organizer = "{organizer}"\n' + FILE))
