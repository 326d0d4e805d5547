"""What the fakes let people do in their own calendars, and what they make of other calendars' mail."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from integrations.calendars.calendar import Calendar, EventRef, Rsvp, Snapshot
from integrations.rehearsal.invitations import Guest, Invitation, Method
from tests.integrations.calendars import google_desk, graph_desk
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.google_people import GooglePeople
from tests.integrations.calendars.google_server import google_server
from tests.integrations.calendars.graph_entra import TENANT
from tests.integrations.calendars.graph_people import GraphPeople
from tests.integrations.calendars.graph_server import graph_server

DAY = timedelta(days=1)
ELSEWHERE = "lea@elsewhere.example"


@dataclass
class Company:
    """A vendor, its people's tokens, and what they sent to calendars elsewhere."""

    desk: Desk
    people: GooglePeople | GraphPeople
    url: str
    token_url: str
    refresh_tokens: dict[str, str]
    sent: list[tuple[Invitation, str, str]] = field(default_factory=list)

    @property
    def calendar(self) -> Calendar:
        return self.desk.calendar

    def as_person(self, address: str, method: str, path: str, **told: Any) -> httpx.Response:
        """A request with the person's own token; `{me}` in the path is their address."""
        form = {"grant_type": "refresh_token", "refresh_token": self.refresh_tokens[address]}
        token = (
            httpx.post(self.token_url, data=form, trust_env=False).raise_for_status().json()["access_token"]
        )
        headers = {"Authorization": f"Bearer {token}", **told.pop("headers", {})}
        return httpx.request(method, f"{self.url}{path}", headers=headers, trust_env=False, **told)

    def invited(self, *others: str) -> EventRef:
        """An event with the mentor, the mentee and others."""
        guests = (*self.desk.spec().attendees, *({"address": one, "name": one} for one in others))
        spec = type(self.desk.spec()).model_validate({**self.desk.spec().model_dump(), "attendees": guests})
        return self.calendar.ensure("key", 0, spec)

    def rsvps(self, ref: EventRef) -> dict[str, Rsvp]:
        found = self.calendar.get(ref)
        assert isinstance(found, Snapshot)
        return dict(found.rsvps)


@pytest.fixture
def at_google() -> Iterator[Company]:
    with google_server() as server:
        desk = google_desk.desk_at(server, google_desk.adapter(server, "office1@corp.example"), 1)
        tokens = {address: f"refresh {address}" for address in (desk.organizer, desk.mentor, desk.mentee)}
        server.tokens.people.update({token: address for address, token in tokens.items()})
        company = Company(desk, server.people, server.api_endpoint, server.token_uri, tokens)
        server.people.send = lambda *said: company.sent.append(said)
        yield company


@pytest.fixture
def at_microsoft() -> Iterator[Company]:
    with graph_server() as server:
        desk = graph_desk.desk_at(server, graph_desk.adapter(server, "office1@corp.example"), 1)
        tokens = {address: f"refresh {address}" for address in (desk.organizer, desk.mentor, desk.mentee)}
        server.entra.people.update({token: address for address, token in tokens.items()})
        token_url = f"{server.url}/{TENANT}/oauth2/v2.0/token"
        company = Company(desk, server.people, server.graph_url, token_url, tokens)
        server.people.send = lambda *said: company.sent.append(said)
        yield company


@pytest.fixture(params=["at_google", "at_microsoft"])
def company(request: pytest.FixtureRequest) -> Company:
    found: Company = request.getfixturevalue(request.param)
    return found


def test_refresh_token_nobody_has_gets_no_token(company: Company) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "stolen"}
    refused = httpx.post(company.token_url, data=form, trust_env=False)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_google_guest_sees_the_event_without_what_is_private_of_the_organizers(at_google: Company) -> None:
    ref = at_google.invited()
    mine = at_google.as_person(at_google.desk.mentor, "GET", f"calendars/primary/events/{ref.id}").json()
    theirs = at_google.as_person(at_google.desk.organizer, "GET", "calendars/primary/events").json()
    assert "extendedProperties" not in mine
    assert mine["organizer"] == {"email": at_google.desk.organizer}
    assert [one["email"] for one in mine["attendees"] if one.get("self")] == [at_google.desk.mentor]
    assert [one["extendedProperties"]["private"]["mentoringKey"] for one in theirs["items"]] == ["key"]


