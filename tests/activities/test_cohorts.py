"""The cohort as people and the programme file describe it: who is kept apart, liked, and what is needed."""

from datetime import timedelta
from typing import Literal

import pytest

from activities.cohorts import Cohorts
from activities.rules.cohort import Cohort, Quota, Side
from activities.rules.patience import Patience
from activities.rules.reasons import Code, in_words
from activities.solving import Solving, TooManyError
from integrations.answers import Application, Needs, OptIn
from integrations.database.pairings import PairingRecord
from integrations.errors import InvalidError
from integrations.hr.events import PersonFacts
from integrations.programme_rules import QuotaRule
from tests.activities.applicants import MENTEES, MENTORS, answer, take_part
from tests.activities.house import House

MENTEE, MENTOR = MENTEES[0], MENTORS[0]
STRENGTHS = {"2.4": 4, "1.2": 3}


@pytest.fixture
def house_with_people(house: House) -> House:
    """Three managers who opted in and four selected mentors."""
    take_part(house.books, house.programme, house.clock.now())
    return house


def cohort(house: House) -> Cohort:
    return Cohorts(house.books).of(house.programme.id, house.clock.now())


def opts_in(house: House, **more: str) -> None:
    """The mentee opts in once more, with other words."""
    form = OptIn(choice="yes", interests=("2.4", "1.2"), **more)
    answer(house.books, house.programme, house.person(MENTEE), form, house.clock.now(), key="again")


def applies(house: House, **more: str) -> None:
    """The mentor applies once more, with other words."""
    form = Application(choice="apply", motivation="m", strengths=STRENGTHS, languages=("fr",), **more)
    answer(house.books, house.programme, house.person(MENTOR), form, house.clock.now(), key="again")


def pair(house: House) -> tuple[str, str]:
    return house.person(MENTOR).ref, house.person(MENTEE).ref


def test_nobody_is_kept_apart_who_did_not_ask_for_it(house_with_people: House) -> None:
    found = cohort(house_with_people)
    assert (found.conflicts, found.quotas) == (frozenset(), ())
    assert not any(one.wishes for one in (*found.mentees, *found.mentors))


@pytest.mark.parametrize(
    "written", ["{address}", "{upper}", "{given} {family}", "{family}, {given}", "X <{address}>"]
)
@pytest.mark.parametrize("by_mentor", [True, False])
def test_whom_somebody_would_rather_not_have_is_a_conflict_whoever_said_it(
    house_with_people: House, written: str, by_mentor: bool
) -> None:
    house = house_with_people
    other = house.person(MENTEE if by_mentor else MENTOR)
    words = written.format(
        address=other.address, upper=other.address.upper(), given=other.given_name, family=other.family_name
    )
    (applies if by_mentor else opts_in)(house, rather_not_with=f"somebody\n  {words} ")
    assert cohort(house).conflicts == {pair(house)}


def test_conflict_is_solved_around_and_told_without_who_asked(house_with_people: House) -> None:
    house = house_with_people
    others = [house.person(one).address for one in MENTORS[1:]]
    opts_in(house, rather_not_with=";".join([*others, house.person(MENTOR).address]))
    solved = Solving(Cohorts(house.books), house.books.pairings, house.clock).propose(house.programme.id)
    (left,) = solved.unmatched
    assert left.ref == house.person(MENTEE).ref
    told = " ".join(in_words(reason, "en", {}) for reason in left.reasons)
    assert "Ruled out by a declared conflict: 4 mentors of 4." in told
    assert house.person(MENTEE).name not in told
    assert not any(miss.mentee_ref == left.ref for miss in solved.near_misses)


def test_name_that_nobody_has_is_counted_for_the_coordinator(house_with_people: House) -> None:
    house = house_with_people
    opts_in(house, rather_not_with=f"Nobody Atall\n{house.person(MENTOR).name}", rather_with="No One")
    solved = Solving(Cohorts(house.books), house.books.pairings, house.clock).propose(house.programme.id)
    assert [note.numbers for note in solved.notes if note.code is Code.UNKNOWN_NAMES] == [{"names": 1}]


