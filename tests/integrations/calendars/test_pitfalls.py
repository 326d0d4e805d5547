"""Pitfalls of the calendars' APIs that are easily fallen into again, one test for each."""

from collections.abc import Callable
from typing import Any

import httplib2  # type: ignore[import-untyped]
import pytest

from integrations.calendars.caldav import CalDav
from integrations.calendars.calendar import EventRef, Snapshot
from integrations.errors import IntegrationError
from tests.integrations.calendars import wire
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.google_desk import GoogleHand, through
from tests.integrations.calendars.google_server import Answer, GoogleServer
from tests.integrations.calendars.graph_desk import OutlookHand
from tests.integrations.calendars.graph_server import GraphServer
from tests.integrations.calendars.loopback import scripted
from tests.integrations.calendars.radicale import RadicaleHand
from tests.integrations.calendars.wire import Loss

KEY = "programme/p/pairing/p-1/session/3"
EMPTY = pytest.mark.parametrize("text", ["{}", "[]", "null", " "])


@EMPTY
def test_an_empty_read_of_googles_does_not_mean_that_the_event_is_gone(
    server: GoogleServer, office: Desk, text: str
) -> None:
    ref = office.calendar.ensure(KEY, 0, office.spec())
    server.faults.append(Answer(200, text=text))
    with pytest.raises(IntegrationError):
        office.calendar.get(ref)
    assert isinstance(office.calendar.get(ref), Snapshot)


@EMPTY
def test_an_empty_read_of_microsofts_does_not_mean_that_the_event_is_gone(
    tenant: GraphServer, bureau: Desk, text: str
) -> None:
    ref = bureau.calendar.ensure(KEY, 0, bureau.spec())
    tenant.faults.append(wire.Answer(200, text=text))
    with pytest.raises(IntegrationError):
        bureau.calendar.get(ref)
    assert isinstance(bureau.calendar.get(ref), Snapshot)


@pytest.mark.parametrize("status", ["200 OK", "204 No Content", "207 Multi-Status"])
def test_an_empty_read_of_a_caldav_servers_does_not_mean_that_the_event_is_gone(status: str) -> None:
    ref = EventRef(provider="caldav", organizer="office@corp.example", id="event", key=KEY)
    with scripted(status) as empty, pytest.raises(IntegrationError):
        CalDav(empty.url + "/{address}/", "u", "p").get(ref)


def test_google_is_asked_for_the_least_scopes(server: GoogleServer, office: Desk) -> None:
    office.calendar.ensure(KEY, 0, office.spec())
    names = ("calendar.events.owned", "calendar.events.freebusy")
    least = frozenset(f"https://www.googleapis.com/auth/{name}" for name in names)
    assert server.tokens.of("Bearer token-1") == (office.organizer, least)


def test_googles_api_is_known_without_asking_for_its_description(
    server: GoogleServer, office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The description that would be fetched is at Google's own address, whatever the API's is."""
    asked: list[str] = []
    request = httplib2.Http.request

    def noted(self: httplib2.Http, uri: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(uri)
        return request(self, uri, *args, **kwargs)

    monkeypatch.setattr(httplib2.Http, "request", noted)
    fresh = through(office, server)
    fresh.calendar.get(fresh.calendar.ensure(KEY, 0, fresh.spec()))
    assert len(asked) > 2
    assert all(uri.startswith((server.api_endpoint, server.token_uri)) for uri in asked)


def test_a_meet_link_is_asked_for_by_the_same_id_in_every_try(server: GoogleServer, office: Desk) -> None:
    server.faults.append(Loss.RESET_AFTER)
    with pytest.raises(IntegrationError):
        office.calendar.ensure(KEY, 0, office.spec())
    office.calendar.ensure(KEY, 0, office.spec())
    inserts = [call.body for call in server.calls if call.method == "calendar.events.insert"]
    ids = [body["conferenceData"]["createRequest"]["requestId"] for body in inserts]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_what_people_see_is_told_to_them_and_every_write_to_google_knows_conferences(
    server: GoogleServer, office: Desk
) -> None:
    ref = office.calendar.ensure(KEY, 0, office.spec())
    now = office.calendar.get(ref)
    assert isinstance(now, Snapshot)
    office.calendar.reschedule(ref, office.spec(TUESDAY + HOUR), now.etag)
    office.calendar.cancel(ref, "")
    told = {call.method.removeprefix("calendar."): call.query for call in server.calls}
    writes = {"events.insert", "events.patch", "events.delete"}
    assert {told[method]["sendUpdates"] for method in writes} == {"all"}
    assert {told[method]["conferenceDataVersion"] for method in writes - {"events.delete"}} == {"1"}


def test_a_session_is_one_event_and_no_series(
    google: GoogleServer, google_desk: Desk, graph: GraphServer, microsoft_desk: Desk
) -> None:
    google_ref = google_desk.calendar.ensure(KEY, 0, google_desk.spec())
    assert "recurrence" not in GoogleHand(google).resource(google_ref)
    microsoft_ref = microsoft_desk.calendar.ensure(KEY, 0, microsoft_desk.spec())
    assert not OutlookHand(graph).resource(microsoft_ref).get("recurrence")


def test_a_session_at_a_caldav_server_is_one_event_and_no_series(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    ref = caldav.ensure(KEY, 0, caldav_desk.spec())
    assert "RRULE" not in caldav_hand.text(caldav_desk.organizer, ref)


def _removed(desk: Desk, hand: RadicaleHand, ref: EventRef) -> None:
    for address in (desk.organizer, desk.mentor, desk.mentee):
        hand.delete(address, ref)


@pytest.mark.parametrize("remove", [_removed, lambda *_: None])
def test_a_caldav_delete_of_what_is_not_there_is_done(
    caldav: CalDav,
    caldav_desk: Desk,
    caldav_hand: RadicaleHand,
    remove: Callable[[Desk, RadicaleHand, EventRef], None],
) -> None:
    ref = caldav.ensure(KEY, 0, caldav_desk.spec())
    remove(caldav_desk, caldav_hand, ref)
    caldav.cancel(ref, "")
    caldav.cancel(ref, "")
    assert [caldav_hand.has(who, ref) for who in (caldav_desk.mentor, caldav_desk.mentee)] == [False] * 2
