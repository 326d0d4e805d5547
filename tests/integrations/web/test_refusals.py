"""Answers that are refused, in words, with everything that was filled in still there."""

from collections.abc import Mapping

import pytest
from starlette.testclient import TestClient

from integrations.answers import FORMS, Purpose
from integrations.web import forms
from integrations.web.languages import speaker
from integrations.web.questions.catalogue import page_for
from tests.integrations.web.conftest import Inbox
from tests.integrations.web.filled import FILLED, Fields, facts_for, kept
from tests.integrations.web.markup import Document


def changed(purpose: Purpose, **fields: str | list[str]) -> Fields:
    """A valid answer with some fields changed."""
    return {**FILLED[purpose], **{name.replace("__", "-"): value for name, value in fields.items()}}


@pytest.mark.parametrize(
    ("purpose", "language"), [(purpose, language) for purpose in Purpose for language in ("en", "fr")]
)
def test_empty_form_is_refused_with_errors_tied_to_their_fields(
    inbox: Inbox, browser: TestClient, purpose: Purpose, language: str
) -> None:
    refused = browser.post(inbox.link(purpose, facts_for(purpose, language)), data={"unknown": "x"})
    assert refused.status_code == 422
    page = Document.of(refused.text)
    assert len(page.ids) == len(set(page.ids))
    assert len(page.all("div", role="alert")) == 1
    leads = [a.attributes["href"].removeprefix("#") for a in page.all("a") if a.attributes["href"][0] == "#"]
    assert leads
    assert set(leads) <= set(page.ids)
    described = {
        name for e in page.elements for name in e.attributes.get("aria-describedby", "").split() if name
    }
    assert described <= set(page.ids)
    assert {name for name in page.ids if name.endswith("_error")} <= described
    assert inbox.answers(purpose) == ()


@pytest.mark.parametrize(
    ("purpose", "fields", "message"),
    [
        (Purpose.APPLICATION, changed(Purpose.APPLICATION, motivation=" "), "Write something here."),
        (
            Purpose.APPLICATION,
            {**FILLED[Purpose.APPLICATION], "strengths-1.1": "", "strengths-2.4": "", "strengths-3.1": ""},
            "Choose a level for at least one strength.",
        ),
        (Purpose.APPLICATION, changed(Purpose.APPLICATION, languages=[]), "Tick at least one box."),
        (
            Purpose.APPLICATION,
            changed(Purpose.APPLICATION, languages=["tlh"]),
            "Choose from what is offered.",
        ),
        (
            Purpose.APPLICATION,
            {**FILLED[Purpose.APPLICATION], "strengths-1.1": "5"},
            "Choose from what is offered.",
        ),
        (Purpose.APPLICATION, changed(Purpose.APPLICATION, motivation="x" * 1501), "1500 characters at most"),
        (Purpose.OPT_IN, changed(Purpose.OPT_IN, assistant_address="rose at home"), "Write a mail address"),
        (
            Purpose.OPT_IN,
            changed(Purpose.OPT_IN, assistant_address="a@b.example,c@d.example"),
            "mail address",
        ),
        (
            Purpose.OPT_IN,
            changed(Purpose.OPT_IN, interests=["1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4"]),
            "Tick 6 at most; you ticked 7.",
        ),
        (Purpose.SCREENING, changed(Purpose.SCREENING, choice="not-now", reason=""), "Give a reason"),
        (Purpose.SCREENING, changed(Purpose.SCREENING, pedagogy="0"), "Choose from what is offered."),
        (Purpose.ATTENDANCE, changed(Purpose.ATTENDANCE, present=[]), "Tick at least one box."),
        (Purpose.ATTENDANCE, changed(Purpose.ATTENDANCE, present=["p-ines"]), "Choose from what is offered."),
        (Purpose.MATERIALS, changed(Purpose.MATERIALS, reference="x"), "Write 3 characters or more."),
        (
            Purpose.MATCH_REVIEW,
            changed(Purpose.MATCH_REVIEW, fixed=["p-lina:p-henri"], forbidden=["p-lina:p-henri"]),
            "both fixed and forbidden",
        ),
        (Purpose.MATCH_REVIEW, changed(Purpose.MATCH_REVIEW, choice="publish"), "solve again first"),
        (
            Purpose.MATCH_REVIEW,
            changed(Purpose.MATCH_REVIEW, choice="publish", fixed=["p-anna:p-henri"], forbidden=[]),
            "solve again first",
        ),
        (Purpose.AGREEMENT, changed(Purpose.AGREEMENT, typed_name=" \t "), "Write something here."),
        (Purpose.NEEDS, changed(Purpose.NEEDS, competences=[]), "Tick at least one box."),
        (
            Purpose.NEEDS,
            changed(Purpose.NEEDS, competences=["1.1", "1.2", "1.3", "2.1", "2.2"]),
            "Tick 4 at most; you ticked 5.",
        ),
        (Purpose.GOALS, changed(Purpose.GOALS, goals__0__level_wanted="1"), "must be above the level now"),
        (Purpose.GOALS, changed(Purpose.GOALS, goals__0__evidence=""), "This is missing."),
        (Purpose.GOALS, changed(Purpose.GOALS, goals__2__level_now="1"), "This is missing."),
        (Purpose.GOALS_AGREEMENT, changed(Purpose.GOALS_AGREEMENT, note=""), "Write something here."),
        (Purpose.SLOT_CHOICE, {"choice": "4"}, "Choose from what is offered."),
        (Purpose.HAPPENED, {"choice": "perhaps"}, "Choose one of the answers."),
        (Purpose.HAPPENED, {"choice": ["held", "moved"]}, "Choose one of the answers."),
        (Purpose.PULSE, changed(Purpose.PULSE, useful="11"), "Choose from what is offered."),
        (Purpose.PULSE, changed(Purpose.PULSE, trust_1=["1", "5"]), "Give one answer only."),
        (Purpose.IDEA, changed(Purpose.IDEA, text=""), "Write something here."),
        (Purpose.IDEA, changed(Purpose.IDEA, text="x" * 301), "300 characters at most"),
        (
            Purpose.IDEAS_DIGEST,
            {**FILLED[Purpose.IDEAS_DIGEST], "decisions-idea-2-why": ""},
            "Write something here.",
        ),
    ],
)
def test_wrong_answer_is_refused_in_words_and_nothing_is_kept(
    inbox: Inbox, browser: TestClient, purpose: Purpose, fields: Fields, message: str
) -> None:
    path = inbox.link(purpose, facts_for(purpose, "en"))
    refused = browser.post(path, data=dict(fields))
    assert refused.status_code == 422
    assert message in " ".join(part for parts in Document.of(refused.text).text.values() for part in parts)
    assert inbox.answers(purpose) == ()
    assert browser.post(path, data=dict(FILLED[purpose])).status_code == 200


