import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from activities.letters.catalogue import PURPOSES, Letter
from activities.letters.layout import Links
from activities.letters.rendering import Rendered, letters, preview, render, render_source
from activities.letters.samples import sample_facts
from activities.letters.sources import LANGUAGES, compile_source, source_of
from integrations.competences import ATTRIBUTION
from integrations.facts import Facts, Meeting, Named
from tests.activities.letters.html import read

_ACTION = "https://mentoring.example/a/t0k3n-_=?x=1&y=2"
_EXIT = "https://mentoring.example/x/t0k3n"
_ALL = [(letter, language) for letter in letters() for language in LANGUAGES]
_MAIL = "mailto:exchange@mentoring.example"


def _render(letter: Letter, facts: Facts) -> Rendered:
    return render(letter, facts, action_url=_ACTION, exit_url=_EXIT)


def test_catalogue_is_written_in_every_language() -> None:
    assert letters() == tuple(Letter)


@pytest.mark.parametrize(("letter", "language"), _ALL)
class TestEveryLetter:
    def test_html_is_a_whole_document_without_images(self, letter: Letter, language: str) -> None:
        document = read(_render(letter, sample_facts(letter, language)).html)
        assert document.lang == language
        assert document.unclosed == []
        assert document.tags["h1"] == 1
        assert document.tags["title"] == 1
        assert document.tags["img"] == 0
        assert not {tag for tag in document.tags if tag in {"script", "iframe", "form", "link", "svg"}}

    def test_links_lead_to_the_answer_the_exit_and_the_reply_address_only(
        self, letter: Letter, language: str
    ) -> None:
        rendered = _render(letter, sample_facts(letter, language))
        asks = letter in PURPOSES
        assert read(rendered.html).links == [_ACTION] * 2 * asks + [_MAIL, _EXIT]
        assert rendered.text.splitlines().count(_ACTION) == int(asks)
        assert rendered.text.splitlines().count(_EXIT) == 1

    def test_subject_is_one_short_line(self, letter: Letter, language: str) -> None:
        subject = _render(letter, sample_facts(letter, language)).subject
        assert 10 <= len(subject) <= 90
        assert subject.splitlines() == [subject]

    def test_closing_stands_apart(self, letter: Letter, language: str) -> None:
        text = _render(letter, sample_facts(letter, language)).text
        assert re.findall(r"[^\n]\n(?:Kind regards|Bien cordialement),", text) == []

    def test_text_is_plain_and_narrow(self, letter: Letter, language: str) -> None:
        text = _render(letter, sample_facts(letter, language)).text
        assert [line for line in text.splitlines() if len(line) > 78 and not line.startswith("http")] == []
        assert re.findall(r"&\w+;|\*\*|<[a-z/]|\[\[|\\|\n\n\n", text) == []

    def test_html_and_text_say_the_same_words(self, letter: Letter, language: str) -> None:
        rendered = _render(letter, sample_facts(letter, language))
        body = rendered.text.partition("\n-- \n")[0]
        told = set(re.findall(r"\w{3,}", body))
        assert told - set(re.findall(r"\w{3,}", read(rendered.html).words)) == set()

    def test_reader_is_greeted_by_name(self, letter: Letter, language: str) -> None:
        facts = sample_facts(letter, language)
        greeting = _render(letter, facts).text.partition("\n")[0]
        assert facts.reader.given_name in greeting

    def test_letter_goes_out_where_only_the_needful_is_known(self, letter: Letter, language: str) -> None:
        bare = {
            name: Facts.model_fields[name].get_default()
            for name in ("coordinator", "sponsor", "goals", "suggestions", "needs", "reason", "materials")
        }
        bare |= {name: Facts.model_fields[name].get_default() for name in ("counts", "level_gain")}
        facts = sample_facts(letter, language).model_copy(update=bare)
        assert _render(letter, facts).text.endswith("\n")

    def test_reminder_says_so_in_its_subject(self, letter: Letter, language: str) -> None:
        facts = sample_facts(letter, language)
        first = _render(letter, facts)
        again = _render(letter, facts.model_copy(update={"reminder": 1}))
        word = {"en": "Reminder: ", "fr": "Rappel\u00a0: "}[language]
        assert again.subject == word + first.subject

    def test_source_raises_its_voice_nowhere(self, letter: Letter, language: str) -> None:
        assert "!" not in _render(letter, sample_facts(letter, language)).text


