"""What every mail adapter does, whatever the provider."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.errors import (
    AmbiguousError,
    IntegrationError,
    InvalidError,
    MisconfiguredError,
    RetryableError,
)
from integrations.mail.headers import LONGEST, display_name, subject_line
from integrations.mail.mail import Attachment, Mailer, Message
from tests.integrations.mail.posts import SENDER, SENDER_NAME, Arrived, Post, Trouble

KEY = "pairing/p-7/session/3/invitation/2"
INVITATION = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nMETHOD:CANCEL\r\nBEGIN:VEVENT\r\n"
    "UID:s3@acme.example\r\nSUMMARY:Séance numérique\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def impatient(post: Post, trouble: Trouble) -> Mailer:
    """A mailer that gives up soon where that is what it is to do."""
    return post.mailer(timeout_s=5 if trouble is Trouble.SILENT else 60)


def only(post: Post) -> Arrived:
    (letter,) = post.arrived()
    return letter


def test_letter_arrives_as_it_was_written(post: Post, message: Message) -> None:
    receipt = post.mailer().send(message, KEY)

    assert receipt
    letter = only(post)
    assert letter.sender == (SENDER, SENDER_NAME)
    assert letter.to == ("zoe@acme.example", "Zoé Dupont")
    assert letter.subject == message.subject
    assert letter.text == message.text
    assert letter.html == message.html
    assert letter.reply_to == message.reply_to
    assert letter.calendar == ("", "")
    assert letter.files == ()


def test_letter_says_that_no_person_sent_it(post: Post, message: Message) -> None:
    post.mailer().send(message, KEY)

    assert only(post).headers["Auto-Submitted"] == "auto-generated"


def test_letter_keeps_a_long_header_in_one_piece(post: Post, message: Message) -> None:
    post.mailer().send(message, KEY)

    assert only(post).headers["List-Unsubscribe"] == message.headers["List-Unsubscribe"]


def test_same_key_gives_the_same_message_id_and_another_key_another(post: Post, message: Message) -> None:
    mailer = post.mailer()
    for key in (KEY, KEY, f"{KEY}/again"):
        mailer.send(message, key)

    first, second, third = (letter.headers["Message-ID"] for letter in post.arrived())
    assert first == second
    assert first != third


def test_calendar_comes_as_a_part_with_its_method_and_as_a_file(post: Post, message: Message) -> None:
    invitation = message.model_copy(update={"calendar": INVITATION, "calendar_method": "CANCEL"})
    post.mailer().send(invitation, KEY)

    letter = only(post)
    assert letter.calendar == ("CANCEL", INVITATION)
    assert letter.files == (("invite.ics", "application/ics", INVITATION.encode()),)
    assert letter.text == message.text
    assert letter.html == message.html


def test_attachments_arrive_unchanged(post: Post, message: Message) -> None:
    files = (
        Attachment(filename="certificate.pdf", content_type="application/pdf", content=bytes(range(256))),
        Attachment(filename="goals.csv", content_type="text/csv; charset=utf-8", content="né\r\n".encode()),
    )
    post.mailer().send(message.model_copy(update={"attachments": files}), KEY)

    assert only(post).files == (
        ("certificate.pdf", "application/pdf", bytes(range(256))),
        ("goals.csv", "text/csv", "né\r\n".encode()),
    )


def test_letter_without_html_is_text_alone(post: Post, message: Message) -> None:
    post.mailer().send(message.model_copy(update={"html": ""}), KEY)

    assert (only(post).text, only(post).html) == (message.text, "")


def test_recipient_without_a_name_is_addressed_without_one(post: Post, message: Message) -> None:
    post.mailer().send(message.model_copy(update={"to_name": "\u200b\n"}), KEY)

    assert only(post).to == ("zoe@acme.example", "")


def test_international_domain_travels_in_ascii(post: Post, message: Message) -> None:
    post.mailer().send(message.model_copy(update={"to_address": "zoe@Straße.Example"}), KEY)

    assert only(post).to[0] == "zoe@xn--strae-oqa.example"


NASTY = [
    "Anna\r\nBcc: boss@acme.example",
    "Anna\nContent-Type: text/html\n\n<script>",
    "Anna\u2028Bcc: boss@acme.example",
    "Anna\u2029Bcc: boss@acme.example",
    "Anna\x85Bcc: boss@acme.example",
    "Anna\x00\x1c\x1d\x0b\x0c",
    'Anna" <boss@acme.example>, "',
    "=?utf-8?q?Anna=0D=0ABcc:_boss?=",
    "Dupont, Zoé; (HR) \\ @ <x>",
    "\u202egro.elpmaxe\u202c Zoé\u200d",
    "é" * 300,
]


@pytest.mark.parametrize("text", NASTY)
def test_names_and_subjects_stay_one_line(post: Post, message: Message, text: str) -> None:
    stays_one_line(post, message, text)


@given(text=st.text(max_size=200) | st.text(alphabet="é ,;\"<>@=?\r\n.()\\'aB\u2028", max_size=160))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_or_subject_adds_a_header_part_or_line(post: Post, message: Message, text: str) -> None:
    stays_one_line(post, message, text)


def stays_one_line(post: Post, message: Message, text: str) -> None:
    """Sends the same letter plain and with the text as name and subject: nothing else may differ."""
    mailer = post.mailer()
    mailer.send(message, KEY)
    mailer.send(message.model_copy(update={"to_name": text, "subject": f"S {text}"}), KEY)

    plain, nasty = post.arrived(newest=2)
    assert nasty.subject == subject_line(f"S {text}")
    assert nasty.to == (message.to_address, display_name(text))
    assert len(nasty.subject) <= LONGEST
    assert nasty.headers == plain.headers
    assert (nasty.text, nasty.html, nasty.files) == (plain.text, plain.html, plain.files)


@pytest.mark.parametrize(
    "changed",
    [
        {"to_address": "zoé@acme.example"},
        {"to_address": "zoe"},
        {"to_address": "zoe@"},
        {"to_address": "@acme.example"},
        {"to_address": "zoe@acme .example"},
        {"to_address": "zoe@acme.example, boss@acme.example"},
        {"to_address": "zoe@acme.example>\r\nRCPT TO:<boss@acme.example"},
        {"to_address": "z..oe@acme.example"},
        {"to_address": f"{'z' * 65}@acme.example"},
        {"reply_to": "no address"},
        {"subject": "\r\n\u200b"},
        {"text": " \n"},
        {"headers": {"Bcc": "boss@acme.example"}},
        {"headers": {"Content-Type": "text/html"}},
        {"headers": {"X-Note": "a\r\nBcc: boss@acme.example"}},
        {"headers": {"X-Note": "zoé"}},
        {"headers": {"X-Note": "x" * 1000}},
        {"headers": {"X Note": "a"}},
        {"headers": {"X-Note": "a", "x-note": "b"}},
        {"calendar": INVITATION, "calendar_method": "REQUEST; x=y"},
    ],
    ids=str,
)
def test_letter_that_mail_cannot_carry_is_invalid_and_not_sent(
    post: Post, message: Message, changed: dict[str, object]
) -> None:
    with pytest.raises(InvalidError):
        post.mailer().send(message.model_copy(update=changed), KEY)

    assert post.arrived() == []


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (Trouble.UNREACHABLE, RetryableError),
        (Trouble.BUSY, RetryableError),
        (Trouble.LOST, AmbiguousError),
        (Trouble.SILENT, AmbiguousError),
        (Trouble.FAILED, AmbiguousError),
        (Trouble.TOO_BIG, InvalidError),
        (Trouble.WRONG_LOGIN, MisconfiguredError),
    ],
)
def test_trouble_is_told_in_our_own_errors(
    post: Post, message: Message, trouble: Trouble, kind: type[IntegrationError]
) -> None:
    post.make(trouble)

    with pytest.raises(kind) as told:
        impatient(post, trouble).send(message, KEY)

    assert type(told.value) is kind


@pytest.mark.parametrize("trouble", list(Trouble))
def test_errors_name_no_person_address_or_secret(post: Post, message: Message, trouble: Trouble) -> None:
    post.make(trouble)

    with pytest.raises(IntegrationError) as told:
        impatient(post, trouble).send(message, KEY)

    text = str(told.value)
    assert not any(secret in text for secret in ("zoe", "Zoé", "acme", "@", "hunter2", "\n"))


def test_letter_after_trouble_goes_out(post: Post, message: Message) -> None:
    mailer = post.mailer()
    with pytest.raises(InvalidError):
        mailer.send(message.model_copy(update={"to_address": "zoé@acme.example"}), KEY)

    mailer.send(message, KEY)

    assert only(post).to[0] == "zoe@acme.example"


def test_many_threads_each_send_their_own_letter(post: Post, message: Message) -> None:
    mailer = post.mailer()

    def send(number: int) -> str:
        mine = {"to_address": f"p{number}@acme.example", "text": f"letter {number}"}
        return mailer.send(message.model_copy(update=mine), f"key/{number}")

    with ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(send, range(120)))

    assert len(set(receipts)) == 120
    assert sorted((letter.to[0], letter.text) for letter in post.arrived()) == sorted(
        (f"p{number}@acme.example", f"letter {number}") for number in range(120)
    )


def test_check_sends_nothing(post: Post) -> None:
    post.mailer().check()

    assert not post.arrived()
