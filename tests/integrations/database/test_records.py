import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from integrations.answers import Proposal, Purpose
from integrations.database.answers import AnswerRecord
from integrations.database.bookings import Booking, BookingStatus
from integrations.database.deliveries import Receipt
from integrations.database.ledger import Claim
from integrations.database.links import Link, LinkProblem
from integrations.database.pairings import PairingRecord
from integrations.database.sql.database import Database
from integrations.database.sql.tables import DeliveryRow
from integrations.database.tasks import TaskRecord
from integrations.errors import ConflictError, GoneError
from integrations.facts import Facts, Named
from integrations.hr.events import EventType, HrEvent, PersonFacts

NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)
FACTS = Facts(
    programme="Digital 2026",
    language="en",
    zone="UTC",
    role="mentee",
    reader=Named(ref="p_1", name="A", given_name="A"),
)


def link(person_ref: str = "p_1") -> Link:
    return Link(
        purpose=Purpose.PROPOSAL,
        person_ref=person_ref,
        programme_id="digital",
        life="pairing/digital/p_1/1",
        ask_key="proposal/mentee",
        facts=FACTS,
        expires_at=NOW + timedelta(days=14),
    )


def test_link_answers_once_whichever_of_its_tokens_is_used(database: Database) -> None:
    database.links.issue(link(), "first")
    database.links.issue(link(), "second")
    answer = database.links.answer("second", Proposal(choice="accept"), NOW)
    assert isinstance(answer, AnswerRecord)
    assert answer.choice == "accept"
    assert database.links.answer("first", Proposal(choice="decline"), NOW) is LinkProblem.USED
    assert database.links.open("second", NOW) is LinkProblem.USED
    assert [a.choice for a in database.answers.undelivered(10)] == ["accept"]
    database.answers.mark_delivered(answer.id, NOW)
    assert database.answers.undelivered(10) == ()


def test_link_refuses_unknown_and_expired_tokens(database: Database) -> None:
    database.links.issue(link(), "token")
    assert database.links.open("tokem", NOW) is LinkProblem.UNKNOWN
    assert database.links.open("token", NOW + timedelta(days=14)) is LinkProblem.EXPIRED
    assert database.links.open("token", NOW) == link()


def test_racing_answers_leave_one(database: Database) -> None:
    database.links.issue(link(), "token")
    with ThreadPoolExecutor(8) as pool:
        results = list(
            pool.map(lambda _: database.links.answer("token", Proposal(choice="accept"), NOW), range(16))
        )
    assert sum(isinstance(result, AnswerRecord) for result in results) == 1
    assert len(database.answers.of_programme("digital", Purpose.PROPOSAL)) == 1


def test_racing_claims_leave_one_new(database: Database) -> None:
    def claim(_: int) -> Claim:
        return database.ledger.claim("k", "agreement", "p_1", "digital", NOW)

    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(claim, range(16)))
    assert claims.count(Claim.NEW) == 1
    assert database.ledger.unsure("digital") == ("k",)
    database.ledger.mark_sent("k", "receipt", NOW)
    assert database.ledger.unsure("digital") == ()
    assert claim(0) is Claim.SENT
    assert [one.letter for one in database.ledger.sent("digital")] == ["agreement"]


def test_released_claim_is_new_again_but_a_sent_one_is_not(database: Database) -> None:
    database.ledger.claim("k", "agreement", "p_1", "digital", NOW)
    database.ledger.release("k")
    assert database.ledger.claim("k", "agreement", "p_1", "digital", NOW) is Claim.NEW
    database.ledger.mark_sent("k", "receipt", NOW)
    database.ledger.release("k")
    assert database.ledger.claim("k", "agreement", "p_1", "digital", NOW) is Claim.SENT


