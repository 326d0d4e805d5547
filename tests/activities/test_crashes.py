"""A worker dies before or after any one call; whoever takes over leaves one event or none, nobody misled."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Event

import pytest
from temporalio.exceptions import ApplicationError

from activities.scheduling import CancelMeetings, MeetingStatus, MoveMeeting
from integrations.calendars.calendar import EventRef, EventSpec
from integrations.calendars.ics import event_uid
from integrations.database.bookings import Booking, BookingStatus
from integrations.errors import AmbiguousError, RetryableError
from integrations.hr.events import PersonFacts
from tests.activities.crashing import Stored, Trial
from tests.activities.house import House

DAY = timedelta(days=1)
PEOPLE = ("00510", "00025", "00521")
Act = Callable[[Trial, str], None]
_numbers = count(1)


def book(trial: Trial, key: str) -> None:
    people = [trial.house.person(one) for one in PEOPLE]
    assert trial.acts.book_meeting(trial.house.meeting(key, *people)).booked


def cancel(trial: Trial, key: str) -> None:
    trial.acts.cancel_meetings(CancelMeetings(keys=(key,)))


def move(trial: Trial, key: str) -> None:
    """A move by a day, begun and perhaps broken off: the hour it left is known to whoever asks again."""
    booking, now = kept(trial, key), trial.house.clock.now()
    left = booking.start if booking.sequence == 0 else booking.start - DAY
    request = MoveMeeting(key=key, moved_from=left, earliest=now + DAY, latest=now + 14 * DAY)
    assert trial.acts.move_meeting(request).booked


_ENDS: Mapping[Act, BookingStatus] = {
    book: BookingStatus.BOOKED,
    move: BookingStatus.BOOKED,
    cancel: BookingStatus.CANCELLED,
}


def kept(trial: Trial, key: str) -> Booking:
    booking = trial.house.books.bookings.get(key)
    assert booking is not None
    return booking


def nothing(_trial: Trial, _key: str) -> None:
    """The meeting is to be booked for the first time."""


def generations_gone(trial: Trial, key: str) -> None:
    """Somebody has cancelled the events of two generations before."""
    book(trial, key)
    for generation in range(2):
        trial.calendar.events[event_uid(key, generation)] = trial.calendar.events[event_uid(key, 0)]
    trial.calendar.delete(event_uid(key, 0))
    intended = {"status": BookingStatus.INTENDED, "event": None, "by_mail": ()}
    trial.house.books.bookings.save(kept(trial, key).model_copy(update=intended))
    trial.post.letters.clear()


def deleted_half_way(trial: Trial, key: str) -> None:
    """A worker has died when all were invited, and somebody has cancelled the event."""
    book(trial, key)
    trial.house.books.bookings.save(kept(trial, key).model_copy(update={"status": BookingStatus.INTENDED}))
    trial.calendar.delete(event_uid(key, 0))


def deleted(trial: Trial, key: str) -> None:
    """The meeting is booked, and somebody has cancelled its event."""
    book(trial, key)
    trial.calendar.delete(event_uid(key, 0))


def misled(trial: Trial, key: str) -> list[str]:
    """Who believes in an event that is not there, or does not know of the one that is."""
    booking, live = kept(trial, key), set(trial.calendar.live(key))
    is_on = booking.status is BookingStatus.BOOKED
    assert len(live) == is_on
    return [
        ref
        for ref in (trial.house.person(one).ref for one in PEOPLE)
        if trial.post.told(ref, "REQUEST") - trial.post.told(ref, "CANCEL")
        != (live if ref in booking.by_mail else set())
    ]


@pytest.mark.parametrize("by_mail", [PEOPLE[2:], PEOPLE[1:]], ids=["one-by-mail", "two-by-mail"])
@pytest.mark.parametrize(
    ("before", "act", "again"),
    [
        (nothing, book, book),
        (nothing, book, cancel),
        (generations_gone, book, book),
        (generations_gone, book, cancel),
        (deleted_half_way, book, book),
        (deleted_half_way, book, cancel),
        (book, move, move),
        (book, move, cancel),
        (deleted, move, move),
        (deleted, move, cancel),
        (book, cancel, cancel),
        (book, cancel, book),
        (generations_gone, cancel, cancel),
        (deleted_half_way, cancel, cancel),
    ],
)
def test_one_event_or_none_wherever_a_worker_dies(
    house: House, before: Act, act: Act, again: Act, by_mail: tuple[str, ...]
) -> None:
    facts = [PersonFacts(person_id=one, calendar_provider="none") for one in by_mail]
    house.books.directory.apply(facts, house.clock.now(), "no calendar")
    for dies_at in count(1):
        trial, key = Trial(house), f"pairing/digital-2026/p/1/session/{next(_numbers)}/0"
        before(trial, key)
        trial.steps.taken, trial.steps.dies_at = 0, dies_at
        try:
            act(trial, key)
        except ApplicationError:
            trial.steps.dies_at = 0
            if house.books.bookings.get(key) or again is book:
                again(trial, key)
        survived, trial.steps.dies_at = trial.steps.dies_at > 0, 0
        if house.books.bookings.get(key):
            assert misled(trial, key) == [], f"the worker died at {dies_at}"
            assert kept(trial, key).status is _ENDS[act if survived else again]
            cancel(trial, key)
            assert misled(trial, key) == []
        if survived:
            break
    assert dies_at > 5


def one_by_mail(house: House) -> tuple[Trial, str]:
    facts = [PersonFacts(person_id=PEOPLE[2], calendar_provider="none")]
    house.books.directory.apply(facts, house.clock.now(), "no calendar")
    return Trial(house), f"pairing/digital-2026/p/1/session/{next(_numbers)}/0"


def is_off(trial: Trial, key: str) -> bool:
    """Whether the meeting is cancelled for everybody, and in the books."""
    is_cancelled = kept(trial, key).status is BookingStatus.CANCELLED
    return is_cancelled and misled(trial, key) == [] and trial.calendar.live(key) == []


@pytest.mark.parametrize(("before", "act", "call"), [(nothing, book, "ensure"), (book, move, "reschedule")])
@pytest.mark.parametrize("is_late", [False, True], ids=["before-the-call", "after-the-call"])
def test_who_was_overtaken_by_a_cancel_revives_nothing(  # noqa: PLR0913, PLR0917 - what is before, during and after
    house: House, monkeypatch: pytest.MonkeyPatch, before: Act, act: Act, call: str, is_late: bool
) -> None:
    """A worker was taken for dead and is not; the meeting is cancelled while it waits for the calendar."""
    trial, key = one_by_mail(house)
    before(trial, key)
    asked = getattr(trial.calendar, call)

    def overtaken(*args: object) -> object:
        monkeypatch.setattr(trial.calendar, call, asked)
        made = asked(*args) if is_late else None
        cancel(trial, key)
        return made or asked(*args)

    monkeypatch.setattr(trial.calendar, call, overtaken)
    with pytest.raises(ApplicationError):
        act(trial, key)
    assert is_off(trial, key)


def booked_and_cancelled(trial: Trial, key: str) -> None:
    book(trial, key)
    cancel(trial, key)


@pytest.mark.parametrize(
    ("before", "act", "meanwhile"), [(nothing, book, booked_and_cancelled), (book, move, cancel)]
)
def test_who_was_overtaken_while_looking_for_an_hour_revives_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, before: Act, act: Act, meanwhile: Act
) -> None:
    trial, key = one_by_mail(house)
    before(trial, key)
    asked = trial.calendar.free_busy

    def overtaken(*args: object) -> object:
        monkeypatch.setattr(trial.calendar, "free_busy", asked)
        found = asked(*args)  # type: ignore[arg-type]
        meanwhile(trial, key)
        return found

    monkeypatch.setattr(trial.calendar, "free_busy", overtaken)
    with pytest.raises(ApplicationError):
        act(trial, key)
    assert is_off(trial, key)


def test_event_that_is_being_cancelled_gets_no_new_generation(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one who cancels has done so at the vendor and not yet kept it, when the one who books hears it."""
    trial, key = one_by_mail(house)
    ensure, delete = trial.calendar.ensure, trial.calendar.cancel
    at_vendor, go_on = Event(), Event()
    others: list[Future[None]] = []
    first = iter([True])

    def cancelling(*args: object) -> None:
        delete(*args)  # type: ignore[arg-type]
        at_vendor.set()
        assert go_on.wait(60)

    with ThreadPoolExecutor(1) as threads:

        def ensuring(key: str, generation: int, spec: EventSpec) -> EventRef:
            if next(first, False):
                monkeypatch.setattr(trial.calendar, "cancel", cancelling)
                others.append(threads.submit(cancel, trial, key))
                assert at_vendor.wait(60)
            made = ensure(key, generation, spec)
            if generation:
                go_on.set()
                others[0].result()
            return made

        monkeypatch.setattr(trial.calendar, "ensure", ensuring)
        with pytest.raises(ApplicationError):
            book(trial, key)
        go_on.set()
        others[0].result()
    assert is_off(trial, key)


