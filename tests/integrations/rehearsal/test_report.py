"""The report of a rehearsal, written from a real database, real mailboxes and real calendar files."""

import html.parser
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from integrations.answers import Purpose
from integrations.database.bookings import BookingStatus
from integrations.mail.mail import Attachment
from integrations.rehearsal.report import write_report
from tests.integrations.rehearsal.played import PROGRAMME, Played, at
from tests.integrations.web.browser import launched
from tests.pace import slowness

PDF = b"%PDF-1.7 certificate"


@dataclass
class Pair:
    life: str
    mentor: str
    mentee: str


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    played = Played.empty(tmp_path)
    yield played
    played.database.store.close()


@pytest.fixture
def pair(played: Played) -> Pair:
    """A pairing that was proposed, confirmed, met once and was thanked, with a task on the way."""
    boss = played.person("9", "Line Manager")
    coordinator = played.person("2", "Juliette Sauvageot")
    mentor = played.person("10", "Amélie Roy", locale="fr-FR", manager="9")
    mentee = played.person("11", "Jean <Dupont>")
    life = played.pairing(mentor, mentee, at(30))
    both = (mentor, mentee)
    played.letter(f"{life}/proposal/mentee/0", "proposal-to-mentee", mentee, at(31))
    played.answer(life, "proposal/mentee", mentee, at(32), Purpose.PROPOSAL, choice="accept", reason="secret")
    played.letter(f"{life}/proposal/mentor/0", "proposal-to-mentor", mentor, at(33), subject="Un mentoré ?")
    played.task(life, "proposal-unanswered", coordinator, at(38), "answered")
    played.letter(f"{life}/confirmed", "pairing-confirmed", boss, at(40))
    played.booking(f"{life}/kick-off", life, at(44, 14), (*both, coordinator), kind="kick-off", minutes=20)
    played.letter(f"{life}/countersigned", "agreement-countersigned", mentee, at(45))
    lost = BookingStatus.CANCELLED
    played.booking(f"{life}/session/1/0", life, at(50, 10), both, number=1, status=lost)
    played.booking(f"{life}/session/1/1", life, at(57, 10), both, number=1)
    played.answer(life, "session/1/1/happened/0", mentor, at(57, 13), Purpose.HAPPENED, choice="held")
    played.letter(f"{life}/closing-review/0", "closing-review", mentee, at(58))
    played.letter(f"{life}/closing-summary", "closing-summary", mentor, at(60))
    certificate = Attachment(filename="certificate.pdf", content_type="application/pdf", content=PDF)
    played.letter(f"{life}/certificate", "certificate", mentor, at(62), attachments=(certificate,))
    played.letter(f"{life}/thanks", "thanks-mentee", mentee, at(63))
    return Pair(life, mentor, mentee)


def written(played: Played, **changes: object) -> tuple[str, dict[str, Any]]:
    """The page and the figures of the report."""
    page = write_report(played.folder / "report", played.scene, played.database, played.account(**changes))
    return page.read_text(), json.loads((page.parent / "rehearsal.json").read_text())


def test_report_has_the_account_and_the_chronicle_as_json(played: Played, pair: Pair) -> None:
    _, content = written(played)
    account = played.account().model_dump(mode="json")
    assert {name: content[name] for name in account} == account
    assert content.keys() - account.keys() == {"chronicle"}
    told = content["chronicle"]["pairings"]
    assert [(one["id"], one["mentor"], one["mentee"], one["outcome"]) for one in told] == [
        (pair.life, "Amélie Roy", "Jean <Dupont>", "completed")
    ]


def test_report_tells_a_pairing_in_the_order_it_was_lived(played: Played, pair: Pair) -> None:
    _, content = written(played)
    timeline = content["chronicle"]["pairings"][0]["timeline"]
    assert [(one["kind"], one["what"], one["role"], one["said"]) for one in timeline] == [
        ("proposal", "proposal", "", "score 71"),
        ("letter", "proposal-to-mentee", "mentee", ""),
        ("answer", "proposal", "mentee", "accept"),
        ("letter", "proposal-to-mentor", "mentor", ""),
        ("task", "proposal-unanswered", "coordinator", "answered"),
        ("letter", "pairing-confirmed", "line manager", ""),
        ("meeting", "kick-off", "", "booked"),
        ("letter", "agreement-countersigned", "mentee", ""),
        ("meeting", "session 1", "", "cancelled"),
        ("meeting", "session 1", "", "held"),
        ("answer", "happened", "mentor", "held"),
        ("letter", "closing-review", "mentee", ""),
        ("letter", "closing-summary", "mentor", ""),
        ("letter", "certificate", "mentor", ""),
        ("letter", "thanks-mentee", "mentee", ""),
    ]
    assert pair.life not in {one["person_ref"] for one in timeline}


