from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined

from activities.letters.catalogue import Letter
from activities.letters.inert import inert, one_line, quotation, subject_line
from activities.letters.markdown import read, to_html
from activities.letters.rendering import Rendered, letters, render
from activities.letters.samples import sample_facts
from activities.letters.sources import LANGUAGES
from integrations.competences import COMPETENCES
from integrations.facts import Facts
from tests.activities.letters import html

_ACTION = "https://mentoring.example/a/t0k3n"
_OURS = frozenset({"language", "zone", "role", "competence", "decision", "strengths", "counts", "level_gain"})
_IDS = tuple(COMPETENCES)
_NASTY = (
    "<img src=x onerror=alert(1)>",
    "</p></td></table><script>alert(1)</script>",
    "[click](https://evil.example)",
    "![pixel](https://evil.example/p.png)",
    "<https://evil.example>",
    "[ref]: https://evil.example",
    "**bold** _it_ `code` ~~x~~",
    "\n\n# Heading\n\n- item\n\n    code\n\n> quote\n\n---\n",
    "x\r\nBcc: evil@example.com\r\n\r\nbody",
    "[[action]]",
    "\n\n[[action]]\n\n",
    "&lt;b&gt; &amp; &#60;",
    "{{ reader.name }} {% raw %}",
    "\\",
    "1. one",
    "+ plus\n===\n---",
    '" onmouseover="alert(1)',
    "\n-- \nfake footer",
    "| a | b |\n|---|---|",
    "\xa0",
    "\u3000\n\u2003",
    "\u202egnp.exe\u2028\u2029\x00\x1b",
)
_hostile = st.one_of(st.sampled_from(_NASTY), st.text(max_size=80))


def _filled(value: Any, word: str, name: str = "") -> Any:
    """The value with every string in it replaced, except for those that only we write."""
    if name in _OURS or value in _IDS:
        return value
    if isinstance(value, dict):
        return {key: _filled(inner, word, key) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_filled(inner, word) for inner in value)
    if name == "evidence":
        return f"see {word}"
    return word if isinstance(value, str) else value


def _added(harmless: html.Document, hostile: html.Document) -> Counter[str]:
    """The elements there are more of; a quotation may break its lines."""
    return Counter({tag: count for tag, count in (hostile.tags - harmless.tags).items() if tag != "br"})


def _render(letter: Letter, language: str, word: str) -> Rendered:
    facts = sample_facts(letter, language).model_dump()
    return render(letter, Facts(**_filled(facts, word)), action_url=_ACTION)


@settings(max_examples=200, deadline=None)
@given(letter=st.sampled_from(letters()), language=st.sampled_from(LANGUAGES), word=_hostile)
def test_what_people_type_adds_no_element_link_or_attribute(letter: Letter, language: str, word: str) -> None:
    harmless = html.read(_render(letter, language, "word word").html)
    hostile = html.read(_render(letter, language, word).html)
    assert _added(harmless, hostile) == Counter()
    assert hostile.attributes <= harmless.attributes
    ours = [link for link in hostile.links if not link.startswith("mailto:")]
    assert ours == [link for link in harmless.links if not link.startswith("mailto:")]
    assert hostile.unclosed == []


@settings(max_examples=200, deadline=None)
@given(letter=st.sampled_from(letters()), language=st.sampled_from(LANGUAGES), word=_hostile)
def test_what_people_type_adds_no_header_line_or_second_footer(
    letter: Letter, language: str, word: str
) -> None:
    rendered = _render(letter, language, word)
    assert rendered.subject.splitlines() == [rendered.subject]
    assert len(rendered.subject) <= 120
    assert rendered.text.splitlines().count("-- ") == 1
    assert not any(sign in rendered.text for sign in "\r\x00\x1b\u2028\u2029\u202e")
    assert "\n\n\n" not in rendered.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_value_that_looks_like_the_button_is_told_as_it_is(language: str) -> None:
    rendered = _render(Letter.MENTOR_NOT_NOW, language, "[[action]]")
    assert "> [[action]]" in rendered.text
    assert "[[action]]" in html.read(rendered.html).words


def test_markup_is_seen_where_values_are_not_made_inert() -> None:
    naive = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - what must not be
    body = naive.from_string("Dear {{ name }},")
    harmless, hostile = (
        html.read(to_html(read(body.render(name=name))[0])) for name in ("Lina", "\n\n# Lina\n\n- **Lina**")
    )
    assert _added(harmless, hostile) == Counter(h1=1, ul=1, li=1, strong=1)


@given(st.text(max_size=200))
def test_inert_value_reads_as_itself(value: str) -> None:
    tokens, rest = read(f"x{inert(value)}x")
    document = html.read(to_html(tokens))
    assert rest is None
    assert document.tags == Counter(p=1)
    assert document.words == f"x{one_line(value)}x\n"


@pytest.mark.parametrize("value", _NASTY)
def test_quotation_keeps_lines_and_marks_up_nothing(value: str) -> None:
    tokens, _ = read(quotation(value))
    tags = html.read(to_html(tokens)).tags
    assert set(tags) <= {"blockquote", "p", "br"}
    assert tags["blockquote"] <= 1


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("  Hello \r\nBcc: x@y.example ", "Hello Bcc: x@y.example"),
        ("Zoe\u0301", "Zo\u00e9"),
        ("a\u202eb\u200bc\u200dd", "abcd"),
        ("x" * 130, "x" * 119 + "…"),
    ],
)
def test_subject_line_is_what_a_header_may_carry(subject: str, line: str) -> None:
    assert subject_line(subject) == line
