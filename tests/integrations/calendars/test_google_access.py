"""What is made of keys, tokens and scopes that Google does not accept."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from integrations.calendars.calendar import Snapshot
from integrations.calendars.google import Google
from integrations.errors import (
    IntegrationError,
    MisconfiguredError,
    PersonUnavailableError,
    RetryableError,
)
from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.google_acts import failing, read, write
from tests.integrations.calendars.google_desk import adapter, through
from tests.integrations.calendars.google_server import Answer, GoogleServer
from tests.integrations.calendars.google_token import service_account_info
from tests.integrations.calendars.wire import Loss


@pytest.mark.parametrize("scope", ["calendar.events.owned", "calendar.events.freebusy"])
def test_a_scope_that_is_not_delegated_is_an_operators_matter(
    server: GoogleServer, office: Desk, scope: str
) -> None:
    server.tokens.delegated.remove(f"https://www.googleapis.com/auth/{scope}")
    assert type(failing(read, office)) is MisconfiguredError


def test_an_organizer_google_does_not_know_is_unavailable(server: GoogleServer, office: Desk) -> None:
    del server.store.accounts[office.organizer]
    assert type(failing(write, office)) is PersonUnavailableError


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Answer(500, text='{"error": "internal_failure"}'), RetryableError),
        (Answer(503, text="<html></html>"), RetryableError),
        (Answer(429, text="{}"), RetryableError),
        (Answer(200, text="<html>Log in to the guest network</html>"), RetryableError),
        (Answer(200, text="[]"), RetryableError),
        (Answer(400, text='{"error": "invalid_scope"}'), MisconfiguredError),
        (Loss.RESET_AFTER, RetryableError),
        (Loss.HANGS, RetryableError),
    ],
)
def test_what_fails_before_there_is_a_token_has_written_nothing_and_is_not_retried(
    server: GoogleServer, office: Desk, fault: Answer | Loss, kind: type[IntegrationError]
) -> None:
    """google-auth by itself tries a token three times, seconds apart."""
    impatient = through(office, server, timeout_s=2)
    server.token_faults.append(fault)
    started = time.monotonic()
    assert type(failing(write, impatient)) is kind
    assert time.monotonic() - started < 10
    assert (server.calls, server.tokens.count) == ([], 0)


def test_a_token_that_is_no_longer_good_is_fetched_anew(server: GoogleServer, office: Desk) -> None:
    read(office)
    server.tokens.expire()
    read(office)
    assert server.tokens.count == 2


def test_a_token_that_is_never_good_is_an_operators_matter(server: GoogleServer, office: Desk) -> None:
    server.faults.extend([Answer(401, "authError")] * 3)
    assert type(failing(write, office)) is MisconfiguredError
    assert len(server.calls) == 3


@pytest.mark.parametrize(
    "endpoint", ["https://www.googleapis.com", "https://www.googleapis.com/calendar/v3", ""]
)
def test_an_endpoint_without_the_apis_path_is_refused(endpoint: str) -> None:
    with pytest.raises(MisconfiguredError, match="/calendar/v3/"):
        Google(service_account_info={}, organizer="office@corp.example", api_endpoint=endpoint)


@pytest.mark.parametrize(
    "spoilt", [{"private_key": "secret-secret"}, {"client_email": None}, {"token_uri": ""}]
)
def test_a_key_that_cannot_be_read_is_refused_and_not_quoted(spoilt: Mapping[str, Any]) -> None:
    info = {**service_account_info("http://127.0.0.1:1/token"), **spoilt}
    told = {name: value for name, value in info.items() if value}
    with pytest.raises(MisconfiguredError) as caught:
        Google(service_account_info=told, organizer="office@corp.example")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_key_file_is_read(tmp_path: Path, server: GoogleServer, office: Desk) -> None:
    file = tmp_path / "key.json"
    with pytest.raises(MisconfiguredError):
        adapter(server, office.organizer, service_account_info=file)
    file.write_text(json.dumps(service_account_info("http://127.0.0.1:1/token")))
    calendar = adapter(server, office.organizer, service_account_info=file, token_uri=server.token_uri)
    assert isinstance(calendar.get(calendar.ensure("key", 0, office.spec())), Snapshot)
