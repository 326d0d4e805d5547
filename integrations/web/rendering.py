"""Pages turned into HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from integrations.competences import ATTRIBUTION
from integrations.facts import Facts
from integrations.web.fields import Posted, anchors_in, labels_in
from integrations.web.forms import CHOICE, summary
from integrations.web.languages import speaker
from integrations.web.notices import Notice
from integrations.web.pages import Page
from integrations.web.questions.skills import language_of, say_to
from integrations.wording import day

_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Problem:
    """One error of a form: where it is, what the field is called, what is wrong."""

    anchor: str
    label: str
    message: str


class Renderer:
    """Writes HTML; everything that is not a template is escaped."""

    def question(self, page: Page, facts: Facts, values: Posted, errors: Mapping[str, str]) -> str:
        """The page with its form; with errors, the values as they were posted."""
        return self._render(
            "question.html",
            page,
            facts,
            values=values,
            problems=errors,
            errors=_problems(page, errors),
            answer_by=day(facts.answer_by, facts.zone, language_of(facts)) if facts.answer_by else "",
        )

    def thanks(self, page: Page, facts: Facts, values: Posted) -> str:
        """The page after the answer: what was answered and what happens next."""
        told = summary(page, values, say_to(facts))
        choice = next(iter(values.get(CHOICE, ())), "")
        return self._render("thanks.html", page, facts, told=told, next=page.next(choice))

    def notice(self, notice: Notice, language: str) -> str:
        """A page about nobody."""
        template = _ENVIRONMENT.get_template("notice.html")
        return template.render(notice=notice, language=language, say=speaker(language))

    def _render(self, template: str, page: Page, facts: Facts, **more: object) -> str:
        language = language_of(facts)
        return _ENVIRONMENT.get_template(template).render(
            page=page,
            facts=facts,
            language=language,
            say=say_to(facts),
            attribution=ATTRIBUTION[language],
            **more,
        )


def _problems(page: Page, errors: Mapping[str, str]) -> tuple[Problem, ...]:
    """The errors in the order of the page; one of the choice as a whole leads to the buttons."""
    anchors = anchors_in(page.parts)
    labels = labels_in(page.parts)
    order = [*anchors, *(name for name in errors if name not in anchors)]
    return tuple(
        Problem(anchors.get(name, "buttons"), labels.get(name, ""), errors[name])
        for name in order
        if name in errors
    )
