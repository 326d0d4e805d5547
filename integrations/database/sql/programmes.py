"""Programmes, pairings and ideas in SQL."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, Text, delete, func, or_, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import InstrumentedAttribute

from integrations.database.ideas import IdeaRecord
from integrations.database.pairings import RUNNING, PairingRecord
from integrations.database.sql.store import Store
from integrations.database.sql.tables import (
    AnswerRow,
    AskRow,
    BookingRow,
    IdeaRow,
    LetterRow,
    LinkRow,
    MailInvitationRow,
    MailReplyRow,
    MatchingRow,
    MentorRow,
    PairingRow,
    ProgrammeRow,
    TaskRow,
)
from integrations.errors import GoneError
from integrations.programme import Programme

_DOSSIERS: Final = (AskRow, AnswerRow, IdeaRow, TaskRow, BookingRow, LetterRow)
_BY_MAIL: Final = (MailInvitationRow, MailReplyRow)
_REPORT: Final = "/report"
_PROPOSING: Final = 7_240_119


@lru_cache(maxsize=64)
def _programme(content: str) -> Programme:
    """A programme by its kept text: validated once, however often it is read."""
    return Programme.model_validate_json(content)


def cast_to_text(column: InstrumentedAttribute[dict[str, Any]]) -> ColumnElement[str]:
    """A JSON column as the text it is kept as."""
    return sql_cast(column, Text)


class SqlProgrammes:
    """Implements the Programmes port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, programme: Programme) -> None:
        """Keeps the file."""
        with self._store.session() as session:
            session.merge(ProgrammeRow(id=programme.id, content=programme.model_dump(mode="json")))

    def load(self, programme_id: str) -> Programme:
        """The programme; GoneError where it is not known."""
        wanted = select(cast_to_text(ProgrammeRow.content)).where(ProgrammeRow.id == programme_id)
        with self._store.reading() as session:
            content = session.scalar(wanted)
        if content is None:
            raise GoneError(f"programme {programme_id} is not known; open it with its file first")
        return _programme(content)

    def ids(self) -> tuple[str, ...]:
        """The ids of all programmes."""
        with self._store.reading() as session:
            return tuple(session.scalars(select(ProgrammeRow.id).order_by(ProgrammeRow.id)))

    def set_mentor_status(self, programme_id: str, mentor_ref: str, status: str) -> None:
        """Remembers where a mentor stands."""
        with self._store.session() as session:
            session.merge(MentorRow(programme_id=programme_id, mentor_ref=mentor_ref, status=status))

    def mentors(self, programme_id: str) -> dict[str, str]:
        """Where every mentor stands, by ref."""
        with self._store.reading() as session:
            rows = session.scalars(select(MentorRow).where(MentorRow.programme_id == programme_id))
            return {row.mentor_ref: row.status for row in rows}

    def of_mentor(self, mentor_ref: str) -> tuple[str, ...]:
        """The programmes of a mentor."""
        wanted = select(MentorRow.programme_id).where(MentorRow.mentor_ref == mentor_ref)
        with self._store.reading() as session:
            return tuple(session.scalars(wanted.order_by(MentorRow.programme_id)))

    def destroy_dossiers(self, programme_id: str) -> int:
        """Destroys what people said: answers, links, ideas, tasks, bookings, replies and the mail ledger."""
        with self._store.session() as session:
            asks = select(AskRow.id).where(AskRow.programme_id == programme_id)
            keys = select(BookingRow.key).where(BookingRow.programme_id == programme_id)
            doomed = (
                *(delete(table).where(table.booking_key.in_(keys)) for table in _BY_MAIL),
                delete(LinkRow).where(LinkRow.ask_id.in_(asks)),
                delete(MatchingRow).where(
                    MatchingRow.programme_id == programme_id, ~MatchingRow.id.endswith(_REPORT)
                ),
                *(delete(table).where(table.programme_id == programme_id) for table in _DOSSIERS),
            )
            return sum(cast("CursorResult[Any]", session.execute(one)).rowcount for one in doomed)


