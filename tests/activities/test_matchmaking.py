from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.matching import NextCandidate, ProposedPairs, ProposePairs, PublishedPairs, PublishPairs
from activities.proposals import Proposal, Proposals
from activities.reviewing import ReviewSolver
from activities.rules.reasons import FIXED, in_words
from integrations.answers import Form, MatchReview, OptIn, Purpose, ReviewedProposal
from integrations.database.links import Link, LinkProblem
from integrations.database.pairings import PairingRecord
from integrations.facts import Facts
from integrations.hr.events import PersonFacts, Status
from integrations.programme_rules import QuotaRule
from integrations.web.resolving import Review, Solved
from tests.activities.applicants import MENTEES, MENTORS, answer, take_part
from tests.activities.house import House

MATCHING = "1"
REVIEW = f"match-review/{MATCHING}"


@pytest.fixture
def cohort(house: House) -> House:
    """Three managers who opted in and four selected mentors."""
    take_part(house.books, house.programme, house.clock.now())
    return house


@pytest.fixture
def contested(house: House) -> House:
    """Three managers who opted in and two selected mentors with one place each."""
    take_part(house.books, house.programme, house.clock.now(), mentors=MENTORS[:2])
    return house


def matching_id(house: House) -> str:
    return f"{house.programme.id}/{MATCHING}"


def propose(house: House) -> ProposedPairs:
    request = ProposePairs(programme_id=house.programme.id, matching_id=matching_id(house))
    proposed: ProposedPairs = house.acts["propose_pairs"](request)
    return proposed


def proposal(house: House) -> Proposal:
    """The newest proposal."""
    return Proposals(house.books.pairings).newest(matching_id(house)).proposal


def pairs(house: House) -> set[str]:
    return {pair.text for pair in proposal(house).pairs}


def publish(house: House, answer_id: str) -> PublishedPairs:
    request = PublishPairs(
        programme_id=house.programme.id, matching_id=matching_id(house), answer_id=answer_id
    )
    published: PublishedPairs = house.acts["publish_pairs"](request)
    return published


def published_pairs(published: PublishedPairs) -> set[str]:
    return {f"{pair.mentor_ref}:{pair.mentee_ref}" for pair in published.pairs}


def say(house: House, form: Form, key: str = "1") -> str:
    """The coordinator's answer to a review."""
    coordinator = house.person(house.programme.coordinator)
    return answer(house.books, house.programme, coordinator, form, house.clock.now(), key=key)


def link(house: House) -> Link:
    """The coordinator's link to the review."""
    reader = house.person(house.programme.coordinator)
    return Link(
        purpose=Purpose.MATCH_REVIEW,
        person_ref=reader.ref,
        programme_id=house.programme.id,
        life="life",
        ask_key=REVIEW,
        facts=Facts(programme="p", language="en", zone="UTC", role="r", reader=reader.named),
        expires_at=house.clock.now() + timedelta(days=1),
    )


def solver(house: House) -> ReviewSolver:
    return ReviewSolver(house.books, house.clock)


def shown(house: House) -> Review:
    """What the review page shows now."""
    review = solver(house).newest(link(house))
    assert isinstance(review, Review)
    return review


def solve_again(house: House, *, fixed: tuple[str, ...] = (), forbidden: tuple[str, ...] = ()) -> Review:
    wishes = MatchReview(choice="solve-again", fixed=fixed, forbidden=forbidden)
    shown_now = shown(house).proposal
    assert solver(house).solve_again(link(house), wishes, instead_of=shown_now) is Solved.DONE
    return shown(house)


def test_everybody_who_opted_in_gets_a_mentor_with_reasons(cohort: House) -> None:
    assert propose(cohort).pairs == len(MENTEES)
    found = proposal(cohort).pairs
    assert {pair.mentee_ref for pair in found} == {cohort.person(one).ref for one in MENTEES}
    assert all(sum(pair.parts.values()) == pair.score > 0 for pair in found)
    assert all(pair.reasons for pair in found)


