"""What a programme file says about who is paired with whom, and about when people meet."""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Percent = Annotated[int, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0, le=10_000)]

_LUNCH: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class QuotaRule(_Part):
    """How many pairs may, or should, have their mentee (or mentor) in one department or at one site.

    Shares are of all the mentees (or mentors) who take part: `at_most_percent` rounded down,
    `at_least_percent` rounded up. Pairs that run already count.
    """

    side: Literal["mentees", "mentors"] = "mentees"
    department: str = ""
    site: str = ""
    at_most: Count | None = None
    at_most_percent: Percent | None = None
    at_least: Count = 0
    at_least_percent: Percent = 0

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if bool(self.department) == bool(self.site):
            raise ValueError("give `department` or `site`, one of the two")
        if self.at_most is not None and self.at_most_percent is not None:
            raise ValueError("give `at_most` or `at_most_percent`, one of the two")
        if self.at_least and self.at_least_percent:
            raise ValueError("give `at_least` or `at_least_percent`, one of the two")
        if self.at_most is None and self.at_most_percent is None and not self._asks:
            raise ValueError("give a limit: `at_most`, `at_most_percent`, `at_least` or `at_least_percent`")
        if self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("`at_least` is no more than `at_most`")
        if self.at_most_percent is not None and self.at_least_percent > self.at_most_percent:
            raise ValueError("`at_least_percent` is no more than `at_most_percent`")
        return self

    @property
    def unit(self) -> str:
        """The department or the site."""
        return self.department or self.site

    @property
    def counts(self) -> Literal["department", "site"]:
        """What the unit is one of."""
        return "department" if self.department else "site"

    def fewest(self, people: int) -> int:
        """The fewest pairs there should be, where so many people of the side take part."""
        return self.at_least or -(-self.at_least_percent * people // 100)

    def most(self, people: int) -> int | None:
        """The most pairs there may be, where so many people of the side take part; None is no limit."""
        return self.at_most if self.at_most_percent is None else self.at_most_percent * people // 100

    @property
    def _asks(self) -> bool:
        return bool(self.at_least or self.at_least_percent)


class MeetingRule(_Part):
    """When people meet: their lunch on their own clock, and how close and how many meetings may be.

    `lunch` reads like `12:30-13:30`, every day; empty is none. `buffer_minutes` are kept between a meeting
    and what else is in a calendar. `most_a_day` and `most_a_week` count the sessions of one person; weeks
    begin on Monday. Who has an assistant, as HR says, gets nothing within `assistant_notice_hours` from now.
    """

    lunch: str = ""
    buffer_minutes: Annotated[int, Field(ge=0, le=120)] = 0
    most_a_day: Annotated[int, Field(ge=1, le=20)] | None = None
    most_a_week: Annotated[int, Field(ge=1, le=50)] | None = None
    assistant_notice_hours: Annotated[int, Field(ge=0, le=240)] = 0

    @field_validator("lunch")
    @classmethod
    def _is_a_time(cls, lunch: str) -> str:
        start, _, end = lunch.partition("-")
        if lunch and (not _LUNCH.fullmatch(lunch) or end <= start):
            raise ValueError("a time of day such as 12:30-13:30 is expected, which ends after it starts")
        return lunch


def check_quotas(quotas: tuple[QuotaRule, ...]) -> tuple[QuotaRule, ...]:
    """The quotas; raises ValueError where those of one side overlap, as nobody could say which one counts."""
    for side in ("mentees", "mentors"):
        mine = [quota for quota in quotas if quota.side == side]
        if len({quota.counts for quota in mine}) > 1:
            raise ValueError(f"quotas of {side} count departments or sites, not both")
        if len({quota.unit for quota in mine}) < len(mine):
            raise ValueError(f"two quotas of {side} are for the same unit; make it one with both limits")
    return quotas
