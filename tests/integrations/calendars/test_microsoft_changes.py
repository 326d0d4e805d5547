"""What Microsoft 365 adds to the contract when an event is changed, cancelled, or handled by its people."""

from datetime import UTC, date, datetime, timedelta

import pytest

from integrations.calendars.calendar import EventRef, Gone, Rsvp, Snapshot, Window
from integrations.errors import AmbiguousError, ConflictError, GoneError, InvalidError
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.graph_desk import OutlookHand, through
from tests.integrations.calendars.graph_server import Call, GraphServer
from tests.integrations.calendars.wire import Answer, Fault, Loss

KEY = "programme/p/pairing/p-1/session/3"
LATER = TUESDAY + timedelta(days=2)
WISH = Window(start=LATER, end=LATER + HOUR)


@pytest.fixture
def hand(tenant: GraphServer) -> OutlookHand:
    return OutlookHand(tenant)


@pytest.fixture
def ref(bureau: Desk) -> EventRef:
    return bureau.calendar.ensure(KEY, 0, bureau.spec())


def seen(bureau: Desk, ref: EventRef) -> Snapshot:
    found = bureau.calendar.get(ref)
    assert isinstance(found, Snapshot)
    return found


def moved(bureau: Desk, ref: EventRef) -> Snapshot:
    """The event after it was moved to LATER."""
    return seen(bureau, bureau.calendar.reschedule(ref, bureau.spec(LATER), seen(bureau, ref).etag))


def test_the_body_of_an_online_meeting_is_never_sent_so_that_the_join_block_stays(
    tenant: GraphServer, bureau: Desk, ref: EventRef
) -> None:
    before = seen(bureau, ref).conference
    assert moved(bureau, ref).conference == before != ""
    assert [set(call.body) for call in tenant.calls if call.method.startswith("PATCH")] == [
        {"subject", "start", "end", "singleValueExtendedProperties"}
    ]


def test_the_body_of_an_event_without_a_meeting_is_changed(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand
) -> None:
    plain = through(bureau, tenant, conference=False)
    ref = plain.calendar.ensure(KEY, 0, plain.spec())
    spec = plain.spec(LATER).model_copy(update={"description": "Another word."})
    plain.calendar.reschedule(ref, spec, seen(plain, ref).etag)
    assert hand.resource(ref)["body"] == {"contentType": "text", "content": "Another word."}


def test_an_online_meeting_that_was_refused_is_asked_for_again(tenant: GraphServer, bureau: Desk) -> None:
    tenant.store.has_teams = False
    ref = bureau.calendar.ensure(KEY, 0, bureau.spec())
    tenant.store.has_teams = True
    bureau.calendar.reschedule(ref, bureau.spec(LATER), seen(bureau, ref).etag)
    assert seen(bureau, ref).conference.startswith("https://teams.microsoft.com/")


def test_a_link_that_arrives_between_our_read_and_write_is_a_conflict(
    tenant: GraphServer, bureau: Desk
) -> None:
    tenant.store.teams_after = 3
    ref = bureau.calendar.ensure(KEY, 0, bureau.spec())
    etag = seen(bureau, ref).etag
    with pytest.raises(ConflictError):
        bureau.calendar.reschedule(ref, bureau.spec(LATER), etag)
    assert moved(bureau, ref).start == LATER


@pytest.mark.parametrize("keeps_answers", [True, False])
def test_answers_to_the_old_hour_do_not_count_for_the_new_one(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand, ref: EventRef, keeps_answers: bool
) -> None:
    tenant.store.keeps_answers = keeps_answers
    hand.answer(bureau.mentor, ref, Rsvp.ACCEPTED)
    hand.propose(bureau.mentee, ref, Window(start=LATER + HOUR, end=LATER + 2 * HOUR), Rsvp.DECLINED)
    now = moved(bureau, ref)
    assert (set(now.rsvps.values()), now.proposed) == ({Rsvp.NEEDS_ACTION}, {})
    hand.answer(bureau.mentor, ref, Rsvp.TENTATIVE)
    assert seen(bureau, ref).rsvps == {bureau.mentor: Rsvp.TENTATIVE, bureau.mentee: Rsvp.NEEDS_ACTION}