@pytest.mark.usefixtures("pair")
def test_report_leaves_out_what_people_wrote(played: Played) -> None:
    page, content = written(played)
    assert "secret" not in page
    assert "secret" not in json.dumps(content)


@pytest.mark.usefixtures("pair")
def test_report_is_the_same_for_the_same_rehearsal(played: Played) -> None:
    first, again = written(played), written(played)
    assert first == again


@pytest.mark.usefixtures("pair")
def test_report_links_every_letter_to_a_page_that_shows_it(played: Played) -> None:
    page, content = written(played)
    letters = content["chronicle"]["letters"]
    linked = set(re.findall(r'href="(letters/\d{4}\.html)"', page))
    assert linked == {f"letters/{one['number']:04}.html" for one in letters}
    for one in letters:
        shown = (played.folder / "report" / "letters" / f"{one['number']:04}.html").read_text("utf-8-sig")
        assert one["subject"].replace("<", "&lt;") in shown
        assert f"{one['address']}&gt;" in shown
        assert '<body class="x">' in shown
        assert shown.index("rehearsal-head") < shown.index("Bonjour, à bientôt.")


@pytest.mark.usefixtures("pair")
def test_letter_page_says_when_in_programme_time(played: Played) -> None:
    written(played)
    shown = (played.folder / "report" / "letters" / "0001.html").read_text("utf-8-sig")
    assert "Thursday 8 October 2026, 09:00 (Paris time)" in shown


@pytest.mark.usefixtures("pair")
def test_letter_comes_with_its_plain_text_and_files(played: Played) -> None:
    page, content = written(played)
    [number] = [one["number"] for one in content["chronicle"]["letters"] if one["letter"] == "certificate"]
    folder = played.folder / "report" / "letters"
    assert (folder / f"{number:04}.txt").read_text("utf-8-sig") == "Bonjour,\nà bientôt.\n"
    assert (folder / f"{number:04}-1-certificate.pdf").read_bytes() == PDF
    shown = (folder / f"{number:04}.html").read_text("utf-8-sig")
    assert f'href="{number:04}.txt"' in shown
    assert f'href="{number:04}-1-certificate.pdf"' in shown
    assert f'href="letters/{number:04}.html"' in page


def test_letter_without_html_is_shown_as_its_text(played: Played) -> None:
    reader = played.person("1", "Hélène Vasseur")
    played.letter("programme/digital/go/0", "go-no-go", reader, at(0), html="", text="1 < 2\n")
    written(played)
    shown = (played.folder / "report" / "letters" / "0001.html").read_text("utf-8-sig")
    assert "<pre" in shown
    assert "1 &lt; 2" in shown


def test_letter_of_the_ledger_that_no_mailbox_has_is_named(played: Played) -> None:
    reader = played.person("1", "Hélène Vasseur")
    played.enter("programme/digital/go/0", "go-no-go", reader, at(0))
    page, content = written(played)
    assert [one["in_mailbox"] for one in content["chronicle"]["letters"]] == [False]
    assert "1 letter of the ledger lies in no mailbox" in page
    assert "letters/0001.html" not in page


def test_second_copy_of_a_letter_is_shown_as_one(played: Played) -> None:
    reader = played.person("1", "Hélène Vasseur")
    key = played.letter("programme/digital/go/0", "go-no-go", reader, at(0))
    played.post(key, "go-no-go", reader)
    page, content = written(played)
    letters = content["chronicle"]["letters"]
    assert [(one["number"], one["key"], one["copy_of"]) for one in letters] == [(1, key, ""), (2, "", key)]
    # Its Date is an hour of real time after the anchor; a real second is a programme day.
    assert letters[1]["sent_at"] == f"{at(3600, 8):%Y-%m-%dT%H:%M:%SZ}"
    assert "second copy" in page
    assert "not in the ledger" not in page


