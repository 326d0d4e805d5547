"""A matching solved again on its page: the link stays good, and what was shown is what is published."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from httpx import Response
from starlette.testclient import TestClient

from activities.cohorts import Cohorts
from activities.matching import PublishPairs
from activities.matchmaking import Matchmaking
from activities.reviewing import ReviewSolver
from integrations.answers import MatchReview, Purpose
from integrations.database.links import Link
from integrations.web import reviews
from integrations.web.resolving import Solved
from tests.integrations.web.desk import Desk, clock_of_autumn, desk, served
from tests.integrations.web.markup import Document

Ticks = dict[str, str | list[str]]


@pytest.fixture
def table(migrated: Path, tmp_path: Path) -> Iterator[Desk]:
    with desk(migrated, tmp_path) as made:
        yield made


@pytest.fixture
def browser(table: Desk) -> Iterator[TestClient]:
    with client(table) as made:
        yield made


def client(of: Desk) -> TestClient:
    return TestClient(of.inbox.app, headers={"Accept-Language": "en"}, follow_redirects=False)


def shown(browser: TestClient, path: str) -> Document:
    page = browser.get(path)
    assert page.status_code == 200
    return Document.of(page.text)


def proposal_on(page: Document) -> str:
    (field,) = page.all("input", name="proposal")
    return field.attributes["value"]


def ticked(page: Document, name: str) -> list[str]:
    return [box.attributes["value"] for box in page.all("input", name=name) if "checked" in box.attributes]


def solve(browser: TestClient, path: str, **ticks: list[str]) -> Document:
    """Solves again from the page as it stands and follows to the page that comes of it."""
    posted: Ticks = {"choice": "solve-again", "proposal": proposal_on(shown(browser, path)), **ticks}
    answered = browser.post(path, data=posted)
    assert (answered.status_code, answered.headers["location"]) == (303, path)
    return shown(browser, path)


def publish(browser: TestClient, path: str, page: Document, **ticks: list[str]) -> int:
    posted: Ticks = {"choice": "publish", "proposal": proposal_on(page), **ticks}
    return int(browser.post(path, data=posted).status_code)


def reviews_handed_over(table: Desk) -> list[str]:
    """The choices that left the inbox; how people joined may be handed over meanwhile."""
    return [taken.choice for taken in table.inbox.sink.taken if taken.purpose is Purpose.MATCH_REVIEW]


def published(table: Desk) -> set[str]:
    """What the act publishes for the one answer there is."""
    (answer,) = table.answers
    acts = Matchmaking(table.database, cohorts=Cohorts(table.database), clock=clock_of_autumn())
    matching = f"{table.programme.id}/1"
    request = PublishPairs(programme_id=table.programme.id, matching_id=matching, answer_id=answer.id)
    return {f"{pair.mentor_ref}:{pair.mentee_ref}" for pair in acts.publish_pairs(request).pairs}


def test_solving_again_shows_the_new_pairs_under_the_same_link(table: Desk, browser: TestClient) -> None:
    path, forbidden = table.link(), table.pairs[0]
    page = solve(browser, path, forbidden=[forbidden])
    boxes = [box.attributes["value"] for box in page.all("input", name="fixed")]
    assert boxes[: len(table.pairs)] == table.pairs
    assert forbidden not in table.pairs
    assert forbidden in boxes
    assert ticked(page, "forbidden") == [forbidden]
    assert "What solving again has changed" in page.text["h2"]
    assert "Ruled out by you" in page.text["h2"]
    assert table.answers == ()
    assert reviews_handed_over(table) == []


def test_changes_are_told_by_mentee(table: Desk, browser: TestClient) -> None:
    path, forbidden = table.link(), table.pairs[0]
    before = {pair.mentee_ref: pair.mentor_ref for pair in table.newest.pairs}
    page = solve(browser, path, forbidden=[forbidden])
    after = {pair.mentee_ref: pair.mentor_ref for pair in table.newest.pairs}
    names = {person.ref: person.name for person in table.people.values()}
    told = [text for text in page.text["li"] if " instead of " in text]
    assert told == sorted(
        f"{names[ref]}: {names[after[ref]]} instead of {names[before[ref]]}."
        for ref in before.keys() & after
        if before[ref] != after[ref]
    )
    assert told


def test_reloading_asks_for_nothing_and_tells_the_same(table: Desk, browser: TestClient) -> None:
    path = table.link()
    solve(browser, path, forbidden=[table.pairs[0]])
    first, again = browser.get(path).text, browser.get(path).text
    assert first == again


def test_page_before_solving_again_compares_nothing(table: Desk, browser: TestClient) -> None:
    page = shown(browser, table.link())
    assert "What solving again has changed" not in page.text["h2"]
    assert "Ruled out by you" not in page.text["h2"]
    assert ticked(page, "fixed") == ticked(page, "forbidden") == []


def test_same_wishes_solved_again_are_said_to_change_nothing(table: Desk, browser: TestClient) -> None:
    page = solve(browser, table.link())
    assert "Nothing: these are the same pairs." in page.text["li"]


def test_wish_taken_back_gives_the_first_pairs_again(table: Desk, browser: TestClient) -> None:
    path, first = table.link(), table.pairs
    solve(browser, path, forbidden=[first[0]])
    page = solve(browser, path)
    assert table.pairs == first
    assert ticked(page, "forbidden") == []


def test_near_miss_names_the_rule_in_its_way(table: Desk, browser: TestClient) -> None:
    told = shown(browser, table.link()).text["li"]
    names = {person.ref: person.name for person in table.people.values()}
    for miss in table.newest.near_misses:
        assert f"Possible with a shared language (French): {names[miss.mentor_ref]}." in told


def test_near_miss_is_fixed_against_its_rule(table: Desk, browser: TestClient) -> None:
    path = table.link()
    miss = table.newest.near_misses[0].text
    page = solve(browser, path, fixed=[miss])
    assert miss in table.pairs
    assert {"Fixed in the review.", "Against a rule: no shared language."} <= set(page.text["li"])
    assert publish(browser, path, page, fixed=[miss]) == 200
    assert miss in published(table)


def test_publishing_uses_up_the_link_and_publishes_what_the_page_showed(
    table: Desk, browser: TestClient
) -> None:
    path, forbidden = table.link(), table.pairs[0]
    page = solve(browser, path, forbidden=[forbidden])
    assert publish(browser, path, page, forbidden=[forbidden]) == 200
    assert publish(browser, path, page, forbidden=[forbidden]) == 410
    assert browser.get(path).status_code == 410
    assert reviews_handed_over(table) == ["publish"]
    assert published(table) == set(table.pairs)


def test_proposal_solved_again_in_another_window_is_not_published(table: Desk, browser: TestClient) -> None:
    path = table.link()
    old = shown(browser, path)
    solve(browser, path, forbidden=[table.pairs[0]])
    stale = browser.post(path, data={"choice": "publish", "proposal": proposal_on(old)})
    assert stale.status_code == 409
    page = Document.of(stale.text)
    assert any("solved again in another window" in text for text in page.text["a"])
    assert proposal_on(page) == proposal_on(shown(browser, path)) != proposal_on(old)
    assert table.answers == ()
    assert publish(browser, path, page, forbidden=ticked(page, "forbidden")) == 200
    assert published(table) == set(table.pairs)


def test_proposal_nobody_names_is_not_published(table: Desk, browser: TestClient) -> None:
    path = table.link()
    assert browser.post(path, data={"choice": "publish"}).status_code == 409
    assert browser.post(path, data={"choice": "publish", "proposal": "another"}).status_code == 409
    assert table.answers == ()


def test_double_click_on_solve_again_solves_once(table: Desk, browser: TestClient) -> None:
    path = table.link()
    posted: Ticks = {"choice": "solve-again", "proposal": proposal_on(shown(browser, path))}
    posted["forbidden"] = [table.pairs[0]]
    first = browser.post(path, data=posted)
    page = browser.get(path).text
    second = browser.post(path, data=posted)
    assert first.status_code == second.status_code == 303
    assert browser.get(path).text == page


def test_racing_posts_publish_one_answer(table: Desk, browser: TestClient) -> None:
    path = table.link()
    page, codes = shown(browser, path), list[int]()
    threads = [threading.Thread(target=lambda: codes.append(publish(browser, path, page))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200] + [410] * 5
    assert published(table) == set(table.pairs)


def test_racing_wishes_leave_one_of_their_proposals(table: Desk, browser: TestClient) -> None:
    path = table.link()
    page, first = proposal_on(shown(browser, path)), table.pairs
    answered = dict[str, Response]()

    def wish(pair: str) -> None:
        posted = {"choice": "solve-again", "proposal": page, "forbidden": [pair]}
        answered[pair] = browser.post(path, data=posted)

    threads = [threading.Thread(target=wish, args=(pair,)) for pair in first]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (forbidden,) = ticked(shown(browser, path), "forbidden")
    assert forbidden not in table.pairs
    assert {pair: one.status_code for pair, one in answered.items()} == {
        pair: 303 if pair == forbidden else 409 for pair in first
    }
    for pair in first:
        if pair != forbidden:
            page_again = Document.of(answered[pair].text)
            assert any("solved again in another window" in text for text in page_again.text["a"])
            assert ticked(page_again, "forbidden") == [forbidden]


def test_wishes_about_a_proposal_solved_again_by_another_process_are_not_heeded(
    table: Desk, browser: TestClient
) -> None:
    path, (first, second, *_) = table.link(), table.pairs
    page = proposal_on(shown(browser, path))
    rival = ReviewSolver(table.database, clock_of_autumn())

    class Overtaken(ReviewSolver):
        """Somebody else is done between its look at the newest proposal and its own result."""

        def solve_again(
            self,
            link: Link,
            wishes: MatchReview,
            *,
            instead_of: str,
            is_awaited: Callable[[], bool] = lambda: True,
        ) -> Solved:
            def overtaken() -> bool:
                other = wishes.model_copy(update={"forbidden": (second,)})
                rival.solve_again(link, other, instead_of=instead_of)
                return is_awaited()

            return super().solve_again(link, wishes, instead_of=instead_of, is_awaited=overtaken)

    table.inbox = served(table.database, Overtaken(table.database, clock_of_autumn()))
    with client(table) as slow:
        posted = {"choice": "solve-again", "proposal": page, "forbidden": [first]}
        assert slow.post(path, data=posted).status_code == 409
    assert table.newest.forbidden == (second,)


def test_page_tells_how_stable_the_pairs_are(table: Desk, browser: TestClient) -> None:
    told = shown(browser, table.link()).text["p"]
    assert sum("better served by each other" in text for text in told) == 1


def test_review_decided_by_the_deputy_is_closed_to_the_coordinator(table: Desk, browser: TestClient) -> None:
    mine, theirs = table.link(), table.link(person_id=table.programme.deputy)
    page = shown(browser, theirs)
    assert publish(browser, theirs, page) == 200
    assert browser.get(mine).status_code == 410
    assert publish(browser, mine, page) == 410
    assert len(table.answers) == 1


@pytest.mark.parametrize(
    ("ticks", "message"),
    [
        (lambda pairs, _: {"fixed": pairs[:1], "forbidden": pairs[:1]}, "both fixed and forbidden"),
        (lambda _, near: {"fixed": near[:2]}, "Two mentors are fixed for the same mentee"),
        (lambda *_: {"fixed": ["p-1:p-2"]}, "Choose from what is offered."),
    ],
)
def test_wishes_that_cannot_be_are_refused_with_the_ticks_still_there(
    table: Desk, browser: TestClient, ticks: object, message: str
) -> None:
    assert callable(ticks)
    path, near = table.link(), [miss.text for miss in table.newest.near_misses]
    before = table.pairs
    wishes = ticks(before, near)
    posted = {"choice": "solve-again", "proposal": proposal_on(shown(browser, path)), **wishes}
    refused = browser.post(path, data=posted)
    assert refused.status_code == 422
    page = Document.of(refused.text)
    assert any(message in text for text in page.text["span"])
    assert table.pairs == before
    assert proposal_on(page) == posted["proposal"]


@pytest.mark.parametrize("name", ["fixed", "forbidden"])
def test_publishing_with_wishes_not_solved_yet_is_refused(
    table: Desk, browser: TestClient, name: str
) -> None:
    path = table.link()
    wish = table.newest.near_misses[0].text if name == "fixed" else table.pairs[0]
    page = shown(browser, path)
    assert publish(browser, path, page, **{name: [wish]}) == 422
    assert table.answers == ()


class Tired(ReviewSolver):
    """Solves again only once it is woken."""

    def __init__(self, of: Desk) -> None:
        super().__init__(of.database, clock_of_autumn())
        self.awake, self.begun, self.ended = threading.Event(), 0, threading.Event()
        self.outcomes: list[Solved] = []

    def solve_again(
        self,
        link: Link,
        wishes: MatchReview,
        *,
        instead_of: str,
        is_awaited: Callable[[], bool] = lambda: True,
    ) -> Solved:
        self.begun += 1
        self.awake.wait(60)
        solved = super().solve_again(link, wishes, instead_of=instead_of, is_awaited=is_awaited)
        self.outcomes.append(solved)
        self.ended.set()
        return solved


def test_page_asks_to_come_back_where_solving_takes_too_long(
    table: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "_PATIENCE", 0.1)
    solver = Tired(table)
    table.inbox = served(table.database, solver)
    with client(table) as browser:
        path, before = table.link(), table.newest
        wish: Ticks = {"choice": "solve-again", "proposal": proposal_on(shown(browser, path))}
        wish["forbidden"] = [table.pairs[0]]
        for _ in range(3):
            busy = browser.post(path, data=wish)
            assert (busy.status_code, busy.headers["retry-after"]) == (503, "60")
        assert solver.begun == 1
        assert browser.get(path).status_code == 200
        solver.awake.set()
        assert solver.ended.wait(60)
        assert (solver.outcomes, table.newest) == ([Solved.GIVEN_UP], before)
        monkeypatch.setattr(reviews, "_PATIENCE", 60)
        assert browser.post(path, data=wish).status_code == 303
        assert solver.begun == 2


def test_too_many_people_are_solved_by_letter(migrated: Path, tmp_path: Path) -> None:
    with desk(migrated, tmp_path, most_cells=1) as large, client(large) as browser:
        path, forbidden = large.link(), large.pairs[0]
        page = shown(browser, path)
        posted: Ticks = {"choice": "solve-again", "proposal": proposal_on(page), "forbidden": [forbidden]}
        answered = browser.post(path, data=posted)
        assert answered.status_code == 200
        assert any(
            "A new proposal reaches you by mail" in text for text in Document.of(answered.text).text["p"]
        )
        (answer,) = large.answers
        assert (answer.choice, answer.content["forbidden"]) == ("solve-again", [forbidden])
        assert browser.get(path).status_code == 410


@pytest.mark.parametrize("language", ["en", "fr"])
def test_page_solved_again_is_well_formed_and_labelled(
    table: Desk, browser: TestClient, language: str
) -> None:
    page = solve(browser, table.link(language), forbidden=[table.pairs[0]], fixed=[table.pairs[1]])
    assert len(page.ids) == len(set(page.ids))
    labelled = {label.attributes["for"] for label in page.all("label")}
    visible = [one for one in page.controls if one.attributes.get("type") != "hidden"]
    assert {control.attributes["id"] for control in visible} == labelled
    assert page.all("script") == []


def test_looking_at_the_page_never_solves(table: Desk, browser: TestClient) -> None:
    path, before = table.link(), table.newest
    for _ in range(10):
        assert browser.get(path, params={"choice": "solve-again"}).status_code == 200
    assert table.newest == before
