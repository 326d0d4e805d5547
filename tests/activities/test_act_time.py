"""How long an act on calendars takes at most, and what becomes of work that takes longer."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.appointments import ACT_S
from activities.keeping import Copies
from activities.scheduling import CancelMeetings
from integrations import deadline
from integrations.database.bookings import Booking, BookingStatus
from integrations.errors import InvalidError, RetryableError
from integrations.hr.events import PersonFacts
from tests.activities.crashing import Trial
from tests.activities.house import House
from workflows import policies

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MEETINGS = 30


@dataclass
class Watch:
    """A clock that goes on by hand."""

    now: float = 0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(deadline, "time", watch)
    return watch


class Slow(Trial):
    """A calendar that takes seconds for each meeting it cancels, and refuses some."""

    def __init__(self, house: House, watch: Watch, seconds: float, refused: str = "") -> None:
        super().__init__(house)
        cancel = self.calendar.delete

        def slowly(event_id: str) -> None:
            taken = deadline.left(seconds)
            watch.now += taken
            if taken < seconds:
                raise RetryableError("the calendar did not answer in time")
            if event_id == refused:
                raise InvalidError("the calendar refuses this one")
            cancel(event_id)

        self.calendar.delete = slowly  # type: ignore[method-assign]


def booked(trial: Trial, number: int, *, by_mail: tuple[str, ...] = ()) -> Booking:
    start = trial.house.clock.now() + number * DAY
    people = tuple(trial.house.person(one) for one in ("00510", "00025"))
    booking = Booking(
        key=f"pairing/digital-2026/p/1/session/{number}/0",
        programme_id=trial.house.programme.id,
        life="pairing/digital-2026/p/1",
        kind="session",
        start=start,
        end=start + HOUR,
        attendees=tuple(one.ref for one in people),
        by_mail=by_mail,
        status=BookingStatus.INTENDED,
    )
    trial.house.books.bookings.save(booking)
    copies = Copies(trial.house.books.bookings)
    copies.read(booking.key)
    return trial.acts._finish(copies, booking)


def left(trial: Trial) -> int:
    of_life = trial.house.books.bookings.of_life("pairing/digital-2026/p/1")
    return sum(one.status is not BookingStatus.CANCELLED for one in of_life)


def try_to_cancel(trial: Trial, keys: tuple[str, ...]) -> ApplicationError | None:
    try:
        trial.acts.cancel_meetings(CancelMeetings(keys=keys))
    except ApplicationError as error:
        return error
    return None


def tries(trial: Trial, keys: tuple[str, ...], watch: Watch) -> list[int]:
    """How many meetings each try leaves, until one succeeds; no try is longer than an act may be."""
    found: list[int] = []
    while True:
        started = watch.now
        error = try_to_cancel(trial, keys)
        assert watch.now - started <= ACT_S
        found.append(left(trial))
        if error is None:
            return found
        assert error.next_retry_delay == timedelta(seconds=1)
        assert not error.non_retryable


def test_an_act_ends_before_another_try_of_it_begins() -> None:
    for policy in (policies.CALENDAR, policies.LETTER):
        assert timedelta(seconds=ACT_S) < policy["start_to_close_timeout"]


def test_hundreds_of_cancels_go_on_where_a_try_has_ended(house: House, watch: Watch) -> None:
    trial = Slow(house, watch, seconds=2)
    keys = tuple(booked(trial, number).key for number in range(1, MEETINGS + 1))
    assert tries(trial, keys, watch) == [21, 12, 3, 0]
    assert not any(trial.calendar.live(key) for key in keys)


def test_a_server_so_slow_that_time_runs_out_half_way_is_asked_again_soon(house: House, watch: Watch) -> None:
    trial = Slow(house, watch, seconds=16)
    keys = tuple(booked(trial, number).key for number in range(1, 4))
    assert tries(trial, keys, watch) == [2, 1, 0]


def test_a_meeting_that_cannot_be_cancelled_keeps_no_other(house: House, watch: Watch) -> None:
    plain = Trial(house)
    refused = booked(plain, 1)
    assert refused.event
    trial = Slow(house, watch, seconds=1, refused=plain.calendar.live(refused.key)[0])
    trial.calendar.events = plain.calendar.events
    keys = tuple(booked(trial, number).key for number in range(2, 5))
    with pytest.raises(ApplicationError) as caught:
        trial.acts.cancel_meetings(CancelMeetings(keys=(refused.key, *keys)))
    assert caught.value.type == "InvalidError"
    assert left(trial) == 1


def test_a_letter_is_not_begun_when_the_time_is_nearly_up(house: House, watch: Watch) -> None:
    facts = [PersonFacts(person_id="00025", calendar_provider="none")]
    house.books.directory.apply(facts, house.clock.now(), "no calendar")
    trial = Slow(house, watch, seconds=ACT_S - 4)
    booking = booked(trial, 1, by_mail=(house.person("00025").ref,))
    request = CancelMeetings(keys=(booking.key,))
    with pytest.raises(ApplicationError) as caught:
        trial.acts.cancel_meetings(request)
    assert caught.value.type == "RetryableError"
    assert trial.post.told(booking.by_mail[0], "CANCEL") == set()
    trial.calendar.delete = trial.calendar.events.__contains__  # type: ignore[method-assign, assignment]
    trial.acts.cancel_meetings(request)
    assert trial.post.told(booking.by_mail[0], "CANCEL") == trial.post.told(booking.by_mail[0], "REQUEST")
