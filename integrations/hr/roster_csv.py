"""The roster: a CSV snapshot of who works for the company, read row by row and merged into the directory."""

import csv
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from integrations.errors import InvalidError
from integrations.hr.events import PersonFacts, Status
from integrations.hr.person_facts import FactsError, read_facts

if TYPE_CHECKING:
    # The database is built on the facts defined here; this way back is one of names alone.
    from integrations.database.people import Change, Directory, Person

REQUIRED: Final = (
    *("person_id", "given_name", "family_name", "work_address", "locale", "zone", "site", "department"),
    *("function", "level", "title", "manager_id", "hire_date"),
)
OPTIONAL: Final = ("end_date", "status", "weekly_hours", "languages", "assistant_id", "calendar_provider")
MAX_VANISHING_PERCENT: Final = 5

_COLUMNS: Final = frozenset(REQUIRED + OPTIONAL)
_NEVER_EMPTY: Final = ("person_id", "family_name", "work_address", "zone", "level")
# A writer of SQLite keeps all others waiting: 200 people take it a second at most.
_BATCH: Final = 200
_BETWEEN_LANGUAGES: Final = re.compile(r"[;,/| ]+")

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Quarantined:
    """A row that was left out; `line` is where it ends in the file, the reason repeats no value."""

    line: int
    reason: str


@dataclass(frozen=True)
class Roster:
    """What a file says: facts in the order of its rows, rows left out, and everybody whom it names at all."""

    facts: tuple[PersonFacts, ...]
    quarantined: tuple[Quarantined, ...]
    named: frozenset[str]


