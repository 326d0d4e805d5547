"""What every provider's adapter does alike (integrations.calendars.calendar.Calendar)."""

from datetime import timedelta

import pytest

from integrations.calendars.calendar import (
    Busy,
    Calendar,
    EventRef,
    EventSpec,
    Gone,
    Rsvp,
    Snapshot,
    Unknown,
    Window,
)
from integrations.errors import ConflictError, GoneError
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk, Hand

KEY = "pairing/p-1/session/3"
LATER = TUESDAY + timedelta(days=2)
WEEK = Window(start=TUESDAY - timedelta(days=1), end=TUESDAY + timedelta(days=6))


def seen(calendar: Calendar, ref: EventRef) -> Snapshot:
    found = calendar.get(ref)
    assert isinstance(found, Snapshot)
    return found


def test_ensure_puts_the_event_into_every_calendar(desk: Desk, calendar: Calendar, hand: Hand) -> None:
    ref = calendar.ensure(KEY, 0, desk.spec())
    assert [hand.title(who, ref) for who in (desk.organizer, desk.mentor, desk.mentee)] == [
        "Digital session"
    ] * 3
    assert (ref.key, ref.generation, ref.organizer, ref.attendees) == (
        KEY,
        0,
        desk.organizer,
        (desk.mentor, desk.mentee),
    )


def test_a_new_event_has_its_times_and_waits_for_answers(desk: Desk, calendar: Calendar) -> None:
    now = seen(calendar, calendar.ensure(KEY, 0, desk.spec()))
    assert (now.start, now.end) == (TUESDAY, TUESDAY + HOUR)
    assert now.rsvps == {desk.mentor: Rsvp.NEEDS_ACTION, desk.mentee: Rsvp.NEEDS_ACTION}
    assert (now.moved, now.proposed, now.deleted_by) == ({}, {}, ())


def test_ensure_twice_makes_one_event(desk: Desk, calendar: Calendar, hand: Hand) -> None:
    assert calendar.ensure(KEY, 0, desk.spec()) == calendar.ensure(KEY, 0, desk.spec())
    assert [hand.count(who) for who in (desk.organizer, desk.mentor, desk.mentee)] == [1, 1, 1]


def test_ensure_twice_keeps_the_answers(desk: Desk, calendar: Calendar, hand: Hand) -> None:
    ref = calendar.ensure(KEY, 0, desk.spec())
    hand.answer(desk.mentor, ref, Rsvp.ACCEPTED)
    calendar.ensure(KEY, 0, desk.spec())
    assert seen(calendar, ref).rsvps[desk.mentor] is Rsvp.ACCEPTED


def test_another_generation_is_another_event(desk: Desk, calendar: Calendar, hand: Hand) -> None:
    assert calendar.ensure(KEY, 0, desk.spec()).id != calendar.ensure(KEY, 1, desk.spec()).id
    assert hand.count(desk.mentee) == 2


@pytest.mark.parametrize("rsvp", [Rsvp.ACCEPTED, Rsvp.DECLINED, Rsvp.TENTATIVE])
def test_get_tells_each_answer(desk: Desk, calendar: Calendar, hand: Hand, rsvp: Rsvp) -> None:
    ref = calendar.ensure(KEY, 0, desk.spec())
    hand.answer(desk.mentee, ref, rsvp)
    assert seen(calendar, ref).rsvps == {desk.mentor: Rsvp.NEEDS_ACTION, desk.mentee: rsvp}


def test_the_organizers_own_move_is_the_events_time(desk: Desk, calendar: Calendar, hand: Hand) -> None:
    ref = calendar.ensure(KEY, 0, desk.spec())
    hand.move(desk.organizer, ref, Window(start=LATER, end=LATER + HOUR))
    now = seen(calendar, ref)
    assert (now.start, now.end, now.moved) == (LATER, LATER + HOUR, {})


