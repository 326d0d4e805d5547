"""Links: looking never acts, answering acts once, and a link that is not good says why."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from starlette.testclient import TestClient

from integrations.answers import Purpose
from integrations.links import LinkSigner
from integrations.web.languages import preferred
from tests.integrations.web.conftest import Inbox
from tests.integrations.web.filled import FILLED, facts_for
from tests.integrations.web.markup import Document

PROPOSAL = dict(FILLED[Purpose.PROPOSAL])


def test_looking_never_acts_and_answering_acts_once(inbox: Inbox, browser: TestClient) -> None:
    path = inbox.proposal()
    prefetch = {"Purpose": "prefetch", "Sec-Purpose": "prefetch"}
    for _ in range(50):
        assert browser.get(path).status_code == 200
        assert browser.head(path).status_code == 200
        assert browser.get(path, params={"choice": "accept"}, headers=prefetch).status_code == 200
    assert inbox.answers(Purpose.PROPOSAL) == ()
    assert inbox.sink.tried == 0
    assert browser.post(path, data=PROPOSAL).status_code == 200
    again = browser.post(path, data=PROPOSAL)
    assert again.status_code == browser.get(path).status_code == 410
    assert Document.of(again.text).text["h1"] == ["This has been answered already"]
    assert len(inbox.answers(Purpose.PROPOSAL)) == len(inbox.sink.taken) == 1


def test_racing_posts_leave_one_answer(inbox: Inbox, browser: TestClient) -> None:
    path = inbox.proposal()
    codes: list[int] = []
    threads = [
        threading.Thread(target=lambda: codes.append(browser.post(path, data=PROPOSAL).status_code))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200] + [410] * 7
    assert len(inbox.answers(Purpose.PROPOSAL)) == 1


def test_expired_link_neither_shows_nor_acts(inbox: Inbox, browser: TestClient) -> None:
    path = inbox.proposal(days=-0.001)
    for answered in (browser.get(path), browser.post(path, data=PROPOSAL)):
        assert answered.status_code == 410
        assert Document.of(answered.text).text["h1"] == ["This link is no longer valid"]
    assert inbox.answers(Purpose.PROPOSAL) == ()


def test_link_tampered_with_in_any_character_is_unknown(inbox: Inbox, browser: TestClient) -> None:
    path = inbox.proposal()
    token = path.removeprefix("/a/")
    for index, sign in enumerate(token):
        other = "A" if sign != "A" else "B"
        tampered = f"/a/{token[:index]}{other}{token[index + 1 :]}"
        assert browser.get(tampered).status_code == 404
        assert browser.post(tampered, data=PROPOSAL).status_code == 404
    assert inbox.answers(Purpose.PROPOSAL) == ()
    assert browser.get(path).status_code == 200


def test_link_we_could_have_minted_but_did_not_is_unknown(inbox: Inbox, browser: TestClient) -> None:
    never_issued = browser.get(f"/a/{inbox.signer.mint()}")
    assert never_issued.status_code == 404
    assert Document.of(never_issued.text).text["h1"] == ["This link is not known"]


def test_link_serves_no_other_purpose(inbox: Inbox, browser: TestClient) -> None:
    path = inbox.proposal()
    stop = dict(FILLED[Purpose.STOP_CONFIRMATION])
    assert browser.post(path, data=stop).status_code == 422
    assert browser.post(path, data=PROPOSAL | {"purpose": "stop-confirmation"}).status_code == 200
    assert inbox.answers(Purpose.STOP_CONFIRMATION) == ()
    assert [answer.choice for answer in inbox.answers(Purpose.PROPOSAL)] == ["decline"]


@pytest.mark.parametrize("days", [14, -1])
def test_page_of_a_dead_link_names_nobody(inbox: Inbox, browser: TestClient, days: int) -> None:
    path = inbox.proposal(days=days)
    browser.post(path, data=PROPOSAL)
    facts = facts_for(Purpose.PROPOSAL, "en")
    shown = browser.get(path).text
    assert facts.partner
    assert [word for word in (facts.programme, facts.reader.name, facts.partner.name) if word in shown] == []


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr", "fr"),
        ("fr-CH, en;q=0.8", "fr"),
        ("en;q=0.4, fr;q=0.5", "fr"),
        ("de, fr;q=0.3", "fr"),
        ("de", "en"),
        ("", "en"),
        ("fr;q=0", "en"),
        ("fr;q=nonsense", "en"),
        ("FR", "fr"),
    ],
)
def test_page_without_a_link_follows_the_browser(
    inbox: Inbox, browser: TestClient, header: str, language: str
) -> None:
    shown = browser.get(f"/a/{inbox.signer.mint()}", headers={"Accept-Language": header})
    assert Document.of(shown.text).all("html", lang=language)


@given(st.text())
def test_any_accept_language_gives_a_language(header: str) -> None:
    assert preferred(header) in {"en", "fr"}


def test_forged_link_never_reaches_the_database(inbox: Inbox, browser: TestClient) -> None:
    with inbox.database.store.session() as session:
        session.execute(text("DROP TABLE links"))
    forged = LinkSigner(["a key of somebody else entirely"]).mint()
    assert browser.get(f"/a/{forged}").status_code == 404
    assert browser.get(f"/a/{inbox.signer.mint()}").status_code == 503
