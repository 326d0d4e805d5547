"""iCalendar text: what is written is read back, and nothing put in adds to it."""

import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar as Document

from integrations.calendars.calendar import Attendee, EventSpec, Rsvp, Window
from integrations.calendars.ics import (
    Mark,
    admitted_text,
    cancelled_text,
    clean_name,
    clean_text,
    event_text,
    event_uid,
    mail_address,
    read_event,
)
from integrations.calendars.ics_invitation import invitation
from integrations.calendars.ics_zones import read_zone, zone_text
from integrations.errors import InvalidError
from tests.integrations.calendars.radicale import document

START = datetime(2026, 3, 3, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))
STAMP = datetime(2026, 1, 1, tzinfo=UTC)
KEY = "pairing/p-1/session/3"
MARK = Mark(key=KEY, generation=1)
SPEC = EventSpec(
    summary="Digital session",
    description="Move it here.\nOr decline it; as you like, of course.",
    start=START,
    end=START + timedelta(hours=1),
    organizer=Attendee(address="office@corp.example", name="Programme office"),
    attendees=(
        Attendee(address="zoe@corp.example", name="Dupont, Zoé"),
        Attendee(address="Max@corp.example", name='Max "the" Boss; CFO'),
    ),
    location="https://meet.example/abc",
)
# Machines differ in speed; what is put to the proof here is text, not time.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
HOSTILE = st.text(
    st.one_of(st.characters(), st.sampled_from("\r\n\t\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\";:,\\^'=\x00")),
    max_size=200,
)


def lines(text: str) -> list[str]:
    """The content lines, unfolded, as the strictest reader of line breaks has them."""
    return text.replace("\r\n ", "").splitlines()


def names(text: str) -> list[str]:
    return [line.partition(":")[0].partition(";")[0] for line in lines(text)]


def test_an_event_is_read_as_it_was_written() -> None:
    entry = read_event(event_text(SPEC, "uid-1", MARK, sequence=4, stamp=STAMP))
    assert (entry.uid, entry.start, entry.end, entry.sequence) == ("uid-1", SPEC.start, SPEC.end, 4)
    assert (entry.cancelled, entry.location) == (False, "https://meet.example/abc")
    assert entry.rsvps == {"zoe@corp.example": Rsvp.NEEDS_ACTION, "max@corp.example": Rsvp.NEEDS_ACTION}


def test_an_event_is_private_opaque_and_in_utc() -> None:
    text = event_text(SPEC, "uid-1", MARK, stamp=STAMP)
    expected = {"DTSTART:20260303T080000Z", "DTEND:20260303T090000Z", "CLASS:PRIVATE", "TRANSP:OPAQUE"}
    assert expected <= set(lines(text))
    assert "METHOD" not in names(text)


def test_a_stored_event_keeps_servers_from_inviting_by_themselves() -> None:
    text = event_text(SPEC, "uid-1", MARK, stamp=STAMP)
    people = [line for line in lines(text) if line.startswith(("ORGANIZER", "ATTENDEE"))]
    assert len(people) == 3
    assert all("SCHEDULE-AGENT=CLIENT" in line for line in people)


def test_the_mark_is_read_as_it_was_written() -> None:
    mark = Mark(key='a;b,"c"\\n%41/ü', generation=7, replaces='W/"1,2;3"', copies=("a/b@c.d", "e,f@g.h"))
    entry = read_event(event_text(SPEC, "uid-1", mark, stamp=STAMP))
    written = Window(start=SPEC.start, end=SPEC.end)
    assert entry.mark == mark.model_copy(update={"written": written})


@pytest.mark.parametrize("spoilt", ["", "X-MENTORING-KEY:k", "X-MENTORING-KEY:k\nX-MENTORING-GENERATION:one"])
def test_a_spoilt_mark_is_none(spoilt: str) -> None:
    assert read_event(document("u", f"DTSTART:20260303T080000Z\n{spoilt}")).mark is None


def test_who_joins_is_asked_and_the_rest_of_the_event_stays() -> None:
    before = event_text(SPEC, "uid-1", MARK, sequence=4, stamp=STAMP).replace(
        "PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED", 1
    )
    ana = Attendee(address="ana@corp.example", name="Ana Ruiz")
    copies = (*MARK.copies, ana.address)
    after = admitted_text(before, [ana], copies)
    old, new = read_event(before), read_event(after)
    assert new.rsvps == {**old.rsvps, "ana@corp.example": Rsvp.NEEDS_ACTION}
    assert Rsvp.ACCEPTED in new.rsvps.values()
    assert (new.window, new.sequence, new.location) == (old.window, old.sequence, old.location)
    assert old.mark
    assert new.mark == old.mark.model_copy(update={"copies": copies})
    assert admitted_text(after, [ana], copies) == after
    assert names(after).count("ATTENDEE") == len(SPEC.attendees) + 1
    assert after.replace("\r\n ", "").count("SCHEDULE-AGENT=CLIENT") == len(SPEC.attendees) + 2


