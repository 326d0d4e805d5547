"""Google's event resource: written from what an event should say, read back as what people made of it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from integrations.calendars.calendar import Attendee, EventRef, EventSpec, Rsvp, Snapshot
from integrations.calendars.ics import clean_name, clean_text, mail_address

# Private extended properties are seen by the organizer's copy alone.
_KEY, _GENERATION, _CHANGE = "mentoringKey", "mentoringGeneration", "mentoringChange"
_RSVPS = {
    "accepted": Rsvp.ACCEPTED,
    "declined": Rsvp.DECLINED,
    "tentative": Rsvp.TENTATIVE,
    "needsAction": Rsvp.NEEDS_ACTION,
}


class _Resource(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class Moment(_Resource):
    """A time, or a whole day: midnight in the zone it names, or in UTC."""

    day: date | None = Field(default=None, alias="date")
    date_time: AwareDatetime | None = None
    time_zone: str = ""

    @property
    def instant(self) -> datetime:
        """The moment in UTC."""
        if self.date_time:
            return self.date_time.astimezone(UTC)
        return datetime.combine(self.day or date.min, time(), _zone(self.time_zone)).astimezone(UTC)


class Guest(_Resource):
    """An attendee, with all that Google keeps about one: a PATCH replaces the whole list."""

    model_config = ConfigDict(extra="allow")

    email: str = ""
    response_status: str = "needsAction"

    @property
    def known_as(self) -> str:
        """The address as it is compared."""
        return self.email.lower()


class _EntryPoint(_Resource):
    entry_point_type: str = ""
    uri: str = ""


class _RequestStatus(_Resource):
    status_code: str = ""


class _CreateRequest(_Resource):
    status: _RequestStatus = _RequestStatus()


class _ConferenceData(_Resource):
    create_request: _CreateRequest = _CreateRequest()
    entry_points: tuple[_EntryPoint, ...] = ()


class _Extended(_Resource):
    private: Mapping[str, str] = {}


class Event(_Resource):
    """An event as the organizer's calendar has it.

    Of a deleted one only the id is certain to be there.
    """

    id: str
    status: str = "confirmed"
    etag: str = ""
    sequence: int = 0
    start: Moment = Moment()
    end: Moment = Moment()
    location: str = ""
    attendees: tuple[Guest, ...] = ()
    hangout_link: str = ""
    conference_data: _ConferenceData | None = None
    extended: _Extended = Field(default=_Extended(), alias="extendedProperties")

    @property
    def is_cancelled(self) -> bool:
        """Whether it is a tombstone."""
        return self.status == "cancelled"

    @property
    def awaits_conference(self) -> bool:
        """Whether Google is still making the link it was asked for."""
        return self._conference_status == "pending"

    @property
    def lacks_conference(self) -> bool:
        """Whether there is no link and none on its way."""
        return not self._link and not self.awaits_conference

    def is_of(self, ref: EventRef) -> bool:
        """Whether we made it, for this key and generation."""
        ours = self.extended.private
        return (ours.get(_KEY), ours.get(_GENERATION)) == (ref.key, str(ref.generation))

    def was_changed_by(self, change: str) -> bool:
        """Whether our latest change of it is this one (`change_of`)."""
        return self.extended.private.get(_CHANGE) == change

    def snapshot(self, ref: EventRef) -> Snapshot:
        """The event in the port's words.

        Google has one event for everybody: who deletes it has declined it; times that guests propose are not
        in it. Somebody who is no longer listed
        was taken off; but where somebody unknown is listed, it may be the same person by another address.
        """
        listed = {guest.known_as: guest for guest in self.attendees}
        missing = [address for address in ref.attendees if _known_as(address) not in listed]
        unknown = listed.keys() - {_known_as(address) for address in ref.attendees}
        return Snapshot(
            start=self.start.instant,
            end=self.end.instant,
            rsvps={address: _rsvp(listed.get(_known_as(address))) for address in ref.attendees},
            etag=self.etag,
            sequence=self.sequence,
            conference=self._link or _url(self.location),
            deleted_by=() if unknown else tuple(missing),
        )

    @property
    def _conference_status(self) -> str:
        return self.conference_data.create_request.status.status_code if self.conference_data else ""

    @property
    def _link(self) -> str:
        points = self.conference_data.entry_points if self.conference_data else ()
        video = (point.uri for point in points if point.entry_point_type == "video")
        return self.hangout_link or next(video, "")


def new_body(ref: EventRef, spec: EventSpec, *, conference: bool, guests_can_modify: bool) -> dict[str, Any]:
    """The body of an insert; the id is ours, so that a second one makes no second event."""
    return {
        "id": ref.id,
        **_words(spec),
        "start": {"dateTime": _rfc3339(spec.start)},
        "end": {"dateTime": _rfc3339(spec.end)},
        "attendees": _invited(spec.attendees),
        "visibility": "private",
        "transparency": "opaque",
        "guestsCanModify": guests_can_modify,
        "guestsCanInviteOthers": False,
        "extendedProperties": {"private": {_KEY: ref.key, _GENERATION: str(ref.generation)}},
        **(_conference(ref.id) if conference else {}),
    }


def changed_body(
    found: Event, ref: EventRef, spec: EventSpec, change: str, *, conference: bool
) -> dict[str, Any]:
    """The body of a PATCH that gives the event new times and asks everybody anew.

    A list is replaced as a whole: whom the organizer added by hand (a room) stays. `date` is taken away in
    case somebody has made a whole day of the event: it must not stand beside `dateTime`.
    """
    ours = {_known_as(address) for address in (*ref.attendees, *(one.address for one in spec.attendees))}
    others = [
        {"email": guest.email, "responseStatus": "needsAction"}
        for guest in found.attendees
        if guest.known_as not in ours
    ]
    return {
        **_words(spec),
        "start": {"dateTime": _rfc3339(spec.start), "date": None},
        "end": {"dateTime": _rfc3339(spec.end), "date": None},
        "attendees": [*_invited(spec.attendees), *others],
        "extendedProperties": {"private": {_CHANGE: change}},
        **(_conference(change) if conference and found.lacks_conference else {}),
    }


def admitting_body(found: Event, ref: EventRef, spec: EventSpec) -> dict[str, Any]:
    """The body of a PATCH that adds newcomers to the list as it is; empty where nobody is missing."""
    known = {_known_as(address) for address in ref.attendees} | {guest.known_as for guest in found.attendees}
    new = tuple(one for one in spec.attendees if _known_as(one.address) not in known)
    if not new:
        return {}
    return {"attendees": [*map(_as_listed, found.attendees), *_invited(new)]}


def without(found: Event, spared: Sequence[str]) -> dict[str, Any]:
    """The body of a PATCH that takes some people off and leaves the others' answers as they are."""
    gone = {_known_as(address) for address in spared}
    kept = [guest for guest in found.attendees if guest.known_as not in gone]
    return {"attendees": [*map(_as_listed, kept)]}


