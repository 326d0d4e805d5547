"""What the sponsor does in batches: sign certificates and answer ideas."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from temporalio import workflow

from activities.correspondence import Recipient
from activities.dossiers import Dossiers, KeepIdeas, RecordDecisions
from activities.letters.catalogue import Letter
from workflows import policies
from workflows.asking import ask
from workflows.matters import decide

if TYPE_CHECKING:
    from workflows.programme import ProgrammeWorkflow

OPEN_DIGEST: Final = "ideas-left-open"
"""The story of a digest nobody answered, by its number, and the task it is."""


class Signing:
    """The sponsor signs certificates in batches, a few days after the first is due."""

    def __init__(self, programme: "ProgrammeWorkflow") -> None:
        self._programme = programme

    async def live(self) -> None:
        """Asks for signatures batch by batch; where none is given, each pairing sees its coordinator."""
        while not (self._programme.settled() and not self._programme.state.to_sign):
            await workflow.wait_condition(
                lambda: bool(self._programme.state.to_sign) or self._programme.settled()
            )
            if not self._programme.state.to_sign:
                continue
            number = self._programme.state.counts.get("signing", 0)
            gathered = self._programme.days.add(
                self._programme.since(f"signing/{number}"), self._programme.terms.timings.signing_gather_wd
            )
            await self._programme.clock.until(gathered, summary="gather certificates to sign")
            await self._sign(
                number,
                self._programme.state.batches.setdefault(
                    f"signing/{number}", list(self._programme.state.to_sign)
                ),
            )
            self._programme.state.counts["signing"] = number + 1

    async def _sign(self, number: int, batch: list[str]) -> None:
        roles = self._programme.terms.roles
        mentors = tuple(self._programme.state.pairings[pairing].mentor_ref for pairing in batch)
        question = self._programme.decision(
            f"certificate-signing/{number}",
            Letter.CERTIFICATE_SIGNING,
            Recipient(ref=roles.sponsor, role="sponsor"),
            deputy=roles.coordinator,
            people=mentors,
        )
        signs = await self._programme.choice(question) == "sign"
        for pairing in batch:
            if signs:
                await self._programme.tell_once(f"signed/{pairing}", pairing, "certificates-signed")
            if pairing in self._programme.state.to_sign:
                self._programme.state.to_sign.remove(pairing)


class Ideas:
    """The sponsor answers the ideas handed in, a digest at a time."""

    def __init__(self, programme: "ProgrammeWorkflow") -> None:
        self._programme = programme

    async def live(self) -> None:
        """The sponsor answers the ideas handed in, a digest at a time."""
        while not (self._programme.settled() and not self._programme.state.ideas):
            await workflow.wait_condition(
                lambda: bool(self._programme.state.ideas) or self._programme.settled()
            )
            if not self._programme.state.ideas:
                continue
            number = self._programme.state.counts.get("ideas", 0)
            gathered = self._programme.days.add(
                self._programme.since(f"ideas/{number}"), self._programme.terms.timings.ideas_gather_wd
            )
            await self._programme.clock.until(gathered, summary="gather ideas")
            batch = self._programme.state.batches.setdefault(
                f"ideas/{number}", list(self._programme.state.ideas)
            )
            await self._digest(number, batch)
            self._programme.state.ideas = [idea for idea in self._programme.state.ideas if idea not in batch]
            self._programme.state.counts["ideas"] = number + 1

    async def _digest(self, number: int, batch: list[str]) -> None:
        request = KeepIdeas(answer_ids=tuple(batch))
        kept = await self._programme.act(Dossiers.keep_ideas, request, policies.RECORD, "keep ideas")
        if not kept.idea_ids:
            return
        roles = self._programme.terms.roles
        sponsor = Recipient(ref=roles.sponsor, role="sponsor")
        question = self._programme.decision(
            f"ideas-digest/{number}",
            Letter.IDEAS_DIGEST,
            sponsor,
            deputy=roles.coordinator,
            ideas=kept.idea_ids,
        )
        given = (await ask(self._programme, question)).first
        if given is None:
            await self._unanswered(number, kept.by_pairing)
            return
        decision = RecordDecisions(programme_id=self._programme.terms.programme_id, answer_id=given.answer_id)
        decided = await self._programme.act(
            Dossiers.record_decisions, decision, policies.RECORD, "answers to ideas"
        )
        for pairing in decided.pairing_ids:
            about = {"record_id": given.answer_id}
            await self._write(f"idea-answer/{number}/{pairing}", Letter.IDEA_ANSWER, pairing, about)

    async def _unanswered(self, number: int, by_pairing: Mapping[str, tuple[str, ...]]) -> None:
        """Tells the pairs that no answer has come, and leaves the digest with the coordinator."""
        for pairing, ideas in by_pairing.items():
            key = f"idea-unanswered/{number}/{pairing}"
            await self._write(key, Letter.IDEA_UNANSWERED, pairing, {"ideas": ideas})
        self._programme.aside(f"{OPEN_DIGEST}/{number}")

    async def _write(self, key: str, letter: Letter, pairing: str, about: Mapping[str, object]) -> None:
        """Writes to both of a pair about its ideas."""
        pair = self._programme.state.pairings[pairing]
        refs = {"pairing_id": pairing, "mentor_ref": pair.mentor_ref, "mentee_ref": pair.mentee_ref}
        await self._programme.write(
            key,
            letter,
            Recipient(ref=pair.mentor_ref, role="mentor"),
            Recipient(ref=pair.mentee_ref, role="mentee"),
            about=self._programme.about().model_copy(update={**refs, **about}),
        )

    async def talk(self, number: int) -> None:
        """Asks the coordinator for the word on a digest that nobody answered."""
        key = f"{OPEN_DIGEST}/{number}"
        await decide(self._programme, key, OPEN_DIGEST, about=self._programme.about())
