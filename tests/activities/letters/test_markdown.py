import pytest

from activities.letters.markdown import read, to_html, to_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("One\n\nTwo", "One\n\nTwo"),
        ("Kind regards,\nMaud", "Kind regards,\nMaud"),
        ("**Bold** and *slanted*", "Bold and slanted"),
        ("## Proposed\n\n- a\n- b\n\nEnd", "Proposed\n\n- a\n- b\n\nEnd"),
        ("- a\n\n- b", "- a\n\n- b"),
        ("9. nine\n10. ten", "9. nine\n10. ten"),
        ("- a\n  - b\n- c", "- a\n  - b\n- c"),
        ("> one\n> two\n\nEnd", "> one\n> two\n\nEnd"),
        ("- " + "word " * 20, "- " + "word " * 14 + "word\n  " + "word " * 4 + "word"),
        ("> " + "word " * 20, "> " + "word " * 14 + "word\n> " + "word " * 4 + "word"),
        ("x" * 100, "x" * 100),
        ("a & b <c>", "a & b <c>"),
    ],
)
def test_to_text_tells_markdown_as_plain_text(source: str, text: str) -> None:
    assert to_text(read(source)[0]) == text


@pytest.mark.parametrize(
    "source",
    [
        "[a](https://b.example)",
        "![a](https://b.example/c.png)",
        "<https://b.example>",
        "https://b.example",
        "<b>a</b>",
        "`a`",
        "    a",
        "&copy;",
    ],
)
def test_links_images_code_and_html_do_not_exist_in_letters(source: str) -> None:
    html = to_html(read(source)[0])
    assert html.count("<") == 2
    assert html.startswith("<p>")


def test_read_parts_the_letter_at_the_action() -> None:
    before, after = read("One\n\n[[action]]\n\nTwo")
    assert after is not None
    assert (to_text(before), to_text(after)) == ("One", "Two")


@pytest.mark.parametrize("source", ["One", "see [[action]]", "- [[action]]", r"\[\[action\]\]"])
def test_action_stands_on_a_line_of_its_own(source: str) -> None:
    assert read(source)[1] is None
