"""The Graph of our tests is as strict as the real one: what would fail there fails here."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from integrations.calendars.calendar import EventRef, Rsvp
from integrations.calendars.microsoft_bodies import new_body
from integrations.calendars.microsoft_event import EXPANDED, SELECTED, found_by
from integrations.errors import InvalidError
from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.graph_desk import OutlookHand
from tests.integrations.calendars.graph_server import GraphServer

NINE = {"dateTime": "2026-03-03T09:00:00", "timeZone": "UTC"}
TEN = {"dateTime": "2026-03-03T10:00:00", "timeZone": "UTC"}
EVENT = {"subject": "x", "start": NINE, "end": TEN}
PROPERTY = {"id": "String {00020329-0000-0000-c000-000000000046} Name x", "value": "1"}
SCHEDULE = {"Schedules": ["a@corp.example"], "StartTime": NINE, "EndTime": TEN}
BEST = 'IdType="ImmutableId", outlook.timezone="UTC"'


class Caller:
    """Calls Graph as the app, past the adapter."""

    def __init__(self, graph: GraphServer, desk: Desk) -> None:
        self._graph = graph
        self._desk = desk
        desk.calendar.get(EventRef(provider="microsoft", organizer=desk.organizer, id="x", key="k"))
        self.headers = {"Authorization": f"Bearer token-{graph.entra.count}", "Prefer": BEST}

    def __call__(
        self, verb: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """The status and the code."""
        status, told = self.told(verb, path, body, headers)
        return status, told.get("error", {}).get("code", "")

    def told(
        self, verb: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """The status and what is said."""
        answer = httpx.request(
            verb,
            f"{self._graph.graph_url}/users/{self._desk.organizer}{path}",
            content=None if body is None else json.dumps(body),
            headers={"Content-Type": "application/json", **self.headers, **(headers or {})},
            trust_env=False,
        )
        return answer.status_code, answer.json() if answer.content else {}


@pytest.fixture
def call(graph: GraphServer, microsoft_desk: Desk) -> Caller:
    return Caller(graph, microsoft_desk)


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/events", {**EVENT, "sumary": "x"}, "RequestBodyRead"),
        ("/events", {**EVENT, "Subject": "x"}, "RequestBodyRead"),
        ("/events", {**EVENT, "attendees": [{"email": "x"}]}, "RequestBodyRead"),
        ("/events", {**EVENT, "attendees": [{"emailAddress": {"mail": "x"}}]}, "RequestBodyRead"),
        ("/events", {**EVENT, "attendees": {"type": "required"}}, "RequestBodyRead"),
        ("/events", {**EVENT, "attendees": [{"type": "REQ"}]}, "RequestBodyRead"),
        ("/events", {**EVENT, "subject": 1}, "RequestBodyRead"),
        ("/events", {**EVENT, "isOnlineMeeting": "true"}, "RequestBodyRead"),
        ("/events", {**EVENT, "reminderMinutesBeforeStart": True}, "RequestBodyRead"),
        ("/events", {**EVENT, "onlineMeetingProvider": "teams"}, "RequestBodyRead"),
        ("/events", {**EVENT, "sensitivity": "secret"}, "RequestBodyRead"),
        ("/events", {**EVENT, "body": "x"}, "RequestBodyRead"),
        ("/events", {**EVENT, "body": {"contentType": "plain"}}, "RequestBodyRead"),
        ("/events", {**EVENT, "end": {"timeZone": "UTC"}}, "RequestBodyRead"),
        ("/events", {**EVENT, "singleValueExtendedProperties": [{"value": "1"}]}, "RequestBodyRead"),
        ("/events", {**EVENT, "end": {"dateTime": "2026-03-03T10:00:00Z"}}, "ErrorPropertyValidationFailure"),
        ("/events", {**EVENT, "end": {"dateTime": "soon"}}, "ErrorPropertyValidationFailure"),
        (
            "/events",
            {**EVENT, "singleValueExtendedProperties": [{"id": "mine", "value": "1"}]},
            "ErrorPropertyValidationFailure",
        ),
        ("/events", {**EVENT, "isAllDay": True}, "ErrorPropertyValidationFailure"),
        ("/events", {"start": NINE}, "ErrorPropertyValidationFailure"),
        ("/events", {"start": TEN, "end": NINE}, "ErrorCalendarEndDateIsEarlierThanStartDate"),
        ("/events", None, "BadRequest"),
        ("/events", [], "RequestBodyRead"),
        ("/calendar/getSchedule", {**SCHEDULE, "schedules": []}, "RequestBodyRead"),
        ("/calendar/getSchedule", {**SCHEDULE, "AvailabilityViewInterval": "30"}, "RequestBodyRead"),
        ("/events/x/cancel", {"reason": "x"}, "RequestBodyRead"),
        ("/event", EVENT, "BadRequest"),
        ("/calendar/getschedules", SCHEDULE, "BadRequest"),
    ],
)
def test_what_the_csdl_does_not_know_is_refused(call: Caller, path: str, body: Any, code: str) -> None:
    assert call("POST", path, body) == (400, code)


def test_what_it_knows_is_accepted(call: Caller) -> None:
    assert call("POST", "/events", {**EVENT, "singleValueExtendedProperties": [PROPERTY]}) == (201, "")


@pytest.mark.parametrize(
    ("query", "is_known"),
    [
        ({"$select": SELECTED, "$expand": EXPANDED, "$filter": found_by("key", 0)}, True),
        ({"$select": "id,sumary", "$filter": found_by("key", 0)}, False),
        ({"select": "id", "$filter": found_by("key", 0)}, False),
        ({"$filter": "subject eq 'x'"}, False),
        ({"$filter": found_by("key", 0), "$expand": "singleValueExtendedProperties"}, False),
    ],
)
def test_only_options_odata_knows_are_accepted(call: Caller, query: dict[str, str], is_known: bool) -> None:
    text = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    assert (call("GET", f"/events?{text}")[0] == 200) is is_known


def test_an_adapter_with_a_misspelt_property_fails(
    microsoft_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def misspelt(*args: Any, **kwargs: Any) -> dict[str, Any]:
        body = new_body(*args, **kwargs)
        return {**body, "sensitvity": body.pop("sensitivity")}

    monkeypatch.setattr("integrations.calendars.microsoft.new_body", misspelt)
    with pytest.raises(InvalidError):
        microsoft_desk.calendar.ensure("key", 0, microsoft_desk.spec())


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({"Authorization": "Bearer x"}, (401, "InvalidAuthenticationToken")),
        ({"Content-Type": "text/plain"}, (415, "UnsupportedMediaType")),
    ],
)
def test_a_call_with_wrong_headers_is_refused(
    call: Caller, headers: dict[str, str], refusal: tuple[int, str]
) -> None:
    assert call("POST", "/events", EVENT, headers) == refusal


def test_an_id_that_is_not_immutable_is_another_after_each_change(
    microsoft_desk: Desk, graph: GraphServer, call: Caller
) -> None:
    """And none of the two is known where the other is asked for."""
    ref = microsoft_desk.calendar.ensure("key", 0, microsoft_desk.spec())
    microsoft_desk.calendar.get(ref)
    plain = {"Prefer": 'outlook.timezone="UTC"'}
    _, found = call.told("GET", f"/events?$filter={quote(found_by('key', 0))}", headers=plain)
    mutable = quote(found["value"][0]["id"], safe="")
    assert call("GET", f"/events/{mutable}", headers=plain)[0] == 200
    OutlookHand(graph).answer(microsoft_desk.mentor, ref, Rsvp.ACCEPTED)
    assert call("GET", f"/events/{mutable}", headers=plain) == (404, "ErrorItemNotFound")
    assert call("GET", f"/events/{mutable}") == (404, "ErrorItemNotFound")
    assert call("GET", f"/events/{quote(ref.id, safe='')}", headers=plain) == (404, "ErrorItemNotFound")


def test_a_patch_of_the_body_removes_the_join_block(
    microsoft_desk: Desk, graph: GraphServer, call: Caller
) -> None:
    ref = microsoft_desk.calendar.ensure("key", 0, microsoft_desk.spec())
    microsoft_desk.calendar.get(ref)
    assert OutlookHand(graph).resource(ref)["onlineMeeting"]
    call("PATCH", f"/events/{quote(ref.id, safe='')}", {"body": {"contentType": "text", "content": "x"}})
    assert OutlookHand(graph).resource(ref)["onlineMeeting"] is None


def test_a_patch_of_the_attendees_cancels_those_left_out(
    microsoft_desk: Desk, graph: GraphServer, call: Caller
) -> None:
    ref = microsoft_desk.calendar.ensure("key", 0, microsoft_desk.spec())
    kept = {"emailAddress": {"address": microsoft_desk.mentor}}
    call("PATCH", f"/events/{quote(ref.id, safe='')}", {"attendees": [kept]})
    assert graph.store.mails[-1] == (microsoft_desk.mentee, "cancellation")
    assert not OutlookHand(graph).has(microsoft_desk.mentee, ref)


def test_a_stale_etag_a_transaction_id_in_a_patch_and_a_second_cancel_are_refused(
    microsoft_desk: Desk, call: Caller
) -> None:
    event = f"/events/{quote(microsoft_desk.calendar.ensure('key', 0, microsoft_desk.spec()).id, safe='')}"
    assert call("PATCH", event, {"subject": "x"}, {"If-Match": 'W/"1"'}) == (412, "ErrorIrresolvableConflict")
    assert call("PATCH", event, {"transactionId": "x"}) == (400, "ErrorInvalidPropertySet")
    assert call("POST", f"{event}/cancel", {})[0] == 202
    assert call("POST", f"{event}/cancel", {}) == (404, "ErrorItemNotFound")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Schedules": [f"{number}@corp.example" for number in range(21)]}, "ErrorInvalidParameter"),
        ({"EndTime": {**TEN, "dateTime": "2026-04-15T10:00:00"}}, "ErrorTimeIntervalTooBig"),
        ({"AvailabilityViewInterval": 61}, "ErrorInvalidMergedFreeBusyInterval"),
        ({"AvailabilityViewInterval": 4}, "ErrorInvalidMergedFreeBusyInterval"),
    ],
)
def test_a_question_for_schedules_has_its_limits(call: Caller, change: dict[str, Any], code: str) -> None:
    assert call("POST", "/calendar/getSchedule", {**SCHEDULE, **change}) == (400, code)
