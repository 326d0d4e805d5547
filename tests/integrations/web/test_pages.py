"""Every page in both languages: shown, well-formed, answered, and answered wrongly."""

import pytest
from starlette.testclient import TestClient

from integrations.answers import FORMS, Purpose
from integrations.competences import ATTRIBUTION
from integrations.facts import Facts
from tests.integrations.web.conftest import Inbox
from tests.integrations.web.filled import FILLED, Fields, facts_for, kept
from tests.integrations.web.markup import Document

LANGUAGES = ("en", "fr")
EVERY_PAGE = [(purpose, language) for purpose in Purpose for language in LANGUAGES]
_THANKS = {"en": "Thank you", "fr": "Merci"}


def test_every_purpose_has_an_answer_to_try() -> None:
    assert set(FILLED) == set(FORMS) == set(Purpose)


@pytest.mark.parametrize(("purpose", "language"), EVERY_PAGE)
def test_page_is_well_formed_and_every_control_has_its_label(
    inbox: Inbox, browser: TestClient, purpose: Purpose, language: str
) -> None:
    shown = browser.get(inbox.link(purpose, facts_for(purpose, language)))
    assert shown.status_code == 200
    page = Document.of(shown.text)
    assert [e.attributes["lang"] for e in page.all("html")] == [language]
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    assert len(page.ids) == len(set(page.ids))
    labelled = {label.attributes["for"] for label in page.all("label")}
    assert {control.attributes["id"] for control in page.controls} == labelled
    assert page.all("script") == []
    assert all("style" not in element.attributes for element in page.elements)
    assert len(page.all("legend")) == len(page.all("fieldset"))


@pytest.mark.parametrize(("purpose", "language"), EVERY_PAGE)
def test_page_asks_only_what_the_answer_model_knows(
    inbox: Inbox, browser: TestClient, purpose: Purpose, language: str
) -> None:
    page = Document.of(browser.get(inbox.link(purpose, facts_for(purpose, language))).text)
    named = [e for e in page.elements if "name" in e.attributes and e.tag != "meta"]
    asked = {element.attributes["name"].partition("-")[0] for element in named}
    assert asked == set(FORMS[purpose].model_fields)


@pytest.mark.parametrize(("purpose", "language"), EVERY_PAGE)
def test_answer_is_kept_as_it_was_given_and_thanked_for(
    inbox: Inbox, browser: TestClient, purpose: Purpose, language: str
) -> None:
    facts = facts_for(purpose, language)
    thanked = browser.post(inbox.link(purpose, facts), data=dict(FILLED[purpose]))
    assert thanked.status_code == 200, thanked.text
    page = Document.of(thanked.text)
    assert page.text["h1"] == [f"{_THANKS[language]}, {facts.reader.given_name}"]
    (answer,) = inbox.answers(purpose)
    assert answer.choice == FILLED[purpose]["choice"]
    assert answer.person_ref == facts.reader.ref
    assert [taken.id for taken in inbox.sink.taken] == [answer.id]
    assert inbox.database.answers.undelivered(10) == ()
    assert kept(answer.content) == given(FILLED[purpose])


def given(fields: Fields) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value}


def test_goals_without_gaps_and_without_empty_ones_are_kept(inbox: Inbox, browser: TestClient) -> None:
    third = {name.replace("-0-", "-2-"): value for name, value in FILLED[Purpose.GOALS].items()}
    fields = {**FILLED[Purpose.GOALS], **third, "goals-1-competence": "", "goals-2-level_wanted": "4"}
    browser.post(inbox.link(Purpose.GOALS, facts_for(Purpose.GOALS, "en")), data=dict(fields))
    (answer,) = inbox.answers(Purpose.GOALS)
    assert [(goal["level_now"], goal["level_wanted"]) for goal in answer.content["goals"]] == [(1, 3), (1, 4)]


def test_goals_to_be_adjusted_stand_in_the_form(inbox: Inbox, browser: TestClient) -> None:
    facts = facts_for(Purpose.GOALS_AGREEMENT, "fr")
    page = Document.of(browser.get(inbox.link(Purpose.GOALS, facts)).text)
    chosen = [e.attributes["value"] for e in page.all("option") if "selected" in e.attributes]
    assert chosen == ["1.2", "1", "3", "2.4", "2", "3"]
    assert page.text["textarea"] == [goal.evidence for goal in facts.goals]


def test_mentee_is_not_asked_the_mentors_statement(inbox: Inbox, browser: TestClient) -> None:
    facts = facts_for(Purpose.PULSE, "en").model_copy(update={"role": "mentee"})
    page = Document.of(browser.get(inbox.link(Purpose.PULSE, facts)).text)
    assert page.all("input", name="trust_4")
    assert page.all("input", name="trust_mentor") == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "kind",
    [
        "goals-unanswered",
        "no-common-slot",
        "no-show",
        "contact-wanted",
        "mentor-not-certified",
        "agreement-talk",
        "certificate-unsigned",
        "no-candidate-left",
        "something-new",
    ],
)
def test_every_task_can_be_closed(inbox: Inbox, browser: TestClient, kind: str, language: str) -> None:
    facts = facts_for(Purpose.TASK, language).model_copy(update={"task": kind})
    path = inbox.link(Purpose.TASK, facts)
    Document.of(browser.get(path).text)
    assert browser.post(path, data={"choice": "done"}).status_code == 200


