"""A subscription is kept alive, whatever becomes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.noticing import KeepSubscription, KeptSubscription, ReadChanges
from tests.activities.notices.room import DAY, Room
from tests.integrations.calendars.graph_server import GraphServer
from tests.integrations.calendars.push_desk import (
    receiver,
)
from tests.integrations.calendars.wire import Answer, Loss


def test_first_subscription_is_made_and_kept(room: Room) -> None:
    kept = room.keep()
    (record,) = room.kept()
    assert (kept.is_new, kept.expires_at, room.push.alive()) == (True, record.expires_at, 1)
    assert kept.again_at is not None
    assert kept.again_at - record.made_at < kept.expires_at - record.made_at  # type: ignore[operator]
    assert room.heard(room.book("session/1")) == 1


def test_subscription_that_lives_long_enough_is_left_alone(room: Room) -> None:
    kept = room.keep()
    room.server.calls.clear()
    again = room.keep()
    assert (again.again_at, again.is_new, room.server.calls) == (kept.again_at, False, [])


def test_subscription_is_renewed_before_it_expires(room: Room) -> None:
    ref, kept = room.book("session/1"), room.keep()
    assert kept.expires_at is not None
    life = kept.expires_at - datetime.now(UTC)
    room.age(life * 2 / 3 + timedelta(minutes=1))
    again = room.keep()
    assert (again.is_new, room.push.alive(), len(room.kept())) == (False, 1, 1)
    assert again.expires_at is not None
    assert again.expires_at >= kept.expires_at
    assert room.heard(ref) == 1


def test_new_channel_is_opened_before_the_old_one_is_stopped(google_room: Room) -> None:
    google_room.keep()
    google_room.age(5 * DAY)
    google_room.server.calls.clear()
    google_room.keep()
    assert google_room.server.methods() == ["events.watch", "channels.stop"]


def test_subscription_that_expired_while_the_service_was_down_is_made_anew(room: Room) -> None:
    ref = room.book("session/1")
    room.keep()
    (first,) = room.kept()
    room.push.lapse()
    room.age(8 * DAY)
    kept = room.keep()
    assert (kept.is_new, room.push.alive(), len(room.kept())) == (True, 1, 1)
    assert room.kept()[0].id != first.id
    assert room.heard(ref) == 1


def test_subscription_that_graph_removed_is_made_anew(microsoft_room: Room) -> None:
    ref = microsoft_room.book("session/1")
    microsoft_room.keep()
    assert isinstance(microsoft_room.server, GraphServer)
    microsoft_room.server.subscriptions.send_lifecycle("subscriptionRemoved")
    assert not microsoft_room.keep().is_new
    assert microsoft_room.keep(renew=True).is_new
    assert (microsoft_room.heard(ref), len(microsoft_room.kept())) == (1, 1)


def test_subscription_that_graph_will_not_renew_is_made_anew(microsoft_room: Room) -> None:
    ref = microsoft_room.book("session/1")
    microsoft_room.keep()
    microsoft_room.befall(Answer(400, "ExtensionError"))
    assert microsoft_room.keep(renew=True).is_new
    assert (microsoft_room.heard(ref), len(microsoft_room.kept())) == (1, 1)


def test_subscription_that_waits_for_its_reauthorization_is_renewed(microsoft_room: Room) -> None:
    ref = microsoft_room.book("session/1")
    microsoft_room.keep()
    assert isinstance(microsoft_room.server, GraphServer)
    microsoft_room.server.subscriptions.send_lifecycle("reauthorizationRequired")
    assert microsoft_room.heard(ref) == 0
    assert not microsoft_room.keep(renew=True).is_new
    assert microsoft_room.heard(ref) == 1


@pytest.mark.parametrize("loss", [Loss.DROPPED_AFTER, Loss.RESET_AFTER, Loss.BROKEN_AFTER])
def test_subscription_whose_answer_was_lost_leaves_one_behind(room: Room, loss: Loss) -> None:
    room.befall(*([None] if isinstance(room.server, GraphServer) else []), loss)
    with pytest.raises(ApplicationError) as caught:
        room.keep()
    assert not caught.value.non_retryable
    assert room.push.alive() == 1
    assert room.keep().is_new
    assert (room.push.alive(), len(room.kept())) == (1, 1)


def test_act_that_broke_off_after_subscribing_leaves_one_behind(room: Room) -> None:
    room.keep()
    (record,) = room.kept()
    broken_off = record.model_copy(update={"resource": "", "expires_at": None})
    room.books.subscriptions.keep(broken_off)
    assert room.keep().is_new
    assert (room.push.alive(), len(room.kept())) == (1, 1)


def test_old_subscription_that_cannot_be_ended_now_is_ended_next_time(google_room: Room) -> None:
    google_room.keep()
    google_room.age(5 * DAY)
    google_room.befall(None, Answer(503, "backendError"))
    google_room.keep()
    assert (google_room.push.alive(), len(google_room.kept())) == (2, 2)
    google_room.keep()
    assert (google_room.push.alive(), len(google_room.kept())) == (1, 1)


def test_other_address_or_key_makes_another_subscription(room: Room) -> None:
    ref = room.book("session/1")
    room.keep()
    with receiver(room.listener, key="a newer key of the tests of push") as hooks:
        moved = replace(room, hooks=hooks)
        assert moved.keep().is_new
        assert (room.push.alive(), len(room.kept())) == (1, 1)
        assert moved.heard(ref) == 1


def test_push_that_is_not_used_any_more_is_ended(room: Room) -> None:
    room.keep()
    assert replace(room, hooks=None).keep() == KeptSubscription()
    assert (room.push.alive(), room.kept()) == (0, ())


def test_provider_that_is_not_connected_has_nothing_to_keep(room: Room) -> None:
    assert room.acts.keep_subscription(KeepSubscription(provider="caldav")) == KeptSubscription()
    with pytest.raises(ApplicationError) as caught:
        room.acts.read_changes(ReadChanges(provider="caldav"))
    assert caught.value.non_retryable
