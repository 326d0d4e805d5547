"""What is made of Google's refusals, of tokens it does not give, and of networks that fail."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from integrations.errors import (
    AmbiguousError,
    ConflictError,
    IntegrationError,
    InvalidError,
    MisconfiguredError,
    PersonUnavailableError,
    QuotaParkedError,
    RetryableError,
)
from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.google_acts import Act, ask, delete, failing, read, write
from tests.integrations.calendars.google_server import Answer, GoogleServer


@pytest.mark.parametrize(
    ("status", "reason", "act", "kind"),
    [
        (403, "rateLimitExceeded", write, RetryableError),
        (403, "userRateLimitExceeded", read, RetryableError),
        (429, "rateLimitExceeded", write, RetryableError),
        (403, "quotaExceeded", write, QuotaParkedError),
        (403, "forbidden", write, MisconfiguredError),
        (403, "accessNotConfigured", ask, MisconfiguredError),
        (403, "notACalendarUser", write, PersonUnavailableError),
        (404, "notFound", write, MisconfiguredError),
        (404, "notFound", ask, MisconfiguredError),
        (302, "", read, MisconfiguredError),
        (400, "invalid", write, InvalidError),
        (413, "uploadTooLarge", write, InvalidError),
        (412, "conditionNotMet", delete, ConflictError),
        (500, "backendError", write, AmbiguousError),
        (503, "backendError", delete, AmbiguousError),
        (408, "", write, AmbiguousError),
        (500, "backendError", read, RetryableError),
        (503, "backendError", ask, RetryableError),
        (408, "", ask, RetryableError),
    ],
)
def test_a_refusal_is_told_in_our_words_and_not_retried(  # noqa: PLR0913, PLR0917 - a row of the table
    server: GoogleServer, office: Desk, status: int, reason: str, act: Act, kind: type[IntegrationError]
) -> None:
    server.faults.append(Answer(status, reason))
    assert type(failing(act, office)) is kind
    assert len(server.calls) == 1


@pytest.mark.parametrize("text", ["<html></html>", "{}", '{"error": "x"}', '{"error": {"errors": []}}'])
def test_a_refusal_without_a_reason_is_told_by_its_status(
    server: GoogleServer, office: Desk, text: str
) -> None:
    server.faults.append(Answer(403, text=text))
    assert type(failing(read, office)) is MisconfiguredError


def test_the_body_of_a_refusal_is_not_logged(
    server: GoogleServer, office: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    server.faults.append(Answer(403, text="zoe@corp.example may not do this"))
    failing(read, office)
    assert "zoe" not in caplog.text


@pytest.mark.parametrize("text", ["[]", '{"error": {"errors": [1]}}'])
def test_a_refusal_googles_own_client_trips_over_counts_as_lost(
    server: GoogleServer, office: Desk, text: str
) -> None:
    server.faults.extend([Answer(403, text=text)] * 2)
    assert type(failing(read, office)) is RetryableError
    assert type(failing(write, office)) is AmbiguousError


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", (120, 120)),
        ("Wed, 01 Jan 2020 00:00:00 GMT", (0, 0)),
        ("Fri, 01 Jan 2100 00:00:00 GMT", (1e9, 1e10)),
    ],
)
@pytest.mark.parametrize("fault", [(429, ""), (403, "rateLimitExceeded"), (503, "")])
def test_retry_after_is_the_wait(
    server: GoogleServer, office: Desk, fault: tuple[int, str], value: str, seconds: tuple[float, float]
) -> None:
    server.faults.append(Answer(*fault, {"Retry-After": value}))
    error = failing(read, office)
    assert isinstance(error, RetryableError)
    assert error.after is not None
    assert seconds[0] <= error.after.total_seconds() <= seconds[1]


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "soon"}])
def test_no_wait_is_named_where_none_can_be_read(
    server: GoogleServer, office: Desk, headers: Mapping[str, str]
) -> None:
    server.faults.append(Answer(429, headers=headers))
    error = failing(read, office)
    assert isinstance(error, RetryableError)
    assert error.after is None


@pytest.mark.parametrize(("headers", "hours"), [({}, 3), ({"Retry-After": "7200"}, 2)])
def test_an_organizer_over_quota_is_parked_for_hours(
    server: GoogleServer, office: Desk, headers: Mapping[str, str], hours: int
) -> None:
    server.faults.append(Answer(403, "quotaExceeded", headers))
    error = failing(write, office)
    assert isinstance(error, QuotaParkedError)
    wait = error.until - datetime.now(UTC)
    assert timedelta(hours=hours, minutes=-1) < wait <= timedelta(hours=hours)


def test_an_attendee_no_mail_can_go_to_is_refused_before_anything_is_asked(
    server: GoogleServer, office: Desk
) -> None:
    spec = office.spec()
    odd = spec.attendees[0].model_copy(update={"address": "zoé@corp.example"})
    with pytest.raises(InvalidError):
        office.calendar.ensure("key", 0, spec.model_copy(update={"attendees": (odd,)}))
    assert server.calls == []


def test_an_answer_to_a_write_that_cannot_be_read_is_ambiguous(server: GoogleServer, office: Desk) -> None:
    server.faults.append(Answer(200, text="<html>Log in to the guest network</html>"))
    assert type(failing(write, office)) is AmbiguousError
