"""Letters rendered: one source a language, told as plain text and as HTML from the same words."""

import re
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from activities.letters import layout, markdown, samples
from activities.letters.catalogue import Letter
from activities.letters.inert import subject_line
from activities.letters.sources import LANGUAGES, LetterSource, languages_of, source_of
from activities.letters.words import SHOWN
from integrations.facts import Facts, Named

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'\\^`{|}]+")
_REMINDER: Final = {"en": "Reminder: ", "fr": "Rappel\u00a0: "}
_WAITING: Final = {"en": "Decision waiting: ", "fr": "Décision en attente\u00a0: "}
_SAMPLE_LINKS: Final = layout.Links(
    action="https://mentoring.example/a/2nQm7sVxK0pLr4Tt9WcYbE3u",
    exit="https://mentoring.example/x/8fJd1aGhZ6oNq5Uu2VeXwR7i",
)


class Rendered(BaseModel):
    """A letter ready to go: the subject on one line, the text, and the whole HTML document."""

    model_config = ConfigDict(frozen=True)

    subject: str
    text: str
    html: str


def render(letter: Letter, facts: Facts, *, action_url: str = "", exit_url: str = "") -> Rendered:
    """Renders the letter for its reader, in their language and zone.

    What people typed is told as it is and marks up nothing. Raises SourceError where the letter is not
    written, ValueError where a link is missing or is no http(s) address, and jinja2's UndefinedError where
    the source names something the facts do not have.
    """
    links = layout.Links(action=_address(action_url), exit=_address(exit_url))
    source = source_of(letter, facts.language)
    if source.action is not None and not links.action:
        raise ValueError(f"the letter {letter.value} asks: it needs an action_url")
    return render_source(source, facts, links)


def render_source(source: LetterSource, facts: Facts, links: layout.Links) -> Rendered:
    """Renders a compiled source; `links.action` is used where the source has an action."""
    shown: list[object] = []
    context = {**dict(facts), **_standing_in(facts), SHOWN: shown}
    before, after = markdown.read(source.body.render(context))
    content = layout.Content(
        subject=subject_line(_prefix(facts) + source.subject.render(context)),
        action=source.action.render(context) if source.action else "",
        before=before,
        after=after or (),
        names_competences=bool(shown),
    )
    return Rendered(
        subject=content.subject,
        text=layout.text_page(facts, content, links),
        html=layout.html_page(facts, content, links),
    )


def letters() -> tuple[Letter, ...]:
    """The letters that are written in every language."""
    return tuple(letter for letter in Letter if languages_of(letter) == LANGUAGES)


def preview(folder: Path) -> int:
    """Writes every letter in every language to the folder, with an index page; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    rendered = {
        (letter, language): render(
            letter,
            samples.sample_facts(letter, language),
            action_url=_SAMPLE_LINKS.action,
            exit_url=_SAMPLE_LINKS.exit,
        )
        for letter in letters()
        for language in LANGUAGES
    }
    for (letter, language), page in rendered.items():
        name = f"{letter.value}.{language}"
        (folder / f"{name}.html").write_text(page.html, encoding="utf-8")
        (folder / f"{name}.txt").write_text(page.text, encoding="utf-8")
    rows = [(f"{letter.value}.{language}", page.subject) for (letter, language), page in rendered.items()]
    (folder / "index.html").write_text(layout.index_page(rows), encoding="utf-8")
    return len(rendered)


def _standing_in(facts: Facts) -> dict[str, object]:
    """What replaces facts: nobody signs for a coordinator who is gone, and who steps in reads it first."""
    programme = Named(ref="", name=facts.programme, given_name=facts.programme)
    return {
        "coordinator": facts.coordinator or programme,
        "reminder": 0 if facts.escalated else facts.reminder,
    }


def _prefix(facts: Facts) -> str:
    if facts.escalated:
        return _WAITING[facts.language]
    return _REMINDER[facts.language] if facts.reminder else ""


def _address(url: str) -> str:
    if url and not _ADDRESS.fullmatch(url):
        raise ValueError("a link in a letter must be an http(s) address without spaces or quotes")
    return url
