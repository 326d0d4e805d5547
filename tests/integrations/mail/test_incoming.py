"""Mail that comes in: read whatever program wrote it, or set aside for one reason."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.calendars.calendar import Rsvp
from integrations.calendars.ics_answers import Method
from integrations.mail.incoming import LARGEST_MAIL, SetAsideError, Why, read_mail
from tests.integrations.mail import answers
from tests.integrations.mail.answers import PERSON, STAMP, START, WISH, Said, wishing
from tests.pace import slowness

PROGRAMS = [answers.plain, answers.outlook, answers.gmail, answers.apple, answers.zoneless]
UID = "3k9u0c2v" * 6 + "abcd"
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=300)


def why(raw: bytes) -> Why:
    with pytest.raises(SetAsideError) as caught:
        read_mail(raw)
    return caught.value.why


def with_from(*lines: bytes) -> bytes:
    """An answer under other From lines."""
    raw = answers.zoneless(Said())
    return b"".join(line + b"\r\n" for line in lines) + raw.split(b"\r\n", 1)[1]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_reply_is_read_whatever_program_wrote_it(program: Callable[[Said], bytes]) -> None:
    mail = read_mail(program(Said(uid=UID, partstat="DECLINED", sequence=2)))
    (answer,) = mail.answers
    assert (mail.sender, mail.domain) == (PERSON, "corp.example")
    assert (answer.method, answer.uid, answer.sequence, answer.stamp) == (Method.REPLY, UID, 2, STAMP)
    assert answer.start == START
    assert (answer.answers[0].address, answer.answers[0].rsvp) == (PERSON, Rsvp.DECLINED)


@pytest.mark.parametrize("program", PROGRAMS[:-1])
def test_a_wish_is_read_whatever_program_wrote_it(program: Callable[[Said], bytes]) -> None:
    (answer,) = read_mail(program(wishing(Said(uid=UID)))).answers
    assert (answer.method, answer.start, answer.answers[0].rsvp) == (Method.COUNTER, WISH, Rsvp.TENTATIVE)


def test_the_date_and_the_results_of_a_message_come_with_it() -> None:
    mail = read_mail(answers.plain(Said(), headers={"Authentication-Results": "mx; dkim=none"}))
    assert mail.sent_at == datetime(2026, 9, 7, 7, 30, tzinfo=UTC)
    assert mail.results == ("mx; dkim=none",)
    assert read_mail(answers.zoneless(Said())).sent_at is None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (answers.out_of_office(Said()), Why.AUTOMATIC),
        (answers.rich_text(Said()), Why.TNEF),
        (answers.letter(Said()), Why.NO_CALENDAR),
        (b"", Why.NO_SENDER),
        (b"From: a@b.example\r\n\r\n", Why.NO_CALENDAR),
        (b"x" * (LARGEST_MAIL + 1), Why.TOO_LARGE),
        (b"Content-Type: message/rfc822\r\n\r\n" * 100, Why.TOO_NESTED),
        (answers.plain(Said(uid="")), Why.BROKEN),
        (answers.plain(Said(), headers={"Precedence": "auto_reply"}), Why.AUTOMATIC),
        (answers.plain(Said(), headers={"X-Autoreply": "yes"}), Why.AUTOMATIC),
    ],
)
def test_a_message_is_set_aside_for_one_reason(raw: bytes, reason: Why) -> None:
    assert why(raw) is reason


def test_an_invitation_that_is_quoted_is_no_answer() -> None:
    text = answers.document(Said(), method="REQUEST")
    message = MIMEText(text, "calendar", "utf-8")
    message["From"] = PERSON
    assert why(message.as_bytes()) is Why.NO_ANSWER


def test_an_answer_that_is_forwarded_is_not_the_senders() -> None:
    inner = EmailMessage()
    inner["From"] = PERSON
    inner.set_content(answers.document(Said()), subtype="calendar", params={"method": "REPLY"})
    whole = MIMEMultipart("mixed")
    whole["From"] = "max@corp.example"
    whole.attach(MIMEText("see below", "plain"))
    whole.attach(MIMEMessage(inner))
    assert why(whole.as_bytes()) is Why.NO_CALENDAR


@pytest.mark.parametrize(
    ("written", "sender"),
    [
        (b"From: zoe@corp.example", "zoe@corp.example"),
        (b"From: ZOE@Corp.Example (Zoe)", "zoe@corp.example"),
        (b'From: "Dupont, Zoe <boss@corp.example>" <zoe@corp.example>', "zoe@corp.example"),
        (b"From: =?utf-8?q?Zo=C3=A9?= <zoe@corp.example>", "zoe@corp.example"),
        (b"From: =?utf-8?b?Wm/DqQ==?=\r\n <zoe@corp.example>", "zoe@corp.example"),
        (b"From: Zo\xc3\xa9 Dupont <zoe@corp.example>", "zoe@corp.example"),
        (b"From: <zoe@b\xc3\xbccher.example>", None),
        (b"From: <zoe@xn--bcher-kva.example>", "zoe@xn--bcher-kva.example"),
    ],
)
def test_the_sender_is_the_one_address_in_from(written: bytes, sender: str | None) -> None:
    if sender is None:
        assert why(with_from(written)) is Why.NO_SENDER
    else:
        assert read_mail(with_from(written)).sender == sender


@pytest.mark.parametrize(
    "written",
    [
        (b"From: zoe@corp.example, max@corp.example",),
        (b"From: zoe@corp.example", b"From: max@corp.example"),
        (b"From: zoe@corp.example <max@corp.example>",),
        (b"From: <zoe@corp.example> <max@corp.example>",),
        (b"From: friends: zoe@corp.example;",),
        (b"From: zoe@corp.example\x00@evil.example",),
        (b"From:",),
        (b"From: zoe",),
        (b"Sender: zoe@corp.example",),
    ],
)
def test_a_sender_that_readers_could_take_for_two_is_none(written: tuple[bytes, ...]) -> None:
    assert why(with_from(*written)) is Why.NO_SENDER


@pytest.mark.parametrize("declared", ["utf-8", "us-ascii", "iso-8859-1", "utf-16", "no-such", "idna", ""])
def test_a_calendar_is_read_whatever_charset_it_declares(declared: str) -> None:
    text = answers.document(Said(uid="é-1"))
    content = text.encode("utf-16" if declared == "utf-16" else "utf-8")
    head = f"From: {PERSON}\r\nContent-Type: text/calendar; charset={declared}\r\n\r\n"
    assert read_mail(head.encode() + content).answers[0].uid == "é-1"


def test_a_calendar_in_latin_1_is_read_as_declared_or_not() -> None:
    content = answers.document(Said(uid="é-1")).encode("latin-1")
    for declared in ("; charset=iso-8859-1", "; charset=utf-8", ""):
        head = f"From: {PERSON}\r\nContent-Type: text/calendar{declared}\r\n\r\n"
        assert read_mail(head.encode() + content).answers[0].uid == "é-1"


def test_a_fold_inside_a_character_is_undone_before_it_is_read() -> None:
    content = answers.document(Said(uid="aéb")).encode().replace(b"a\xc3\xa9b", b"a\xc3\r\n \xa9b")
    head = f"From: {PERSON}\r\nContent-Type: text/calendar; charset=utf-8\r\n\r\n"
    assert read_mail(head.encode() + content).answers[0].uid == "aéb"


@pytest.mark.parametrize("kind", ["application/ics", "application/octet-stream; name=invite.ics"])
def test_a_calendar_that_is_only_a_file_is_read(kind: str) -> None:
    head = f"From: {PERSON}\r\nContent-Type: {kind}\r\n\r\n"
    assert read_mail(head.encode() + answers.document(Said()).encode()).answers[0].uid == "uid-1"


def test_nesting_up_to_what_is_allowed_takes_no_time() -> None:
    levels = 60
    head = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(levels)
    )
    began = time.thread_time()
    assert why(b"From: a@b.example\r\n" + head + b"x\r\n" * 300_000) in {Why.NO_CALENDAR, Why.BROKEN}
    assert time.thread_time() - began < 10 * slowness()


@pytest.mark.parametrize(
    "header",
    [b"From: " + b'"\\"' * 300_000, b"Date: " + b"(" * 300_000, b"Authentication-Results: " + b"(" * 300_000],
)
def test_hostile_headers_take_no_time(header: bytes) -> None:
    began = time.thread_time()
    raw = header + b"\r\n" + answers.zoneless(Said())
    if header.startswith(b"From"):
        assert why(raw) is Why.NO_SENDER
    else:
        assert read_mail(raw).sender == PERSON
    assert time.thread_time() - began < 2 * slowness()


WHOLE = [program(wishing(Said(uid=UID))) for program in PROGRAMS]
PIECES = st.sampled_from(
    [piece for raw in WHOLE for piece in raw.splitlines()]
    + [
        b"Content-Type: multipart/mixed; boundary=b",
        b"--b",
        b"Content-Type: text/calendar; charset*=x'y'z; method*=utf-8''REPLY",
        b"Content-Transfer-Encoding: x-uuencode",
        b"begin 666 x",
        b"Content-Disposition: attachment; filename*=bogus''%zz",
        b"Content-Type: message/partial",
        b"Content-Type: message/delivery-status",
        b"",
    ]
)


@unhurried
@given(st.lists(st.one_of(PIECES, st.binary(max_size=60)), max_size=60))
def test_any_octets_are_read_or_set_aside(lines: list[bytes]) -> None:
    try:
        mail = read_mail(b"\r\n".join(lines))
    except SetAsideError:
        return
    assert mail.answers
    assert "@" in mail.sender


@unhurried
@given(st.sampled_from(WHOLE), st.integers(0, 4000), st.integers(0, 200), st.binary(max_size=30))
def test_a_damaged_answer_is_read_or_set_aside(raw: bytes, at: int, lost: int, put: bytes) -> None:
    try:
        mail = read_mail(raw[:at] + put + raw[at + lost :])
    except SetAsideError:
        return
    assert mail.answers
