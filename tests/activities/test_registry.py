from datetime import UTC, date, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.directory import AppliedDelivery, ApplyDelivery, NewsKind, ReadTerms
from integrations.database.pairings import PairingRecord
from integrations.hr.events import EventType, HrEvent, PersonFacts
from integrations.programme import Site
from tests.activities.house import House

MENTOR, MENTEE = "00510", "00025"
PAIRING = "pairing/digital-2026/p/1"


def pair(house: House, status: str = "confirmed") -> None:
    record = PairingRecord(
        id=PAIRING,
        programme_id=house.programme.id,
        mentor_ref=house.person(MENTOR).ref,
        mentee_ref=house.person(MENTEE).ref,
        score=10,
        proposed_at=house.clock.now(),
    )
    house.books.pairings.propose(record)
    house.books.pairings.set_status(PAIRING, status, 0, house.clock.now())
    house.books.programmes.set_mentor_status(house.programme.id, record.mentor_ref, "certified")


def deliver(house: House, key: str, kind: EventType, **more: object) -> AppliedDelivery:
    content = {"id": key, "type": kind, "occurred_at": house.clock.now(), **more}
    event = HrEvent.model_validate(content)
    house.books.deliveries.receive("native", key, key, event, house.clock.now())
    applied: AppliedDelivery = house.acts["apply_delivery"](ApplyDelivery(source="native", key=key))
    return applied


def leaves(house: House, key: str, day: date | None, **more: object) -> AppliedDelivery:
    facts = PersonFacts(person_id=MENTOR, end_date=day)
    return deliver(house, key, EventType.TERMINATED, changes=facts, **more)


def test_terms_hold_refs_and_the_days_off_of_the_programmes_country(house: House) -> None:
    terms = house.acts["read_terms"](ReadTerms(programme_id=house.programme.id))
    assert terms.roles.trainer == house.person(house.programme.trainer).ref
    assert date(2026, 11, 11) in terms.holidays
    assert date(2026, 12, 24) in terms.holidays


def test_role_nobody_has_is_named(house: House) -> None:
    house.books.programmes.save(house.programme.model_copy(update={"trainer": "nobody"}))
    with pytest.raises(ApplicationError, match="person id of: trainer"):
        house.acts["read_terms"](ReadTerms(programme_id=house.programme.id))


def test_opened_programme_is_to_be_started(house: House) -> None:
    applied = deliver(house, "o", EventType.PROGRAMME_OPENED, programme_id=house.programme.id)
    assert applied.open_programme == house.programme.id


def test_unknown_programme_is_a_final_error(house: House) -> None:
    with pytest.raises(ApplicationError) as raised:
        deliver(house, "o", EventType.PROGRAMME_OPENED, programme_id="no-such-programme")
    assert raised.value.non_retryable


def test_leaver_is_told_to_every_running_life(house: House) -> None:
    pair(house)
    applied = leaves(house, "l", house.clock.now().date() - timedelta(days=1))
    mentor_life = f"mentor/{house.programme.id}/{house.person(MENTOR).ref}"
    assert {(news.life, news.kind) for news in applied.news} == {
        (PAIRING, NewsKind.LEFT),
        (mentor_life, NewsKind.LEFT),
    }


def test_later_departure_comes_with_the_end_of_the_last_day(house: House) -> None:
    pair(house)
    news = leaves(house, "l", date(2026, 11, 30)).news[0]
    assert (news.kind, news.effective) == (
        NewsKind.LEAVES_LATER,
        datetime(2026, 11, 30, 23, tzinfo=UTC),
    )


def test_rescinded_departure_restores_the_plan(house: House) -> None:
    pair(house)
    leaves(house, "l", date(2026, 11, 30))
    assert leaves(house, "m", None).news[0].kind is NewsKind.STAYS


def test_delivery_that_comes_late_tells_the_newest_state(house: House) -> None:
    pair(house)
    leaves(house, "new", date(2026, 11, 30))
    earlier = house.clock.now() - timedelta(days=3)
    applied = leaves(house, "old", date(2026, 10, 1), occurred_at=earlier)
    assert (applied.changed, applied.news[0].effective) == (0, datetime(2026, 11, 30, 23, tzinfo=UTC))


def test_repeated_delivery_tells_the_same_again(house: House) -> None:
    """The worker may be killed after the merge; whoever takes over must not keep the news to itself."""
    pair(house)
    leaves(house, "l", date(2026, 11, 30))
    again = house.acts["apply_delivery"](ApplyDelivery(source="native", key="l"))
    assert [news.kind for news in again.news] == [NewsKind.LEAVES_LATER] * 2


def test_ended_pairing_hears_nothing(house: House) -> None:
    pair(house, status="completed")
    applied = leaves(house, "l", date(2026, 11, 30))
    assert PAIRING not in {news.life for news in applied.news}


def test_backfill_changes_the_directory_and_tells_nobody(house: House) -> None:
    pair(house)
    applied = leaves(house, "l", date(2026, 11, 30), mode="backfill")
    assert (applied.changed, applied.news) == (1, ())


def test_stop_request_reaches_the_programme(house: House) -> None:
    stop = EventType.PROGRAMME_STOP_REQUESTED
    (news,) = deliver(house, "s", stop, programme_id=house.programme.id, stop_mode="drain").news
    assert (news.life, news.kind, news.mode) == (
        f"programme/{house.programme.id}",
        NewsKind.STOP_REQUESTED,
        "drain",
    )


def test_site_keeps_its_own_holidays(house: House) -> None:
    assert house.programme.sites["Montréal"] == Site(country="CA", subdivision="QC")
