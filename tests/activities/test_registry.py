from datetime import UTC, date, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.directory import AppliedDelivery, ApplyDelivery, HandOverRoles, NewsKind, ReadTerms
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


def test_news_bear_the_stamp_of_what_they_tell(house: House) -> None:
    """Of two deliveries at once the later one may be told first; the lives go by the stamp."""
    pair(house)
    now = house.clock.now()
    leaves(house, "new", date(2026, 11, 30), occurred_at=now)
    late = leaves(house, "old", date(2026, 10, 1), occurred_at=now - timedelta(days=3))
    assert {news.stamp for news in late.news} == {(now, "new")}


@pytest.mark.parametrize(
    ("zone", "last_day"), [("Asia/Tokyo", date(2026, 10, 1)), (None, date(2026, 10, 1)), ("UTC", None)]
)
def test_leaver_without_a_day_leaves_on_the_day_it_is_where_they_are(
    house: House, zone: str | None, last_day: date | None
) -> None:
    """At eleven in the evening in London it is tomorrow in Paris, where the mentor works, and in Tokyo."""
    facts = PersonFacts(person_id=MENTOR)
    more = {"zone": zone} if zone else {}
    evening = datetime(2026, 9, 30, 23, tzinfo=UTC)
    deliver(house, "l", EventType.TERMINATED, changes=facts, occurred_at=evening, **more)
    leaver = house.books.directory.person(house.person(MENTOR).ref)
    assert leaver.end_date == (last_day or evening.date())


def test_applied_delivery_keeps_nothing_of_what_it_said_about_a_person(house: House) -> None:
    pair(house)
    leaves(house, "l", date(2026, 11, 30))
    event = house.books.deliveries.event("native", "l")
    assert (event.id, event.type, event.changes, event.person_id) == ("l", EventType.TERMINATED, None, None)


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


def test_who_leaves_is_told_to_the_programme_they_have_a_role_in(house: House) -> None:
    person_id = house.programme.coordinator
    facts = PersonFacts(person_id=person_id, end_date=date(2026, 11, 30))
    applied = deliver(house, "l", EventType.TERMINATED, changes=facts)
    assert f"programme/{house.programme.id}" in {news.life for news in applied.news}


def test_roles_are_handed_over_once_and_letters_name_the_stand_in(house: House) -> None:
    coordinator, deputy = house.programme.coordinator, house.programme.deputy
    request = HandOverRoles(programme_id=house.programme.id, person_ref=house.person(coordinator).ref)
    roles = [house.acts["hand_over_roles"](request) for _ in range(2)]
    assert {one.coordinator for one in roles} == {house.person(deputy).ref}
    assert roles[0].sponsor == house.person(house.programme.sponsor).ref
    kept = house.books.programmes.load(house.programme.id)
    assert (kept.coordinator, kept.deputy) == (deputy, deputy)
