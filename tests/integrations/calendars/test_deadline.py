"""One deadline for all calls of an act, before servers that answer each of them slowly or not at all."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from integrations import deadline
from integrations.calendars.caldav import CalDav
from integrations.calendars.calendar import Attendee, Calendar, EventSpec, Snapshot, Window
from integrations.calendars.google import Google
from integrations.calendars.microsoft import Microsoft
from integrations.errors import AmbiguousError, IntegrationError, RetryableError
from tests.integrations.calendars import google_desk, graph_desk
from tests.integrations.calendars.desk import TUESDAY, Desk
from tests.integrations.calendars.google_server import GoogleServer, google_server
from tests.integrations.calendars.google_token import service_account_info
from tests.integrations.calendars.graph_server import GraphServer, graph_server
from tests.integrations.calendars.loopback import lossy, scripted, unreachable
from tests.integrations.calendars.radicale import PASSWORD, USER
from tests.integrations.calendars.wire import Loss

ORGANIZER = "office@corp.example"
SLOW_S, ACT_S, CALLS = 0.4, 1.5, 80
MONTH = Window(start=TUESDAY, end=TUESDAY + timedelta(days=28))


@contextmanager
def slow_caldav(desk: Desk, url: str, slow_s: float = SLOW_S) -> Iterator[Desk]:
    with lossy(url) as proxy:
        for nth in range(1, CALLS):
            proxy.before(nth, lambda: time.sleep(slow_s))
        calendar = CalDav(proxy.url + "/{address}/calendar/", USER, PASSWORD)
        yield replace(desk, calendar=calendar)


@pytest.fixture
def slow_google() -> Iterator[Desk]:
    with google_server() as google:
        google.delay = lambda _: SLOW_S
        yield google_desk.desk_at(
            google, google_desk.adapter(google, "office1@corp.example", timeout_s=20), 1
        )


@pytest.fixture
def slow_microsoft() -> Iterator[Desk]:
    with graph_server() as graph:
        graph.delay = lambda _: SLOW_S
        calendar = graph_desk.adapter(graph, "office1@corp.example", timeout_s=20)
        yield graph_desk.desk_at(graph, calendar, 1)


@pytest.fixture(params=["caldav", "google", "microsoft"])
def slow(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """Each adapter with its own patience of 20 s, before a server that takes a moment for every call."""
    if request.param == "caldav":
        url, desk = request.getfixturevalue("radicale_url"), request.getfixturevalue("caldav_desk")
        with slow_caldav(desk, url) as found:
            yield found
    else:
        yield request.getfixturevalue(f"slow_{request.param}")


def of_a_group(caldav: CalDav, desk: Desk) -> EventSpec:
    """A meeting of twenty, who all have a calendar."""
    people = [f"{number}-{desk.mentor}" for number in range(20)]
    for address in people:
        caldav.provision(address)
    group = tuple(Attendee(address=address, name="Zoé Dupont") for address in people)
    return desk.spec().model_copy(update={"attendees": group})


def ended(act: Callable[[], object], seconds: float = ACT_S) -> IntegrationError:
    """The error an act ends with that would go on for 20 s; it must end with its deadline."""
    started = time.monotonic()
    with pytest.raises(IntegrationError) as caught, deadline.within(seconds):
        act()
    assert time.monotonic() - started < 12
    return caught.value


def test_an_act_of_many_slow_calls_ends_with_its_deadline(slow: Desk) -> None:
    ref = slow.calendar.ensure("key", 0, slow.spec())

    def act() -> None:
        for _ in range(CALLS):
            slow.calendar.get(ref)

    assert type(ended(act)) is RetryableError


def test_a_slow_act_that_is_repeated_makes_one_event(slow: Desk) -> None:
    def act() -> None:
        for _ in range(CALLS):
            slow.calendar.ensure("key", 0, slow.spec())

    assert type(ended(act, SLOW_S * 1.5)) in {RetryableError, AmbiguousError}
    ref = slow.calendar.ensure("key", 0, slow.spec())
    assert [slow.hand.count(who) for who in (slow.mentor, slow.mentee)] == [1, 1]
    assert slow.hand.has(slow.mentor, ref)


def test_many_calendars_read_by_threads_share_the_deadline(slow: Desk) -> None:
    def act() -> None:
        for _ in range(CALLS):
            slow.calendar.free_busy([slow.mentor, slow.mentee], MONTH)

    assert type(ended(act)) is RetryableError


def test_a_caldav_server_that_never_answers_holds_no_act() -> None:
    with scripted(None) as silent:
        calendar = CalDav(silent.url + "/{address}/calendar/", USER, PASSWORD)
        everybody = [f"person{number}@corp.example" for number in range(30)]
        assert type(ended(lambda: calendar.free_busy(everybody, MONTH))) is RetryableError


def _caldav_at(port: int) -> Calendar:
    return CalDav(f"http://localhost:{port}/{{address}}/calendar/", USER, PASSWORD)


def _microsoft_at(port: int) -> Calendar:
    authority = f"https://localhost:{port}"
    return Microsoft(tenant="t", client_id="c", organizer=ORGANIZER, secret="s", authority=authority)


def _google_at(port: int) -> Calendar:
    account = service_account_info(f"https://localhost:{port}/token")
    return Google(service_account_info=account, organizer=ORGANIZER)


@pytest.mark.parametrize("at", [_caldav_at, _microsoft_at, _google_at])
def test_a_host_of_many_addresses_holds_an_act_no_longer_than_one(
    monkeypatch: pytest.MonkeyPatch, at: Callable[[int], Calendar]
) -> None:
    look_up = socket.getaddrinfo

    def many(host: str, *args: Any, **told: Any) -> list[Any]:
        found = look_up("127.0.0.1" if host == "localhost" else host, *args, **told)
        return found * (8 if host == "localhost" else 1)

    monkeypatch.setattr(socket, "getaddrinfo", many)
    with unreachable() as port:
        calendar = at(port)
        assert type(ended(lambda: calendar.free_busy(["a@corp.example"], MONTH))) is RetryableError


def test_a_group_at_a_slow_caldav_server_is_served_in_time(
    caldav: CalDav, caldav_desk: Desk, radicale_url: str
) -> None:
    """One calendar after the other it would take 21 s to write the event, as long to read or remove it."""
    spec = of_a_group(caldav, caldav_desk)
    people = [one.address for one in spec.attendees]
    with slow_caldav(caldav_desk, radicale_url, slow_s=1) as slow:
        with deadline.within(16):
            ref = slow.calendar.ensure("key", 0, spec)
        assert {*ref.attendees} == {*people}
        with deadline.within(16):
            snapshot = slow.calendar.get(ref)
        with deadline.within(16):
            slow.calendar.cancel(ref, "")
    assert isinstance(snapshot, Snapshot)
    assert {*snapshot.rsvps} == {*people}
    assert not any(caldav_desk.hand.has(address, ref) for address in people)


def test_a_group_that_could_not_be_written_in_time_is_completed_later(
    caldav: CalDav, caldav_desk: Desk, radicale_url: str
) -> None:
    spec = of_a_group(caldav, caldav_desk)
    people = [one.address for one in spec.attendees]
    with slow_caldav(caldav_desk, radicale_url) as slow:
        error = ended(lambda: slow.calendar.ensure("key", 0, spec), SLOW_S * 2.2)
    assert type(error) in {RetryableError, AmbiguousError}
    ref = caldav.ensure("key", 0, spec)
    assert [caldav_desk.hand.count(address) for address in people] == [1] * 20
    assert {*ref.attendees} == {*people}


def test_a_google_that_never_answers_holds_no_act(server: GoogleServer, office: Desk) -> None:
    patient = google_desk.through(office, server, timeout_s=20)
    ref = patient.calendar.ensure("key", 0, patient.spec())
    server.fault = lambda _: Loss.HANGS
    assert type(ended(lambda: patient.calendar.get(ref))) is RetryableError


def test_a_microsoft_that_never_answers_holds_no_act(tenant: GraphServer, bureau: Desk) -> None:
    patient = replace(bureau, calendar=graph_desk.adapter(tenant, bureau.organizer, timeout_s=20))
    ref = patient.calendar.ensure("key", 0, patient.spec())
    tenant.fault = lambda _: Loss.HANGS
    assert type(ended(lambda: patient.calendar.get(ref))) is RetryableError


def test_a_request_that_httplib2_sends_again_gets_what_is_left(server: GoogleServer, office: Desk) -> None:
    """The first connection is held, and then dropped; the second one is never answered."""
    patient = google_desk.through(office, server, timeout_s=20)
    patient.calendar.free_busy([office.mentor], MONTH)
    held = iter([3, 0])
    server.delay = lambda _: next(held)
    server.faults.extend([Loss.DROPPED_BEFORE, Loss.HANGS])
    started = time.monotonic()
    with pytest.raises(AmbiguousError), deadline.within(5):
        patient.calendar.ensure("key", 0, patient.spec())
    assert time.monotonic() - started < 15
    assert server.methods()[-2:] == ["events.insert", "events.insert"]


def test_a_deadline_within_another_is_never_later() -> None:
    with deadline.within(1_000):
        with deadline.within(10_000):
            assert deadline.left(5_000) <= 1_000
        with deadline.within(100):
            assert deadline.left(5_000) <= 100
        assert 500 < deadline.left(5_000) <= 1_000


def test_without_a_deadline_a_call_has_its_own_time() -> None:
    assert deadline.left(20) == 20
    assert deadline.has(10_000)


def test_nothing_is_called_when_no_time_is_left() -> None:
    with deadline.within(0):
        assert not deadline.has(1)
        with pytest.raises(RetryableError):
            deadline.left(20)
    assert deadline.left(20) == 20


def test_a_deadline_is_one_threads_own() -> None:
    with deadline.within(0), ThreadPoolExecutor(1) as beside:
        assert beside.submit(deadline.left, 20).result(60) == 20
