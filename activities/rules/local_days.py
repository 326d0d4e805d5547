"""Working days as a zone has them: where Monday has begun in Tokyo, it is Sunday in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from activities.rules.working_days import WorkingDays


@dataclass(frozen=True)
class LocalDays:
    """The working days of an IANA zone, such as Europe/Paris."""

    days: WorkingDays
    zone: str = "UTC"

    def add(self, instant: datetime, count: int) -> datetime:
        """The same time of day in the zone, `count` working days later (earlier where negative); UTC.

        Zero leaves the instant where it is, also on a day off.
        """
        if not count:
            return instant.astimezone(UTC)
        zone = ZoneInfo(self.zone)
        local = instant.astimezone(zone).replace(tzinfo=UTC)
        return self.days.add(local, count).replace(tzinfo=zone).astimezone(UTC)
