"""What comes while a pairing is being started, with no life to tell yet, is told once there is one."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, cast

import pytest
from temporalio import workflow

from activities.directory import Roles
from activities.matching import PublishedPair, PublishedPairs
from tests.workflows.town import ROLES, terms
from workflows.programme import ProgrammeWorkflow
from workflows.seats import Seats
from workflows.stages import Outcome, PairingStart, ProgrammeState, StopMode

PAIRING = "pairing/digital/mentee/1"
SUCCESSOR = ROLES.model_copy(update={"coordinator": "deputy"})


class StartingProgramme:
    """A programme with one pair to publish; `meanwhile` comes while that pair's life is being started."""

    def __init__(self, meanwhile: Callable[["StartingProgramme"], None]) -> None:
        self.terms = terms("digital")
        self.state = ProgrammeState(programme_id="digital", mentors={"mentor": "selected"})
        self.meanwhile = meanwhile
        self.started: list[PairingStart] = []
        self.told: dict[str, object] = {}

    async def act(self, *_: object) -> PublishedPairs:
        pair = PublishedPair(pairing_id=PAIRING, mentor_ref="mentor", mentee_ref="mentee", score=1)
        return PublishedPairs(pairs=(pair,))

    async def shelter(self, step: Coroutine[Any, Any, None]) -> None:
        await step

    async def tell_once(self, _: str, life: str, signal: str, argument: object = None) -> None:
        assert life == PAIRING
        assert self.started
        self.told[signal] = argument

    async def start(self, _: object, start: PairingStart, **options: object) -> None:
        assert options["id"] == PAIRING
        self.meanwhile(self)
        self.started.append(start)

    def stop(self) -> None:
        self.state.stopped = StopMode.WIND_DOWN

    def hand_over(self) -> None:
        self.terms = self.terms.model_copy(update={"roles": SUCCESSOR})

    def become(self, status: str) -> None:
        self.state.mentors["mentor"] = status


async def publish(programme: StartingProgramme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "start_child_workflow", programme.start)
    await Seats(cast("ProgrammeWorkflow", programme)).publish("digital/1", "answer")


@pytest.mark.parametrize(
    ("meanwhile", "told"),
    [
        (lambda _: None, {}),
        (StartingProgramme.stop, {"programme-stopping": StopMode.WIND_DOWN}),
        (StartingProgramme.hand_over, {"roles-changed": SUCCESSOR}),
        (lambda programme: programme.become("certified"), {"mentor-certified": None}),
        (lambda programme: programme.become("released"), {"mentor-released": None}),
    ],
    ids=["nothing", "stop", "other roles", "certificate", "release"],
)
async def test_pairing_hears_what_came_while_it_was_being_started(
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: Callable[[StartingProgramme], None],
    told: Mapping[str, StopMode | Roles | None],
) -> None:
    programme = StartingProgramme(meanwhile)
    await publish(programme, monkeypatch)
    assert programme.told == told
    (start,) = programme.started
    assert (start.state.certified, start.state.ending, start.terms.roles) == (False, None, ROLES)


async def test_pairing_of_a_stopped_programme_starts_with_its_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    programme = StartingProgramme(lambda _: None)
    programme.stop()
    programme.become("certified")
    await publish(programme, monkeypatch)
    (start,) = programme.started
    assert start.state.ending
    assert start.state.ending.outcome is Outcome.PROGRAMME_STOPPED
    assert start.state.certified
