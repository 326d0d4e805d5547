import pytest

from activities.letters.typesetting import typeset


@pytest.mark.parametrize(
    ("typed", "english", "french"),
    [
        ("it's", "it\u2019s", "it\u2019s"),
        ("oui ; non", "oui ; non", "oui\u202f; non"),
        ("oui !", "oui !", "oui\u202f!"),
        ("oui ? non", "oui ? non", "oui\u202f? non"),
        ("voici : là", "voici : là", "voici\u00a0: là"),
        ("« oui »", "« oui »", "«\u00a0oui\u00a0»"),
        ("https://a.example/?x :y", "https://a.example/?x :y", "https://a.example/?x :y"),
        ("10:30", "10:30", "10:30"),
    ],
)
def test_typeset_sets_apostrophes_and_french_spaces(typed: str, english: str, french: str) -> None:
    assert typeset(typed, "en") == english
    assert typeset(typed, "fr") == french
