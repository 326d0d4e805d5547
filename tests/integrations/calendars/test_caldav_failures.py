"""What CalDAV makes of servers and networks that fail."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from integrations.calendars.caldav import CalDav
from integrations.calendars.calendar import Attendee, EventRef, EventSpec, Window
from integrations.errors import (
    AmbiguousError,
    ConflictError,
    IntegrationError,
    InvalidError,
    MisconfiguredError,
    PersonUnavailableError,
    RetryableError,
)
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.loopback import Loss, lossy, scripted, unheard
from tests.integrations.calendars.radicale import PASSWORD, USER, RadicaleHand

WHO = "zoe.dupont@corp.example"
REF = EventRef(provider="caldav", organizer=WHO, id="0", key="k", attendees=())
WINDOW = Window(start=TUESDAY, end=TUESDAY + HOUR)
SPEC = EventSpec(
    summary="Digital session",
    description="",
    start=TUESDAY,
    end=TUESDAY + HOUR,
    organizer=Attendee(address=WHO, name="Zoé Dupont"),
    attendees=(),
)


def at(url: str, timeout_s: float = 60) -> CalDav:
    return CalDav(url + "/{address}/calendar/", USER, PASSWORD, timeout_s=timeout_s)


def read(calendar: CalDav) -> object:
    return calendar.get(REF)


def write(calendar: CalDav) -> object:
    return calendar._dav.put(WHO, "0", "text")


def delete(calendar: CalDav) -> object:
    return calendar._dav.delete(WHO, "0")


def ask(calendar: CalDav) -> object:
    return calendar.free_busy([WHO], WINDOW)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and its causes, as tracebacks and workflow histories show them."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@pytest.mark.parametrize(
    ("status", "act", "kind"),
    [
        ("401 Unauthorized", read, MisconfiguredError),
        ("401 Unauthorized", ask, MisconfiguredError),
        ("403 Forbidden", write, MisconfiguredError),
        ("302 Found", read, MisconfiguredError),
        ("507 Insufficient Storage", write, MisconfiguredError),
        ("404 Not Found", write, PersonUnavailableError),
        ("409 Conflict", write, PersonUnavailableError),
        ("412 Precondition Failed", write, ConflictError),
        ("400 Bad Request", write, InvalidError),
        ("413 Content Too Large", write, InvalidError),
        ("423 Locked", write, RetryableError),
        ("429 Too Many Requests", write, RetryableError),
        ("503 Service Unavailable", write, RetryableError),
        ("503 Service Unavailable", ask, RetryableError),
        ("500 Internal Server Error", read, RetryableError),
        ("500 Internal Server Error", write, AmbiguousError),
        ("502 Bad Gateway", delete, AmbiguousError),
        ("504 Gateway Timeout", ask, RetryableError),
    ],
)
def test_a_refusal_is_told_in_our_words(
    status: str, act: Callable[[CalDav], object], kind: type[IntegrationError]
) -> None:
    with scripted(status) as server, pytest.raises(kind) as caught:
        act(at(server.url))
    assert type(caught.value) is kind
    assert len(server.requests) == 1
    assert not [one for one in chain(caught.value) if "zoe" in str(one)]


def test_a_uid_under_another_name_is_a_conflict() -> None:
    body = '<error xmlns="DAV:"><C:no-uid-conflict xmlns:C="urn:ietf:params:xml:ns:caldav"/></error>'
    with scripted("409 Conflict", body=body) as server, pytest.raises(ConflictError):
        write(at(server.url))


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("120", 120, 120),
        ("Wed, 01 Jan 2020 00:00:00 GMT", 0, 0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 1e9, 1e10),
    ],
)
def test_retry_after_is_the_wait(value: str, low: float, high: float) -> None:
    with (
        scripted("503 Service Unavailable", f"Retry-After: {value}\r\n") as server,
        pytest.raises(RetryableError) as caught,
    ):
        read(at(server.url))
    assert caught.value.after is not None
    assert low <= caught.value.after.total_seconds() <= high


@pytest.mark.parametrize("value", ["soon", ""])
def test_a_retry_after_nobody_can_read_is_none(value: str) -> None:
    with (
        scripted("429 Too Many Requests", f"Retry-After: {value}\r\n") as server,
        pytest.raises(RetryableError) as caught,
    ):
        read(at(server.url))
    assert caught.value.after is None


@pytest.mark.parametrize(("act", "kind"), [(read, RetryableError), (write, AmbiguousError)])
def test_a_hanging_server_times_out(act: Callable[[CalDav], object], kind: type[IntegrationError]) -> None:
    started = time.monotonic()
    with scripted(None) as server, pytest.raises(kind) as caught:
        act(at(server.url, timeout_s=2))
    assert time.monotonic() - started < 10  # the server holds the call for 20 s
    assert len(server.requests) == 1
    assert not [one for one in chain(caught.value) if "zoe" in str(one)]


@pytest.mark.parametrize("act", [read, write, delete, ask])
def test_a_server_that_is_not_there_was_sent_nothing(act: Callable[[CalDav], object]) -> None:
    with unheard() as port, pytest.raises(RetryableError) as caught:
        act(at(f"http://127.0.0.1:{port}"))
    assert not [one for one in chain(caught.value) if "zoe" in str(one)]


def test_a_host_without_address_was_sent_nothing() -> None:
    with pytest.raises(RetryableError):
        write(at("http://nowhere.invalid"))


def test_a_lost_answer_is_ambiguous_and_the_call_is_not_repeated(
    radicale_url: str, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    with lossy(radicale_url) as network:
        calendar = at(network.url)
        network.lose(4, Loss.ANSWER)
        with pytest.raises(AmbiguousError):
            calendar.ensure("key", 0, caldav_desk.spec())
        assert network.methods == ["GET", "PUT", "PUT", "PUT"]
        ref = calendar.ensure("key", 0, caldav_desk.spec())
        assert network.methods[4:] == ["GET"]
    assert caldav_hand.count(caldav_desk.organizer) == 1
    assert caldav_hand.has(caldav_desk.organizer, ref)


def test_a_wrong_password_is_an_operators_matter(radicale_url: str, caldav_desk: Desk) -> None:
    calendar = CalDav(radicale_url + "/{address}/calendar/", USER, "wrong")
    with pytest.raises(MisconfiguredError):
        calendar.ensure("key", 0, caldav_desk.spec())
    with pytest.raises(MisconfiguredError):
        calendar.free_busy([caldav_desk.mentor], WINDOW)


@pytest.mark.parametrize("url", ["http://127.0.0.1/calendar/", "ftp://127.0.0.1/{address}/"])
def test_a_url_that_names_nobodys_calendar_is_refused(url: str) -> None:
    with pytest.raises(MisconfiguredError, match="address"):
        CalDav(url, USER, PASSWORD)


@pytest.mark.parametrize(
    "address", ["", "..", "../other@corp.example", "zoé@corp.example", "a\n@corp.example"]
)
def test_an_address_that_is_none_reaches_no_calendar(address: str) -> None:
    with scripted("200 OK") as server:
        with pytest.raises(InvalidError):
            at(server.url).provision(address)
        assert server.requests == []


def test_an_environments_proxy_is_not_asked_for_this_host(radicale_url: str, caldav_desk: Desk) -> None:
    code = (
        "import sys; from integrations.calendars.caldav import CalDav; "
        "CalDav(sys.argv[1] + '/{address}/calendar/', *sys.argv[2:4]).provision(sys.argv[4])"
    )
    command = [sys.executable, "-c", code, radicale_url, USER, PASSWORD, caldav_desk.mentor]
    proxy = "http://127.0.0.1:1"
    # A process of its own: the library reads the environment's proxies once.
    environment = {**os.environ, "HTTP_PROXY": proxy, "http_proxy": proxy, "NO_PROXY": "", "no_proxy": ""}
    subprocess.run(command, env=environment, check=True, timeout=240)


def test_an_event_that_cannot_be_read_is_named() -> None:
    with scripted("200 OK", 'ETag: "1"\r\n', "no calendar") as server, pytest.raises(InvalidError):
        read(at(server.url))


def test_ensure_says_when_the_answer_to_its_first_question_was_lost(radicale_url: str) -> None:
    with lossy(radicale_url) as network:
        network.lose(1, Loss.ANSWER)
        with pytest.raises(RetryableError):
            at(network.url).ensure("key", 0, SPEC)
