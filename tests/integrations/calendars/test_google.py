"""What Google adds to the contract: ids of our own, Meet that comes later, and one event for everybody."""

from datetime import timedelta

import pytest

from integrations.calendars.calendar import EventRef, Rsvp, Snapshot, Window
from integrations.calendars.ics import event_uid
from integrations.errors import AmbiguousError, ConflictError, GoneError, RetryableError
from tests.integrations.calendars.clock_changes import Change, each_change
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.google_desk import GoogleHand, adapter
from tests.integrations.calendars.google_server import Answer, GoogleServer
from tests.integrations.calendars.wire import Loss

KEY = "programme/p/pairing/p-1/session/3"
LATER = TUESDAY + timedelta(days=2)


@pytest.fixture
def hand(server: GoogleServer) -> GoogleHand:
    return GoogleHand(server)


def seen(office: Desk, ref: EventRef) -> Snapshot:
    found = office.calendar.get(ref)
    assert isinstance(found, Snapshot)
    return found


def test_httplib2_sends_a_post_again_when_the_connection_drops_and_one_event_stands(
    server: GoogleServer, office: Desk, hand: GoogleHand
) -> None:
    server.faults.extend([Loss.DROPPED_AFTER])
    ref = office.calendar.ensure(KEY, 0, office.spec())
    assert server.methods() == ["events.insert", "events.insert", "events.get"]
    assert [hand.count(who) for who in (office.organizer, office.mentor, office.mentee)] == [1, 1, 1]
    assert server.store.mails == [(office.mentor, "invitation"), (office.mentee, "invitation")]
    assert seen(office, ref).rsvps == {office.mentor: Rsvp.NEEDS_ACTION, office.mentee: Rsvp.NEEDS_ACTION}


@pytest.mark.parametrize("loss", [Loss.RESET_AFTER, Loss.BROKEN_AFTER])
def test_an_answer_lost_after_the_event_was_made_is_ambiguous_and_adopted_next_time(
    server: GoogleServer, office: Desk, hand: GoogleHand, loss: Loss
) -> None:
    server.faults.append(loss)
    with pytest.raises(AmbiguousError):
        office.calendar.ensure(KEY, 0, office.spec())
    ref = office.calendar.ensure(KEY, 0, office.spec())
    assert (hand.count(office.mentee), hand.has(office.mentee, ref)) == (1, True)


def test_an_events_id_is_ours_and_its_key_is_seen_by_the_organizer_only(
    office: Desk, hand: GoogleHand
) -> None:
    ref = office.calendar.ensure(KEY, 2, office.spec())
    assert ref.id == event_uid(KEY, 2)
    assert hand.resource(ref)["extendedProperties"] == {
        "private": {"mentoringKey": KEY, "mentoringGeneration": "2"}
    }


def test_a_deleted_id_stays_reserved_and_is_never_undeleted(
    server: GoogleServer, office: Desk, hand: GoogleHand
) -> None:
    office.calendar.cancel(office.calendar.ensure(KEY, 0, office.spec()), "")
    with pytest.raises(GoneError):
        office.calendar.ensure(KEY, 0, office.spec())
    assert server.methods()[-2:] == ["events.insert", "events.get"]
    assert hand.count(office.organizer) == 0


def test_a_collision_google_misses_is_found_by_reading_back(server: GoogleServer, office: Desk) -> None:
    office.calendar.cancel(office.calendar.ensure(KEY, 0, office.spec()), "")
    server.store.misses_collisions = True
    with pytest.raises(GoneError):
        office.calendar.ensure(KEY, 0, office.spec())


def test_somebody_elses_event_under_our_id_is_a_conflict(office: Desk, hand: GoogleHand) -> None:
    moment = {"dateTime": TUESDAY.isoformat()}
    hand.put(office.organizer, id=event_uid(KEY, 0), start=moment, end={"dateTime": LATER.isoformat()})
    with pytest.raises(ConflictError):
        office.calendar.ensure(KEY, 0, office.spec())