def test_booking_is_kept_whole_and_found_by_its_people(database: Database) -> None:
    booking = Booking(
        key="pairing/1/session/1",
        programme_id="digital",
        life="pairing/1",
        kind="session",
        number=1,
        start=NOW,
        end=NOW + timedelta(hours=1),
        attendees=("p_1", "p_2"),
        status=BookingStatus.BOOKED,
        by_mail=("p_2",),
        event='{"uid": "x"}',
        offers=(NOW + timedelta(days=1),),
    )
    database.bookings.save(booking)
    assert database.bookings.get(booking.key) == booking
    hour = timedelta(hours=1)
    assert database.bookings.meanwhile(("p_2",), NOW - hour, NOW + hour) == (booking,)
    assert database.bookings.meanwhile(("p_3",), NOW - hour, NOW + hour) == ()
    assert database.bookings.meanwhile(("p_2",), NOW + hour, NOW + 2 * hour) == ()


def intention(number: int) -> Booking:
    return Booking(
        key=f"pairing/{number}/session/1",
        programme_id="digital",
        life=f"pairing/{number}",
        kind="session",
        start=NOW,
        end=NOW + timedelta(hours=1),
        attendees=("coordinator", f"p_{number}"),
        status=BookingStatus.INTENDED,
    )


def test_racing_reservations_of_one_hour_leave_one(database: Database) -> None:
    with ThreadPoolExecutor(16) as threads:
        won = list(threads.map(lambda number: database.bookings.reserve(intention(number)), range(16)))
    assert won.count(True) == 1
    winner = intention(won.index(True))
    assert database.bookings.reserve(winner)
    database.bookings.save(winner.model_copy(update={"status": BookingStatus.CANCELLED}))
    assert database.bookings.reserve(intention(17))


def test_booking_is_replaced_only_by_who_has_read_it(database: Database) -> None:
    first = intention(1)
    database.bookings.replace(None, first)
    booked = first.model_copy(update={"status": BookingStatus.BOOKED, "event": "{}"})
    database.bookings.replace(first, booked)
    database.bookings.replace(first, booked)
    moving = booked.model_copy(update={"status": BookingStatus.MOVING, "sequence": 1})
    stale = [None, first, moving, booked.model_copy(update={"by_mail": ("p_1",)})]
    again = first.model_copy(update={"generation": 1})
    for read in stale:
        with pytest.raises(ConflictError):
            database.bookings.replace(read, again)
        with pytest.raises(ConflictError):
            database.bookings.reserve(again, read)
    assert database.bookings.get(first.key) == booked
    assert database.bookings.reserve(moving, booked)
    assert database.bookings.get(first.key) == moving
    with pytest.raises(ConflictError):
        database.bookings.replace(intention(2), intention(2).model_copy(update={"number": 2}))
    assert database.bookings.get(intention(2).key) is None


@pytest.mark.parametrize("is_new", [True, False])
def test_of_racing_replacements_one_is_kept(database: Database, *, is_new: bool) -> None:
    read = None if is_new else intention(1)
    if read:
        database.bookings.save(read)

    def is_kept(number: int) -> bool:
        try:
            database.bookings.replace(read, intention(1).model_copy(update={"sequence": number}))
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        won = list(threads.map(is_kept, range(1, 17)))
    assert won.count(True) == 1
    kept = database.bookings.get(intention(1).key)
    assert kept is not None
    assert kept.sequence == won.index(True) + 1


def test_pairing_is_proposed_once_and_keeps_its_status(database: Database) -> None:
    record = PairingRecord(
        id="pairing/digital/p_1/1",
        programme_id="digital",
        mentor_ref="p_2",
        mentee_ref="p_1",
        score=71,
        parts={"needs": 71},
        proposed_at=NOW,
    )
    database.pairings.propose(record)
    database.pairings.set_status(record.id, "confirmed", 2, NOW)
    database.pairings.propose(record)
    kept = record.model_copy(update={"status": "confirmed", "held": 2})
    assert database.pairings.of_programme("digital") == (kept,)
    assert database.pairings.of_person("p_1") == database.pairings.of_person("p_2") == (kept,)
    assert database.pairings.get(record.id) == kept
    with pytest.raises(GoneError):
        database.pairings.set_status("nobody", "confirmed", 0, NOW)