def test_the_organizers_own_deletion_is_gone(desk: Desk, calendar: Calendar, hand: Hand) -> None:
    ref = calendar.ensure(KEY, 0, desk.spec())
    hand.delete(desk.organizer, ref)
    assert calendar.get(ref) == Gone()


def test_reschedule_moves_the_same_event_everywhere(desk: Desk, calendar: Calendar, hand: Hand) -> None:
    ref = calendar.ensure(KEY, 0, desk.spec())
    moved = calendar.reschedule(ref, desk.spec(LATER), seen(calendar, ref).etag)
    now = seen(calendar, moved)
    assert moved.id == ref.id
    assert (now.start, now.end, now.moved, now.deleted_by) == (LATER, LATER + HOUR, {}, ())
    assert [hand.count(who) for who in (desk.organizer, desk.mentor, desk.mentee)] == [1, 1, 1]


def test_reschedule_counts_the_sequence_up(desk: Desk, calendar: Calendar) -> None:
    ref = calendar.ensure(KEY, 0, desk.spec())
    before = seen(calendar, ref)
    after = seen(calendar, calendar.reschedule(ref, desk.spec(LATER), before.etag))
    assert after.sequence > before.sequence


def test_reschedule_asks_everybody_anew(desk: Desk, calendar: Calendar, hand: Hand) -> None:
    ref = calendar.ensure(KEY, 0, desk.spec())
    hand.answer(desk.mentor, ref, Rsvp.ACCEPTED)
    hand.answer(desk.mentee, ref, Rsvp.DECLINED)
    moved = calendar.reschedule(ref, desk.spec(LATER), seen(calendar, ref).etag)
    assert set(seen(calendar, moved).rsvps.values()) == {Rsvp.NEEDS_ACTION}


def test_reschedule_with_a_stale_etag_changes_nothing(desk: Desk, calendar: Calendar, hand: Hand) -> None:
    ref = calendar.ensure(KEY, 0, desk.spec())
    stale = seen(calendar, ref).etag
    hand.move(desk.organizer, ref, Window(start=LATER, end=LATER + HOUR))
    with pytest.raises(ConflictError):
        calendar.reschedule(ref, desk.spec(TUESDAY + HOUR), stale)
    assert (seen(calendar, ref).start, seen(calendar, ref).moved) == (LATER, {})


def test_reschedule_of_what_is_cancelled_is_gone(desk: Desk, calendar: Calendar) -> None:
    ref = calendar.ensure(KEY, 0, desk.spec())
    etag = seen(calendar, ref).etag
    calendar.cancel(ref, "")
    with pytest.raises(GoneError):
        calendar.reschedule(ref, desk.spec(LATER), etag)


def alone(desk: Desk) -> EventSpec:
    """The meeting before the mentee joins it."""
    spec = desk.spec()
    return spec.model_copy(update={"attendees": spec.attendees[:1]})


def test_admit_invites_the_newcomer_and_leaves_the_others_answers(
    desk: Desk, calendar: Calendar, hand: Hand
) -> None:
    ref = calendar.ensure(KEY, 0, alone(desk))
    hand.answer(desk.mentor, ref, Rsvp.ACCEPTED)
    joined = calendar.admit(ref, desk.spec(), seen(calendar, ref).etag)
    now = seen(calendar, joined)
    assert (joined.id, joined.attendees) == (ref.id, (desk.mentor, desk.mentee))
    assert (now.start, now.moved, now.deleted_by) == (TUESDAY, {}, ())
    assert now.rsvps == {desk.mentor: Rsvp.ACCEPTED, desk.mentee: Rsvp.NEEDS_ACTION}
    assert [hand.count(who) for who in (desk.organizer, desk.mentor, desk.mentee)] == [1, 1, 1]


