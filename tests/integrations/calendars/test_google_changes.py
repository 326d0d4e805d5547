"""What Google adds to the contract when an event is changed, cancelled, or handled by its people."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import googleapiclient  # type: ignore[import-untyped]
import pytest

from integrations.calendars.calendar import EventRef, Gone, Rsvp, Snapshot, Window
from integrations.errors import AmbiguousError, ConflictError
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.google_desk import GoogleHand, adapter
from tests.integrations.calendars.google_discovery import Call
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


def test_a_meet_link_outlives_a_new_time(office: Desk) -> None:
    ref = office.calendar.ensure(KEY, 0, office.spec())
    before = seen(office, ref)
    office.calendar.reschedule(ref, office.spec(LATER), before.etag)
    assert seen(office, ref).conference == before.conference != ""


def test_a_meet_link_that_failed_is_asked_for_again_by_another_id(
    server: GoogleServer, office: Desk, hand: GoogleHand
) -> None:
    server.store.meet_after = -1
    ref = office.calendar.ensure(KEY, 0, office.spec())
    first = hand.resource(ref)["conferenceData"]["createRequest"]["requestId"]
    server.store.meet_after = 1
    office.calendar.reschedule(ref, office.spec(LATER), seen(office, ref).etag)
    assert seen(office, ref).conference.startswith("https://meet.google.com/")
    assert hand.resource(ref)["conferenceData"]["createRequest"]["requestId"] != first


def test_a_patch_replaces_the_attendees_so_that_everybody_is_asked_anew_and_a_room_stays(
    server: GoogleServer, office: Desk, hand: GoogleHand
) -> None:
    ref = office.calendar.ensure(KEY, 0, office.spec())
    hand.add(ref, {"email": "room@resource.example", "responseStatus": "accepted", "resource": True})
    hand.answer(office.mentor, ref, Rsvp.ACCEPTED)
    office.calendar.reschedule(ref, office.spec(LATER), seen(office, ref).etag)
    assert [(one["email"], one["responseStatus"]) for one in hand.resource(ref)["attendees"]] == [
        (office.mentor, "needsAction"),
        (office.mentee, "needsAction"),
        ("room@resource.example", "needsAction"),
    ]
    sent = next(call.body for call in server.calls if call.method == "calendar.events.patch")
    assert [one["responseStatus"] for one in sent["attendees"]] == ["needsAction"] * 3


def test_a_reschedule_takes_somebody_off_and_invites_somebody_else(
    server: GoogleServer, office: Desk, hand: GoogleHand
) -> None:
    server.join(office.stranger)
    ref = office.calendar.ensure(KEY, 0, office.spec())
    spec = office.spec()
    stranger = spec.attendees[1].model_copy(update={"address": office.stranger})
    other = spec.model_copy(update={"attendees": (spec.attendees[0], stranger)})
    moved = office.calendar.reschedule(ref, other, seen(office, ref).etag)
    assert moved.attendees == (office.mentor, office.stranger)
    assert [hand.has(who, moved) for who in (office.mentor, office.mentee, office.stranger)] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize("again", [False, True])
def test_a_reschedule_sent_twice_moves_once(
    server: GoogleServer, office: Desk, hand: GoogleHand, again: bool
) -> None:
    """Dropped, httplib2 sends it again and meets a 412 of its own making; reset, the next try does."""
    ref = office.calendar.ensure(KEY, 0, office.spec())
    etag = seen(office, ref).etag
    server.faults.extend([None, Loss.RESET_AFTER if again else Loss.DROPPED_AFTER])
    if again:
        with pytest.raises(AmbiguousError):
            office.calendar.reschedule(ref, office.spec(LATER), etag)
    office.calendar.reschedule(ref, office.spec(LATER), etag)
    assert (hand.resource(ref)["sequence"], seen(office, ref).start) == (1, LATER)
    assert server.store.mails.count((office.mentee, "change")) == 1


def test_another_change_with_an_etag_that_was_used_up_is_a_conflict(office: Desk) -> None:
    ref = office.calendar.ensure(KEY, 0, office.spec())
    etag = seen(office, ref).etag
    office.calendar.reschedule(ref, office.spec(LATER), etag)
    with pytest.raises(ConflictError):
        office.calendar.reschedule(ref, office.spec(LATER + HOUR), etag)
    assert seen(office, ref).start == LATER


def test_somebody_who_changes_the_event_between_our_read_and_write_wins(
    server: GoogleServer, office: Desk, hand: GoogleHand
) -> None:
    ref = office.calendar.ensure(KEY, 0, office.spec())
    etag = seen(office, ref).etag

    def answers(call: Call) -> None:
        if call.method == "calendar.events.patch":
            hand.answer(office.mentee, ref, Rsvp.DECLINED)

    server.fault = answers
    with pytest.raises(ConflictError):
        office.calendar.reschedule(ref, office.spec(LATER), etag)
    assert (seen(office, ref).start, seen(office, ref).rsvps[office.mentee]) == (TUESDAY, Rsvp.DECLINED)


def test_a_whole_day_made_by_the_organizer_is_read_and_can_be_given_an_hour_again(
    office: Desk, hand: GoogleHand
) -> None:
    ref = office.calendar.ensure(KEY, 0, office.spec())
    hand.make_whole_day(ref, date(2026, 3, 5), date(2026, 3, 6))
    now = seen(office, ref)
    midnight = datetime(2026, 3, 5, tzinfo=UTC)
    assert (now.start, now.end) == (midnight, midnight + timedelta(days=1))
    office.calendar.reschedule(ref, office.spec(LATER), now.etag)
    assert seen(office, ref).start == LATER


@pytest.mark.parametrize(("zone", "hour"), [("Europe/Paris", 23), ("Mars/Olympus", 0), ("", 0)])
def test_a_whole_day_begins_at_midnight_in_the_zone_it_names(
    office: Desk, hand: GoogleHand, zone: str, hour: int
) -> None:
    day, end = ({"date": f"2026-03-0{number}", "timeZone": zone} for number in (5, 6))
    hand.put(office.organizer, id="abcde", start=day, end=end)
    ref = EventRef(provider="google", organizer=office.organizer, id="abcde", key=KEY)
    assert seen(office, ref).start == datetime(2026, 3, 4 if hour else 5, hour, tzinfo=UTC)


def test_a_guest_who_deletes_the_event_has_declined_it(office: Desk, hand: GoogleHand) -> None:
    ref = office.calendar.ensure(KEY, 0, office.spec())
    hand.delete(office.mentee, ref)
    now = seen(office, ref)
    assert (now.rsvps[office.mentee], now.deleted_by) == (Rsvp.DECLINED, ())
    assert hand.has(office.mentor, ref)


def test_a_guest_taken_off_the_list_has_the_event_no_longer(office: Desk, hand: GoogleHand) -> None:
    ref = office.calendar.ensure(KEY, 0, office.spec())
    hand.take_off(office.mentee, ref)
    assert seen(office, ref).deleted_by == (office.mentee,)


def test_a_guest_listed_by_another_address_is_not_taken_for_missing(office: Desk, hand: GoogleHand) -> None:
    ref = office.calendar.ensure(KEY, 0, office.spec())
    hand.take_off(office.mentee, ref)
    hand.add(ref, {"email": "alias@corp.example", "responseStatus": "accepted"})
    now = seen(office, ref)
    assert (now.deleted_by, now.rsvps[office.mentee]) == ((), Rsvp.NEEDS_ACTION)


def test_a_guest_cannot_move_the_event_unless_guests_can_modify(server: GoogleServer, office: Desk) -> None:
    hand, to = GoogleHand(server), Window(start=LATER, end=LATER + HOUR)
    with pytest.raises(PermissionError):
        hand.move(office.mentee, office.calendar.ensure(KEY, 0, office.spec()), to)
    calendar = adapter(server, office.organizer, guests_can_modify=True)
    ref = calendar.ensure(KEY, 1, office.spec())
    hand.move(office.mentee, ref, to)
    now = calendar.get(ref)
    assert isinstance(now, Snapshot)
    assert (now.start, now.moved) == (LATER, {})


@pytest.mark.parametrize(
    ("spared", "told"),
    [((), ("mentor", "mentee")), (("mentor",), ("mentee",)), (("mentor", "mentee"), ())],
)
def test_a_cancellation_spares_some_the_notice(
    server: GoogleServer, office: Desk, hand: GoogleHand, spared: tuple[str, ...], told: tuple[str, ...]
) -> None:
    ref = office.calendar.ensure(KEY, 0, office.spec())
    office.calendar.cancel(ref, "", spare=[getattr(office, who).upper() for who in spared])
    cancelled = [who for who, what in server.store.mails if what == "cancellation"]
    assert cancelled == [getattr(office, who) for who in told]
    assert (hand.count(office.mentor), hand.count(office.mentee)) == (0, 0)
    assert not [what for _, what in server.store.mails if what == "change"]


def test_taking_the_spared_off_leaves_the_others_answers(
    server: GoogleServer, office: Desk, hand: GoogleHand
) -> None:
    ref = office.calendar.ensure(KEY, 0, office.spec())
    hand.answer(office.mentee, ref, Rsvp.ACCEPTED)
    server.faults.extend([None, None, Answer(503, "backendError")])
    with pytest.raises(AmbiguousError):
        office.calendar.cancel(ref, "", spare=[office.mentor])
    assert seen(office, ref).rsvps[office.mentee] is Rsvp.ACCEPTED
    office.calendar.cancel(ref, "", spare=[office.mentor])
    assert office.calendar.get(ref) == Gone()


@pytest.mark.parametrize("loss", [Loss.DROPPED_AFTER, Answer(404, "notFound"), Answer(410, "deleted")])
def test_a_delete_of_what_is_gone_is_done(server: GoogleServer, office: Desk, loss: Loss | Answer) -> None:
    ref = office.calendar.ensure(KEY, 0, office.spec())
    server.faults.append(loss)
    office.calendar.cancel(ref, "")


@pytest.mark.parametrize("spare", [(), ("mentor1@corp.example",)])
def test_a_cancellation_of_what_never_was_is_done(office: Desk, spare: tuple[str, ...]) -> None:
    ref = EventRef(
        provider="google",
        organizer=office.organizer,
        id="abcde",
        key=KEY,
        attendees=("mentor1@corp.example", "mentee1@corp.example"),
    )
    office.calendar.cancel(ref, "", spare)
    assert office.calendar.get(ref) == Gone()


def test_the_api_has_no_field_for_a_time_that_a_guest_proposes() -> None:
    """Where it gets one, `google_event` should read it into `Snapshot.proposed`."""
    folder = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
    schemas = json.loads((folder / "calendar.v3.json").read_text(encoding="utf-8"))["schemas"]
    told = json.dumps([schemas["Event"], schemas["EventAttendee"]]).lower()
    assert ("responsestatus" in told, "propos" in told, "counter" in told) == (True, False, False)
