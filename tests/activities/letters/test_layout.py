"""The style of letters, checked against WCAG 2.2: contrast (1.4.3) and target size (2.5.5)."""

import re
from pathlib import Path

import pytest

from activities.letters import layout

_CSS = (Path(layout.__file__).parent / "layout.css").read_text(encoding="utf-8")
_DARK = _CSS.partition("(prefers-color-scheme: dark) {")[2]
_LIGHT = _CSS.partition("@media")[0]
_TEXT = 4.5


def _colour(css: str, selector: str, name: str) -> str:
    """The colour a selector is given last."""
    found = ""
    for selectors, rules in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        if selector in {part.strip() for part in selectors.split(",")}:
            for value in re.findall(rf"(?:^|;)\s*{name}: (#[0-9a-f]{{6}})", rules):
                found = value
    assert found, f"{selector} has no {name}"
    return found


def _luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert round(_contrast("#000000", "#ffffff"), 2) == 21


@pytest.mark.parametrize("css", [_LIGHT, _DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (".sheet", ".sheet"),
        ("h1", ".sheet"),
        ("h2", ".sheet"),
        ("blockquote", ".sheet"),
        (".bare", ".sheet"),
        (".bare a", ".sheet"),
        (".foot", ".page"),
        (".foot a", ".page"),
        (".notice", ".notice"),
        (".button a", ".button td"),
    ],
)
def test_text_stands_out_from_its_ground(css: str, text: str, ground: str) -> None:
    assert _contrast(_colour(css, text, "color"), _colour(css, ground, "background-color")) >= _TEXT


def test_button_is_at_least_44_pixels_high() -> None:
    rule = re.search(r"\.button a \{[^}]*\}", _LIGHT)
    assert rule
    padding = re.search(r"padding: (\d+)px", rule[0])
    line = re.search(r"line-height: (\d+)px", rule[0])
    assert padding
    assert line
    assert 2 * int(padding[1]) + int(line[1]) >= 44
