"""What CalDAV adds to the contract: copies written by ourselves, and what people do to them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from integrations.calendars.caldav import CalDav
from integrations.calendars.calendar import Attendee, EventRef, Gone, Rsvp, Snapshot, Window
from integrations.calendars.ics import event_uid
from integrations.errors import AmbiguousError, ConflictError, GoneError, PersonUnavailableError
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.loopback import Loss, lossy
from tests.integrations.calendars.radicale import PASSWORD, USER, RadicaleHand, document

KEY = "pairing/p-1/session/3"
LATER = TUESDAY + timedelta(days=2)
MOVED = Window(start=LATER, end=LATER + HOUR)


def seen(calendar: CalDav, ref: EventRef) -> Snapshot:
    found = calendar.get(ref)
    assert isinstance(found, Snapshot)
    return found


def through(url: str) -> CalDav:
    return CalDav(url + "/{address}/calendar/", USER, PASSWORD, timeout_s=60)


def test_an_attendees_move_is_told_and_leaves_the_event(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    ref = caldav.ensure(KEY, 0, caldav_desk.spec())
    caldav_hand.move(caldav_desk.mentee, ref, MOVED)
    now = seen(caldav, ref)
    assert (now.start, now.moved) == (TUESDAY, {caldav_desk.mentee: MOVED})


def test_a_move_to_where_the_organizer_moved_too_is_none(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    ref = caldav.ensure(KEY, 0, caldav_desk.spec())
    caldav_hand.move(caldav_desk.organizer, ref, MOVED)
    caldav_hand.move(caldav_desk.mentor, ref, MOVED)
    assert seen(caldav, ref).moved == {}


def test_a_move_is_seen_after_a_reschedule(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    ref = caldav.ensure(KEY, 0, caldav_desk.spec())
    caldav.reschedule(ref, caldav_desk.spec(LATER), seen(caldav, ref).etag)
    back = Window(start=TUESDAY, end=TUESDAY + HOUR)
    caldav_hand.move(caldav_desk.mentor, ref, back)
    assert seen(caldav, ref).moved == {caldav_desk.mentor: back}


def test_a_deleted_copy_is_told_and_stays_deleted(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    ref = caldav.ensure(KEY, 0, caldav_desk.spec())
    caldav_hand.delete(caldav_desk.mentor, ref)
    caldav.ensure(KEY, 0, caldav_desk.spec())
    now = seen(caldav, ref)
    assert (now.deleted_by, now.rsvps[caldav_desk.mentor]) == ((caldav_desk.mentor,), Rsvp.NEEDS_ACTION)
    assert not caldav_hand.has(caldav_desk.mentor, ref)


def test_a_copy_called_off_by_its_person_counts_as_deleted(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    ref = caldav.ensure(KEY, 0, caldav_desk.spec())
    caldav_hand.call_off(caldav_desk.mentee, ref)
    assert seen(caldav, ref).deleted_by == (caldav_desk.mentee,)


def test_reschedule_writes_a_deleted_copy_again(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    ref = caldav.ensure(KEY, 0, caldav_desk.spec())
    caldav_hand.delete(caldav_desk.mentor, ref)
    caldav.reschedule(ref, caldav_desk.spec(LATER), seen(caldav, ref).etag)
    assert seen(caldav, ref).deleted_by == ()


def test_reschedule_without_somebody_takes_their_copy(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    ref = caldav.ensure(KEY, 0, caldav_desk.spec())
    alone = caldav_desk.spec(LATER).model_copy(update={"attendees": caldav_desk.spec().attendees[:1]})
    moved = caldav.reschedule(ref, alone, seen(caldav, ref).etag)
    assert moved.attendees == (caldav_desk.mentor,)
    assert not caldav_hand.has(caldav_desk.mentee, ref)


def test_an_event_called_off_by_the_organizer_is_gone(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    ref = caldav.ensure(KEY, 0, caldav_desk.spec())
    caldav_hand.call_off(caldav_desk.organizer, ref)
    assert caldav.get(ref) == Gone()
    with pytest.raises(GoneError):
        caldav.ensure(KEY, 0, caldav_desk.spec())


def test_cancel_keeps_nobodys_name(caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand) -> None:
    ref = caldav.ensure(KEY, 0, caldav_desk.spec())
    caldav.cancel(ref, "")
    left = caldav_hand.text(caldav_desk.organizer, ref)
    assert "STATUS:CANCELLED" in left
    assert not [word for word in ("Dupont", "Neill", "corp.example", "Digital") if word in left]


@pytest.mark.parametrize("uid", ["somebody-elses", event_uid(KEY, 0)])
def test_ensure_refuses_what_is_not_ours_in_its_place(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand, uid: str
) -> None:
    lines = "DTSTART:20260303T090000Z\nX-MENTORING-KEY:other\nX-MENTORING-GENERATION:0"
    caldav_hand.put_text(caldav_desk.organizer, event_uid(KEY, 0), document(uid, lines))
    with pytest.raises(ConflictError):
        caldav.ensure(KEY, 0, caldav_desk.spec())


def test_ensure_knows_its_event_without_x_properties(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    ref = caldav.ensure(KEY, 0, caldav_desk.spec())
    text = caldav_hand.text(caldav_desk.organizer, ref)
    lines = [line for line in text.splitlines() if not line.startswith("X-MENTORING")]
    caldav_hand.put_text(caldav_desk.organizer, ref.id, "\r\n".join((*lines, "")))
    assert caldav.ensure(KEY, 0, caldav_desk.spec()) == ref
    assert seen(caldav, ref).moved == {}


def test_an_attendee_without_calendar_carries_no_copy(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    spec = caldav_desk.spec()
    mixed = spec.model_copy(
        update={"attendees": (*spec.attendees, Attendee(address=caldav_desk.stranger, name="By mail"))}
    )
    ref = caldav.ensure(KEY, 0, mixed)
    assert ref.attendees == (caldav_desk.mentor, caldav_desk.mentee)
    assert caldav.ensure(KEY, 0, mixed) == ref
    assert seen(caldav, ref).deleted_by == ()
    assert f"mailto:{caldav_desk.stranger}" in caldav_hand.text(caldav_desk.mentor, ref).replace("\r\n ", "")


def test_an_organizer_who_attends_has_one_event(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    spec = caldav_desk.spec()
    office = Attendee(address=caldav_desk.organizer, name="Programme office")
    ref = caldav.ensure(KEY, 0, spec.model_copy(update={"attendees": (office, *spec.attendees)}))
    caldav_hand.answer(caldav_desk.organizer, ref, Rsvp.ACCEPTED)
    assert seen(caldav, ref).rsvps[caldav_desk.organizer] is Rsvp.ACCEPTED
    assert caldav_hand.count(caldav_desk.organizer) == 1


def test_an_organizer_without_calendar_leaves_nothing_behind(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    office = Attendee(address=caldav_desk.stranger, name="Programme office")
    with pytest.raises(PersonUnavailableError):
        caldav.ensure(KEY, 0, caldav_desk.spec().model_copy(update={"organizer": office}))
    assert caldav_hand.count(caldav_desk.mentor) == 0


def test_provision_twice_keeps_what_is_there(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    caldav.ensure(KEY, 0, caldav_desk.spec())
    caldav.provision(caldav_desk.mentor, "Europe/Paris")
    assert caldav_hand.count(caldav_desk.mentor) == 1


@pytest.mark.parametrize("loss", Loss)
@pytest.mark.parametrize("nth", [2, 3, 4])
def test_a_booking_that_broke_off_is_completed_once(
    radicale_url: str, caldav_desk: Desk, caldav_hand: RadicaleHand, nth: int, loss: Loss
) -> None:
    with lossy(radicale_url) as network:
        calendar = through(network.url)
        network.lose(nth, loss)
        with pytest.raises(AmbiguousError):
            calendar.ensure(KEY, 0, caldav_desk.spec())
        ref = calendar.ensure(KEY, 0, caldav_desk.spec())
        assert (seen(calendar, ref).moved, seen(calendar, ref).deleted_by) == ({}, ())
    people = (caldav_desk.organizer, caldav_desk.mentor, caldav_desk.mentee)
    assert [caldav_hand.count(who) for who in people] == [1, 1, 1]


def test_completing_a_booking_keeps_an_early_answer(
    radicale_url: str, caldav_desk: Desk, caldav_hand: RadicaleHand, caldav: CalDav
) -> None:
    with lossy(radicale_url) as network:
        network.lose(4, Loss.REQUEST)
        with pytest.raises(AmbiguousError):
            through(network.url).ensure(KEY, 0, caldav_desk.spec())
    ref = EventRef(provider="caldav", organizer=caldav_desk.organizer, id=event_uid(KEY, 0), key=KEY)
    caldav_hand.answer(caldav_desk.mentor, ref, Rsvp.DECLINED)
    done = caldav.ensure(KEY, 0, caldav_desk.spec())
    assert seen(caldav, done).rsvps[caldav_desk.mentor] is Rsvp.DECLINED


def test_a_booking_completed_for_another_hour_leaves_no_copy_behind(
    radicale_url: str, caldav_desk: Desk, caldav: CalDav
) -> None:
    with lossy(radicale_url) as network:
        network.lose(4, Loss.REQUEST)
        with pytest.raises(AmbiguousError):
            through(network.url).ensure(KEY, 0, caldav_desk.spec())
    now = seen(caldav, caldav.ensure(KEY, 0, caldav_desk.spec(LATER)))
    assert (now.start, now.moved) == (LATER, {})


def test_a_try_overtaken_by_another_adopts_its_event(
    radicale_url: str, caldav_desk: Desk, caldav: CalDav, caldav_hand: RadicaleHand
) -> None:
    with lossy(radicale_url) as network:
        network.before(2, lambda: caldav.ensure(KEY, 0, caldav_desk.spec()))
        ref = through(network.url).ensure(KEY, 0, caldav_desk.spec())
    assert ref == caldav.ensure(KEY, 0, caldav_desk.spec())
    assert caldav_hand.count(caldav_desk.mentor) == 1


def test_a_try_overtaken_by_a_cancellation_takes_its_copies_back(
    radicale_url: str, caldav_desk: Desk, caldav: CalDav, caldav_hand: RadicaleHand
) -> None:
    with lossy(radicale_url) as network:
        network.before(2, lambda: caldav.cancel(caldav.ensure(KEY, 0, caldav_desk.spec()), ""))
        with pytest.raises(GoneError):
            through(network.url).ensure(KEY, 0, caldav_desk.spec())
    people = (caldav_desk.organizer, caldav_desk.mentor, caldav_desk.mentee)
    assert [caldav_hand.count(who) for who in people] == [0, 0, 0]


@pytest.mark.parametrize("loss", Loss)
@pytest.mark.parametrize("nth", [2, 3, 4])
def test_a_change_that_broke_off_is_repeated_with_the_same_etag(
    radicale_url: str, caldav_desk: Desk, nth: int, loss: Loss
) -> None:
    with lossy(radicale_url) as network:
        calendar = through(network.url)
        ref = calendar.ensure(KEY, 0, caldav_desk.spec())
        before = seen(calendar, ref)
        network.lose(nth, loss)
        with pytest.raises(AmbiguousError):
            calendar.reschedule(ref, caldav_desk.spec(LATER), before.etag)
        after = seen(calendar, calendar.reschedule(ref, caldav_desk.spec(LATER), before.etag))
    assert (after.start, after.sequence, after.moved) == (LATER, before.sequence + 1, {})


def test_another_change_with_the_etag_of_the_last_is_stale(caldav: CalDav, caldav_desk: Desk) -> None:
    ref = caldav.ensure(KEY, 0, caldav_desk.spec())
    etag = seen(caldav, ref).etag
    caldav.reschedule(ref, caldav_desk.spec(LATER), etag)
    with pytest.raises(ConflictError):
        caldav.reschedule(ref, caldav_desk.spec(LATER + HOUR), etag)


def test_the_link_at_the_events_place_is_its_conference(caldav: CalDav, caldav_desk: Desk) -> None:
    link = "https://meet.example/abc"
    spec = caldav_desk.spec()
    refs = [
        caldav.ensure(place, 0, spec.model_copy(update={"location": place})) for place in (link, "Room 5")
    ]
    assert [seen(caldav, ref).conference for ref in refs] == [link, ""]


@pytest.mark.parametrize("loss", Loss)
@pytest.mark.parametrize("nth", [2, 3, 4])
def test_a_cancellation_that_broke_off_is_completed(
    radicale_url: str, caldav_desk: Desk, caldav_hand: RadicaleHand, nth: int, loss: Loss
) -> None:
    with lossy(radicale_url) as network:
        calendar = through(network.url)
        ref = calendar.ensure(KEY, 0, caldav_desk.spec())
        network.lose(nth, loss)
        with pytest.raises(AmbiguousError):
            calendar.cancel(ref, "")
        calendar.cancel(ref, "")
    people = (caldav_desk.organizer, caldav_desk.mentor, caldav_desk.mentee)
    assert [caldav_hand.has(who, ref) for who in people] == [False] * 3


def test_each_act_takes_few_calls(radicale_url: str, caldav_desk: Desk) -> None:
    with lossy(radicale_url) as network:
        calendar = through(network.url)
        ref = calendar.ensure(KEY, 0, caldav_desk.spec())
        etag = seen(calendar, ref).etag
        calendar.reschedule(ref, caldav_desk.spec(LATER), etag)
        calendar.free_busy(ref.attendees, MOVED)
        calendar.cancel(ref, "")
        expected = (
            ["GET", "PUT", "PUT", "PUT"],
            ["GET", "GET", "GET"],
            ["GET", "PUT", "PUT", "PUT"],
            ["REPORT", "REPORT"],
            ["GET", "PUT", "DELETE", "DELETE"],
        )
        assert network.methods == [method for act in expected for method in act]


def test_two_tries_at_once_make_one_event(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    with ThreadPoolExecutor(6) as threads:
        refs = list(threads.map(lambda _: caldav.ensure(KEY, 0, caldav_desk.spec()), range(6)))
    assert len(set(map(str, refs))) == 1
    people = (caldav_desk.organizer, caldav_desk.mentor, caldav_desk.mentee)
    assert [caldav_hand.count(who) for who in people] == [1, 1, 1]
