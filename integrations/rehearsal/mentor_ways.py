"""The ways of the mentors, from application to certificate, read off answers and letters."""

from collections.abc import Mapping, Sequence
from datetime import UTC

from integrations.answers import Attendance, Purpose
from integrations.database.answers import AnswerRecord
from integrations.database.pairings import PairingRecord
from integrations.database.people import Person
from integrations.rehearsal.chronicle import LetterTold, MentorTold, Milestone

_ANSWERED = {
    Purpose.APPLICATION: "applied",
    Purpose.LINE_MANAGER_CONSENT: "line manager",
    Purpose.SCREENING: "screening",
    Purpose.MATERIALS: "materials",
    Purpose.DRY_RUN: "dry run",
}
_WRITTEN = {"mentor-certified": "certified", "certificate": "certificate"}
_HALF_DAYS = 3


def mentors_told(
    statuses: Mapping[str, str],
    people: Mapping[str, Person],
    pairings: Sequence[PairingRecord],
    answers: Sequence[AnswerRecord],
    letters: Sequence[LetterTold],
) -> tuple[MentorTold, ...]:
    """Everybody who applied, in the order of their applications; answers and letters come oldest first."""
    told = [
        MentorTold(
            ref=ref,
            name=people[ref].name if ref in people else ref,
            title=people[ref].title if ref in people else "",
            status=status,
            milestones={**_answered(ref, answers), **_trained(ref, answers), **_written(ref, letters)},
            pairings=tuple(one.id for one in pairings if one.mentor_ref == ref),
        )
        for ref, status in statuses.items()
    ]
    return tuple(sorted(told, key=_order))


def _order(one: MentorTold) -> tuple[str, str]:
    applied = one.milestones.get("applied")
    return (applied.at.isoformat() if applied else "9999", one.ref)


def _answered(ref: str, answers: Sequence[AnswerRecord]) -> dict[str, Milestone]:
    """The last answer of each purpose in the mentor's own life."""
    return {
        _ANSWERED[one.purpose]: Milestone(at=one.answered_at.astimezone(UTC), said=one.choice)
        for one in answers
        if one.purpose in _ANSWERED and one.life.startswith("mentor/") and one.life.endswith(f"/{ref}")
    }


def _trained(ref: str, answers: Sequence[AnswerRecord]) -> dict[str, Milestone]:
    """The half-days this mentor was seen at."""
    seen = [
        one
        for one in answers
        if one.purpose is Purpose.ATTENDANCE and isinstance(one.form, Attendance) and ref in one.form.present
    ]
    if not seen:
        return {}
    said = f"{len(seen)} of {_HALF_DAYS}"
    return {"training": Milestone(at=seen[-1].answered_at.astimezone(UTC), said=said)}


def _written(ref: str, letters: Sequence[LetterTold]) -> dict[str, Milestone]:
    return {
        _WRITTEN[one.letter]: Milestone(at=one.sent_at, letter=one.number if one.in_mailbox else None)
        for one in letters
        if one.letter in _WRITTEN and one.person_ref == ref
    }
