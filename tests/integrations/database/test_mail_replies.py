"""What is mailed out and what comes back, in both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from integrations.calendars.calendar import Rsvp, Window
from integrations.database.bookings import Booking, BookingStatus
from integrations.database.mail_replies import MailInvitation, MailReplies, MailReply
from integrations.database.sql.database import Database

KEY = "pairing/digital/p/1/session/1/0"
NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WISH = Window(start=NOW + timedelta(days=2), end=NOW + timedelta(days=2, hours=1))


@pytest.fixture
def replies(database: Database) -> MailReplies:
    return database.mail_replies


def reply(minutes: int = 0, **told: object) -> MailReply:
    """A reply that was written so many minutes after NOW."""
    values: dict[str, object] = {
        "key": KEY,
        "generation": 0,
        "person_ref": "p-zoe",
        "sequence": 0,
        "stamp": NOW + minutes * MINUTE,
        "rsvp": Rsvp.DECLINED,
        "received_at": NOW + timedelta(hours=1),
    }
    return MailReply.model_validate({**values, **told})


def test_an_invitation_is_found_by_its_uid(replies: MailReplies) -> None:
    replies.invite("uid-1", KEY, 2, ["p-zoe"])
    replies.invite("uid-1", KEY, 2, ["p-zoe", "p-max"])
    replies.invite("uid-2", KEY, 3, ["p-zoe"])
    assert replies.invitation("uid-1") == MailInvitation(key=KEY, generation=2, refs=("p-max", "p-zoe"))
    assert replies.invitation("uid-3") is None


def test_a_reply_is_read_as_it_was_kept(replies: MailReplies) -> None:
    whole = reply(rsvp=Rsvp.TENTATIVE, proposed=WISH, sequence=3)
    assert replies.keep(whole)
    assert replies.replies(KEY, 0) == (whole,)
    assert replies.replies(KEY, 1) == replies.replies("other", 0) == ()


def test_each_person_has_one_reply(replies: MailReplies) -> None:
    for person in ("p-zoe", "p-max"):
        replies.keep(reply(person_ref=person))
    replies.keep(reply(1, rsvp=Rsvp.ACCEPTED))
    kept = {one.person_ref: one.rsvp for one in replies.replies(KEY, 0)}
    assert kept == {"p-max": Rsvp.DECLINED, "p-zoe": Rsvp.ACCEPTED}


@pytest.mark.parametrize(
    ("first", "second", "is_kept"),
    [
        (reply(0), reply(1, rsvp=Rsvp.ACCEPTED), True),
        (reply(1), reply(0, rsvp=Rsvp.ACCEPTED), False),
        (reply(5, sequence=0), reply(0, sequence=1, rsvp=Rsvp.ACCEPTED), True),
        (reply(0, sequence=1), reply(5, sequence=0, rsvp=Rsvp.ACCEPTED), False),
        (reply(0), reply(0), False),
        (reply(0), reply(0, rsvp=Rsvp.ACCEPTED), True),
    ],
)
def test_an_old_reply_never_overrides_a_newer_one(
    replies: MailReplies, first: MailReply, second: MailReply, is_kept: bool
) -> None:
    assert replies.keep(first)
    assert replies.keep(second) is is_kept
    assert replies.replies(KEY, 0) == (second if is_kept else first,)


def test_a_wish_outlives_the_answer_of_the_same_moment_alone(replies: MailReplies) -> None:
    replies.keep(reply(rsvp=Rsvp.TENTATIVE, proposed=WISH))
    assert replies.keep(reply(rsvp=Rsvp.DECLINED))
    assert replies.replies(KEY, 0)[0].proposed == WISH
    assert not replies.keep(reply(rsvp=Rsvp.DECLINED))
    assert replies.keep(reply(1, rsvp=Rsvp.ACCEPTED))
    assert replies.replies(KEY, 0)[0].proposed is None


def test_of_replies_at_once_the_latest_stays(replies: MailReplies) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda minute: replies.keep(reply(minute)), range(16)))
    assert replies.replies(KEY, 0)[0].stamp == NOW + 15 * MINUTE


def test_what_came_by_mail_is_destroyed_with_its_programme(database: Database, replies: MailReplies) -> None:
    for programme in ("digital", "other"):
        booking = Booking(
            key=f"{programme}/1",
            programme_id=programme,
            life=programme,
            kind="session",
            start=NOW,
            end=NOW + MINUTE,
            attendees=("p-zoe",),
            status=BookingStatus.BOOKED,
        )
        database.bookings.save(booking)
        replies.invite(f"uid of {programme}", booking.key, 0, ["p-zoe"])
        replies.keep(reply(key=booking.key))
    assert database.programmes.destroy_dossiers("digital") == 3
    assert (replies.invitation("uid of digital"), replies.replies("digital/1", 0)) == (None, ())
    assert replies.invitation("uid of other")
    assert len(replies.replies("other/1", 0)) == 1
