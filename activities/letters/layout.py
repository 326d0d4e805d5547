"""What stands around the words of every letter: heading, button, and the lines at the foot."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markdown_it.token import Token
from markupsafe import Markup

from activities.letters import phrases
from activities.letters.inert import one_line
from activities.letters.markdown import to_html, to_text, wrap
from integrations.facts import Facts

_HERE: Final = Path(__file__).parent


@dataclass(frozen=True)
class Links:
    """Where a letter leads: to its answer page, and out of the programme; empty where it does not."""

    action: str = ""
    exit: str = ""


@dataclass(frozen=True)
class Content:
    """A letter's own words: before and after the button, and on it (empty where there is none)."""

    subject: str
    action: str
    before: tuple[Token, ...]
    after: tuple[Token, ...]
    names_competences: bool


def html_page(facts: Facts, content: Content, links: Links) -> str:
    """The letter as an HTML document with its style on the elements, as mail programs want it."""
    page = _template("layout.html.j2").render(
        language=facts.language,
        css=_css(),
        subject=content.subject,
        programme=one_line(facts.programme),
        notice=phrases.notice(facts),
        before=Markup(to_html(content.before)),  # noqa: S704 - the Markdown renderer escapes
        after=Markup(to_html(content.after)),  # noqa: S704 - as above
        action=content.action,
        links=links,
        reply_address=one_line(facts.reply_address),
        reply_link=f"mailto:{quote(one_line(facts.reply_address), safe='@')}",
        why=phrases.why(facts),
        attribution=phrases.attribution(facts.language) if content.names_competences else "",
        phrases=phrases.SENTENCES[facts.language],
    )
    # Inlining puts what is left of the style first, but a charset is read from the first 1024 bytes only
    # (HTML standard, 4.2.5.4).
    return _INLINER.inline(page).replace("<head>", '<head><meta charset="utf-8">', 1)


def text_page(facts: Facts, content: Content, links: Links) -> str:
    """The letter as plain text; its links stand on lines of their own."""
    body = [
        "\n".join(wrap(phrases.notice(facts))),
        to_text(content.before),
        _led(content.action, links.action, facts.language) if content.action else "",
        to_text(content.after),
    ]
    return "\n\n".join(filter(None, body)) + "\n\n-- \n" + "\n".join(_foot(facts, content, links)) + "\n"


def index_page(rows: Sequence[tuple[str, str]]) -> str:
    """A page that leads to every previewed letter, by file name and subject."""
    return _template("index.html.j2").render(rows=rows)


def _foot(facts: Facts, content: Content, links: Links) -> list[str]:
    said = phrases.SENTENCES[facts.language]
    lines = wrap(phrases.why(facts))
    if facts.reply_address:
        lines += wrap(f"{said['reply']} {one_line(facts.reply_address)}")
    if links.exit:
        lines.append(_led(f"{said['exit']} {said['exit_link']}", links.exit, facts.language))
    if content.names_competences:
        lines += wrap(phrases.attribution(facts.language))
    return lines


def _led(words: str, url: str, language: str) -> str:
    """A link on a line of its own under the words that lead to it."""
    colon = "\u00a0:" if language == "fr" else ":"
    return "\n".join([*wrap(f"{words}{colon}"), url])


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


@cache
def _css() -> Markup:
    return Markup((_HERE / "layout.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file


_INLINER: Final = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
