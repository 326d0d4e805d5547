"""The pitfalls of Google's watch channels and sync tokens."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from integrations.calendars.calendar import Rsvp
from integrations.calendars.notices import Hook, Hooks, Subscription
from integrations.errors import (
    AmbiguousError,
    ConflictError,
    InvalidError,
    MisconfiguredError,
    RetryableError,
)
from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.google_server import Answer, GoogleServer
from tests.integrations.calendars.push_desk import NOW, Listener, PushDesk, google_push, receiver
from tests.integrations.calendars.wire import Loss


@pytest.fixture
def push(server: GoogleServer, office: Desk) -> PushDesk:
    return google_push(server, office)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def hook(listener: Listener) -> Iterator[Hook]:
    with receiver(listener) as hooks:
        yield hooks.of("google")


def test_sync_message_of_a_new_channel_starts_nothing(push: PushDesk, hook: Hook, listener: Listener) -> None:
    push.notices.subscribe("channel-1", hook)
    push.pusher.settle()
    assert (push.pusher.answers, listener.heard) == ([200], [])
    assert push.pusher.sent[0].headers["X-Goog-Resource-State"] == "sync"


def test_channel_lives_as_long_as_google_says_not_as_we_asked(
    push: PushDesk, server: GoogleServer, hook: Hook
) -> None:
    server.channels.longest = timedelta(hours=2)
    ends = push.notices.subscribe("channel-1", hook).expires_at
    assert abs(ends - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)


def test_channel_that_has_expired_pushes_no_more(
    push: PushDesk, server: GoogleServer, hook: Hook, listener: Listener
) -> None:
    ref = push.desk.calendar.ensure("key", 0, push.desk.spec())
    server.channels.longest = timedelta(milliseconds=1)
    old = push.notices.subscribe("channel-1", hook)
    time.sleep(0.01)
    push.desk.hand.answer(push.desk.mentor, ref, Rsvp.DECLINED)
    push.pusher.settle()
    push.notices.stop(old)
    assert (push.alive(), listener.heard) == (0, [])


def test_renewal_opens_another_channel_before_the_old_one_ends(push: PushDesk, hook: Hook) -> None:
    old = push.notices.subscribe("channel-1", hook)
    new = push.notices.renew(old, "channel-2", hook)
    assert (new.id, push.alive()) == ("channel-2", 2)
    push.notices.stop(old)
    assert push.alive() == 1


@pytest.mark.parametrize("loss", [Loss.DROPPED_AFTER, Loss.RESET_AFTER, Loss.BROKEN_AFTER])
def test_channel_whose_answer_was_lost_can_be_stopped_with_the_next_ones_resource(
    push: PushDesk, server: GoogleServer, hook: Hook, loss: Loss
) -> None:
    server.faults.append(loss)
    with pytest.raises((AmbiguousError, ConflictError)):
        push.notices.subscribe("channel-1", hook)
    next_one = push.notices.subscribe("channel-2", hook)
    assert push.alive() == 2
    push.notices.stop(Subscription(id="channel-1", resource=next_one.resource, expires_at=NOW))
    assert push.alive() == 1


def test_request_that_httplib2_sends_twice_is_a_conflict(
    push: PushDesk, server: GoogleServer, hook: Hook
) -> None:
    push.desk.calendar.get(push.desk.calendar.ensure("key", 0, push.desk.spec()))
    server.faults.append(Loss.DROPPED_AFTER)
    with pytest.raises(ConflictError, match="channelIdNotUnique"):
        push.notices.subscribe("channel-1", hook)
    assert server.methods()[-2:] == ["events.watch", "events.watch"]


def test_id_that_was_used_before_is_a_conflict(push: PushDesk, hook: Hook) -> None:
    push.notices.subscribe("channel-1", hook)
    with pytest.raises(ConflictError):
        push.notices.subscribe("channel-1", hook)


def test_only_ids_of_appointments_are_asked_for(push: PushDesk, server: GoogleServer) -> None:
    push.notices.changes(push.notices.changes(None, NOW).cursor, NOW)
    fields = {call.query["fields"] for call in server.calls}
    assert fields == {"items/id,nextPageToken,nextSyncToken"}


def test_sync_token_goes_with_no_bound_in_time(push: PushDesk, server: GoogleServer) -> None:
    push.notices.changes(push.notices.changes(None, NOW).cursor, NOW)
    first, second = (call.query for call in server.calls)
    assert first["timeMin"] == "2026-03-02T09:00:00+00:00"
    assert "timeMin" not in second
    assert second["syncToken"]


def test_forgotten_sync_token_is_one_more_call(push: PushDesk, server: GoogleServer) -> None:
    cursor = push.notices.changes(None, NOW).cursor
    push.forget()
    server.calls.clear()
    push.notices.changes(cursor, NOW)
    assert ["syncToken" in call.query for call in server.calls] == [True, False]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Answer(400, "pushWebhookUrlNotHttps"), InvalidError),
        (Answer(401, "pushWebhookUrlUnauthorized"), MisconfiguredError),
        (Answer(403, "insufficientPermissions"), MisconfiguredError),
        (Answer(403, "rateLimitExceeded"), RetryableError),
        (Answer(503, "backendError"), AmbiguousError),
    ],
)
def test_refused_channel_tells_why(
    push: PushDesk, server: GoogleServer, hook: Hook, fault: Answer, error: type[Exception]
) -> None:
    # google-auth fetches another token after a 401, twice.
    server.faults.extend([fault] * 3)
    with pytest.raises(error) as caught:
        push.notices.subscribe("channel-1", hook)
    assert "corp.example" not in str(caught.value)
    assert hook.token not in str(caught.value)


def test_public_address_without_https_is_refused(push: PushDesk) -> None:
    with pytest.raises(InvalidError, match="pushWebhookUrlNotHttps"):
        push.notices.subscribe("channel-1", Hook(url="http://inbox.example/calendars/google", token="t"))


def test_answer_without_a_token_to_go_on_by_is_read_again(push: PushDesk, server: GoogleServer) -> None:
    server.faults.append(Answer(200, text=json.dumps({"items": []})))
    with pytest.raises(RetryableError):
        push.notices.changes(None, NOW)


def test_hooks_of_google_end_where_its_receiver_is() -> None:
    hook = Hooks("https://inbox.example/", ["a key of sixteen or more"]).of("google")
    assert hook.url == "https://inbox.example/calendars/google"
