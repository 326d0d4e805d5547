"""Programme time: the time the people of a programme live in.

In production it is the real time. In a rehearsal the same programme runs thousands of times faster: the
clock maps real instants to programme instants by one anchor and one rate.
"""

from datetime import UTC, datetime, timedelta
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class ProgrammeClock(BaseModel):
    """A linear map between real and programme time; all instants are aware and in UTC.

    `rate` is programme seconds per real second; at 1 with equal anchors both times are the same.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    rate: float = Field(default=1.0, gt=0)
    real_anchor: AwareDatetime = datetime(2026, 1, 1, tzinfo=UTC)
    programme_anchor: AwareDatetime = datetime(2026, 1, 1, tzinfo=UTC)

    @classmethod
    def starting(cls, programme_start: datetime, *, at: datetime, rate: float) -> Self:
        """The clock that shows `programme_start` at the real instant `at` and runs at `rate`."""
        return cls(rate=rate, real_anchor=at, programme_anchor=programme_start)

    def programme(self, real: datetime) -> datetime:
        """The programme instant shown at the real instant `real`."""
        return (self.programme_anchor + (real - self.real_anchor) * self.rate).astimezone(UTC)

    def real(self, programme: datetime) -> datetime:
        """The real instant at which the clock shows `programme`."""
        return (self.real_anchor + (programme - self.programme_anchor) / self.rate).astimezone(UTC)

    def real_duration(self, programme: timedelta) -> timedelta:
        """How long a stretch of programme time lasts in real time."""
        return programme / self.rate

    def now(self) -> datetime:
        """The programme instant now. Not for workflows: they read their own deterministic clock."""
        return self.programme(datetime.now(UTC))
