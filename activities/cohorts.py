"""The cohort of a programme as the matching rules take it, from the directory and what people answered."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from activities.cohort_quotas import quotas_of, unit_of
from activities.colleagues import Preference, conflicts, preferences, rather_apart
from activities.rules.cohort import Cohort, Mentee, Mentor, PairRefs, Stretch
from activities.rules.needs import needs, needs_of_interests
from activities.rules.presence import WORTH_A_START, has_left, stays_until
from activities.rules.wall_clock import wall_midnight
from activities.rules.working_hours import parse_weekly_hours, utc_week, week_part_stretches
from integrations.answers import Application, Form, MatchReview, Needs, OptIn, Purpose, WeekPart
from integrations.database.books import Books
from integrations.database.pairings import RUNNING
from integrations.database.people import Person
from integrations.errors import GoneError
from integrations.programme import Programme

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
        about somebody who is not in the cohort, or for a pair that is over, counts for nothing. Whom people
        would rather not have, and whom the programme file keeps apart, are conflicts.
        """
        wishes = self.wishes(programme_id) if wishes is None else wishes
        programme = self._books.programmes.load(programme_id)
        people = {person.ref: person for person in self._books.directory.everybody()}
        preferred = self.preferences(programme_id, people.values())
        pairings = self._books.pairings.of_programme(programme_id)
        running = {(one.mentor_ref, one.mentee_ref) for one in pairings if one.status in RUNNING}
        past = {(one.mentor_ref, one.mentee_ref) for one in pairings if one.status not in RUNNING}
        mentees = tuple(self._mentees(programme, people, preferred, now))
        mentors = tuple(self._mentors(programme, people, preferred, now))
        refs = {one.ref for one in (*mentees, *mentors)}
        fixed = {pair for pair in wishes.fixed - past - wishes.forbidden if refs.issuperset(pair)}
        standing = running | _one_each(fixed, running)
        return Cohort(
            mentees=mentees,
            mentors=mentors,
            managers={ref: person.manager_ref for ref, person in people.items()},
            forbidden=frozenset(past | wishes.forbidden),
            conflicts=conflicts(
                [*_kept_apart(programme, people.values()), *rather_apart(preferred)],
                {one.ref for one in mentors},
                {one.ref for one in mentees},
            ),
            pinned=frozenset(standing),
            quotas=quotas_of(programme, {"mentors": mentors, "mentees": mentees}, standing, people),
        )

    def preferences(self, programme_id: str, people: Iterable[Person]) -> Mapping[str, Preference]:
        """Whom people would rather be paired with, or not, by the ref of who said so.

        The newest application and the newest opt-in of a person both count, whatever was chosen on them.
        """
        said: dict[tuple[Purpose, str], Form] = {}
        for purpose in (Purpose.APPLICATION, Purpose.OPT_IN):
            for answer in self._books.answers.of_programme(programme_id, purpose):
                said[purpose, answer.person_ref] = answer.form
        forms = ((ref, form) for (_, ref), form in said.items() if isinstance(form, Application | OptIn))
        return preferences(forms, people)

    def unknown_names(self, programme_id: str) -> int:
        """How many people somebody would rather not have whom the directory does not know."""
        preferred = self.preferences(programme_id, self._books.directory.everybody())
        return sum(one.unknown for one in preferred.values())

    def wishes(self, programme_id: str) -> Wishes:
        """The wishes of the last match review; of several answers to one review the first was heeded."""
        heeded: dict[tuple[str, str], Form] = {}
        for answer in self._books.answers.of_programme(programme_id, Purpose.MATCH_REVIEW):
            heeded.setdefault((answer.life, answer.ask_key), answer.form)
        last = next(reversed(heeded.values()), None)
        return Wishes.of(last.fixed, last.forbidden) if isinstance(last, MatchReview) else Wishes()

    def _mentees(
        self,
        programme: Programme,
        people: Mapping[str, Person],
        preferred: Mapping[str, Preference],
        now: datetime,
    ) -> list[Mentee]:
        on = now.date()
        asked = self._needs(programme.id)
        found: dict[str, Mentee] = {}
        for answer in self._books.answers.of_programme(programme.id, Purpose.OPT_IN):
            form, person = answer.form, people.get(answer.person_ref)
            if not isinstance(form, OptIn) or form.choice != "yes" or person is None or has_left(person, now):
                continue
            found[person.ref] = Mentee(
                ref=person.ref,
                level=person.level,
                languages=frozenset(person.languages),
                site=person.site,
                function=person.function,
                unit=unit_of(person, programme, "mentees"),
                working=working_week(person.weekly_hours, person.zone, on),
                preferred=preferred_week(form.preferred, person.zone, on),
                interests=frozenset(form.interests),
                wishes=preferred[person.ref].liked if person.ref in preferred else frozenset(),
                stays=stays_until(person, _worth_it(programme, now)),
                needs=asked.get(person.ref) or needs_of_interests(form.interests),
            )
        return list(found.values())

    def _needs(self, programme_id: str) -> Mapping[str, Mapping[str, int]]:
        """What mentees need by the questions of an earlier pairing, the latest answer each."""
        answers = self._books.answers.of_programme(programme_id, Purpose.NEEDS)
        return {one.person_ref: needs(one.form) for one in answers if isinstance(one.form, Needs)}

    def _mentors(
        self,
        programme: Programme,
        people: Mapping[str, Person],
        preferred: Mapping[str, Preference],
        now: datetime,
    ) -> list[Mentor]:
        on = now.date()
        applications = {
            answer.person_ref: answer.form
            for answer in self._books.answers.of_programme(programme.id, Purpose.APPLICATION)
        }
        elsewhere = self._elsewhere(programme.id)
        found: list[Mentor] = []
        for ref, status in self._books.programmes.mentors(programme.id).items():
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
                    unit=unit_of(person, programme, "mentors"),
                    working=working_week(person.weekly_hours, person.zone, on),
                    preferred=preferred_week(form.preferred, person.zone, on),
                    interests=frozenset(form.interests),
                    wishes=preferred[ref].liked if ref in preferred else frozenset(),
                    stays=stays_until(person, _worth_it(programme, now)),
                    strengths=dict(form.strengths),
                    capacity=max(0, programme.mentors.mentees_each - elsewhere[ref]),
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
        """What a mentee wants to learn, by the needs they told in a pairing, else by their opt-in."""
        form = self._form(programme_id, mentee_ref, Purpose.NEEDS)
        if isinstance(form, Needs):
            return form.competences
        form = self._form(programme_id, mentee_ref, Purpose.OPT_IN)
        return form.interests if isinstance(form, OptIn) else ()

    def _form(self, programme_id: str, ref: str, purpose: Purpose) -> object:
        answers = self._books.answers.of_programme(programme_id, purpose, ref)
        return answers[-1].form if answers else None


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


def _worth_it(programme: Programme, now: datetime) -> datetime:
    """Until when both of a new pair have to stay."""
    return now + timedelta(days=WORTH_A_START * programme.timings.session_every_d)


def _kept_apart(programme: Programme, people: Iterable[Person]) -> list[tuple[str, str]]:
    """The refs of those the programme file keeps apart; nobody for a person id that is not known."""
    refs = {person.person_id: person.ref for person in people} if programme.apart else {}
    return [(refs[one], refs[other]) for one, other in programme.apart if one in refs and other in refs]


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
