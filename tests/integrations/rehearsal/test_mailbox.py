"""Letters are handed out once each, however close they arrive."""

import os
from pathlib import Path

from integrations.rehearsal.mailbox import Arrivals


def drop(box: Path, name: str, moment: int) -> None:
    """A letter arrives; the folder's time is that of the kernel's last tick."""
    (box / name).write_text(name)
    os.utime(box, ns=(moment, moment))


def names(arrivals: Arrivals, box: Path) -> list[str]:
    return [file.name for file in arrivals.of(box)]


def test_letter_of_the_same_tick_as_the_last_look_is_not_missed(tmp_path: Path) -> None:
    arrivals, tick = Arrivals(), tmp_path.stat().st_mtime_ns
    drop(tmp_path, "1", tick)
    assert names(arrivals, tmp_path) == ["1"]
    drop(tmp_path, "2", tick)
    assert names(arrivals, tmp_path) == ["2"]
    assert names(arrivals, tmp_path) == []


def test_folder_whose_time_has_settled_is_not_listed_again(tmp_path: Path) -> None:
    arrivals, long_ago = Arrivals(), 1_000_000_000
    drop(tmp_path, "1", long_ago)
    assert names(arrivals, tmp_path) == ["1"]
    drop(tmp_path, "2", long_ago)
    assert names(arrivals, tmp_path) == []


def test_folder_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert names(Arrivals(), tmp_path / "later") == []