def test_published_pairs_are_proposed_once_each(cohort: House) -> None:
    propose(cohort)
    word = say(cohort, MatchReview(choice="publish"))
    published = publish(cohort, word)
    assert published == publish(cohort, word)
    records = cohort.books.pairings.of_programme(cohort.programme.id)
    assert {record.id for record in records} == {pair.pairing_id for pair in published.pairs}
    assert all(pair.line_manager_ref for pair in published.pairs)


def has_last_day(house: House, person_id: str, day: date) -> str:
    """HR says that this is a person's last day, in Tokyo; returns their ref."""
    change = PersonFacts(person_id=person_id, end_date=day, zone="Asia/Tokyo")
    house.books.directory.apply([change], house.clock.now(), "hr/1")
    return house.person(person_id).ref


def test_published_pair_tells_the_last_day_of_who_is_known_to_leave(cohort: House) -> None:
    mentee = has_last_day(cohort, MENTEES[0], date(2028, 2, 29))
    propose(cohort)
    published = publish(cohort, say(cohort, MatchReview(choice="publish")))
    known = [pair.last_days for pair in published.pairs if pair.last_days]
    assert known == [{mentee: datetime(2028, 2, 29, 15, tzinfo=UTC)}]


def test_mentee_who_leaves_soon_is_paired_with_nobody_and_the_coordinator_reads_why(cohort: House) -> None:
    mentee = has_last_day(cohort, MENTEES[0], (cohort.clock.now() + timedelta(days=30)).date())
    propose(cohort)
    assert mentee not in {pair.mentee_ref for pair in proposal(cohort).pairs}
    (unmatched,) = [one for one in proposal(cohort).unmatched if one.ref == mentee]
    assert [in_words(reason, "en", {}) for reason in unmatched.reasons] == [
        "One of the two leaves too soon: 4 mentors of 4."
    ]
    published = publish(cohort, say(cohort, MatchReview(choice="publish")))
    assert mentee in published.unmatched


