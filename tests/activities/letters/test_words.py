import pytest
from jinja2 import Environment

from activities.letters import figures, tasks
from activities.letters.catalogue import PURPOSES, Letter
from activities.letters.layout import Links
from activities.letters.rendering import render_source
from activities.letters.samples import sample_facts
from activities.letters.sources import LANGUAGES, compile_source
from activities.letters.words import FILTERS, TESTS
from integrations.competences import COMPETENCES, LEVELS

_MATTERS = (
    "no-common-slot",
    "no-show",
    "contact-wanted",
    "mentor-not-certified",
    "agreement-talk",
    "no-candidate-left",
    "certificate-unsigned",
)


def _told(body: str, language: str, **facts: object) -> str:
    source = compile_source(f"subject: Words\n---\n{body}\n", language, "words")
    changed = sample_facts(Letter.TASK, language).model_copy(update=facts)
    return render_source(source, changed, Links()).text.partition("\n\n-- \n")[0]


def test_filters_are_known_to_letters() -> None:
    builtin = Environment(autoescape=True).filters
    assert not FILTERS.keys() & builtin.keys()
    assert TESTS.keys() == {"unanswered"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*_MATTERS, *(f"{letter.value}-unanswered" for letter in PURPOSES)])
def test_task_is_told_in_words(kind: str, language: str) -> None:
    assert tasks.name(kind, language) != kind
    assert tasks.expected(kind, language) != tasks.expected("unknown", language)


@pytest.mark.parametrize("kind", ["sky-fell", "sky-unanswered"])
def test_task_of_an_unknown_kind_is_named_as_it_is(kind: str) -> None:
    assert tasks.name(kind, "fr") == kind


@pytest.mark.parametrize(("kind", "is_one"), [("goals-unanswered", True), ("no-show", False)])
def test_unanswered_tells_questions_from_other_matters(kind: str, is_one: bool) -> None:
    assert _told("{% if task is unanswered %}yes{% else %}no{% endif %}", "en", task=kind) == (
        "yes" if is_one else "no"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_competences_and_levels_are_told_by_name(language: str) -> None:
    name = COMPETENCES["1.2"][language].replace("'", "\u2019")
    assert _told("{{ '1.2'|competence }}: {{ 3|level }}", language) == f"{name}: {LEVELS[3][language]}"


@pytest.mark.parametrize(
    ("code", "english", "french"),
    [
        ("fr", "French", "français"),
        ("pt-BR", "Portuguese", "portugais"),
        ("Klingon!", *["Klingon!"] * 2),
    ],
)
def test_language_is_told_by_name(code: str, english: str, french: str) -> None:
    assert _told("{{ reason|language_name }}", "en", reason=code) == english
    assert _told("{{ reason|language_name }}", "fr", reason=code) == french


@pytest.mark.parametrize(
    ("decision", "words"), [("try", "We will try it"), ("not-now", "Not now"), ("?", "?")]
)
def test_decision_on_an_idea_is_told_in_words(decision: str, words: str) -> None:
    assert _told("{{ reason|decision }}", "en", reason=decision) == words


@pytest.mark.parametrize(
    ("counts", "english", "french"),
    [
        ({"sessions_held": 1066}, "sessions held: 1,066", "séances tenues : 1\u202f066"),
        (
            {"useful": 864, "useful_people": 24},
            "usefulness of the sessions, from 0 to 10: 8.64 (24 people)",
            "utilité des séances, de 0 à 10 : 8,64 (24 personnes)",
        ),
        (
            {"would_again": 95, "would_again_people": 20},
            "would take part again: 95% (20 people)",
            "participeraient à nouveau : 95\u00a0% (20 personnes)",
        ),
        ({"snow_days": 3}, "snow days: 3", "snow days : 3"),
        ({"odd_people": 3}, "odd people: 3", "odd people : 3"),
    ],
)
def test_figures_are_told_a_line_each(counts: dict[str, int], english: str, french: str) -> None:
    assert figures.lines(counts, "en") == (english,)
    assert figures.lines(counts, "fr") == (french,)