def test_whom_people_like_is_a_wish_of_theirs(house_with_people: House) -> None:
    house = house_with_people
    opts_in(house, rather_with=house.person(MENTOR).name)
    applies(house, rather_with=house.person(MENTEES[1]).address)
    found = cohort(house)
    wishes = {one.ref: one.wishes for one in (*found.mentees, *found.mentors) if one.wishes}
    assert wishes == {
        house.person(MENTEE).ref: {house.person(MENTOR).ref},
        house.person(MENTOR).ref: {house.person(MENTEES[1]).ref},
    }


@pytest.mark.parametrize("choice", ["yes", "no"])
@pytest.mark.parametrize("applies_last", [True, False])
def test_what_one_wrote_on_another_form_stays_said(
    house_with_people: House, choice: Literal["yes", "no"], applies_last: bool
) -> None:
    house = house_with_people
    person, unliked, liked = house.person(MENTOR), house.person(MENTEE), house.person(MENTEES[1])
    silent = OptIn(choice=choice, interests=("2.4",), rather_not_with="Nobody Atall")
    if applies_last:
        answer(house.books, house.programme, person, silent, house.clock.now())
    words = f"{unliked.address}\nnobody  atall"
    applies(house, rather_not_with=words, rather_with=liked.address)
    if not applies_last:
        answer(house.books, house.programme, person, silent, house.clock.now())
    found = cohort(house)
    assert pair(house) in found.conflicts
    assert {one.ref: one.wishes for one in found.mentors if one.wishes} == {person.ref: {liked.ref}}
    assert Cohorts(house.books).unknown_names(house.programme.id) == 1


def test_whom_one_names_no_more_on_the_same_form_is_forgotten(house_with_people: House) -> None:
    house = house_with_people
    applies(house, rather_not_with=house.person(MENTEE).address, rather_with=house.person(MENTEES[1]).address)
    again = Application(choice="apply", motivation="m", strengths=STRENGTHS, languages=("fr",))
    answer(house.books, house.programme, house.person(MENTOR), again, house.clock.now(), key="third")
    assert cohort(house).conflicts == frozenset()
    assert not any(one.wishes for one in cohort(house).mentors)


@pytest.mark.parametrize("turned", [True, False])
def test_programme_file_keeps_people_apart(house_with_people: House, turned: bool) -> None:
    house = house_with_people
    both = (MENTOR, MENTEE) if turned else (MENTEE, MENTOR)
    programme = house.programme.model_copy(update={"apart": (both, ("nobody", MENTEE))})
    house.books.programmes.save(programme)
    assert cohort(house).conflicts == {pair(house)}


def test_quotas_of_the_file_count_by_what_they_name(house_with_people: House) -> None:
    house = house_with_people
    person, mentor = house.person(MENTEE), house.person(MENTOR)
    rules = (
        QuotaRule(department=person.department, at_most_percent=67, at_least=1),
        QuotaRule(side="mentors", site=mentor.site, at_least_percent=50),
    )
    house.books.programmes.save(house.programme.model_copy(update={"quotas": rules}))
    found = cohort(house)
    assert found.quotas == (
        Quota(person.department, Side.MENTEES, at_most=2, at_least=1),
        Quota(mentor.site, Side.MENTORS, at_least=2),
    )
    assert {one.ref: one.unit for one in found.mentees}[person.ref] == person.department
    assert {one.ref: one.unit for one in found.mentors}[mentor.ref] == mentor.site


def test_pairs_that_run_count_towards_a_quota(house_with_people: House) -> None:
    house = house_with_people
    person = house.person(MENTEE)
    rules = (QuotaRule(department=person.department, at_most=2, at_least=1),)
    house.books.programmes.save(house.programme.model_copy(update={"quotas": rules}))
    mentor, mentee = pair(house)
    record = PairingRecord(
        id="pairing/1",
        programme_id=house.programme.id,
        mentor_ref=mentor,
        mentee_ref=mentee,
        score=0,
        status="confirmed",
        proposed_at=house.clock.now(),
    )
    house.books.pairings.propose(record)
    assert cohort(house).quotas == (Quota(person.department, at_most=1, at_least=0),)


