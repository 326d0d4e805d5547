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
from integrations.answers import Attendance, Idea, IdeaDecision, IdeasDigest, Purpose
from tests.activities.answering import answer
from tests.activities.house import House


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
