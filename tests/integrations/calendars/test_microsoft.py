"""What Microsoft 365 adds to the contract when an event is made: transaction ids, keys, Teams."""

from datetime import timedelta

import pytest

from integrations.calendars.calendar import EventRef, Rsvp, Snapshot, Window
from integrations.calendars.ics import event_uid
from integrations.calendars.microsoft_bodies import new_body
from integrations.errors import AmbiguousError, ConflictError, GoneError
from tests.integrations.calendars.clock_changes import Change, each_change
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.graph_desk import OutlookHand, adapter
from tests.integrations.calendars.graph_server import GraphServer
from tests.integrations.calendars.wire import Answer, Fault, Loss

KEY = "programme/p/pairing/p-1/session/3"
LATER = TUESDAY + timedelta(days=2)


@pytest.fixture
def hand(tenant: GraphServer) -> OutlookHand:
    return OutlookHand(tenant)


def seen(bureau: Desk, ref: EventRef) -> Snapshot:
    found = bureau.calendar.get(ref)
    assert isinstance(found, Snapshot)
    return found


@pytest.mark.parametrize("loss", [Loss.DROPPED_AFTER, Loss.RESET_AFTER, Loss.BROKEN_AFTER])
def test_an_answer_lost_after_the_event_was_made_is_found_by_its_key(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand, loss: Loss
) -> None:
    tenant.faults.append(loss)
    ref = bureau.calendar.ensure(KEY, 0, bureau.spec())
    assert tenant.methods() == ["POST /events", "GET /events"]
    assert (hand.count(bureau.mentee), hand.has(bureau.mentee, ref)) == (1, True)


def test_a_post_is_sent_once_when_the_connection_drops(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand
) -> None:
    tenant.faults.append(Loss.DROPPED_BEFORE)
    with pytest.raises(AmbiguousError):
        bureau.calendar.ensure(KEY, 0, bureau.spec())
    assert tenant.methods() == ["POST /events", "GET /events"]
    assert hand.count(bureau.mentee) == 0


@pytest.mark.parametrize("fault", [Loss.DROPPED_BEFORE, Answer(503, "ErrorServerBusy"), None])
def test_a_lost_answer_is_ambiguous_while_the_event_cannot_be_found_and_adopted_next_time(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand, fault: Fault
) -> None:
    """Whether the search fails or does not see what is new, the first event stays the only one."""
    tenant.store.finds_after = 1
    tenant.faults.extend([Loss.RESET_AFTER, fault])
    with pytest.raises(AmbiguousError):
        bureau.calendar.ensure(KEY, 0, bureau.spec())
    ref = bureau.calendar.ensure(KEY, 0, bureau.spec())
    assert tenant.methods()[2:] == ["POST /events", "GET /events/{id}"]
    assert (hand.count(bureau.mentee), hand.has(bureau.mentee, ref)) == (1, True)


def test_a_transaction_id_is_stable_and_each_generations_own(tenant: GraphServer, bureau: Desk) -> None:
    for generation in (0, 0, 1):
        bureau.calendar.ensure(KEY, generation, bureau.spec())
    ids = [call.body["transactionId"] for call in tenant.calls if call.method == "POST /events"]
    assert ids[0] == ids[1] != ids[2]
    assert tenant.store.mails.count((bureau.mentee, "invitation")) == 2


def test_a_transaction_id_answers_with_the_first_event_even_where_that_is_gone(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand
) -> None:
    bureau.calendar.cancel(bureau.calendar.ensure(KEY, 0, bureau.spec()), "")
    with pytest.raises(GoneError):
        bureau.calendar.ensure(KEY, 0, bureau.spec())
    assert tenant.methods()[-3:] == ["POST /events", "GET /events/{id}", "GET /events"]
    assert hand.count(bureau.organizer) == 0