def test_letter_that_nobody_entered_is_shown_as_unknown_to_the_ledger(played: Played) -> None:
    reader = played.person("1", "Hélène Vasseur")
    played.post("programme/other/1", "report", reader)
    page, content = written(played)
    assert [(one["key"], one["copy_of"]) for one in content["chronicle"]["letters"]] == [("", "")]
    assert "not in the ledger" in page


def test_booked_event_missing_at_the_server_is_named(played: Played, pair: Pair) -> None:
    both = (pair.mentor, pair.mentee)
    played.booking(f"{pair.life}/session/2/1", pair.life, at(80, 10), both, number=2, on_server=False)
    played.serve("stray", at(81), at(81) + timedelta(hours=1))
    page, content = written(played)
    events = content["chronicle"]["events"]
    assert [(one["kind"], one["status"], one["on_server"]) for one in events] == [
        ("kick-off", "booked", True),
        ("session", "cancelled", False),
        ("session", "booked", True),
        ("session", "booked", False),
    ]
    assert content["chronicle"]["strays"] == ["stray"]
    assert "session 2 of Thursday 26 November 2026, 09:00 (Paris time) is not at the calendar server" in page
    assert "does not know as booked: stray" in page


def test_event_moved_at_the_server_only_is_named(played: Played, pair: Pair) -> None:
    played.serve(f"{pair.life}/session/1/1", at(57, 15), at(57, 16))
    _, content = written(played)
    assert [one["on_server"] for one in content["chronicle"]["events"]] == [True, False, False]


@pytest.mark.usefixtures("pair")
def test_report_says_whether_the_account_is_whole(played: Played) -> None:
    page, _ = written(played)
    assert "<strong>Whole.</strong>" in page
    page, _ = written(played, troubles=("a <form> was refused",))
    assert "<strong>Not whole.</strong>" in page
    assert "a &lt;form&gt; was refused" in page


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize(
    ("completed", "least", "is_whole"), [(12, 6, True), (13, 7, True), (11, 6, False), (12, 5, False)]
)
def test_account_is_whole_with_all_pairings_and_sessions_that_were_wanted(
    played: Played, completed: int, least: int, *, is_whole: bool
) -> None:
    wanted = {"wanted": 12, "sessions_wanted": 6}
    account = played.account(outcomes={"completed": completed}, least_sessions_of_completed=least, **wanted)
    assert (account.is_whole, account.falls_short) == (is_whole, not is_whole)
    assert played.account(outcomes={"declined": 1}, least_sessions_of_completed=0).is_whole


def test_report_tells_a_mentor_from_application_to_certificate(played: Played, pair: Pair) -> None:
    life = f"mentor/{PROGRAMME}/{pair.mentor}"
    trainer = played.person("4", "Solène Guivarch")
    played.database.programmes.set_mentor_status(PROGRAMME, pair.mentor, "certified")
    played.answer(life, "application", pair.mentor, at(3), Purpose.APPLICATION, choice="apply")
    for half_day, present in ((1, (pair.mentor,)), (2, (pair.mentor, "p_x")), (3, ("p_x",))):
        key, when = f"training/1/attendance/{half_day}/1", at(10 + half_day)
        programme = f"programme/{PROGRAMME}"
        told = {"choice": "held", "present": present}
        played.answer(programme, key, trainer, when, Purpose.ATTENDANCE, **told)
    played.letter(f"{life}/certified", "mentor-certified", pair.mentor, at(20))
    page, content = written(played)
    [told] = content["chronicle"]["mentors"]
    assert (told["name"], told["status"], told["pairings"]) == ("Amélie Roy", "certified", [pair.life])
    assert {name: one["said"] for name, one in told["milestones"].items()} == {
        "applied": "apply",
        "training": "2 of 3",
        "certified": "",
        "certificate": "",
    }
    assert '<a href="#pairing-1"' in page


def test_report_tells_what_needed_a_human(played: Played, pair: Pair) -> None:
    page, content = written(played)
    assert [
        (one["kind"], one["life"], one["owner"], one["outcome"]) for one in content["chronicle"]["tasks"]
    ] == [("proposal-unanswered", pair.life, "Juliette Sauvageot", "answered")]
    assert "1 task" in page


