"""The certificate of a mentor, as a PDF page to print or to share.

The fonts every PDF reader brings along know Western European letters only, so a name in other letters is
drawn transliterated. Its true spelling stands behind the drawn one (`ActualText`), where search, copying and
screen readers find it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from fpdf import FPDF, ViewerPreferences
from fpdf.enums import Align, MethodReturnValue

from activities.letters.inert import one_line
from activities.letters.typesetting import typeset
from activities.letters.western import ENCODING, western
from integrations.competences import ATTRIBUTION

_INK: Final = (27, 35, 44)
_QUIET: Final = (74, 86, 98)
_BLUE: Final = (20, 80, 122)
_GOLD: Final = (168, 130, 62)
_WIDTH: Final = 297.0
_LINE: Final = 215.0
_SIDE: Final = 74.0

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Certificate",
        "subtitle": "of digital mentoring",
        "opening": "This is to certify that",
        "to": "has been a digital mentor to {mentee} in the programme “{programme}”: "
        "{sessions}, {hours} one to one.",
        "alone": "has been a digital mentor in the programme “{programme}”: {sessions}, {hours} one to one.",
        "competences": "Competences worked on together",
        "day": "Date",
        "sponsor": "Sponsor of the programme",
        "session.one": "session",
        "session.other": "sessions",
        "hour.one": "hour",
        "hour.other": "hours",
    },
    "fr": {
        "title": "Certificat",
        "subtitle": "de mentorat numérique",
        "opening": "Nous certifions que",
        "to": "a accompagné {mentee} comme mentor numérique dans le programme « {programme} » : "
        "{sessions}, soit {hours} en tête-à-tête.",
        "alone": "a été mentor numérique dans le programme « {programme} » : "
        "{sessions}, soit {hours} en tête-à-tête.",
        "competences": "Compétences travaillées ensemble",
        "day": "Date",
        "sponsor": "Sponsor du programme",
        "session.one": "séance",
        "session.other": "séances",
        "hour.one": "heure",
        "hour.other": "heures",
    },
}


def certificate_pdf(  # noqa: PLR0913 - a certificate says that much
    *,
    mentor_name: str,
    mentee_name: str | None,
    programme: str,
    sessions_held: int,
    hours: float,
    competences: Sequence[str],
    sponsor_name: str,
    day: date,
    language: str,
) -> bytes:
    """The certificate on one A4 page in landscape, tagged for screen readers; same input, same bytes.

    `language` is `en` or `fr`; the competences come in that language already. Without a mentee the
    certificate names none; without competences or sponsor it leaves those parts out.
    """
    words = _WORDS[language]
    sheet = _Sheet(f"{words['title']} {words['subtitle']} · {one_line(mentor_name)}", day, language)
    sheet.heading(words["title"], words["subtitle"])
    sheet.centred(words["opening"], top=84, size=13, colour=_QUIET)
    sheet.centred(mentor_name, top=92, size=36, style="BI", tag="H2")
    merit = words["to" if mentee_name else "alone"].format(
        mentee=mentee_name,
        programme=programme,
        sessions=_counted(sessions_held, "session", language),
        hours=_counted(hours, "hour", language),
    )
    sheet.paragraph(merit, top=112, size=15)
    if competences:
        sheet.centred(words["competences"], top=136, size=10, family="Helvetica", colour=_BLUE)
        sheet.paragraph(" · ".join(map(_unbroken, competences)), top=142, size=13)
        sheet.centred(ATTRIBUTION[language], top=190, size=8, family="Helvetica", colour=_QUIET)
    sheet.signed(_date(day, language), words["day"], left=42)
    if sponsor_name:
        sheet.signed(sponsor_name, words["sponsor"], left=_WIDTH - 42 - _SIDE)
    return bytes(sheet.output())


class _Sheet(FPDF):
    """The page: a frame, two rings that meet, and tagged text in the middle."""

    def __init__(self, title: str, day: date, language: str) -> None:
        super().__init__(orientation="landscape", format="A4")
        self.core_fonts_encoding = ENCODING
        self._language = language
        self.set_auto_page_break(auto=False)
        self.set_creation_date(datetime.combine(day, time(12), tzinfo=UTC))
        self.set_title(title)
        self.set_lang(language)
        # PDF/UA-1 (ISO 14289-1), 7.1: readers announce the title, not the file name.
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.add_page()
        with self._artifact():
            self._frame()

    def heading(self, title: str, subtitle: str) -> None:
        """What this page is."""
        self.centred(title, top=49, size=38, tag="H1")
        self.centred(subtitle, top=66, size=18, style="I", colour=_BLUE)

    def centred(  # noqa: PLR0913 - a line has that many traits
        self,
        text: str,
        *,
        top: float,
        size: float,
        family: str = "Times",
        style: str = "",
        colour: tuple[int, int, int] = _INK,
        tag: str = "P",
        left: float = (_WIDTH - _LINE) / 2,
        width: float = _LINE,
    ) -> None:
        """One centred line, set smaller where it would be wider than its place."""
        printed, drawn = self._printed(text)
        self.set_font(family, style, size)
        self.set_font_size(
            min(size, size * width / max(width, self.get_string_width(drawn) + 2 * self.c_margin))
        )
        self.set_text_color(*colour)
        self.set_xy(left, top)
        with self._tagged(tag, printed, drawn):
            self.cell(width, size * 0.42, drawn, align=Align.C)

    def paragraph(self, text: str, *, top: float, size: float) -> None:
        """A few centred lines, set smaller where they would be more than two."""
        printed, drawn = self._printed(text)
        self.set_text_color(*_INK)
        for points in range(round(size), 5, -1):
            self.set_font("Times", "", points)
            lines = self.multi_cell(
                _LINE, text=drawn, align=Align.C, dry_run=True, output=MethodReturnValue.LINES
            )
            if isinstance(lines, list) and len(lines) <= 2:  # noqa: PLR2004 - as said above
                break
        self.set_xy((_WIDTH - _LINE) / 2, top)
        with self._tagged("P", printed, drawn):
            self.multi_cell(_LINE, self.font_size * 1.45, drawn, align=Align.C)

    def signed(self, text: str, label: str, *, left: float) -> None:
        """A line with what stands on it and, below, what it is."""
        self.centred(text, top=167, size=17, style="I", left=left, width=_SIDE)
        with self._artifact():
            self.set_draw_color(*_QUIET)
            self.set_line_width(0.25)
            self.line(left, 176.5, left + _SIDE, 176.5)
        self.centred(label, top=178.5, size=9, family="Helvetica", colour=_QUIET, left=left, width=_SIDE)

    def _printed(self, text: str) -> tuple[str, str]:
        """The text as it should be printed, and as these fonts can draw it."""
        printed = typeset(one_line(text), self._language)
        return printed, western(printed)

    def _frame(self) -> None:
        for colour, inset, width in ((_BLUE, 9.0, 1.1), (_GOLD, 12.0, 0.35)):
            self.set_draw_color(*colour)
            self.set_line_width(width)
            self.rect(inset, inset, self.w - 2 * inset, self.h - 2 * inset)
        self.set_line_width(0.9)
        for colour, aside in ((_BLUE, -4.0), (_GOLD, 4.0)):
            self.set_draw_color(*colour)
            self.circle(_WIDTH / 2 + aside, 35, 7)

    @contextmanager
    def _tagged(self, tag: str, text: str, drawn: str) -> Iterator[None]:
        """Marks what is drawn inside as one element of the document's structure (ISO 32000-1, 14.7)."""
        number = self.struct_builder.next_mcid_for_page(self.page)
        self._add_marked_content(struct_type=f"/{tag}", mcid=number)
        self._out(f"/{tag} <</MCID {number}>> BDC")
        if text != drawn:
            # 14.9.4 allows the true spelling on any tag; readers such as poppler look for it on a span only.
            self._out(f"/Span <</ActualText <FEFF{text.encode('utf-16-be').hex().upper()}>>> BDC")
        yield
        self._out("EMC" if text == drawn else "EMC EMC")

    @contextmanager
    def _artifact(self) -> Iterator[None]:
        """Marks what is drawn inside as decoration, which screen readers pass over."""
        self._out("/Artifact BMC")
        yield
        self._out("EMC")


def _counted(number: float, noun: str, language: str) -> str:
    locale = Locale.parse(language)
    ending = "one" if locale.plural_form(number) == "one" else "other"
    figure = format_decimal(number, format="#,##0.##", locale=locale)
    return f"{figure}\u00a0{_WORDS[language][f'{noun}.{ending}']}"


def _date(day: date, language: str) -> str:
    pattern = "d'er' MMMM y" if language == "fr" and day.day == 1 else "d MMMM y"
    return str(format_date(day, pattern, locale=Locale.parse(language)))


def _unbroken(text: str) -> str:
    return one_line(text).replace(" ", "\u00a0")
