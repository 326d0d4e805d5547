"""Ideas for the company that came out of pairings."""

from typing import Protocol

from pydantic import BaseModel, ConfigDict


class IdeaRecord(BaseModel):
    """An idea that a pair agreed to hand in; `decision` and `why` are the sponsor's, empty until then."""

    model_config = ConfigDict(frozen=True)

    id: str
    programme_id: str
    pairing_id: str
    author_ref: str
    text: str
    decision: str = ""
    why: str = ""


class Ideas(Protocol):
    """Keeps ideas."""

    def save(self, idea: IdeaRecord) -> None:
        """Keeps the idea as it is now."""
        ...

    def get(self, idea_id: str) -> IdeaRecord:
        """The idea; raises GoneError where it is not known."""
        ...

    def of_programme(self, programme_id: str) -> tuple[IdeaRecord, ...]:
        """All ideas of a programme, by id."""
        ...