def test_an_event_that_can_still_be_read_in_deleted_items_is_gone(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand
) -> None:
    """An immutable id outlives the move to another folder."""
    tenant.store.keeps_deleted = True
    ref = bureau.calendar.ensure(KEY, 0, bureau.spec())
    etag = seen(bureau, ref).etag
    bureau.calendar.cancel(ref, "")
    bureau.calendar.cancel(ref, "")
    with pytest.raises(GoneError):
        bureau.calendar.reschedule(ref, bureau.spec(LATER), etag)
    with pytest.raises(GoneError):
        bureau.calendar.ensure(KEY, 0, bureau.spec())
    assert not hand.has(bureau.mentee, ref)
    assert tenant.store.mails.count((bureau.mentee, "cancellation")) == 1


def test_a_transaction_id_used_with_another_content_leads_to_the_event_by_its_key(
    bureau: Desk, hand: OutlookHand
) -> None:
    first = bureau.calendar.ensure(KEY, 0, bureau.spec())
    assert bureau.calendar.ensure(KEY, 0, bureau.spec(LATER)) == first
    assert (hand.count(bureau.mentee), seen(bureau, first).start) == (1, TUESDAY)
    bureau.calendar.cancel(first, "")
    with pytest.raises(GoneError):
        bureau.calendar.ensure(KEY, 0, bureau.spec(LATER))


def test_an_event_that_is_not_shown_by_its_id_yet_is_found_by_its_key(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand
) -> None:
    tenant.faults.extend([None, Answer(404, "ErrorItemNotFound")])
    ref = bureau.calendar.ensure(KEY, 0, bureau.spec())
    assert (ref.generation, hand.has(bureau.mentee, ref)) == (0, True)


def test_somebody_elses_event_under_our_transaction_id_is_a_conflict(bureau: Desk, hand: OutlookHand) -> None:
    theirs = hand.put(bureau.organizer, **new_body(KEY, 0, bureau.spec(), conference=True))
    theirs.properties.clear()
    with pytest.raises(ConflictError):
        bureau.calendar.ensure(KEY, 0, bureau.spec())


def test_of_two_events_with_one_key_the_first_is_adopted_each_time(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand
) -> None:
    """Somebody may have copied the event, and its properties with it."""
    body = new_body(KEY, 0, bureau.spec(), conference=False)
    del body["transactionId"]
    first, second = (hand.put(bureau.organizer, **body).resource["id"] for _ in range(2))
    tenant.store.events.reverse()
    tenant.faults.append(Loss.DROPPED_BEFORE)
    assert bureau.calendar.ensure(KEY, 0, bureau.spec()).id == first != second


def test_an_id_is_immutable_and_outlives_every_change(
    tenant: GraphServer, bureau: Desk, hand: OutlookHand
) -> None:
    ref = bureau.calendar.ensure(KEY, 0, bureau.spec())
    hand.answer(bureau.mentor, ref, Rsvp.ACCEPTED)
    assert seen(bureau, ref).rsvps[bureau.mentor] is Rsvp.ACCEPTED
    assert {tuple(sorted(call.prefer.items())) for call in tenant.calls} == {
        (("IdType", '"ImmutableId"'), ("outlook.timezone", '"UTC"'))
    }


def test_an_events_key_is_found_again_in_an_extended_property(tenant: GraphServer, bureau: Desk) -> None:
    bureau.calendar.ensure(KEY, 2, bureau.spec())
    assert list(tenant.store.events[0].properties.values()) == [event_uid(KEY, 2)]


def test_a_booking_takes_three_calls_and_a_look_takes_one(tenant: GraphServer, bureau: Desk) -> None:
    weeks = Window(start=TUESDAY - timedelta(days=2), end=TUESDAY + timedelta(days=38))
    bureau.calendar.free_busy([bureau.mentor, bureau.mentee], weeks)
    ref = bureau.calendar.ensure(KEY, 0, bureau.spec())
    assert tenant.methods() == ["POST /calendar/getSchedule", "POST /events", "GET /events/{id}"]
    bureau.calendar.get(ref)
    assert tenant.methods()[3:] == ["GET /events/{id}"]
    assert len(tenant.token_calls) == 2


