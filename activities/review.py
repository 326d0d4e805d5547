"""A matching as the coordinator reads it, and why a pair suits as the pair reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from babel import Locale

from activities.cohorts import Cohorts
from activities.proposals import Newest, Proposal, Proposals, Reasoned
from activities.rules.reasons import Reason, in_words
from integrations.competences import COMPETENCES
from integrations.database.books import Books
from integrations.database.pairings import PairingRecord
from integrations.database.people import Person
from integrations.facts import Facts, Named, ProposedPair
from integrations.web.resolving import Change, Comparison, Review

_MOST = 4


class MatchReviewReader:
    """Reads kept proposals; names are those of today's directory."""

    def __init__(self, books: Books, cohorts: Cohorts) -> None:
        self._books = books
        self._cohorts = cohorts
        self._proposals = Proposals(books.pairings)

    def facts(self, matching_id: str, language: str) -> dict[str, Any]:
        """Pairs with reasons, near misses and who has nobody, as fields of Facts."""
        return self._telling(language).facts(self._proposals.newest(matching_id).proposal)

    def review(self, newest: Newest, facts: Facts) -> Review:
        """The newest proposal of a matching for a reader whose letter told these facts."""
        telling, proposal = self._telling(facts.language), newest.proposal
        return Review(
            facts=facts.model_copy(update=telling.facts(proposal)),
            proposal=newest.id,
            fixed=proposal.fixed,
            forbidden=proposal.forbidden,
            ruled_out=telling.pairs(proposal.ruled_out),
            compared=telling.compared(newest.before, proposal) if newest.before else None,
            notes=telling.words(proposal.notes),
        )

    def reasons(self, pairing: PairingRecord, language: str) -> tuple[str, ...]:
        """What the mentee wants to learn and the mentor is strong in, best first; else the mentor's best."""
        strengths = self._cohorts.strengths(pairing.programme_id, pairing.mentor_ref)
        wanted = self._cohorts.interests(pairing.programme_id, pairing.mentee_ref)
        best = sorted(strengths, key=lambda competence: (-strengths[competence], competence))
        shared = [competence for competence in best if competence in wanted] or best
        return tuple(COMPETENCES[competence][language] for competence in shared[:_MOST])

    def _telling(self, language: str) -> "_Telling":
        return _Telling({person.ref: person for person in self._books.directory.everybody()}, language)


@dataclass(frozen=True)
class _Telling:
    """Turns refs into people and reasons into words; whoever is not in the directory is left out."""

    people: Mapping[str, Person]
    language: str

    def facts(self, proposal: Proposal) -> dict[str, Any]:
        return {
            "pairs": self.pairs(proposal.pairs),
            "near_misses": self.pairs(proposal.near_misses),
            "unmatched": tuple(
                (self.people[one.ref].named, " ".join(self.words(one.reasons)))
                for one in proposal.unmatched
                if one.ref in self.people
            ),
        }

    def pairs(self, pairs: Iterable[Reasoned]) -> tuple[ProposedPair, ...]:
        return tuple(
            ProposedPair(
                mentor=self.people[pair.mentor_ref].named,
                mentee=self.people[pair.mentee_ref].named,
                score=pair.score,
                reasons=self.words(pair.reasons),
            )
            for pair in pairs
            if {pair.mentor_ref, pair.mentee_ref} <= self.people.keys()
        )

    def compared(self, before: Proposal, after: Proposal) -> Comparison:
        """Every mentee whose mentor changed, by name."""
        had = {pair.mentee_ref: pair.mentor_ref for pair in before.pairs}
        has = {pair.mentee_ref: pair.mentor_ref for pair in after.pairs}
        moved = (ref for ref in had.keys() | has.keys() if had.get(ref) != has.get(ref))
        changes = (
            Change(self.people[ref].named, self._named(had.get(ref)), self._named(has.get(ref)))
            for ref in moved
            if ref in self.people
        )
        return Comparison(
            changes=tuple(sorted(changes, key=lambda change: (change.mentee.name, change.mentee.ref))),
            points_before=sum(pair.score for pair in before.pairs),
            points_after=sum(pair.score for pair in after.pairs),
        )

    def _named(self, ref: str | None) -> Named | None:
        return self.people[ref].named if ref and ref in self.people else None

    def words(self, reasons: Iterable[Reason]) -> tuple[str, ...]:
        """The reasons as sentences."""
        return tuple(in_words(reason, self.language, self._names) for reason in reasons)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """What refs of people and codes of languages are called."""
        return {**Locale(self.language).languages, **{ref: one.name for ref, one in self.people.items()}}
