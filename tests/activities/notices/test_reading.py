"""Changes become hints to the lives of the meetings."""

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.noticing import Hint
from integrations.calendars.calendar import EventRef
from integrations.database.bookings import BookingStatus
from tests.activities.notices.room import DAY, LIFE, Room
from tests.integrations.calendars.desk import HOUR
from tests.integrations.calendars.push_desk import (
    NOW,
)
from tests.integrations.calendars.wire import Answer


def test_change_becomes_a_hint_to_the_life_of_its_meeting(room: Room) -> None:
    refs = {key: room.book(key) for key in ("session/1", "session/2")}
    position = room.read().position
    room.decline(refs["session/2"])
    seen = room.read(position)
    assert seen.hints == (Hint(life=LIFE, meeting="session/2"),)
    assert room.read(seen.position).hints == ()


def test_repeat_from_the_same_position_tells_the_same_again(room: Room) -> None:
    ref, position = room.book("session/1"), room.read().position
    room.decline(ref)
    assert room.read(position) == room.read(position) != room.read(room.read(position).position)


def test_service_that_forgot_its_position_goes_on_from_the_oldest(room: Room) -> None:
    ref, first = room.book("session/1"), room.read().position
    room.decline(ref)
    second = room.read(first)
    again = room.read()
    assert (again.hints, again.position) == (second.hints, second.position)


def test_lost_notice_is_caught_up_by_the_next_reading(room: Room) -> None:
    ref = room.book("session/1")
    room.keep()
    position = room.read().position
    room.push.pusher.loses = lambda _: True
    assert room.heard(ref) == 0
    assert [hint.meeting for hint in room.read(position).hints] == ["session/1"]


def test_forgotten_sync_state_hints_at_every_meeting_that_stands(room: Room) -> None:
    room.book("session/1")
    room.book("session/2")
    room.book("cancelled", status=BookingStatus.CANCELLED)
    room.book("over", start=NOW - DAY, end=NOW - DAY + HOUR)
    room.book("elsewhere", event=EventRef(provider="other", organizer="o", id="x", key="k").model_dump_json())
    position = room.read().position
    room.push.forget()
    seen = room.read(position)
    assert (seen.everything, [hint.meeting for hint in seen.hints]) == (True, ["session/1", "session/2"])
    assert not room.read(seen.position).everything


def test_position_that_the_provider_refuses_begins_anew(room: Room) -> None:
    """Google answers 400 to a page of a list that has aged, Graph to a token it cannot read any more."""
    room.book("session/1")
    position = room.read().position
    room.befall(Answer(400, "badRequest"))
    seen = room.read(position)
    assert (seen.everything, [hint.meeting for hint in seen.hints]) == (True, ["session/1"])


@pytest.mark.parametrize(
    ("kind", "is_watched"),
    [("kick-off", True), ("closing-review", True), ("briefing", False), ("training", False)],
)
def test_only_meetings_of_a_pair_are_hinted_at(room: Room, kind: str, *, is_watched: bool) -> None:
    ref = room.book("meeting", kind=kind)
    position = room.read().position
    room.decline(ref)
    assert bool(room.read(position).hints) is is_watched


def test_events_that_are_no_meetings_of_ours_hint_at_nothing(room: Room) -> None:
    position = room.read().position
    room.push.desk.calendar.ensure("somebody else's", 0, room.push.desk.spec())
    assert room.read(position).hints == ()


def test_changes_that_cannot_be_read_are_tried_again(room: Room) -> None:
    room.befall(Answer(503, "ErrorServerBusy", {"Retry-After": "7"}))
    with pytest.raises(ApplicationError) as caught:
        room.read()
    assert (caught.value.non_retryable, caught.value.next_retry_delay) == (False, timedelta(seconds=7))
    assert room.read().everything
