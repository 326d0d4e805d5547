"""Google over networks that fail, through a company's proxy, and from many threads at once."""

import random
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from integrations.calendars.calendar import EventRef, Snapshot
from integrations.calendars.google import Google
from integrations.errors import AmbiguousError, IntegrationError, MisconfiguredError, RetryableError
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.google_acts import Act, ask, delete, failing, read, write
from tests.integrations.calendars.google_desk import GoogleHand, adapter, desk_at, through
from tests.integrations.calendars.google_server import GoogleServer, google_server
from tests.integrations.calendars.google_token import service_account_info
from tests.integrations.calendars.loopback import unheard
from tests.integrations.calendars.tls import authority, connect_proxy
from tests.integrations.calendars.wire import Loss

API, TOKENS = "www.googleapis.com", "oauth2.googleapis.com"


@pytest.mark.parametrize(
    ("act", "kind"),
    [(read, RetryableError), (ask, RetryableError), (write, AmbiguousError), (delete, AmbiguousError)],
)
def test_a_hanging_server_frees_the_call_in_time(
    server: GoogleServer, office: Desk, act: Act, kind: type[IntegrationError]
) -> None:
    impatient = through(office, server, timeout_s=5)
    server.faults.append(Loss.HANGS)
    started = time.monotonic()
    assert type(failing(act, impatient)) is kind
    assert 5 <= time.monotonic() - started < 15
    assert len(server.calls) == 1


@pytest.mark.parametrize("act", [read, ask, write, delete])
def test_a_server_that_is_not_there_was_sent_nothing(server: GoogleServer, office: Desk, act: Act) -> None:
    with unheard() as port:
        nowhere = through(office, server, api_endpoint=f"http://127.0.0.1:{port}/calendar/v3/")
        assert type(failing(act, nowhere)) is RetryableError


@pytest.mark.parametrize("act", [read, write])
def test_a_host_without_address_was_sent_nothing(server: GoogleServer, office: Desk, act: Act) -> None:
    nowhere = through(office, server, api_endpoint="http://nowhere.invalid/calendar/v3/")
    assert type(failing(act, nowhere)) is RetryableError


def test_a_first_call_that_may_have_arrived_makes_a_refused_second_one_ambiguous(
    server: GoogleServer, office: Desk
) -> None:
    """httplib2's second connection is refused, but its first one had sent the event."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(60)
    once = through(office, server, api_endpoint=f"http://127.0.0.1:{listening.getsockname()[1]}/calendar/v3/")

    def swallow() -> None:
        client, _ = listening.accept()
        listening.close()
        with client:
            while not client.recv(65536).endswith(b'"}}}}'):
                pass

    with ThreadPoolExecutor(1) as beside:
        swallowed = beside.submit(swallow)
        error = failing(write, once)
        swallowed.result(60)
    assert type(error) is AmbiguousError
    assert isinstance(error.__cause__, ConnectionRefusedError)


@pytest.fixture
def ca(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    return authority(tmp_path, API, TOKENS)


@pytest.fixture
def tls_google(ca: tuple[Path, ssl.SSLContext]) -> Iterator[GoogleServer]:
    with google_server(ca[1]) as server:
        yield server


def behind(proxy_url: str, organizer: str, monkeypatch: pytest.MonkeyPatch, trusted: Path | None) -> Google:
    """The adapter as it is in production: Google's own addresses, and a proxy in the environment."""
    for name in ("NO_PROXY", "no_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", proxy_url)
    return Google(
        service_account_info=service_account_info(f"https://{TOKENS}/token"),
        organizer=organizer,
        timeout_s=60,
        ca_certs=trusted,
    )


def people_of(server: GoogleServer) -> Desk:
    """Who has an account there; the adapter is not used."""
    return desk_at(server, adapter(server, "office1@corp.example"), 1)


def test_the_environments_proxy_and_a_private_ca_lead_to_google(
    tls_google: GoogleServer, ca: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    office = people_of(tls_google)
    with connect_proxy(_port(tls_google)) as proxy:
        calendar = behind(proxy.url, office.organizer, monkeypatch, ca[0])
        found = calendar.get(calendar.ensure("key", 0, office.spec()))
    assert isinstance(found, Snapshot)
    assert proxy.asked == [f"CONNECT {TOKENS}:443", f"CONNECT {API}:443"]


def test_a_certificate_nobody_here_trusts_is_an_operators_matter(
    tls_google: GoogleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = people_of(tls_google)
    with connect_proxy(_port(tls_google)) as proxy:
        calendar = behind(proxy.url, office.organizer, monkeypatch, None)
        with pytest.raises(MisconfiguredError, match="CA"):
            calendar.ensure("key", 0, office.spec())
    assert tls_google.calls == []


def test_a_proxy_that_refuses_has_passed_nothing_on(
    tls_google: GoogleServer, ca: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    office = people_of(tls_google)
    with connect_proxy(_port(tls_google), refuses=True) as proxy:
        calendar = behind(proxy.url, office.organizer, monkeypatch, ca[0])
        with pytest.raises(RetryableError):
            calendar.ensure("key", 0, office.spec())
    assert len(proxy.asked) == 1


def test_an_environments_proxy_is_not_asked_for_this_host(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert isinstance(office.calendar.get(office.calendar.ensure("key", 0, office.spec())), Snapshot)


def test_every_thread_gets_the_answers_to_its_own_calls(server: GoogleServer, office: Desk) -> None:
    """8 threads with 100 calls each; a shared connection hands out other threads' answers."""
    assert _mistaken(server, office.calendar, _events(server, office, 100)) == 0
    assert (len(server.calls), server.tokens.count) == (800, 1)


def test_a_connection_shared_by_threads_would_be_noticed(
    server: GoogleServer, office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = adapter(server, office.organizer, timeout_s=0.3)
    refs = _events(server, office, 10)
    shared.get(refs[0])
    monkeypatch.setattr(shared, "_of_thread", _Shared(shared._of_thread.__dict__["clients"]))
    assert _mistaken(server, shared, refs) > 0


class _Shared:
    """What every thread sees alike."""

    def __init__(self, clients: object) -> None:
        self.clients = clients


def _events(server: GoogleServer, office: Desk, count: int) -> list[EventRef]:
    hand = GoogleHand(server)
    for number in range(count):
        start = TUESDAY + timedelta(days=number)
        hand.put(
            office.organizer,
            id=f"event{number:03}",
            start={"dateTime": start.isoformat()},
            end={"dateTime": (start + HOUR).isoformat()},
        )
    return [
        EventRef(provider="google", organizer=office.organizer, id=f"event{number:03}", key="k")
        for number in range(count)
    ]


def _mistaken(server: GoogleServer, calendar: object, refs: list[EventRef]) -> int:
    """How many calls of 8 threads, one each per event, got no answer or another call's."""
    chance = random.Random(1)
    server.delay = lambda _: chance.random() / 500
    together = threading.Barrier(8)

    def look(seed: int) -> int:
        together.wait(60)
        shuffled = random.Random(seed).sample(range(len(refs)), len(refs))
        return sum(not _is_right(calendar, refs, number) for number in shuffled)

    with ThreadPoolExecutor(8) as threads:
        return sum(threads.map(look, range(8)))


def _is_right(calendar: object, refs: list[EventRef], number: int) -> bool:
    assert isinstance(calendar, Google)
    try:
        found = calendar.get(refs[number])
    except (IntegrationError, AttributeError):
        return False
    return isinstance(found, Snapshot) and found.start == TUESDAY + timedelta(days=number)


def _port(server: GoogleServer) -> int:
    return int(server.url.rpartition(":")[2])
