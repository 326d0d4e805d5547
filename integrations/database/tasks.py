"""Tasks: what needs a human, whose it is, and what became of it."""

from datetime import datetime
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict


class TaskRecord(BaseModel):
    """One task under its business key; open while it has no outcome."""

    model_config = ConfigDict(frozen=True)

    key: str
    kind: str
    programme_id: str
    life: str
    owner_ref: str
    about_ref: str | None
    opened_at: AwareDatetime
    outcome: str = ""


class Tasks(Protocol):
    """Keeps tasks."""

    def open(self, task: TaskRecord) -> None:
        """Opens a task; a repeat changes nothing."""
        ...

    def close(self, key: str, outcome: str, at: datetime) -> None:
        """Closes a task; a repeat changes nothing."""
        ...

    def of_programme(self, programme_id: str) -> tuple[TaskRecord, ...]:
        """All tasks of a programme, oldest first."""
        ...
