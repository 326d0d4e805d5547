"""What the sponsor does in batches: sign certificates and answer ideas."""

from typing import TYPE_CHECKING

from temporalio import workflow

from activities.correspondence import Recipient
from activities.dossiers import Dossiers, KeepIdeas, RecordDecisions
from activities.letters.catalogue import Letter
from workflows import policies
from workflows.asking import ask

if TYPE_CHECKING:
    from workflows.programme import ProgrammeWorkflow


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
        ideas = await self._kept(batch)
        if not ideas:
            return
        roles = self._programme.terms.roles
        sponsor = Recipient(ref=roles.sponsor, role="sponsor")
        question = self._programme.decision(
            f"ideas-digest/{number}", Letter.IDEAS_DIGEST, sponsor, deputy=roles.coordinator, ideas=ideas
        )
        given = (await ask(self._programme, question)).first
        if given is None:
            return
        request = RecordDecisions(programme_id=self._programme.terms.programme_id, answer_id=given.answer_id)
        decided = await self._programme.act(
            Dossiers.record_decisions, request, policies.RECORD, "answers to ideas"
        )
        for pairing in decided.pairing_ids:
            pair = self._programme.state.pairings[pairing]
            to = (
                Recipient(ref=pair.mentor_ref, role="mentor"),
                Recipient(ref=pair.mentee_ref, role="mentee"),
            )
            about = self._programme.about().model_copy(
                update={
                    "pairing_id": pairing,
                    "mentor_ref": pair.mentor_ref,
                    "mentee_ref": pair.mentee_ref,
                    "record_id": given.answer_id,
                }
            )
            await self._programme.write(
                f"idea-answer/{number}/{pairing}", Letter.IDEA_ANSWER, *to, about=about
            )

    async def _kept(self, batch: list[str]) -> list[str]:
        """Puts the ideas of a digest on record; those whose text was destroyed meanwhile drop out."""
        request = KeepIdeas(answer_ids=tuple(batch))
        kept = await self._programme.act(Dossiers.keep_ideas, request, policies.RECORD, "keep ideas")
        return list(kept.idea_ids)
