"""A programme: what a company says about it, validated as a whole."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from integrations.errors import InvalidError
from integrations.programme_rules import MeetingRule, QuotaRule, check_quotas

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
Days = Annotated[int, Field(ge=1, le=400)]
Minutes = Annotated[int, Field(ge=10, le=480)]


class ProgrammeFileError(InvalidError):
    """The programme file is wrong; the message names every wrong field and what it accepts."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Timings(_Part):
    """How long things may take. `_d` are days, `_wd` working days, `_h` hours, `_min` minutes."""

    call_open_d: Days = 15
    call_reminder_d: Days = 8
    line_manager_consent_wd: Days = 3
    screening_wd: Days = 5
    opt_in_wd: Days = 10
    briefing_min: Minutes = 45
    training_half_day_min: Minutes = 210
    training_within_wd: Days = 10
    attendance_wd: Days = 2
    materials_wd: Days = 5
    certificate_wd: Days = 2
    decision_wd: Days = 3
    proposal_reminder_wd: Days = 3
    proposal_task_wd: Days = 5
    proposal_lapses_wd: Days = 10
    proposals_max: Annotated[int, Field(ge=1, le=10)] = 3
    kick_off_min: Minutes = 20
    kick_off_within_wd: Days = 10
    first_session_within_wd: Days = 15
    session_every_d: Days = 28
    session_min_gap_d: Days = 14
    session_max_gap_d: Days = 42
    spare_sessions: Annotated[int, Field(ge=0, le=12)] = 4
    brief_wd: Days = 5
    session_reminder_wd: Days = 1
    happened_after_h: Annotated[int, Field(ge=1, le=72)] = 2
    happened_silence_wd: Days = 3
    reschedule_window_wd: Days = 10
    supervision_min: Minutes = 60
    ideas_gather_wd: Days = 5
    closing_min: Minutes = 45
    closing_within_wd: Days = 10
    wind_down_wd: Days = 15
    closing_before_leaving_wd: Days = 5
    signing_gather_wd: Days = 3
    signing_overdue_wd: Days = 15
    follow_up_d: Days = 90
    retention_months: Annotated[int, Field(ge=1, le=36)] = 12


class MenteeRule(_Part):
    """Which managers are invited: by level or by HR person id; at most `max_count`, highest first."""

    min_level: Annotated[int, Field(ge=1, le=12)] = 5
    max_count: Annotated[int, Field(ge=1, le=10_000)] = 12
    sites: tuple[str, ...] = ()
    person_ids: tuple[str, ...] = ()


class MentorRule(_Part):
    """Which employees are called, by level, tenure and site - never by age; how many mentees each has."""

    max_level: Annotated[int, Field(ge=1, le=12)] = 3
    min_tenure_months: Annotated[int, Field(ge=0, le=120)] = 6
    mentees_each: Annotated[int, Field(ge=1, le=2)] = 1
    sites: tuple[str, ...] = ()


class Site(_Part):
    """Where a site keeps its public holidays: ISO 3166 country and subdivision."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    subdivision: str | None = None


class Programme(_Part):
    """One programme; people are named by the HR system's person ids.

    `country` and `subdivision` say which public holidays count, `sites` where a site's differ; `holidays` are
    the company's own days off. `apart` names two people each who must not be paired, in either role.
    `organizer` is the address whose calendar holds the programme's events; without it the settings'.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,40}$")]
    name: Annotated[str, Field(min_length=3, max_length=80)]
    zone: str = "Europe/Paris"
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "FR"
    subdivision: str | None = None
    starts_on: date
    sponsor: str
    coordinator: str
    deputy: str
    trainer: str
    confidential_contact: str
    sessions: Annotated[int, Field(ge=1, le=12)] = 6
    session_minutes: Minutes = 60
    quorum: Annotated[int, Field(ge=1, le=30)] = 6
    holidays: tuple[date, ...] = ()
    sites: Mapping[str, Site] = {}
    mentees: MenteeRule = MenteeRule()
    mentors: MentorRule = MentorRule()
    meetings: MeetingRule = MeetingRule()
    quotas: tuple[QuotaRule, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    organizer: Annotated[str, Field(max_length=254)] | None = None
    timings: Timings = Timings()

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("an IANA time zone such as Europe/Paris is expected") from None
        return zone

    @field_validator("organizer")
    @classmethod
    def _address(cls, organizer: str | None) -> str | None:
        if organizer is not None and not _ADDRESS.fullmatch(organizer):
            raise ValueError("a mail address in ASCII such as office@corp.example is expected")
        return organizer

    @field_validator("quotas")
    @classmethod
    def _quotas_apart(cls, quotas: tuple[QuotaRule, ...]) -> tuple[QuotaRule, ...]:
        return check_quotas(quotas)


def parse(content: dict[str, Any]) -> Programme:
    """Validates the content of a programme file; raises ProgrammeFileError once, naming every wrong field."""
    try:
        return Programme.model_validate(content)
    except ValidationError as error:
        wrong = [
            f"  {'.'.join(map(str, item['loc']))}: {_accepts(item['type'], item['msg'])}"
            for item in error.errors()
        ]
        raise ProgrammeFileError("the programme file is wrong:\n" + "\n".join(wrong)) from None


def _accepts(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "is not a field of a programme file; remove it or check its spelling"
    return message[0].lower() + message[1:]
