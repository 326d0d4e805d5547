"""Invitations as iCalendar text for the mail (RFC 5546, RFC 6047)."""

from datetime import UTC, datetime

from icalendar import vText

from integrations.calendars.calendar import EventSpec
from integrations.calendars.ics import document, event_uid, new_event
from integrations.calendars.ics_reading import listed


def invitation(spec: EventSpec, *, key: str, generation: int, sequence: int, method: str = "REQUEST") -> str:
    """What is mailed to a person without a calendar: METHOD REQUEST invites or changes, CANCEL calls off.

    Answers go to the mailbox of `spec.organizer` (RFC 5546, section 3.2.3). `sequence` is above the last one
    sent under this key and generation (section 2.1.4).
    """
    event = new_event(spec, event_uid(key, generation), sequence, datetime.now(UTC))
    if method == "CANCEL":
        event["STATUS"] = vText("CANCELLED")
        event["TRANSP"] = vText("TRANSPARENT")
        for person in listed(event, "ATTENDEE"):
            del person.params["RSVP"]
    elif method != "REQUEST":
        raise ValueError(f"an invitation is a REQUEST or a CANCEL, not {method!r}")
    return document(event, method=method)
