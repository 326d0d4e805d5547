"""A matching as the coordinator reads it, and why a pair suits as the pair reads it."""

from collections.abc import Iterable, Mapping
from typing import Any

from activities.cohorts import Cohorts
from activities.rules.reasons import Reason, in_words
from integrations.competences import COMPETENCES
from integrations.database.books import Books
from integrations.database.pairings import PairingRecord
from integrations.database.people import Person
from integrations.facts import ProposedPair

_MOST = 4


class MatchReviewReader:
    """Reads kept matchings; names are those of today's directory."""

    def __init__(self, books: Books, cohorts: Cohorts) -> None:
        self._books = books
        self._cohorts = cohorts

    def facts(self, matching_id: str, language: str) -> dict[str, Any]:
        """Pairs with reasons, near misses and who has nobody, as fields of Facts."""
        content = self._books.pairings.matching(matching_id)
        people = {person.ref: person for person in self._books.directory.everybody()}
        names = {ref: person.name for ref, person in people.items()}
        return {
            "pairs": tuple(
                _proposed(
                    people,
                    pair["mentor"],
                    pair["mentee"],
                    pair["score"],
                    _words(pair["reasons"], language, names),
                )
                for pair in content["pairs"]
                if {pair["mentor"], pair["mentee"]} <= people.keys()
            ),
            "near_misses": tuple(
                _proposed(
                    people,
                    miss["mentor_ref"],
                    miss["mentee_ref"],
                    miss["score"],
                    _words([miss["reason"]], language, names),
                )
                for miss in content["near_misses"]
                if {miss["mentor_ref"], miss["mentee_ref"]} <= people.keys()
            ),
            "unmatched": tuple(
                (people[one["ref"]].named, " ".join(_words(one["reasons"], language, names)))
                for one in content["unmatched"]
                if one["ref"] in people
            ),
        }

    def reasons(self, pairing: PairingRecord, language: str) -> tuple[str, ...]:
        """What the mentee wants to learn and the mentor is strong in, best first; else the mentor's best."""
        strengths = self._cohorts.strengths(pairing.programme_id, pairing.mentor_ref)
        wanted = self._cohorts.interests(pairing.programme_id, pairing.mentee_ref)
        best = sorted(strengths, key=lambda competence: (-strengths[competence], competence))
        shared = [competence for competence in best if competence in wanted] or best
        return tuple(COMPETENCES[competence][language] for competence in shared[:_MOST])


def _words(reasons: Iterable[Mapping[str, Any]], language: str, names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(in_words(Reason(**reason), language, names) for reason in reasons)


def _proposed(
    people: Mapping[str, Person], mentor: str, mentee: str, score: int, reasons: tuple[str, ...]
) -> ProposedPair:
    return ProposedPair(
        mentor=people[mentor].named, mentee=people[mentee].named, score=score, reasons=reasons
    )
