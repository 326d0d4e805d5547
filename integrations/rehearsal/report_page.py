"""The page of the report: one file, nothing loaded, nothing run."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from integrations.programme import Programme
from integrations.rehearsal.account import Account
from integrations.rehearsal.chronicle import MILESTONES, Chronicle, LetterTold
from integrations.rehearsal.letter_pages import attachment_name, page_name
from integrations.rehearsal.lifelines import FAMILIES, OTHERS, Axis, family_of
from integrations.rehearsal.typesetting import ENVIRONMENT, Words
from integrations.rehearsal.weeks import weeks

_STYLE: Final = Path(__file__).parent / "templates" / "report.css"
_LEGEND: Final = (*((name, words) for name, words, _ in FAMILIES), OTHERS)


def report_page(account: Account, chronicle: Chronicle, programme: Programme) -> str:
    """The page as HTML; instants are in the programme's zone."""
    words = Words(programme.zone)
    axis = Axis.over(chronicle.pairings, programme.zone)
    numbers = {told.id: number for number, told in enumerate(chronicle.pairings, start=1)}
    return ENVIRONMENT.get_template("report.html.j2").render(
        css=_STYLE.read_text(encoding="utf-8"),
        account=account,
        chronicle=chronicle,
        programme=programme,
        words=words,
        axis=axis,
        lifelines={told.id: axis.lifeline(told) for told in chronicle.pairings} if axis else {},
        numbers=numbers,
        names={told.id: f"{told.mentor} & {told.mentee}" for told in chronicle.pairings},
        weeks=weeks(chronicle.events, programme.starts_on, programme.zone),
        posted=_by_kind(chronicle.letters),
        milestones=MILESTONES,
        certificates=_certificates(chronicle.letters),
        families=_LEGEND,
        family_of=family_of,
        page_name=page_name,
        unposted=sum(not one.in_mailbox for one in chronicle.letters),
        off_server=[one for one in chronicle.events if one.status != "cancelled" and not one.on_server],
        kinds=Counter(one.kind for one in chronicle.events if one.status != "cancelled"),
    )


def _by_kind(letters: Sequence[LetterTold]) -> list[tuple[str, list[LetterTold]]]:
    ordered = sorted(letters, key=lambda one: one.letter)
    return [(kind, list(same)) for kind, same in groupby(ordered, key=lambda one: one.letter)]


def _certificates(letters: Sequence[LetterTold]) -> Mapping[int, str]:
    """The first attachment of every letter that has one, by the letter's number."""
    return {
        one.number: attachment_name(one.number, 1, one.attachments[0]) for one in letters if one.attachments
    }
