"""Microsoft 365 over networks that fail, through a company's proxy, and from many threads at once."""

import random
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from contextvars import copy_context
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations import deadline
from integrations.calendars.calendar import EventRef, Snapshot
from integrations.calendars.microsoft import Microsoft
from integrations.calendars.turns import Turns
from integrations.errors import AmbiguousError, IntegrationError, MisconfiguredError, RetryableError
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.google_acts import Act, ask, delete, failing, read, write
from tests.integrations.calendars.graph_desk import OutlookHand, adapter, desk_at, through
from tests.integrations.calendars.graph_entra import CLIENT, SECRET, TENANT
from tests.integrations.calendars.graph_server import GraphServer, graph_server
from tests.integrations.calendars.loopback import unheard
from tests.integrations.calendars.tls import authority, connect_proxy
from tests.integrations.calendars.wire import Loss

API, ENTRA = "graph.microsoft.com", "login.microsoftonline.com"


@pytest.mark.parametrize(
    ("act", "kind"),
    [(read, RetryableError), (ask, RetryableError), (write, AmbiguousError), (delete, AmbiguousError)],
)
def test_a_hanging_server_frees_the_call_in_time(
    tenant: GraphServer, bureau: Desk, act: Act, kind: type[IntegrationError]
) -> None:
    """A call ends in time as a whole: nothing is looked for once it has taken all of it."""
    impatient = through(bureau, tenant, timeout_s=3)
    tenant.fault = lambda _: Loss.HANGS
    started = time.monotonic()
    assert type(failing(act, impatient)) is kind
    assert 2.8 <= time.monotonic() - started < 10
    assert len(tenant.calls) == 1


def test_calls_that_wait_for_a_hanging_mailbox_are_freed_in_time_too(
    tenant: GraphServer, bureau: Desk
) -> None:
    impatient = through(bureau, tenant, timeout_s=60)
    tenant.fault = lambda _: Loss.HANGS
    started = time.monotonic()
    # One end for all, however late a thread begins: no turn is left once the first two have waited for it.
    with deadline.within(3), ThreadPoolExecutor(8) as threads:
        contexts = [copy_context() for _ in range(8)]
        kinds = list(threads.map(lambda one: type(one.run(failing, write, impatient)), contexts))
    assert time.monotonic() - started < 30
    assert sorted(kind.__name__ for kind in kinds) == ["AmbiguousError"] * 2 + ["RetryableError"] * 6


def test_calls_that_wait_for_anothers_token_are_freed_in_time_too(tenant: GraphServer, bureau: Desk) -> None:
    impatient = through(bureau, tenant, timeout_s=3)
    tenant.token_faults.append(Loss.HANGS)
    started = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        kinds = list(threads.map(lambda _: type(failing(write, impatient)), range(8)))
    assert time.monotonic() - started < 18  # one after the other they would wait 24 s
    assert (kinds, len(tenant.token_calls)) == ([RetryableError] * 8, 1)


@pytest.mark.parametrize("act", [read, ask, write, delete])
def test_a_server_that_is_not_there_was_sent_nothing(tenant: GraphServer, bureau: Desk, act: Act) -> None:
    with unheard() as port:
        tenant.entra.resource = f"http://127.0.0.1:{port}"
        nowhere = through(bureau, tenant, graph_url=f"http://127.0.0.1:{port}/v1.0")
        assert type(failing(act, nowhere)) is RetryableError


