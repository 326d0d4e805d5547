"""The stages and sessions of a pairing, read off what was booked, written and said."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from integrations.answers import Purpose
from integrations.database.answers import AnswerRecord
from integrations.database.bookings import Booking, BookingStatus
from integrations.rehearsal.chronicle import Became, Entry, EntryKind, Session, Stretch

_SESSION = re.compile(r"(?:^|/)session/(\d+)/(\d+)$")
_HAPPENED = re.compile(r"^session/(\d+)/(\d+)/happened/(\d+)$")


def sessions(bookings: Sequence[Booking], answers: Sequence[AnswerRecord]) -> tuple[Session, ...]:
    """Every try of every session of one pairing by its start, with what the two said of it."""
    told = [
        Session(
            number=number,
            attempt=attempt,
            start=one.start.astimezone(UTC),
            end=one.end.astimezone(UTC),
            became=_became(one, _said(answers, number, attempt)),
        )
        for one, number, attempt in _tries(bookings)
    ]
    return tuple(sorted(told, key=lambda one: (one.start, one.number, one.attempt)))


def stages(
    timeline: Sequence[Entry], tries: Sequence[Session], bookings: Sequence[Booking]
) -> tuple[Stretch, ...]:
    """The stages a pairing went through; each ends where the next begins, the last with the timeline.

    A stage begins with the letter or meeting that only it brings; one that never began is left out. The hours
    of cancelled meetings, which may lie after the end, stretch nothing.
    """
    kick_off = [one.end for one in bookings if one.kind == "kick-off" and _stands(one)]
    over = [one.end for one in tries if one.became is not Became.CANCELLED]
    countersigned = _first(timeline, "agreement-countersigned")
    reviewed = _first(timeline, "closing-review")
    begins = (
        ("consent", timeline[0].at),
        ("kick-off", _first(timeline, "pairing-confirmed")),
        ("sessions", max([countersigned, *kick_off]) if countersigned else None),
        ("closing review", max(over) if reviewed and over else reviewed),
        ("certificates", _first(timeline, "closing-summary")),
        ("follow-up", _first(timeline, "thanks-mentee")),
    )
    begun = [(name, at) for name, at in begins if at]
    last = max(one.at for one in timeline if one.said != Became.CANCELLED)
    ends = [*(at for _, at in begun[1:]), last]
    return tuple(
        Stretch(stage=name, start=start, end=max(start, end))
        for (name, start), end in zip(begun, ends, strict=True)
    )


def _tries(bookings: Sequence[Booking]) -> Iterator[tuple[Booking, int, int]]:
    for one in bookings:
        if found := _SESSION.search(one.key):
            yield one, int(found[1]), int(found[2])


def _said(answers: Sequence[AnswerRecord], number: int, attempt: int) -> set[str]:
    """What was said of this try; where it was asked again after a move, only the last asking counts."""
    said: dict[int, set[str]] = {}
    for one in answers:
        found = _HAPPENED.match(one.ask_key) if one.purpose is Purpose.HAPPENED else None
        if found and (int(found[1]), int(found[2])) == (number, attempt):
            said.setdefault(int(found[3]), set()).add(one.choice)
    return said[max(said)] if said else set()


def _became(booking: Booking, said: set[str]) -> Became:
    """Nobody contradicted means held; contradiction is unconfirmed, and so is silence once it was held."""
    if not _stands(booking):
        return Became.CANCELLED
    if not said:
        return Became.BOOKED
    if said == {"held"}:
        return Became.HELD
    return Became.UNCONFIRMED if "held" in said else Became.MISSED


def _stands(booking: Booking) -> bool:
    return booking.status is not BookingStatus.CANCELLED


def _first(timeline: Sequence[Entry], letter: str) -> datetime | None:
    return next((one.at for one in timeline if one.kind is EntryKind.LETTER and one.what == letter), None)
