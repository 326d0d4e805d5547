"""What is made of credentials and tokens that Entra or Graph does not accept."""

import socket
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.calendars.calendar import Snapshot
from integrations.calendars.microsoft import Microsoft
from integrations.errors import IntegrationError, MisconfiguredError, RetryableError
from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.google_acts import failing, read, write
from tests.integrations.calendars.graph_desk import adapter, through
from tests.integrations.calendars.graph_entra import CLIENT, SECRET, TENANT, certificate
from tests.integrations.calendars.graph_server import GraphServer
from tests.integrations.calendars.wire import Answer, Loss


def test_building_the_adapter_asks_nobody_and_one_token_serves_all_calls(
    tenant: GraphServer, bureau: Desk
) -> None:
    assert tenant.token_calls == []
    for _ in range(3):
        read(bureau)
    assert tenant.token_calls == [
        f"GET /{TENANT}/v2.0/.well-known/openid-configuration",
        f"POST /{TENANT}/oauth2/v2.0/token",
    ]


def test_a_certificate_serves_as_well_as_a_secret(tenant: GraphServer, bureau: Desk, tmp_path: Path) -> None:
    calendar = adapter(tenant, bureau.organizer, secret="", certificate=certificate(tmp_path))
    assert isinstance(calendar.get(calendar.ensure("key", 0, bureau.spec())), Snapshot)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"secret": "wrong~secret"}, "AADSTS7000215"),
        ({"client_id": "nobody"}, "AADSTS700016"),
        ({"tenant": "elsewhere"}, "tenant"),
        ({"authority": "http://login.microsoftonline.com"}, "tenant"),
    ],
)
def test_credentials_entra_does_not_know_are_an_operators_matter(
    tenant: GraphServer, bureau: Desk, changes: dict[str, Any], said: str
) -> None:
    error = failing(write, through(bureau, tenant, **changes))
    assert type(error) is MisconfiguredError
    assert said in str(error)
    assert "secret" not in str(error)
    assert tenant.calls == []


