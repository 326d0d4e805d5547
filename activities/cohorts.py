"""The cohort of a programme as the matching rules take it, from the directory and what people answered."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from activities.rules.cohort import Cohort, Mentee, Mentor, PairRefs, Stretch
from activities.rules.needs import needs_of_interests
from activities.rules.presence import has_left
from activities.rules.wall_clock import wall_midnight
from activities.rules.working_hours import parse_weekly_hours, utc_week, week_part_stretches
from integrations.answers import Application, Form, MatchReview, OptIn, Purpose, WeekPart
from integrations.database.books import Books
from integrations.database.pairings import RUNNING
from integrations.database.people import Person
from integrations.errors import GoneError

_WEEK = 7 * 24 * 60
_ADMITTED = frozenset({"selected", "certified"})


@dataclass(frozen=True)
class Wishes:
    """The pairs a coordinator wants for certain, and those that must not be; all of them, not the latest."""

    fixed: frozenset[PairRefs] = frozenset()
    forbidden: frozenset[PairRefs] = frozenset()

    @classmethod
    def of(cls, fixed: Iterable[str], forbidden: Iterable[str]) -> Self:
        """The wishes of pairs as a match review writes them, `mentor_ref:mentee_ref`."""
        return cls(frozenset(map(_pair, fixed)), frozenset(map(_pair, forbidden)))


class Cohorts:
    """Gathers cohorts; `now` below is programme time."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def of(self, programme_id: str, now: datetime, wishes: Wishes | None = None) -> Cohort:
        """All admitted mentors and all managers who opted in; running pairs stand, past ones are barred.

        Pairs fixed or forbidden by the wishes, else by the last match review, are pinned and barred. A wish
        about somebody who is not in the cohort, or for a pair that is over, counts for nothing.
        """
        wishes = self.wishes(programme_id) if wishes is None else wishes
        people = {person.ref: person for person in self._books.directory.everybody()}
        pairings = self._books.pairings.of_programme(programme_id)
        running = {(one.mentor_ref, one.mentee_ref) for one in pairings if one.status in RUNNING}
        past = {(one.mentor_ref, one.mentee_ref) for one in pairings if one.status not in RUNNING}
        mentees = tuple(self._mentees(programme_id, people, now))
        mentors = tuple(self._mentors(programme_id, people, now))
        refs = {one.ref for one in (*mentees, *mentors)}
        fixed = {pair for pair in wishes.fixed - past - wishes.forbidden if refs.issuperset(pair)}
        return Cohort(
            mentees=mentees,
            mentors=mentors,
            managers={ref: person.manager_ref for ref, person in people.items()},
            forbidden=frozenset(past | wishes.forbidden),
            pinned=frozenset(running | _one_each(fixed, running)),
        )

    def wishes(self, programme_id: str) -> Wishes:
        """The wishes of the last match review; of several answers to one review the first was heeded."""
        heeded: dict[tuple[str, str], Form] = {}
        for answer in self._books.answers.of_programme(programme_id, Purpose.MATCH_REVIEW):
            heeded.setdefault((answer.life, answer.ask_key), answer.form)
        last = next(reversed(heeded.values()), None)
        return Wishes.of(last.fixed, last.forbidden) if isinstance(last, MatchReview) else Wishes()

    def _mentees(self, programme_id: str, people: Mapping[str, Person], now: datetime) -> list[Mentee]:
        on = now.date()
        found: dict[str, Mentee] = {}
        for answer in self._books.answers.of_programme(programme_id, Purpose.OPT_IN):
            form, person = answer.form, people.get(answer.person_ref)
            if not isinstance(form, OptIn) or form.choice != "yes" or person is None or has_left(person, now):
                continue
            found[person.ref] = Mentee(
                ref=person.ref,
                level=person.level,
                languages=frozenset(person.languages),
                site=person.site,
                function=person.function,
                unit=person.department,
                working=working_week(person.weekly_hours, person.zone, on),
                preferred=preferred_week(form.preferred, person.zone, on),
                interests=frozenset(form.interests),
                needs=needs_of_interests(form.interests),
            )
        return list(found.values())

    def _mentors(self, programme_id: str, people: Mapping[str, Person], now: datetime) -> list[Mentor]:
        on = now.date()
        applications = {
            answer.person_ref: answer.form
            for answer in self._books.answers.of_programme(programme_id, Purpose.APPLICATION)
        }
        capacity = self._books.programmes.load(programme_id).mentors.mentees_each
        elsewhere = self._elsewhere(programme_id)
        found: list[Mentor] = []
        for ref, status in self._books.programmes.mentors(programme_id).items():
            form, person = applications.get(ref), people.get(ref)
            if status not in _ADMITTED or not isinstance(form, Application):
                continue
            if person is None or has_left(person, now):
                continue
            found.append(
                Mentor(
                    ref=ref,
                    level=person.level,
                    languages=frozenset(form.languages or person.languages),
                    site=person.site,
                    function=person.function,
                    unit=person.department,
                    working=working_week(person.weekly_hours, person.zone, on),
                    preferred=preferred_week(form.preferred, person.zone, on),
                    interests=frozenset(form.interests),
                    strengths=dict(form.strengths),
                    capacity=max(0, capacity - elsewhere[ref]),
                )
            )
        return found

    def _elsewhere(self, programme_id: str) -> Counter[str]:
        """How many mentees mentors have in other programmes."""
        others = (one for one in self._books.programmes.ids() if one != programme_id)
        return Counter(
            pairing.mentor_ref
            for other in others
            for pairing in self._books.pairings.of_programme(other)
            if pairing.status in RUNNING
        )

    def strengths(self, programme_id: str, mentor_ref: str) -> Mapping[str, int]:
        """What a mentor is strong in, by their application."""
        form = self._form(programme_id, mentor_ref, Purpose.APPLICATION)
        return dict(form.strengths) if isinstance(form, Application) else {}

    def interests(self, programme_id: str, mentee_ref: str) -> tuple[str, ...]:
        """What a mentee wants to learn, by their opt-in."""
        form = self._form(programme_id, mentee_ref, Purpose.OPT_IN)
        return form.interests if isinstance(form, OptIn) else ()

    def _form(self, programme_id: str, ref: str, purpose: Purpose) -> object:
        answers = self._books.answers.of_programme(programme_id, purpose)
        return next((answer.form for answer in reversed(answers) if answer.person_ref == ref), None)