@pytest.mark.parametrize(("before", "act", "call"), [(nothing, book, "ensure"), (book, move, "reschedule")])
def test_what_was_written_after_a_cancel_goes_again(
    house: House, monkeypatch: pytest.MonkeyPatch, before: Act, act: Act, call: str
) -> None:
    """A provider that writes calendar by calendar may be cancelled in the midst of it, and go on."""
    trial, key = one_by_mail(house)
    before(trial, key)
    asked = getattr(trial.calendar, call)

    def overtaken(*args: object) -> object:
        monkeypatch.setattr(trial.calendar, call, asked)
        made = asked(*args)
        cancel(trial, key)
        written = next(one for one in args if isinstance(one, EventSpec))
        trial.calendar.events[made.id] = Stored(written)
        return made

    monkeypatch.setattr(trial.calendar, call, overtaken)
    with pytest.raises(ApplicationError):
        act(trial, key)
    assert is_off(trial, key)


def test_who_is_overtaken_by_a_twin_leaves_the_twins_event(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tries book one meeting; the slower one ends, and what both have made stays."""
    trial, key = one_by_mail(house)
    asked = trial.calendar.ensure

    def overtaken(key: str, generation: int, spec: EventSpec) -> EventRef:
        monkeypatch.setattr(trial.calendar, "ensure", asked)
        book(trial, key)
        return asked(key, generation, spec)

    monkeypatch.setattr(trial.calendar, "ensure", overtaken)
    with pytest.raises(ApplicationError):
        book(trial, key)
    assert kept(trial, key).status is BookingStatus.BOOKED
    assert misled(trial, key) == []


def test_meeting_whose_cancel_was_broken_off_is_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    trial, key = one_by_mail(house)
    book(trial, key)

    def refused(*_args: object) -> None:
        raise RetryableError("the calendar does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(trial.calendar, "cancel", refused)
        with pytest.raises(ApplicationError):
            cancel(trial, key)
    assert kept(trial, key).status is BookingStatus.CANCELLING
    assert trial.acts.look(key).status is MeetingStatus.CANCELLED
    now = house.clock.now()
    request = MoveMeeting(
        key=key, moved_from=kept(trial, key).start, earliest=now + DAY, latest=now + 14 * DAY
    )
    assert not trial.acts.move_meeting(request).booked
    cancel(trial, key)
    assert is_off(trial, key)


def test_cancel_that_broke_off_half_way_is_finished(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knew of the event yet: it is adopted to be cancelled, and one copy of it is left."""
    trial, key = one_by_mail(house)
    book(trial, key)
    intended = {"status": BookingStatus.INTENDED, "event": None, "by_mail": ()}
    house.books.bookings.save(kept(trial, key).model_copy(update=intended))
    trial.post.letters.clear()
    asked, copies = trial.calendar.cancel, ["left"]

    def broken(ref: EventRef, comment: str, spare: Sequence[str] = ()) -> None:
        monkeypatch.setattr(trial.calendar, "cancel", finishing)
        asked(ref, comment, spare)
        raise AmbiguousError("the answer was lost")

    def finishing(ref: EventRef, comment: str, spare: Sequence[str] = ()) -> None:
        asked(ref, comment, spare)
        copies.clear()

    monkeypatch.setattr(trial.calendar, "cancel", broken)
    with pytest.raises(ApplicationError):
        cancel(trial, key)
    cancel(trial, key)
    assert copies == []
    assert is_off(trial, key)
