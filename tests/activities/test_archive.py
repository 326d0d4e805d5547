from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.dossiers import (
    CloseTask,
    FormGroups,
    KeepIdeas,
    OpenTask,
    ReadAttendance,
    ReadLineManager,
    RecordDecisions,
)
from activities.reports import WriteReport
from integrations.answers import (
    Attendance,
    ClosingReview,
    Form,
    Goal,
    Goals,
    Idea,
    IdeaDecision,
    IdeasDigest,
    Pulse,
    Purpose,
)
from integrations.database.links import Link
from integrations.database.pairings import PairingRecord
from integrations.facts import Facts
from tests.activities.house import House

PEOPLE = ("00510", "00521", "00527", "00530", "00552", "00496")


def answer(house: House, purpose: Purpose, person_id: str, form: Form, life: str = "life") -> str:
    person, now = house.person(person_id), house.clock.now()
    facts = Facts(programme="p", language="en", zone="UTC", role="r", reader=person.named)
    token = f"{purpose.value}/{person_id}/{life}"
    link = Link(
        purpose=purpose,
        person_ref=person.ref,
        programme_id=house.programme.id,
        life=life,
        ask_key=token,
        facts=facts,
        expires_at=now + timedelta(days=1),
    )
    house.books.links.issue(link, token)
    return str(getattr(house.books.links.answer(token, form, now), "id", ""))


def pulse(house: House, person_id: str, life: str = "life") -> None:
    form = Pulse(choice="answered", trust_1=5, trust_2=4, trust_3=3, trust_4=4, useful=8)
    answer(house, Purpose.PULSE, person_id, form, life)


def report(house: House) -> tuple[dict[str, int], int]:
    written = house.acts["write_report"](WriteReport(programme_id=house.programme.id, report_id="r"))
    return dict(house.books.pairings.matching("r")["counts"]), written.withheld


def test_attendance_is_read_from_the_trainers_answer(house: House) -> None:
    given = answer(house, Purpose.ATTENDANCE, "00417", Attendance(choice="held", present=("a", "b")))
    assert house.acts["read_attendance"](ReadAttendance(answer_id=given)).present == ("a", "b")


def test_answer_to_another_question_is_a_final_error(house: House) -> None:
    given = answer(house, Purpose.IDEA, "00510", Idea(choice="share", text="x"))
    with pytest.raises(ApplicationError) as raised:
        house.acts["read_attendance"](ReadAttendance(answer_id=given))
    assert raised.value.non_retryable


def test_line_manager_is_todays(house: House) -> None:
    person = house.person("00510")
    read = house.acts["read_line_manager"](ReadLineManager(person_ref=person.ref))
    assert read.ref == person.manager_ref
    assert house.acts["read_line_manager"](ReadLineManager(person_ref=house.person("00003").ref)).ref is None


def test_groups_share_a_zone_and_are_even(house: House) -> None:
    refs = tuple(person.ref for person in house.people.values() if person.level <= 2)
    formed = house.acts["form_groups"](FormGroups(mentor_refs=refs, most=7))
    again = house.acts["form_groups"](FormGroups(mentor_refs=refs[::-1], most=7))
    zones = {person.ref: person.zone for person in house.people.values()}
    assert formed == again
    assert sorted(ref for group in formed.groups for ref in group) == sorted(refs)
    assert all(len({zones[ref] for ref in group}) == 1 for group in formed.groups)
    assert max(map(len, formed.groups)) <= 7


def test_task_is_open_until_it_is_closed(house: House) -> None:
    task = OpenTask(key="k", kind="no-show", programme_id=house.programme.id, life="l", owner_ref="o")
    house.acts["open_task"](task)
    house.acts["close_task"](CloseTask(key="k", outcome="done"))
    house.acts["close_task"](CloseTask(key="k", outcome="late"))
    (kept,) = house.books.tasks.of_programme(house.programme.id)
    assert kept.outcome == "done"


def test_idea_is_handed_in_and_answered(house: House) -> None:
    given = answer(house, Purpose.IDEA, "00510", Idea(choice="share", text="Less mail"), life="pairing/1")
    handed_in = KeepIdeas(answer_ids=(given, "destroyed"))
    (idea,) = house.acts["keep_ideas"](handed_in).idea_ids
    decision = IdeaDecision(decision="try", why="cheap and quick")
    digest = answer(
        house, Purpose.IDEAS_DIGEST, "00003", IdeasDigest(choice="answered", decisions={idea: decision})
    )
    request = RecordDecisions(programme_id=house.programme.id, answer_id=digest)
    assert house.acts["record_decisions"](request).pairing_ids == ("pairing/1",)
    again = house.acts["keep_ideas"](handed_in)
    assert (again.idea_ids, again.by_pairing) == ((idea,), {"pairing/1": (idea,)})
    kept = house.books.ideas.get(idea)
    assert (kept.decision, kept.why, kept.text) == ("try", "cheap and quick", "Less mail")
    assert (kept.pairing_id, kept.author_ref) == ("pairing/1", house.person("00510").ref)


def test_form_without_an_idea_is_not_kept_as_one(house: House) -> None:
    given = answer(house, Purpose.IDEAS_DIGEST, "00003", IdeasDigest(choice="answered", decisions={}))
    with pytest.raises(ApplicationError, match="holds no idea"):
        house.acts["keep_ideas"](KeepIdeas(answer_ids=(given,)))


def test_report_tells_an_average_only_of_five_or_more(house: House) -> None:
    for person_id in PEOPLE[:4]:
        pulse(house, person_id)
    counts, withheld = report(house)
    assert "trust_during" not in counts
    assert withheld == 2
    pulse(house, PEOPLE[4])
    counts, withheld = report(house)
    assert (counts["trust_during"], counts["trust_during_people"], counts["useful"]) == (400, 5, 800)
    assert withheld == 0


def test_report_counts_the_latest_word_of_each_person_once(house: House) -> None:
    for person_id in PEOPLE[:5]:
        pulse(house, person_id)
        pulse(house, person_id, life="life/2")
    assert report(house)[0]["useful_people"] == 10


def test_levels_gained_are_those_the_mentees_name(house: House) -> None:
    for number, person_id in enumerate(PEOPLE):
        life = f"pairing/{number}"
        record = PairingRecord(
            id=life,
            programme_id=house.programme.id,
            mentor_ref="m",
            mentee_ref=house.person(person_id).ref,
            score=1,
            proposed_at=house.clock.now(),
        )
        house.books.pairings.propose(record)
        goal = Goal(competence="2.4", level_now=1, level_wanted=3, evidence="shares")
        answer(house, Purpose.GOALS, person_id, Goals(choice="propose", goals=(goal,)), life)
        review = ClosingReview(choice="answered", levels={"1": 3}, trust_1=5, trust_2=5, trust_3=5, trust_4=5)
        answer(house, Purpose.CLOSING_REVIEW, person_id, review, life)
    assert report(house)[0]["levels_gained"] == 200