def test_a_booking_whose_answer_is_lost_takes_three_calls_too(tenant: GraphServer, bureau: Desk) -> None:
    bureau.calendar.free_busy([bureau.mentor], Window(start=TUESDAY, end=LATER))
    tenant.faults.append(Loss.RESET_AFTER)
    bureau.calendar.ensure(KEY, 0, bureau.spec())
    assert len(tenant.calls) == 3


def test_an_online_meeting_may_have_no_link_at_first_and_a_later_look_shows_it(
    tenant: GraphServer, bureau: Desk
) -> None:
    tenant.store.teams_after = 3
    ref = bureau.calendar.ensure(KEY, 0, bureau.spec())
    assert seen(bureau, ref).conference == ""
    assert seen(bureau, ref).conference.startswith("https://teams.microsoft.com/")


def test_an_organizer_without_teams_gets_an_event_without_a_link(tenant: GraphServer, bureau: Desk) -> None:
    tenant.store.has_teams = False
    assert seen(bureau, bureau.calendar.ensure(KEY, 0, bureau.spec())).conference == ""


@pytest.mark.parametrize("asked", [True, False])
def test_no_online_meeting_is_made_where_none_is_wanted(
    tenant: GraphServer, bureau: Desk, asked: bool
) -> None:
    calendar = adapter(tenant, bureau.organizer, conference=not asked)
    spec = bureau.spec().model_copy(update={"conference": asked, "location": "https://meet.corp.example/1"})
    ref = calendar.ensure(KEY, 0, spec)
    now = calendar.get(ref)
    assert isinstance(now, Snapshot)
    calendar.reschedule(ref, spec, now.etag)
    assert now.conference == "https://meet.corp.example/1"
    assert not [call for call in tenant.calls if "isOnlineMeeting" in (call.body or {})]


def test_an_event_is_private_and_its_attendees_may_propose_another_time(
    bureau: Desk, hand: OutlookHand
) -> None:
    told = hand.resource(bureau.calendar.ensure(KEY, 0, bureau.spec()))
    assert (told["sensitivity"], told["showAs"], told["allowNewTimeProposals"]) == ("private", "busy", True)
    assert told["body"] == {
        "contentType": "text",
        "content": "Decline it or move it here.\nThe programme follows your calendar.",
    }


def test_names_are_told_as_they_may_be_shown(bureau: Desk, hand: OutlookHand) -> None:
    spec = bureau.spec()
    shouting = spec.attendees[0].model_copy(update={"name": 'Zoé\n"Z" \u202eDupont'})
    ref = bureau.calendar.ensure(KEY, 0, spec.model_copy(update={"attendees": (shouting,)}))
    guests = hand.resource(ref)["attendees"]
    assert [one["emailAddress"] for one in guests] == [{"address": bureau.mentor, "name": "Zoé Z Dupont"}]


def test_an_event_of_another_organizer_is_kept_in_their_mailbox(tenant: GraphServer, bureau: Desk) -> None:
    tenant.join("second@corp.example")
    spec = bureau.spec()
    other = spec.model_copy(
        update={"organizer": spec.organizer.model_copy(update={"address": "second@corp.example"})}
    )
    ref = bureau.calendar.ensure(KEY, 0, other)
    bureau.calendar.ensure(KEY, 0, spec)
    assert [one.owner for one in tenant.store.events] == ["second@corp.example", bureau.organizer]
    assert isinstance(bureau.calendar.get(ref), Snapshot)


@each_change
def test_an_hour_stays_the_same_instant_over_a_change_of_clocks(
    tenant: GraphServer, bureau: Desk, change: Change
) -> None:
    tenant.join(bureau.organizer, zone=change.zone, windows=change.windows)
    start = change.moment - HOUR / 2
    ref = bureau.calendar.ensure(KEY, 0, bureau.spec().model_copy(update=dict(change.hour)))
    assert (seen(bureau, ref).start, seen(bureau, ref).end) == (start, start + HOUR)
    bureau.calendar.reschedule(ref, bureau.spec(change.moment), seen(bureau, ref).etag)
    assert (seen(bureau, ref).start, seen(bureau, ref).end) == (change.moment, change.moment + HOUR)