def change_of(ref: EventRef, spec: EventSpec, if_match: str) -> str:
    """The name of a change: of this version of the event, to these times and people."""
    people = sorted(_known_as(one.address) for one in spec.attendees)
    told = "\n".join((ref.id, if_match, _rfc3339(spec.start), _rfc3339(spec.end), *people))
    return hashlib.sha256(told.encode()).hexdigest()


def _words(spec: EventSpec) -> dict[str, Any]:
    return {
        "summary": clean_text(spec.summary).replace("\n", " "),
        "description": clean_text(spec.description),
        "location": clean_text(spec.location).replace("\n", " "),
    }


def _as_listed(guest: Guest) -> dict[str, Any]:
    return guest.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _invited(people: Sequence[Attendee]) -> list[dict[str, Any]]:
    return [
        {
            "email": mail_address(one.address),
            "displayName": clean_name(one.name) or mail_address(one.address),
            "responseStatus": "needsAction",
        }
        for one in people
    ]


def _conference(request_id: str) -> dict[str, Any]:
    """A link to be made; a request id that was used before makes no second one."""
    request = {"requestId": request_id, "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    return {"conferenceData": {"createRequest": request}}


def _known_as(address: str) -> str:
    return mail_address(address).lower()


def _rsvp(guest: Guest | None) -> Rsvp:
    return _RSVPS.get(guest.response_status, Rsvp.NEEDS_ACTION) if guest else Rsvp.NEEDS_ACTION


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _url(location: str) -> str:
    return location if location.startswith(("https://", "http://")) else ""
