"""Mail by SendGrid: one test for each way its library and its API surprise."""

import json
import logging
import time
from datetime import timedelta

import pytest

from integrations.errors import (
    AmbiguousError,
    IntegrationError,
    InvalidError,
    MisconfiguredError,
    RetryableError,
)
from integrations.mail.mail import Attachment, Message
from integrations.mail.sendgrid import SendGrid
from tests.integrations.mail.posts import SENDER, SENDER_NAME, SendGridPost, key_of
from tests.integrations.mail.sendgrid_server import KEY as API_KEY
from tests.integrations.mail.sendgrid_server import Answer, objections

KEY = "pairing/p-7/session/3/invitation/2"


def test_key_comes_back_with_the_events_of_this_letter(sendgrid: SendGridPost, message: Message) -> None:
    receipt = sendgrid.mailer().send(message, KEY)

    (body,) = sendgrid.server.letters
    assert (receipt, key_of(body)) == ("sg-1", KEY)


def test_clicks_and_openings_are_not_tracked(sendgrid: SendGridPost, message: Message) -> None:
    sendgrid.mailer().send(message, KEY)

    (body,) = sendgrid.server.letters
    assert body["tracking_settings"] == {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
        "subscription_tracking": {"enable": False},
        "ganalytics": {"enable": False},
    }


def test_text_comes_before_html_and_html_before_calendar(sendgrid: SendGridPost, message: Message) -> None:
    sendgrid.mailer().send(message.model_copy(update={"calendar": "BEGIN:VCALENDAR\r\n"}), KEY)

    (body,) = sendgrid.server.letters
    kinds = [part["type"] for part in body["content"]]
    assert kinds == ["text/plain", "text/html", "text/calendar; method=REQUEST"]


def test_type_of_a_file_goes_without_its_parameters(sendgrid: SendGridPost, message: Message) -> None:
    file = Attachment(filename="goals.csv", content_type="text/csv; charset=utf-8", content=b"a")
    sendgrid.mailer().send(message.model_copy(update={"attachments": (file,)}), KEY)

    (body,) = sendgrid.server.letters
    assert [attachment["type"] for attachment in body["attachments"]] == ["text/csv"]


def test_name_goes_without_commas_and_semicolons(sendgrid: SendGridPost, message: Message) -> None:
    sendgrid.mailer().send(message.model_copy(update={"to_name": "Dupont, Zoé; RH"}), KEY)

    (body,) = sendgrid.server.letters
    assert body["personalizations"][0]["to"] == [{"email": "zoe@acme.example", "name": "Dupont Zoé RH"}]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed_and_not_success(
    sendgrid: SendGridPost, message: Message, status: int
) -> None:
    sendgrid.server.answer = Answer(status, {"Location": f"{sendgrid.server.url}/elsewhere"})

    with pytest.raises(MisconfiguredError):
        sendgrid.mailer().send(message, KEY)

    assert sendgrid.server.requests == ["POST /v3/mail/send"]


@pytest.mark.parametrize("status", [200, 201, 204])
def test_success_other_than_202_is_none(sendgrid: SendGridPost, message: Message, status: int) -> None:
    sendgrid.server.answer = Answer(status)

    with pytest.raises(MisconfiguredError):
        sendgrid.mailer().send(message, KEY)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidError),
        (401, MisconfiguredError),
        (403, MisconfiguredError),
        (404, MisconfiguredError),
        (405, MisconfiguredError),
        (408, RetryableError),
        (413, InvalidError),
        (415, InvalidError),
        (429, RetryableError),
        (500, AmbiguousError),
        (502, AmbiguousError),
        (503, AmbiguousError),
        (504, AmbiguousError),
    ],
)
def test_status_decides_whether_a_letter_is_tried_again(
    sendgrid: SendGridPost, message: Message, status: int, kind: type[IntegrationError]
) -> None:
    sendgrid.server.answer = Answer(status)

    with pytest.raises(IntegrationError) as told:
        sendgrid.mailer().send(message, KEY)

    assert type(told.value) is kind


def test_busy_api_is_left_alone_until_its_reset(sendgrid: SendGridPost, message: Message) -> None:
    sendgrid.server.answer = Answer(429, {"X-RateLimit-Reset": str(int(time.time()) + 400)})

    with pytest.raises(RetryableError) as told:
        sendgrid.mailer().send(message, KEY)

    assert told.value.after is not None
    assert timedelta(seconds=300) < told.value.after <= timedelta(seconds=400)


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({}, None),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"X-RateLimit-Reset": "17"}, timedelta(seconds=1)),
    ],
    ids=["missing", "malformed", "past"],
)
def test_reset_that_tells_nothing_is_no_wait_of_its_own(
    sendgrid: SendGridPost, message: Message, headers: dict[str, str], after: timedelta | None
) -> None:
    sendgrid.server.answer = Answer(429, headers)

    with pytest.raises(RetryableError) as told:
        sendgrid.mailer().send(message, KEY)

    assert told.value.after == after


