"""Sessions and stages of a pairing, read off what was booked, written and said."""

from datetime import datetime, timedelta

import pytest

from integrations.answers import Purpose
from integrations.database.answers import AnswerRecord
from integrations.database.bookings import Booking, BookingStatus
from integrations.rehearsal.chronicle import Became, Entry, EntryKind
from integrations.rehearsal.pairing_stages import sessions, stages
from tests.integrations.rehearsal.played import at

LIFE = "pairing/digital/p_2/1"


def booking(name: str, start: datetime, status: BookingStatus = BookingStatus.BOOKED) -> Booking:
    return Booking(
        key=f"{LIFE}/{name}",
        programme_id="digital",
        life=LIFE,
        kind=name.partition("/")[0],
        start=start,
        end=start + timedelta(hours=1),
        attendees=(),
        status=status,
    )


def said(choice: str, ask_key: str, person: str = "p_1") -> AnswerRecord:
    return AnswerRecord(
        id=f"{ask_key}/{person}",
        purpose=Purpose.HAPPENED,
        programme_id="digital",
        life=LIFE,
        ask_key=ask_key,
        person_ref=person,
        choice=choice,
        content={"choice": choice},
        answered_at=at(1),
    )


def letter(day: int, what: str) -> Entry:
    return Entry(at=at(day), kind=EntryKind.LETTER, what=what)


@pytest.mark.parametrize(
    ("choices", "became"),
    [
        ((), Became.BOOKED),
        (("held",), Became.HELD),
        (("held", "held"), Became.HELD),
        (("held", "other-absent"), Became.UNCONFIRMED),
        (("i-could-not",), Became.MISSED),
        (("other-absent", "moved"), Became.MISSED),
    ],
)
def test_session_became_what_its_pair_said(choices: tuple[str, ...], became: Became) -> None:
    answers = [said(one, "session/2/0/happened/0", f"p_{n}") for n, one in enumerate(choices)]
    [told] = sessions([booking("session/2/0", at(5)), booking("kick-off", at(1))], answers)
    assert (told.number, told.attempt, told.became) == (2, 0, became)


def test_session_cancelled_is_cancelled_whatever_was_said() -> None:
    lost = booking("session/1/0", at(5), BookingStatus.CANCELLED)
    [told] = sessions([lost], [said("held", "session/1/0/happened/0")])
    assert told.became is Became.CANCELLED


def test_session_asked_about_again_after_a_move_is_what_was_said_last() -> None:
    answers = [said("moved", "session/1/0/happened/0"), said("held", "session/1/0/happened/10")]
    [told] = sessions([booking("session/1/0", at(5))], answers)
    assert told.became is Became.HELD


def test_session_is_not_judged_by_another_try() -> None:
    told = sessions(
        [booking("session/1/1", at(9)), booking("session/1/0", at(5))],
        [said("held", "session/1/1/happened/0"), said("other-absent", "session/1/0/happened/0")],
    )
    assert [(one.attempt, one.became) for one in told] == [(0, Became.MISSED), (1, Became.HELD)]


def test_stages_of_a_whole_life_follow_one_another() -> None:
    bookings = [booking("kick-off", at(8)), booking("session/1/0", at(20)), booking("session/2/0", at(48))]
    timeline = [
        letter(0, "proposal-to-mentee"),
        letter(5, "pairing-confirmed"),
        letter(7, "agreement-countersigned"),
        letter(50, "closing-review"),
        letter(60, "closing-summary"),
        letter(65, "thanks-mentee"),
        letter(155, "follow-up"),
    ]
    told = stages(timeline, sessions(bookings, []), bookings)
    assert [(one.stage, one.start, one.end) for one in told] == [
        ("consent", at(0), at(5)),
        ("kick-off", at(5), at(8, 10)),
        ("sessions", at(8, 10), at(48, 10)),
        ("closing review", at(48, 10), at(60)),
        ("certificates", at(60), at(65)),
        ("follow-up", at(65), at(155)),
    ]


def test_stages_of_a_declined_proposal_are_its_consent_only() -> None:
    told = stages([letter(0, "proposal-to-mentee"), letter(4, "proposal-closed")], (), [])
    assert [(one.stage, one.start, one.end) for one in told] == [("consent", at(0), at(4))]


def test_stages_are_not_stretched_by_a_meeting_that_was_cancelled() -> None:
    lost = Entry(at=at(30), kind=EntryKind.MEETING, what="session 2", said="cancelled")
    told = stages([letter(0, "proposal-to-mentee"), letter(4, "pairing-ended"), lost], (), [])
    assert [one.end for one in told] == [at(4)]


def test_stages_never_end_before_they_begin() -> None:
    bookings = [booking("session/1/0", at(90))]
    timeline = [letter(0, "proposal-to-mentee"), letter(10, "closing-review"), letter(20, "closing-summary")]
    told = stages(timeline, sessions(bookings, []), bookings)
    assert all(one.start <= one.end for one in told)