def test_report_names_a_forgotten_person_by_their_ref(played: Played, pair: Pair) -> None:
    played.database.directory.forget(pair.mentee)
    _, content = written(played)
    assert content["chronicle"]["pairings"][0]["mentee"] == pair.mentee


def test_report_of_an_empty_programme_says_so(played: Played) -> None:
    page, content = written(played)
    assert "No pairing was proposed." in page
    assert "Nothing was booked." in page
    assert content["chronicle"]["letters"] == []


@pytest.mark.usefixtures("pair")
def test_report_replaces_the_letters_of_an_earlier_one(played: Played) -> None:
    letters = played.folder / "report" / "letters"
    letters.mkdir(parents=True)
    (letters / "0999.html").write_text("old")
    (letters / "notes.txt").write_text("mine")
    written(played)
    assert not (letters / "0999.html").exists()
    assert (letters / "notes.txt").read_text() == "mine"


class _Outside(html.parser.HTMLParser):
    """Collects what a page would load or run, ids, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.ids: list[str] = []
        self.targets: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"script", "iframe", "img", "object"} or (tag == "link" and given["href"] != "data:,"):
            self.loaded.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag == "a" and given["href"]:
            self.targets.add(given["href"])


@pytest.mark.usefixtures("pair")
def test_page_loads_nothing_and_leads_nowhere_wrong(played: Played) -> None:
    page, _ = written(played)
    seen = _Outside()
    seen.feed(page)
    assert seen.loaded == []
    assert "url(" not in page
    assert len(seen.ids) == len(set(seen.ids))
    for target in seen.targets:
        if target.startswith("#"):
            assert target[1:] in seen.ids
        else:
            assert (played.folder / "report" / target).is_file()


@pytest.mark.usefixtures("pair")
def test_page_escapes_names(played: Played) -> None:
    page, _ = written(played)
    assert "Jean &lt;Dupont&gt;" in page
    assert "<Dupont>" not in page
    assert "<title>Digital &lt;2026&gt; · rehearsal</title>" in page


@pytest.mark.browser
@pytest.mark.usefixtures("pair")
def test_page_fits_narrow_and_wide_screens_and_opens_letters(played: Played) -> None:
    written(played)
    with launched() as browser:
        page = browser.new_page()
        page.goto((played.folder / "report" / "rehearsal.html").as_uri())
        page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        for width in (375, 1400):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") == width
        page.get_by_role("link", name="Un mentoré ?").first.click()
        expect(page.get_by_text("Bonjour, à bientôt.")).to_be_visible()
        page.get_by_role("link", name="The rehearsal").click()
        expect(page.get_by_role("heading", name="Digital <2026>")).to_be_visible()


def test_report_of_eight_hundred_letters_takes_less_than_five_seconds(played: Played) -> None:
    mentor, mentee = played.person("10", "Amélie Roy"), played.person("11", "Jean Dupont")
    life = played.pairing(mentor, mentee, at(30))
    for number in range(800):
        played.letter(f"{life}/pulse/{number}/0", "pulse", mentee, at(31) + timedelta(hours=number))
    account = played.account()
    began = time.thread_time()
    write_report(played.folder / "report", played.scene, played.database, account)
    assert time.thread_time() - began < 5 * slowness()


@pytest.mark.parametrize("went_out", [True, False])
def test_letter_whose_process_was_killed_over_it_is_counted_by_nobody(
    played: Played, *, went_out: bool
) -> None:
    mentee = played.person("11", "Jean Dupont")
    played.letter("life/pulse/1/0", "pulse", mentee, at(31))
    played.database.ledger.claim("life/pulse/3/0/x", "pulse", mentee, PROGRAMME, at(32))
    if went_out:
        played.post("life/pulse/3/0/x", "pulse", mentee)
    (letters,) = (count for count in played.account().counts if count.name == "letters")
    assert (letters.service, letters.server) == (1, 1)


def test_letter_that_the_service_knows_nothing_of_does_not_agree(played: Played) -> None:
    played.post("stray", "pulse", played.person("11", "Jean Dupont"))
    (letters,) = (count for count in played.account().counts if count.name == "letters")
    assert not letters.agrees
