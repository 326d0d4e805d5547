"""The acts on dossiers, over their ports."""

from itertools import chain

from temporalio import activity

from activities.dossiers import (
    Attended,
    CloseTask,
    DecidedIdeas,
    DestroyDossiers,
    Destroyed,
    Dossiers,
    FormGroups,
    Groups,
    KeepIdeas,
    KeptIdeas,
    LineManager,
    OpenTask,
    ReadAttendance,
    ReadLineManager,
    RecordDecisions,
    SetMentorStatus,
    SetPairingStatus,
)
from activities.failures import translated
from integrations.answers import Attendance, Idea, IdeasDigest
from integrations.clock import ProgrammeClock
from integrations.database.books import Books
from integrations.database.ideas import IdeaRecord
from integrations.database.tasks import TaskRecord
from integrations.errors import GoneError, InvalidError


class Archive(Dossiers):
    """Implements the acts on dossiers; every one may be repeated."""

    def __init__(self, books: Books, clock: ProgrammeClock) -> None:
        self._books = books
        self._clock = clock

    @activity.defn(name="read-attendance")
    @translated
    def read_attendance(self, request: ReadAttendance) -> Attended:
        """Reads who came to a half-day of training."""
        form = self._books.answers.get(request.answer_id).form
        if not isinstance(form, Attendance):
            raise InvalidError(f"answer {request.answer_id} is not about attendance")
        return Attended(present=form.present)

    @activity.defn(name="read-line-manager")
    @translated
    def read_line_manager(self, request: ReadLineManager) -> LineManager:
        """Reads who a person reports to today."""
        return LineManager(ref=self._books.directory.person(request.person_ref).manager_ref)

    @activity.defn(name="form-groups")
    @translated
    def form_groups(self, request: FormGroups) -> Groups:
        """Forms even groups zone by zone: half a day in common is rare across an ocean."""
        zones: dict[str, list[str]] = {}
        for ref in sorted(request.mentor_refs):
            zones.setdefault(self._books.directory.person(ref).zone, []).append(ref)
        groups: list[tuple[str, ...]] = []
        for _, refs in sorted(zones.items()):
            count = -(-len(refs) // request.most)
            groups += [tuple(refs[number::count]) for number in range(count)]
        return Groups(groups=tuple(groups))

    @activity.defn(name="set-pairing-status")
    @translated
    def set_pairing_status(self, request: SetPairingStatus) -> None:
        """Records where a pairing stands."""
        self._books.pairings.set_status(request.pairing_id, request.status, request.held, self._clock.now())

    @activity.defn(name="set-mentor-status")
    @translated
    def set_mentor_status(self, request: SetMentorStatus) -> None:
        """Records where a mentor stands in a programme."""
        self._books.programmes.set_mentor_status(request.programme_id, request.mentor_ref, request.status)

    @activity.defn(name="open-task")
    @translated
    def open_task(self, request: OpenTask) -> None:
        """Opens a task for its owner."""
        self._books.tasks.open(TaskRecord(**request.model_dump(), opened_at=self._clock.now()))

    @activity.defn(name="close-task")
    @translated
    def close_task(self, request: CloseTask) -> None:
        """Closes a task with its outcome."""
        self._books.tasks.close(request.key, request.outcome, self._clock.now())

    @activity.defn(name="keep-ideas")
    @translated
    def keep_ideas(self, request: KeepIdeas) -> KeptIdeas:
        """Keeps ideas handed in, each under the id of the answer it was written in."""
        by_pairing: dict[str, tuple[str, ...]] = {}
        for idea_id in request.answer_ids:
            if pairing := self._keep(idea_id):
                by_pairing[pairing] = (*by_pairing.get(pairing, ()), idea_id)
        kept = frozenset(chain.from_iterable(by_pairing.values()))
        return KeptIdeas(
            idea_ids=tuple(one for one in request.answer_ids if one in kept), by_pairing=by_pairing
        )

    def _keep(self, answer_id: str) -> str | None:
        """Keeps one idea unless it is kept already, and tells whose it is; None where its answer is gone."""
        try:
            answer = self._books.answers.get(answer_id)
        except GoneError:
            return None
        form = answer.form
        if not isinstance(form, Idea):
            raise InvalidError(f"answer {answer_id} holds no idea")
        try:
            self._books.ideas.get(answer_id)
        except GoneError:
            idea = IdeaRecord(
                id=answer_id,
                programme_id=answer.programme_id,
                pairing_id=answer.life,
                author_ref=answer.person_ref,
                text=form.text,
            )
            self._books.ideas.save(idea)
        return answer.life

    @activity.defn(name="record-decisions")
    @translated
    def record_decisions(self, request: RecordDecisions) -> DecidedIdeas:
        """Keeps the sponsor's answers to the ideas of a digest."""
        form = self._books.answers.get(request.answer_id).form
        if not isinstance(form, IdeasDigest):
            raise InvalidError(f"answer {request.answer_id} decides on no ideas")
        pairings: dict[str, None] = {}
        for idea in self._books.ideas.of_programme(request.programme_id):
            if word := form.decisions.get(idea.id):
                self._books.ideas.save(idea.model_copy(update={"decision": word.decision, "why": word.why}))
                pairings[idea.pairing_id] = None
        return DecidedIdeas(pairing_ids=tuple(pairings))

    @activity.defn(name="destroy-dossiers")
    @translated
    def destroy_dossiers(self, request: DestroyDossiers) -> Destroyed:
        """Destroys the personal data of a programme whose retention is over."""
        return Destroyed(rows=self._books.programmes.destroy_dossiers(request.programme_id))
