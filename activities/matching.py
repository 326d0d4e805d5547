"""Matching as acts: who might be paired, the coordinator's edits, the published pairs, the next candidate."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from pydantic import AwareDatetime
from temporalio import activity

from activities.values import Value


class ProposePairs(Value):
    """A matching of the whole cohort under the wishes of the programme's last review, kept under its id."""

    programme_id: str
    matching_id: str


class ProposedPairs(Value):
    """How the matching came out, in counts."""

    matching_id: str
    pairs: int
    unmatched: int


class PublishPairs(Value):
    """The coordinator's word on a matching, by the id of the answer.

    With `most` only that many mentees are dealt with, those after `after` in the order of refs: the pairs of
    thousands do not fit into one result. The next call goes on after the `rest` of the one before.
    """

    programme_id: str
    matching_id: str
    answer_id: str
    after: str = ""
    most: int = 0


class PublishedPair(Value):
    """One pair to be proposed to both, with the id of the pairing it becomes.

    `last_days` tells of each who leaves at a known day, by ref, the instant that day ends.
    """

    pairing_id: str
    mentor_ref: str
    mentee_ref: str
    line_manager_ref: str | None = None
    score: int
    last_days: Mapping[str, AwareDatetime] = {}


class PublishedPairs(Value):
    """The pairs to be proposed, and the mentees nobody was found for.

    `rest` is the last mentee dealt with where there are more; empty where there are none.
    """

    pairs: tuple[PublishedPair, ...]
    unmatched: tuple[str, ...] = ()
    rest: str = ""


class NextCandidate(Value):
    """The best mentor still free for one mentee; nobody else's pair moves. `attempt` counts from 1."""

    programme_id: str
    mentee_ref: str
    attempt: int


class FoundCandidate(Value):
    """The next pair, or none."""

    pair: PublishedPair | None = None


def matching_of(programme_id: str, review_key: str) -> str:
    """The id of the matching that a review looks at: `match-review/2` looks at `<programme>/2`."""
    return f"{programme_id}/{review_key.rpartition('/')[2]}"


class Matching(ABC):
    """The acts around the matching rules, data by reference. Blocking: runs on the records queue."""

    @activity.defn(name="propose-pairs")
    @abstractmethod
    def propose_pairs(self, request: ProposePairs) -> ProposedPairs:
        """Solves the matching of all certified mentors and opted-in mentees and keeps it for review."""

    @activity.defn(name="publish-pairs")
    @abstractmethod
    def publish_pairs(self, request: PublishPairs) -> PublishedPairs:
        """Records the pairs of a reviewed matching as proposals."""

    @activity.defn(name="next-candidate")
    @abstractmethod
    def next_candidate(self, request: NextCandidate) -> FoundCandidate:
        """Finds and records the next proposal for one mentee after a decline, lapse or leaving."""
