"""Graph's event resource as it is read: what people made of an event."""

import uuid
from datetime import UTC, datetime, timedelta, tzinfo
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

    def answered_after(self, moment: datetime | None) -> bool:
        """Whether the answer was given after this moment, if there is one."""
        answered = self.status.time if self.status else None
        return moment is None or (answered is not None and answered > moment)


class _Location(Resource):
    display_name: str | None = None


class _OnlineMeeting(Resource):
    join_url: str | None = None


class _Extended(Resource):
    id: str
    value: str = ""


class Mark(Resource):
    """The name of our latest change, since when answers count, and since when proposals do.

    Moments are Exchange's own, of the version that was changed: whatever was answered before is no later.
    """

    change: str = ""
    asked: datetime | None = None
    heard: datetime | None = None

    @classmethod
    def read(cls, text: str) -> "Mark":
        """The mark an event carries; an empty one where it carries none."""
        change, *moments = text.split(" ")
        asked, heard = (*map(_moment, moments), None, None)[:2]
        return cls(change=change, asked=asked, heard=heard)

    def __str__(self) -> str:
        return " ".join((self.change, *(one.isoformat() if one else "-" for one in (self.asked, self.heard))))


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

    @property
    def mark(self) -> "Mark":
        """What our latest change has left in the event."""
        return Mark.read(self._property(CHANGE))

    @property
    def hours(self) -> Window:
        """When it is; a whole day is midnight to midnight whatever the Prefer header says: its own zone's.

        Outlook lets an event end as it starts; it is a minute long here.
        """
        zone = (zone_of(self.original_start_time_zone) or UTC) if self.is_all_day else None
        start, end = (one.read_in(zone) if zone else one.instant for one in (self.start, self.end))
        return Window(start=start, end=max(end, start + timedelta(minutes=1)))

    def snapshot(self, ref: EventRef) -> Snapshot:
        """The event in the port's words; what was answered or proposed before our change is void.

        Exchange keeps one list of answers, the organizer's: who deletes their copy has declined, or tells
        nothing. Somebody who is no longer listed was taken off; but where somebody unknown is listed, it may
        be the same person by another address.
        """
        listed = {guest.known_as: guest for guest in self.attendees}
        missing = [address for address in ref.attendees if known_as(address) not in listed]
        unknown = listed.keys() - {known_as(address) for address in ref.attendees}
        guests = {address: listed.get(known_as(address)) for address in ref.attendees}
        hours, mark = self.hours, self.mark
        sequence = self._property(_SEQUENCE)
        return Snapshot(
            start=hours.start,
            end=hours.end,
            rsvps={address: _rsvp(guest, mark) for address, guest in guests.items()},
            etag=self.etag,
            sequence=int(sequence) if sequence.isdecimal() else 0,
            conference=self._link,
            proposed={who: wish for who, guest in guests.items() if (wish := _wish(guest, mark, hours))},
            deleted_by=() if unknown else tuple(missing),
        )

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


def _rsvp(guest: Guest | None, mark: Mark) -> Rsvp:
    if guest is None or guest.status is None or not guest.answered_after(mark.asked):
        return Rsvp.NEEDS_ACTION
    return _RSVPS.get(guest.status.response or "", Rsvp.NEEDS_ACTION)


def _wish(guest: Guest | None, mark: Mark, hours: Window) -> Window | None:
    """The time an attendee proposes, if it is another than the event's."""
    if guest is None or guest.proposed_new_time is None or not guest.answered_after(mark.heard):
        return None
    start, end = guest.proposed_new_time.start.instant, guest.proposed_new_time.end.instant
    is_another = (start, end) != (hours.start, hours.end)
    return Window(start=start, end=end) if end > start and is_another else None


def _moment(text: str) -> datetime | None:
    return None if text == "-" else datetime.fromisoformat(text)
