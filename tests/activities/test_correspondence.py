from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.correspondence import About, AskLink, Invite, Recipient, SendLetters, SentLetters
from activities.letters.catalogue import Letter
from activities.scheduling import CancelMeetings
from integrations.answers import OptIn, Purpose
from integrations.database.ledger import Claim
from integrations.database.links import Link
from integrations.database.pairings import PairingRecord
from integrations.database.people import Person
from integrations.facts import Facts
from integrations.hr.events import PersonFacts, Status
from integrations.rehearsal.mailbox import text_of
from tests.activities.house import House

DAY = timedelta(days=1)
MENTEE, MENTOR, CANADIAN = "00025", "00510", "00118"
LIFE = "pairing/digital-2026/p/1"


def pair(house: House) -> About:
    return About(
        programme_id=house.programme.id,
        pairing_id=LIFE,
        mentor_ref=house.person(MENTOR).ref,
        mentee_ref=house.person(MENTEE).ref,
    )


def letter(house: House, kind: Letter, *to: Person, **more: object) -> SendLetters:
    recipients = tuple(Recipient(ref=person.ref, role="mentor") for person in to)
    request = SendLetters(key=f"{LIFE}/{kind.value}", letter=kind, to=recipients, about=pair(house))
    return request.model_copy(update=more)


def ask(house: House) -> AskLink:
    now = house.clock.now()
    return AskLink(life=LIFE, ask_key="agreement", answer_by=now + 10 * DAY, expires_at=now + 14 * DAY)


def send(house: House, request: SendLetters) -> SentLetters:
    sent: SentLetters = house.acts["send_letters"](request)
    return sent


def test_letter_arrives_once_for_its_key_in_both_parts(house: House) -> None:
    mentor = house.person(MENTOR)
    request = letter(house, Letter.AGREEMENT, mentor, ask=ask(house))
    assert send(house, request).sent == send(house, request).sent == (mentor.ref,)
    (mail,) = house.mail_to(mentor)
    assert mail["X-Mentoring-Letter"] == "agreement"
    assert mail["Reply-To"].addresses[0].addr_spec == house.person(house.programme.coordinator).address
    assert "http://inbox.example/a/" in text_of(mail)
    assert "http://inbox.example/a/" in text_of(mail, "html")


def test_link_in_a_letter_opens_the_question_of_its_reader(house: House) -> None:
    mentor = house.person(MENTOR)
    send(house, letter(house, Letter.AGREEMENT, mentor, ask=ask(house)))
    (mail,) = house.mail_to(mentor)
    token = text_of(mail).partition("http://inbox.example/a/")[2].split()[0]
    link = house.books.links.open(token, house.clock.now())
    assert isinstance(link, Link)
    assert (link.purpose, link.person_ref, link.life) == (Purpose.AGREEMENT, mentor.ref, LIFE)
    assert link.facts.partner == house.person(MENTEE).named


def test_letter_waits_for_the_readers_morning(house: House) -> None:
    """At eight in Paris it is two in Montréal, on Labour Day: that letter goes on Tuesday morning."""
    mentor, canadian = house.person(MENTOR), house.person(CANADIAN)
    request = letter(house, Letter.AGREEMENT, mentor, canadian, ask=ask(house))
    with pytest.raises(ApplicationError) as raised:
        send(house, request)
    wait = raised.value.next_retry_delay
    assert wait
    assert timedelta(hours=29) < wait <= timedelta(hours=30)
    assert len(house.mail_to(mentor)) == 1
    assert house.mail_to(canadian) == []


def test_letter_that_would_come_too_late_is_not_sent(house: House) -> None:
    canadian = house.person(CANADIAN)
    soon = house.clock.now() + timedelta(hours=2)
    sent = send(house, letter(house, Letter.SESSION_REMINDER, canadian, not_after=soon))
    assert (sent.sent, sent.skipped) == ((), (canadian.ref,))


def test_who_has_left_gets_no_letter(house: House) -> None:
    mentor, mentee = house.person(MENTOR), house.person(MENTEE)
    gone = PersonFacts(person_id=MENTOR, status=Status.LEFT)
    house.books.directory.apply([gone], house.clock.now(), "left")
    sent = send(house, letter(house, Letter.PAIRING_CONFIRMED, mentor, mentee))
    assert (sent.sent, sent.skipped) == ((mentee.ref,), (mentor.ref,))
    assert house.mail_to(mentor) == []


@pytest.mark.parametrize(("kind", "arrives"), [(Letter.PULSE, 0), (Letter.AGREEMENT, 1)])
def test_letter_left_unsure_by_a_crash_is_sent_again_unless_it_nudges(
    house: House, kind: Letter, arrives: int
) -> None:
    mentor = house.person(MENTOR)
    key = f"{LIFE}/{kind.value}/{mentor.ref}"
    claim = (key, kind.value, mentor.ref, house.programme.id, house.clock.now())
    assert house.books.ledger.claim(*claim) is Claim.NEW
    send(house, letter(house, kind, mentor, ask=ask(house)))
    assert len(house.mail_to(mentor)) == arrives