def test_nobody_joins_what_is_no_event() -> None:
    with pytest.raises(ValueError, match="no event"):
        admitted_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//A client//EN\r\nEND:VCALENDAR\r\n", [], ())


def test_a_uid_belongs_to_key_and_generation() -> None:
    uids = {event_uid(key, generation) for key in ("a", "b", "a/1") for generation in (0, 1)}
    assert len(uids) == 6
    assert event_uid("a", 0) == event_uid("a", 0)
    assert all(set(uid) <= set("0123456789abcdefghijklmnopqrstuv") and len(uid) == 52 for uid in uids)


def test_a_cancelled_event_names_nobody_and_counts_up() -> None:
    entry = read_event(event_text(SPEC, "uid-1", MARK, sequence=4, stamp=STAMP))
    text = cancelled_text(entry, MARK, "The trainer\nis ill", stamp=STAMP)
    left = read_event(text)
    assert (left.uid, left.cancelled, left.sequence, left.rsvps) == ("uid-1", True, 5, {})
    assert (left.start, left.mark) == (entry.start, MARK)
    assert "COMMENT:The trainer\\nis ill" in lines(text)


@pytest.mark.parametrize(("method", "status"), [("REQUEST", "CONFIRMED"), ("CANCEL", "CANCELLED")])
def test_an_invitation_carries_method_status_and_sequence(method: str, status: str) -> None:
    text = invitation(SPEC, key=KEY, generation=1, sequence=3, method=method)
    expected = {f"METHOD:{method}", f"STATUS:{status}", "SEQUENCE:3", f"UID:{event_uid(KEY, 1)}"}
    assert expected <= set(lines(text))
    assert not [name for name in names(text) if name.startswith("X-")]
    assert names(text).count("ORGANIZER") == 1


@pytest.mark.parametrize(("method", "asks"), [("REQUEST", True), ("CANCEL", False)])
def test_an_answer_is_asked_for_where_there_is_something_to_answer(method: str, asks: bool) -> None:
    text = invitation(SPEC, key=KEY, generation=1, sequence=3, method=method)
    people = [line for line in lines(text) if line.startswith("ATTENDEE")]
    assert [";RSVP=TRUE" in line for line in people] == [asks, asks]
    assert f":mailto:{SPEC.organizer.address}" in next(one for one in lines(text) if "ORGANIZER" in one)


def test_an_invitation_is_no_reply() -> None:
    with pytest.raises(ValueError, match="REPLY"):
        invitation(SPEC, key=KEY, generation=1, sequence=3, method="REPLY")


def test_a_persons_name_is_quoted_and_loses_its_quotes() -> None:
    text = event_text(SPEC, "uid-1", MARK, stamp=STAMP)
    assert 'CN="Dupont, Zoé"' in text.replace("\r\n ", "")
    assert 'CN="Max the Boss; CFO"' in text.replace("\r\n ", "")


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Zoé  Dupont", "Zoé Dupont"),
        ('Max "Boss" O\'Neill', "Max Boss O'Neill"),
        ("A\r\nATTENDEE:mailto:evil@x.y", "A ATTENDEE:mailto:evil@x.y"),
        ("A\u202eB\u200bC", "ABC"),
        ("Zoe\u0301", "Zoé"),
        ("x" * 300, "x" * 120),
        ("\x00\x07", ""),
        ("Zoé\\", "Zoé"),
    ],
)
def test_a_name_is_cleaned(name: str, clean: str) -> None:
    assert clean_name(name) == clean


def test_a_nameless_person_goes_by_address() -> None:
    nameless = SPEC.model_copy(update={"attendees": (Attendee(address="zoe@corp.example", name="\n"),)})
    assert "CN=zoe@corp.example" in event_text(nameless, "u", MARK, stamp=STAMP).replace("\r\n ", "")


@pytest.mark.parametrize(
    ("address", "ascii_address"),
    [
        ("zoe@corp.example", "zoe@corp.example"),
        (" o'neill+x@corp.example ", "o'neill+x@corp.example"),
        ("zoe@bücher.example", "zoe@xn--bcher-kva.example"),
    ],
)
def test_an_address_goes_out_in_ascii(address: str, ascii_address: str) -> None:
    assert mail_address(address) == ascii_address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "zoe",
        "@corp.example",
        "zoe@",
        "zoé@corp.example",
        "a b@x.y",
        "a@b@x.y",
        "a\r\n@x.y",
        "a/b@x.y",
        "a@x..y",
    ],
)
def test_an_address_no_mail_can_go_to_is_refused(address: str) -> None:
    with pytest.raises(InvalidError) as caught:
        mail_address(address)
    assert "HR" in str(caught.value)


