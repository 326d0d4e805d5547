"""The desk: which answers count, what is kept of them, and whom it tells."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from integrations.calendars.calendar import Rsvp, Window
from integrations.database.bookings import BookingStatus
from integrations.errors import RetryableError
from integrations.mail.incoming import Why
from tests.integrations.mail import answers
from tests.integrations.mail.answers import HOUR, PERSON, STAMP, START, WISH, Said, wishing
from tests.integrations.mail.desk import ASSISTANT, KEY, LIFE, MENTOR, UID, House, house_in

SAID = Said(uid=UID)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path) as house:
        yield house


async def take(house: House, *raws: bytes) -> None:
    for raw in raws:
        assert await house.desk.take(raw, lambda _: True) is None


@pytest.mark.parametrize(
    "program", [answers.plain, answers.outlook, answers.gmail, answers.apple, answers.zoneless]
)
async def test_an_answer_is_kept_and_its_life_looks(house: House, program: Callable[[Said], bytes]) -> None:
    await take(house, program(SAID))
    (kept,) = house.kept
    assert (kept.person_ref, kept.rsvp, kept.sequence, kept.stamp) == (house.mentee, Rsvp.DECLINED, 0, STAMP)
    assert kept.proposed is None
    assert [(life, meeting) for life, meeting, _ in house.lives.told] == [(LIFE, KEY)]


async def test_a_wish_is_kept_with_its_answer(house: House) -> None:
    await take(house, answers.outlook(wishing(SAID)))
    (kept,) = house.kept
    assert (kept.rsvp, kept.proposed) == (Rsvp.TENTATIVE, Window(start=WISH, end=WISH + HOUR))


async def test_a_wish_for_the_hour_there_is_is_none(house: House) -> None:
    await take(house, answers.outlook(wishing(SAID, START)))
    assert house.kept[0].proposed is None


async def test_a_repeat_is_told_again_under_the_same_key(house: House) -> None:
    """The first time may have got no further than the database."""
    await take(house, answers.plain(SAID), answers.gmail(SAID))
    assert len(house.lives.told) == 2
    assert len(set(house.lives.told)) == 1


async def test_another_answer_is_told_under_another_key(house: House) -> None:
    await take(
        house,
        answers.plain(SAID),
        answers.plain(replace(SAID, partstat="ACCEPTED", stamp=STAMP + MINUTE)),
        answers.plain(replace(wishing(SAID), stamp=STAMP + 2 * MINUTE)),
    )
    assert len(set(house.lives.told)) == 3


async def test_an_old_answer_that_comes_late_changes_nothing(house: House) -> None:
    later = replace(SAID, partstat="ACCEPTED", stamp=STAMP + MINUTE)
    await take(house, answers.plain(later), answers.plain(SAID))
    assert house.kept[0].rsvp is Rsvp.ACCEPTED


async def test_an_answer_dated_ahead_does_not_outlast_the_next(house: House) -> None:
    ahead = replace(SAID, stamp=STAMP + timedelta(days=900))
    await take(house, answers.plain(ahead))
    house.now += MINUTE
    await take(house, answers.plain(replace(SAID, partstat="ACCEPTED", stamp=house.now)))
    assert house.kept[0].rsvp is Rsvp.ACCEPTED


async def test_an_answer_to_an_hour_that_was_left_is_stale(house: House) -> None:
    house.change(sequence=1, start=START + HOUR, end=START + 2 * HOUR)
    await take(house, answers.plain(SAID))
    assert (house.kept, house.lives.told) == ((), [])
    await take(house, answers.plain(replace(SAID, sequence=1)))
    assert house.kept[0].sequence == 1


async def test_a_program_that_counts_on_for_its_wish_answers_the_invitation_it_has(house: House) -> None:
    await take(house, answers.plain(replace(wishing(SAID), sequence=7)))
    assert house.kept[0].sequence == 0


@pytest.mark.parametrize(("start", "counts"), [(START, True), (START - HOUR, False)])
async def test_an_answer_without_a_sequence_counts_if_its_hour_does(
    house: House, start: object, counts: bool
) -> None:
    house.change(sequence=2)
    raw = answers.zoneless(SAID).replace(b"SEQUENCE:0\r\n", b"")
    given = raw.replace(answers.basic(START).encode(), answers.basic(start).encode())  # type: ignore[arg-type]
    await take(house, given)
    assert bool(house.kept) is counts


@pytest.mark.parametrize("status", [BookingStatus.INTENDED, BookingStatus.MOVING])
async def test_an_answer_may_come_before_the_booking_is_finished(house: House, status: BookingStatus) -> None:
    house.change(status=status, by_mail=())
    await take(house, answers.plain(SAID))
    assert house.kept


@pytest.mark.parametrize(
    "change", [{"status": BookingStatus.CANCELLED}, {"generation": 1}, {"end": START - 48 * HOUR}]
)
async def test_an_answer_to_a_meeting_that_is_gone_is_dropped(
    house: House, change: dict[str, object]
) -> None:
    house.change(**change)
    await take(house, answers.plain(SAID))
    assert (house.kept, house.lives.told) == ((), [])


@pytest.mark.parametrize(
    "said",
    [
        replace(SAID, uid="another"),
        replace(SAID, sender=MENTOR),
        replace(SAID, sender="zoe.dupont@evil.example"),
        replace(SAID, person=MENTOR),
        replace(SAID, person="stranger@corp.example"),
    ],
)
async def test_nobody_answers_for_another_or_to_what_they_were_not_sent(house: House, said: Said) -> None:
    await take(house, answers.plain(said))
    assert (house.kept, house.lives.told) == ((), [])


async def test_an_assistant_answers_for_whom_they_assist(house: House) -> None:
    await take(house, answers.plain(replace(SAID, sender=ASSISTANT)))
    assert house.kept[0].person_ref == house.mentee


async def test_a_sender_whom_nobody_vouches_for_is_dropped(house: House) -> None:
    assert await house.desk.take(answers.plain(SAID), lambda _: False) is None
    assert (house.kept, house.lives.told) == ((), [])


async def test_a_message_without_an_answer_is_set_aside_with_the_reason(house: House) -> None:
    assert await house.desk.take(answers.rich_text(SAID), lambda _: True) is Why.TNEF
    assert await house.desk.take(answers.out_of_office(SAID), lambda _: True) is Why.AUTOMATIC


async def test_lives_that_are_down_are_told_when_the_mail_comes_again(house: House) -> None:
    house.lives.is_down = True
    with pytest.raises(RetryableError):
        await house.desk.take(answers.plain(SAID), lambda _: True)
    house.lives.is_down = False
    await take(house, answers.plain(SAID))
    assert len(house.lives.told) == 1


async def test_nothing_personal_is_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    mails = (answers.outlook(SAID), answers.plain(replace(SAID, sender=MENTOR)), answers.letter(SAID))
    for raw in (*mails, answers.rich_text(SAID), b"From: zoe.dupont@corp.example\r\n\r\n"):
        await house.desk.take(raw, lambda _: True)
    await house.desk.take(answers.plain(SAID), lambda _: False)
    told = "\n".join(str(vars(record)) for record in caplog.records if record.name.startswith("integrations"))
    assert "mail.reply.kept" in told
    assert "mail.reply.anothers" in told
    assert not [word for word in (PERSON, MENTOR, "Dupont", "corp.example", "Zo") if word in told]
