import re
from pathlib import Path

import pytest

from activities.letters import sources
from activities.letters.catalogue import Letter
from activities.letters.rendering import letters
from activities.letters.samples import sample_facts
from activities.letters.sources import LANGUAGES, SourceError, compile_source, languages_of, source_of
from activities.letters.words import SHOWN

_FOLDER = Path(sources.__file__).parent
_FILES = sorted(_FOLDER.glob("*/*.md"))


def test_every_source_belongs_to_a_letter_of_the_catalogue() -> None:
    known = {letter.value for letter in Letter}
    assert {path.parent.name for path in _FILES} <= known
    assert {path.stem for path in _FILES} == set(LANGUAGES)
    assert len(_FILES) == len(letters()) * len(LANGUAGES)


@pytest.mark.parametrize("path", _FILES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_paragraph_of_a_source_stands_on_one_line(path: Path) -> None:
    body = path.read_text(encoding="utf-8").partition("\n---\n")[2]
    wrapped = re.findall(r"^(?![-#>{\d]).{60,}\n(?=[^\s{\-\d#>])", body, flags=re.MULTILINE)
    assert wrapped == []


@pytest.mark.parametrize(
    "text",
    [
        "Dear Lina\n",
        "subject: Hello\n\nDear Lina\n",
        "action: Go\n---\n[[action]]\n",
        "subject:\n---\nDear Lina\n",
        "subject: Hello\nsubjekt: Hello\n---\nDear Lina\n",
        "subject: Hello\naction: Go\n---\nDear Lina\n",
        "subject: Hello\n---\n[[action]]\n",
        "subject: Hello\naction: Go\n---\n[[action]]\n\n[[action]]\n",
    ],
)
def test_malformed_source_is_refused_by_name(text: str) -> None:
    with pytest.raises(SourceError, match=r"^letter/en\.md: "):
        compile_source(text, "en", "letter/en.md")


def test_letter_that_is_not_written_raises() -> None:
    with pytest.raises(SourceError, match="go-no-go is not written in de"):
        source_of(Letter.GO_NO_GO, "de")


def test_source_is_compiled_once() -> None:
    assert source_of(Letter.TASK, "fr") is source_of(Letter.TASK, "fr")


def test_languages_of_a_letter_are_those_of_its_files() -> None:
    assert languages_of(Letter.TASK) == LANGUAGES


def test_jinja_of_a_french_source_is_left_alone() -> None:
    source = compile_source(
        "subject: L'idée : {{ 'a : b' }} !\n---\n{% if reason == \"c ;\" %}x{% endif %}« oui » ?\n", "fr", "x"
    )
    context = {**dict(sample_facts(Letter.TASK, "fr")), SHOWN: [], "reason": "c ;"}
    assert source.subject.render(context) == "L\u2019idée\u00a0: a : b\u202f!"
    assert source.body.render(context) == "x«\u00a0oui\u00a0»\u202f?"
