"""Answers people gave on the response pages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.answers import FORMS, Form, Purpose


class AnswerRecord(BaseModel):
    """One answer as it was given; `life` is the workflow that asked, `ask_key` its question."""

    model_config = ConfigDict(frozen=True)

    id: str
    purpose: Purpose
    programme_id: str
    life: str
    ask_key: str
    person_ref: str
    choice: str
    content: Mapping[str, Any]
    answered_at: AwareDatetime

    @property
    def form(self) -> Form:
        """The answer as the typed form of its purpose."""
        return FORMS[self.purpose].model_validate(self.content)


class Answers(Protocol):
    """Reads answers, and those their lives have not heard of yet."""

    def get(self, answer_id: str) -> AnswerRecord:
        """The answer; raises GoneError where it is not known."""
        ...

    def of_life(self, life: str, purpose: Purpose) -> tuple[AnswerRecord, ...]:
        """What a life was answered for a purpose, oldest first."""
        ...

    def of_programme(
        self, programme_id: str, purpose: Purpose, person_ref: str | None = None
    ) -> tuple[AnswerRecord, ...]:
        """What a programme was answered for a purpose, by one person or by all, oldest first."""
        ...

    def undelivered(self, limit: int) -> tuple[AnswerRecord, ...]:
        """Answers whose life was not told yet, oldest first."""
        ...

    def mark_delivered(self, answer_id: str, at: datetime) -> None:
        """Remembers that the life was told."""
        ...
