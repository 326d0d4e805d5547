"""The programmes the company runs, as their files said when they were opened."""

from typing import Protocol

from integrations.programme import Programme


class Programmes(Protocol):
    """Keeps programme files and where each mentor stands in a programme."""

    def save(self, programme: Programme) -> None:
        """Keeps the file; the same id again replaces it."""
        ...

    def load(self, programme_id: str) -> Programme:
        """The programme; raises GoneError where it is not known."""
        ...

    def set_mentor_status(self, programme_id: str, mentor_ref: str, status: str) -> None:
        """Remembers where a mentor stands: applied, selected, certified, released."""
        ...

    def mentors(self, programme_id: str) -> dict[str, str]:
        """Where every mentor of the programme stands, by ref."""
        ...
