"""The acts on the directory, over its port: HR deliveries merged, the lives they concern, programme terms."""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from temporalio import activity

from activities.directory import (
    AppliedDelivery,
    ApplyDelivery,
    DirectoryActs,
    HandOverRoles,
    News,
    NewsKind,
    ReadTerms,
    Roles,
    Terms,
)
from activities.failures import translated
from activities.lives import mentor_life, programme_life
from activities.rules.days_off import days_off
from activities.rules.presence import end_of, has_left
from integrations.clock import ProgrammeClock
from integrations.database.books import Books
from integrations.database.pairings import RUNNING
from integrations.database.people import Directory, Person
from integrations.errors import InvalidError
from integrations.hr.events import EventType, HrEvent
from integrations.programme import Programme

_EMPLOYMENT = ("end_date", "status")
_COMINGS_AND_GOINGS = frozenset({EventType.TERMINATED, EventType.REHIRED, EventType.HIRE_RESCINDED})


class Registry(DirectoryActs):
    """Implements the acts on the directory."""

    def __init__(self, books: Books, clock: ProgrammeClock) -> None:
        self._books = books
        self._clock = clock

    @activity.defn(name="apply-delivery")
    @translated
    def apply_delivery(self, request: ApplyDelivery) -> AppliedDelivery:
        """Merges the delivery and says which lives it concerns; a repeat says the same again.

        What the lives are told is read from the directory after the merge, so that a delivery that comes late
        tells them the newest state and never an older one. What the delivery said is not kept beyond that.
        """
        if outcome := self._books.deliveries.outcome(request.source, request.key):
            return AppliedDelivery.model_validate(outcome)
        applied = self._applied(self._books.deliveries.event(request.source, request.key))
        self._books.deliveries.settle(request.source, request.key, applied.model_dump(mode="json"))
        return applied

    def _applied(self, event: HrEvent) -> AppliedDelivery:
        if event.type is EventType.PROGRAMME_OPENED:
            programme = self._books.programmes.load(event.programme_id or "")
            return AppliedDelivery(event_type=event.type.value, open_programme=programme.id)
        if event.type is EventType.PROGRAMME_STOP_REQUESTED:
            return AppliedDelivery(event_type=event.type.value, news=(self._stop(event),))
        return self._merge(event)

    @activity.defn(name="read-terms")
    @translated
    def read_terms(self, request: ReadTerms) -> Terms:
        """Reads the terms a programme runs under; InvalidError names roles that nobody has."""
        programme = self._books.programmes.load(request.programme_id)
        return Terms(
            programme_id=programme.id,
            clock=self._clock,
            roles=roles_of(self._books.directory, programme),
            timings=programme.timings,
            holidays=tuple(sorted(days_off(programme))),
            sessions=programme.sessions,
            session_minutes=programme.session_minutes,
            quorum=programme.quorum,
            zone=programme.zone,
        )

    @activity.defn(name="hand-over-roles")
    @translated
    def hand_over_roles(self, request: HandOverRoles) -> Roles:
        """Gives the roles of somebody who leaves to their stand-ins; where that is done, it says so again."""
        programme = self._books.programmes.load(request.programme_id)
        leaver = self._books.directory.person(request.person_ref).person_id
        handed = {
            role: next((one for one in _stand_ins(programme, role) if one != leaver), leaver)
            for role in Roles.model_fields
            if getattr(programme, role) == leaver
        }
        if handed:
            programme = programme.model_copy(update=handed)
            self._books.programmes.save(programme)
        return roles_of(self._books.directory, programme)

    @staticmethod
    def _stop(event: HrEvent) -> News:
        life = programme_life(event.programme_id or "")
        stamp = (event.occurred_at, event.id)
        return News(life=life, kind=NewsKind.STOP_REQUESTED, mode=event.stop_mode or "wind-down", stamp=stamp)

    def _merge(self, event: HrEvent) -> AppliedDelivery:
        if event.changes is None:
            raise InvalidError(f"an event of type {event.type.value} must carry changes")
        facts = event.changes
        if event.type is EventType.TERMINATED and "end_date" not in facts.model_fields_set:
            facts = facts.model_copy(update={"end_date": self._last_day(event, facts.person_id)})
        changes = self._books.directory.apply([facts], event.occurred_at, event.id)
        ref = self._books.directory.find(person_id=facts.person_id)
        told = event.type in _COMINGS_AND_GOINGS and event.mode != "backfill" and ref is not None
        news = tuple(self._news(self._books.directory.person(ref))) if ref and told else ()
        return AppliedDelivery(event_type=event.type.value, changed=len(changes), news=news)

    def _last_day(self, event: HrEvent, person_id: str) -> date:
        """The day somebody leaves; where HR does not name it, the one on which it happened where they are."""
        if event.effective_on:
            return event.effective_on
        zone, ref = event.zone, self._books.directory.find(person_id=person_id)
        if ref and "zone" not in event.model_fields_set:
            zone = self._books.directory.person(ref).zone
        return event.occurred_at.astimezone(ZoneInfo(zone)).date()

    def _news(self, person: Person) -> Iterator[News]:
        """What every running life with this person in it has to know of their coming and going."""
        kind, effective = NewsKind.STAYS, None
        if has_left(person, self._clock.now()):
            kind = NewsKind.LEFT
        elif person.end_date:
            kind, effective = NewsKind.LEAVES_LATER, end_of(person.end_date, person.zone)
        stamp = self._books.directory.said(person.ref, _EMPLOYMENT)
        for life in self._lives(person.ref):
            yield News(life=life, kind=kind, person_ref=person.ref, effective=effective, stamp=stamp)

    def _lives(self, ref: str) -> Iterator[str]:
        for pairing in self._books.pairings.of_person(ref):
            if pairing.status in RUNNING:
                yield pairing.id
        for programme_id in self._books.programmes.of_mentor(ref):
            yield mentor_life(programme_id, ref)
        for programme_id in self._books.programmes.ids():
            if ref in self._holders(programme_id):
                yield programme_life(programme_id)

    def _holders(self, programme_id: str) -> frozenset[str | None]:
        programme = self._books.programmes.load(programme_id)
        named = {getattr(programme, role) for role in Roles.model_fields}
        return frozenset(self._books.directory.find(person_id=person_id) for person_id in named)


def _stand_ins(programme: Programme, role: str) -> tuple[str, ...]:
    """Who may take a role over, by HR person id: the first who stays has it."""
    if role in {"coordinator", "confidential_contact"}:
        return programme.deputy, programme.coordinator, programme.sponsor
    return programme.coordinator, programme.deputy, programme.sponsor


def roles_of(directory: Directory, programme: Programme) -> Roles:
    """The refs of those who run a programme; InvalidError names the roles that nobody has."""
    named = {role: getattr(programme, role) for role in Roles.model_fields}
    refs = {role: directory.find(person_id=person_id) for role, person_id in named.items()}
    missing = sorted(role for role, ref in refs.items() if ref is None)
    if missing:
        raise InvalidError(f"nobody in the directory has the person id of: {', '.join(missing)}")
    return Roles.model_validate(refs)
