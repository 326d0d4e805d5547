"""What is made of Graph's refusals."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from integrations.errors import (
    AmbiguousError,
    ConflictError,
    GoneError,
    IntegrationError,
    InvalidError,
    MisconfiguredError,
    PersonUnavailableError,
    QuotaParkedError,
    RetryableError,
)
from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.google_acts import Act, ask, delete, failing, read, write
from tests.integrations.calendars.graph_server import GraphServer
from tests.integrations.calendars.wire import Answer


@pytest.mark.parametrize(
    ("status", "code", "act", "kind"),
    [
        (429, "ApplicationThrottled", write, RetryableError),
        (429, "TooManyRequests", read, RetryableError),
        (503, "ErrorServerBusy", write, RetryableError),
        (503, "ServiceNotAvailable", ask, RetryableError),
        (421, "MailboxInfoStale", write, RetryableError),
        (403, "ErrorAccessDenied", write, MisconfiguredError),
        (403, "Authorization_RequestDenied", ask, MisconfiguredError),
        (404, "", read, MisconfiguredError),
        (404, "ErrorItemNotFound", write, MisconfiguredError),
        (302, "", read, MisconfiguredError),
        (507, "", write, MisconfiguredError),
        (403, "ErrorQuotaExceeded", write, MisconfiguredError),
        (404, "ErrorInvalidUser", write, PersonUnavailableError),
        (404, "MailboxNotEnabledForRESTAPI", read, PersonUnavailableError),
        (404, "ResourceNotFound", ask, PersonUnavailableError),
        (400, "RequestBodyRead", write, InvalidError),
        (413, "", ask, InvalidError),
        (412, "ErrorIrresolvableConflict", delete, ConflictError),
        (500, "generalException", delete, AmbiguousError),
        (504, "GatewayTimeout", delete, AmbiguousError),
        (408, "", delete, AmbiguousError),
        (500, "generalException", read, RetryableError),
        (504, "GatewayTimeout", ask, RetryableError),
        (408, "", ask, RetryableError),
        (429, "ErrorExceededMessageLimit", write, QuotaParkedError),
    ],
)
def test_a_refusal_is_told_in_our_words_and_not_retried(  # noqa: PLR0913, PLR0917 - a row of the table
    tenant: GraphServer, bureau: Desk, status: int, code: str, act: Act, kind: type[IntegrationError]
) -> None:
    tenant.faults.append(Answer(status, code))
    assert type(failing(act, bureau)) is kind
    assert len(tenant.calls) == 1


@pytest.mark.parametrize("status", [301, 302, 307])
@pytest.mark.parametrize("act", [read, write])
def test_a_redirect_is_not_followed(tenant: GraphServer, bureau: Desk, status: int, act: Act) -> None:
    elsewhere = {"Location": f"{tenant.graph_url}/users/{bureau.organizer}/events/x"}
    tenant.faults.append(Answer(status, "", elsewhere))
    assert type(failing(act, bureau)) is MisconfiguredError
    assert len(tenant.calls) == 1


@pytest.mark.parametrize("status", [500, 502, 504, 408])
def test_a_server_error_to_a_new_event_is_ambiguous_once_it_has_been_looked_for(
    tenant: GraphServer, bureau: Desk, status: int
) -> None:
    tenant.faults.append(Answer(status, "generalException"))
    assert type(failing(write, bureau)) is AmbiguousError
    assert tenant.methods() == ["POST /events", "GET /events"]


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        ((404, "MailboxNotEnabledForRESTAPI"), PersonUnavailableError),
        ((403, "ErrorAccessDenied"), MisconfiguredError),
    ],
)
def test_an_organizer_without_mailbox_or_out_of_the_apps_scope_is_told_apart(
    tenant: GraphServer, bureau: Desk, refusal: tuple[int, str], kind: type[IntegrationError]
) -> None:
    """RBAC for Applications fences the app in: a mailbox outside answers 403."""
    tenant.join(bureau.organizer, refusal=refusal)
    assert {type(failing(act, bureau)) for act in (read, write, ask, delete)} == {kind}


def test_a_duplicate_transaction_id_whose_event_nobody_finds_is_gone(
    tenant: GraphServer, bureau: Desk
) -> None:
    tenant.faults.append(Answer(400, "ErrorDuplicateTransactionId"))
    assert type(failing(write, bureau)) is GoneError
    assert tenant.methods() == ["POST /events", "GET /events"]


@pytest.mark.parametrize(
    "text", ["<html></html>", "[]", "{}", '{"error": "zoe@corp.example"}', '{"error": []}']
)
def test_a_refusal_without_a_code_is_told_by_its_status(tenant: GraphServer, bureau: Desk, text: str) -> None:
    tenant.faults.append(Answer(403, text=text))
    assert type(failing(read, bureau)) is MisconfiguredError


def test_a_code_that_is_no_word_is_not_passed_on(tenant: GraphServer, bureau: Desk) -> None:
    tenant.faults.append(Answer(403, "no access to zoe@corp.example"))
    assert "zoe" not in str(failing(read, bureau))


def test_nothing_personal_is_logged(
    tenant: GraphServer, bureau: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tenant.faults.append(Answer(403, "ErrorAccessDenied"))
    failing(read, bureau)
    assert "corp.example" not in caplog.text


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", (120, 120)),
        ("Wed, 01 Jan 2020 00:00:00 GMT", (0, 0)),
        ("Fri, 01 Jan 2100 00:00:00 GMT", (1e9, 1e10)),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_the_wait(
    tenant: GraphServer, bureau: Desk, status: int, value: str, seconds: tuple[float, float]
) -> None:
    tenant.faults.append(Answer(status, "", {"Retry-After": value}))
    error = failing(write, bureau)
    assert isinstance(error, RetryableError)
    assert error.after is not None
    assert seconds[0] <= error.after.total_seconds() <= seconds[1]


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "soon"}])
def test_no_wait_is_named_where_none_can_be_read(
    tenant: GraphServer, bureau: Desk, headers: Mapping[str, str]
) -> None:
    tenant.faults.append(Answer(429, "", headers))
    error = failing(read, bureau)
    assert isinstance(error, RetryableError)
    assert error.after is None


@pytest.mark.parametrize(("headers", "hours"), [({}, 3), ({"Retry-After": "7200"}, 2)])
def test_an_organizer_who_has_sent_enough_is_parked_for_hours(
    tenant: GraphServer, bureau: Desk, headers: Mapping[str, str], hours: int
) -> None:
    tenant.faults.append(Answer(429, "ErrorMessageSubmissionBlocked", headers))
    error = failing(write, bureau)
    assert isinstance(error, QuotaParkedError)
    wait = error.until - datetime.now(UTC)
    assert timedelta(hours=hours, minutes=-1) < wait <= timedelta(hours=hours)


def test_an_attendee_no_mail_can_go_to_is_refused_before_anything_is_asked(
    tenant: GraphServer, bureau: Desk
) -> None:
    spec = bureau.spec()
    odd = spec.attendees[0].model_copy(update={"address": "zoé@corp.example"})
    with pytest.raises(InvalidError):
        bureau.calendar.ensure("key", 0, spec.model_copy(update={"attendees": (odd,)}))
    assert tenant.calls == []


def test_an_answer_to_a_write_that_cannot_be_read_is_ambiguous(tenant: GraphServer, bureau: Desk) -> None:
    tenant.faults.append(Answer(200, text="<html>Log in to the guest network</html>"))
    assert type(failing(write, bureau)) is AmbiguousError