@pytest.mark.parametrize(
    ("purpose", "fields", "content"),
    [
        (Purpose.APPLICATION, changed(Purpose.APPLICATION, choice="decline"), {"choice": "decline"}),
        (Purpose.OPT_IN, changed(Purpose.OPT_IN, choice="no"), {"choice": "no"}),
        (Purpose.ATTENDANCE, changed(Purpose.ATTENDANCE, choice="not-held"), {"choice": "not-held"}),
        (Purpose.PROPOSAL, changed(Purpose.PROPOSAL, choice="accept"), {"choice": "accept"}),
        (Purpose.AGREEMENT, changed(Purpose.AGREEMENT, choice="talk"), {"choice": "talk"}),
        (Purpose.IDEA, changed(Purpose.IDEA, choice="none"), {"choice": "none"}),
    ],
)
def test_what_the_choice_makes_pointless_is_not_kept(
    inbox: Inbox, browser: TestClient, purpose: Purpose, fields: Fields, content: Mapping[str, str]
) -> None:
    browser.post(inbox.link(purpose, facts_for(purpose, "en")), data=dict(fields))
    (answer,) = inbox.answers(purpose)
    assert kept(answer.content) == content


def test_refused_form_keeps_what_was_filled_in(inbox: Inbox, browser: TestClient) -> None:
    wrong = changed(Purpose.APPLICATION, motivation='I <b>"like"</b>\r\nexplaining', languages=[])
    refused = browser.post(
        inbox.link(Purpose.APPLICATION, facts_for(Purpose.APPLICATION, "en")), data=dict(wrong)
    )
    page = Document.of(refused.text)
    assert page.text["textarea"] == [
        'I <b>"like"</b>\nexplaining',
        "Henri Faure",
        "carl.n@company.example",
    ]
    ticked = {
        (e.attributes["name"], e.attributes["value"]) for e in page.all("input") if "checked" in e.attributes
    }
    assert ticked == {
        ("interests", "2.4"),
        ("interests", "5.3"),
        ("preferred", "mon-am"),
        ("preferred", "fri-pm"),
    }
    chosen = [e.attributes["value"] for e in page.all("option") if "selected" in e.attributes]
    assert chosen == ["4", "3"]
    assert page.all("title")
    assert page.text["title"][0].startswith("Error: ")


def test_answer_its_model_does_not_know_is_refused_as_a_whole() -> None:
    page = page_for(Purpose.HAPPENED, facts_for(Purpose.HAPPENED, "en"))
    refused = forms.read(page, FORMS[Purpose.PROPOSAL], {"choice": ("held",)}, speaker("en"))
    assert isinstance(refused, forms.Refused)
    assert refused.errors == {"choice": "This answer cannot be taken as it is."}
