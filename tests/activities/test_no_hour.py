"""What the coordinator is told where a pairing found no common hour, and goals that suit the mentor."""

from datetime import timedelta

import pytest

from activities.cohorts import Cohorts
from activities.correspondence import About
from activities.letters.catalogue import Letter
from activities.letters.samples import sample_facts
from activities.lives import mentor_life
from activities.no_hour import NoHour
from activities.office.matters import Matters
from activities.review import MatchReviewReader
from integrations.answers import Application, Form, Needs, Purpose
from integrations.database.links import Link
from integrations.facts import Facts
from integrations.web.questions.catalogue import page_for
from tests.activities.house import House

PAIRING = "pairing/digital/p_1/1"


def matters(house: House) -> Matters:
    return Matters(house.books, MatchReviewReader(house.books, Cohorts(house.books)))


def about(house: House, **more: str) -> About:
    return About(programme_id=house.programme.id, pairing_id=PAIRING, **more)


def test_the_two_reasons_that_would_help_most_are_told(house: House) -> None:
    kept = {"busy": 3, "lunch": 12, "unknown": 40, "quorum": 99}
    NoHour(house.books.pairings).keep(PAIRING, house.programme.id, kept)
    told = matters(house).of(Letter.TASK, about(house, task="no-common-slot"), "en")
    assert told == {
        "suggestions": (
            "A calendar cannot be read, so that all of its time counts as taken: 40 possible times.",
            "During lunch: 12 possible times.",
        )
    }


def test_other_tasks_and_other_pairings_are_told_nothing_of_it(house: House) -> None:
    NoHour(house.books.pairings).keep(PAIRING, house.programme.id, {"busy": 3})
    other = about(house, task="no-common-slot").model_copy(update={"pairing_id": "pairing/digital/p_2/1"})
    assert matters(house).of(Letter.TASK, about(house, task="no-show"), "en") == {}
    assert matters(house).of(Letter.TASK, other, "en") == {"suggestions": ()}


def test_what_would_help_is_destroyed_with_the_dossiers(house: House) -> None:
    hours = NoHour(house.books.pairings)
    hours.keep(PAIRING, house.programme.id, {"busy": 3})
    house.books.programmes.destroy_dossiers(house.programme.id)
    assert hours.hints(PAIRING, "en") == ()


@pytest.mark.parametrize(("language", "label"), [("en", "What would help"), ("fr", "Ce qui aiderait")])
def test_page_of_the_task_shows_what_would_help(language: str, label: str) -> None:
    facts = sample_facts(Letter.TASK, language)
    assert label not in dict(page_for(Purpose.TASK, facts).facts)
    hinted = facts.model_copy(update={"suggestions": ("One.", "Two.")})
    assert dict(page_for(Purpose.TASK, hinted).facts)[label] == "One. Two."


def test_goals_begin_with_what_the_mentor_can_teach(house: House) -> None:
    mentor, mentee = house.person("00510"), house.person("00025")
    needs = Needs(choice="answered", q1=0, q2=1, q3=2, q4=3, q5=3, competences=("1.1", "2.4", "3.4", "4.2"))
    says(house, mentee.ref, PAIRING, Purpose.NEEDS, needs)
    goals = about(house).model_copy(update={"mentor_ref": mentor.ref, "mentee_ref": mentee.ref})
    assert matters(house).of(Letter.GOALS, goals, "en")["suggestions"] == ("1.1", "2.4", "3.4")
    application = Application(choice="apply", motivation="m", strengths={"4.2": 4, "3.4": 3})
    life = mentor_life(house.programme.id, mentor.ref)
    says(house, mentor.ref, life, Purpose.APPLICATION, application)
    assert matters(house).of(Letter.GOALS, goals, "en")["suggestions"] == ("3.4", "4.2", "1.1")


def test_brief_tells_what_the_mentee_would_like_to_work_on(house: House) -> None:
    assert "needs" not in matters(house).of(Letter.SESSION_BRIEF, about(house), "en")
    needs = Needs(choice="answered", q1=0, q2=1, q3=2, q4=3, q5=3, competences=("1.1", "2.4"))
    says(house, house.person("00025").ref, PAIRING, Purpose.NEEDS, needs)
    assert matters(house).of(Letter.SESSION_BRIEF, about(house), "en")["needs"] == ("1.1", "2.4")


def says(house: House, ref: str, life: str, purpose: Purpose, form: Form) -> None:
    """Has somebody answer a question of a life."""
    person = next(one for one in house.people.values() if one.ref == ref)
    link = Link(
        purpose=purpose,
        person_ref=ref,
        programme_id=house.programme.id,
        life=life,
        ask_key=purpose.value,
        facts=Facts(programme="p", language="en", zone="UTC", role="r", reader=person.named),
        expires_at=house.clock.now() + timedelta(days=1),
    )
    house.books.links.issue(link, f"{life}/{purpose}")
    house.books.links.answer(f"{life}/{purpose}", form, house.clock.now())
