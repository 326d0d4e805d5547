"""How the report says things: its templates, and dates and kinds in words."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from integrations.rehearsal.chronicle import Entry
from integrations.wording import day, zone_name

ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

_LOCALE: Final = "en_GB"
_JOINTS: Final = re.compile(r"\b(kick-off|follow-up|no-show|go-no-go|opt-in)\b|[-_.]")


class Words:
    """Instants and names of things in English, instants in one zone."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._day = lru_cache(maxsize=4096)(self._day_of)

    def day(self, instant: datetime) -> str:
        """The day: `Tuesday 6 October 2026`."""
        return self._day(instant.astimezone(self._zone).date())

    def clock(self, instant: datetime) -> str:
        """The hour: `10:04`."""
        return f"{instant.astimezone(self._zone):%H:%M}"

    def moment(self, instant: datetime) -> str:
        """Day and hour with the zone by name: `Tuesday 6 October 2026, 10:04 (Paris time)`."""
        return f"{self.day(instant)}, {self.clock(instant)} ({self.zone(instant)})"

    def zone(self, instant: datetime) -> str:
        """The zone by name: `Paris time`."""
        return zone_name(instant, self._zone.key, "en")

    def short(self, instant: datetime) -> str:
        """The day in few letters: `6 Oct 26`."""
        return self.brief(instant.astimezone(self._zone).date(), "d MMM yy")

    @staticmethod
    def brief(on: date, pattern: str) -> str:
        """A day in a pattern of Unicode TR 35."""
        return str(format_date(on, pattern, locale=_LOCALE))

    @staticmethod
    def plain(name: str) -> str:
        """A name as words: `session-happened` without its joint, `kick-off` with it."""
        return _JOINTS.sub(lambda found: found[1] or " ", name)

    def by_day(self, entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
        """Entries in their order under the day they happened on."""
        return [(on, list(same)) for on, same in groupby(entries, key=lambda one: self.day(one.at))]

    def _day_of(self, on: date) -> str:
        return day(datetime(on.year, on.month, on.day, 12, tzinfo=self._zone), self._zone.key, "en")