def test_a_change_that_leaves_the_hour_leaves_the_answers_and_settles_the_proposals(
    bureau: Desk, hand: OutlookHand, ref: EventRef
) -> None:
    """Exchange asks nobody anew about an hour that stays."""
    hand.answer(bureau.mentor, ref, Rsvp.ACCEPTED)
    hand.propose(bureau.mentee, ref, WISH)
    bureau.calendar.reschedule(ref, bureau.spec(), seen(bureau, ref).etag)
    now = seen(bureau, ref)
    assert now.rsvps == {bureau.mentor: Rsvp.ACCEPTED, bureau.mentee: Rsvp.TENTATIVE}
    assert now.proposed == {}
    hand.propose(bureau.mentee, ref, WISH)
    assert seen(bureau, ref).proposed == {bureau.mentee: WISH}


def test_answers_to_an_older_hour_stay_void_when_the_hour_stays(
    bureau: Desk, hand: OutlookHand, ref: EventRef
) -> None:
    hand.answer(bureau.mentor, ref, Rsvp.ACCEPTED)
    etag = moved(bureau, ref).etag
    bureau.calendar.reschedule(ref, bureau.spec(LATER), etag)
    assert seen(bureau, ref).rsvps[bureau.mentor] is Rsvp.NEEDS_ACTION


@pytest.mark.parametrize("rsvp", [Rsvp.TENTATIVE, Rsvp.DECLINED])
def test_a_proposed_new_time_of_an_attendee_is_a_wish(
    bureau: Desk, hand: OutlookHand, ref: EventRef, rsvp: Rsvp
) -> None:
    hand.propose(bureau.mentee, ref, WISH, rsvp)
    now = seen(bureau, ref)
    assert (now.start, now.moved, now.proposed) == (TUESDAY, {}, {bureau.mentee: WISH})
    assert now.rsvps == {bureau.mentor: Rsvp.NEEDS_ACTION, bureau.mentee: rsvp}


def test_a_proposal_of_the_events_own_hour_is_none(bureau: Desk, hand: OutlookHand, ref: EventRef) -> None:
    hand.propose(bureau.mentee, ref, WISH)
    hand.move(bureau.organizer, ref, WISH)
    assert (seen(bureau, ref).start, seen(bureau, ref).proposed) == (LATER, {})


def test_attendees_are_sent_only_where_somebody_comes_or_goes_and_a_room_stays(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand, ref: EventRef
) -> None:
    tenant.join(bureau.stranger)
    hand.add(ref, "room@corp.example", "resource")
    spec = bureau.spec()
    stranger = spec.attendees[1].model_copy(update={"address": bureau.stranger})
    other = spec.model_copy(update={"attendees": (spec.attendees[0], stranger)})
    changed = bureau.calendar.reschedule(ref, other, seen(bureau, ref).etag)
    assert changed.attendees == (bureau.mentor, bureau.stranger)
    assert [(one["emailAddress"]["address"], one["type"]) for one in hand.resource(ref)["attendees"]] == [
        (bureau.mentor, "required"),
        (bureau.stranger, "required"),
        ("room@corp.example", "resource"),
    ]
    assert [one for one in tenant.store.mails if one[1] == "cancellation"] == [
        (bureau.mentee, "cancellation")
    ]
    bureau.calendar.reschedule(changed, other, seen(bureau, ref).etag)
    assert "attendees" not in tenant.calls[-1].body


def test_who_was_taken_off_is_invited_again_by_a_reschedule(
    bureau: Desk, hand: OutlookHand, ref: EventRef
) -> None:
    hand.take_off(bureau.mentee, ref)
    assert seen(bureau, ref).deleted_by == (bureau.mentee,)
    assert moved(bureau, ref).deleted_by == ()
    assert hand.has(bureau.mentee, ref)


def test_an_attendee_listed_by_another_address_is_not_taken_for_missing(
    bureau: Desk, hand: OutlookHand, ref: EventRef
) -> None:
    hand.take_off(bureau.mentee, ref)
    hand.add(ref, "alias@corp.example")
    now = seen(bureau, ref)
    assert (now.deleted_by, now.rsvps[bureau.mentee]) == ((), Rsvp.NEEDS_ACTION)