def test_admit_twice_invites_once_and_keeps_the_newcomers_answer(
    desk: Desk, calendar: Calendar, hand: Hand
) -> None:
    ref = calendar.ensure(KEY, 0, alone(desk))
    etag = seen(calendar, ref).etag
    joined = calendar.admit(ref, desk.spec(), etag)
    hand.answer(desk.mentee, joined, Rsvp.TENTATIVE)
    assert calendar.admit(ref, desk.spec(), etag) == joined
    assert seen(calendar, joined).rsvps[desk.mentee] is Rsvp.TENTATIVE
    assert hand.count(desk.mentee) == 1


def test_admit_with_a_stale_etag_invites_nobody(desk: Desk, calendar: Calendar, hand: Hand) -> None:
    ref = calendar.ensure(KEY, 0, alone(desk))
    stale = seen(calendar, ref).etag
    hand.move(desk.organizer, ref, Window(start=LATER, end=LATER + HOUR))
    with pytest.raises(ConflictError):
        calendar.admit(ref, desk.spec(), stale)
    assert hand.count(desk.mentee) == 0


def test_newcomer_goes_along_when_the_event_is_moved_and_cancelled(
    desk: Desk, calendar: Calendar, hand: Hand
) -> None:
    ref = calendar.ensure(KEY, 0, alone(desk))
    joined = calendar.admit(ref, desk.spec(), seen(calendar, ref).etag)
    moved = calendar.reschedule(joined, desk.spec(LATER), seen(calendar, joined).etag)
    assert (seen(calendar, moved).deleted_by, hand.count(desk.mentee)) == ((), 1)
    calendar.cancel(moved, "")
    assert hand.count(desk.mentee) == 0
    with pytest.raises(GoneError):
        calendar.admit(ref, desk.spec(), "any")


def test_cancel_takes_the_event_out_of_every_calendar(desk: Desk, calendar: Calendar, hand: Hand) -> None:
    ref = calendar.ensure(KEY, 0, desk.spec())
    calendar.cancel(ref, "The trainer is ill.", spare=[desk.mentor])
    assert calendar.get(ref) == Gone()
    assert [hand.has(who, ref) for who in (desk.organizer, desk.mentor, desk.mentee)] == [False] * 3


def test_cancel_twice_does_nothing_more(desk: Desk, calendar: Calendar) -> None:
    ref = calendar.ensure(KEY, 0, desk.spec())
    calendar.cancel(ref, "")
    calendar.cancel(ref, "")
    assert calendar.get(ref) == Gone()


def test_ensure_after_cancel_needs_another_generation(desk: Desk, calendar: Calendar, hand: Hand) -> None:
    calendar.cancel(calendar.ensure(KEY, 0, desk.spec()), "")
    with pytest.raises(GoneError):
        calendar.ensure(KEY, 0, desk.spec())
    assert hand.count(desk.mentee) == 0
    assert isinstance(calendar.get(calendar.ensure(KEY, 1, desk.spec())), Snapshot)


def test_free_busy_tells_what_is_taken(desk: Desk, calendar: Calendar, hand: Hand) -> None:
    own = Window(start=LATER, end=LATER + HOUR)
    hand.occupy(desk.mentee, own)
    assert calendar.free_busy([desk.mentor, desk.mentee], WEEK) == {
        desk.mentor: (),
        desk.mentee: (Busy(start=own.start, end=own.end),),
    }


def test_free_busy_counts_our_own_meetings(desk: Desk, calendar: Calendar) -> None:
    calendar.ensure(KEY, 0, desk.spec())
    taken = (Busy(start=TUESDAY, end=TUESDAY + HOUR),)
    assert calendar.free_busy([desk.mentor, desk.mentee], WEEK) == {desk.mentor: taken, desk.mentee: taken}


def test_free_busy_of_a_person_without_calendar_is_unknown(desk: Desk, calendar: Calendar) -> None:
    found = calendar.free_busy([desk.stranger, desk.mentor], WEEK)
    assert isinstance(found[desk.stranger], Unknown)
    assert found[desk.mentor] == ()


def test_free_busy_of_nobody_is_empty(calendar: Calendar) -> None:
    assert calendar.free_busy([], WEEK) == {}
