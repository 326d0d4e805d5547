from datetime import UTC, datetime, timedelta

from integrations.database.bookings import Booking, BookingStatus
from integrations.database.sql.database import Database
from integrations.database.subscriptions import Position, SubscriptionRecord

NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)


def record(name: str, **changes: object) -> SubscriptionRecord:
    values: dict[str, object] = {
        "provider": "google",
        "organizer": "office@corp.example",
        "id": name,
        "hook": "mark",
        "made_at": NOW,
        **changes,
    }
    return SubscriptionRecord.model_validate(values)


def booking(key: str, **changes: object) -> Booking:
    values: dict[str, object] = {
        "key": key,
        "programme_id": "digital",
        "life": "pairing/digital/p_1/1",
        "kind": "session",
        "start": NOW + timedelta(hours=1),
        "end": NOW + timedelta(hours=2),
        "attendees": ("p_1", "p_2"),
        "status": BookingStatus.BOOKED,
        "event": "{}",
        **changes,
    }
    return Booking.model_validate(values)


def test_subscriptions_of_an_organizer_come_newest_first(database: Database) -> None:
    kept = database.subscriptions
    old, new = record("a"), record("b", made_at=NOW + timedelta(days=1), expires_at=NOW + timedelta(days=8))
    for one in (old, new, record("c", provider="microsoft"), record("d", organizer="other@corp.example")):
        kept.keep(one)
    assert kept.of("google", "office@corp.example") == (new, old)


def test_intended_subscription_becomes_the_one_that_was_made(database: Database) -> None:
    kept = database.subscriptions
    kept.keep(record("a"))
    made = record("a", resource="r", expires_at=NOW + timedelta(days=7))
    kept.keep(made)
    assert kept.of("google", "office@corp.example") == (made,)
    assert [made.is_alive(NOW), made.is_alive(NOW + timedelta(days=7)), record("a").is_alive(NOW)] == [
        True,
        False,
        False,
    ]


def test_forgotten_subscription_is_gone_and_may_be_forgotten_again(database: Database) -> None:
    kept = database.subscriptions
    kept.keep(record("a"))
    kept.forget("microsoft", "a")
    assert len(kept.of("google", "office@corp.example")) == 1
    kept.forget("google", "a")
    kept.forget("google", "a")
    assert kept.of("google", "office@corp.example") == ()


def test_position_and_the_one_before_are_kept(database: Database) -> None:
    kept, of = database.subscriptions, ("google", "office@corp.example")
    assert kept.position(*of, None) is None
    for number in (1, 2, 3):
        kept.advance(*of, Position(number=number, cursor=f"cursor {number}"))
    assert [kept.position(*of, number) for number in (1, 2, 3, 4)] == [
        None,
        Position(number=2, cursor="cursor 2"),
        Position(number=3, cursor="cursor 3"),
        None,
    ]
    assert kept.position(*of, None) == Position(number=2, cursor="cursor 2")


def test_position_that_is_reached_again_has_the_newer_cursor(database: Database) -> None:
    kept, of = database.subscriptions, ("google", "office@corp.example")
    for cursor in ("first", "x" * 20_000):
        kept.advance(*of, Position(number=1, cursor=cursor))
    assert kept.position(*of, 1) == Position(number=1, cursor="x" * 20_000)


def test_positions_of_calendars_are_apart(database: Database) -> None:
    kept = database.subscriptions
    kept.advance("google", "a@corp.example", Position(number=1, cursor="a"))
    kept.advance("google", "b@corp.example", Position(number=5, cursor="b"))
    kept.advance("microsoft", "a@corp.example", Position(number=9, cursor="c"))
    assert kept.position("google", "a@corp.example", None) == Position(number=1, cursor="a")


def test_standing_bookings_have_an_event_that_is_not_over_nor_cancelled(database: Database) -> None:
    for one in (
        booking("stands"),
        booking("moves", status=BookingStatus.MOVING),
        booking("goes on", start=NOW - timedelta(hours=1), end=NOW + timedelta(minutes=1)),
        booking("is over", start=NOW - timedelta(hours=2), end=NOW),
        booking("is cancelled", status=BookingStatus.CANCELLED),
        booking("is being cancelled", status=BookingStatus.CANCELLING),
        booking("has no event", status=BookingStatus.INTENDED, event=None),
    ):
        database.bookings.save(one)
    assert [one.key for one in database.bookings.standing(NOW)] == ["goes on", "moves", "stands"]