def test_google_guest_may_not_move_the_event_nor_look_into_another_calendar(at_google: Company) -> None:
    path = f"calendars/primary/events/{at_google.invited().id}"
    body = {
        "start": {"dateTime": (TUESDAY + DAY).isoformat()},
        "end": {"dateTime": (TUESDAY + 2 * DAY).isoformat()},
    }
    moved = at_google.as_person(at_google.desk.mentor, "PATCH", path, json=body)
    other = at_google.as_person(at_google.desk.mentor, "GET", f"calendars/{at_google.desk.mentee}/events")
    assert (moved.status_code, other.status_code) == (403, 404)
    assert "forbiddenForNonOrganizer" in moved.text


def test_google_guest_moves_the_event_where_guests_may(at_google: Company) -> None:
    desk = at_google.desk
    calendar = desk.calendar
    ref = at_google.invited()
    assert isinstance(desk.hand, google_desk.GoogleHand)
    desk.hand.let_guests_modify(ref)
    path = f"calendars/primary/events/{ref.id}"
    times = {"start": TUESDAY + DAY, "end": TUESDAY + DAY + HOUR}
    body = {name: {"dateTime": moment.isoformat()} for name, moment in times.items()}
    assert at_google.as_person(desk.mentor, "PATCH", path, json=body).status_code == 200
    found = calendar.get(ref)
    assert isinstance(found, Snapshot)
    assert found.start == TUESDAY + DAY


def test_google_lists_in_pages(at_google: Company) -> None:
    for number in range(3):
        at_google.calendar.ensure(f"key {number}", 0, at_google.desk.spec(TUESDAY + number * DAY))
    path, query = "calendars/primary/events", {"maxResults": "2"}
    first = at_google.as_person(at_google.desk.mentor, "GET", path, params=query).json()
    query["pageToken"] = first["nextPageToken"]
    second = at_google.as_person(at_google.desk.mentor, "GET", path, params=query).json()
    assert (len(first["items"]), len(second["items"])) == (2, 1)
    assert "nextPageToken" not in second


def test_microsoft_person_has_their_own_mailbox_alone(at_microsoft: Company) -> None:
    at_microsoft.invited()
    query = {"startDateTime": TUESDAY.isoformat(), "endDateTime": (TUESDAY + DAY).isoformat()}
    desk = at_microsoft.desk
    mine = at_microsoft.as_person(desk.mentor, "GET", f"/users/{desk.mentor}/calendarView", params=query)
    other = at_microsoft.as_person(desk.mentor, "GET", f"/users/{desk.mentee}/calendarView", params=query)
    assert [one["isOrganizer"] for one in mine.json()["value"]] == [False]
    assert (other.status_code, other.json()["error"]["code"]) == (403, "ErrorAccessDenied")


def test_microsoft_attendee_has_another_id_and_may_not_change_the_meeting(at_microsoft: Company) -> None:
    ref, desk = at_microsoft.invited(), at_microsoft.desk
    (mine,) = _view(at_microsoft, desk.mentor)
    assert mine["id"] != ref.id
    path = _event(desk.mentor, mine["id"])
    refused = at_microsoft.as_person(desk.mentor, "PATCH", path, json={"subject": "Mine"})
    unknown = at_microsoft.as_person(desk.mentor, "GET", _event(desk.mentor, ref.id))
    assert (refused.status_code, unknown.status_code) == (403, 404)


def test_microsoft_organizer_cannot_answer_their_own_meeting(at_microsoft: Company) -> None:
    at_microsoft.invited()
    office = at_microsoft.desk.organizer
    (own,) = _view(at_microsoft, office)
    refused = at_microsoft.as_person(office, "POST", f"{_event(office, own['id'])}/accept", json={})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "ErrorInvalidRequest")


def test_microsoft_declined_meeting_leaves_the_calendar_until_it_is_moved(at_microsoft: Company) -> None:
    ref, desk = at_microsoft.invited(), at_microsoft.desk
    (mine,) = _view(at_microsoft, desk.mentor)
    declined = at_microsoft.as_person(
        desk.mentor, "POST", f"{_event(desk.mentor, mine['id'])}/decline", json={"SendResponse": True}
    )
    assert declined.status_code == 202
    assert _view(at_microsoft, desk.mentor) == []
    assert at_microsoft.rsvps(ref)[desk.mentor] is Rsvp.DECLINED
    found = at_microsoft.calendar.get(ref)
    assert isinstance(found, Snapshot)
    at_microsoft.calendar.reschedule(ref, desk.spec(TUESDAY + HOUR), found.etag)
    assert len(_view(at_microsoft, desk.mentor)) == 1