def proposed(number: int, *, programme: str = "digital") -> PairingRecord:
    return PairingRecord(
        id=f"pairing/{programme}/p_{number}/1",
        programme_id=programme,
        mentor_ref="p_mentor",
        mentee_ref=f"p_{number}",
        score=1,
        proposed_at=NOW,
    )


def test_last_place_of_a_mentor_goes_to_one_of_many_who_want_it(database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(lambda number: database.pairings.propose(proposed(number), 1), range(8)))
    assert kept.count(True) == 1
    winner = kept.index(True)
    assert database.pairings.propose(proposed(winner), 1)
    assert not database.pairings.propose(proposed(9, programme="other"), 1)
    database.pairings.set_status(proposed(winner).id, "declined", 0, NOW)
    assert database.pairings.propose(proposed(9, programme="other"), 1)


def test_task_opens_and_closes_once(database: Database) -> None:
    task = TaskRecord(
        key="t",
        kind="no-show",
        programme_id="digital",
        life="l",
        owner_ref="p_1",
        about_ref=None,
        opened_at=NOW,
    )
    database.tasks.open(task)
    database.tasks.close("t", "done", NOW)
    database.tasks.close("t", "waive", NOW)
    database.tasks.open(task)
    assert [t.outcome for t in database.tasks.of_programme("digital")] == ["done"]


def test_delivery_tells_a_repeat_from_a_clash(database: Database) -> None:
    event = HrEvent(id="m1", type=EventType.PROGRAMME_OPENED, occurred_at=NOW, programme_id="digital")
    receipts = [database.deliveries.receive("native", "m1", digest, event, NOW) for digest in ("a", "a", "b")]
    assert receipts == [Receipt.NEW, Receipt.SAME, Receipt.DIFFERENT]
    assert database.deliveries.event("native", "m1") == event
    assert database.deliveries.counts() == {"programme.opened": 1}


def test_settled_delivery_keeps_its_key_and_outcome_and_nothing_about_the_person(database: Database) -> None:
    facts = PersonFacts(person_id="00042", family_name="Dupont", end_date=date(2026, 12, 31))
    event = HrEvent(
        id="m1",
        type=EventType.TERMINATED,
        occurred_at=NOW,
        effective_on=date(2026, 12, 31),
        person_id="00042",
        changes=facts,
    )
    database.deliveries.receive("native", "m1", "a", event, NOW)
    assert database.deliveries.outcome("native", "m1") is None
    for _ in range(2):
        database.deliveries.settle("native", "m1", {"changed": 1})
    assert database.deliveries.outcome("native", "m1") == {"changed": 1}
    with database.store.session() as session:
        row = session.scalars(select(DeliveryRow)).one()
        assert (row.received_at, row.digest) == (NOW, "a")
        kept = json.dumps(row.event)
    assert [word for word in ("00042", "Dupont", "2026-12-31") if word in kept] == []
    assert database.deliveries.event("native", "m1").occurred_at == NOW
    assert database.deliveries.receive("native", "m1", "a", event, NOW) is Receipt.SAME
    database.deliveries.settle("native", "unknown", {})
    assert database.deliveries.outcome("native", "unknown") is None


def test_destroyed_dossiers_leave_who_was_paired_and_other_programmes(database: Database) -> None:
    for programme in ("digital", "other"):
        database.links.issue(
            link().model_copy(update={"programme_id": programme, "life": programme}), programme
        )
        database.links.answer(programme, Proposal(choice="accept"), NOW)
        database.ledger.claim(f"{programme}/k", "agreement", "p_1", programme, NOW)
        database.pairings.propose(
            PairingRecord(
                id=programme,
                programme_id=programme,
                mentor_ref="p_2",
                mentee_ref="p_1",
                score=1,
                proposed_at=NOW,
            )
        )
    assert database.programmes.destroy_dossiers("digital") == 4
    assert database.programmes.destroy_dossiers("digital") == 0
    assert database.answers.of_programme("digital", Purpose.PROPOSAL) == ()
    assert database.links.open("digital", NOW) is LinkProblem.UNKNOWN
    assert len(database.answers.of_programme("other", Purpose.PROPOSAL)) == 1
    assert len(database.pairings.of_programme("digital")) == 1
