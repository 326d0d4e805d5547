"""Letters wanted in the same moment: each goes when it may, and none for another that cannot."""

from datetime import timedelta
from itertools import permutations

import pytest
from temporalio.exceptions import ApplicationError, CancelledError

from activities.correspondence import LetterBatch, SendLetters, SentBatch
from activities.failures import most_urgent, not_yet
from activities.letters.catalogue import Letter
from activities.office import sending
from integrations.database.people import Person
from integrations.errors import RetryableError
from integrations.hr.events import PersonFacts
from integrations.mail.smtp import Smtp
from tests.activities.house import House
from tests.activities.test_correspondence import CANADIAN, MENTEE, MENTOR, ask, letter, pair

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
KINDS = (Letter.AGREEMENT, Letter.NEEDS, Letter.PULSE)


def send(house: House, *letters: SendLetters) -> SentBatch:
    sent: SentBatch = house.acts["send_letter_batch"](LetterBatch(letters=letters))
    return sent


def refused(house: House, *letters: SendLetters) -> ApplicationError:
    with pytest.raises(ApplicationError) as raised:
        send(house, *letters)
    return raised.value


def cut_off(house: House, person_id: str) -> Person:
    """Gives somebody an address that no mail server takes."""
    facts = PersonFacts(person_id=person_id, work_address="zoé@corp.example")
    house.books.directory.apply([facts], house.clock.now() + DAY, "e")
    return house.person(person_id)


def test_letters_arrive_once_each_in_their_order(house: House) -> None:
    mentor, mentee = house.person(MENTOR), house.person(MENTEE)
    letters = (
        letter(house, Letter.PAIRING_CONFIRMED, mentor, mentee),
        letter(house, Letter.AGREEMENT, mentor, ask=ask(house)),
    )
    once, again = send(house, *letters), send(house, *letters)
    for batch in (once, again):
        assert [sent and sent.sent for sent in batch.sent] == [(mentor.ref, mentee.ref), (mentor.ref,)]
    kinds = [mail["X-Mentoring-Letter"] for mail in house.mail_to(mentor)]
    assert kinds == ["pairing-confirmed", "agreement"]


def test_letter_whose_reader_sleeps_is_given_back_and_the_other_goes(house: House) -> None:
    mentor, canadian = house.person(MENTOR), house.person(CANADIAN)
    early, late = (
        letter(house, Letter.AGREEMENT, mentor, ask=ask(house)),
        letter(house, Letter.NEEDS, canadian, ask=ask(house)),
    )
    assert [sent and sent.sent for sent in send(house, late, early).sent] == [None, (mentor.ref,)]
    assert house.mail_to(canadian) == []


def test_letters_whose_readers_all_sleep_come_back_when_the_first_wakes(house: House) -> None:
    """At eight on Labour Day in Paris, the night begins in Auckland; Montréal wakes on Tuesday only."""
    canadian, kiwi = house.person(CANADIAN), house.person(MENTEE)
    zone = PersonFacts(person_id=MENTEE, zone="Pacific/Auckland")
    house.books.directory.apply([zone], house.clock.now() + DAY, "moved")
    letters = (
        letter(house, Letter.NEEDS, canadian, ask=ask(house)),
        letter(house, Letter.AGREEMENT, kiwi, ask=ask(house)),
    )
    alone = [refused(house, one).next_retry_delay for one in letters]
    wait = refused(house, *letters).next_retry_delay
    assert wait
    assert all(alone)
    assert abs(wait - min(filter(None, alone))) < HOUR / 60
    assert max(filter(None, alone)) > min(filter(None, alone)) + HOUR


def test_letter_that_no_server_takes_keeps_no_other_back(house: House) -> None:
    mentor, gone = house.person(MENTOR), cut_off(house, MENTEE)
    sent = send(
        house,
        letter(house, Letter.NEEDS, gone, ask=ask(house)),
        letter(house, Letter.AGREEMENT, mentor, ask=ask(house)),
    )
    assert [one and one.sent for one in sent.sent] == [None, (mentor.ref,)]


def test_letters_of_which_one_can_never_go_and_none_can_now_go_by_themselves(house: House) -> None:
    canadian, gone = house.person(CANADIAN), cut_off(house, MENTEE)
    error = refused(
        house,
        letter(house, Letter.AGREEMENT, canadian, ask=ask(house)),
        letter(house, Letter.NEEDS, gone, ask=ask(house)),
    )
    assert error.non_retryable