@pytest.mark.parametrize("fixed", [False, True])
def test_pair_of_whom_one_turns_out_to_leave_soon_is_published_only_if_it_was_fixed(
    cohort: House, *, fixed: bool
) -> None:
    propose(cohort)
    pair = next(one for one in proposal(cohort).pairs if one.mentee_ref == cohort.person(MENTEES[0]).ref)
    mentee = has_last_day(cohort, MENTEES[0], (cohort.clock.now() + timedelta(days=30)).date())
    word = MatchReview(choice="publish", fixed=(pair.text,) if fixed else ())
    published = publish(cohort, say(cohort, word))
    assert (pair.text in published_pairs(published)) == fixed
    assert (mentee in published.unmatched) != fixed


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_pairs_are_published_page_by_page(contested: House, most: int) -> None:
    propose(contested)
    word = say(contested, MatchReview(choice="publish"))
    pages, after = list[PublishedPairs](), ""
    while not pages or after:
        request = PublishPairs(
            programme_id=contested.programme.id,
            matching_id=matching_id(contested),
            answer_id=word,
            after=after,
            most=most,
        )
        page: PublishedPairs = contested.acts["publish_pairs"](request)
        assert page == contested.acts["publish_pairs"](request)
        assert len(page.pairs) + len(page.unmatched) <= most
        pages.append(page)
        after = page.rest
    assert len(pages) == -(-len(MENTEES) // most)
    whole = publish(contested, word)
    assert sum((page.pairs for page in pages), ()) == whole.pairs
    assert sum((page.unmatched for page in pages), ()) == whole.unmatched
    assert (len(whole.pairs), len(whole.unmatched), whole.rest) == (2, 1, "")


def test_pair_forbidden_by_letter_is_solved_around(cohort: House) -> None:
    propose(cohort)
    forbidden = min(pairs(cohort))
    say(cohort, MatchReview(choice="solve-again", forbidden=(forbidden,)))
    assert propose(cohort).pairs == len(MENTEES)
    assert forbidden not in pairs(cohort)
    assert [pair.text for pair in proposal(cohort).ruled_out] == [forbidden]


def test_pair_fixed_by_letter_stands(cohort: House) -> None:
    propose(cohort)
    fixed = unused_pair(cohort)
    say(cohort, MatchReview(choice="solve-again", fixed=(fixed,)))
    propose(cohort)
    assert fixed in pairs(cohort)


def unused_pair(house: House) -> str:
    """The mentor nobody has, with the first mentee."""
    found = proposal(house).pairs
    used = {pair.mentor_ref for pair in found}
    spare = next(ref for ref in (house.person(one).ref for one in MENTORS) if ref not in used)
    return f"{spare}:{found[0].mentee_ref}"


def test_review_shows_the_proposal_and_compares_nothing_before_it_is_solved_again(contested: House) -> None:
    propose(contested)
    review = shown(contested)
    told = {f"{pair.mentor.ref}:{pair.mentee.ref}" for pair in review.facts.pairs}
    assert told == pairs(contested)
    assert (len(review.facts.unmatched), review.compared, review.ruled_out) == (1, None, ())


def test_wishes_made_on_the_page_are_solved_under_and_kept(cohort: House) -> None:
    propose(cohort)
    before = shown(cohort)
    forbidden, fixed = min(pairs(cohort)), unused_pair(cohort)
    after = solve_again(cohort, fixed=(fixed,), forbidden=(forbidden,))
    assert after.proposal != before.proposal
    assert (after.fixed, after.forbidden) == ((fixed,), (forbidden,))
    assert fixed in pairs(cohort)
    assert forbidden not in pairs(cohort)
    stands = next(pair for pair in proposal(cohort).pairs if pair.text == fixed)
    assert next(reason.about for reason in stands.reasons) == FIXED
    assert len(after.ruled_out) == 1


def test_solving_again_tells_every_mentee_whose_mentor_changed(contested: House) -> None:
    propose(contested)
    before = {pair.mentee_ref: pair.mentor_ref for pair in proposal(contested).pairs}
    forbidden = min(pairs(contested))
    compared = solve_again(contested, forbidden=(forbidden,)).compared
    after = {pair.mentee_ref: pair.mentor_ref for pair in proposal(contested).pairs}
    assert compared is not None
    assert moves(compared.changes) == {
        ref: (before.get(ref), after.get(ref)) for ref in before | after if before.get(ref) != after.get(ref)
    }
    assert len(compared.changes) >= 2
    assert compared.points_after == sum(pair.score for pair in proposal(contested).pairs)
    assert compared.points_after <= compared.points_before


def moves(changes: object) -> Mapping[str, tuple[str | None, str | None]]:
    assert isinstance(changes, tuple)
    return {
        change.mentee.ref: (
            change.before.ref if change.before else None,
            change.after.ref if change.after else None,
        )
        for change in changes
    }


def test_solving_again_under_the_same_wishes_changes_nothing(cohort: House) -> None:
    propose(cohort)
    before = shown(cohort)
    again = solve_again(cohort)
    assert again.proposal == before.proposal
    assert again.compared is not None
    assert again.compared.changes == ()


def test_wish_taken_back_is_forgotten(cohort: House) -> None:
    propose(cohort)
    first = shown(cohort)
    solve_again(cohort, forbidden=(min(pairs(cohort)),))
    assert solve_again(cohort).proposal == first.proposal


def test_what_the_page_showed_is_published_even_if_it_was_solved_again_meanwhile(cohort: House) -> None:
    propose(cohort)
    old, read = pairs(cohort), shown(cohort).proposal
    solve_again(cohort, forbidden=(min(old),))
    assert pairs(cohort) != old
    word = say(cohort, ReviewedProposal(choice="publish", proposal=read))
    assert published_pairs(publish(cohort, word)) == old


def test_newest_proposal_is_published_as_the_page_showed_it(cohort: House) -> None:
    propose(cohort)
    forbidden = min(pairs(cohort))
    review = solve_again(cohort, forbidden=(forbidden,))
    word = say(cohort, ReviewedProposal(choice="publish", forbidden=(forbidden,), proposal=review.proposal))
    told = {f"{pair.mentor.ref}:{pair.mentee.ref}" for pair in review.facts.pairs}
    assert published_pairs(publish(cohort, word)) == told


def test_pair_forbidden_on_the_page_stays_forbidden_after_publishing(contested: House) -> None:
    propose(contested)
    forbidden = min(pairs(contested))
    review = solve_again(contested, forbidden=(forbidden,))
    publish(
        contested,
        say(contested, ReviewedProposal(choice="publish", forbidden=(forbidden,), proposal=review.proposal)),
    )
    for record in contested.books.pairings.of_programme(contested.programme.id):
        contested.books.pairings.set_status(record.id, "lapsed", 0, contested.clock.now())
    mentor, mentee = forbidden.split(":")
    request = NextCandidate(programme_id=contested.programme.id, mentee_ref=mentee, attempt=2)
    found = contested.acts["next_candidate"](request).pair
    assert found is None or found.mentor_ref != mentor


def test_review_that_somebody_else_has_decided_is_used_up(cohort: House) -> None:
    propose(cohort)
    mine = link(cohort)
    deputy = cohort.person(cohort.programme.deputy)
    cohort.books.links.issue(mine.model_copy(update={"person_ref": deputy.ref}), "the deputy's")
    cohort.books.links.answer("the deputy's", MatchReview(choice="publish"), cohort.clock.now())
    assert solver(cohort).newest(mine) is LinkProblem.USED


def test_page_shows_what_the_letter_told_where_the_proposal_is_gone(cohort: House) -> None:
    assert solver(cohort).newest(link(cohort)) == Review(link(cohort).facts)


def test_too_many_people_are_not_solved_while_somebody_waits(cohort: House) -> None:
    propose(cohort)
    before = shown(cohort)
    enough = len(MENTEES) * len(MENTORS)
    hurried = ReviewSolver(cohort.books, cohort.clock, most_cells=enough - 1)
    wishes = MatchReview(choice="solve-again", forbidden=(min(pairs(cohort)),))
    found = hurried.solve_again(link(cohort), wishes, instead_of=before.proposal)
    assert (found, shown(cohort)) == (Solved.TOO_MANY, before)
    patient = ReviewSolver(cohort.books, cohort.clock, most_cells=enough)
    assert patient.solve_again(link(cohort), wishes, instead_of=before.proposal) is Solved.DONE


def test_fewer_people_are_solved_while_somebody_waits_where_there_are_quotas(cohort: House) -> None:
    propose(cohort)
    before, cells = shown(cohort).proposal, len(MENTEES) * len(MENTORS)
    hurried = ReviewSolver(cohort.books, cohort.clock, most_quota_cells=cells - 1)
    wishes = MatchReview(choice="solve-again", forbidden=(min(pairs(cohort)),))
    rules = (QuotaRule(department=cohort.person(MENTEES[0]).department, at_most=3),)
    cohort.books.programmes.save(cohort.programme.model_copy(update={"quotas": rules}))
    assert hurried.solve_again(link(cohort), wishes, instead_of=before) is Solved.TOO_MANY
    cohort.books.programmes.save(cohort.programme)
    assert hurried.solve_again(link(cohort), wishes, instead_of=before) is Solved.DONE


def test_quotas_are_given_up_where_nobody_waits_any_more(cohort: House) -> None:
    propose(cohort)
    before, still = shown(cohort), iter((True, False))
    rules = (QuotaRule(department=cohort.person(MENTEES[0]).department, at_most=3),)
    cohort.books.programmes.save(cohort.programme.model_copy(update={"quotas": rules}))
    found = solver(cohort).solve_again(
        link(cohort),
        MatchReview(choice="solve-again"),
        instead_of=before.proposal,
        is_awaited=lambda: next(still),
    )
    assert (found, shown(cohort)) == (Solved.GIVEN_UP, before)


def test_wishes_about_an_older_proposal_are_not_solved(cohort: House) -> None:
    propose(cohort)
    read, wishes = shown(cohort).proposal, MatchReview(choice="solve-again")
    newest = solve_again(cohort, forbidden=(min(pairs(cohort)),))
    assert solver(cohort).solve_again(link(cohort), wishes, instead_of=read) is Solved.OUTDATED
    assert shown(cohort) == newest


def test_mentor_with_a_mentee_in_another_programme_has_a_place_less(cohort: House) -> None:
    other = cohort.programme.model_copy(update={"id": "digital-2025"})
    cohort.books.programmes.save(other)
    busy, mentee = cohort.person(MENTORS[0]).ref, cohort.person("00118").ref
    record = PairingRecord(
        id=f"pairing/{other.id}/{mentee}/1",
        programme_id=other.id,
        mentor_ref=busy,
        mentee_ref=mentee,
        score=0,
        status="confirmed",
        proposed_at=cohort.clock.now(),
    )
    cohort.books.pairings.propose(record)
    propose(cohort)
    assert busy not in {pair.mentor_ref for pair in proposal(cohort).pairs}
    cohort.books.pairings.set_status(record.id, "completed", 6, cohort.clock.now())
    propose(cohort)
    assert busy in {pair.mentor_ref for pair in proposal(cohort).pairs}


def test_first_word_on_a_review_is_the_one_that_counts(cohort: House) -> None:
    propose(cohort)
    first, second = sorted(pairs(cohort))[:2]
    for person_id, forbidden in ((cohort.programme.coordinator, first), (cohort.programme.deputy, second)):
        mine = link(cohort).model_copy(update={"person_ref": cohort.person(person_id).ref})
        cohort.books.links.issue(mine, person_id)
        word = MatchReview(choice="solve-again", forbidden=(forbidden,))
        cohort.books.links.answer(person_id, word, cohort.clock.now())
    propose(cohort)
    assert proposal(cohort).forbidden == (first,)


def test_running_pairs_are_neither_proposed_nor_started_again(cohort: House) -> None:
    propose(cohort)
    first = publish(cohort, say(cohort, MatchReview(choice="publish"))).pairs
    running, declined = first[0], first[1]
    cohort.books.pairings.set_status(running.pairing_id, "confirmed", 1, cohort.clock.now())
    cohort.books.pairings.set_status(declined.pairing_id, "declined", 0, cohort.clock.now())
    assert propose(cohort).pairs == 1
    again = publish(cohort, say(cohort, MatchReview(choice="publish"), "2")).pairs
    assert [pair.mentee_ref for pair in again] == [declined.mentee_ref]
    assert again[0].pairing_id == declined.pairing_id.removesuffix("/1") + "/2"
    assert again[0].mentor_ref != declined.mentor_ref


def test_mentee_who_got_somebody_between_review_and_publishing_keeps_them(cohort: House) -> None:
    propose(cohort)
    pair = proposal(cohort).pairs[0]
    other = next(cohort.person(one).ref for one in MENTORS if cohort.person(one).ref != pair.mentor_ref)
    cohort.books.pairings.propose(
        PairingRecord(
            id=f"pairing/{cohort.programme.id}/{pair.mentee_ref}/1",
            programme_id=cohort.programme.id,
            mentor_ref=other,
            mentee_ref=pair.mentee_ref,
            score=0,
            status="confirmed",
            proposed_at=cohort.clock.now(),
        )
    )
    published = publish(cohort, say(cohort, MatchReview(choice="publish")))
    assert pair.mentee_ref not in {one.mentee_ref for one in published.pairs}
    assert pair.mentee_ref not in published.unmatched


def test_proposing_gives_signs_of_life(cohort: House) -> None:
    assert beats_of_proposing(cohort)


def test_every_step_within_quotas_gives_a_sign_of_life(cohort: House) -> None:
    without = beats_of_proposing(cohort)
    rules = (QuotaRule(department="Nowhere", at_least=1),)
    cohort.books.programmes.save(cohort.programme.model_copy(update={"quotas": rules}))
    assert beats_of_proposing(cohort) >= without + 3


def beats_of_proposing(house: House) -> int:
    """How often the act tells that it lives."""
    beats = []
    environment = ActivityEnvironment()
    environment.on_heartbeat = lambda *details: beats.append(details)
    request = ProposePairs(programme_id=house.programme.id, matching_id=matching_id(house))
    assert environment.run(house.acts["propose_pairs"], request).pairs == len(MENTEES)
    return len(beats)


def test_next_candidate_is_another_mentor_and_the_same_when_asked_again(cohort: House) -> None:
    propose(cohort)
    first = publish(cohort, say(cohort, MatchReview(choice="publish"))).pairs[0]
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
    assert all(one.reasons for one in proposal(cohort).unmatched)


def test_wish_for_a_mentor_who_left_leaves_the_mentee_to_the_others(cohort: House) -> None:
    propose(cohort)
    pair = proposal(cohort).pairs[0]
    leaver = next(one for one in MENTORS if cohort.person(one).ref == pair.mentor_ref)
    gone = PersonFacts(person_id=leaver, status=Status.LEFT)
    cohort.books.directory.apply([gone], cohort.clock.now(), "left")
    solve_again(cohort, fixed=(pair.text,))
    assert pair.mentee_ref in {one.mentee_ref for one in proposal(cohort).pairs}


def leaves(house: House, ref: str) -> None:
    person_id = next(one for one, person in house.people.items() if person.ref == ref)
    gone = PersonFacts(person_id=person_id, status=Status.LEFT)
    house.books.directory.apply([gone], house.clock.now(), "left")


def test_mentor_who_left_between_review_and_publishing_is_given_to_nobody(cohort: House) -> None:
    propose(cohort)
    pair = proposal(cohort).pairs[0]
    leaves(cohort, pair.mentor_ref)
    published = publish(cohort, say(cohort, MatchReview(choice="publish")))
    assert pair.mentor_ref not in {one.mentor_ref for one in published.pairs}
    assert pair.mentee_ref in published.unmatched


def test_mentee_who_left_between_review_and_publishing_is_nobodys_task(cohort: House) -> None:
    propose(cohort)
    pair = proposal(cohort).pairs[0]
    leaves(cohort, pair.mentee_ref)
    published = publish(cohort, say(cohort, MatchReview(choice="publish")))
    assert len(published.pairs) == len(MENTEES) - 1
    assert pair.mentee_ref not in {*published.unmatched, *(one.mentee_ref for one in published.pairs)}


def test_pair_declined_between_review_and_publishing_is_not_proposed_again(cohort: House) -> None:
    propose(cohort)
    pair = proposal(cohort).pairs[0]
    record = PairingRecord(
        id=f"pairing/{cohort.programme.id}/{pair.mentee_ref}/1",
        programme_id=cohort.programme.id,
        mentor_ref=pair.mentor_ref,
        mentee_ref=pair.mentee_ref,
        score=0,
        status="declined",
        proposed_at=cohort.clock.now(),
    )
    cohort.books.pairings.propose(record)
    published = publish(cohort, say(cohort, MatchReview(choice="publish")))
    assert pair.mentee_ref in published.unmatched


def test_pair_one_of_which_would_rather_not_by_now_is_not_published(cohort: House) -> None:
    propose(cohort)
    first, second = proposal(cohort).pairs[:2]
    people = {person.ref: person for person in cohort.people.values()}
    for pair in (first, second):
        form = OptIn(choice="yes", rather_not_with=people[pair.mentor_ref].name)
        answer(cohort.books, cohort.programme, people[pair.mentee_ref], form, cohort.clock.now(), key="2")
    published = publish(cohort, say(cohort, MatchReview(choice="publish", fixed=(second.text,))))
    assert first.mentee_ref in published.unmatched
    assert second.text in published_pairs(published)


def test_mentor_taken_elsewhere_between_review_and_publishing_has_no_second_mentee(cohort: House) -> None:
    propose(cohort)
    pair = proposal(cohort).pairs[0]
    record = PairingRecord(
        id="pairing/another/p_1/1",
        programme_id="another",
        mentor_ref=pair.mentor_ref,
        mentee_ref="p_1",
        score=0,
        status="confirmed",
        proposed_at=cohort.clock.now(),
    )
    cohort.books.pairings.propose(record)
    published = publish(cohort, say(cohort, MatchReview(choice="publish")))
    assert pair.mentee_ref in published.unmatched
