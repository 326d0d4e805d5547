"""Graph's event resource: written from what an event should say, read back as what people made of it."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from integrations.calendars.calendar import EventRef, EventSpec, Rsvp, Snapshot, Window
from integrations.calendars.ics import clean_name, clean_text, event_uid, mail_address

# Named properties of ours, in a set of our own ([MS-OXPROPS], section 1.3.2).
_OURS = uuid.UUID("6b0d0c4e-3f52-4b0a-9d43-8f1f7f4f6a11")
_EVENT = f"String {{{_OURS}}} Name MentoringEvent"
_CHANGE = f"String {{{_OURS}}} Name MentoringChange"
# PidLidAppointmentSequence ([MS-OXPROPS], section 2.25): what iCalendar calls SEQUENCE.
_SEQUENCE = "Integer {00062002-0000-0000-c000-000000000046} Id 0x8201"
_RSVPS = {
    "accepted": Rsvp.ACCEPTED,
    "organizer": Rsvp.ACCEPTED,
    "declined": Rsvp.DECLINED,
    "tentativelyAccepted": Rsvp.TENTATIVE,
}


class Resource(BaseModel):
    """What Graph sends; properties we do not use are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class Moment(Resource):
    """Graph's dateTimeTimeZone: a time without an offset, and the zone to read it in."""

    date_time: datetime
    time_zone: str | None = None

    @property
    def instant(self) -> datetime:
        """The moment in UTC; a zone nobody knows is UTC, which is what we ask for."""
        return self.read_in(zone_of(self.time_zone) or UTC)

    def read_in(self, zone: tzinfo) -> datetime:
        """The moment in UTC if its clock shows this zone's time."""
        aware = self.date_time if self.date_time.tzinfo else self.date_time.replace(tzinfo=zone)
        return aware.astimezone(UTC)


class _Slot(Resource):
    start: Moment
    end: Moment


class _Address(Resource):
    address: str | None = None
    name: str | None = None


class _Answer(Resource):
    response: str | None = None
    time: AwareDatetime | None = None


class Guest(Resource):
    """An attendee, with the answer the organizer's mailbox has from them."""

    type: str | None = None
    email_address: _Address = _Address()
    status: _Answer | None = None
    proposed_new_time: _Slot | None = None

    @property
    def known_as(self) -> str:
        """The address as it is compared."""
        return (self.email_address.address or "").lower()

    def answered_after(self, asked: datetime | None) -> bool:
        """Whether the answer is to what was asked then, not to an hour the event has left since."""
        answered = self.status.time if self.status else None
        return asked is None or (answered is not None and answered > asked)


class _Location(Resource):
    display_name: str | None = None


class _OnlineMeeting(Resource):
    join_url: str | None = None


class _Extended(Resource):
    id: str
    value: str = ""


class Event(Resource):
    """An event as the organizer's mailbox has it."""

    id: str
    etag: str = Field(default="", alias="@odata.etag")
    last_modified_date_time: AwareDatetime | None = None
    is_cancelled: bool | None = False
    is_all_day: bool | None = False
    original_start_time_zone: str | None = None
    start: Moment
    end: Moment
    location: _Location | None = None
    attendees: tuple[Guest, ...] = ()
    is_online_meeting: bool | None = False
    online_meeting: _OnlineMeeting | None = None
    extended: tuple[_Extended, ...] = Field(default=(), alias="singleValueExtendedProperties")

    def is_of(self, key: str, generation: int) -> bool:
        """Whether we made it, for this key and generation."""
        return self._property(_EVENT) == event_uid(key, generation)

    def was_changed_by(self, change: str) -> bool:
        """Whether our latest change of it is this one (`change_of`)."""
        return self._property(_CHANGE).partition(" ")[0] == change

    def snapshot(self, ref: EventRef) -> Snapshot:
        """The event in the port's words; what was answered or proposed before our latest change is void.

        Exchange keeps one list of answers, the organizer's: who deletes their copy has declined, or tells
        nothing. Somebody who is no longer listed was taken off; but where somebody unknown is listed, it may
        be the same person by another address.
        """
        listed = {guest.known_as: guest for guest in self.attendees}
        missing = [address for address in ref.attendees if _known_as(address) not in listed]
        unknown = listed.keys() - {_known_as(address) for address in ref.attendees}
        guests = {address: listed.get(_known_as(address)) for address in ref.attendees}
        hours = self._hours
        sequence = self._property(_SEQUENCE)
        return Snapshot(
            start=hours.start,
            end=hours.end,
            rsvps={address: self._rsvp(guest) for address, guest in guests.items()},
            etag=self.etag,
            sequence=int(sequence) if sequence.isdecimal() else 0,
            conference=self._link,
            moved={who: wish for who, guest in guests.items() if (wish := self._wish(guest, hours))},
            deleted_by=() if unknown else tuple(missing),
        )

    @property
    def _hours(self) -> Window:
        """A whole day is midnight to midnight whatever the Prefer header says: it is its own zone's day."""
        if not self.is_all_day:
            return Window(start=self.start.instant, end=self.end.instant)
        zone = zone_of(self.original_start_time_zone) or UTC
        return Window(start=self.start.read_in(zone), end=self.end.read_in(zone))

    def _rsvp(self, guest: Guest | None) -> Rsvp:
        if guest is None or guest.status is None or not guest.answered_after(self._asked):
            return Rsvp.NEEDS_ACTION
        return _RSVPS.get(guest.status.response or "", Rsvp.NEEDS_ACTION)

    def _wish(self, guest: Guest | None, hours: Window) -> Window | None:
        if guest is None or guest.proposed_new_time is None or not guest.answered_after(self._asked):
            return None
        start, end = guest.proposed_new_time.start.instant, guest.proposed_new_time.end.instant
        return Window(start=start, end=end) if end > start and (start, end) != (hours.start, hours.end) else None

    @property
    def _asked(self) -> datetime | None:
        """When our latest change asked everybody anew, by Exchange's clock."""
        text = self._property(_CHANGE).partition(" ")[2]
        return datetime.fromisoformat(text) if text else None

    @property
    def _link(self) -> str:
        """Teams' link, which may come late or never; else a location that is one."""
        place = (self.location.display_name if self.location else "") or ""
        joined = (self.online_meeting.join_url if self.online_meeting else "") or ""
        return joined or (place if place.startswith(("https://", "http://")) else "")

    def _property(self, name: str) -> str:
        return next((one.value for one in self.extended if one.id.lower() == name.lower()), "")


