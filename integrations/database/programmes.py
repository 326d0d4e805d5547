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

    def ids(self) -> tuple[str, ...]:
        """The ids of all programmes, in order."""
        ...

    def set_mentor_status(self, programme_id: str, mentor_ref: str, status: str) -> None:
        """Remembers where a mentor stands: applied, selected, certified, released."""
        ...

    def mentors(self, programme_id: str) -> dict[str, str]:
        """Where every mentor of the programme stands, by ref."""
        ...

    def of_mentor(self, mentor_ref: str) -> tuple[str, ...]:
        """The programmes this person is or was a mentor in, by id."""
        ...

    def destroy_dossiers(self, programme_id: str) -> int:
        """Destroys what people wrote in this programme and what was written to them; returns how many rows.

        Counted figures and who was paired stay; a repeat destroys nothing more.
        """
        ...