def test_letter_that_breaks_its_writer_keeps_no_other_back(house: House) -> None:
    mentor = house.person(MENTOR)
    nowhere = pair(house).model_copy(update={"programme_id": "no such programme"})
    broken = letter(house, Letter.NEEDS, house.person(MENTEE), ask=ask(house), about=nowhere)
    sent = send(house, broken, letter(house, Letter.AGREEMENT, mentor, ask=ask(house)))
    assert [one and one.sent for one in sent.sent] == [None, (mentor.ref,)]


def test_letter_of_which_a_part_went_is_given_back_and_sent_to_nobody_twice(house: House) -> None:
    mentor, canadian = house.person(MENTOR), house.person(CANADIAN)
    both = letter(house, Letter.PAIRING_CONFIRMED, mentor, canadian)
    letters = (both, letter(house, Letter.AGREEMENT, mentor, ask=ask(house)))
    for _ in range(2):
        assert [one and one.sent for one in send(house, *letters).sent] == [None, (mentor.ref,)]
    kinds = [mail["X-Mentoring-Letter"] for mail in house.mail_to(mentor)]
    assert sorted(kinds) == ["agreement", "pairing-confirmed"]


class Refusing:
    """A mail server that meets every letter with the same error, and counts them."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    def send(self, *_: object) -> str:
        self.asked += 1
        raise self.error


def test_server_that_fails_is_asked_once_and_the_batch_comes_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Refusing(RetryableError("no connection"))
    monkeypatch.setattr(Smtp, "send", server.send)
    mentor = house.person(MENTOR)
    error = refused(house, *(letter(house, kind, mentor, ask=ask(house)) for kind in KINDS))
    assert (error.type, error.non_retryable, server.asked) == ("RetryableError", False, 1)


def test_cancelled_act_is_no_letter_that_failed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Refusing(CancelledError("the worker stops"))
    monkeypatch.setattr(Smtp, "send", server.send)
    mentor = house.person(MENTOR)
    with pytest.raises(CancelledError):
        send(house, *(letter(house, kind, mentor, ask=ask(house)) for kind in KINDS))
    assert server.asked == 1


def test_what_a_slow_server_leaves_no_time_for_is_given_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_TOGETHER_S", 0)
    mentor = house.person(MENTOR)
    sent = send(house, *(letter(house, kind, mentor, ask=ask(house)) for kind in KINDS))
    assert [one and one.sent for one in sent.sent] == [(mentor.ref,), None, None]
    assert len(house.mail_to(mentor)) == 1


FINAL = ApplicationError("refused", non_retryable=True)
SOON, LATER = not_yet("night", HOUR), not_yet("weekend", DAY)
NOW = ApplicationError("broke")


@pytest.mark.parametrize("errors", list(permutations([LATER, FINAL, NOW, SOON])))
def test_error_made_known_is_the_final_one_else_that_tried_again_first(
    errors: tuple[ApplicationError, ...],
) -> None:
    ranked = [FINAL, NOW, SOON, LATER]
    left = list(errors)
    found = []
    while left:
        found.append(most_urgent(left))
        left.remove(found[-1])
    assert found == ranked


def test_question_about_a_meeting_that_moved_is_not_asked_in_a_batch_either(house: House) -> None:
    key, mentor = "pairing/digital-2026/p/1/session/1/0", house.person(MENTOR)
    booked = house.acts["book_meeting"](house.meeting(key, mentor, house.person(MENTEE)))
    about = pair(house).model_copy(update={"meeting_key": key, "session": 1})
    happened = letter(house, Letter.SESSION_HAPPENED, mentor, ask=ask(house), about=about, check_meeting=True)
    stale = happened.model_copy(update={"expected_start": booked.start - DAY})
    sent = send(house, stale, letter(house, Letter.AGREEMENT, mentor, ask=ask(house))).sent
    assert sent[0]
    assert sent[0].meeting
    assert (sent[0].sent, sent[0].meeting.start) == ((), booked.start)
    assert [mail["X-Mentoring-Letter"] for mail in house.mail_to(mentor)][-1] == "agreement"
