"""What the source archive brings along: all that the Makefile, the README and the tests name."""

import tarfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder

ROOT = Path(__file__).parents[1]
ROOMS = ("activities", "bench", "docs", "integrations", "tests", "workflows")
KINDS = ("*.py", "*.md", "*.svg", "*.toml", "*.csv", "*.j2", "*.css", "*.html", "*.gz")


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The paths in the source archive, as it is built."""
    (archive,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("archive")))
    with tarfile.open(archive) as packed:
        return {name.partition("/")[2] for name in packed.getnames()}


@pytest.mark.parametrize("room", ROOMS)
def test_room_is_archived_whole(archived: set[str], room: str) -> None:
    there = {path.relative_to(ROOT).as_posix() for kind in KINDS for path in (ROOT / room).rglob(kind)}
    assert there
    assert there - archived == set()


def test_files_beside_the_rooms_are_archived(archived: set[str]) -> None:
    beside = {"worker.py", "Makefile", "requirements.lock", "CHANGELOG.md", "README.md", "LICENSE"}
    assert beside | {"pyproject.toml"} <= archived
