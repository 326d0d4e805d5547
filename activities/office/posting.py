"""One letter to one person on its way: claimed in the ledger, written from current facts, handed over."""

import logging
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from activities.correspondence import AskLink, Recipient, SendLetters
from activities.letters.catalogue import NUDGES, PURPOSES, Letter
from activities.letters.certificate import certificate_pdf
from activities.letters.rendering import render
from activities.office.facts import FactsReader
from activities.office.glance import key_of
from activities.rules.presence import has_left
from integrations.answers import OptIn, Purpose
from integrations.clock import ProgrammeClock
from integrations.competences import COMPETENCES
from integrations.database.books import Books
from integrations.database.ledger import Claim
from integrations.database.links import Link
from integrations.database.people import Person
from integrations.errors import AmbiguousError, IntegrationError, InvalidError, PersonUnavailableError
from integrations.facts import Facts, Named
from integrations.links import LinkSigner
from integrations.mail.mail import Attachment, Mailer, Message

_LOG = logging.getLogger("acts")
_MINUTES_AN_HOUR = 60


class Posting:
    """Posts letters. `public_url` is where people reach the inbox."""

    def __init__(  # noqa: PLR0913 - what a letter is made of
        self,
        books: Books,
        *,
        facts: FactsReader,
        signer: LinkSigner,
        mailer: Mailer,
        clock: ProgrammeClock,
        public_url: str,
        reply_address: str = "",
    ) -> None:
        self._books = books
        self._facts = facts
        self._signer = signer
        self._mailer = mailer
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._reply_address = reply_address

    def post(
        self,
        request: SendLetters,
        to: Recipient,
        person: Person | None = None,
        *,
        calendar: str = "",
        method: str = "REQUEST",
    ) -> None:
        """Sends the letter to this person, once for the request's key; errors are those of the mailer.

        `person` is who that is, where they were read already.
        `calendar` is the iMIP text that goes with it, with its `method`. Where an earlier try left it open
        whether the letter went out, a nudge is taken as sent and any other letter is sent again.
        """
        part = {"calendar": calendar, "calendar_method": method}
        person = person or self._books.directory.person(to.ref)
        key = key_of(request, to)
        self._once(key, request, to.ref, lambda: self._written(request, to, person, part))
        assistant = self._assistant(person, request.about.programme_id) if request.copy_assistant else None
        if assistant:
            copy = f"{key}/assistant"
            try:
                self._once(copy, request, assistant.ref, lambda: self._written(request, to, assistant, part))
            except (InvalidError, PersonUnavailableError):
                _LOG.warning("letter.copy-undeliverable", extra={"key": copy})

    def _assistant(self, person: Person, programme_id: str) -> Person | None:
        """The colleague whom a manager named when they opted in, else the assistant HR knows.

        The copy has the manager's own link, so it goes to nobody whom the directory does not know.
        """
        answers = self._books.answers.of_programme(programme_id, Purpose.OPT_IN, person.ref)
        form = answers[-1].form if answers else None
        address = form.assistant_address.strip() if isinstance(form, OptIn) else ""
        named = self._books.directory.find(address=address) if address else None
        known = self._books.directory.people([ref for ref in (named, person.assistant_ref) if ref])
        now = self._clock.now()
        there = {ref: one for ref, one in known.items() if one.address and not has_left(one, now)}
        return there.get(named or "") or there.get(person.assistant_ref or "")

    def _once(self, key: str, request: SendLetters, ref: str, write: Callable[[], Message]) -> None:
        """Claims, writes, sends and marks; the claim is given back where nothing went out."""
        claim = self._books.ledger.claim(
            key, request.letter.value, ref, request.about.programme_id, self._clock.now()
        )
        if claim is Claim.SENT or (claim is Claim.UNSURE and request.letter in NUDGES):
            return
        sending = False
        try:
            message = write()
            sending = True
            receipt = self._mailer.send(message, key)
        except Exception as error:
            unsent = not sending or (
                isinstance(error, IntegrationError) and not isinstance(error, AmbiguousError)
            )
            if unsent:
                self._books.ledger.release(key)
            raise
        self._books.ledger.mark_sent(key, receipt, self._clock.now())

    def _written(
        self,
        request: SendLetters,
        to: Recipient,
        addressee: Person,
        part: Mapping[str, str],
    ) -> Message:
        """The letter as `to` reads it, on its way to `addressee`: themselves, or their assistant."""
        facts = self._read(request, to)
        url = self._link(request.letter, request.ask, to, facts, request.about.programme_id)
        rendered = render(request.letter, facts, action_url=url)
        return Message(
            to_address=addressee.address,
            to_name=addressee.name,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            reply_to=facts.reply_address,
            headers={"X-Mentoring-Letter": request.letter.value},
            attachments=self._attachments(request.letter, facts),
            **part,
        )

    def _read(self, request: SendLetters, to: Recipient) -> Facts:
        facts = self._facts.read(request.letter, to, request.about)
        owner_for = self._named(request.owner_for)
        return facts.model_copy(
            update={
                "reminder": 0 if request.escalated else request.reminder,
                "escalated": request.escalated,
                "owner_for": owner_for,
                "answer_by": request.ask.answer_by if request.ask else None,
                "reply_address": self._reply_address or facts.reply_address,
            }
        )

    def _named(self, ref: str | None) -> Named | None:
        return self._books.directory.person(ref).named if ref else None

    def _link(
        self, letter: Letter, ask: AskLink | None, to: Recipient, facts: Facts, programme_id: str
    ) -> str:
        """A new link for this letter; whichever link of an ask is used first uses up the others."""
        purpose = PURPOSES.get(letter)
        if ask is None or purpose is None:
            return ""
        token = self._signer.mint()
        link = Link(
            purpose=purpose,
            person_ref=to.ref,
            programme_id=programme_id,
            life=ask.life,
            ask_key=ask.ask_key,
            facts=facts,
            expires_at=ask.expires_at,
        )
        self._books.links.issue(link, token)
        return f"{self._public_url}/a/{token}"

    def _attachments(self, letter: Letter, facts: Facts) -> tuple[Attachment, ...]:
        if letter is not Letter.CERTIFICATE or facts.mentor is None:
            return ()
        content = certificate_pdf(
            mentor_name=facts.mentor.name,
            mentee_name=None,
            programme=facts.programme,
            sessions_held=facts.sessions_held,
            hours=facts.sessions_held * facts.session_minutes / _MINUTES_AN_HOUR,
            competences=[COMPETENCES[goal.competence][facts.language] for goal in facts.goals],
            sponsor_name=facts.sponsor.name if facts.sponsor else "",
            day=self._clock.now().astimezone(ZoneInfo(facts.zone)).date(),
            language=facts.language,
        )
        return (Attachment(filename="certificate.pdf", content_type="application/pdf", content=content),)