def working_week(hours: str, zone: str, on: date) -> tuple[Stretch, ...]:
    """The working time of the week of `on` in a zone, in minutes since its Monday 00:00 UTC."""
    return utc_week(parse_weekly_hours(hours), zone, on)


def preferred_week(parts: Sequence[WeekPart], zone: str, on: date) -> tuple[Stretch, ...]:
    """The preferred parts of the week of `on` in a zone, in minutes since its Monday 00:00 UTC."""
    monday = wall_midnight(date.fromordinal(on.toordinal() - on.weekday()))
    names = [part.value for part in parts]
    if not names:
        return ()
    stretches = week_part_stretches(names, zone, (monday, monday + _WEEK))
    return tuple((start - monday, end - monday) for start, end in stretches)


def _pair(text: str) -> PairRefs:
    mentor, separator, mentee = text.partition(":")
    if not separator:
        raise GoneError(f"a pair is written mentor:mentee, unlike {text!r}")
    return mentor, mentee


def _one_each(fixed: set[PairRefs], running: set[PairRefs]) -> set[PairRefs]:
    """The fixed pairs, the first by ref where a mentee was fixed twice, none for one who has a mentor."""
    taken = {mentee for _, mentee in running}
    kept: set[PairRefs] = set()
    for mentor, mentee in sorted(fixed):
        if mentee not in taken:
            taken.add(mentee)
            kept.add((mentor, mentee))
    return kept
