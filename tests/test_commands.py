"""What an operator sees of commands: exit codes, what is wrong and where; nothing begun on wrong input."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from integrations.database.sql.database import open_database

ROOT = Path(__file__).parents[1]
COMPANY = ROOT / "integrations" / "rehearsal" / "company"

Ended = subprocess.CompletedProcess[str]
Command = Callable[..., Ended]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs a command of `worker.py` in a folder of its own, without any other setting of this machine."""

    def run(*argv: str, **settings: str) -> Ended:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MENTORING_", "TEMPORAL_", "XDG_"))
        }
        return subprocess.run(
            [sys.executable, str(ROOT / "worker.py"), *argv],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            cwd=tmp_path,
            env=kept | {"HOME": str(tmp_path)} | settings,
        )

    return run


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address of this machine that is taken, but where nobody answers."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def wrong(folder: Path) -> Path:
    """The sample programme with three faults."""
    text = (COMPANY / "programme.toml").read_text(encoding="utf-8")
    file = folder / "wrong.toml"
    text = text.replace("starts_on = ", 'starts_on = "soon" # ').replace(
        "call_open_d = 21", "call_open_d = 0"
    )
    file.write_text(f"{text}\nslow = 1\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("verb", ["check", "add", "open"])
def test_wrong_programme_file_is_one_error_and_nothing_is_begun(
    command: Command, tmp_path: Path, verb: str
) -> None:
    ended = command("programme", verb, str(wrong(tmp_path)))
    assert (ended.returncode, ended.stdout) == (2, "")
    named = [line.strip().partition(":")[0] for line in ended.stderr.splitlines()[1:]]
    assert sorted(named) == ["starts_on", "timings.call_open_d", "timings.slow"]
    assert not list(tmp_path.glob("*.db*"))


def test_right_programme_file_says_what_it_comes_to(command: Command) -> None:
    ended = command("programme", "check", str(COMPANY / "programme.toml"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "6 sessions" in ended.stdout


def test_programme_that_finds_no_server_is_told_in_one_line_and_not_kept(
    command: Command, tmp_path: Path, nobody: str
) -> None:
    assert command("roster", "import", str(COMPANY / "roster.csv")).returncode == 0
    ended = command("programme", "open", str(COMPANY / "programme.toml"), TEMPORAL_ADDRESS=nobody)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"Temporal at {nobody} cannot be reached; check TEMPORAL_ADDRESS or start it\n"
    database = open_database(f"sqlite:///{tmp_path / 'mentoring.db'}")
    with closing(database.store):
        assert database.deliveries.counts() == {}


def test_wrong_rows_of_a_roster_are_named_by_line_and_the_rest_is_imported(
    command: Command, tmp_path: Path
) -> None:
    rows = (COMPANY / "roster.csv").read_text(encoding="utf-8").splitlines()
    rows[-1] = rows[-1].replace("Europe/", "Atlantis/", 1)
    rows[-3] = rows[-3].split(",", 1)[1]
    roster = tmp_path / "roster.csv"
    roster.write_text("\n".join(rows), encoding="utf-8")
    ended = command("roster", "import", str(roster))
    assert ended.returncode == 0
    assert [line.partition(":")[0] for line in ended.stderr.splitlines()] == [
        f"line {len(rows) - 2}",
        f"line {len(rows)}",
    ]
    assert ended.stderr.splitlines()[1].endswith("an IANA time zone such as Europe/Paris is expected")
    right = len(rows) - 3
    assert ended.stdout == f"{right} rows read, {right} people changed, 2 left out\n"
