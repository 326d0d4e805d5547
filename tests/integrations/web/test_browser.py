"""The pages people meet, in a real browser: on a narrow screen, by keyboard, by name."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, ViewportSize, expect
from starlette.applications import Starlette

from integrations.answers import Purpose
from integrations.web.server import bind
from tests.integrations.web.browser import launched
from tests.integrations.web.conftest import Inbox
from tests.integrations.web.desk import desk
from tests.integrations.web.filled import facts_for

pytestmark = pytest.mark.browser

_CONTRASTS = """
(elements) => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  return elements.map((element) => {
    let ground = element, fill = [0, 0, 0, 0];
    for (; ground && fill[3] < 255; ground = ground.parentElement) {
      fill = rgba(getComputedStyle(ground).backgroundColor);
    }
    const ink = rgba(getComputedStyle(element).color);
    const [high, low] = [light(ink), light(fill)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  });
}
"""
# WCAG 2.2, 1.4.3: the contrast of text with the ground it stands on.
_TEXTS = "p:visible, li:visible, dt:visible, dd:visible, label:visible, legend:visible, button, a"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def address(inbox: Inbox) -> Iterator[str]:
    with serving(inbox.app) as found:
        yield found


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Where the application is served until the block ends."""
    listener = bind("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def narrow(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 320, "height": 640})
    yield page
    page.close()


def stands_alone(page: Page) -> None:
    """Checks what holds for every page: nothing to scroll sideways, no small text, no small target."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    sizes = page.locator("main *:visible").evaluate_all(
        "all => all.map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 16
    boxes = "all => all.map(e => e.getBoundingClientRect()).map(({width, height}) => Math.min(width, height))"
    assert min(page.get_by_role("button").evaluate_all(boxes)) >= 44
    assert min([24, *page.locator("input:not([type=hidden]), select, textarea").evaluate_all(boxes)]) >= 24


def thanked(page: Page, words: str = "Thank you") -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_application_is_made_by_label(inbox: Inbox, address: str, narrow: Page) -> None:
    narrow.goto(address + inbox.link(Purpose.APPLICATION, facts_for(Purpose.APPLICATION, "en")))
    stands_alone(narrow)
    narrow.get_by_label("Why would you like to be a mentor?").fill("I like explaining.\nAnd listening.")
    narrow.get_by_role("combobox", name="Evaluating information").select_option("4 - Highly advanced")
    narrow.get_by_role("combobox", name="Developing digital content").select_option("3 - Advanced")
    narrow.get_by_role("checkbox", name="Managing information").check()
    narrow.get_by_role("checkbox", name="English").check()
    narrow.get_by_role("checkbox", name="Monday, morning").check()
    narrow.get_by_label("Colleagues you would rather not be paired with").fill("Carl Berg")
    narrow.get_by_role("button", name="Send my application").click()
    thanked(narrow)
    (answer,) = inbox.answers(Purpose.APPLICATION)
    assert answer.content == {
        "choice": "apply",
        "motivation": "I like explaining.\nAnd listening.",
        "strengths": {"1.2": 4, "3.1": 3},
        "interests": ["1.3"],
        "languages": ["en"],
        "preferred": ["mon-am"],
        "rather_with": "",
        "rather_not_with": "Carl Berg",
    }


def test_application_sent_too_early_leads_to_what_is_missing(
    inbox: Inbox, address: str, narrow: Page
) -> None:
    narrow.goto(address + inbox.link(Purpose.APPLICATION, facts_for(Purpose.APPLICATION, "en")))
    narrow.get_by_role("checkbox", name="Polish").check()
    narrow.get_by_role("button", name="Send my application").click()
    summary = narrow.get_by_role("alert")
    expect(summary).to_be_focused()
    stands_alone(narrow)
    summary.get_by_role("link", name="Why would you like to be a mentor?").click()
    motivation = narrow.get_by_label("Why would you like to be a mentor?")
    expect(motivation).to_be_focused()
    expect(motivation).to_have_accessible_description(
        "A few sentences are enough. Error: Write something here."
    )
    expect(narrow.get_by_role("checkbox", name="Polish")).to_be_checked()


def test_proposal_is_accepted_by_keyboard_alone(inbox: Inbox, address: str, narrow: Page) -> None:
    narrow.goto(address + inbox.link(Purpose.PROPOSAL, facts_for(Purpose.PROPOSAL, "fr")))
    stands_alone(narrow)
    narrow.keyboard.press("Tab")
    expect(narrow.get_by_role("radio", name="Oui, volontiers")).to_be_focused()
    assert narrow.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    narrow.keyboard.press("Space")
    for _ in range(2):
        narrow.keyboard.press("Tab")
    expect(narrow.get_by_role("button", name="Envoyer ma réponse")).to_be_focused()
    narrow.keyboard.press("Enter")
    thanked(narrow, "Merci")
    assert [answer.choice for answer in inbox.answers(Purpose.PROPOSAL)] == ["accept"]


def test_goals_are_written_down(inbox: Inbox, address: str, narrow: Page) -> None:
    narrow.goto(address + inbox.link(Purpose.GOALS, facts_for(Purpose.GOALS, "en")))
    stands_alone(narrow)
    goal = narrow.get_by_role("group", name="Goal 1")
    goal.get_by_label("Competence").select_option("Evaluating information")
    goal.get_by_label("Level now").select_option("2 - Intermediate")
    goal.get_by_label("Level wanted").select_option("1 - Basic")
    goal.get_by_label("What will show it").fill("Checks two sources")
    narrow.get_by_role("button", name="Send the goals").click()
    wanted = narrow.get_by_role("group", name="Goal 1").get_by_label("Level wanted")
    expect(wanted).to_have_accessible_description("Error: The level wanted must be above the level now.")
    wanted.select_option("3 - Advanced")
    narrow.get_by_role("button", name="Send the goals").click()
    thanked(narrow)
    (answer,) = inbox.answers(Purpose.GOALS)
    assert answer.content["goals"] == [
        {"competence": "1.2", "level_now": 2, "level_wanted": 3, "evidence": "Checks two sources"}
    ]


def test_pulse_is_answered_by_keyboard_alone(inbox: Inbox, address: str, narrow: Page) -> None:
    facts = facts_for(Purpose.PULSE, "en").model_copy(update={"role": "mentee"})
    narrow.goto(address + inbox.link(Purpose.PULSE, facts))
    stands_alone(narrow)
    for steps in (4, 3, 2, 1, 10):
        narrow.keyboard.press("Tab")
        for _ in range(steps):
            narrow.keyboard.press("ArrowRight")
    narrow.keyboard.press("Tab")
    narrow.keyboard.type("All well")
    narrow.keyboard.press("Tab")
    narrow.keyboard.press("ArrowDown")
    expect(narrow.get_by_role("radio", name="Yes, please contact me")).to_be_checked()
    narrow.keyboard.press("Tab")
    narrow.keyboard.press("Enter")
    thanked(narrow)
    (answer,) = inbox.answers(Purpose.PULSE)
    assert answer.content == {
        "choice": "contact-me",
        "trust_1": 5,
        "trust_2": 4,
        "trust_3": 3,
        "trust_4": 2,
        "trust_mentor": None,
        "useful": 10,
        "note": "All well",
    }


def test_matching_is_reviewed(inbox: Inbox, address: str, narrow: Page) -> None:
    narrow.goto(address + inbox.link(Purpose.MATCH_REVIEW, facts_for(Purpose.MATCH_REVIEW, "en")))
    stands_alone(narrow)
    expect(narrow.get_by_role("table", name="Proposed pairs").get_by_role("row")).to_have_count(3)
    expect(narrow.get_by_role("columnheader", name="Score").first).to_be_attached()
    narrow.get_by_role("checkbox", name="Fix Lina Moreau - Henri Castellane").check()
    narrow.get_by_role("checkbox", name="Forbid Sami Haddad - Carl Weidmann").check()
    narrow.get_by_role("button", name="Solve again").click()
    thanked(narrow)
    (answer,) = inbox.answers(Purpose.MATCH_REVIEW)
    assert answer.content == {
        "choice": "solve-again",
        "fixed": ["p-lina:p-henri"],
        "forbidden": ["p-sami:p-carl"],
    }


def test_matching_is_solved_again_on_its_page_and_published(
    migrated: Path, tmp_path: Path, chromium: Browser
) -> None:
    with desk(migrated, tmp_path) as made, serving(made.inbox.app) as address:
        narrow = chromium.new_page(viewport={"width": 320, "height": 640})
        forbidden, miss = made.pairs[0], made.newest.near_misses[0].text
        narrow.goto(address + made.link())
        url = narrow.url
        narrow.get_by_role("checkbox", name=f"Forbid {made.named(forbidden)}").check()
        narrow.get_by_role("checkbox", name=f"Fix {made.named(miss)}").check()
        narrow.get_by_role("button", name="Solve again").click()
        expect(narrow.get_by_role("heading", name="What solving again has changed")).to_be_visible()
        stands_alone(narrow)
        assert narrow.url == url
        assert miss in made.pairs
        assert forbidden not in made.pairs
        proposed = narrow.get_by_role("table", name="Proposed pairs")
        expect(proposed.get_by_role("row")).to_have_count(1 + len(made.pairs))
        expect(proposed.get_by_role("checkbox", name=f"Fix {made.named(miss)}")).to_be_checked()
        ruled_out = narrow.get_by_role("table", name="Ruled out by you")
        expect(ruled_out.get_by_role("checkbox", name=f"Forbid {made.named(forbidden)}")).to_be_checked()
        narrow.reload()
        expect(proposed.get_by_role("row")).to_have_count(1 + len(made.pairs))
        narrow.get_by_role("button", name="Publish these pairs").click()
        thanked(narrow)
        (answer,) = made.answers
        assert (answer.choice, answer.content["fixed"]) == ("publish", [miss])
        narrow.close()


def test_back_from_a_matching_solved_again_shows_the_newest_pairs(
    migrated: Path, tmp_path: Path, chromium: Browser
) -> None:
    with desk(migrated, tmp_path) as made, serving(made.inbox.app) as address:
        page, forbidden = chromium.new_page(), made.pairs[0]
        page.goto(address + made.link())
        page.get_by_role("checkbox", name=f"Forbid {made.named(forbidden)}").check()
        page.get_by_role("button", name="Solve again").click()
        expect(page.get_by_role("table", name="Ruled out by you")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("table", name="Ruled out by you")).to_be_visible()
        page.get_by_role("button", name="Publish these pairs").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
        page.close()


def test_matching_published_in_an_old_window_shows_the_newest_pairs_first(
    migrated: Path, tmp_path: Path, chromium: Browser
) -> None:
    with desk(migrated, tmp_path) as made, serving(made.inbox.app) as address:
        size: ViewportSize = {"width": 320, "height": 640}
        old, new = (chromium.new_page(viewport=size) for _ in range(2))
        link, forbidden = address + made.link(), made.pairs[0]
        for window in (old, new):
            window.goto(link)
        new.get_by_role("checkbox", name=f"Forbid {made.named(forbidden)}").check()
        new.get_by_role("button", name="Solve again").click()
        expect(new.get_by_role("table", name="Ruled out by you")).to_be_visible()
        old.get_by_role("button", name="Publish these pairs").click()
        expect(old.get_by_role("alert")).to_contain_text("solved again in another window")
        expect(old.get_by_role("alert")).to_be_focused()
        expect(old.get_by_role("table", name="Ruled out by you")).to_be_visible()
        assert made.answers == ()
        old.get_by_role("button", name="Publish these pairs").click()
        thanked(old)
        for window in (old, new):
            window.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read_on_a_narrow_screen(
    inbox: Inbox, address: str, chromium: Browser, scheme: Literal["light", "dark"]
) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 640}, color_scheme=scheme)
    for purpose in Purpose:
        page.goto(address + inbox.link(purpose, facts_for(purpose, "fr")))
        stands_alone(page)
        if page.get_by_role("button").count() == 1:
            with page.expect_navigation():
                page.get_by_role("button").click()
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert min(page.locator(_TEXTS).evaluate_all(_CONTRASTS)) >= 4.5
    page.close()
