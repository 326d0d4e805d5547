"""Whom a call goes to: possible mentors, their line managers, the managers the sponsor invites."""

from collections.abc import Iterator

from activities.correspondence import About, AskLink, Invite, Recipient, SendLetters
from activities.letters.catalogue import Letter
from activities.lives import mentor_life
from activities.rules.invitees import called_mentors, invited_mentees
from integrations.answers import Purpose
from integrations.database.books import Books
from integrations.database.people import Person


class Calls:
    """The letters of a call, one a person; a reminder leaves out who has answered."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def of(self, invite: Invite) -> Iterator[SendLetters]:
        """The letters of this call."""
        programme, people = (
            self._books.programmes.load(invite.programme_id),
            self._books.directory.everybody(),
        )
        mentees = invited_mentees(programme, people)
        invited = {person.ref for person in mentees}
        mentors = [person for person in called_mentors(programme, people) if person.ref not in invited]
        if invite.kind == "mentees":
            yield from self._mentees(invite, mentees)
        elif invite.kind == "line-managers":
            yield from self._line_managers(invite, mentors)
        else:
            yield from self._mentors(invite, mentors)

    def _mentors(self, invite: Invite, mentors: list[Person]) -> Iterator[SendLetters]:
        answered = self._answered(invite, Purpose.APPLICATION)
        for person in mentors:
            if person.ref not in answered:
                link = self._link(invite, mentor_life(invite.programme_id, person.ref), "application")
                about = About(programme_id=invite.programme_id, mentor_ref=person.ref)
                yield self._letter(
                    invite, Letter.CALL_FOR_MENTORS, Recipient(ref=person.ref, role="mentor"), about, link
                )

    def _mentees(self, invite: Invite, mentees: tuple[Person, ...]) -> Iterator[SendLetters]:
        answered = self._answered(invite, Purpose.OPT_IN)
        for person in mentees:
            if person.ref not in answered:
                link = self._link(invite, invite.life, f"opt-in/{person.ref}")
                about = About(programme_id=invite.programme_id, mentee_ref=person.ref)
                yield self._letter(
                    invite, Letter.MENTEE_INVITATION, Recipient(ref=person.ref, role="mentee"), about, link
                )

    def _line_managers(self, invite: Invite, mentors: list[Person]) -> Iterator[SendLetters]:
        reports: dict[str, list[str]] = {}
        for person in mentors:
            if person.manager_ref:
                reports.setdefault(person.manager_ref, []).append(person.ref)
        for boss, refs in sorted(reports.items()):
            about = About(programme_id=invite.programme_id, people=tuple(refs))
            yield self._letter(invite, Letter.CALL_NOTE, Recipient(ref=boss, role="line-manager"), about)

    def _answered(self, invite: Invite, purpose: Purpose) -> frozenset[str]:
        if not invite.reminder:
            return frozenset()
        answers = self._books.answers.of_programme(invite.programme_id, purpose)
        return frozenset(answer.person_ref for answer in answers)

    @staticmethod
    def _link(invite: Invite, life: str, ask_key: str) -> AskLink:
        return AskLink(life=life, ask_key=ask_key, answer_by=invite.answer_by, expires_at=invite.expires_at)

    @staticmethod
    def _letter(
        invite: Invite, letter: Letter, to: Recipient, about: About, link: AskLink | None = None
    ) -> SendLetters:
        return SendLetters(
            key=f"{invite.key}/{invite.reminder}",
            letter=letter,
            to=(to,),
            about=about,
            ask=link,
            reminder=invite.reminder,
        )
