"""Signed links: one person, one purpose, one ask; opaque, limited in time, good for one answer."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.answers import Form, Purpose
from integrations.database.answers import AnswerRecord
from integrations.facts import Facts


class LinkProblem(StrEnum):
    """Why a link cannot be used."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"


class Link(BaseModel):
    """What a link is for and what its page shows; times are programme time, UTC."""

    model_config = ConfigDict(frozen=True)

    purpose: Purpose
    person_ref: str
    programme_id: str
    life: str
    ask_key: str
    facts: Facts
    expires_at: AwareDatetime


class Links(Protocol):
    """Keeps links by the hash of their token only."""

    def issue(self, link: Link, token: str) -> None:
        """Keeps a new link; earlier links of the same ask stay good until one of them is used."""
        ...

    def open(self, token: str, now: datetime) -> Link | LinkProblem:
        """The link of a token, without any effect."""
        ...

    def answer(self, token: str, form: Form, now: datetime) -> AnswerRecord | LinkProblem:
        """Keeps the answer and uses up every link of the ask; of two racing calls one wins."""
        ...