class Events(Resource):
    """A page of a list."""

    value: tuple[Event, ...]


SELECTED = ",".join(
    field.alias
    for name, field in Event.model_fields.items()
    if field.alias and name not in {"etag", "extended"}
)
EXPANDED = "singleValueExtendedProperties($filter={})".format(
    " or ".join(f"id eq '{name}'" for name in (_EVENT, _CHANGE, _SEQUENCE))
)


def found_by(key: str, generation: int) -> str:
    """The $filter that finds the event of this key and generation."""
    uid = event_uid(key, generation)
    return f"singleValueExtendedProperties/any(ep: ep/id eq '{_EVENT}' and ep/value eq '{uid}')"


def new_body(key: str, generation: int, spec: EventSpec, *, conference: bool) -> dict[str, Any]:
    """The body of a POST; its transactionId is ours, so that a second one makes no second event."""
    uid = event_uid(key, generation)
    return {
        "transactionId": str(uuid.uuid5(_OURS, uid)),
        **_words(spec),
        **_times(spec),
        "body": {"contentType": "text", "content": clean_text(spec.description)},
        "attendees": _invited(spec),
        "sensitivity": "private",
        "showAs": "busy",
        "responseRequested": True,
        "allowNewTimeProposals": True,
        **({"location": {"displayName": _line(spec.location)}} if spec.location else {}),
        **(_teams() if conference else {}),
        "singleValueExtendedProperties": [{"id": _EVENT, "value": uid}],
    }


def changed_body(
    found: Event, ref: EventRef, spec: EventSpec, change: str, *, conference: bool
) -> dict[str, Any]:
    """The body of a PATCH that gives the event new times.

    The list of attendees is replaced as a whole, and who is left out gets a cancellation: it is sent only
    where somebody comes or goes, and whom the organizer added by hand (a room) stays. The body of an online
    meeting is never sent: it holds the block by which Teams knows the meeting.
    """
    ours = {_known_as(address) for address in ref.attendees}
    wanted = {_known_as(one.address) for one in spec.attendees}
    listed = {guest.known_as for guest in found.attendees}
    others = [guest for guest in found.attendees if guest.known_as not in ours | wanted]
    people = {"attendees": [*_invited(spec), *map(_kept, others)]}
    place = found.location.display_name if found.location else ""
    asked = found.last_modified_date_time
    text = {"body": {"contentType": "text", "content": clean_text(spec.description)}}
    return {
        **_words(spec),
        **_times(spec),
        **({"isAllDay": False} if found.is_all_day else {}),
        **(people if listed != wanted | {guest.known_as for guest in others} else {}),
        **({"location": {"displayName": _line(spec.location)}} if spec.location not in {"", place} else {}),
        **({} if found.is_online_meeting else text),
        **(_teams() if conference and not found.is_online_meeting else {}),
        "singleValueExtendedProperties": [
            {"id": _CHANGE, "value": f"{change} {asked.isoformat()}" if asked else change}
        ],
    }


def change_of(ref: EventRef, spec: EventSpec, if_match: str) -> str:
    """The name of a change: of this version of the event, to these times and people."""
    people = sorted(_known_as(one.address) for one in spec.attendees)
    told = "\n".join((ref.id, if_match, spec.start.isoformat(), spec.end.isoformat(), *people))
    return hashlib.sha256(told.encode()).hexdigest()


def utc(moment: datetime) -> dict[str, str]:
    """The moment as a dateTimeTimeZone."""
    naive = moment.astimezone(UTC).replace(tzinfo=None)
    return {"dateTime": naive.isoformat(timespec="seconds"), "timeZone": "UTC"}


def zone_of(name: str | None) -> tzinfo | None:
    """The zone by its Windows or IANA name; None where there is none of that name."""
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name, name)) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _words(spec: EventSpec) -> dict[str, Any]:
    return {"subject": _line(spec.summary)}


def _times(spec: EventSpec) -> dict[str, Any]:
    return {"start": utc(spec.start), "end": utc(spec.end)}


def _invited(spec: EventSpec) -> list[dict[str, Any]]:
    return [
        {
            "emailAddress": {
                "address": mail_address(one.address),
                "name": clean_name(one.name) or mail_address(one.address),
            },
            "type": "required",
        }
        for one in spec.attendees
    ]


def _kept(guest: Guest) -> dict[str, Any]:
    address: Mapping[str, Any] = guest.email_address.model_dump(by_alias=True, exclude_none=True)
    return {"emailAddress": address, "type": guest.type or "required"}


def _teams() -> dict[str, Any]:
    return {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}


def _known_as(address: str) -> str:
    return mail_address(address).lower()


def _line(text: str) -> str:
    return clean_text(text).replace("\n", " ")
