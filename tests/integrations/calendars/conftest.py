"""A Radicale, a Google and a Microsoft 365 for the whole run, and a desk with fresh people for each test."""

import itertools
from collections.abc import Iterator

import pytest

from integrations.calendars.caldav import CalDav
from integrations.calendars.calendar import Calendar
from integrations.calendars.google import Google
from integrations.calendars.microsoft import Microsoft
from tests.integrations.calendars import graph_desk
from tests.integrations.calendars.desk import Desk, Hand
from tests.integrations.calendars.google_desk import adapter, desk_at
from tests.integrations.calendars.google_server import GoogleServer, google_server
from tests.integrations.calendars.graph_server import GraphServer, graph_server
from tests.integrations.calendars.radicale import PASSWORD, USER, RadicaleHand, radicale

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def radicale_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with radicale(tmp_path_factory.mktemp("radicale")) as url:
        yield url


@pytest.fixture(scope="session")
def caldav(radicale_url: str) -> CalDav:
    return CalDav(radicale_url + "/{address}/calendar/", USER, PASSWORD)


@pytest.fixture(scope="session")
def caldav_hand(radicale_url: str) -> RadicaleHand:
    return RadicaleHand(radicale_url)


@pytest.fixture
def caldav_desk(caldav: CalDav, caldav_hand: RadicaleHand) -> Desk:
    number = next(_numbers)
    people = [f"{who}{number}@corp.example" for who in ("office", "mentor", "mentee", "stranger")]
    for address in people[:3]:
        caldav.provision(address)
    return Desk(caldav, caldav_hand, *people)


@pytest.fixture(scope="session")
def google() -> Iterator[GoogleServer]:
    with google_server() as server:
        yield server


@pytest.fixture(scope="session")
def google_calendar(google: GoogleServer) -> Google:
    google.join("office@corp.example")
    return adapter(google, "office@corp.example")


@pytest.fixture
def google_desk(google: GoogleServer, google_calendar: Google) -> Desk:
    return desk_at(google, google_calendar, next(_numbers))


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    """A Google that a test has to itself."""
    with google_server() as server:
        yield server


@pytest.fixture
def office(server: GoogleServer) -> Desk:
    """The only desk before it."""
    return desk_at(server, adapter(server, "office1@corp.example"), 1)


@pytest.fixture(scope="session")
def graph() -> Iterator[GraphServer]:
    with graph_server() as server:
        yield server


@pytest.fixture(scope="session")
def microsoft_calendar(graph: GraphServer) -> Microsoft:
    graph.join("office@corp.example")
    return graph_desk.adapter(graph, "office@corp.example")


@pytest.fixture
def microsoft_desk(graph: GraphServer, microsoft_calendar: Microsoft) -> Desk:
    return graph_desk.desk_at(graph, microsoft_calendar, next(_numbers))


@pytest.fixture
def tenant() -> Iterator[GraphServer]:
    """A Microsoft 365 that a test has to itself."""
    with graph_server() as server:
        yield server


@pytest.fixture
def bureau(tenant: GraphServer) -> Desk:
    """The only desk before it."""
    return graph_desk.desk_at(tenant, graph_desk.adapter(tenant, "office1@corp.example"), 1)


@pytest.fixture(params=["caldav", "google", "microsoft"])
def desk(request: pytest.FixtureRequest) -> Desk:
    """Every adapter in turn; a provider joins with a fixture `<provider>_desk` and its name here."""
    found: Desk = request.getfixturevalue(f"{request.param}_desk")
    return found


@pytest.fixture
def calendar(desk: Desk) -> Calendar:
    return desk.calendar


@pytest.fixture
def hand(desk: Desk) -> Hand:
    return desk.hand
