"""The Google of our tests is as strict as the real one: what would fail there fails here."""

import json
from typing import Any

import httpx
import pytest

from integrations.calendars.calendar import EventRef, Rsvp
from integrations.calendars.google_event import new_body
from integrations.errors import InvalidError
from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.google_desk import GoogleHand
from tests.integrations.calendars.google_server import GoogleServer

TIMES = {"start": {"dateTime": "2026-03-03T09:00:00Z"}, "end": {"dateTime": "2026-03-03T10:00:00Z"}}
EVENT = {"id": "abcde", **TIMES}


class Caller:
    """Calls the API as the organizer, past the adapter."""

    def __init__(self, google: GoogleServer, desk: Desk) -> None:
        self._google = google
        desk.calendar.get(EventRef(provider="google", organizer=desk.organizer, id="abcde", key="k"))
        self._token = f"token-{google.tokens.count}"

    def __call__(
        self, verb: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """The status and the reason, or the text."""
        answer = httpx.request(
            verb,
            self._google.api_endpoint + path,
            content=None if body is None else json.dumps(body),
            headers={"Authorization": f"Bearer {self._token}", **(headers or {})},
            trust_env=False,
        )
        told = answer.json() if answer.content else {}
        reason = told["error"]["errors"][0]["reason"] if "error" in told else answer.text
        return answer.status_code, reason


@pytest.fixture
def call(google: GoogleServer, google_desk: Desk) -> Caller:
    return Caller(google, google_desk)


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("calendars/primary/events", {**EVENT, "sumary": "x"}, "unknownProperty"),
        ("calendars/primary/events", {**EVENT, "attendees": [{"mail": "x"}]}, "unknownProperty"),
        ("calendars/primary/events", {**EVENT, "start": {"datetime": "x"}}, "unknownProperty"),
        (
            "calendars/primary/events",
            {**EVENT, "conferenceData": {"createRequest": {"id": "1"}}},
            "unknownProperty",
        ),
        ("calendars/primary/events", {**EVENT, "attendees": {"email": "x"}}, "invalid"),
        ("calendars/primary/events", {**EVENT, "summary": 1}, "invalid"),
        ("calendars/primary/events", {**EVENT, "guestsCanModify": "false"}, "invalid"),
        (
            "calendars/primary/events",
            {**EVENT, "extendedProperties": {"private": {"generation": 0}}},
            "invalid",
        ),
        ("calendars/primary/events", {**EVENT, "end": {"dateTime": "2026-03-03T10:00:00"}}, "invalid"),
        ("calendars/primary/events", {**EVENT, "end": {"dateTime": "tomorrow"}}, "invalid"),
        ("calendars/primary/events", {**EVENT, "start": {"date": "3 March"}}, "invalid"),
        (
            "calendars/primary/events",
            {**EVENT, "start": {**TIMES["start"], "date": "2026-03-03"}},
            "invalid",
        ),
        ("calendars/primary/events", {**EVENT, "end": TIMES["start"]}, "timeRangeEmpty"),
        ("calendars/primary/events", {**EVENT, "id": "UPPER-CASE"}, "invalid"),
        ("calendars/primary/events", {"id": "abcde", "start": TIMES["start"]}, "required"),
        ("calendars/primary/events", None, "required"),
        ("calendars/primary/events?sendupdates=all", EVENT, "invalidParameter"),
        ("calendars/primary/events?sendUpdates=everybody", EVENT, "invalidParameter"),
        ("calendars/primary/events?conferenceDataVersion=2", EVENT, "invalidParameter"),
        ("calendars/primary/events?conferenceDataVersion=one", EVENT, "invalidParameter"),
        ("calendars/primary/events?supportsAttachments=yes", EVENT, "invalidParameter"),
        ("freeBusy", {"timeMin": TIMES["start"]["dateTime"], "people": []}, "unknownProperty"),
    ],
)
def test_what_the_discovery_document_does_not_know_is_refused(
    call: Caller, path: str, body: Any, reason: str
) -> None:
    assert call("POST", path, body) == (400, reason)


def test_what_it_knows_is_accepted(call: Caller) -> None:
    assert call("POST", "calendars/primary/events?sendUpdates=all&conferenceDataVersion=1", EVENT)[0] == 200


def test_an_adapter_with_a_misspelt_property_fails(
    google_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def misspelt(*args: Any, **kwargs: Any) -> dict[str, Any]:
        body = new_body(*args, **kwargs)
        return {**body, "visibilty": body.pop("visibility")}

    monkeypatch.setattr("integrations.calendars.google.new_body", misspelt)
    with pytest.raises(InvalidError):
        google_desk.calendar.ensure("key", 0, google_desk.spec())


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "calendars/primary/event/abcde", 404),
        ("PUT", "freeBusy", 404),
        ("GET", "calendars/somebody%40corp.example/events/abcde", 404),
        ("GET", "users/me/calendarList", 403),
    ],
)
def test_only_what_exists_and_is_allowed_is_answered(call: Caller, verb: str, path: str, status: int) -> None:
    assert call(verb, path)[0] == status


def test_a_call_without_a_token_is_refused(call: Caller) -> None:
    assert call("GET", "calendars/primary/events/abcde", headers={"Authorization": "Bearer x"}) == (
        401,
        "authError",
    )


def test_a_patch_without_response_status_resets_the_answers(
    google: GoogleServer, google_desk: Desk, call: Caller
) -> None:
    hand, ref = GoogleHand(google), google_desk.calendar.ensure("key", 0, google_desk.spec())
    hand.answer(google_desk.mentor, ref, Rsvp.ACCEPTED)
    call("PATCH", f"calendars/primary/events/{ref.id}", {"attendees": [{"email": google_desk.mentor}]})
    assert hand.resource(ref)["attendees"] == [{"email": google_desk.mentor, "responseStatus": "needsAction"}]


def test_a_patch_without_conference_data_version_loses_the_link(
    google: GoogleServer, google_desk: Desk, call: Caller
) -> None:
    ref = google_desk.calendar.ensure("key", 0, google_desk.spec())
    assert "hangoutLink" in GoogleHand(google).resource(ref)
    call("PATCH", f"calendars/primary/events/{ref.id}", {"summary": "x"})
    assert "hangoutLink" not in GoogleHand(google).resource(ref)


def test_a_stale_etag_a_used_id_and_a_second_delete_are_refused(google_desk: Desk, call: Caller) -> None:
    ref = google_desk.calendar.ensure("key", 0, google_desk.spec())
    event = f"calendars/primary/events/{ref.id}"
    assert call("PATCH", event, {"summary": "x"}, {"If-Match": '"1"'}) == (412, "conditionNotMet")
    assert call("DELETE", event)[0] == 204
    assert call("DELETE", event) == (410, "deleted")
    assert call("POST", "calendars/primary/events", {"id": ref.id, **TIMES}) == (409, "duplicate")
    status, text = call("GET", event)
    assert (status, json.loads(text)["status"]) == (200, "cancelled")


@pytest.mark.parametrize(
    ("items", "end", "reason"),
    [
        (51, "2026-03-04T09:00:00Z", "tooManyCalendarsRequested"),
        (1, "2026-07-01T09:00:00Z", "timeRangeTooLong"),
    ],
)
def test_a_free_busy_question_has_its_limits(call: Caller, items: int, end: str, reason: str) -> None:
    body = {
        "timeMin": TIMES["start"]["dateTime"],
        "timeMax": end,
        "items": [{"id": str(number)} for number in range(items)],
    }
    assert call("POST", "freeBusy", body) == (400, reason)
