"""The coordinator's desk: the inbox with a solver, and a matching of the sample company to review."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from activities.cohorts import Cohorts
from activities.matching import ProposePairs
from activities.matchmaking import Matchmaking
from activities.proposals import Proposal, Proposals
from activities.review import MatchReviewReader
from activities.reviewing import ReviewSolver
from integrations.answers import Purpose
from integrations.clock import ProgrammeClock
from integrations.database.answers import AnswerRecord
from integrations.database.links import Link
from integrations.database.people import Person
from integrations.database.sql.database import Database, open_database
from integrations.facts import Facts
from integrations.hr.roster_csv import import_roster, read_roster
from integrations.links import LinkSigner
from integrations.programme import Programme
from integrations.rehearsal.scene import COMPANY, sample_programme
from integrations.web.app import build_app
from integrations.web.resolving import Solver
from tests.activities.applicants import MENTEES, MENTORS, take_part
from tests.integrations.web.conftest import Inbox, RecordingSink

_STRANGER = "00165"
"""A manager with whom no mentor shares a language, and nothing else is in the way."""


@dataclass
class Desk:
    """A review of one matching, and what became of it."""

    inbox: Inbox
    database: Database
    programme: Programme
    people: dict[str, Person]

    @property
    def newest(self) -> Proposal:
        """The newest proposal."""
        return Proposals(self.database.pairings).newest(f"{self.programme.id}/1").proposal

    @property
    def pairs(self) -> list[str]:
        """The pairs of the newest proposal, as the form writes them."""
        return [pair.text for pair in self.newest.pairs]

    def named(self, pair: str) -> str:
        """A pair by the names of its people, as screen readers hear it."""
        names = {person.ref: person.name for person in self.people.values()}
        mentor, mentee = pair.split(":")
        return f"{names[mentor]} - {names[mentee]}"

    def link(self, language: str = "en", person_id: str = "") -> str:
        """The path of the page; the coordinator's where nobody else is named."""
        reader = self.people[person_id or self.programme.coordinator]
        told = MatchReviewReader(self.database, Cohorts(self.database))
        facts = Facts(
            programme=self.programme.name,
            language=language,
            zone="Europe/Paris",
            role="coordinator",
            reader=reader.named,
            **told.facts(f"{self.programme.id}/1", language),
        )
        token = self.inbox.signer.mint()
        self.database.links.issue(
            Link(
                purpose=Purpose.MATCH_REVIEW,
                person_ref=reader.ref,
                programme_id=self.programme.id,
                life=f"programme/{self.programme.id}",
                ask_key="match-review/1",
                facts=facts,
                expires_at=datetime.now(UTC) + timedelta(days=14),
            ),
            token,
        )
        return f"/a/{token}"

    @property
    def answers(self) -> tuple[AnswerRecord, ...]:
        """The answers to the review."""
        return self.database.answers.of_programme(self.programme.id, Purpose.MATCH_REVIEW)


def clock_of_autumn() -> ProgrammeClock:
    """A clock of some days on which Paris and Montréal are six hours apart, whenever the tests run."""
    return ProgrammeClock.starting(datetime(2026, 9, 7, 6, tzinfo=UTC), at=datetime.now(UTC), rate=1)


@contextmanager
def desk(migrated: Path, folder: Path, *, most_cells: int = 10_000) -> Iterator[Desk]:
    """A desk with a database of its own; all but one of the managers have found a mentor."""
    path = folder / "desk.db"
    shutil.copyfile(migrated, path)
    database, clock = open_database(f"sqlite:///{path}"), clock_of_autumn()
    import_roster(database.directory, read_roster(COMPANY / "roster.csv"), clock.now(), "roster")
    programme = sample_programme(12)
    database.programmes.save(programme)
    take_part(database, programme, clock.now(), mentees=(*MENTEES, _STRANGER), mentors=MENTORS)
    acts = Matchmaking(database, cohorts=Cohorts(database), clock=clock)
    acts.propose_pairs(ProposePairs(programme_id=programme.id, matching_id=f"{programme.id}/1"))
    people = {person.person_id: person for person in database.directory.everybody()}
    inbox = served(database, ReviewSolver(database, clock, most_cells))
    yield Desk(inbox, database, programme, people)
    database.store.close()


def served(database: Database, solver: Solver) -> Inbox:
    """An inbox on this database that solves with this solver."""
    sink, signer = RecordingSink(), LinkSigner(["a key for the tests of the inbox"])
    app = build_app(
        links=database.links,
        answers=database.answers,
        signer=signer,
        sink=sink,
        clock=clock_of_autumn(),
        solver=solver,
    )
    return Inbox(database, sink, signer, app)