def test_reminder_goes_to_the_assistant_too_where_asked(house: House) -> None:
    mentee = house.person(MENTEE)
    request = letter(house, Letter.PROPOSAL_TO_MENTEE, mentee, ask=ask(house), reminder=1)
    propose(house)
    send(house, request.model_copy(update={"copy_assistant": True}))
    assert mentee.assistant_ref
    assistant = house.books.directory.person(mentee.assistant_ref)
    (mine,), (copy,) = house.mail_to(mentee), house.mail_to(assistant)
    assert mine["Subject"] == copy["Subject"]
    assert copy["To"].addresses[0].addr_spec == assistant.address


@pytest.mark.parametrize("named", [MENTOR, None], ids=["a colleague", "a stranger"])
def test_assistant_named_at_opt_in_comes_before_the_one_hr_knows(house: House, named: str | None) -> None:
    mentee = house.person(MENTEE)
    assert mentee.assistant_ref
    address = house.person(named).address if named else "somebody@elsewhere.example"
    opted = Link(
        purpose=Purpose.OPT_IN,
        person_ref=mentee.ref,
        programme_id=house.programme.id,
        life=f"programme/{house.programme.id}",
        ask_key=f"opt-in/{mentee.ref}",
        facts=Facts(
            programme="Digital", language="fr", zone="Europe/Paris", role="mentee", reader=mentee.named
        ),
        expires_at=house.clock.now() + 14 * DAY,
    )
    house.books.links.issue(opted, "token")
    house.books.links.answer("token", OptIn(choice="yes", assistant_address=address), house.clock.now())
    propose(house)
    request = letter(house, Letter.PROPOSAL_TO_MENTEE, mentee, ask=ask(house), reminder=1)
    send(house, request.model_copy(update={"copy_assistant": True}))
    expected = house.person(named) if named else house.books.directory.person(mentee.assistant_ref)
    assert len(house.mail_to(mentee)) == len(house.mail_to(expected)) == 1


def test_assistant_who_left_gets_no_copy(house: House) -> None:
    mentee = house.person(MENTEE)
    assert mentee.assistant_ref
    assistant = house.books.directory.person(mentee.assistant_ref)
    left = PersonFacts(
        person_id=assistant.person_id, status=Status.LEFT, end_date=house.clock.now().date() - DAY
    )
    house.books.directory.apply([left], house.clock.now(), "left")
    propose(house)
    request = letter(house, Letter.PROPOSAL_TO_MENTEE, mentee, ask=ask(house), reminder=1)
    send(house, request.model_copy(update={"copy_assistant": True}))
    assert (len(house.mail_to(mentee)), house.mail_to(assistant)) == (1, [])


def propose(house: House) -> None:
    record = PairingRecord(
        id=LIFE,
        programme_id=house.programme.id,
        mentor_ref=house.person(MENTOR).ref,
        mentee_ref=house.person(MENTEE).ref,
        score=10,
        proposed_at=house.clock.now(),
    )
    house.books.pairings.propose(record)


def test_question_about_a_meeting_that_moved_is_not_asked(house: House) -> None:
    key = f"{LIFE}/session/1/0"
    mentor = house.person(MENTOR)
    booked = house.acts["book_meeting"](house.meeting(key, mentor, house.person(MENTEE)))
    about = pair(house).model_copy(update={"meeting_key": key, "session": 1})
    request = letter(house, Letter.SESSION_HAPPENED, mentor, ask=ask(house), about=about, check_meeting=True)
    stale = send(house, request.model_copy(update={"expected_start": booked.start - DAY}))
    assert (stale.sent, stale.meeting and stale.meeting.start) == ((), booked.start)
    house.acts["cancel_meetings"](CancelMeetings(keys=(key,)))
    assert send(house, request.model_copy(update={"expected_start": booked.start})).sent == ()
    assert house.mail_to(mentor) == []


def test_invitation_goes_to_every_invited_manager_and_reminds_who_has_not_answered(house: House) -> None:
    now = house.clock.now()
    invite = Invite(
        key="programme/digital-2026/invite/mentees",
        programme_id=house.programme.id,
        kind="mentees",
        life="programme/digital-2026",
        answer_by=now + 10 * DAY,
        expires_at=now + 10 * DAY,
    )
    environment = ActivityEnvironment()
    with pytest.raises(ApplicationError):  # some sit in Montréal, where it is night
        environment.run(house.acts["invite"], invite)
    mail = house.mail_to(house.person(MENTEE))
    token = text_of(mail[0]).partition("http://inbox.example/a/")[2].split()[0]
    house.books.links.answer(token, OptIn(choice="yes"), now)
    with pytest.raises(ApplicationError):
        environment.run(house.acts["invite"], invite.model_copy(update={"reminder": 1}))
    assert len(house.mail_to(house.person(MENTEE))) == 1
    assert len(house.mail_to(house.person("00076"))) == 2
