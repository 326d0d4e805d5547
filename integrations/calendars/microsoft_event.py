"""Graph's event resource as it is read: what people made of an event."""

import uuid
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from integrations.calendars.calendar import EventRef, Rsvp, Snapshot, Window
from integrations.calendars.ics import event_uid, mail_address

# Named properties of ours, in a set of our own ([MS-OXPROPS], section 1.3.2).
OURS = uuid.UUID("6b0d0c4e-3f52-4b0a-9d43-8f1f7f4f6a11")
EVENT = f"String {{{OURS}}} Name MentoringEvent"
CHANGE = f"String {{{OURS}}} Name MentoringChange"
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
        return self._property(EVENT) == event_uid(key, generation)

    def was_changed_by(self, change: str) -> bool:
        """Whether our latest change of it is this one (`change_of`)."""
        return self._property(CHANGE).partition(" ")[0] == change

    def snapshot(self, ref: EventRef) -> Snapshot:
        """The event in the port's words; what was answered or proposed before our latest change is void.

        Exchange keeps one list of answers, the organizer's: who deletes their copy has declined, or tells
        nothing. Somebody who is no longer listed was taken off; but where somebody unknown is listed, it may
        be the same person by another address.
        """
        listed = {guest.known_as: guest for guest in self.attendees}
        missing = [address for address in ref.attendees if known_as(address) not in listed]
        unknown = listed.keys() - {known_as(address) for address in ref.attendees}
        guests = {address: listed.get(known_as(address)) for address in ref.attendees}
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
        is_another = (start, end) != (hours.start, hours.end)
        return Window(start=start, end=end) if end > start and is_another else None

    @property
    def _asked(self) -> datetime | None:
        """When our latest change asked everybody anew, by Exchange's clock."""
        text = self._property(CHANGE).partition(" ")[2]
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
    " or ".join(f"id eq '{name}'" for name in (EVENT, CHANGE, _SEQUENCE))
)


def found_by(key: str, generation: int) -> str:
    """The $filter that finds the event of this key and generation."""
    uid = event_uid(key, generation)
    return f"singleValueExtendedProperties/any(ep: ep/id eq '{EVENT}' and ep/value eq '{uid}')"


def zone_of(name: str | None) -> tzinfo | None:
    """The zone by its Windows or IANA name; None where there is none of that name."""
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name, name)) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def known_as(address: str) -> str:
    """The address as it is compared."""
    return mail_address(address).lower()