def read_roster(path: Path) -> Roster:
    """Reads a roster file: UTF-8 with or without BOM, comma or semicolon, a header of PersonFacts' names.

    An empty cell says that there is none; an optional column that is missing says nothing; other columns are
    dropped unread. A wrong row is quarantined with its reason and the rest stands. Raises InvalidError where
    the file as a whole cannot be trusted: missing or repeated columns, another encoding, broken quotes.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(file).roster()
    except OSError as error:
        raise InvalidError(f"the roster cannot be opened: {error.strerror}") from error
    except UnicodeDecodeError:
        raise InvalidError("the roster is not in UTF-8; save it as CSV UTF-8") from None
    except csv.Error as error:
        raise InvalidError(f"the roster is not CSV as RFC 4180 has it: {error}") from error


def import_roster(
    directory: "Directory", roster: Roster, occurred_at: datetime, event_id: str
) -> "tuple[Change, ...]":
    """Merges a roster into the directory and returns what that changed.

    Merged in batches, so that deliveries get their turn in between; doing it again, also after a crash
    halfway, changes only what is not merged yet.

    People whom the file no longer names stay as they are, because a departure is said by end date or status;
    where too many are missing nothing is merged (InvalidError). A later event keeps its word on each field.
    """
    staying = {person.person_id for person in directory.everybody() if _stays(person, occurred_at)}
    missing = len(staying - roster.named)
    check_vanished(len(staying), missing)
    batches = (roster.facts[first : first + _BATCH] for first in range(0, len(roster.facts), _BATCH))
    changes = tuple(change for batch in batches for change in directory.apply(batch, occurred_at, event_id))
    extra = {"changed": len(changes), "missing": missing, "quarantined": len(roster.quarantined)}
    _logger.info("roster.imported", extra=extra)
    return changes


def check_vanished(known: int, vanishing: int) -> None:
    """Raises InvalidError where more than five in a hundred known people are missing from a file."""
    if vanishing * 100 > known * MAX_VANISHING_PERCENT:
        raise InvalidError(
            f"{vanishing} of {known} known people are missing from the roster, more than"
            f" {MAX_VANISHING_PERCENT} %; it looks cut short. Give those who left an end date"
        )


@dataclass
class _Reading:
    """The rows taken so far, by person."""

    columns: Sequence[str]
    facts: dict[str, tuple[int, PersonFacts]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)

    def take(self, line: int, cells: Sequence[str]) -> None:
        """Takes one row, or quarantines it; of two rows about one person neither can be trusted."""
        row = dict(zip(self.columns, cells, strict=False))
        person_id = row.get("person_id", "")
        first = self.lines.setdefault(person_id, line) if person_id else line
        if first != line:
            self._quarantine(line, f"person_id: the person is in line {first} already")
            if self.facts.pop(person_id, None):
                self._quarantine(first, f"person_id: the person is in line {line} again")
        elif len(cells) != len(self.columns):
            self._quarantine(line, f"has {len(cells)} cells where the header has {len(self.columns)}")
        else:
            self._read(line, row)

    def roster(self) -> Roster:
        """What the file says as a whole: who refers to whom is looked into once everybody is known."""
        circular = _in_a_circle({person: facts.manager_id for person, (_, facts) in self.facts.items()})
        for person_id, (line, facts) in list(self.facts.items()):
            if reason := self._wrong_reference(facts, circular):
                del self.facts[person_id]
                self._quarantine(line, reason)
        return Roster(
            facts=tuple(facts for _, facts in self.facts.values()),
            quarantined=tuple(sorted(self.quarantined, key=lambda left_out: left_out.line)),
            named=frozenset(self.lines),
        )

    def _read(self, line: int, row: dict[str, str]) -> None:
        try:
            self.facts[row["person_id"]] = (line, _facts(row))
        except FactsError as error:
            self._quarantine(line, str(error))

    def _wrong_reference(self, facts: PersonFacts, circular: set[str]) -> str | None:
        """Rows in quarantine may be referred to: otherwise one wrong row would take its whole team along."""
        if facts.manager_id and facts.manager_id not in self.lines:
            return "manager_id: the manager is not in the roster"
        if facts.assistant_id and facts.assistant_id not in self.lines:
            return "assistant_id: the assistant is not in the roster"
        if facts.person_id in circular:
            return "manager_id: the reporting line runs in a circle"
        return None

    def _quarantine(self, line: int, reason: str) -> None:
        self.quarantined.append(Quarantined(line, reason))


def _read(file: TextIO) -> _Reading:
    """Reads header and rows; rows of empty cells only, which spreadsheets leave behind, are none."""
    first_line = file.readline()
    file.seek(0)
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    rows = csv.reader(file, delimiter=delimiter, strict=True)
    columns = [name.strip() for name in next(rows, [])]
    _check_columns(columns)
    reading = _Reading(columns)
    for cells in rows:
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            reading.take(rows.line_num, stripped)
    return reading


def _check_columns(columns: Sequence[str]) -> None:
    missing = [name for name in REQUIRED if name not in columns]
    repeated = sorted({name for name in (*REQUIRED, *OPTIONAL) if columns.count(name) > 1})
    if missing:
        raise InvalidError(f"the roster lacks the columns {', '.join(missing)}")
    if repeated:
        raise InvalidError(f"the roster repeats the columns {', '.join(repeated)}")


def _facts(row: dict[str, str]) -> PersonFacts:
    written: dict[str, Any] = {name: cell or None for name, cell in row.items() if name in _COLUMNS}
    if written.get("languages"):
        written["languages"] = tuple(_BETWEEN_LANGUAGES.split(row["languages"]))
    empty = {name: "must not be empty" for name in _NEVER_EMPTY if written[name] is None}
    if empty:
        raise FactsError(empty)
    return read_facts(written)


def _in_a_circle(managers: dict[str, str | None]) -> set[str]:
    """Everybody who is somewhere above themselves."""
    circular: set[str] = set()
    done: set[str] = set()
    for start in managers:
        path: list[str] = []
        person: str | None = start
        while person and person in managers and person not in done:
            done.add(person)
            path.append(person)
            person = managers[person]
        if person in path:
            circular.update(path[path.index(person) :])
    return circular


def _stays(person: "Person", at: datetime) -> bool:
    ended = person.end_date is not None and person.end_date <= at.date()
    return person.status is not Status.LEFT and not ended