@pytest.mark.parametrize("act", [read, write])
def test_a_host_without_address_was_sent_nothing(
    tenant: GraphServer, bureau: Desk, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    _forget_proxies(monkeypatch)
    tenant.entra.resource = "http://nowhere.invalid"
    nowhere = through(bureau, tenant, graph_url="http://nowhere.invalid/v1.0")
    assert type(failing(act, nowhere)) is RetryableError


@pytest.fixture
def ca(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    return authority(tmp_path, API, ENTRA)


@pytest.fixture
def tls_tenant(ca: tuple[Path, ssl.SSLContext]) -> Iterator[GraphServer]:
    with graph_server(ca[1]) as server:
        yield server


def behind(
    proxy_url: str, organizer: str, monkeypatch: pytest.MonkeyPatch, trusted: Path | None
) -> Microsoft:
    """The adapter as it is in production: Microsoft's own addresses, and a proxy in the environment."""
    _forget_proxies(monkeypatch)
    monkeypatch.setenv("HTTPS_PROXY", proxy_url)
    if trusted:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    return Microsoft(tenant=TENANT, client_id=CLIENT, secret=SECRET, organizer=organizer, timeout_s=60)


def people_of(server: GraphServer) -> Desk:
    """Who has a mailbox there; the adapter is not used."""
    return desk_at(server, adapter(server, "office1@corp.example"), 1)


def test_the_environments_proxy_and_a_private_ca_lead_to_microsoft(
    tls_tenant: GraphServer, ca: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = people_of(tls_tenant)
    with connect_proxy(_port(tls_tenant)) as proxy:
        calendar = behind(proxy.url, bureau.organizer, monkeypatch, ca[0])
        found = calendar.get(calendar.ensure("key", 0, bureau.spec()))
    assert isinstance(found, Snapshot)
    assert proxy.asked == [f"CONNECT {ENTRA}:443", f"CONNECT {API}:443"]


def test_a_certificate_nobody_here_trusts_is_an_operators_matter(
    tls_tenant: GraphServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = people_of(tls_tenant)
    with connect_proxy(_port(tls_tenant)) as proxy:
        calendar = behind(proxy.url, bureau.organizer, monkeypatch, None)
        with pytest.raises(MisconfiguredError, match="CA"):
            calendar.ensure("key", 0, bureau.spec())
    assert (tls_tenant.calls, tls_tenant.token_calls) == ([], [])


def test_a_proxy_that_refuses_has_passed_nothing_on(
    tls_tenant: GraphServer, ca: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lets the token through, and then the event not."""
    bureau = people_of(tls_tenant)
    with connect_proxy(_port(tls_tenant)) as open_proxy, connect_proxy(1, refuses=True) as shut_proxy:
        calendar = behind(open_proxy.url, bureau.organizer, monkeypatch, ca[0])
        calendar.get(EventRef(provider="microsoft", organizer=bureau.organizer, id="x", key="k"))
        monkeypatch.setenv("HTTPS_PROXY", shut_proxy.url)
        with ThreadPoolExecutor(1) as beside, pytest.raises(RetryableError):
            beside.submit(calendar.ensure, "key", 0, bureau.spec()).result(60)
    assert len(shut_proxy.asked) == 1


def test_an_environments_proxy_is_not_asked_for_this_host(
    bureau: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _forget_proxies(monkeypatch)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert isinstance(bureau.calendar.get(bureau.calendar.ensure("key", 0, bureau.spec())), Snapshot)


def test_every_thread_gets_the_answers_to_its_own_calls_two_at_once(
    tenant: GraphServer, bureau: Desk
) -> None:
    """8 threads with 100 calls each; Exchange throttles an app by mailbox, and is kept from it."""
    patient = adapter(tenant, bureau.organizer, timeout_s=60)
    assert _mistaken(tenant, patient, _events(tenant, bureau, 100)) == 0
    assert (len(tenant.calls), tenant.entra.count, tenant.most_at_once) == (800, 1, 2)


def test_calls_without_turns_would_be_throttled(
    tenant: GraphServer, bureau: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def at_will(*_: Any) -> Iterator[None]:
        with nullcontext():
            yield

    monkeypatch.setattr(Turns, "turn", at_will)
    assert _mistaken(tenant, bureau.calendar, _events(tenant, bureau, 20), longest_s=0.1) > 0
    assert tenant.most_at_once > 2


def _events(tenant: GraphServer, bureau: Desk, count: int) -> list[EventRef]:
    hand = OutlookHand(tenant)
    ids = []
    for number in range(count):
        start, end = (
            {"dateTime": moment.replace(tzinfo=None).isoformat(), "timeZone": "UTC"}
            for moment in (TUESDAY + timedelta(days=number), TUESDAY + timedelta(days=number) + HOUR)
        )
        ids.append(hand.put(bureau.organizer, start=start, end=end).resource["id"])
    return [EventRef(provider="microsoft", organizer=bureau.organizer, id=one, key="k") for one in ids]


def _mistaken(tenant: GraphServer, calendar: object, refs: list[EventRef], longest_s: float = 0.002) -> int:
    """How many calls of 8 threads, one each per event, got no answer or another call's."""
    chance = random.Random(1)
    tenant.delay = lambda _: chance.random() * longest_s
    together = threading.Barrier(8)

    def look(seed: int) -> int:
        together.wait(60)
        shuffled = random.Random(seed).sample(range(len(refs)), len(refs))
        return sum(not _is_right(calendar, refs, number) for number in shuffled)

    with ThreadPoolExecutor(8) as threads:
        return sum(threads.map(look, range(8)))


def _is_right(calendar: object, refs: list[EventRef], number: int) -> bool:
    assert isinstance(calendar, Microsoft)
    try:
        found = calendar.get(refs[number])
    except IntegrationError:
        return False
    return isinstance(found, Snapshot) and found.start == TUESDAY + timedelta(days=number)


def _forget_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    for name in (*names, "NO_PROXY", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def _port(server: GraphServer) -> int:
    return int(server.url.rpartition(":")[2])
