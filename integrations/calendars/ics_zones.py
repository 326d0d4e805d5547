"""Zones as iCalendar text (RFC 5545, section 3.6.5), and by the names calendar programs give them."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Calendar as Document
from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from integrations.calendars.ics import PRODUCT
from integrations.calendars.ics_reading import parsed

_LONGEST_NAME = 100
# Outlook's name for UTC.
_UTC = frozenset({"tzone://microsoft/utc", "utc", "gmt", "z"})


def zone_text(name: str) -> str:
    """The VTIMEZONE document of an IANA zone, as CALDAV:calendar-timezone wants it (RFC 4791, 5.2.2)."""
    document = Document()
    document.add("PRODID", PRODUCT)
    document.add("VERSION", "2.0")
    document.add_component(Timezone.from_tzid(name))
    return bytes(document.to_ical()).decode()


def read_zone(text: str) -> tzinfo:
    """The zone a VTIMEZONE document describes; UTC where there is none."""
    zones = parsed(text).timezones if text.strip() else []
    return (zone_named(zones[0].tz_name) or zones[0].to_tz(lookup_tzid=False)) if zones else UTC


def zone_named(tzid: str) -> tzinfo | None:
    """The zone a TZID names: IANA's name, Windows' name, or a path that ends in IANA's; else None.

    Mozilla and Evolution write paths such as `/mozilla.org/20050126_1/Europe/Paris`.
    """
    name = tzid.strip()
    if name.lower() in _UTC:
        return UTC
    parts = [part for part in name[:_LONGEST_NAME].split("/") if part]
    names = (WINDOWS_TO_OLSON.get(name, name), *("/".join(parts[-count:]) for count in (3, 2)))
    return next((zone for one in names if (zone := _known(one))), None)


def _known(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if len(name) <= _LONGEST_NAME else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