@pytest.mark.parametrize("letter", sorted(PURPOSES))
def test_letter_that_asks_needs_a_link(letter: Letter) -> None:
    with pytest.raises(ValueError, match=f"{letter.value} asks"):
        render(letter, sample_facts(letter, "en"))


@pytest.mark.parametrize("letter", letters())
def test_letter_has_a_button_exactly_if_it_asks(letter: Letter) -> None:
    buttons = {source_of(letter, language).action is not None for language in LANGUAGES}
    assert buttons == {letter in PURPOSES}


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a.example/ b", 'https://a.example/"x', "ftp://a.example", "//a"]
)
def test_link_that_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"http\(s\) address"):
        render(Letter.GO_NO_GO, sample_facts(Letter.GO_NO_GO, "en"), action_url=url)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", ["subject", "action", "body"])
def test_misspelt_name_raises(part: str, language: str) -> None:
    words = {"subject": "Hello", "action": "Go", "body": "Dear {{ reader.given_name }}"}
    words[part] = "Dear {{ reader.given_nam }}"
    source = compile_source(
        f"subject: {words['subject']}\naction: {words['action']}\n---\n{words['body']}\n\n[[action]]\n",
        language,
        "misspelt",
    )
    with pytest.raises(UndefinedError, match="given_nam"):
        render_source(source, sample_facts(Letter.TASK, language), Links(action=_ACTION))


def test_name_the_facts_do_not_have_raises() -> None:
    source = compile_source("subject: Hello\n---\n{% if mentos %}x{% endif %}\n", "en", "misspelt")
    with pytest.raises(UndefinedError, match="mentos"):
        render_source(source, sample_facts(Letter.TASK, "en"), Links())


def test_dates_are_told_where_the_reader_is() -> None:
    facts = sample_facts(Letter.TRAINING_DAY_BEFORE, "en")
    start = datetime(2026, 10, 6, 23, 30, tzinfo=UTC)
    meeting = Meeting(start=start, end=start + timedelta(hours=1))
    in_tokyo = facts.model_copy(update={"meeting": meeting, "zone": "Asia/Tokyo"})
    in_new_york = facts.model_copy(update={"meeting": meeting, "zone": "America/New_York"})
    tokyo, new_york = (_render(Letter.TRAINING_DAY_BEFORE, told) for told in (in_tokyo, in_new_york))
    assert "Wednesday 7 October 2026, 08:30-09:30 (Tokyo time)" in tokyo.text
    assert "Wednesday 7 October 2026" in tokyo.subject
    assert "Tuesday 6 October 2026, 19:30-20:30 (New York time)" in new_york.text


def test_escalated_letter_names_whom_the_decision_was_waiting_for() -> None:
    facts = sample_facts(Letter.MATCH_REVIEW, "en").model_copy(
        update={
            "escalated": True,
            "reminder": 2,
            "role": "deputy",
            "owner_for": Named(ref="p-1", name="Maud Ferrand", given_name="Maud"),
        }
    )
    rendered = _render(Letter.MATCH_REVIEW, facts)
    assert rendered.subject == "Decision waiting: Pairings to review: 2"
    assert rendered.text.startswith("This decision was waiting for Maud Ferrand.")
    assert '<p class="notice"' in rendered.html
    nameless = _render(Letter.MATCH_REVIEW, facts.model_copy(update={"owner_for": None}))
    assert nameless.text.startswith("This decision is still open.")


def test_escalated_letter_is_no_reminder_to_who_reads_it_first() -> None:
    source = compile_source(
        "subject: Hello\n---\n{% if reminder %}again{% else %}first{% endif %}\n", "en", "x"
    )
    facts = sample_facts(Letter.TASK, "en").model_copy(update={"escalated": True, "reminder": 2})
    assert "\n\nfirst\n" in render_source(source, facts, Links()).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_source_of_the_competences_is_named_only_where_they_are_shown(language: str) -> None:
    line = ATTRIBUTION[language].split(",")[0].replace("'", "\u2019")
    screening = _render(Letter.MENTOR_SCREENING, sample_facts(Letter.MENTOR_SCREENING, language))
    welcome = _render(Letter.MENTEE_WELCOME, sample_facts(Letter.MENTEE_WELCOME, language))
    assert line in screening.text
    assert line in screening.html
    assert "DigComp" not in welcome.text + welcome.html


def test_charset_is_declared_within_the_first_1024_bytes() -> None:
    html = _render(Letter.GO_NO_GO, sample_facts(Letter.GO_NO_GO, "fr")).html
    assert html.encode().index(b'<meta charset="utf-8">') < 1000