def test_an_attendee_who_deletes_the_event_has_declined_it(
    bureau: Desk, hand: OutlookHand, ref: EventRef
) -> None:
    hand.delete(bureau.mentee, ref)
    now = seen(bureau, ref)
    assert (now.rsvps[bureau.mentee], now.deleted_by) == (Rsvp.DECLINED, ())
    assert hand.has(bureau.mentor, ref)


@pytest.mark.parametrize("loss", [Loss.DROPPED_AFTER, Loss.RESET_AFTER, Loss.BROKEN_AFTER])
def test_a_change_whose_answer_is_lost_is_known_by_its_name_and_done_once(
    tenant: GraphServer, bureau: Desk, ref: EventRef, loss: Loss
) -> None:
    etag = seen(bureau, ref).etag
    tenant.faults.extend([None, loss])
    bureau.calendar.reschedule(ref, bureau.spec(LATER), etag)
    bureau.calendar.reschedule(ref, bureau.spec(LATER), etag)
    assert (seen(bureau, ref).start, seen(bureau, ref).sequence) == (LATER, 1)
    assert tenant.store.mails.count((bureau.mentee, "change")) == 1


@pytest.mark.parametrize("fault", [None, Answer(503, "ErrorServerBusy")])
def test_a_change_that_was_lost_before_it_was_made_is_ambiguous_and_made_next_time(
    tenant: GraphServer, bureau: Desk, ref: EventRef, fault: Fault
) -> None:
    etag = seen(bureau, ref).etag
    tenant.faults.extend([None, Loss.DROPPED_BEFORE, fault])
    with pytest.raises(AmbiguousError):
        bureau.calendar.reschedule(ref, bureau.spec(LATER), etag)
    bureau.calendar.reschedule(ref, bureau.spec(LATER), etag)
    assert seen(bureau, ref).start == LATER


def test_a_412_says_that_somebody_else_was_first(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand, ref: EventRef
) -> None:
    etag = seen(bureau, ref).etag

    def answers(call: Call) -> Fault:
        if call.method.startswith("PATCH"):
            assert call.if_match == etag
            hand.answer(bureau.mentee, ref, Rsvp.DECLINED)
        return None

    tenant.fault = answers
    with pytest.raises(ConflictError):
        bureau.calendar.reschedule(ref, bureau.spec(LATER), etag)
    assert (seen(bureau, ref).start, seen(bureau, ref).rsvps[bureau.mentee]) == (TUESDAY, Rsvp.DECLINED)


def test_a_deletion_between_our_read_and_write_is_gone(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand, ref: EventRef
) -> None:
    etag = seen(bureau, ref).etag

    def deletes(call: Call) -> Fault:
        if call.method.startswith("PATCH"):
            hand.delete(bureau.organizer, ref)
            return Answer(412, "ErrorIrresolvableConflict")
        return None

    tenant.fault = deletes
    with pytest.raises(GoneError):
        bureau.calendar.reschedule(ref, bureau.spec(LATER), etag)


def test_another_change_with_an_etag_that_was_used_up_is_a_conflict(bureau: Desk, ref: EventRef) -> None:
    etag = seen(bureau, ref).etag
    bureau.calendar.reschedule(ref, bureau.spec(LATER), etag)
    with pytest.raises(ConflictError):
        bureau.calendar.reschedule(ref, bureau.spec(LATER + HOUR), etag)
    assert seen(bureau, ref).start == LATER


@pytest.mark.parametrize(
    ("windows", "hour"),
    [("Romance Standard Time", -1), ("Lord Howe Standard Time", -11), ("tzone://Microsoft/Custom", 0)],
)
def test_a_whole_day_made_by_the_organizer_is_midnight_in_its_zone_whatever_the_header_and_can_be_undone(
    bureau: Desk, hand: OutlookHand, ref: EventRef, windows: str, hour: int
) -> None:
    hand.make_whole_day(ref, date(2026, 3, 5), date(2026, 3, 6), windows)
    now = seen(bureau, ref)
    midnight = datetime(2026, 3, 5, tzinfo=UTC) + hour * HOUR
    assert (now.start, now.end) == (midnight, midnight + timedelta(days=1))
    assert moved(bureau, ref).start == LATER
    assert hand.resource(ref)["isAllDay"] is False


