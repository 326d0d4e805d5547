from pathlib import Path

import pytest

from integrations.programme import ProgrammeFileError, parse
from integrations.programme_file import load

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
