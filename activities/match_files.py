"""The matching rules on files alone: people, wishes and known pairs in, pairs and reasons out."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, TextIO, TypedDict

from activities.cohorts import preferred_week, working_week
from activities.rules.cohort import Cohort, Mentee, Mentor, Stretch
from activities.rules.explaining import Explanations
from activities.rules.matching import Matching, match
from activities.rules.needs import needs_of_interests
from activities.rules.presence import WORTH_A_START
from activities.rules.reasons import Reason, in_words
from integrations.errors import InvalidError
from integrations.hr.events import PersonFacts
from integrations.match_files import KnownPair, Wish
from integrations.programme import Timings

COLUMNS: Final = ("mentee_id", "mentee", "mentor_id", "mentor", "score", "reasons")
_KINDS: Final = ("past", "conflict", "fixed")
_WORTH_IT: Final = timedelta(days=WORTH_A_START * Timings().session_every_d)
_HOURS: Final = "Mo-Fr 09:00-12:30,13:30-17:30"


class _Common(TypedDict):
    ref: str
    level: int
    languages: frozenset[str]
    site: str
    function: str
    unit: str
    working: tuple[Stretch, ...]
    preferred: tuple[Stretch, ...]
    interests: frozenset[str]
    wishes: frozenset[str]
    stays: bool


def cohort_of(
    people: Sequence[PersonFacts], wishes: Sequence[Wish], pairs: Sequence[KnownPair], on: date
) -> Cohort:
    """The cohort that the files describe, with working hours as in the week of `on`.

    Raises InvalidError naming the lines of wishes that speak of nobody in the roster.
    """
    facts = {person.person_id: person for person in people}
    unknown = [str(line) for line, wish in enumerate(wishes, start=2) if wish.person_id not in facts]
    if unknown:
        raise InvalidError(f"the wishes speak of people who are not in the roster: line {', '.join(unknown)}")
    known = {kind: {(one.mentor_id, one.mentee_id) for one in pairs if one.kind == kind} for kind in _KINDS}
    return Cohort(
        mentees=tuple(_mentee(facts[one.person_id], one, on) for one in wishes if one.role == "mentee"),
        mentors=tuple(_mentor(facts[one.person_id], one, on) for one in wishes if one.role == "mentor"),
        managers={person_id: person.manager_id for person_id, person in facts.items()},
        forbidden=frozenset(known["past"]),
        conflicts=frozenset(known["conflict"]),
        pinned=frozenset(known["fixed"]),
    )


def matched_rows(cohort: Cohort, names: Mapping[str, str], language: str) -> Iterator[tuple[str, ...]]:
    """A row for every mentee, as `COLUMNS` say; the mentor is empty where nobody was found."""
    matching = match(cohort)
    explained = Explanations(cohort, matching)
    yield from _paired(matching, explained, names, language)
    for ref in matching.unmatched:
        reasons = _words(explained.why_nobody(ref), language, names)
        yield (ref, names.get(ref, ""), "", "", "", reasons)


def write_rows(rows: Iterator[tuple[str, ...]], file: TextIO) -> int:
    """Writes the rows as CSV; returns how many mentees got a mentor."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    paired = 0
    for row in rows:
        writer.writerow(row)
        paired += bool(row[2])
    return paired


def names_of(people: Sequence[PersonFacts]) -> Mapping[str, str]:
    """Everybody's name by person id."""
    return {one.person_id: f"{one.given_name or ''} {one.family_name or ''}".strip() for one in people}


def _paired(
    matching: Matching, explained: Explanations, names: Mapping[str, str], language: str
) -> Iterator[tuple[str, ...]]:
    for pair in matching.pairs:
        reasons = _words(explained.why_pair(pair), language, names)
        mentee, mentor = pair.mentee_ref, pair.mentor_ref
        yield (mentee, names.get(mentee, ""), mentor, names.get(mentor, ""), str(pair.score), reasons)


def _words(reasons: Sequence[Reason], language: str, names: Mapping[str, str]) -> str:
    return " ".join(in_words(reason, language, names) for reason in reasons)


def _mentee(person: PersonFacts, wish: Wish, on: date) -> Mentee:
    return Mentee(**_common(person, wish, on), needs=needs_of_interests(wish.interests))


def _mentor(person: PersonFacts, wish: Wish, on: date) -> Mentor:
    return Mentor(**_common(person, wish, on), strengths=dict(wish.strengths), capacity=wish.capacity)


def _common(person: PersonFacts, wish: Wish, on: date) -> _Common:
    zone, hours = person.zone or "UTC", person.weekly_hours or _HOURS
    return {
        "ref": person.person_id,
        "level": person.level or 1,
        "languages": frozenset(person.languages or ((person.locale or "en")[:2],)),
        "site": person.site or "",
        "function": person.function or "",
        "unit": person.department or "",
        "working": working_week(hours, zone, on),
        "preferred": preferred_week(wish.preferred, zone, on),
        "interests": frozenset(wish.interests),
        "wishes": frozenset(wish.wants),
        "stays": person.end_date is None or person.end_date >= on + _WORTH_IT,
    }