@pytest.mark.parametrize(
    ("fault", "at_first", "later"),
    [
        (Answer(400, text='{"error": "temporarily_unavailable"}'), MisconfiguredError, RetryableError),
        (Answer(400, text='{"error": "x", "error_codes": [90033]}'), MisconfiguredError, RetryableError),
        (Answer(500, text='{"error": "server_error"}'), RetryableError, RetryableError),
        (Answer(503, text="<html></html>"), RetryableError, RetryableError),
        (Answer(200, text="<html>Log in to the guest network</html>"), RetryableError, RetryableError),
        (Answer(200, text="[]"), RetryableError, RetryableError),
        (Answer(400, text='{"error": "a b", "error_codes": "zoe"}'), MisconfiguredError, MisconfiguredError),
        (Answer(401, text='{"error": "invalid_client"}'), MisconfiguredError, MisconfiguredError),
        (Answer(403, text="<html></html>"), MisconfiguredError, MisconfiguredError),
        (Answer(302, text="{}"), MisconfiguredError, MisconfiguredError),
        (Answer(200, text="{}"), MisconfiguredError, MisconfiguredError),
        (Loss.DROPPED_BEFORE, RetryableError, RetryableError),
        (Loss.RESET_AFTER, RetryableError, RetryableError),
        (Loss.HANGS, RetryableError, RetryableError),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_what_fails_before_there_is_a_token_has_written_nothing_and_is_not_retried(  # noqa: PLR0913, PLR0917
    tenant: GraphServer,
    bureau: Desk,
    fault: Answer | Loss,
    at_first: type[IntegrationError],
    later: type[IntegrationError],
    is_first: bool,
) -> None:
    """The first request asks where tokens are given, the second for one."""
    impatient = through(bureau, tenant, timeout_s=2)
    tenant.token_faults.extend([fault] if is_first else [None, fault])
    started = time.monotonic()
    assert type(failing(write, impatient)) is (at_first if is_first else later)
    assert time.monotonic() - started < 10
    assert (tenant.calls, len(tenant.token_calls)) == ([], 1 if is_first else 2)


@pytest.mark.parametrize("status", [429, 503])
def test_entras_retry_after_is_the_wait(tenant: GraphServer, bureau: Desk, status: int) -> None:
    tenant.token_faults.extend([None, Answer(status, text="{}", headers={"Retry-After": "17"})])
    error = failing(write, bureau)
    assert isinstance(error, RetryableError)
    assert error.after == timedelta(seconds=17)


def test_a_network_that_failed_once_does_not_keep_the_next_call_from_its_token(
    tenant: GraphServer, bureau: Desk
) -> None:
    tenant.token_faults.append(Loss.DROPPED_BEFORE)
    failing(write, bureau)
    write(bureau)
    assert tenant.entra.count == 1


def test_a_refused_token_is_replayed_by_msal_for_a_minute(tenant: GraphServer, bureau: Desk) -> None:
    """So that an operator's mend shows a minute later, and not at the first retry."""
    refused = Answer(400, text='{"error": "unauthorized_client"}')
    tenant.token_faults.extend([None, refused])
    assert type(failing(write, bureau)) is MisconfiguredError
    assert type(failing(write, bureau)) is MisconfiguredError
    assert len(tenant.token_calls) == 2


def test_a_token_that_is_no_longer_good_is_fetched_anew(tenant: GraphServer, bureau: Desk) -> None:
    read(bureau)
    tenant.entra.revoke()
    read(bureau)
    assert (tenant.entra.count, len(tenant.calls)) == (2, 2)


def test_a_token_that_is_never_good_is_an_operators_matter(tenant: GraphServer, bureau: Desk) -> None:
    tenant.faults.extend([Answer(401, "InvalidAuthenticationToken")] * 2)
    assert type(failing(write, bureau)) is MisconfiguredError
    assert (len(tenant.calls), tenant.entra.count) == (2, 2)


def test_a_netrc_does_not_take_the_place_of_the_token(
    tenant: GraphServer, bureau: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine graph.test login zoe password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("NO_PROXY", "graph.test")
    port = tenant.url.rpartition(":")[2]
    monkeypatch.setattr("socket.getaddrinfo", _here(int(port)))
    tenant.entra.resource = f"http://graph.test:{port}"
    named = through(bureau, tenant, graph_url=f"http://graph.test:{port}/v1.0")
    write(named)
    assert tenant.methods() == ["POST /events", "GET /events/{id}"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"graph_url": "https://graph.microsoft.com"}, "/v1.0"),
        ({"graph_url": "graph.microsoft.com/v1.0"}, "/v1.0"),
        ({"secret": ""}, "certificate or its secret"),
        ({"certificate": Path("/nowhere/app.pem")}, "one of them"),
        ({"certificate": Path("/nowhere/app.pem"), "secret": ""}, "PEM"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(changes: dict[str, Any], said: str) -> None:
    told: dict[str, Any] = {
        "tenant": TENANT,
        "client_id": CLIENT,
        "secret": SECRET,
        "organizer": "office@corp.example",
        **changes,
    }
    with pytest.raises(MisconfiguredError, match=said):
        Microsoft(**told)


def test_a_certificate_that_is_none_is_refused_and_not_quoted(
    tenant: GraphServer, bureau: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "app.pem"
    file.write_text("-----BEGIN PRIVATE KEY-----\nsecretsecret\n-----END PRIVATE KEY-----\n")
    error = failing(write, through(bureau, tenant, secret="", certificate=file))
    assert type(error) is MisconfiguredError
    assert "secret" not in str(error)
    assert error.__cause__ is None


def _here(port: int) -> Callable[..., list[tuple[Any, ...]]]:
    """A resolver to which every name is this host."""
    return lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
