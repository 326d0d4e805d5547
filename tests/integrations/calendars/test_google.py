"""What Google adds to the contract: ids of our own, Meet that comes later, and one event for everybody."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integrations.calendars.calendar import EventRef, Gone, Rsvp, Snapshot, Window
from integrations.calendars.ics import event_uid
from integrations.errors import AmbiguousError, ConflictError, GoneError, RetryableError
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.google_desk import GoogleHand, adapter, google_desk_alone
from tests.integrations.calendars.google_discovery import Call
from tests.integrations.calendars.google_server import Answer, GoogleServer, Loss

KEY = "programme/p/pairing/p-1/session/3"
LATER = TUESDAY + timedelta(days=2)


@pytest.fixture
def alone() -> Iterator[tuple[GoogleServer, Desk]]:
    with google_desk_alone() as both:
        yield both


@pytest.fixture
def server(alone: tuple[GoogleServer, Desk]) -> GoogleServer:
    return alone[0]


@pytest.fixture
def desk(alone: tuple[GoogleServer, Desk]) -> Desk:
    return alone[1]


@pytest.fixture
def hand(server: GoogleServer) -> GoogleHand:
    return GoogleHand(server)


def seen(desk: Desk, ref: EventRef) -> Snapshot:
    found = desk.calendar.get(ref)
    assert isinstance(found, Snapshot)
    return found


def test_httplib2_sends_a_post_again_when_the_connection_drops_and_one_event_stands(
    server: GoogleServer, desk: Desk, hand: GoogleHand
) -> None:
    server.faults.extend([Loss.DROPPED_AFTER])
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    assert server.methods() == ["events.insert", "events.insert", "events.get"]
    assert [hand.count(who) for who in (desk.organizer, desk.mentor, desk.mentee)] == [1, 1, 1]
    assert server.store.mails == [(desk.mentor, "invitation"), (desk.mentee, "invitation")]
    assert seen(desk, ref).rsvps == {desk.mentor: Rsvp.NEEDS_ACTION, desk.mentee: Rsvp.NEEDS_ACTION}


@pytest.mark.parametrize("loss", [Loss.RESET_AFTER, Loss.BROKEN_AFTER])
def test_an_answer_lost_after_the_event_was_made_is_ambiguous_and_adopted_next_time(
    server: GoogleServer, desk: Desk, hand: GoogleHand, loss: Loss
) -> None:
    server.faults.append(loss)
    with pytest.raises(AmbiguousError):
        desk.calendar.ensure(KEY, 0, desk.spec())
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    assert (hand.count(desk.mentee), hand.has(desk.mentee, ref)) == (1, True)


def test_an_events_id_is_ours_and_its_key_is_seen_by_the_organizer_only(desk: Desk, hand: GoogleHand) -> None:
    ref = desk.calendar.ensure(KEY, 2, desk.spec())
    assert ref.id == event_uid(KEY, 2)
    assert hand.resource(ref)["extendedProperties"] == {
        "private": {"mentoringKey": KEY, "mentoringGeneration": "2"}
    }


def test_a_deleted_id_stays_reserved_and_is_never_undeleted(
    server: GoogleServer, desk: Desk, hand: GoogleHand
) -> None:
    desk.calendar.cancel(desk.calendar.ensure(KEY, 0, desk.spec()), "")
    with pytest.raises(GoneError):
        desk.calendar.ensure(KEY, 0, desk.spec())
    assert server.methods()[-2:] == ["events.insert", "events.get"]
    assert hand.count(desk.organizer) == 0


def test_a_collision_google_misses_is_found_by_reading_back(server: GoogleServer, desk: Desk) -> None:
    desk.calendar.cancel(desk.calendar.ensure(KEY, 0, desk.spec()), "")
    server.store.misses_collisions = True
    with pytest.raises(GoneError):
        desk.calendar.ensure(KEY, 0, desk.spec())


def test_somebody_elses_event_under_our_id_is_a_conflict(desk: Desk, hand: GoogleHand) -> None:
    moment = {"dateTime": TUESDAY.isoformat()}
    hand.put(desk.organizer, id=event_uid(KEY, 0), start=moment, end={"dateTime": LATER.isoformat()})
    with pytest.raises(ConflictError):
        desk.calendar.ensure(KEY, 0, desk.spec())


def test_an_id_taken_by_an_event_google_does_not_show_yet_is_tried_again(
    server: GoogleServer, desk: Desk
) -> None:
    server.faults.extend([Answer(409, "duplicate"), Answer(404, "notFound")])
    with pytest.raises(RetryableError):
        desk.calendar.ensure(KEY, 0, desk.spec())


def test_a_booking_takes_three_calls_at_most_and_a_look_takes_one(server: GoogleServer, desk: Desk) -> None:
    week = Window(start=TUESDAY - timedelta(days=2), end=TUESDAY + timedelta(days=5))
    desk.calendar.free_busy([desk.mentor, desk.mentee], week)
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    assert server.methods() == ["freebusy.query", "events.insert", "events.get"]
    desk.calendar.get(ref)
    assert server.methods()[3:] == ["events.get"]
    assert server.tokens.count == 1


def test_a_booking_whose_link_is_there_at_once_is_not_read_back(server: GoogleServer, desk: Desk) -> None:
    server.store.meet_after = 0
    desk.calendar.ensure(KEY, 0, desk.spec())
    assert server.methods() == ["events.insert"]


def test_meet_arrives_later_and_a_later_look_shows_it(server: GoogleServer, desk: Desk) -> None:
    server.store.meet_after = 3
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    assert seen(desk, ref).conference == ""
    assert seen(desk, ref).conference.startswith("https://meet.google.com/")


def test_a_meet_link_outlives_a_new_time(desk: Desk) -> None:
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    before = seen(desk, ref)
    desk.calendar.reschedule(ref, desk.spec(LATER), before.etag)
    assert seen(desk, ref).conference == before.conference != ""


def test_a_meet_link_that_failed_is_asked_for_again_by_another_id(
    server: GoogleServer, desk: Desk, hand: GoogleHand
) -> None:
    server.store.meet_after = -1
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    first = hand.resource(ref)["conferenceData"]["createRequest"]["requestId"]
    server.store.meet_after = 1
    desk.calendar.reschedule(ref, desk.spec(LATER), seen(desk, ref).etag)
    assert seen(desk, ref).conference.startswith("https://meet.google.com/")
    assert hand.resource(ref)["conferenceData"]["createRequest"]["requestId"] != first


@pytest.mark.parametrize("asked", [True, False])
def test_no_meet_link_is_made_where_none_is_wanted(server: GoogleServer, desk: Desk, asked: bool) -> None:
    calendar = adapter(server, desk.organizer, conference=not asked)
    spec = desk.spec().model_copy(update={"conference": asked, "location": "https://meet.corp.example/1"})
    ref = calendar.ensure(KEY, 0, spec)
    now = calendar.get(ref)
    assert isinstance(now, Snapshot)
    calendar.reschedule(ref, spec, now.etag)
    assert now.conference == "https://meet.corp.example/1"
    assert not [call for call in server.calls if "conferenceData" in (call.body or {})]


def test_an_event_is_private_and_its_guests_bring_nobody(desk: Desk, hand: GoogleHand) -> None:
    told = hand.resource(desk.calendar.ensure(KEY, 0, desk.spec()))
    assert (told["visibility"], told["guestsCanModify"], told["guestsCanInviteOthers"]) == (
        "private",
        False,
        False,
    )


def test_a_patch_replaces_the_attendees_so_that_everybody_is_asked_anew_and_a_room_stays(
    desk: Desk, hand: GoogleHand
) -> None:
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    hand.add(ref, {"email": "room@resource.example", "responseStatus": "accepted", "resource": True})
    hand.answer(desk.mentor, ref, Rsvp.ACCEPTED)
    desk.calendar.reschedule(ref, desk.spec(LATER), seen(desk, ref).etag)
    assert [(one["email"], one["responseStatus"]) for one in hand.resource(ref)["attendees"]] == [
        (desk.mentor, "needsAction"),
        (desk.mentee, "needsAction"),
        ("room@resource.example", "needsAction"),
    ]


def test_a_reschedule_takes_somebody_off_and_invites_somebody_else(
    server: GoogleServer, desk: Desk, hand: GoogleHand
) -> None:
    server.join(desk.stranger)
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    spec = desk.spec()
    stranger = spec.attendees[1].model_copy(update={"address": desk.stranger})
    other = spec.model_copy(update={"attendees": (spec.attendees[0], stranger)})
    moved = desk.calendar.reschedule(ref, other, seen(desk, ref).etag)
    assert moved.attendees == (desk.mentor, desk.stranger)
    assert [hand.has(who, moved) for who in (desk.mentor, desk.mentee, desk.stranger)] == [True, False, True]


@pytest.mark.parametrize("again", [False, True])
def test_a_reschedule_sent_twice_moves_once(
    server: GoogleServer, desk: Desk, hand: GoogleHand, again: bool
) -> None:
    """Dropped, httplib2 sends it again and meets a 412 of its own making; reset, the next try does."""
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    etag = seen(desk, ref).etag
    server.faults.extend([None, Loss.RESET_AFTER if again else Loss.DROPPED_AFTER])
    if again:
        with pytest.raises(AmbiguousError):
            desk.calendar.reschedule(ref, desk.spec(LATER), etag)
    desk.calendar.reschedule(ref, desk.spec(LATER), etag)
    assert (hand.resource(ref)["sequence"], seen(desk, ref).start) == (1, LATER)
    assert server.store.mails.count((desk.mentee, "change")) == 1


def test_another_change_with_an_etag_that_was_used_up_is_a_conflict(desk: Desk) -> None:
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    etag = seen(desk, ref).etag
    desk.calendar.reschedule(ref, desk.spec(LATER), etag)
    with pytest.raises(ConflictError):
        desk.calendar.reschedule(ref, desk.spec(LATER + HOUR), etag)
    assert seen(desk, ref).start == LATER


def test_somebody_who_changes_the_event_between_our_read_and_write_wins(
    server: GoogleServer, desk: Desk, hand: GoogleHand
) -> None:
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    etag = seen(desk, ref).etag

    def answers(call: Call) -> None:
        if call.method == "calendar.events.patch":
            hand.answer(desk.mentee, ref, Rsvp.DECLINED)

    server.fault = answers
    with pytest.raises(ConflictError):
        desk.calendar.reschedule(ref, desk.spec(LATER), etag)
    assert (seen(desk, ref).start, seen(desk, ref).rsvps[desk.mentee]) == (TUESDAY, Rsvp.DECLINED)


def test_a_whole_day_made_by_the_organizer_is_read_and_can_be_given_an_hour_again(
    desk: Desk, hand: GoogleHand
) -> None:
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    hand.make_whole_day(ref, date(2026, 3, 5), date(2026, 3, 6))
    now = seen(desk, ref)
    midnight = datetime(2026, 3, 5, tzinfo=UTC)
    assert (now.start, now.end) == (midnight, midnight + timedelta(days=1))
    desk.calendar.reschedule(ref, desk.spec(LATER), now.etag)
    assert seen(desk, ref).start == LATER


def test_a_guest_who_deletes_the_event_has_declined_it(desk: Desk, hand: GoogleHand) -> None:
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    hand.delete(desk.mentee, ref)
    now = seen(desk, ref)
    assert (now.rsvps[desk.mentee], now.deleted_by) == (Rsvp.DECLINED, ())
    assert hand.has(desk.mentor, ref)


def test_a_guest_taken_off_the_list_has_the_event_no_longer(desk: Desk, hand: GoogleHand) -> None:
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    hand.take_off(desk.mentee, ref)
    assert seen(desk, ref).deleted_by == (desk.mentee,)


def test_a_guest_listed_by_another_address_is_not_taken_for_missing(desk: Desk, hand: GoogleHand) -> None:
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    hand.take_off(desk.mentee, ref)
    hand.add(ref, {"email": "alias@corp.example", "responseStatus": "accepted"})
    now = seen(desk, ref)
    assert (now.deleted_by, now.rsvps[desk.mentee]) == ((), Rsvp.NEEDS_ACTION)


def test_a_guest_cannot_move_the_event_unless_guests_can_modify(server: GoogleServer, desk: Desk) -> None:
    hand, to = GoogleHand(server), Window(start=LATER, end=LATER + HOUR)
    with pytest.raises(PermissionError):
        hand.move(desk.mentee, desk.calendar.ensure(KEY, 0, desk.spec()), to)
    calendar = adapter(server, desk.organizer, guests_can_modify=True)
    ref = calendar.ensure(KEY, 1, desk.spec())
    hand.move(desk.mentee, ref, to)
    now = calendar.get(ref)
    assert isinstance(now, Snapshot)
    assert (now.start, now.moved) == (LATER, {})


@pytest.mark.parametrize(
    ("spared", "told"),
    [((), ("mentor", "mentee")), (("mentor",), ("mentee",)), (("mentor", "mentee"), ())],
)
def test_a_cancellation_spares_some_the_notice(
    server: GoogleServer, desk: Desk, hand: GoogleHand, spared: tuple[str, ...], told: tuple[str, ...]
) -> None:
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    desk.calendar.cancel(ref, "", spare=[getattr(desk, who).upper() for who in spared])
    cancelled = [who for who, what in server.store.mails if what == "cancellation"]
    assert cancelled == [getattr(desk, who) for who in told]
    assert (hand.count(desk.mentor), hand.count(desk.mentee)) == (0, 0)
    assert not [what for _, what in server.store.mails if what == "change"]


def test_taking_the_spared_off_leaves_the_others_answers(
    server: GoogleServer, desk: Desk, hand: GoogleHand
) -> None:
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    hand.answer(desk.mentee, ref, Rsvp.ACCEPTED)
    server.faults.extend([None, None, Answer(503, "backendError")])
    with pytest.raises(AmbiguousError):
        desk.calendar.cancel(ref, "", spare=[desk.mentor])
    assert seen(desk, ref).rsvps[desk.mentee] is Rsvp.ACCEPTED
    desk.calendar.cancel(ref, "", spare=[desk.mentor])
    assert desk.calendar.get(ref) == Gone()


@pytest.mark.parametrize("loss", [Loss.DROPPED_AFTER, Answer(404, "notFound"), Answer(410, "deleted")])
def test_a_delete_of_what_is_gone_is_done(server: GoogleServer, desk: Desk, loss: Loss | Answer) -> None:
    ref = desk.calendar.ensure(KEY, 0, desk.spec())
    server.faults.append(loss)
    desk.calendar.cancel(ref, "")


@pytest.mark.parametrize("spare", [(), ("mentor1@corp.example",)])
def test_a_cancellation_of_what_never_was_is_done(desk: Desk, spare: tuple[str, ...]) -> None:
    ref = EventRef(
        provider="google",
        organizer=desk.organizer,
        id="abcde",
        key=KEY,
        attendees=("mentor1@corp.example", "mentee1@corp.example"),
    )
    desk.calendar.cancel(ref, "", spare)
    assert desk.calendar.get(ref) == Gone()


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Paris", date(2026, 3, 29)),
        ("Europe/Paris", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2026, 11, 1)),
        ("America/Sao_Paulo", date(2026, 2, 15)),
        ("Africa/Cairo", date(2026, 4, 24)),
        ("Africa/Cairo", date(2026, 10, 30)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Australia/Lord_Howe", date(2026, 10, 4)),
    ],
)
def test_an_hour_stays_the_same_instant_over_a_change_of_clocks(
    server: GoogleServer, desk: Desk, zone: str, day: date
) -> None:
    """Google answers in the calendar's zone: every half hour of the two days, there and back."""
    server.join(desk.organizer, zone=zone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    start = midnight + timedelta(hours=2, minutes=30)
    ref = desk.calendar.ensure(KEY, 0, desk.spec(start))
    assert (seen(desk, ref).start, seen(desk, ref).end) == (start, start + HOUR)
    later = midnight + timedelta(hours=1, minutes=30)
    desk.calendar.reschedule(ref, desk.spec(later), seen(desk, ref).etag)
    assert (seen(desk, ref).start, seen(desk, ref).end) == (later, later + HOUR)


def test_names_are_told_as_they_may_be_shown(desk: Desk, hand: GoogleHand) -> None:
    spec = desk.spec()
    shouting = spec.attendees[0].model_copy(update={"name": 'Zoé\n"Z" \u202eDupont'})
    ref = desk.calendar.ensure(KEY, 0, spec.model_copy(update={"attendees": (shouting,)}))
    assert [one["displayName"] for one in hand.resource(ref)["attendees"]] == ["Zoé Z Dupont"]


def test_an_event_of_another_organizer_is_kept_in_their_calendar(server: GoogleServer, desk: Desk) -> None:
    server.join("second@corp.example")
    spec = desk.spec()
    other = spec.model_copy(
        update={"organizer": spec.organizer.model_copy(update={"address": "second@corp.example"})}
    )
    ref = desk.calendar.ensure(KEY, 0, other)
    desk.calendar.ensure(KEY, 0, spec)
    assert {owner for owner, _ in server.store.events} == {"second@corp.example", desk.organizer}
    assert isinstance(desk.calendar.get(ref), Snapshot)
