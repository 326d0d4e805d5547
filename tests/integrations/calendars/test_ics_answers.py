"""Answers to invitations, read out of iCalendar text that strangers write."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.calendars.calendar import Rsvp
from integrations.calendars.ics_answers import (
    MOST_ATTENDEES,
    MOST_EVENTS,
    Answer,
    EventAnswer,
    Method,
    OtherMethodError,
    read_answers,
)
from tests.integrations.mail.answers import HOUR, PERSON, STAMP, START, WISH, Said, document, wishing
from tests.pace import slowness

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(said: Said, attendee: str = "", *more: str) -> EventAnswer:
    (answer,) = read_answers(document(said, attendee, *more))
    return answer


def told(*lines: str, method: str = "COUNTER") -> EventAnswer:
    """An answer of these lines alone."""
    text = "\n".join(
        ("BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", "UID:u", f"ATTENDEE:mailto:{PERSON}", *lines)
    )
    (answer,) = read_answers(f"{text}\nEND:VEVENT\nEND:VCALENDAR\n")
    return answer


def test_a_reply_says_who_answers_what_and_when() -> None:
    assert read(Said(uid="u", partstat="DECLINED", sequence=3)) == EventAnswer(
        method=Method.REPLY,
        uid="u",
        sequence=3,
        stamp=STAMP,
        answers=(Answer(address=PERSON, rsvp=Rsvp.DECLINED),),
        start=START,
        end=START + HOUR,
    )


@pytest.mark.parametrize(
    ("partstat", "rsvp"),
    [
        ("ACCEPTED", Rsvp.ACCEPTED),
        ("Declined", Rsvp.DECLINED),
        ("TENTATIVE", Rsvp.TENTATIVE),
        ("NEEDS-ACTION", Rsvp.NEEDS_ACTION),
        ("X-LATER", Rsvp.NEEDS_ACTION),
        ('DELEGATED;DELEGATED-TO="mailto:max@corp.example"', Rsvp.DECLINED),
    ],
)
def test_a_partstat_is_an_rsvp_and_who_delegates_declines(partstat: str, rsvp: Rsvp) -> None:
    assert read(Said(partstat=partstat)).answers[0].rsvp is rsvp


def test_a_wish_without_an_answer_is_tentative() -> None:
    answer = read(wishing(Said(), partstat="NEEDS-ACTION"))
    assert (answer.method, answer.start, answer.end) == (Method.COUNTER, WISH, WISH + HOUR)
    assert answer.answers[0].rsvp is Rsvp.TENTATIVE


@pytest.mark.parametrize(
    "attendee",
    [
        f"ATTENDEE:MAILTO:{PERSON.upper()}",
        f"ATTENDEE:{PERSON}",
        f'attendee;cn="D; Z: é";sent-by="mailto:assistant@corp.example":mailto:{PERSON}',
        f"ATTENDEE;EMAIL={PERSON}:urn:uuid:1",
        f'ATTENDEE;EMAIL="{PERSON}":/principals/1/',
        "ATTENDEE:mailto:zoe.dupont%40corp.example",
        f"ATTENDEE: mailto:{PERSON} ",
    ],
)
def test_an_attendee_is_known_however_the_line_is_written(attendee: str) -> None:
    assert [one.address for one in read(Said(), attendee).answers] == [PERSON]


def test_an_alarms_attendee_answers_nothing() -> None:
    alarm = ("BEGIN:VALARM", "ATTENDEE:mailto:max@corp.example", "UID:other", "END:VALARM")
    answer = read(Said(uid="u"), "", *alarm)
    assert (answer.uid, [one.address for one in answer.answers]) == ("u", [PERSON])


def test_several_events_are_several_answers() -> None:
    one, other = document(Said(uid="a")), document(Said(uid="b", partstat="ACCEPTED"))
    both = one.replace("END:VCALENDAR", other.split("PRODID:-//Test//EN\r\nMETHOD:REPLY\r\n")[1])
    assert [answer.uid for answer in read_answers(both)] == ["a", "b"]


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH", "DECLINECOUNTER", "REFRESH", ""])
def test_what_is_no_answer_is_told_apart(method: str) -> None:
    with pytest.raises(OtherMethodError):
        read_answers(document(Said(), method=method))


def test_the_mails_method_counts_where_the_document_has_none() -> None:
    (answer,) = read_answers(document(Said(), method=""), "reply")
    assert answer.method is Method.REPLY
    with pytest.raises(OtherMethodError):
        read_answers(document(Said(), method="REQUEST"), "REPLY")


@pytest.mark.parametrize(
    ("tzid", "start"),
    [
        ("Europe/Paris", datetime(2026, 9, 9, 11, tzinfo=UTC)),
        ('"Romance Standard Time"', datetime(2026, 9, 9, 11, tzinfo=UTC)),
        ("/mozilla.org/20050126_1/America/Argentina/Salta", datetime(2026, 9, 9, 16, tzinfo=UTC)),
        ("/freeassociation.sourceforge.net/Europe/Paris", datetime(2026, 9, 9, 11, tzinfo=UTC)),
        ('"tzone://Microsoft/Utc"', datetime(2026, 9, 9, 13, tzinfo=UTC)),
        ("Customized Time Zone", None),
        ("../../etc/passwd", None),
        ("x" * 5000, None),
        ("", None),
    ],
)
def test_a_time_is_read_in_the_zone_it_names_or_not_at_all(tzid: str, start: datetime | None) -> None:
    assert told(f"DTSTART;TZID={tzid}:20260909T130000").start == start


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (("DURATION:PT1H30M",), WISH + timedelta(minutes=90)),
        (("DURATION:PT45M",), WISH + timedelta(minutes=45)),
        (("DTEND:20260909T120000Z",), None),
        (("DURATION:-PT1H",), None),
        ((), None),
    ],
)
def test_an_end_is_after_the_start_or_none(lines: tuple[str, ...], end: datetime | None) -> None:
    assert told("DTSTART:20260909T130000Z", *lines).end == end


@pytest.mark.parametrize(
    "start",
    [
        ";VALUE=DATE:20260909",
        ":20261399T130000Z",
        ":99999999T999999Z",
        ":00010101T000000Z",
        ":99991231T235959Z",
        ";TZID=Asia/Tokyo:00010101T000000",
        ":",
    ],
)
def test_a_day_or_a_time_that_nobody_can_mean_is_no_wish(start: str) -> None:
    assert told(f"DTSTART{start}").start is None


@pytest.mark.parametrize(
    ("sequence", "number"), [("7", 7), ("-1", None), ("٣", None), ("9" * 30, None), ("9999999999", 2**31 - 1)]
)
def test_a_sequence_is_a_number_that_the_database_holds(sequence: str, number: int | None) -> None:
    assert told(f"SEQUENCE:{sequence}").sequence == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no calendar",
        "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR",
        "BEGIN:VEVENT\nUID:u\nATTENDEE:mailto:a@b.c\nEND:VEVENT",
        document(Said(uid="")),
        document(Said(uid="u" * 256)),
        document(Said(), "ATTENDEE:invalid:nomail"),
        document(Said(), "COMMENT:nobody"),
    ],
)
def test_text_that_answers_nothing_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_answers(text, "REPLY")


def test_events_and_attendees_beyond_all_reason_are_not_read() -> None:
    event = f"BEGIN:VEVENT\nUID:u\n{f'ATTENDEE:mailto:{PERSON}{chr(10)}' * (MOST_ATTENDEES + 5)}END:VEVENT\n"
    answers = read_answers(f"BEGIN:VCALENDAR\nMETHOD:REPLY\n{event * (MOST_EVENTS + 5)}END:VCALENDAR\n")
    assert [len(answer.answers) for answer in answers] == [MOST_ATTENDEES] * MOST_EVENTS


@pytest.mark.parametrize(
    "hostile",
    [
        'ATTENDEE;CN="' + '"' * 100_000,
        "ATTENDEE" + ';CN="a"' * 30_000,
        "ATTENDEE;" + "a" * 200_000,
        ";" * 200_000,
        "BEGIN:X\n" * 20_000,
        "DTSTART;TZID=" + "/a" * 100_000 + ":20260909T130000",
    ],
)
def test_hostile_lines_take_no_time(hostile: str) -> None:
    began = time.thread_time()
    with pytest.raises(ValueError, match=r"\w"):
        read_answers(f"BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\n{hostile}\nEND:VEVENT\nEND:VCALENDAR")
    assert time.thread_time() - began < 2 * slowness()


PIECES = st.sampled_from(
    [
        *document(wishing(Said())).split("\r\n"),
        "BEGIN:VEVENT",
        "END:VEVENT",
        "DTSTART;TZID=:20260909T130000",
        "DTSTART;TZID=\x00/\x00:20260909T130000",
        "ATTENDEE;PARTSTAT=:mailto:@",
        "ATTENDEE:mailto:é@é..é",
        "DURATION:PT99H9999M",
    ]
)
LINES = st.one_of(PIECES, st.text(max_size=80), st.builds(lambda a, b: a + b, PIECES, st.text(max_size=20)))


@unhurried
@given(st.lists(LINES, max_size=40), st.text(max_size=10))
def test_any_text_is_read_or_a_value_error(lines: list[str], method: str) -> None:
    text = "\r\n".join(("BEGIN:VCALENDAR", "METHOD:COUNTER", "BEGIN:VEVENT", *lines))
    try:
        answers = read_answers(text, method)
    except ValueError:
        return
    assert all(answer.uid and answer.answers for answer in answers)
