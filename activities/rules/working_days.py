"""Working days of a programme, counted without a time zone so that a workflow may count them too."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDays:
    """Days that are neither weekend (ISO: Monday is 0) nor holiday; days are those of UTC."""

    holidays: AbstractSet[date] = frozenset()
    weekend: AbstractSet[int] = frozenset({5, 6})

    def is_working(self, day: date) -> bool:
        """Whether work is done on that day."""
        return day.weekday() not in self.weekend and day not in self.holidays

    def add(self, instant: datetime, count: int) -> datetime:
        """The same time of day, `count` working days later (earlier where negative); UTC.

        Zero leaves the instant where it is, also on a day off.
        """
        moved = instant.astimezone(UTC)
        step = _DAY if count > 0 else -_DAY
        left = abs(count)
        while left:
            moved += step
            left -= self.is_working(moved.date())
        return moved