def test_microsoft_views_ten_at_a_time_unless_asked_for_more(at_microsoft: Company) -> None:
    for number in range(12):
        at_microsoft.calendar.ensure(f"key {number}", 0, at_microsoft.desk.spec(TUESDAY + number * HOUR))
    me = at_microsoft.desk.mentor
    query = {"startDateTime": TUESDAY.isoformat(), "endDateTime": (TUESDAY + DAY).isoformat()}
    first = at_microsoft.as_person(me, "GET", f"/users/{me}/calendarView", params=query).json()
    link = first["@odata.nextLink"].removeprefix(at_microsoft.url)
    second = at_microsoft.as_person(me, "GET", link).json()
    assert (len(first["value"]), len(second["value"])) == (10, 2)
    assert "@odata.nextLink" not in second


def test_who_is_elsewhere_is_invited_and_called_off_by_mail(company: Company) -> None:
    ref = company.invited(ELSEWHERE)
    company.calendar.cancel(ref, "")
    told = [(said.method, said.organizer, to) for said, _, to in company.sent]
    office = company.desk.organizer
    assert told == [(Method.REQUEST, office, ELSEWHERE), (Method.CANCEL, office, ELSEWHERE)]


def test_answer_from_elsewhere_counts_unless_it_is_to_an_earlier_hour(company: Company) -> None:
    ref = company.invited(ELSEWHERE)
    asked = company.sent[-1][0]
    company.people.receive(company.desk.organizer, asked.answered(ELSEWHERE, Rsvp.ACCEPTED))
    assert company.rsvps(ref)[ELSEWHERE] is Rsvp.ACCEPTED
    found = company.calendar.get(ref)
    assert isinstance(found, Snapshot)
    company.calendar.reschedule(ref, _moved(company, ELSEWHERE), found.etag)
    company.people.receive(company.desk.organizer, asked.answered(ELSEWHERE, Rsvp.DECLINED))
    assert company.rsvps(ref)[ELSEWHERE] is not Rsvp.DECLINED


def test_stranger_who_answers_changes_nothing(company: Company) -> None:
    ref = company.invited(ELSEWHERE)
    asked = company.sent[-1][0]
    before = company.rsvps(ref)
    company.people.receive(company.desk.organizer, asked.answered("mallory@elsewhere.example", Rsvp.DECLINED))
    company.people.receive(
        company.desk.organizer, replace(asked, uid="another").answered(ELSEWHERE, Rsvp.DECLINED)
    )
    assert company.rsvps(ref) == before


def test_invitation_from_elsewhere_keeps_the_hour_until_it_is_called_off(company: Company) -> None:
    desk = company.desk
    asked = _invitation(desk)
    company.people.receive(desk.mentor, asked)
    assert desk.hand.count(desk.mentor) == 1
    later = replace(asked, sequence=1, start=TUESDAY + DAY, end=TUESDAY + DAY + HOUR)
    company.people.receive(desk.mentor, later)
    company.people.receive(desk.mentor, asked)
    assert _starts(company, desk.mentor) == [TUESDAY + DAY]
    company.people.receive(desk.mentor, replace(later, method=Method.CANCEL, sequence=2))
    assert desk.hand.count(desk.mentor) == 0


def _event(address: str, event_id: str) -> str:
    return f"/users/{address}/events/{quote(event_id, safe='')}"


def _invitation(desk: Desk) -> Invitation:
    return Invitation(
        method=Method.REQUEST,
        uid="event-1@elsewhere.example",
        sequence=0,
        organizer=ELSEWHERE,
        start=TUESDAY,
        end=TUESDAY + HOUR,
        summary="Elsewhere",
        guests=(Guest(desk.mentor),),
    )


def _moved(company: Company, *others: str) -> Any:
    spec = company.desk.spec(TUESDAY + DAY)
    guests = (*spec.attendees, *({"address": one, "name": one} for one in others))
    return type(spec).model_validate({**spec.model_dump(), "attendees": guests})


def _starts(company: Company, address: str) -> list[datetime]:
    if isinstance(company.people, GooglePeople):
        found = company.as_person(address, "GET", "calendars/primary/events").json()["items"]
        return [datetime.fromisoformat(one["start"]["dateTime"]).astimezone(UTC) for one in found]
    found = _view(company, address)
    return [datetime.fromisoformat(one["start"]["dateTime"][:19]).replace(tzinfo=UTC) for one in found]


def _view(company: Company, address: str) -> list[Any]:
    query = {"startDateTime": TUESDAY.isoformat(), "endDateTime": (TUESDAY + 3 * DAY).isoformat()}
    headers = {"Prefer": 'IdType="ImmutableId"'}
    path = f"/users/{address}/calendarView"
    told = company.as_person(address, "GET", path, params=query, headers=headers).raise_for_status().json()
    return list(told["value"])
