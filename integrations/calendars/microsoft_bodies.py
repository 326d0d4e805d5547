"""The bodies by which an event is made and changed in Graph, from what it should say."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from integrations.calendars.calendar import Attendee, EventRef, EventSpec, Window
from integrations.calendars.ics import clean_name, clean_text, event_uid, mail_address
from integrations.calendars.microsoft_event import CHANGE, EVENT, OURS, Event, Guest, Mark, known_as


def new_body(key: str, generation: int, spec: EventSpec, *, conference: bool) -> dict[str, Any]:
    """The body of a POST; its transactionId is ours, so that a second one makes no second event."""
    uid = event_uid(key, generation)
    return {
        "transactionId": str(uuid.uuid5(OURS, uid)),
        "subject": _line(spec.summary),
        **_times(spec),
        "body": {"contentType": "text", "content": clean_text(spec.description)},
        "attendees": _invited(spec.attendees),
        "sensitivity": "private",
        "showAs": "busy",
        "responseRequested": True,
        "allowNewTimeProposals": True,
        **({"location": {"displayName": _line(spec.location)}} if spec.location else {}),
        **(_teams() if conference else {}),
        "singleValueExtendedProperties": [{"id": EVENT, "value": uid}],
    }


def changed_body(
    found: Event, ref: EventRef, spec: EventSpec, change: str, *, conference: bool
) -> dict[str, Any]:
    """The body of a PATCH that gives the event new times.

    The list of attendees is replaced as a whole, and who is left out gets a cancellation: it is sent only
    where somebody comes or goes, and whom the organizer added by hand (a room) stays. The body of an online
    meeting is never sent: it holds the block by which Teams knows the meeting.
    """
    ours = {known_as(address) for address in ref.attendees}
    wanted = {known_as(one.address) for one in spec.attendees}
    listed = {guest.known_as for guest in found.attendees}
    others = [guest for guest in found.attendees if guest.known_as not in ours | wanted]
    people = {"attendees": [*_invited(spec.attendees), *map(_kept, others)]}
    place, known = _line(spec.location), found.location.display_name if found.location else ""
    stays, heard = found.hours == Window(start=spec.start, end=spec.end), found.last_modified_date_time
    mark = Mark(change=change, asked=found.mark.asked if stays else heard, heard=heard)
    text = {"body": {"contentType": "text", "content": clean_text(spec.description)}}
    return {
        "subject": _line(spec.summary),
        **_times(spec),
        **({"isAllDay": False} if found.is_all_day else {}),
        **(people if listed != wanted | {guest.known_as for guest in others} else {}),
        **({"location": {"displayName": place}} if place not in {"", known} else {}),
        **({} if found.is_online_meeting else text),
        **(_teams() if conference and not found.is_online_meeting else {}),
        "singleValueExtendedProperties": [{"id": CHANGE, "value": str(mark)}],
    }


def admitting_body(found: Event, ref: EventRef, spec: EventSpec) -> dict[str, Any]:
    """The body of a PATCH that adds newcomers to the list as it is; empty where nobody is missing."""
    known = {known_as(address) for address in ref.attendees} | {guest.known_as for guest in found.attendees}
    new = tuple(one for one in spec.attendees if known_as(one.address) not in known)
    return {"attendees": [*map(_kept, found.attendees), *_invited(new)]} if new else {}


def change_of(ref: EventRef, spec: EventSpec, if_match: str) -> str:
    """The name of a change: of this version of the event, to these times and people."""
    people = sorted(known_as(one.address) for one in spec.attendees)
    told = "\n".join((ref.id, if_match, spec.start.isoformat(), spec.end.isoformat(), *people))
    return hashlib.sha256(told.encode()).hexdigest()


def utc(moment: datetime) -> dict[str, str]:
    """The moment as a dateTimeTimeZone."""
    naive = moment.astimezone(UTC).replace(tzinfo=None)
    return {"dateTime": naive.isoformat(timespec="seconds"), "timeZone": "UTC"}


def _times(spec: EventSpec) -> dict[str, Any]:
    return {"start": utc(spec.start), "end": utc(spec.end)}


def _invited(people: Sequence[Attendee]) -> list[dict[str, Any]]:
    return [
        {
            "emailAddress": {
                "address": mail_address(one.address),
                "name": clean_name(one.name) or mail_address(one.address),
            },
            "type": "required",
        }
        for one in people
    ]


def _kept(guest: Guest) -> dict[str, Any]:
    address: Mapping[str, Any] = guest.email_address.model_dump(by_alias=True, exclude_none=True)
    return {"emailAddress": address, "type": guest.type or "required"}


def _teams() -> dict[str, Any]:
    return {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}


def _line(text: str) -> str:
    return clean_text(text).replace("\n", " ")
