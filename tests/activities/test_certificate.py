"""The certificate says what it should, in letters every PDF reader has, and is the same file every time."""

import re
import zlib
from datetime import date
from typing import Any

import pytest

from activities.letters.certificate import certificate_pdf

_FACTS: dict[str, Any] = {
    "mentor_name": "Lina Moreau",
    "mentee_name": "Henri Castellane",
    "programme": "Digital Exchange 2026",
    "sessions_held": 6,
    "hours": 6.0,
    "competences": ("Evaluating information", "Collaborating through digital technologies"),
    "sponsor_name": "Inès Valadier",
    "day": date(2026, 11, 17),
    "language": "en",
}
_ATTRIBUTION = "Competences and levels follow DigComp 3.0, © European Union 2025, CC BY 4.0."
_CERTIFICATE = (
    "Certificate of digital mentoring This is to certify that Lina Moreau has been a digital mentor to Henri "
    "Castellane in the programme “Digital Exchange 2026”: 6 sessions, 6 hours one to one. "
    "Competences worked on together Evaluating information · Collaborating through digital technologies "
    f"{_ATTRIBUTION} 17 November 2026 Date Inès Valadier Sponsor of the programme"
)
_TOKEN = re.compile(rb"\((?P<drawn>(?:\\.|[^\\)])*)\) Tj|/(?P<tag>\w+) <</MCID \d+>> BDC|/Artifact BMC")


def _pdf(**other: Any) -> bytes:
    return certificate_pdf(**(_FACTS | other))


def _page(pdf: bytes) -> bytes:
    """The drawing instructions of the one page."""
    (stream,) = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)[:1]
    return zlib.decompress(stream)


def _drawn(pdf: bytes) -> str:
    """The words on the page as they are drawn, in their order."""
    shown = [match["drawn"] for match in _TOKEN.finditer(_page(pdf)) if match["drawn"] is not None]
    words = b" ".join(re.sub(rb"\\(.)", rb"\1", piece) for piece in shown).decode("windows-1252")
    return " ".join(words.replace("\u00a0", " ").split())


def _meant(pdf: bytes) -> list[str]:
    """The spellings behind words that are drawn otherwise."""
    return [
        bytes.fromhex(spelling.decode()).decode("utf-16-be")
        for spelling in re.findall(rb"/ActualText <FEFF([0-9A-F]+)>", _page(pdf))
    ]


def test_certificate_says_who_did_what_with_whom() -> None:
    assert _drawn(_pdf()) == _CERTIFICATE


def test_certificate_speaks_french() -> None:
    french = _pdf(
        language="fr",
        programme="À l'œuvre",
        competences=("Évaluer l'information",),
        hours=4.5,
        sessions_held=5,
        day=date(2026, 11, 1),
    )

    assert _drawn(french).replace("\u2019", "'") == (
        "Certificat de mentorat numérique Nous certifions que Lina Moreau a accompagné Henri Castellane "
        "comme mentor numérique dans le programme « À l'œuvre » : 5 séances, soit 4,5 heures en tête-à-tête. "
        "Compétences travaillées ensemble Évaluer l'information "
        "Compétences et niveaux d'après DigComp 3.0, © Union européenne 2025, CC BY 4.0. "
        "1er novembre 2026 Date Inès Valadier Sponsor du programme"
    )
    assert "'" not in _drawn(french)


@pytest.mark.parametrize(
    ("language", "sessions", "hours", "said"),
    [
        ("en", 1, 1.0, "1 session, 1 hour one to one."),
        ("en", 2, 1.5, "2 sessions, 1.5 hours one to one."),
        ("fr", 1, 0.75, "1 séance, soit 0,75 heure en tête-à-tête."),
        ("fr", 2, 1.5, "2 séances, soit 1,5 heure en tête-à-tête."),
        ("fr", 2, 2.0, "2 séances, soit 2 heures en tête-à-tête."),
    ],
)
def test_certificate_counts_as_the_language_does(
    language: str, sessions: int, hours: float, said: str
) -> None:
    assert said in _drawn(_pdf(language=language, sessions_held=sessions, hours=hours))


def test_certificate_leaves_out_what_is_not_known() -> None:
    assert _drawn(_pdf(mentee_name=None, competences=(), sponsor_name="")) == (
        "Certificate of digital mentoring This is to certify that Lina Moreau has been a digital mentor in "
        "the programme “Digital Exchange 2026”: 6 sessions, 6 hours one to one. 17 November 2026 Date"
    )


def test_certificate_is_the_same_file_for_the_same_facts() -> None:
    assert _pdf() == _pdf()
    assert _pdf() != _pdf(day=date(2026, 11, 18))


def test_certificate_is_dated_by_its_day() -> None:
    assert b"/CreationDate (D:20261117120000Z)" in _pdf()


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Zoë D'Été-Ångström (junior)", "Zoë D\u2019Été-Ångström (junior)"),
        ("Jan Novák \\ Šárka", "Jan Novák \\ Šárka"),
        ("Łukasz Woźniak-Đorđević", "Lukasz Wozniak-Dordevic"),
        ("Çağr\u0131 Y\u0131lmaz", "Çagri Yilmaz"),
        ("Nguyễn Ọ̀ṣun", "Nguyen Osun"),
        ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos"),
        ("Χρήστος Ψαρράς", "Christos Psarras"),
        ("Юлия Щукина", "Iuliia Shchukina"),
        ("Наталья Їжак", "Natalia Izhak"),
        ("王芳", "??"),
    ],
)
def test_certificate_draws_any_name_it_can(name: str, drawn: str) -> None:
    assert f"that {drawn} has been" in _drawn(_pdf(mentor_name=name))


def test_certificate_keeps_the_true_spelling_behind_a_drawn_one() -> None:
    pdf = _pdf(mentor_name="Łukasz Woźniak", sponsor_name="Юлия Щукина")

    assert _meant(pdf) == ["Łukasz Woźniak", "Юлия Щукина"]
    assert _meant(_pdf()) == []


def test_certificate_keeps_a_name_on_one_line_of_plain_words() -> None:
    hostile = "Lina\r\nMoreau\u202e) Tj (paid"

    assert "that Lina Moreau) Tj (paid has been" in _drawn(_pdf(mentor_name=hostile))


def test_certificate_fits_long_words_on_its_one_page() -> None:
    pdf = _pdf(
        mentor_name="Wilhelmina " * 12,
        programme="Programme " * 8,
        competences=("Collaborating through digital technologies",) * 9,
    )
    places = [float(x) for x in re.findall(rb"BT ([-\d.]+) [-\d.]+ Td", _page(pdf))]

    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
    assert min(places) > 0
    assert _drawn(pdf).count("Collaborating") == 9


def test_certificate_is_tagged_for_screen_readers() -> None:
    pdf = _pdf(language="fr")
    tags = [match["tag"] or b"Artifact" for match in _TOKEN.finditer(_page(pdf)) if match["drawn"] is None]

    assert [tag.decode() for tag in tags] == [
        *("Artifact", "H1", "P", "P", "H2", "P", "P", "P", "P"),
        *("P", "Artifact", "P", "P", "Artifact", "P"),
    ]
    assert b"/Lang (fr)" in pdf
    assert b"/MarkInfo <</Marked true>>" in pdf
    assert b"/DisplayDocTitle true" in pdf
