"""Where and when clocks change: Europe, America, Brazil (until 2019), Egypt, half an hour on Lord Howe."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integrations.calendars.calendar import Window
from tests.integrations.calendars.radicale import document

# What Outlook calls a zone that is none of its own.
OWN_ZONE = "Customized Time Zone"


@dataclass(frozen=True)
class Change:
    """A change of clocks: its zone by both names, the instant in UTC, and the length of its day in hours."""

    zone: str
    windows: str
    moment: datetime
    day: date
    hours: float

    @property
    def local(self) -> ZoneInfo:
        """The zone."""
        return ZoneInfo(self.zone)

    @property
    def midnight(self) -> datetime:
        """When the day begins, in UTC; where clocks go from 0:00 to 1:00, that is 1:00."""
        return datetime.combine(self.day, datetime.min.time(), self.local).astimezone(UTC)

    @property
    def shift(self) -> timedelta:
        """How far clocks go forward; less than nothing for back."""
        return timedelta(hours=24 - self.hours)

    @property
    def next_day(self) -> date:
        """The day after."""
        return self.day + timedelta(days=1)

    @property
    def hour(self) -> Window:
        """An hour in the middle of which clocks change, told in the zone's time."""
        half = timedelta(minutes=30)
        start, end = ((self.moment + at).astimezone(self.local) for at in (-half, half))
        return Window(start=start, end=end)

    def described(self, name: str) -> str:
        """The zone as a client describes it under a name, as far as these weeks go."""
        before, after = (
            (self.moment + at).astimezone(self.local) for at in (timedelta(seconds=-1), timedelta())
        )
        onset = before.replace(tzinfo=None) + timedelta(seconds=1)
        parts = (
            ("STANDARD", "19700101T000000", before, before),
            ("DAYLIGHT" if self.hours < 24 else "STANDARD", f"{onset:%Y%m%dT%H%M%S}", before, after),
        )
        lines = [
            f"BEGIN:{kind}\r\nDTSTART:{start}\r\nTZOFFSETFROM:{old:%z}\r\nTZOFFSETTO:{new:%z}\r\nEND:{kind}\r\n"
            for kind, start, old, new in parts
        ]
        return f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\n{''.join(lines)}END:VTIMEZONE\r\n"


_PARIS = ("Europe/Paris", "Romance Standard Time")
_NEW_YORK = ("America/New_York", "Eastern Standard Time")
_SAO_PAULO = ("America/Sao_Paulo", "E. South America Standard Time")
_CAIRO = ("Africa/Cairo", "Egypt Standard Time")
_LORD_HOWE = ("Australia/Lord_Howe", "Lord Howe Standard Time")
CHANGES = (
    Change(*_PARIS, datetime(2026, 3, 29, 1, 0, tzinfo=UTC), date(2026, 3, 29), 23),
    Change(*_PARIS, datetime(2026, 10, 25, 1, 0, tzinfo=UTC), date(2026, 10, 25), 25),
    Change(*_NEW_YORK, datetime(2026, 3, 8, 7, 0, tzinfo=UTC), date(2026, 3, 8), 23),
    Change(*_NEW_YORK, datetime(2026, 11, 1, 6, 0, tzinfo=UTC), date(2026, 11, 1), 25),
    Change(*_SAO_PAULO, datetime(2018, 11, 4, 3, 0, tzinfo=UTC), date(2018, 11, 4), 23),
    Change(*_SAO_PAULO, datetime(2018, 2, 18, 2, 0, tzinfo=UTC), date(2018, 2, 17), 25),
    Change(*_CAIRO, datetime(2026, 4, 23, 22, 0, tzinfo=UTC), date(2026, 4, 24), 23),
    Change(*_CAIRO, datetime(2026, 10, 29, 21, 0, tzinfo=UTC), date(2026, 10, 29), 25),
    Change(*_LORD_HOWE, datetime(2026, 4, 4, 15, 0, tzinfo=UTC), date(2026, 4, 5), 24.5),
    Change(*_LORD_HOWE, datetime(2026, 10, 3, 15, 30, tzinfo=UTC), date(2026, 10, 4), 23.5),
)
each_change = pytest.mark.parametrize(
    "change", CHANGES, ids=[f"{one.zone.rpartition('/')[2]}-{one.day:%Y-%m-%d}" for one in CHANGES]
)


def local(change: Change, name: str, moment: datetime, zone: str = "") -> str:
    """A property with the time that clocks show at this moment."""
    return f"{name};TZID={zone or change.zone}:{moment.astimezone(change.local):%Y%m%dT%H%M%S}"


def described(change: Change, lines: str, zone: str = "", uid: str = "u") -> str:
    """A client's event beside the description of its zone, under another name if there is one."""
    return document(uid, lines).replace(
        "BEGIN:VEVENT", f"{change.described(zone or change.zone)}BEGIN:VEVENT"
    )