def test_quota_that_cannot_be_met_is_told_and_the_rest_is_matched(house_with_people: House) -> None:
    house = house_with_people
    rules = (QuotaRule(department="Nowhere", at_least=1),)
    house.books.programmes.save(house.programme.model_copy(update={"quotas": rules}))
    solved = Solving(Cohorts(house.books), house.books.pairings, house.clock).propose(house.programme.id)
    assert len(solved.pairs) == len(MENTEES)
    (missed,) = [note for note in solved.notes if note.code is Code.QUOTA_MISSED]
    assert (missed.about, missed.refs, missed.numbers) == ("mentees", ("Nowhere",), {"least": 1})


def test_quotas_for_too_many_people_are_refused_with_a_reason(house_with_people: House) -> None:
    house = house_with_people
    cells = len(MENTEES) * len(MENTORS)
    for quota_cells, quotas in ((cells, True), (cells - 1, False), (cells - 1, True)):
        rules = (QuotaRule(department="Finance", at_most=1),) if quotas else ()
        house.books.programmes.save(house.programme.model_copy(update={"quotas": rules}))
        solving = Solving(Cohorts(house.books), house.books.pairings, house.clock, quota_cells=quota_cells)
        if quotas and quota_cells < cells:
            with pytest.raises(InvalidError, match="quotas are for up to 2,000 mentees"):
                solving.propose(house.programme.id)
        else:
            assert len(solving.propose(house.programme.id).pairs) == len(MENTEES)


def test_quotas_that_take_too_long_are_refused_with_a_reason(house_with_people: House) -> None:
    house = house_with_people
    rules = (QuotaRule(department=house.person(MENTEE).department, at_most=1),)
    solving = Solving(Cohorts(house.books), house.books.pairings, house.clock)
    hurried = Patience(seconds=0)
    assert len(solving.propose(house.programme.id, patience=hurried).pairs) == len(MENTEES)
    house.books.programmes.save(house.programme.model_copy(update={"quotas": rules}))
    with pytest.raises(InvalidError, match=r"^the quotas are too hard to solve; take some of them out$"):
        solving.propose(house.programme.id, patience=hurried)
    with pytest.raises(TooManyError):
        solving.propose(house.programme.id, most_quota_cells=1_000, patience=hurried)


def test_note_about_who_would_change_speaks_of_the_quotas_where_there_are_some(
    house_with_people: House,
) -> None:
    house = house_with_people
    solving = Solving(Cohorts(house.books), house.books.pairings, house.clock)
    for rules, within in (((), ""), ((QuotaRule(department="Nowhere", at_most=1),), "within-quotas")):
        house.books.programmes.save(house.programme.model_copy(update={"quotas": rules}))
        notes = solving.propose(house.programme.id).notes
        (note,) = [note for note in notes if note.code is Code.TEMPTED]
        assert note.about.removeprefix("nobody").removeprefix("-") == within


def test_answers_about_needs_count_at_the_next_matching(house_with_people: House) -> None:
    house = house_with_people
    person = house.person(MENTEE)
    cohorts = Cohorts(house.books)
    assert cohorts.interests(house.programme.id, person.ref) == ("2.4", "1.2")
    form = Needs(choice="answered", q1=0, q2=3, q3=3, q4=3, q5=3, competences=("1.1", "2.4"))
    answer(house.books, house.programme, person, form, house.clock.now())
    needs = {one.ref: one.needs for one in cohort(house).mentees}
    assert needs[person.ref] == {"1.1": 80, "2.4": 20}
    assert needs[house.person(MENTEES[1]).ref] == {"1.2": 50, "2.4": 50}
    assert cohorts.interests(house.programme.id, person.ref) == ("1.1", "2.4")


@pytest.mark.parametrize("person_id", [MENTOR, MENTEE])
@pytest.mark.parametrize(("days", "stays"), [(1, True), (-2, False)])
def test_cohort_knows_who_leaves_too_soon_for_three_sessions(
    house_with_people: House, person_id: str, days: int, *, stays: bool
) -> None:
    house = house_with_people
    three_sessions = timedelta(days=3 * house.programme.timings.session_every_d)
    last = (house.clock.now() + three_sessions + timedelta(days=days)).date()
    change = PersonFacts(person_id=person_id, end_date=last)
    house.books.directory.apply([change], house.clock.now(), "hr/1")
    found = cohort(house)
    leaving = {one.ref for one in (*found.mentees, *found.mentors) if not one.stays}
    assert leaving == (set() if stays else {house.person(person_id).ref})