def test_an_id_taken_by_an_event_google_does_not_show_yet_is_tried_again(
    server: GoogleServer, office: Desk
) -> None:
    server.faults.extend([Answer(409, "duplicate"), Answer(404, "notFound")])
    with pytest.raises(RetryableError):
        office.calendar.ensure(KEY, 0, office.spec())


def test_a_booking_takes_three_calls_at_most_and_a_look_takes_one(server: GoogleServer, office: Desk) -> None:
    week = Window(start=TUESDAY - timedelta(days=2), end=TUESDAY + timedelta(days=5))
    office.calendar.free_busy([office.mentor, office.mentee], week)
    ref = office.calendar.ensure(KEY, 0, office.spec())
    assert server.methods() == ["freebusy.query", "events.insert", "events.get"]
    office.calendar.get(ref)
    assert server.methods()[3:] == ["events.get"]
    assert server.tokens.count == 1


def test_a_booking_whose_link_is_there_at_once_is_not_read_back(server: GoogleServer, office: Desk) -> None:
    server.store.meet_after = 0
    office.calendar.ensure(KEY, 0, office.spec())
    assert server.methods() == ["events.insert"]


def test_meet_arrives_later_and_a_later_look_shows_it(server: GoogleServer, office: Desk) -> None:
    server.store.meet_after = 3
    ref = office.calendar.ensure(KEY, 0, office.spec())
    assert seen(office, ref).conference == ""
    assert seen(office, ref).conference.startswith("https://meet.google.com/")


@pytest.mark.parametrize("asked", [True, False])
def test_no_meet_link_is_made_where_none_is_wanted(server: GoogleServer, office: Desk, asked: bool) -> None:
    calendar = adapter(server, office.organizer, conference=not asked)
    spec = office.spec().model_copy(update={"conference": asked, "location": "https://meet.corp.example/1"})
    ref = calendar.ensure(KEY, 0, spec)
    now = calendar.get(ref)
    assert isinstance(now, Snapshot)
    calendar.reschedule(ref, spec, now.etag)
    assert now.conference == "https://meet.corp.example/1"
    assert not [call for call in server.calls if "conferenceData" in (call.body or {})]


def test_an_event_is_private_and_its_guests_bring_nobody(office: Desk, hand: GoogleHand) -> None:
    told = hand.resource(office.calendar.ensure(KEY, 0, office.spec()))
    assert (told["visibility"], told["guestsCanModify"], told["guestsCanInviteOthers"]) == (
        "private",
        False,
        False,
    )


@each_change
def test_an_hour_stays_the_same_instant_over_a_change_of_clocks(
    server: GoogleServer, office: Desk, change: Change
) -> None:
    """Google answers in the calendar's own zone, whatever the offset of that hour."""
    server.join(office.organizer, zone=change.zone)
    start = change.moment - HOUR / 2
    ref = office.calendar.ensure(KEY, 0, office.spec().model_copy(update=dict(change.hour)))
    assert (seen(office, ref).start, seen(office, ref).end) == (start, start + HOUR)
    office.calendar.reschedule(ref, office.spec(change.moment), seen(office, ref).etag)
    assert (seen(office, ref).start, seen(office, ref).end) == (change.moment, change.moment + HOUR)


def test_names_are_told_as_they_may_be_shown(office: Desk, hand: GoogleHand) -> None:
    spec = office.spec()
    shouting = spec.attendees[0].model_copy(update={"name": 'Zoé\n"Z" \u202eDupont'})
    ref = office.calendar.ensure(KEY, 0, spec.model_copy(update={"attendees": (shouting,)}))
    assert [one["displayName"] for one in hand.resource(ref)["attendees"]] == ["Zoé Z Dupont"]


def test_an_event_of_another_organizer_is_kept_in_their_calendar(server: GoogleServer, office: Desk) -> None:
    server.join("second@corp.example")
    spec = office.spec()
    other = spec.model_copy(
        update={"organizer": spec.organizer.model_copy(update={"address": "second@corp.example"})}
    )
    ref = office.calendar.ensure(KEY, 0, other)
    office.calendar.ensure(KEY, 0, spec)
    assert {owner for owner, _ in server.store.events} == {"second@corp.example", office.organizer}
    assert isinstance(office.calendar.get(ref), Snapshot)
