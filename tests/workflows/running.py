"""A programme that is under way, with pairings that only listen, and a post that keeps what it sent."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle

from activities.correspondence import SendLetters, SentLetters
from activities.dossiers import DecidedIdeas, RecordDecisions
from activities.letters.catalogue import Letter
from activities.lives import pairing_life, programme_life
from activities.matching import (
    FoundCandidate,
    Matching,
    NextCandidate,
    ProposedPairs,
    ProposePairs,
    PublishedPair,
    PublishedPairs,
    PublishPairs,
)
from activities.reports import Reports, WriteReport, WrittenReport
from tests.workflows.test_call_and_training import CALLED, opened
from tests.workflows.town import Archive, Post, Town
from workflows.names import WORKFLOWS
from workflows.programme import ProgrammeWorkflow
from workflows.stages import (
    Outcome,
    PairingEnded,
    PairState,
    ProgrammeStart,
    ProgrammeState,
    Seat,
    StopMode,
)

LIFE = programme_life("digital")


def life_of(mentee: str, attempt: int = 1) -> str:
    """The id of a mentee's pairing."""
    return pairing_life("digital", mentee, attempt)


def under_way(*mentees: str, continue_after: int = 8_000) -> ProgrammeStart:
    """A programme whose pairs were published: each mentee with a certified mentor of their own."""
    state = ProgrammeState(programme_id="digital", done={*CALLED, "grouped", "published"})
    for mentee in mentees:
        mentor = f"mentor of {mentee}"
        state.mentors[mentor] = "certified"
        state.seats[mentee] = Seat(attempts=1)
        state.pairings[life_of(mentee)] = PairState(mentor_ref=mentor, mentee_ref=mentee, certified=True)
    start = opened(state)
    assert start.terms
    state.instants["call"] = start.terms.clock.programme_anchor - timedelta(days=60)
    terms = start.terms.model_copy(update={"continue_after_events": continue_after})
    return start.model_copy(update={"terms": terms})


def ended(mentee: str, outcome: Outcome = Outcome.COMPLETED, **more: object) -> PairingEnded:
    """What a mentee's first pairing tells the programme at its end."""
    said = {"pairing_id": life_of(mentee), "mentor_ref": f"mentor of {mentee}", "mentee_ref": mentee}
    return PairingEnded.model_validate({**said, "outcome": outcome, **more})


@workflow.defn(name="ListeningPairing")
class ListeningPairing:
    """Hears what its programme says, word by word."""

    def __init__(self) -> None:
        self._heard: list[str] = []

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal(name="programme-stopping")
    def stopping(self, mode: StopMode) -> None:
        self._heard.append(mode.value)

    @workflow.signal(name="certificates-signed")
    def signed(self) -> None:
        self._heard.append("signed")

    @workflow.query(name="heard")
    def heard(self) -> list[str]:
        """All it heard, in order."""
        return self._heard


async def listening(client: Client, *mentees: str) -> dict[str, WorkflowHandle[ListeningPairing, None]]:
    """Has the pairings of these mentees listen."""
    return {
        mentee: await client.start_workflow(ListeningPairing.run, id=life_of(mentee), task_queue=WORKFLOWS)
        for mentee in mentees
    }


async def heard(handles: Mapping[str, WorkflowHandle[ListeningPairing, None]], word: str) -> None:
    """Waits until every pairing has heard the word."""
    async with asyncio.timeout(600):
        for handle in handles.values():
            while word not in await handle.query(ListeningPairing.heard):  # noqa: ASYNC110 - asked of a server
                await asyncio.sleep(0.02)


async def begun(client: Client, start: ProgrammeStart) -> WorkflowHandle[ProgrammeWorkflow, str]:
    """Starts the programme; the handle follows it through every run."""
    await client.start_workflow(ProgrammeWorkflow.run, start, id=LIFE, task_queue=WORKFLOWS)
    return client.get_workflow_handle_for(ProgrammeWorkflow.run, LIFE)


class KeepingPost(Post):
    """Keeps every letter, once for its key."""

    sent: Mapping[str, SendLetters] = {}

    @activity.defn(name="send-letters")
    def send_letters(self, request: SendLetters) -> SentLetters:
        self.sent = {**self.sent, request.key: request}
        return super().send_letters(request)

    def of(self, letter: Letter) -> list[SendLetters]:
        """The letters of a kind, in order."""
        return [one for one in self.sent.values() if one.letter is letter]

    def readers(self, letter: Letter) -> list[str]:
        """To whom letters of a kind went, in order."""
        return [to.ref for one in self.of(letter) for to in one.to]


class Decisions(Archive):
    """Keeps which answers to ideas were recorded; `decided` says by answer whose ideas they are about."""

    def __init__(self) -> None:
        super().__init__()
        self.decided: dict[str, tuple[str, ...]] = {}

    @activity.defn(name="record-decisions")
    def record_decisions(self, request: RecordDecisions) -> DecidedIdeas:
        return DecidedIdeas(pairing_ids=self.decided[request.answer_id])


class Next(Matching):
    """Has `candidates` more mentors for a mentee."""

    def __init__(self, candidates: int) -> None:
        self.candidates = candidates
        self.attempts: list[int] = []

    @activity.defn(name="propose-pairs")
    def propose_pairs(self, request: ProposePairs) -> ProposedPairs:
        return ProposedPairs(matching_id=request.matching_id, pairs=0, unmatched=0)

    @activity.defn(name="publish-pairs")
    def publish_pairs(self, request: PublishPairs) -> PublishedPairs:  # noqa: ARG002 - nobody is left
        return PublishedPairs(pairs=(), unmatched=())

    @activity.defn(name="next-candidate")
    def next_candidate(self, request: NextCandidate) -> FoundCandidate:
        self.attempts.append(request.attempt)
        if request.attempt > 1 + self.candidates:
            return FoundCandidate()
        life = life_of(request.mentee_ref, request.attempt)
        mentor = f"mentor {request.attempt}"
        pair = PublishedPair(pairing_id=life, mentor_ref=mentor, mentee_ref=request.mentee_ref, score=1)
        return FoundCandidate(pair=pair)


class Counting(Reports):
    """Writes reports that say nothing, and counts them."""

    def __init__(self) -> None:
        self.written: list[str] = []

    @activity.defn(name="write-report")
    def write_report(self, request: WriteReport) -> WrittenReport:
        self.written.append(request.report_id)
        return WrittenReport(report_id=request.report_id, withheld=0)


class RunningTown(Town):
    """The town of a programme that is under way."""

    def __init__(self, client: Client, start: ProgrammeStart, candidates: int = 5) -> None:
        assert start.terms
        super().__init__(client, start.terms.clock)
        self.kept = self.post = KeepingPost(self.clock)
        self.decisions = self.archive = Decisions()
        self.next = Next(candidates)
        self.reports = Counting()
        self.records.extend((self.next, self.reports))
        self.mute: dict[str, set[str]] = {}

    async def _answer(self, life: str, ask_key: str, ref: str, choice: str) -> None:
        """Answers, unless this person is mute on this ask."""
        if ref not in self.mute.get(ask_key, ()):
            await super()._answer(life, ask_key, ref, choice)

    def open_tasks(self) -> Iterator[str]:
        """The kinds of tasks, without the words they were closed with."""
        return (one for one in self.archive.tasks if not one.startswith("closed"))
