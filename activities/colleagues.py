"""Whom people would rather be paired with, or not, in the words of their own forms."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from activities.rules.cohort import PairRefs
from integrations.answers import Application, OptIn
from integrations.database.people import Person

_LINE: Final = re.compile(r"[\n;]+")
_IN_BRACKETS: Final = re.compile(r"<([^<>]+)>")


@dataclass(frozen=True)
class Preference:
    """The refs of those somebody would like, and would rather not, be paired with.

    `unknown` counts the people they would rather not have whom nobody knows by that name or address.
    """

    liked: frozenset[str] = frozenset()
    disliked: frozenset[str] = frozenset()
    unknown: int = 0


@dataclass(frozen=True)
class Colleagues:
    """Finds people by work address or full name; a name that several people have means all of them."""

    by_name: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, people: Iterable[Person]) -> "Colleagues":
        """Knows these people."""
        found: dict[str, set[str]] = defaultdict(set)
        for person in people:
            names = (person.given_name, person.family_name)
            for known in (person.address, " ".join(names), " ".join(reversed(names))):
                found[_plain(known)].add(person.ref)
        return cls({name: frozenset(refs) for name, refs in found.items() if name})

    def preference(self, rather_with: str, rather_not_with: str) -> Preference:
        """What somebody wrote, as refs; a line that is there twice counts once."""
        liked, disliked = ([*map(self._named, _lines(text))] for text in (rather_with, rather_not_with))
        return Preference(
            liked=frozenset[str]().union(*liked),
            disliked=frozenset[str]().union(*disliked),
            unknown=disliked.count(frozenset()),
        )

    def _named(self, line: str) -> frozenset[str]:
        address = _IN_BRACKETS.search(line)
        return self.by_name.get(_plain(address[1] if address else line.replace(",", " ")), frozenset())


def preferences(
    said: Iterable[tuple[str, Application | OptIn]], people: Iterable[Person]
) -> Mapping[str, Preference]:
    """What people said on all these forms together, by their ref; those who named nobody are left out."""
    wrote: dict[str, list[Application | OptIn]] = defaultdict(list)
    for ref, form in said:
        if form.rather_with or form.rather_not_with:
            wrote[ref].append(form)
    colleagues = Colleagues.of(people) if wrote else Colleagues()
    return {
        ref: colleagues.preference(
            "\n".join(form.rather_with for form in forms), "\n".join(form.rather_not_with for form in forms)
        )
        for ref, forms in wrote.items()
    }


def rather_apart(preferred: Mapping[str, Preference]) -> list[tuple[str, str]]:
    """Who would rather not be paired with whom."""
    return [(ref, other) for ref, one in preferred.items() for other in one.disliked]


def conflicts(
    apart: Sequence[tuple[str, str]], mentors: AbstractSet[str], mentees: AbstractSet[str]
) -> frozenset[PairRefs]:
    """The pairs of a mentor and a mentee who are to be apart, whichever of the two is named first."""
    both = (*apart, *((other, one) for one, other in apart))
    return frozenset((one, other) for one, other in both if one in mentors and other in mentees)


def _lines(text: str) -> list[str]:
    """The lines that are not empty, each once."""
    return [*{_plain(line): line for line in map(str.strip, _LINE.split(text)) if line}.values()]


def _plain(text: str) -> str:
    """Text as names are compared: without case, accents, or more than single spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(one for one in letters if not unicodedata.combining(one)).split())