def test_no_show_cannot_be_answered_by_asking_again(inbox: Inbox, browser: TestClient) -> None:
    facts = facts_for(Purpose.TASK, "en").model_copy(update={"task": "no-show"})
    assert browser.post(inbox.link(Purpose.TASK, facts), data={"choice": "remind"}).status_code == 422


@pytest.mark.parametrize("language", LANGUAGES)
def test_competences_are_shown_with_their_source(inbox: Inbox, browser: TestClient, language: str) -> None:
    for purpose in (
        Purpose.APPLICATION,
        Purpose.OPT_IN,
        Purpose.NEEDS,
        Purpose.GOALS,
        Purpose.CLOSING_REVIEW,
    ):
        shown = browser.get(inbox.link(purpose, facts_for(purpose, language))).text
        assert ATTRIBUTION[language] in Document.of(shown).text["p"]


@pytest.mark.parametrize("purpose", list(Purpose))
def test_page_tells_what_little_it_knows(inbox: Inbox, browser: TestClient, purpose: Purpose) -> None:
    known = facts_for(purpose, "en")
    bare = Facts(programme="P", language="de", zone="UTC", role=known.role, reader=known.reader)
    shown = browser.get(inbox.link(purpose, bare))
    assert shown.status_code == 200
    assert Document.of(shown.text).all("html", lang="en")


def test_mentor_is_told_that_the_mentee_has_agreed(inbox: Inbox, browser: TestClient) -> None:
    facts = facts_for(Purpose.PROPOSAL, "en").model_copy(update={"role": "mentor"})
    path = inbox.link(Purpose.PROPOSAL, facts)
    assert any(
        "would like to work with you" in text for text in Document.of(browser.get(path).text).text["p"]
    )
    thanked = browser.post(path, data={"choice": "accept"})
    assert "You both get a confirmation, then a date for the kick-off." in Document.of(thanked.text).text["p"]


def test_short_review_speaks_of_an_early_end(inbox: Inbox, browser: TestClient) -> None:
    facts = facts_for(Purpose.CLOSING_REVIEW, "en").model_copy(update={"reason": "short", "goals": ()})
    path = inbox.link(Purpose.CLOSING_REVIEW, facts)
    assert any("has ended early" in text for text in Document.of(browser.get(path).text).text["p"])
    fields = {name: value for name, value in FILLED[Purpose.CLOSING_REVIEW].items() if "levels" not in name}
    thanked = browser.post(path, data=fields)
    assert "Thank you for the time you gave." in Document.of(thanked.text).text["p"]


def test_thanks_tell_what_was_answered(inbox: Inbox, browser: TestClient) -> None:
    facts = facts_for(Purpose.GOALS, "en")
    goals = Document.of(browser.post(inbox.link(Purpose.GOALS, facts), data=dict(FILLED[Purpose.GOALS])).text)
    assert dict(zip(goals.text["dt"], goals.text["dd"], strict=True)) == {
        "Goal 1 - Competence": "Evaluating information",
        "Goal 1 - Level now": "1 - Basic",
        "Goal 1 - Level wanted": "3 - Advanced",
        "Goal 1 - What will show it": "Checks two sources",
    }
    path = inbox.link(Purpose.OPT_IN, facts_for(Purpose.OPT_IN, "en"))
    opted = Document.of(browser.post(path, data=dict(FILLED[Purpose.OPT_IN])).text)
    assert opted.text["dd"] == [
        "Yes, I take part",
        "rose.aubertin@company.example",
        "Tuesday, morning",
        "Evaluating information; Protecting personal data and privacy",
        "Less mail",
        "Lina Moreau",
        "sami.b@company.example",
    ]


@pytest.mark.parametrize(
    ("kind", "can_be_left_out"), [("session", 1), ("kick-off", 0), ("closing-review", 0)]
)
def test_only_a_session_can_be_left_out_of_the_hours_offered(
    inbox: Inbox, browser: TestClient, kind: str, can_be_left_out: int
) -> None:
    facts = facts_for(Purpose.SLOT_CHOICE, "en")
    assert facts.meeting
    meeting = facts.meeting.model_copy(update={"kind": kind})
    link = inbox.link(Purpose.SLOT_CHOICE, facts.model_copy(update={"meeting": meeting}))
    page = Document.of(browser.get(link).text)
    offered = [
        control.attributes["value"] for control in page.controls if control.attributes.get("name") == "choice"
    ]
    assert offered == [*map(str, range(1, len(facts.meetings) + 1)), "none", *["cancel"] * can_be_left_out]
