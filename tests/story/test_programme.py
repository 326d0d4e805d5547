from collections import Counter

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

import worker
from activities.letters.catalogue import NUDGES
from integrations.calendars.ics import event_uid
from integrations.database.bookings import BookingStatus
from integrations.rehearsal.account import bookings_of, live_events, mails
from integrations.rehearsal.personas import PHRASES
from integrations.rehearsal.scene import ORGANIZER
from tests.story.canaries import found
from tests.story.conftest import KILL_AFTER_SESSIONS, PAIRINGS, Played


def test_killed_worker_changes_no_outcome(played: Played) -> None:
    assert played.kills == len(KILL_AFTER_SESSIONS)
    assert played.account.outcomes == {"completed": PAIRINGS}
    assert played.account.troubles == ()


def test_every_completed_pairing_held_six_sessions(played: Played) -> None:
    assert played.account.least_sessions_of_completed >= 6


def test_servers_count_what_the_service_counts(played: Played) -> None:
    assert [count for count in played.account.counts if not count.agrees] == []
    assert {count.asked for count in played.account.counts} == {"Temporal", "Radicale", "Maildir"}


def test_every_event_is_that_of_one_booking_and_no_other_is_left(played: Played) -> None:
    booked = [
        event_uid(one.key, one.generation)
        for one in bookings_of(played.books, played.account.programme_id)
        if one.status is BookingStatus.BOOKED
    ]
    events = live_events(played.scene.calendars.storage, ORGANIZER)
    uids = [str(event["UID"]) for document in events for event in document.walk("VEVENT")]
    assert sorted(uids) == sorted(booked)
    assert len(booked) > 8 * PAIRINGS


def test_nudges_never_arrive_twice(played: Played) -> None:
    """Any other letter may, where the worker was killed between the mail server's word and its own note."""
    nudges = {letter.value for letter in NUDGES}
    copies = Counter(one.message_id for one in mails(played.scene.mail.folder) if one.letter in nudges)
    assert len(copies) > 6 * PAIRINGS
    assert [letter for letter, count in copies.items() if count > 1] == []


async def test_every_history_replays(played: Played) -> None:
    replayer = Replayer(
        workflows=worker.LIVES,
        data_converter=pydantic_data_converter,
        workflow_runner=worker.runner(),
    )
    for history in played.histories:
        await replayer.replay_workflow(history)
    assert len(played.histories) > 2 * PAIRINGS


def test_nothing_personal_is_in_temporal_or_the_log(played: Played) -> None:
    canaries = [phrase for words in PHRASES.values() for phrase in words.values() if len(phrase) > 12]
    for person in played.books.directory.everybody():
        canaries += [person.address, person.name, person.family_name]
    texts = {
        "histories": b"".join(event.SerializeToString() for one in played.histories for event in one.events),
        "visibility": b"".join(played.visible),
        "server": b"".join(file.read_bytes() for file in played.scene.folder.glob("temporal/temporal.db*")),
        "log": b"".join(log.read_bytes() for log in played.scene.folder.glob("*.log")),
    }
    assert found(canaries, texts) == []
    assert b"pairing/" in texts["server"]
