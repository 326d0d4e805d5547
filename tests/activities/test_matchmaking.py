from datetime import timedelta

import pytest

from activities.matching import NextCandidate, ProposedPairs, ProposePairs, PublishedPairs, PublishPairs
from integrations.answers import Application, Form, MatchReview, OptIn, Purpose
from integrations.database.links import Link
from integrations.facts import Facts
from integrations.hr.events import PersonFacts, Status
from tests.activities.house import House

MENTEES = ("00025", "00076", "00103")
MENTORS = ("00510", "00521", "00527", "00530")
MATCHING = "digital-2026/1"


@pytest.fixture
def cohort(house: House) -> House:
    """Three managers who opted in and four selected mentors."""
    for person_id in MENTEES:
        answer(house, Purpose.OPT_IN, person_id, OptIn(choice="yes", interests=("2.4", "1.2")))
    for number, person_id in enumerate(MENTORS):
        strengths = {"2.4": 4 - number % 2, "1.2": 3}
        application = Application(choice="apply", motivation="m", strengths=strengths, languages=("fr",))
        answer(house, Purpose.APPLICATION, person_id, application)
        ref = house.person(person_id).ref
        house.books.programmes.set_mentor_status(house.programme.id, ref, "selected")
    return house


def answer(house: House, purpose: Purpose, person_id: str, form: Form, key: str = "k") -> str:
    person, now = house.person(person_id), house.clock.now()
    facts = Facts(programme="p", language="en", zone="UTC", role="r", reader=person.named)
    token = f"{purpose.value}/{person_id}/{key}"
    link = Link(
        purpose=purpose,
        person_ref=person.ref,
        programme_id=house.programme.id,
        life="life",
        ask_key=token,
        facts=facts,
        expires_at=now + timedelta(days=1),
    )
    house.books.links.issue(link, token)
    record = house.books.links.answer(token, form, now)
    return str(getattr(record, "id", record))


def propose(house: House) -> ProposedPairs:
    request = ProposePairs(programme_id=house.programme.id, matching_id=MATCHING)
    proposed: ProposedPairs = house.acts["propose_pairs"](request)
    return proposed


def publish(house: House, answer_id: str) -> PublishedPairs:
    request = PublishPairs(programme_id=house.programme.id, matching_id=MATCHING, answer_id=answer_id)
    published: PublishedPairs = house.acts["publish_pairs"](request)
    return published


def review(house: House, form: MatchReview, key: str = "1") -> str:
    return answer(house, Purpose.MATCH_REVIEW, house.programme.coordinator, form, key)


def test_everybody_who_opted_in_gets_a_mentor_with_reasons(cohort: House) -> None:
    assert propose(cohort).pairs == len(MENTEES)
    content = cohort.books.pairings.matching(MATCHING)
    assert {pair["mentee"] for pair in content["pairs"]} == {cohort.person(one).ref for one in MENTEES}
    assert all(sum(pair["parts"].values()) == pair["score"] > 0 for pair in content["pairs"])
    assert all(pair["reasons"] for pair in content["pairs"])


def test_published_pairs_are_proposed_once_each(cohort: House) -> None:
    propose(cohort)
    word = review(cohort, MatchReview(choice="publish"))
    published = publish(cohort, word)
    assert published == publish(cohort, word)
    records = cohort.books.pairings.of_programme(cohort.programme.id)
    assert {record.id for record in records} == {pair.pairing_id for pair in published.pairs}
    assert all(pair.line_manager_ref for pair in published.pairs)


def test_pair_forbidden_in_the_review_is_solved_around(cohort: House) -> None:
    propose(cohort)
    pair = cohort.books.pairings.matching(MATCHING)["pairs"][0]
    forbidden = f"{pair['mentor']}:{pair['mentee']}"
    review(cohort, MatchReview(choice="solve-again", forbidden=(forbidden,)))
    assert propose(cohort).pairs == len(MENTEES)
    again = cohort.books.pairings.matching(MATCHING)["pairs"]
    assert forbidden not in {f"{one['mentor']}:{one['mentee']}" for one in again}


def test_pair_fixed_in_the_review_stands(cohort: House) -> None:
    propose(cohort)
    pairs = cohort.books.pairings.matching(MATCHING)["pairs"]
    used = {pair["mentor"] for pair in pairs}
    spare = next(ref for ref in (cohort.person(one).ref for one in MENTORS) if ref not in used)
    fixed = f"{spare}:{pairs[0]['mentee']}"
    review(cohort, MatchReview(choice="solve-again", fixed=(fixed,)))
    propose(cohort)
    again = cohort.books.pairings.matching(MATCHING)["pairs"]
    assert fixed in {f"{one['mentor']}:{one['mentee']}" for one in again}


def test_next_candidate_is_another_mentor_and_the_same_when_asked_again(cohort: House) -> None:
    propose(cohort)
    first = publish(cohort, review(cohort, MatchReview(choice="publish"))).pairs[0]
    cohort.books.pairings.set_status(first.pairing_id, "declined", 0, cohort.clock.now())
    request = NextCandidate(programme_id=cohort.programme.id, mentee_ref=first.mentee_ref, attempt=2)
    found = cohort.acts["next_candidate"](request).pair
    assert found == cohort.acts["next_candidate"](request).pair
    assert found.mentor_ref != first.mentor_ref
    assert found.pairing_id.endswith("/2")


def test_mentor_who_left_is_not_proposed(cohort: House) -> None:
    for person_id in MENTORS[1:]:
        gone = PersonFacts(person_id=person_id, status=Status.LEFT)
        cohort.books.directory.apply([gone], cohort.clock.now(), "left")
    proposed = propose(cohort)
    assert (proposed.pairs, proposed.unmatched) == (1, 2)
    unmatched = cohort.books.pairings.matching(MATCHING)["unmatched"]
    assert all(one["reasons"] for one in unmatched)