def test_objection_is_told_by_field_without_its_sentence(sendgrid: SendGridPost, message: Message) -> None:
    errors = [
        {"field": "personalizations.0.to.0.email", "message": "zoe@acme.example is wrong"},
        {"field": "zoe@acme.example", "message": "?"},
        {"field": None, "message": "zoe"},
    ]
    sendgrid.server.answer = Answer(400, body=json.dumps({"errors": errors}).encode())

    with pytest.raises(InvalidError) as told:
        sendgrid.mailer().send(message, KEY)

    assert str(told.value) == "SendGrid refuses the letter (400): personalizations.0.to.0.email, None"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"errors": [1]}', b"<html>"])
def test_objection_that_is_no_json_is_told_all_the_same(
    sendgrid: SendGridPost, message: Message, body: bytes
) -> None:
    sendgrid.server.answer = Answer(400, body=body)

    with pytest.raises(InvalidError, match="no field named"):
        sendgrid.mailer().send(message, KEY)


def test_answer_that_breaks_off_is_ambiguous(sendgrid: SendGridPost, message: Message) -> None:
    sendgrid.server.answer = Answer(202, {"Transfer-Encoding": "chunked"}, b"5\r\nab")
    sendgrid.server.drops = False

    with pytest.raises(AmbiguousError):
        sendgrid.mailer(timeout_s=5).send(message, KEY)


def test_call_gives_up_after_its_timeout(sendgrid: SendGridPost, message: Message) -> None:
    sendgrid.server.hangs = True
    started = time.monotonic()

    with pytest.raises(AmbiguousError):
        sendgrid.mailer(timeout_s=5).send(message, KEY)

    assert time.monotonic() - started < 20


def test_debug_log_tells_neither_key_nor_letter(
    sendgrid: SendGridPost, message: Message, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    sendgrid.mailer().send(message, KEY)

    assert API_KEY not in caplog.text
    assert "mardi" not in caplog.text


@pytest.mark.parametrize(
    ("key", "url"),
    [
        ("", "https://api.sendgrid.com"),
        (" ", "https://api.sendgrid.com"),
        ("SG.a\nX-Evil: 1", "https://api.sendgrid.com"),
        ("SG.a", "api.sendgrid.com"),
        ("SG.a", "file:///etc/passwd"),
        ("SG.a", "https://api.sendgrid.com/v3"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(
    key: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where it is given no key, the library takes one from the environment.
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.somebody.elses")

    with pytest.raises(MisconfiguredError):
        SendGrid(key, sender_address=SENDER, sender_name=SENDER_NAME, base_url=url)


def test_base_url_may_end_in_a_slash(sendgrid: SendGridPost, message: Message) -> None:
    url = f"{sendgrid.server.url}/"
    SendGrid(API_KEY, sender_address=SENDER, sender_name=SENDER_NAME, base_url=url).send(message, KEY)

    assert len(sendgrid.server.letters) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"priority": "high"}, "priority"),
        ({"personalizations": [{"to": [{"email": "a@b.c"}], "tag": "x"}]}, "personalizations.0.tag"),
        (
            {"personalizations": [{"to": [{"email": "a@b.c", "name": "b, a"}]}]},
            "personalizations.0.to.0.name",
        ),
        ({"personalizations": [{"to": []}]}, "personalizations.0.to"),
        ({"content": [{"type": "text/html", "value": "a"}, {"type": "text/plain", "value": "b"}]}, "content"),
        ({"content": [{"type": "text/plain; charset=utf-8", "value": "a"}]}, "content.0.type"),
        ({"headers": {"Subject": "x"}}, "headers.Subject"),
        ({"subject": ""}, "subject"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_server_of_these_tests_objects_as_the_real_one_does(change: dict[str, object], field: str) -> None:
    good = {
        "personalizations": [{"to": [{"email": "a@b.c"}]}],
        "from": {"email": "d@e.f"},
        "subject": "s",
        "content": [{"type": "text/plain", "value": "a"}],
    }

    assert objections(good) == []
    assert [name for name, _ in objections({**good, **change})] == [field]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(429), RetryableError),
        (Answer(503), RetryableError),
        (Answer(401), MisconfiguredError),
        (Answer(404), MisconfiguredError),
        (Answer(200, body=b"<html>"), MisconfiguredError),
        (Answer(200, body=b"[]"), MisconfiguredError),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else "",
)
def test_check_tells_what_is_wrong(sendgrid: SendGridPost, answer: Answer, kind: type[Exception]) -> None:
    sendgrid.server.answer = answer
    with pytest.raises(kind):
        sendgrid.mailer().check()


def test_check_asks_for_the_scope_that_sending_takes(sendgrid: SendGridPost) -> None:
    sendgrid.server.scopes.remove("mail.send")
    with pytest.raises(MisconfiguredError, match=r"mail\.send"):
        sendgrid.mailer().check()
