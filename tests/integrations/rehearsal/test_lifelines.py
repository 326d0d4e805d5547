"""The picture of a pairing's life."""

from datetime import UTC, date, datetime, timedelta

import pytest

from integrations.rehearsal.chronicle import Became, Entry, EntryKind, PairingTold, Session, Stretch
from integrations.rehearsal.lifelines import Axis, Band, family_of

START = datetime(2026, 11, 15, 12, tzinfo=UTC)


def told(
    *entries: Entry, sessions: tuple[Session, ...] = (), stages: tuple[Stretch, ...] = ()
) -> PairingTold:
    return PairingTold(
        id="pairing/digital/p_2/1",
        mentor_ref="p_1",
        mentor="A",
        mentee_ref="p_2",
        mentee="B",
        score=1,
        outcome="completed",
        held=1,
        stages=stages,
        sessions=sessions,
        timeline=entries,
    )


def entry(
    day: int, kind: EntryKind = EntryKind.LETTER, what: str = "pulse", role: str = "", said: str = ""
) -> Entry:
    return Entry(at=START + timedelta(days=day), kind=kind, what=what, role=role, said=said)


def axis() -> Axis:
    made = Axis.over([told(entry(0), entry(60))], "Europe/Paris")
    assert made
    return made


def test_axis_is_the_whole_months_of_all_pairings() -> None:
    months = axis().months
    assert [(month.first, month.quarterly) for month in months] == [
        (date(2026, 11, 1), False),
        (date(2026, 12, 1), False),
        (date(2027, 1, 1), True),
    ]
    # 30, 31 and 31 days.
    assert [month.x for month in months] == [0, 32.61, 66.3]


def test_axis_is_none_without_pairings() -> None:
    assert Axis.over([], "Europe/Paris") is None


def test_lifeline_puts_letters_on_the_line_of_their_reader() -> None:
    life = told(entry(0, role="mentee"), entry(1, role="mentor"), entry(2, role="line manager"))
    assert [tick.lane for tick in axis().lifeline(life).ticks] == [1, 0, 2]


def test_lifeline_has_tasks_as_flags_and_no_answers() -> None:
    life = told(entry(0, EntryKind.TASK, "no-show"), entry(1, EntryKind.ANSWER, "pulse"))
    line = axis().lifeline(life)
    assert [flag.entry.what for flag in line.flags] == ["no-show"]
    assert line.ticks == ()


def test_lifeline_marks_sessions_and_other_meetings_once_each() -> None:
    held = Session(number=1, attempt=0, start=START, end=START + timedelta(hours=1), became=Became.HELD)
    life = told(
        entry(0, EntryKind.MEETING, "kick-off", said="booked"),
        entry(0, EntryKind.MEETING, "session 1", said="held"),
        entry(1, EntryKind.MEETING, "closing-review", said="cancelled"),
        sessions=(held,),
    )
    assert [(mark.name, mark.number, mark.became) for mark in axis().lifeline(life).marks] == [
        ("kick-off", 0, "held"),
        ("closing-review", 0, "cancelled"),
        ("session 1", 1, "held"),
    ]


def test_band_names_its_stage_only_where_there_is_room() -> None:
    short = Stretch(stage="consent", start=START, end=START + timedelta(days=5))
    long = Stretch(stage="sessions", start=START + timedelta(days=5), end=START + timedelta(days=28))
    bands = axis().lifeline(told(entry(0), stages=(short, long))).bands
    assert bands == (Band("consent", 15.81, 5.43, False), Band("sessions", 21.24, 25.0, True))


@pytest.mark.parametrize(
    ("letter", "family"),
    [
        ("proposal-to-mentor", "agreeing"),
        ("proposal-closed", "thanks"),
        ("agreement-countersigned", "agreeing"),
        ("session-happened", "meeting"),
        ("event-moved", "meeting"),
        ("goals-agreement", "learning"),
        ("closing-summary", "looking-back"),
        ("idea-agreement", "ideas"),
        ("certificate", "thanks"),
        ("task", "matters"),
    ],
)
def test_letter_belongs_to_a_family(letter: str, family: str) -> None:
    assert family_of(letter) == family
