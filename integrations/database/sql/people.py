"""The directory in SQL: facts merged field by field, the newest word on each field wins."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from integrations.database.people import Change, ChangeKind, Person
from integrations.database.sql.store import Store
from integrations.database.sql.tables import PersonRow
from integrations.errors import GoneError
from integrations.hr.events import PersonFacts, Status

_KINDS = {
    "end_date": ChangeKind.END_DATE,
    "manager_id": ChangeKind.MANAGER,
    "given_name": ChangeKind.CONTACT,
    "family_name": ChangeKind.CONTACT,
    "work_address": ChangeKind.CONTACT,
    "calendar_provider": ChangeKind.CONTACT,
    "locale": ChangeKind.CONTACT,
    "level": ChangeKind.JOB,
    "title": ChangeKind.JOB,
    "department": ChangeKind.JOB,
    "function": ChangeKind.JOB,
    "zone": ChangeKind.PLACE,
    "site": ChangeKind.PLACE,
    "weekly_hours": ChangeKind.PLACE,
}


class SqlDirectory:
    """Implements the Directory port; who has which ref is remembered, as a person keeps theirs for good."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._refs: dict[str, str] = {}

    def person(self, ref: str) -> Person:
        """The person with this ref; GoneError where there is none."""
        with self._store.reading() as session:
            found = self._people(session, (ref,))
        if ref not in found:
            raise GoneError(f"person {ref} is not in the directory")
        return found[ref]

    def people(self, refs: Collection[str]) -> Mapping[str, Person]:
        """Those of these people who are known, by ref."""
        with self._store.reading() as session:
            return self._people(session, refs)

    def everybody(self) -> tuple[Person, ...]:
        """Everybody known, in the order of their person ids."""
        with self._store.reading() as session:
            rows = session.scalars(select(PersonRow).order_by(PersonRow.person_id)).all()
            refs = {row.person_id: row.ref for row in rows}
            return tuple(_value(row, refs) for row in rows)

    def find(self, *, person_id: str | None = None, address: str | None = None) -> str | None:
        """The ref of the person with this HR id or work address."""
        with self._store.reading() as session:
            wanted = (
                PersonRow.person_id == person_id
                if person_id
                else PersonRow.address == (address or "").lower()
            )
            return session.scalar(select(PersonRow.ref).where(wanted).limit(1))

    def apply(self, facts: Sequence[PersonFacts], occurred_at: datetime, event_id: str) -> tuple[Change, ...]:
        """Merges the facts in one transaction; a repeat changes nothing."""
        stamp = [occurred_at.astimezone(UTC).isoformat(timespec="microseconds"), event_id]
        with self._store.session() as session:
            changes = [self._merge(session, sent, stamp) for sent in facts]
        return tuple(change for change in changes if change.kinds)

    def said(self, ref: str, fields: Collection[str]) -> tuple[datetime, str] | None:
        """The stamp of the newest word on any of these facts."""
        with self._store.reading() as session:
            stamps = session.scalar(select(PersonRow.stamps).where(PersonRow.ref == ref)) or {}
        newest = max((stamps[field] for field in fields if field in stamps), default=None)
        return (datetime.fromisoformat(newest[0]), newest[1]) if newest else None

    def forget(self, ref: str) -> None:
        """Removes the person's row."""
        with self._store.session() as session:
            row = session.get(PersonRow, ref)
            if row:
                self._refs.pop(row.person_id, None)
                session.delete(row)

    def _people(self, session: Session, refs: Collection[str]) -> dict[str, Person]:
        wanted = select(PersonRow.ref, PersonRow.person_id, PersonRow.facts).where(PersonRow.ref.in_(refs))
        rows = session.execute(wanted).all()
        self._refs.update((row.person_id, row.ref) for row in rows)
        named = {row.facts.get(field) for row in rows for field in ("manager_id", "assistant_id")}
        if unknown := {one for one in named if one and one not in self._refs}:
            found = select(PersonRow.person_id, PersonRow.ref).where(PersonRow.person_id.in_(unknown))
            self._refs.update((row.person_id, row.ref) for row in session.execute(found))
        return {row.ref: _value(row, self._refs) for row in rows}

    def _merge(self, session: Session, sent: PersonFacts, stamp: list[str]) -> Change:
        row = session.scalar(select(PersonRow).where(PersonRow.person_id == sent.person_id))
        joined = row is None
        if row is None:
            ref = f"p_{secrets.token_hex(8)}"
            row = PersonRow(ref=ref, person_id=sent.person_id, address="", facts={}, stamps={})
            session.add(row)
        kinds = {ChangeKind.JOINED} if joined else set()
        facts, stamps = dict(row.facts), dict(row.stamps)
        for field, value in sent.model_dump(mode="json", include=sent.model_fields_set).items():
            if field == "person_id" or stamps.get(field, ["", ""]) >= stamp:
                continue
            stamps[field] = stamp
            if facts.get(field) != value:
                facts[field] = value
                kinds |= {_KINDS[field]} if field in _KINDS else set()
                if field == "status" and value == Status.LEFT.value:
                    kinds.add(ChangeKind.LEFT)
        row.facts, row.stamps, row.address = facts, stamps, str(facts.get("work_address") or "").lower()
        session.flush()
        end = facts.get("end_date")
        return Change(
            ref=row.ref,
            kinds=frozenset(kinds),
            end_date=date.fromisoformat(end) if end else None,
            status=Status(facts.get("status") or "active"),
        )


def _value(row: PersonRow | Row[tuple[str, str, dict[str, Any]]], refs: dict[str, str]) -> Person:
    facts: dict[str, Any] = row.facts
    language = str(facts.get("locale") or "en")[:2]
    return Person(
        ref=row.ref,
        person_id=row.person_id,
        given_name=facts.get("given_name") or "",
        family_name=facts.get("family_name") or "",
        address=facts.get("work_address") or "",
        language=language if language in {"en", "fr"} else "en",
        zone=facts.get("zone") or "UTC",
        site=facts.get("site") or "",
        department=facts.get("department") or "",
        function=facts.get("function") or "",
        level=facts.get("level") or 1,
        title=facts.get("title") or "",
        manager_ref=refs.get(facts.get("manager_id") or ""),
        hire_date=facts.get("hire_date"),
        end_date=facts.get("end_date"),
        status=Status(facts.get("status") or "active"),
        weekly_hours=facts.get("weekly_hours") or "Mo-Fr 09:00-12:30,13:30-17:30",
        languages=tuple(facts.get("languages") or (language,)),
        assistant_ref=refs.get(facts.get("assistant_id") or ""),
        calendar_provider=facts.get("calendar_provider") or "",
    )
