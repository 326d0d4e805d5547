"""The pitfalls of Graph's subscriptions and delta queries."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from integrations.calendars.calendar import Rsvp, Snapshot
from integrations.calendars.notices import Hook, NoticeKind
from integrations.errors import AmbiguousError, GoneError, MisconfiguredError, RetryableError
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.graph_server import GraphServer
from tests.integrations.calendars.push_desk import (
    NOW,
    Listener,
    PushDesk,
    listening,
    microsoft_push,
    receiver,
)
from tests.integrations.calendars.wire import Answer, Loss


@pytest.fixture
def push(tenant: GraphServer, bureau: Desk) -> PushDesk:
    return microsoft_push(tenant, bureau)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def hook(listener: Listener) -> Iterator[Hook]:
    with receiver(listener) as hooks:
        yield hooks.of("microsoft")


def test_handshake_is_answered_for_both_urls(push: PushDesk, tenant: GraphServer, hook: Hook) -> None:
    push.notices.subscribe("", hook)
    assert tenant.subscriptions.handshakes == [200, 200]


@pytest.mark.parametrize(
    "answer", [PlainTextResponse("another token"), HTMLResponse("<p>hello</p>"), Response(status_code=202)]
)
def test_receiver_that_fails_the_handshake_gets_no_subscription(
    push: PushDesk, tenant: GraphServer, answer: Response
) -> None:
    app = Starlette(routes=[Route("/calendars/microsoft", lambda _: answer, methods=["POST"])])
    with listening(app) as url, pytest.raises(RetryableError, match="public_url"):
        push.notices.subscribe("", Hook(url=f"{url}/calendars/microsoft", token="t"))
    assert (push.alive(), len(tenant.subscriptions.handshakes)) == (0, 1)


def test_receiver_that_is_not_up_yet_is_tried_again(push: PushDesk) -> None:
    with listening(Starlette()) as url:
        pass
    with pytest.raises(RetryableError):
        push.notices.subscribe("", Hook(url=f"{url}/calendars/microsoft", token="t"))


def test_subscription_asks_for_no_longer_than_graph_allows(
    push: PushDesk, tenant: GraphServer, hook: Hook
) -> None:
    ends = push.notices.subscribe("", hook).expires_at
    assert timedelta(minutes=4100) < ends - datetime.now(UTC) < timedelta(minutes=4230)
    (body,) = [call.body for call in tenant.calls if call.method == "POST /subscriptions"]
    assert (body["changeType"], len(body["clientState"]) <= 128) == ("updated,deleted", True)


def test_own_bookings_are_not_pushed(
    push: PushDesk, tenant: GraphServer, hook: Hook, listener: Listener
) -> None:
    tenant.store.teams_after = 0
    push.notices.subscribe("", hook)
    push.desk.calendar.ensure("key", 0, push.desk.spec())
    push.pusher.settle()
    assert listener.heard == []


def test_notices_carry_immutable_ids(push: PushDesk, hook: Hook) -> None:
    ref = push.desk.calendar.ensure("key", 0, push.desk.spec())
    push.notices.subscribe("", hook)
    push.desk.hand.answer(push.desk.mentor, ref, Rsvp.DECLINED)
    push.pusher.settle()
    (notice,) = push.pusher.sent[-1].told["value"]
    assert notice["resourceData"]["id"] == ref.id


@pytest.mark.parametrize("loss", [Loss.DROPPED_AFTER, Loss.RESET_AFTER, Loss.BROKEN_AFTER])
def test_subscription_whose_answer_was_lost_is_ended_before_the_next(
    push: PushDesk, tenant: GraphServer, hook: Hook, loss: Loss
) -> None:
    tenant.faults.extend([None, loss])
    with pytest.raises(AmbiguousError):
        push.notices.subscribe("", hook)
    assert push.alive() == 1
    push.notices.subscribe("", hook)
    assert push.alive() == 1


def test_subscriptions_of_other_receivers_and_mailboxes_are_left_alone(
    push: PushDesk, tenant: GraphServer, hook: Hook, listener: Listener
) -> None:
    tenant.join("other@corp.example")
    with receiver(listener) as others:
        push.notices.subscribe("", others.of("microsoft"))
        push.notices.subscribe("", hook)
    owners = [one.owner for one in tenant.subscriptions.live()]
    assert owners == [push.desk.organizer, push.desk.organizer]


def test_leftovers_are_found_on_every_page(push: PushDesk, tenant: GraphServer, hook: Hook) -> None:
    push.notices.subscribe("", hook)
    (first,) = tenant.subscriptions.live()
    copies = [replace(first, id=f"left-{number}") for number in range(5)]
    tenant.subscriptions.alive.update({one.id: one for one in copies})
    tenant.subscriptions.page = 2
    made = push.notices.subscribe("", hook)
    assert [one.id for one in tenant.subscriptions.live()] == [made.id]


def test_renewal_is_a_patch_of_the_same_subscription(push: PushDesk, tenant: GraphServer, hook: Hook) -> None:
    old = push.notices.subscribe("", hook)
    assert push.notices.renew(old, "", hook).id == old.id
    assert tenant.methods()[-1] == "PATCH /subscriptions/{id}"


def test_subscription_that_graph_removed_cannot_be_renewed(
    push: PushDesk, tenant: GraphServer, hook: Hook
) -> None:
    old = push.notices.subscribe("", hook)
    tenant.subscriptions.alive.clear()
    with pytest.raises(GoneError):
        push.notices.renew(old, "", hook)


@pytest.mark.parametrize(
    "told",
    [
        ("missed", NoticeKind.MISSED),
        ("subscriptionRemoved", NoticeKind.REMOVED),
        ("reauthorizationRequired", NoticeKind.REAUTHORIZE),
    ],
)
def test_lifecycle_event_is_heard_as_what_it_is(
    push: PushDesk, tenant: GraphServer, hook: Hook, listener: Listener, told: tuple[str, NoticeKind]
) -> None:
    push.notices.subscribe("", hook)
    tenant.subscriptions.send_lifecycle(told[0])
    push.pusher.settle()
    assert listener.heard == [("microsoft", told[1])]


def test_renewal_lets_a_subscription_push_again_that_waited_for_its_reauthorization(
    push: PushDesk, tenant: GraphServer, hook: Hook, listener: Listener
) -> None:
    ref = push.desk.calendar.ensure("key", 0, push.desk.spec())
    old = push.notices.subscribe("", hook)
    tenant.subscriptions.send_lifecycle("reauthorizationRequired")
    push.desk.hand.answer(push.desk.mentor, ref, Rsvp.DECLINED)
    push.notices.renew(old, "", hook)
    push.desk.hand.answer(push.desk.mentor, ref, Rsvp.ACCEPTED)
    push.pusher.settle()
    assert listener.heard == [("microsoft", NoticeKind.REAUTHORIZE), ("microsoft", NoticeKind.CHANGED)]


def test_event_that_leaves_the_view_is_among_the_changes(push: PushDesk) -> None:
    ref = push.desk.calendar.ensure("key", 0, push.desk.spec())
    cursor = push.notices.changes(None, NOW).cursor
    far = push.desk.spec(TUESDAY + timedelta(days=500))
    snapshot = push.desk.calendar.get(ref)
    assert isinstance(snapshot, Snapshot)
    push.desk.calendar.reschedule(ref, far, snapshot.etag)
    assert push.notices.changes(cursor, NOW).events == (ref.id,)


def test_view_that_has_aged_is_begun_anew(push: PushDesk) -> None:
    cursor = push.notices.changes(None, NOW).cursor
    assert not push.notices.changes(cursor, NOW + timedelta(days=179)).everything
    assert push.notices.changes(cursor, NOW + timedelta(days=181)).everything


@pytest.mark.parametrize(
    "fault",
    [Answer(410, "SyncStateNotFound"), Answer(400, "SyncStateInvalid"), Answer(410, "anything")],
)
def test_each_way_to_have_forgotten_means_everything(
    push: PushDesk, tenant: GraphServer, fault: Answer
) -> None:
    cursor = push.notices.changes(None, NOW).cursor
    tenant.faults.append(fault)
    assert push.notices.changes(cursor, NOW).everything


def test_link_is_followed_on_our_own_address(push: PushDesk, tenant: GraphServer) -> None:
    evil = {"value": [], "@odata.deltaLink": "https://elsewhere.example/v1.0/steal?$deltatoken=start~x"}
    tenant.faults.append(Answer(200, text=json.dumps(evil)))
    cursor = push.notices.changes(None, NOW).cursor
    assert "elsewhere" not in cursor
    assert push.desk.organizer not in cursor


def test_answer_without_a_link_is_read_again(push: PushDesk, tenant: GraphServer) -> None:
    tenant.faults.append(Answer(200, text=json.dumps({"value": []})))
    with pytest.raises(RetryableError):
        push.notices.changes(None, NOW)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Answer(403, "ErrorAccessDenied"), MisconfiguredError),
        (Answer(429, "ApplicationThrottled", {"Retry-After": "7"}), RetryableError),
        (Answer(502, "BadGateway"), AmbiguousError),
    ],
)
def test_refused_subscription_tells_why(
    push: PushDesk, tenant: GraphServer, hook: Hook, fault: Answer, error: type[Exception]
) -> None:
    tenant.faults.extend([None, fault])
    with pytest.raises(error) as caught:
        push.notices.subscribe("", hook)
    assert "corp.example" not in str(caught.value)


def test_view_lasts_more_than_a_year(push: PushDesk, tenant: GraphServer) -> None:
    push.notices.changes(None, NOW)
    query = tenant.calls[-1].query
    start, end = (datetime.fromisoformat(query[name]) for name in ("startDateTime", "endDateTime"))
    assert (start, end - start) == (NOW, timedelta(days=400))
    assert NOW == TUESDAY - 24 * HOUR