class SqlPairings:
    """Implements the Pairings port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def propose(self, record: PairingRecord, places: int | None = None) -> bool:
        """Keeps a proposed pairing once, where the mentor has a place left; one at a time."""
        values = record.model_dump()
        with self._store.session() as session:
            self._store.take_turns(session, _PROPOSING)
            if places is not None and session.get(PairingRow, record.id) is None:
                taken = select(func.count()).where(
                    PairingRow.mentor_ref == record.mentor_ref, PairingRow.status.in_(RUNNING)
                )
                if (session.scalar(taken) or 0) >= places:
                    return False
            self._store.insert_new(session, PairingRow, **values, changed_at=record.proposed_at)
            return True

    def of_programme(self, programme_id: str) -> tuple[PairingRecord, ...]:
        """All pairings of a programme."""
        with self._store.reading() as session:
            wanted = select(PairingRow).where(PairingRow.programme_id == programme_id).order_by(PairingRow.id)
            return tuple(
                PairingRecord.model_validate(row, from_attributes=True) for row in session.scalars(wanted)
            )

    def of_person(self, ref: str) -> tuple[PairingRecord, ...]:
        """All pairings of a person."""
        wanted = select(PairingRow).where(or_(PairingRow.mentor_ref == ref, PairingRow.mentee_ref == ref))
        with self._store.reading() as session:
            found = session.scalars(wanted.order_by(PairingRow.id))
            return tuple(PairingRecord.model_validate(row, from_attributes=True) for row in found)

    def get(self, pairing_id: str) -> PairingRecord:
        """The pairing; GoneError where it is not known."""
        with self._store.reading() as session:
            row = session.get(PairingRow, pairing_id)
            if row is None:
                raise GoneError(f"pairing {pairing_id} is not known")
            return PairingRecord.model_validate(row, from_attributes=True)

    def set_status(self, pairing_id: str, status: str, held: int, at: datetime) -> None:
        """Remembers where a pairing stands."""
        with self._store.session() as session:
            row = session.get(PairingRow, pairing_id)
            if row is None:
                raise GoneError(f"pairing {pairing_id} is not known")
            row.status, row.held, row.changed_at = status, held, at

    def save_matching(self, matching_id: str, programme_id: str, content: Mapping[str, Any]) -> None:
        """Keeps what a matching found."""
        with self._store.session() as session:
            session.merge(MatchingRow(id=matching_id, programme_id=programme_id, content=dict(content)))

    def replace_matching(
        self, matching_id: str, content: Mapping[str, Any], instead_of: Mapping[str, Any]
    ) -> bool:
        """Keeps other content under a known id, where it still holds what it should replace."""
        with self._store.session() as session:
            self._store.take_turns(session, _PROPOSING)
            row = session.get(MatchingRow, matching_id)
            if row is None or row.content != dict(instead_of):
                return False
            row.content = dict(content)
            return True

    def matching(self, matching_id: str) -> Mapping[str, Any]:
        """What was kept under this id."""
        with self._store.reading() as session:
            row = session.get(MatchingRow, matching_id)
        if row is None:
            raise GoneError(f"matching {matching_id} is not known")
        return row.content


class SqlIdeas:
    """Implements the Ideas port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, idea: IdeaRecord) -> None:
        """Keeps the idea as it is now."""
        with self._store.session() as session:
            session.merge(IdeaRow(**idea.model_dump()))

    def get(self, idea_id: str) -> IdeaRecord:
        """The idea; GoneError where it is not known."""
        with self._store.reading() as session:
            row = session.get(IdeaRow, idea_id)
            if row is None:
                raise GoneError(f"idea {idea_id} is not known")
            return IdeaRecord.model_validate(row, from_attributes=True)

    def of_programme(self, programme_id: str) -> tuple[IdeaRecord, ...]:
        """All ideas of a programme."""
        with self._store.reading() as session:
            wanted = select(IdeaRow).where(IdeaRow.programme_id == programme_id).order_by(IdeaRow.id)
            return tuple(
                IdeaRecord.model_validate(row, from_attributes=True) for row in session.scalars(wanted)
            )