def test_dark_mode_survives_inlining() -> None:
    html = _render(Letter.GO_NO_GO, sample_facts(Letter.GO_NO_GO, "en")).html
    assert "@media (prefers-color-scheme: dark)" in html
    assert html.count("<style") == 1


def test_footer_leaves_out_what_is_not_given() -> None:
    facts = sample_facts(Letter.GO_NO_GO, "en").model_copy(update={"reply_address": ""})
    rendered = render(Letter.GO_NO_GO, facts, action_url=_ACTION)
    assert read(rendered.html).links == [_ACTION, _ACTION]
    assert rendered.text.partition("\n-- \n")[2] == (
        "You receive this letter because you are the sponsor of Digital Exchange 2026.\n"
    )


def test_preview_writes_every_letter_and_an_index(tmp_path: Path) -> None:
    count = preview(tmp_path / "letters")
    pages = {path.name for path in (tmp_path / "letters").glob("*.html")} - {"index.html"}
    assert count == len(pages) == len(letters()) * len(LANGUAGES)
    index = read((tmp_path / "letters" / "index.html").read_text(encoding="utf-8"))
    assert {link for link in index.links if link.endswith(".html")} == pages
    assert len(list((tmp_path / "letters").glob("*.txt"))) == count


def test_letters_rendered_side_by_side_do_not_mix() -> None:
    tasks = [(letter, language) for letter in letters() for language in LANGUAGES] * 3
    alone = {
        (letter, language): _render(letter, sample_facts(letter, language)) for letter, language in tasks
    }
    with ThreadPoolExecutor(max_workers=8) as pool:
        together = list(pool.map(lambda task: _render(task[0], sample_facts(*task)), tasks))
    assert together == [alone[task] for task in tasks]


@pytest.mark.parametrize(
    ("language", "kind", "subject", "told"),
    [
        ("en", "session", "for your session with", "Session 2 with Lina Moreau needs another hour."),
        (
            "en",
            "kick-off",
            "for your first meeting with",
            "Your first meeting with Lina Moreau needs another",
        ),
        (
            "en",
            "closing-review",
            "for your closing review with",
            "Your closing review with Lina Moreau needs",
        ),
        ("fr", "session", "pour votre séance avec", "une autre heure pour la séance 2 avec Lina Moreau"),
        (
            "fr",
            "kick-off",
            "pour votre premier rendez-vous avec",
            "autre heure pour votre premier rendez-vous",
        ),
        (
            "fr",
            "closing-review",
            "pour votre bilan final avec",
            "une autre heure pour votre bilan final avec",
        ),
    ],
)
def test_choice_of_hours_names_the_meeting(language: str, kind: str, subject: str, told: str) -> None:
    facts = sample_facts(Letter.SLOT_CHOICE, language)
    assert facts.meeting
    meeting = facts.meeting.model_copy(update={"kind": kind})
    letter = _render(Letter.SLOT_CHOICE, facts.model_copy(update={"meeting": meeting}))
    assert subject in letter.subject
    assert told in " ".join(letter.text.split())


@pytest.mark.parametrize(("language", "topic"), [("en", "Evaluating information"), ("fr", "Évaluer l")])
def test_brief_shows_the_topics_until_there_are_goals(language: str, topic: str) -> None:
    facts = sample_facts(Letter.SESSION_BRIEF, language)
    first = facts.model_copy(update={"session": 1, "goals": (), "needs": ("1.2",)})
    assert f"- {topic}" in _render(Letter.SESSION_BRIEF, first).text
    later = facts.model_copy(update={"needs": ("5.4",)})
    assert "5.4" not in _render(Letter.SESSION_BRIEF, later).text
    assert _render(Letter.SESSION_BRIEF, later).text == _render(Letter.SESSION_BRIEF, facts).text


@pytest.mark.parametrize(
    ("language", "proposed", "over"),
    [
        ("en", "no new pairing begins", "for all pairs at once"),
        ("fr", "aucun nouveau binôme ne commence", "pour tous les binômes"),
    ],
)
def test_stop_is_told_otherwise_to_who_only_had_a_proposal(language: str, proposed: str, over: str) -> None:
    facts = sample_facts(Letter.PROGRAMME_STOPPED, language)
    texts = [
        " ".join(_render(Letter.PROGRAMME_STOPPED, one).text.split())
        for one in (facts.model_copy(update={"reason": "proposal"}), facts.model_copy(update={"reason": ""}))
    ]
    assert [(proposed in text, over in text) for text in texts] == [(True, False), (False, True)]
