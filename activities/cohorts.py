"""The cohort of a programme as the matching rules take it, from the directory and what people answered."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from activities.rules.cohort import Cohort, Mentee, Mentor, PairRefs, Stretch
from activities.rules.needs import needs_of_interests
from activities.rules.presence import has_left
from activities.rules.wall_clock import wall_midnight
from activities.rules.working_hours import parse_weekly_hours, utc_week, week_part_stretches
from integrations.answers import Application, MatchReview, OptIn, Purpose, WeekPart
from integrations.database.books import Books
from integrations.database.people import Person
from integrations.errors import GoneError

_WEEK = 7 * 24 * 60
_RUNNING = frozenset({"proposed", "confirmed"})
_ADMITTED = frozenset({"selected", "certified"})


class Cohorts:
    """Gathers cohorts; `now` below is programme time."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def of(self, programme_id: str, now: datetime) -> Cohort:
        """All admitted mentors and all managers who opted in; running pairs stand, past ones are barred.

        Pairs fixed or forbidden in earlier match reviews are pinned and barred.
        """
        on = now.date()
        people = {person.ref: person for person in self._books.directory.everybody()}
        fixed, forbidden = self._edits(programme_id)
        pairings = self._books.pairings.of_programme(programme_id)
        running = {(one.mentor_ref, one.mentee_ref) for one in pairings if one.status in _RUNNING}
        past = {(one.mentor_ref, one.mentee_ref) for one in pairings if one.status not in _RUNNING}
        return Cohort(
            mentees=tuple(self._mentees(programme_id, people, on, now)),
            mentors=tuple(self._mentors(programme_id, people, on, now)),
            managers={ref: person.manager_ref for ref, person in people.items()},
            forbidden=frozenset(past | forbidden),
            pinned=frozenset(running | _one_each(fixed - past - forbidden, running)),
        )

    def _edits(self, programme_id: str) -> tuple[set[PairRefs], set[PairRefs]]:
        """The pairs fixed and forbidden so far; the latest review's word on a pair counts."""
        words: dict[PairRefs, str] = {}
        for answer in self._books.answers.of_programme(programme_id, Purpose.MATCH_REVIEW):
            form = answer.form
            if isinstance(form, MatchReview):
                words |= {_pair(text): "fixed" for text in form.fixed}
                words |= {_pair(text): "forbidden" for text in form.forbidden}
        return (
            {pair for pair, word in words.items() if word == "fixed"},
            {pair for pair, word in words.items() if word == "forbidden"},
        )

    def _mentees(
        self, programme_id: str, people: Mapping[str, Person], on: date, now: datetime
    ) -> list[Mentee]:
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

    def _mentors(
        self, programme_id: str, people: Mapping[str, Person], on: date, now: datetime
    ) -> list[Mentor]:
        applications = {
            answer.person_ref: answer.form
            for answer in self._books.answers.of_programme(programme_id, Purpose.APPLICATION)
        }
        capacity = self._books.programmes.load(programme_id).mentors.mentees_each
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
                    capacity=max(0, capacity - self._elsewhere(ref, programme_id)),
                )
            )
        return found

    def _elsewhere(self, mentor_ref: str, programme_id: str) -> int:
        """How many mentees a mentor has in other programmes."""
        return sum(
            one.status in _RUNNING and one.programme_id != programme_id and one.mentor_ref == mentor_ref
            for one in self._books.pairings.of_person(mentor_ref)
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
