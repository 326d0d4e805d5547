"""Links and answers in SQL."""

import hashlib
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from integrations.answers import Form, Purpose
from integrations.database.answers import AnswerRecord
from integrations.database.links import Link, LinkProblem
from integrations.database.sql.store import Store
from integrations.database.sql.tables import AnswerRow, AskRow, LinkRow
from integrations.errors import GoneError


class SqlLinks:
    """Implements the Links port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def issue(self, link: Link, token: str) -> None:
        """Keeps a link by the hash of its token."""
        ask_id = _digest(f"{link.life}\n{link.ask_key}\n{link.person_ref}")
        ask = {"id": ask_id, "programme_id": link.programme_id, "life": link.life}
        ask |= {"ask_key": link.ask_key, "person_ref": link.person_ref}
        with self._store.session() as session:
            self._store.insert_new(session, AskRow, **ask, used_at=None)
            session.add(
                LinkRow(
                    token_hash=_digest(token),
                    ask_id=ask_id,
                    content=link.model_dump(mode="json"),
                    expires_at=link.expires_at,
                )
            )

    def open(self, token: str, now: datetime) -> Link | LinkProblem:
        """The link of a token, without any effect."""
        with self._store.reading() as session:
            return self._usable(session, token, now)

    def answer(self, token: str, form: Form, now: datetime) -> AnswerRecord | LinkProblem:
        """Keeps the answer and uses up the ask, in one transaction."""
        with self._store.session() as session:
            link = self._usable(session, token, now)
            if isinstance(link, LinkProblem):
                return link
            ask_id = _digest(f"{link.life}\n{link.ask_key}\n{link.person_ref}")
            used = update(AskRow).where(AskRow.id == ask_id, AskRow.used_at.is_(None)).values(used_at=now)
            if not session.connection().execute(used).rowcount:
                return LinkProblem.USED
            row = AnswerRow(
                id=f"a_{ask_id[:24]}",
                purpose=link.purpose.value,
                programme_id=link.programme_id,
                life=link.life,
                ask_key=link.ask_key,
                person_ref=link.person_ref,
                choice=form.choice,
                content=form.model_dump(mode="json"),
                answered_at=now,
                delivered_at=None,
            )
            session.add(row)
            session.flush()
            return _record(row)

    @staticmethod
    def _usable(session: Session, token: str, now: datetime) -> Link | LinkProblem:
        row = session.get(LinkRow, _digest(token))
        if row is None:
            return LinkProblem.UNKNOWN
        ask = session.get(AskRow, row.ask_id)
        if ask is None or ask.used_at is not None:
            return LinkProblem.USED
        if row.expires_at <= now:
            return LinkProblem.EXPIRED
        return Link.model_validate(row.content)


class SqlAnswers:
    """Implements the Answers port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, answer_id: str) -> AnswerRecord:
        """The answer; GoneError where it is not known."""
        with self._store.reading() as session:
            row = session.get(AnswerRow, answer_id)
        if row is None:
            raise GoneError(f"answer {answer_id} is not known")
        return _record(row)

    def of_life(self, life: str, purpose: Purpose) -> tuple[AnswerRecord, ...]:
        """What a life was answered for a purpose, oldest first."""
        wanted = select(AnswerRow).where(AnswerRow.life == life, AnswerRow.purpose == purpose.value)
        with self._store.reading() as session:
            return tuple(map(_record, session.scalars(wanted.order_by(AnswerRow.answered_at))))

    def of_programme(
        self, programme_id: str, purpose: Purpose, person_ref: str | None = None
    ) -> tuple[AnswerRecord, ...]:
        """What a programme was answered for a purpose, by one person or by all, oldest first."""
        wanted = select(AnswerRow).where(
            AnswerRow.programme_id == programme_id, AnswerRow.purpose == purpose.value
        )
        if person_ref:
            wanted = wanted.where(AnswerRow.person_ref == person_ref)
        with self._store.reading() as session:
            return tuple(map(_record, session.scalars(wanted.order_by(AnswerRow.answered_at))))

    def undelivered(self, limit: int) -> tuple[AnswerRecord, ...]:
        """Answers whose life was not told yet, oldest first."""
        wanted = select(AnswerRow).where(AnswerRow.delivered_at.is_(None))
        with self._store.reading() as session:
            return tuple(map(_record, session.scalars(wanted.order_by(AnswerRow.answered_at).limit(limit))))

    def mark_delivered(self, answer_id: str, at: datetime) -> None:
        """Remembers that the life was told."""
        with self._store.session() as session:
            session.execute(update(AnswerRow).where(AnswerRow.id == answer_id).values(delivered_at=at))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _record(row: AnswerRow) -> AnswerRecord:
    return AnswerRecord(
        id=row.id,
        purpose=Purpose(row.purpose),
        programme_id=row.programme_id,
        life=row.life,
        ask_key=row.ask_key,
        person_ref=row.person_ref,
        choice=row.choice,
        content=row.content,
        answered_at=row.answered_at,
    )
