"""What the office sees of a batch of letters before it writes them: readers, and who has theirs already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from activities.correspondence import Recipient, SendLetters
from activities.rules.days_off import days_off
from activities.rules.presence import has_left
from activities.rules.sending_hours import next_sending_instant
from integrations.database.books import Books
from integrations.database.people import Person
from integrations.programme import Programme

Draft = tuple[SendLetters, Recipient]
"""A letter still to be written, and to whom."""


def key_of(request: SendLetters, to: Recipient) -> str:
    """Under which key the ledger keeps this letter to this person."""
    return f"{request.key}/{to.ref}"


@dataclass(frozen=True)
class Glance:
    """The readers of some letters by ref, and the keys of those letters that went out before."""

    books: Books
    people: Mapping[str, Person]
    posted: frozenset[str]
    programmes: dict[str, Programme] = field(default_factory=dict)

    @classmethod
    def at(cls, books: Books, drafts: Sequence[Draft]) -> "Glance":
        """Reads what all these letters need at once."""
        return cls(
            books,
            people=books.directory.people({to.ref for _, to in drafts}),
            posted=books.ledger.which_sent([key_of(request, to) for request, to in drafts]),
        )

    def may_go(self, request: SendLetters, to: Recipient, now: datetime) -> datetime | None:
        """From when on this letter may go to this person; None where it must not go at all."""
        person = self.people.get(to.ref)
        if person is None:
            return None
        if key_of(request, to) in self.posted:
            return now
        if has_left(person, now) or not person.address:
            return None
        return next_sending_instant(now, ZoneInfo(person.zone), self._off(request, person))

    def _off(self, request: SendLetters, person: Person) -> frozenset[date]:
        key = request.about.programme_id
        if key not in self.programmes:
            self.programmes[key] = self.books.programmes.load(key)
        return days_off(self.programmes[key], person.site)
