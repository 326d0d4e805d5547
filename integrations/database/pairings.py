"""Pairings and matchings: who was proposed to whom, why, and what became of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict

RUNNING: Final = frozenset({"proposed", "confirmed"})
"""The statuses of pairings that are not over."""


class PairingRecord(BaseModel):
    """One proposed pairing; `id` is also the id of its workflow. `parts` are the score's parts by name."""

    model_config = ConfigDict(frozen=True)

    id: str
    programme_id: str
    mentor_ref: str
    mentee_ref: str
    score: int
    parts: Mapping[str, int] = {}
    status: str = "proposed"
    held: int = 0
    proposed_at: AwareDatetime


class Pairings(Protocol):
    """Keeps pairings and the matchings they came from."""

    def propose(self, record: PairingRecord, places: int | None = None) -> bool:
        """Keeps a proposed pairing; a repeat changes nothing.

        With `places` the mentor may not have more proposed or confirmed pairings than that, over all
        programmes: False where none is left. Of two racing calls for the last place one has it.
        """
        ...

    def of_programme(self, programme_id: str) -> tuple[PairingRecord, ...]:
        """All pairings of a programme, by id."""
        ...

    def of_person(self, ref: str) -> tuple[PairingRecord, ...]:
        """All pairings a person is or was part of, in any programme, by id."""
        ...

    def get(self, pairing_id: str) -> PairingRecord:
        """The pairing; raises GoneError where it is not known."""
        ...

    def set_status(self, pairing_id: str, status: str, held: int, at: datetime) -> None:
        """Remembers where a pairing stands and how many sessions it has held."""
        ...

    def save_matching(self, matching_id: str, programme_id: str, content: Mapping[str, Any]) -> None:
        """Keeps what a matching or report found; the same id again replaces it."""
        ...

    def replace_matching(
        self, matching_id: str, content: Mapping[str, Any], instead_of: Mapping[str, Any]
    ) -> bool:
        """Keeps other content under a known id; False where it no longer holds what it should replace.

        Of two racing calls that would replace the same content one wins.
        """
        ...

    def matching(self, matching_id: str) -> Mapping[str, Any]:
        """What was kept under this id; raises GoneError where nothing was."""
        ...
