"""Invitations and replies by mail in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from integrations.calendars.calendar import Rsvp, Window
from integrations.database.mail_replies import MailInvitation, MailReply
from integrations.database.sql.store import Store
from integrations.database.sql.tables import MailInvitationRow, MailReplyRow


class SqlMailReplies:
    """Implements the MailReplies port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def invite(self, uid: str, key: str, generation: int, refs: Sequence[str]) -> None:
        """Remembers whom the invitations of this UID go to."""
        with self._store.session() as session:
            for ref in refs:
                self._store.insert_new(
                    session,
                    MailInvitationRow,
                    uid=uid,
                    person_ref=ref,
                    booking_key=key,
                    generation=generation,
                )

    def invitation(self, uid: str) -> MailInvitation | None:
        """What this UID stands for."""
        wanted = select(MailInvitationRow).where(MailInvitationRow.uid == uid)
        with self._store.reading() as session:
            rows = session.scalars(wanted.order_by(MailInvitationRow.person_ref)).all()
        if not rows:
            return None
        refs = tuple(row.person_ref for row in rows)
        return MailInvitation(key=rows[0].booking_key, generation=rows[0].generation, refs=refs)

    def keep(self, reply: MailReply) -> bool:
        """Keeps a reply unless a later one is kept; of two at once the later one stays."""
        where = {
            "booking_key": reply.key,
            "generation": reply.generation,
            "person_ref": reply.person_ref,
        }
        with self._store.session() as session:
            if self._store.insert_new(session, MailReplyRow, **where, **_values(reply)):
                return True
            row = session.get_one(MailReplyRow, where, with_for_update=True)
            merged = _after(_reply(row), reply)
            if merged is None:
                return False
            for name, value in _values(merged).items():
                setattr(row, name, value)
            return True

    def replies(self, key: str, generation: int) -> tuple[MailReply, ...]:
        """The last reply of each person."""
        wanted = select(MailReplyRow).where(
            MailReplyRow.booking_key == key, MailReplyRow.generation == generation
        )
        with self._store.reading() as session:
            return tuple(map(_reply, session.scalars(wanted.order_by(MailReplyRow.person_ref))))


def _after(known: MailReply, reply: MailReply) -> MailReply | None:
    """What is kept of a reply that comes after the known one; None where nothing changes."""
    before, now = (known.sequence, known.stamp), (reply.sequence, reply.stamp)
    if now < before:
        return None
    wish = reply.proposed or (known.proposed if now == before else None)
    said = (reply.rsvp, wish)
    same = now == before and said == (known.rsvp, known.proposed)
    return None if same else reply.model_copy(update={"proposed": wish})


def _values(reply: MailReply) -> dict[str, Any]:
    return {
        "sequence": reply.sequence,
        "stamp": reply.stamp,
        "rsvp": reply.rsvp.value,
        "proposed_start": reply.proposed.start if reply.proposed else None,
        "proposed_end": reply.proposed.end if reply.proposed else None,
        "received_at": reply.received_at,
    }


def _reply(row: MailReplyRow) -> MailReply:
    start, end = row.proposed_start, row.proposed_end
    return MailReply(
        key=row.booking_key,
        generation=row.generation,
        person_ref=row.person_ref,
        sequence=row.sequence,
        stamp=row.stamp,
        rsvp=Rsvp(row.rsvp),
        proposed=Window(start=start, end=end) if start and end else None,
        received_at=row.received_at,
    )
