"""Requests: headers on every response, bodies that are not taken, text that stays text."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from integrations.answers import Purpose
from integrations.web.app import LARGEST_BODY
from tests.integrations.web.conftest import Inbox
from tests.integrations.web.filled import FILLED, facts_for
from tests.integrations.web.markup import Document

PROPOSAL = dict(FILLED[Purpose.PROPOSAL])
SECURITY = {
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


def test_every_response_has_the_security_headers(inbox: Inbox, browser: TestClient) -> None:
    path = inbox.proposal()
    responses = [
        browser.get(path),
        browser.post(path, data={}),
        browser.post(path, data=PROPOSAL),
        browser.get(path),
        browser.get("/a/forged"),
        browser.get("/nothing"),
        browser.put(path),
        browser.get("/health"),
    ]
    assert [response.status_code for response in responses] == [200, 415, 200, 410, 404, 404, 405, 200]
    for response in responses:
        assert SECURITY.items() <= dict(response.headers).items()
        assert "set-cookie" not in response.headers


def test_style_is_kept_by_browsers_for_a_while(browser: TestClient) -> None:
    style = browser.get("/style.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert style.headers["cache-control"] == "public, max-age=3600"
    assert "url(" not in style.text


def test_body_over_the_cap_is_refused_whether_announced_or_not(inbox: Inbox, browser: TestClient) -> None:
    path = inbox.proposal()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    whole = b"choice=decline&reason=" + b"x" * LARGEST_BODY

    def in_pieces() -> Iterator[bytes]:
        for start in range(0, len(whole), 8192):
            yield whole[start : start + 8192]

    assert browser.post(path, content=whole, headers=kind).status_code == 413
    assert browser.post(path, content=in_pieces(), headers=kind).status_code == 413
    assert inbox.answers(Purpose.PROPOSAL) == ()


def test_form_with_too_many_fields_is_refused(inbox: Inbox, browser: TestClient) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.post(inbox.proposal(), content=b"a=1&" * 1001, headers=kind).status_code == 400


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json", "text/plain"])
def test_other_kinds_of_body_are_not_taken(inbox: Inbox, browser: TestClient, kind: str) -> None:
    refused = browser.post(inbox.proposal(), content=b'{"choice": "accept"}', headers={"Content-Type": kind})
    assert refused.status_code == 415
    assert Document.of(refused.text).text["h1"] == ["This kind of form is not taken"]


def test_text_is_kept_without_what_nobody_can_see(inbox: Inbox, browser: TestClient) -> None:
    hidden = "a\u202eb\x00c\u2066d\ud800e\r\nf\tg\ufeff"
    body = b"choice=decline&reason=" + b"".join(
        f"%{byte:02x}".encode() for byte in hidden.encode("utf-8", "surrogatepass")
    )
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.post(inbox.proposal(), content=body, headers=kind).status_code == 200
    (answer,) = inbox.answers(Purpose.PROPOSAL)
    assert answer.content["reason"].replace("\ufffd", "") == "abcde\nf\tg"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=400), prefix=st.sampled_from([b"", b"choice=accept&", b"choice=decline&reason="])
)
def test_no_body_brings_the_inbox_down(inbox: Inbox, browser: TestClient, body: bytes, prefix: bytes) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answered = browser.post(inbox.proposal(), content=prefix + body, headers=kind)
    assert answered.status_code in {200, 400, 422}
    Document.of(answered.text)


def test_what_people_wrote_is_shown_as_text(inbox: Inbox, browser: TestClient) -> None:
    hostile = '"><script>alert(1)</script><a href="javascript:x">'
    facts = facts_for(Purpose.DRY_RUN, "en").model_copy(update={"materials": hostile})
    page = Document.of(browser.get(inbox.link(Purpose.DRY_RUN, facts)).text)
    assert page.all("script") == []
    assert [a.attributes["href"] for a in page.all("a")] == ["mailto:exchange@mentoring.example"]