@unhurried
@given(summary=HOSTILE, description=HOSTILE, name=HOSTILE, location=HOSTILE)
def test_no_text_adds_a_line_or_a_property(summary: str, description: str, name: str, location: str) -> None:
    people = (Attendee(address="zoe@corp.example", name=name),)
    plain = SPEC.model_copy(update={"attendees": (Attendee(address="zoe@corp.example", name="Z"),)})
    texts = {"summary": summary, "description": description, "location": location or "x"}
    hostile = plain.model_copy(update={**texts, "attendees": people})
    written = event_text(hostile, "u", MARK, stamp=STAMP)
    assert names(written) == names(event_text(plain, "u", MARK, stamp=STAMP))
    assert all(char in "\r\n" or unicodedata.category(char) != "Cc" for char in written.replace("\t", ""))


@unhurried
@given(summary=HOSTILE, description=HOSTILE, name=HOSTILE, location=HOSTILE)
def test_what_is_written_is_read_back_clean(summary: str, description: str, name: str, location: str) -> None:
    organizer = Attendee(address="office@corp.example", name=name)
    texts = {"summary": summary, "description": description, "location": location}
    text = event_text(SPEC.model_copy(update={**texts, "organizer": organizer}), "u", MARK, stamp=STAMP)
    event = Document.from_ical(text).events[0]
    assert str(event["DESCRIPTION"]) == clean_text(description)
    assert str(event["SUMMARY"]) == clean_text(summary).replace("\n", " ")
    assert event["ORGANIZER"].params["CN"] == (clean_name(name) or "office@corp.example")
    assert read_event(text).location == clean_text(location).replace("\n", " ")


@unhurried
@given(HOSTILE)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_name(clean_name(text)) == clean_name(text)


@unhurried
@given(HOSTILE)
def test_no_key_adds_a_line(key: str) -> None:
    if any(unicodedata.category(char) == "Cs" for char in key):
        return
    entry = read_event(event_text(SPEC, "u", Mark(key=key, generation=0), stamp=STAMP))
    assert entry.mark is not None
    assert entry.mark.key == key


def test_a_clients_own_zone_is_understood() -> None:
    entry = read_event(
        document("u", "DTSTART;TZID=Europe/Paris:20260703T090000\nDTEND;TZID=Europe/Paris:20260703T100000")
    )
    assert (entry.start, entry.end) == (
        datetime(2026, 7, 3, 7, tzinfo=UTC),
        datetime(2026, 7, 3, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("given_lines", "start", "minutes"),
    [
        ("DTSTART:20260303T080000", datetime(2026, 3, 3, 7, tzinfo=UTC), 1),
        ("DTSTART:20260303T080000Z\nDURATION:PT45M", datetime(2026, 3, 3, 8, tzinfo=UTC), 45),
        ("DTSTART;VALUE=DATE:20260303", datetime(2026, 3, 2, 23, tzinfo=UTC), 24 * 60),
    ],
)
def test_an_events_times_need_not_be_in_utc(given_lines: str, start: datetime, minutes: int) -> None:
    entry = read_event(document("u", given_lines), lambda: ZoneInfo("Europe/Paris"))
    assert (entry.start, entry.end - entry.start) == (start, timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "text",
    ["", "no calendar", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", document("u", "SUMMARY:no start")],
)
def test_text_that_is_no_event_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_event(text)


@pytest.mark.parametrize(
    ("partstat", "rsvp"),
    [
        (";PARTSTAT=ACCEPTED", Rsvp.ACCEPTED),
        (";PARTSTAT=declined", Rsvp.DECLINED),
        (";PARTSTAT=DELEGATED", Rsvp.NEEDS_ACTION),
        ("", Rsvp.NEEDS_ACTION),
    ],
)
def test_an_answer_is_the_attendees_own(partstat: str, rsvp: Rsvp) -> None:
    attendees = (
        f"ATTENDEE{partstat}:MAILTO:Zoe@Corp.example\nATTENDEE;PARTSTAT=TENTATIVE:mailto:max@corp.example"
    )
    entry = read_event(document("u", f"DTSTART:20260303T080000Z\n{attendees}"))
    assert (entry.rsvp("zoe@corp.example"), entry.rsvp("nobody@corp.example")) == (rsvp, Rsvp.NEEDS_ACTION)


@pytest.mark.parametrize("name", ["Europe/Paris", "America/New_York", "Asia/Kolkata"])
def test_a_zone_is_read_as_it_was_written(name: str) -> None:
    summer = datetime(2026, 7, 1)  # noqa: DTZ001 - a zone is asked about a wall clock
    assert (
        summer.replace(tzinfo=read_zone(zone_text(name))).utcoffset()
        == summer.replace(tzinfo=ZoneInfo(name)).utcoffset()
    )


def test_no_zone_is_utc() -> None:
    assert read_zone("") is UTC
