"""Proposed pairings as they are kept for review: pairs with their reasons, wishes, and what came before."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import TypeAdapter

from activities.rules.reasons import Reason
from integrations.database.pairings import Pairings

_DIGEST_BYTES: Final = 8


@dataclass(frozen=True)
class Reasoned:
    """A pair, the parts of its score, and what is said about it."""

    mentor_ref: str
    mentee_ref: str
    score: int
    reasons: tuple[Reason, ...] = ()
    parts: Mapping[str, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The pair as a match review writes it."""
        return f"{self.mentor_ref}:{self.mentee_ref}"


@dataclass(frozen=True)
class LeftOver:
    """A mentee without a mentor, and why."""

    ref: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Proposal:
    """The pairs that would begin, under the wishes they were found for; none of them is running yet.

    `ruled_out` are the pairs the wishes forbid, `fixed` and `forbidden` the wishes as a match review writes
    them, in order. `notes` are said about the matching as a whole.
    """

    pairs: tuple[Reasoned, ...]
    unmatched: tuple[LeftOver, ...] = ()
    near_misses: tuple[Reasoned, ...] = ()
    ruled_out: tuple[Reasoned, ...] = ()
    fixed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Newest:
    """The newest proposal of a matching, and the one it was solved again from, if any."""

    id: str
    proposal: Proposal
    before: Proposal | None = None


_CONTENT: Final = TypeAdapter(Proposal)


class Proposals:
    """Keeps proposals, each unchanged under an id of its own, and which one of a matching is the newest."""

    def __init__(self, pairings: Pairings) -> None:
        self._pairings = pairings

    def keep(self, matching_id: str, programme_id: str, proposal: Proposal) -> str:
        """Keeps a proposal as the newest of its matching and returns its id; equal ones have the same id."""
        proposal_id = self._save(matching_id, programme_id, proposal)
        self._pairings.save_matching(matching_id, programme_id, {"proposal": proposal_id, "before": ""})
        return proposal_id

    def keep_instead_of(self, before: str, matching_id: str, programme_id: str, proposal: Proposal) -> bool:
        """Keeps a proposal as the newest; False, and nothing is kept, where `before` no longer is that."""
        newest = self._pairings.matching(matching_id)
        if newest["proposal"] != before:
            return False
        proposal_id = self._save(matching_id, programme_id, proposal)
        return self._pairings.replace_matching(
            matching_id, {"proposal": proposal_id, "before": before}, instead_of=newest
        )

    def _save(self, matching_id: str, programme_id: str, proposal: Proposal) -> str:
        content = _CONTENT.dump_python(proposal, mode="json")
        plain = json.dumps(content, sort_keys=True).encode()
        proposal_id = f"{matching_id}/{hashlib.blake2b(plain, digest_size=_DIGEST_BYTES).hexdigest()}"
        self._pairings.save_matching(proposal_id, programme_id, content)
        return proposal_id

    def get(self, proposal_id: str) -> Proposal:
        """The proposal; raises GoneError where it is not known."""
        return _CONTENT.validate_python(self._pairings.matching(proposal_id))

    def newest_id(self, matching_id: str) -> str:
        """The id of the newest proposal of a matching; raises GoneError where there is none."""
        return str(self._pairings.matching(matching_id)["proposal"])

    def newest(self, matching_id: str) -> Newest:
        """The newest proposal of a matching; raises GoneError where there is none."""
        kept = self._pairings.matching(matching_id)
        before = self.get(kept["before"]) if kept["before"] else None
        return Newest(kept["proposal"], self.get(kept["proposal"]), before)