def test_an_event_made_to_end_as_it_starts_is_a_minute_long(
    tenant: GraphServer, bureau: Desk, ref: EventRef
) -> None:
    stored = tenant.store.events[0]
    stored.resource["end"] = stored.resource["start"]
    tenant.store.touch(stored)
    assert (seen(bureau, ref).start, seen(bureau, ref).end) == (TUESDAY, TUESDAY + timedelta(minutes=1))
    assert moved(bureau, ref).end == LATER + HOUR


@pytest.mark.parametrize("place", ["Room 4", "https://meet.corp.example/2"])
def test_a_new_place_is_told_and_the_old_one_is_not_told_again(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand, ref: EventRef, place: str
) -> None:
    spec = bureau.spec(LATER).model_copy(update={"location": place})
    bureau.calendar.reschedule(ref, spec, seen(bureau, ref).etag)
    assert hand.resource(ref)["location"] == {"displayName": place}
    bureau.calendar.reschedule(ref, spec, seen(bureau, ref).etag)
    assert "location" not in tenant.calls[-1].body


def test_a_cancellation_is_told_to_all_with_its_comment_and_nobody_can_be_spared(
    tenant: GraphServer, bureau: Desk, ref: EventRef
) -> None:
    bureau.calendar.cancel(ref, "The trainer is ill.", spare=[bureau.mentor])
    told = [who for who, what in tenant.store.mails if what == "cancellation"]
    assert (told, tenant.store.comments) == ([bureau.mentor, bureau.mentee], ["The trainer is ill."])
    assert tenant.methods()[-1] == "POST /events/{id}/cancel"


@pytest.mark.parametrize("fault", [Answer(404, "ErrorItemNotFound"), None])
def test_a_cancellation_of_what_is_gone_is_done(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand, ref: EventRef, fault: Fault
) -> None:
    if fault is None:
        hand.delete(bureau.organizer, ref)
    tenant.faults.append(fault)
    bureau.calendar.cancel(ref, "")


def test_a_cancellation_of_what_never_was_is_done(tenant: GraphServer, bureau: Desk) -> None:
    never = EventRef(provider="microsoft", organizer=bureau.organizer, id="AAk/never=", key=KEY)
    bureau.calendar.cancel(never, "")
    assert bureau.calendar.get(never) == Gone()
    assert tenant.methods() == ["POST /events/{id}/cancel", "GET /events/{id}"]


def test_a_cancellation_whose_answer_is_lost_is_done_next_time(
    tenant: GraphServer, bureau: Desk, ref: EventRef
) -> None:
    tenant.faults.append(Loss.RESET_AFTER)
    with pytest.raises(AmbiguousError):
        bureau.calendar.cancel(ref, "")
    bureau.calendar.cancel(ref, "")
    assert tenant.store.mails.count((bureau.mentee, "cancellation")) == 1


def test_an_event_that_has_lost_its_attendees_is_deleted(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand, ref: EventRef
) -> None:
    hand.take_off(bureau.mentor, ref)
    hand.take_off(bureau.mentee, ref)
    bureau.calendar.cancel(ref, "")
    assert (hand.count(bureau.organizer), tenant.methods()[-1]) == (0, "DELETE /events/{id}")


@pytest.mark.parametrize("is_gone", [True, False])
@pytest.mark.parametrize("keeps_deleted", [True, False])
def test_a_refused_cancellation_is_done_only_where_the_event_is_gone(  # noqa: PLR0913, PLR0917
    tenant: GraphServer,
    bureau: Desk,
    hand: OutlookHand,
    ref: EventRef,
    is_gone: bool,
    keeps_deleted: bool,
) -> None:
    tenant.store.keeps_deleted = keeps_deleted
    if is_gone:
        bureau.calendar.cancel(ref, "")
    tenant.faults.append(Answer(400, "ErrorInvalidRequest"))
    if is_gone:
        bureau.calendar.cancel(ref, "")
    else:
        with pytest.raises(InvalidError):
            bureau.calendar.cancel(ref, "")
    assert hand.has(bureau.mentee, ref) is not is_gone
