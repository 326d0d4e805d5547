"""Programmes, pairings and ideas in SQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from integrations.database.ideas import IdeaRecord
from integrations.database.pairings import PairingRecord
from integrations.database.sql.store import Store
from integrations.database.sql.tables import IdeaRow, MatchingRow, MentorRow, PairingRow, ProgrammeRow
from integrations.errors import GoneError
from integrations.programme import Programme


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
        with self._store.session() as session:
            row = session.get(ProgrammeRow, programme_id)
        if row is None:
            raise GoneError(f"programme {programme_id} is not known; open it with its file first")
        return Programme.model_validate(row.content)

    def set_mentor_status(self, programme_id: str, mentor_ref: str, status: str) -> None:
        """Remembers where a mentor stands."""
        with self._store.session() as session:
            session.merge(MentorRow(programme_id=programme_id, mentor_ref=mentor_ref, status=status))

    def mentors(self, programme_id: str) -> dict[str, str]:
        """Where every mentor stands, by ref."""
        with self._store.session() as session:
            rows = session.scalars(select(MentorRow).where(MentorRow.programme_id == programme_id))
            return {row.mentor_ref: row.status for row in rows}


class SqlPairings:
    """Implements the Pairings port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def propose(self, record: PairingRecord) -> None:
        """Keeps a proposed pairing once."""
        values = record.model_dump()
        with self._store.session() as session:
            self._store.insert_new(session, PairingRow, **values, changed_at=record.proposed_at)

    def of_programme(self, programme_id: str) -> tuple[PairingRecord, ...]:
        """All pairings of a programme."""
        with self._store.session() as session:
            wanted = select(PairingRow).where(PairingRow.programme_id == programme_id).order_by(PairingRow.id)
            return tuple(
                PairingRecord.model_validate(row, from_attributes=True) for row in session.scalars(wanted)
            )

    def set_status(self, pairing_id: str, status: str, at: datetime) -> None:
        """Remembers where a pairing stands."""
        with self._store.session() as session:
            row = session.get(PairingRow, pairing_id)
            if row is None:
                raise GoneError(f"pairing {pairing_id} is not known")
            row.status, row.changed_at = status, at

    def save_matching(self, matching_id: str, programme_id: str, content: Mapping[str, Any]) -> None:
        """Keeps what a matching found."""
        with self._store.session() as session:
            session.merge(MatchingRow(id=matching_id, programme_id=programme_id, content=dict(content)))

    def matching(self, matching_id: str) -> Mapping[str, Any]:
        """What was kept under this id."""
        with self._store.session() as session:
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
        with self._store.session() as session:
            row = session.get(IdeaRow, idea_id)
            if row is None:
                raise GoneError(f"idea {idea_id} is not known")
            return IdeaRecord.model_validate(row, from_attributes=True)

    def of_programme(self, programme_id: str) -> tuple[IdeaRecord, ...]:
        """All ideas of a programme."""
        with self._store.session() as session:
            wanted = select(IdeaRow).where(IdeaRow.programme_id == programme_id).order_by(IdeaRow.id)
            return tuple(
                IdeaRecord.model_validate(row, from_attributes=True) for row in session.scalars(wanted)
            )
