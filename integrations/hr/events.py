"""The canonical HR event: what happened to whom, and when; everything else a source sends is dropped."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from integrations.errors import InvalidError

SCHEMA_VERSION = 1


class EventType(StrEnum):
    """What an HR event says; the two last ones are the programme's own."""

    HIRED = "hired"
    HIRE_RESCINDED = "hire_rescinded"
    TERMINATED = "terminated"
    MANAGER_CHANGED = "manager_changed"
    ORG_CHANGED = "org_changed"
    LOCATION_CHANGED = "location_changed"
    LEAVE_STARTED = "leave_started"
    LEAVE_ENDED = "leave_ended"
    CONTACT_CHANGED = "contact_changed"
    JOB_CHANGED = "job_changed"
    CONTRACT_CHANGED = "contract_changed"
    REHIRED = "rehired"
    ERASURE_REQUESTED = "erasure_requested"
    PROGRAMME_OPENED = "programme.opened"
    PROGRAMME_STOP_REQUESTED = "programme.stop_requested"


class Status(StrEnum):
    """A person's standing with the company."""

    ACTIVE = "active"
    ON_LEAVE = "on-leave"
    LEFT = "left"


class PersonFacts(BaseModel):
    """The facts of a person that a programme needs; a field that was not sent stays as it is.

    `model_fields_set` tells a fact that was sent as null (a departure taken back) from one not sent.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    person_id: str = Field(min_length=1, max_length=64)
    given_name: str | None = Field(default=None, max_length=80)
    family_name: str | None = Field(default=None, max_length=80)
    work_address: str | None = Field(default=None, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    locale: str | None = Field(default=None, pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    zone: str | None = None
    site: str | None = Field(default=None, max_length=80)
    department: str | None = Field(default=None, max_length=80)
    function: str | None = Field(default=None, max_length=80)
    level: int | None = Field(default=None, ge=1, le=12)
    title: str | None = Field(default=None, max_length=120)
    manager_id: str | None = Field(default=None, max_length=64)
    hire_date: date | None = None
    end_date: date | None = None
    status: Status | None = None
    weekly_hours: str | None = Field(default=None, max_length=200)
    languages: tuple[str, ...] | None = None
    assistant_id: str | None = Field(default=None, max_length=64)
    calendar_provider: str | None = Field(default=None, pattern="^(caldav|google|microsoft|none)$")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        try:
            if zone is not None:
                ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("an IANA time zone such as Europe/Paris is expected") from None
        return zone


class HrEvent(BaseModel):
    """One event of an HR source; `person_id` is the HR system's stable id, never an address.

    `effective_on` is the day (in `zone`) from which it holds; without it the event holds at once.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: int = SCHEMA_VERSION
    id: str = Field(min_length=1, max_length=128)
    source: str = Field(default="native", max_length=40)
    type: EventType
    occurred_at: AwareDatetime
    effective_on: date | None = None
    zone: str = "UTC"
    mode: Literal["live", "backfill", "replay", "reconcile"] = "live"
    person_id: str | None = Field(default=None, max_length=64)
    programme_id: str | None = Field(default=None, max_length=64)
    stop_mode: Literal["drain", "wind-down", "stop-now"] | None = None
    changes: PersonFacts | None = None


def parse_native(body: Mapping[str, Any]) -> HrEvent:
    """Reads a native delivery; raises InvalidError naming the wrong fields, never their values."""
    try:
        return HrEvent.model_validate(body)
    except ValidationError as error:
        fields = sorted({".".join(map(str, item["loc"])) for item in error.errors()})
        raise InvalidError(f"the event's fields are wrong: {', '.join(fields)}") from None
