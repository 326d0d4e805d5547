"""What every provider's push keeps to, and the tokens that prove a notice."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from integrations import deadline
from integrations.calendars.calendar import EventRef, Rsvp, Window
from integrations.calendars.notices import Hooks, NoticeKind
from integrations.errors import MisconfiguredError
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.google_server import GoogleServer
from tests.integrations.calendars.graph_server import GraphServer
from tests.integrations.calendars.push_desk import (
    KEY,
    NOW,
    Listener,
    PushDesk,
    google_push,
    microsoft_push,
    receiver,
)

LATER = Window(start=TUESDAY + 2 * HOUR, end=TUESDAY + 3 * HOUR)


@pytest.fixture(params=["google", "microsoft"])
def push(request: pytest.FixtureRequest) -> PushDesk:
    if request.param == "google":
        server: GoogleServer = request.getfixturevalue("server")
        office: Desk = request.getfixturevalue("office")
        return google_push(server, office)
    tenant: GraphServer = request.getfixturevalue("tenant")
    return microsoft_push(tenant, request.getfixturevalue("bureau"))


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def hooks(listener: Listener) -> Iterator[Hooks]:
    with receiver(listener) as hooks:
        yield hooks


def book(push: PushDesk, key: str = "session/1") -> EventRef:
    return push.desk.calendar.ensure(key, 0, push.desk.spec())


def cursor(push: PushDesk) -> str:
    return push.notices.changes(None, NOW).cursor


def test_change_is_pushed_to_the_receiver(push: PushDesk, hooks: Hooks, listener: Listener) -> None:
    ref = book(push)
    subscription = push.notices.subscribe("channel-1", hooks.of(push.provider))
    assert datetime.now(UTC) + timedelta(days=2) < subscription.expires_at
    assert subscription.expires_at < datetime.now(UTC) + timedelta(days=8)
    push.pusher.settle()
    assert listener.heard == []
    push.desk.hand.answer(push.desk.mentor, ref, Rsvp.DECLINED)
    push.pusher.settle()
    assert listener.heard == [(push.provider, NoticeKind.CHANGED)]


def test_each_thing_people_do_is_among_the_changes(push: PushDesk) -> None:
    desk = push.desk
    refs = {what: book(push, what) for what in ("answer", "move", "delete", "nothing", "call off")}
    since = cursor(push)
    desk.hand.answer(desk.mentor, refs["answer"], Rsvp.ACCEPTED)
    desk.hand.move(desk.organizer, refs["move"], LATER)
    desk.hand.delete(desk.mentee, refs["delete"])
    desk.hand.delete(desk.organizer, refs["call off"])
    seen = push.notices.changes(since, NOW)
    wanted = {refs[what].id for what in ("answer", "move", "delete", "call off")}
    assert (set(seen.events), seen.everything, seen.more) == (wanted, False, False)


def test_changes_are_told_once_on_a_new_cursor_and_again_on_the_old(push: PushDesk) -> None:
    ref, since = book(push), cursor(push)
    push.desk.hand.answer(push.desk.mentor, ref, Rsvp.ACCEPTED)
    seen = push.notices.changes(since, NOW)
    assert push.notices.changes(seen.cursor, NOW).events == ()
    assert push.notices.changes(since, NOW).events == seen.events != ()


def test_first_reading_means_everything_and_lists_nothing(push: PushDesk) -> None:
    book(push)
    seen = push.notices.changes(None, NOW)
    assert (seen.events, seen.everything, seen.more) == ((), True, False)


def test_forgotten_cursor_means_everything_from_now_on(push: PushDesk) -> None:
    ref, since = book(push), cursor(push)
    push.forget()
    seen = push.notices.changes(since, NOW)
    assert (seen.events, seen.everything) == ((), True)
    push.desk.hand.answer(push.desk.mentor, ref, Rsvp.ACCEPTED)
    again = push.notices.changes(seen.cursor, NOW)
    assert (again.events, again.everything) == ((ref.id,), False)


@pytest.mark.parametrize("unreadable", ["", "[]", "{}", "a cursor of an older release", '{"since": 1}'])
def test_cursor_that_cannot_be_read_means_everything(push: PushDesk, unreadable: str) -> None:
    ref = book(push)
    seen = push.notices.changes(unreadable, NOW)
    assert (seen.events, seen.everything, seen.more) == ((), True, False)
    push.desk.hand.answer(push.desk.mentor, ref, Rsvp.ACCEPTED)
    assert push.notices.changes(seen.cursor, NOW).events == (ref.id,)


def test_pages_for_which_there_is_no_time_are_left_to_the_next_reading(push: PushDesk) -> None:
    since = cursor(push)
    refs = [book(push, f"session/{number}") for number in range(3)]
    push.pages_of(1)
    with deadline.within(6):
        first = push.notices.changes(since, NOW)
    assert (len(first.events), first.more) == (1, True)
    rest = push.notices.changes(first.cursor, NOW)
    assert {*first.events, *rest.events} == {ref.id for ref in refs}


def test_many_changes_come_in_pages_and_in_several_readings(push: PushDesk) -> None:
    since = cursor(push)
    refs = [book(push, f"session/{number}") for number in range(20)]
    push.pages_of(2)
    first = push.notices.changes(since, NOW)
    assert (len(first.events), first.more, first.everything) == (16, True, False)
    rest = push.notices.changes(first.cursor, NOW)
    assert (len(rest.events), rest.more) == (4, False)
    assert {*first.events, *rest.events} == {ref.id for ref in refs}


def test_first_reading_of_a_full_calendar_takes_several(push: PushDesk) -> None:
    for number in range(20):
        book(push, f"session/{number}")
    push.pages_of(2)
    first = push.notices.changes(None, NOW)
    assert (first.everything, first.more) == (True, True)
    rest = push.notices.changes(first.cursor, NOW)
    assert (rest.events, rest.everything, rest.more) == ((), False, False)


def test_change_while_the_first_reading_goes_on_is_not_missed(push: PushDesk) -> None:
    refs = [book(push, f"session/{number}") for number in range(20)]
    push.pages_of(2)
    first = push.notices.changes(None, NOW)
    push.desk.hand.answer(push.desk.mentor, refs[0], Rsvp.ACCEPTED)
    rest = push.notices.changes(first.cursor, NOW)
    assert push.notices.changes(rest.cursor, NOW).events == (refs[0].id,)


def test_stopped_subscription_pushes_no_more_and_may_be_stopped_again(
    push: PushDesk, hooks: Hooks, listener: Listener
) -> None:
    ref = book(push)
    subscription = push.notices.subscribe("channel-1", hooks.of(push.provider))
    push.notices.stop(subscription)
    push.notices.stop(subscription)
    push.desk.hand.answer(push.desk.mentor, ref, Rsvp.DECLINED)
    push.pusher.settle()
    assert (push.alive(), listener.heard) == (0, [])


def test_renewed_subscription_goes_on_pushing(push: PushDesk, hooks: Hooks, listener: Listener) -> None:
    ref = book(push)
    old = push.notices.subscribe("channel-1", hooks.of(push.provider))
    new = push.notices.renew(old, "channel-2", hooks.of(push.provider))
    assert new.expires_at >= old.expires_at
    if new.id != old.id:
        push.notices.stop(old)
    push.desk.hand.answer(push.desk.mentor, ref, Rsvp.DECLINED)
    push.pusher.settle()
    assert (push.alive(), listener.heard) == (1, [(push.provider, NoticeKind.CHANGED)])


def test_notice_is_sent_again_until_it_is_taken(push: PushDesk, hooks: Hooks, listener: Listener) -> None:
    ref = book(push)
    push.notices.subscribe("channel-1", hooks.of(push.provider))
    push.pusher.settle()
    listener.down, push.pusher.tries = True, 2
    push.desk.hand.answer(push.desk.mentor, ref, Rsvp.DECLINED)
    push.pusher.settle()
    assert push.pusher.answers[-2:] == [503, 503]
    listener.down = False
    push.desk.hand.answer(push.desk.mentor, ref, Rsvp.ACCEPTED)
    push.pusher.settle()
    assert (push.pusher.answers[-1], listener.refused, len(listener.heard)) == (202, 2, 1)


def test_notice_with_a_token_of_other_keys_is_refused(push: PushDesk, listener: Listener) -> None:
    ref = book(push)
    with receiver(listener) as hooks:
        forged = Hooks(hooks.of(push.provider).url.partition("/calendars")[0], ["a key of somebody else's"])
        push.notices.subscribe("channel-1", forged.of(push.provider))
        push.desk.hand.answer(push.desk.mentor, ref, Rsvp.DECLINED)
        push.pusher.settle()
    assert (push.pusher.answers[-1], listener.heard) == (401, [])


def test_token_is_known_by_its_provider_alone() -> None:
    hooks = Hooks("https://inbox.example", [KEY])
    token = hooks.of("google").token
    assert hooks.knows("google", token)
    assert not hooks.knows("microsoft", token)
    assert len(token) <= 128


@pytest.mark.parametrize("token", ["", "é", "=" * 48, "A" * 47, "A" * 48, "A" * 100_000, "\x00"])
def test_token_nobody_minted_is_not_known(token: str) -> None:
    assert not Hooks("https://inbox.example", [KEY]).knows("google", token)


def test_token_of_an_older_key_is_known_while_the_key_is_kept() -> None:
    old = Hooks("https://inbox.example", [KEY]).of("google").token
    rotated = Hooks("https://inbox.example", ["a newer key of the tests", KEY])
    assert rotated.knows("google", old)
    assert not Hooks("https://inbox.example", ["a newer key of the tests"]).knows("google", old)


def test_mark_changes_with_the_address_and_the_newest_key() -> None:
    marks = {
        Hooks(url, keys).mark(provider)
        for url in ("https://inbox.example", "https://other.example")
        for keys in ([KEY], ["a newer key of the tests", KEY])
        for provider in ("google", "microsoft")
    }
    assert len(marks) == 8
    assert Hooks("https://inbox.example/", [KEY]).mark("google") in marks


@pytest.mark.parametrize(
    ("url", "keys"),
    [("http://inbox.example", [KEY]), ("https://inbox.example", []), ("https://inbox.example", ["short"])],
)
def test_push_without_https_or_a_key_is_misconfigured(url: str, keys: list[str]) -> None:
    with pytest.raises(MisconfiguredError):
        Hooks(url, keys)
