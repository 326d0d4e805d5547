"""What a report tells of people: nothing that speaks of fewer than five, nor lets it be worked out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.letters import figures as words
from activities.letters.catalogue import Letter
from activities.letters.samples import sample_facts
from activities.reports import WriteReport
from activities.rules.figures import Figures
from integrations.answers import ClosingReview, FollowUp, Form, Goal, Goals, Pulse, Purpose
from integrations.database.pairings import PairingRecord
from integrations.web import figures as pages
from tests.activities.answering import answer
from tests.activities.house import House

PEOPLE = ("00510", "00521", "00527", "00530", "00552", "00496")
OF_SERVICE = {"sessions_held", "mentors_applied", "mentors_certified", "ideas"}


def report(house: House) -> tuple[dict[str, int], int]:
    written = house.acts["write_report"](WriteReport(programme_id=house.programme.id, report_id="r"))
    return dict(house.books.pairings.matching("r")["counts"]), written.withheld


def pulse(trust: int, useful: int) -> Pulse:
    return Pulse(choice="answered", trust_1=5, trust_2=trust, trust_3=trust, trust_4=5, useful=useful)


def review(level: int) -> ClosingReview:
    return ClosingReview(choice="answered", levels={"1": level}, trust_1=5, trust_2=5, trust_3=5, trust_4=5)


def later(would_again: str) -> FollowUp:
    return FollowUp.model_validate({"choice": "answered", "still_using": 4, "would_again": would_again})


def pairing(house: House, life: str, mentee_id: str, status: str = "completed", mentor: str = "") -> None:
    """A pairing that came to this; without a name its mentor is in no other."""
    now = house.clock.now()
    record = PairingRecord(
        id=life,
        programme_id=house.programme.id,
        mentor_ref=mentor or f"mentor of {life}",
        mentee_ref=house.person(mentee_id).ref,
        score=1,
        proposed_at=now,
    )
    house.books.pairings.propose(record)
    house.books.pairings.set_status(life, status, 0, now)


def with_goal(house: House, life: str, mentee_id: str, reached: int) -> None:
    """A pairing with a goal, and the level that its mentee says to have come to, from 1."""
    pairing(house, life, mentee_id)
    goal = Goal(competence="2.4", level_now=1, level_wanted=3, evidence="shares")
    answer(house, Purpose.GOALS, mentee_id, Goals(choice="propose", goals=(goal,)), life)
    answer(house, Purpose.CLOSING_REVIEW, mentee_id, review(reached), life)


# What people said


def test_report_tells_an_average_only_of_five_or_more(house: House) -> None:
    for person_id in PEOPLE[:4]:
        answer(house, Purpose.PULSE, person_id, pulse(3, 8))
    counts, withheld = report(house)
    assert "trust_during" not in counts
    assert withheld == 2
    answer(house, Purpose.PULSE, PEOPLE[4], pulse(3, 8))
    counts, withheld = report(house)
    assert (counts["trust_during"], counts["trust_during_people"], counts["useful"]) == (400, 5, 800)
    assert withheld == 0


@pytest.mark.parametrize(
    ("purpose", "form", "figures"),
    [
        (Purpose.PULSE, pulse(4, 8), 2),
        (Purpose.CLOSING_REVIEW, review(3), 1),
        (Purpose.FOLLOW_UP, later("yes"), 2),
    ],
)
def test_three_people_in_two_lives_are_three_people(
    house: House, purpose: Purpose, form: Form, figures: int
) -> None:
    for person_id in PEOPLE[:3]:
        for life in ("life", "life/2"):
            answer(house, purpose, person_id, form, life)
    counts, withheld = report(house)
    assert counts.keys() - {"pairings"} == OF_SERVICE
    assert withheld == figures


def test_everybody_has_one_voice_in_however_many_lives(house: House) -> None:
    for person_id in PEOPLE[:5]:
        answer(house, Purpose.PULSE, person_id, pulse(5, 10))
    for number in range(3):
        answer(house, Purpose.PULSE, PEOPLE[0], pulse(1, 2), f"life/{number}")
    counts, _ = report(house)
    assert (counts["useful"], counts["useful_people"]) == (880, 5)
    assert (counts["trust_during"], counts["trust_during_people"]) == (470, 5)


def test_later_word_in_a_life_replaces_the_earlier(house: House) -> None:
    for person_id in PEOPLE[:5]:
        answer(house, Purpose.PULSE, person_id, pulse(5, 10))
        answer(house, Purpose.PULSE, person_id, pulse(5, 7))
    assert report(house)[0]["useful"] == 700


def test_share_counts_the_last_word_of_everybody(house: House) -> None:
    for person_id in PEOPLE[:5]:
        answer(house, Purpose.FOLLOW_UP, person_id, later("no"), "life")
        answer(house, Purpose.FOLLOW_UP, person_id, later("yes"), "life/2")
    counts, _ = report(house)
    assert (counts["would_again"], counts["would_again_people"]) == (100, 5)


def test_levels_gained_are_those_the_mentees_name(house: House) -> None:
    for number, person_id in enumerate(PEOPLE):
        with_goal(house, f"pairing/{number}", person_id, 3)
    counts, _ = report(house)
    assert (counts["levels_gained"], counts["levels_gained_people"]) == (200, 6)


def test_levels_gained_in_two_pairings_are_one_mentees(house: House) -> None:
    for number, person_id in enumerate(PEOPLE[:4] * 2):
        with_goal(house, f"pairing/{number}", person_id, 2)
    assert "levels_gained" not in report(house)[0]
    with_goal(house, "pairing/8", PEOPLE[4], 3)
    counts, _ = report(house)
    assert (counts["levels_gained"], counts["levels_gained_people"]) == (200, 5)


def test_review_asked_again_gains_its_levels_once(house: House) -> None:
    for number, person_id in enumerate(PEOPLE[:5]):
        with_goal(house, f"pairing/{number}", person_id, 2)
        answer(house, Purpose.CLOSING_REVIEW, person_id, review(4), f"pairing/{number}")
    assert report(house)[0]["levels_gained"] == 300


# How pairings ended


def ended(house: House, **outcomes: int) -> dict[str, int]:
    """The figures of pairings that came to these outcomes, each with people of its own."""
    people = iter(house.people)
    for status, count in outcomes.items():
        for number in range(count):
            pairing(house, f"{status}/{number}", next(people), status)
    return {name: count for name, count in report(house)[0].items() if name.startswith("pairings")}


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        ({}, {"pairings": 0}),
        ({"completed": 6}, {"pairings": 6, "pairings_completed": 6}),
        (
            {"completed": 6, "declined": 5},
            {"pairings": 11, "pairings_completed": 6, "pairings_declined": 5},
        ),
        (
            {"completed": 6, "declined": 2, "ended_early": 3},
            {"pairings": 11, "pairings_completed": 6, "pairings_otherwise": 5},
        ),
        ({"completed": 6, "declined": 1, "ended_early": 3}, {"pairings_completed": 6}),
        ({"completed": 4, "lapsed": 4}, {"pairings": 8}),
        ({"completed": 4}, {}),
    ],
)
def test_outcome_of_few_is_told_with_others_or_not_at_all(
    house: House, outcomes: dict[str, int], told: dict[str, int]
) -> None:
    assert ended(house, **outcomes) == told


def test_outcomes_of_few_people_in_many_pairings_are_withheld(house: House) -> None:
    for number, person_id in enumerate(PEOPLE):
        pairing(house, f"pairing/{number}", person_id, mentor=f"mentor {number % 3}")
        pairing(house, f"declined/{number}", PEOPLE[number % 3], "declined")
    counts, withheld = report(house)
    assert "pairings_completed" not in counts
    assert "pairings_declined" not in counts
    assert (counts["pairings"], withheld) == (12, 0)


pairs = st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("ijklmnop"))
outcomes_of = st.dictionaries(st.sampled_from(("completed", "declined", "lapsed", "erased")), st.lists(pairs))


def speaks_of_few(those: list[tuple[str, str]]) -> bool:
    mentors, mentees = {mentor for mentor, _ in those}, {mentee for _, mentee in those}
    return bool(those) and min(len(mentors), len(mentees)) < 5


@given(outcomes_of)
def test_no_sum_or_difference_of_what_is_told_speaks_of_few(
    outcomes: dict[str, list[tuple[str, str]]],
) -> None:
    figures = Figures()
    figures.outcomes("pairings", outcomes)
    counts = figures.counts
    told = {name: those for name, those in outcomes.items() if f"pairings_{name}" in counts}
    rest = [pair for name, those in outcomes.items() if name not in told for pair in those]
    assert not any(speaks_of_few(those) for those in told.values())
    if "pairings" in counts or "pairings_otherwise" in counts:
        assert not speaks_of_few(rest)
        assert counts.get("pairings_otherwise", len(rest)) == len(rest)
    assert counts.get("pairings", 0) in {0, sum(map(len, outcomes.values()))}
    assert all(counts[f"pairings_{name}"] == len(those) for name, those in told.items())


# In words


@pytest.mark.parametrize("letter", [Letter.REPORT, Letter.REPORT_APPROVAL])
def test_every_figure_of_a_report_has_words_in_both_languages(letter: Letter) -> None:
    """A key nobody has words for is told as it stands, in neither language."""
    counts = dict.fromkeys((*sample_facts(letter, "en").counts, "pairings_otherwise", "ideas_unanswered"), 7)
    in_letters = [words.lines(counts, language) for language in ("en", "fr")]
    on_pages = [[name for name, _ in pages.figures(counts, language)] for language in ("en", "fr")]
    for english, french in (*zip(*in_letters, strict=True), *zip(*on_pages, strict=True)):
        assert english.partition(":")[0] != french.partition(" :")[0]
