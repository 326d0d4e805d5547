"""Whoever leaves, at once or later: a pair meets no later than both can, and keeps what it has completed."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowHandle

from activities.directory import News, NewsKind
from activities.letters.catalogue import Letter
from activities.scheduling import BookingOutcome, MeetingKind, MoveMeeting
from integrations.answers import Purpose
from tests.workflows.running import LIFE, RunningTown, begun, ended, under_way
from tests.workflows.test_pairing import beginning, pairing
from tests.workflows.test_stuck import until
from tests.workflows.town import Diary, Town, lived
from workflows.life import Told
from workflows.names import STAGE
from workflows.stages import Outcome, PairingStart, ProgrammeStage, Stage, StopMode

FAR = timedelta(days=2_000)


def of_sessions(count: int) -> PairingStart:
    start = beginning()
    return start.model_copy(update={"terms": start.terms.model_copy(update={"sessions": count})})


def told(key: str, kind: NewsKind, ref: str, effective: datetime | None = None, life: str = "") -> Told:
    return Told(key=key, news=News(life=life, kind=kind, person_ref=ref, effective=effective))


async def entered(life: WorkflowHandle[Any, str], stage: str) -> None:
    async with asyncio.timeout(600):
        while (await life.describe()).typed_search_attributes.get(STAGE) != stage:  # noqa: ASYNC110 - asked of a server
            await asyncio.sleep(0.02)


async def test_pair_of_whom_one_is_known_to_leave_plans_for_that_from_its_start(client: Client) -> None:
    start = beginning()
    last_day = start.terms.clock.now() + timedelta(days=80)
    start.state.last_days["mentor"] = last_day
    town = Town(client, start.terms.clock)
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value
    assert town.post.letters[Letter.SESSION_HAPPENED] >= 2
    # Where the last day comes before both have answered, who stays is asked alone.
    assert town.post.letters[Letter.CLOSING_REVIEW] >= 1
    assert [one for one in town.diary.wanted if one.latest > last_day] == []


@pytest.mark.parametrize("stays", [False, True])
async def test_of_two_who_leave_later_the_first_decides_until_it_is_taken_back(
    client: Client, *, stays: bool
) -> None:
    start = of_sessions(3)
    town = Town(client, start.terms.clock)
    soon = start.terms.clock.now() + timedelta(days=30)
    async with pairing(client, town, start) as handle:
        await handle.signal("news", told("hr/1", NewsKind.LEAVES_LATER, "mentor", soon))
        await handle.signal("news", told("hr/2", NewsKind.LEAVES_LATER, "mentee", soon + FAR))
        await handle.signal("news", told("hr/3", NewsKind.STAYS, "mentor" if stays else "mentee"))
        outcome = Outcome.COMPLETED if stays else Outcome.ENDED_EARLY
        assert await asyncio.wait_for(handle.result(), 600) == outcome.value
    assert bool([one for one in town.diary.wanted if one.latest > soon]) == stays


@pytest.mark.parametrize("kind", [NewsKind.LEFT, NewsKind.LEAVES_LATER, "released", "stopped"])
async def test_pair_that_has_closed_stays_completed_whatever_comes_before_the_signature(
    client: Client, kind: NewsKind | str
) -> None:
    start = of_sessions(1)
    start.state.signed = False
    town = Town(client, start.terms.clock)
    async with pairing(client, town, start) as handle:
        await entered(handle, Stage.CERTIFICATES)
        if isinstance(kind, NewsKind):
            last = town.clock.now() + timedelta(days=3) if kind is NewsKind.LEAVES_LATER else None
            await handle.signal("news", told("hr/1", kind, "mentor", last))
            await until(lambda: last is None or town.clock.now() > last + timedelta(days=2))
        elif kind == "released":
            await handle.signal("mentor-released")
        else:
            await handle.signal("programme-stopping", StopMode.STOP_NOW)
        await handle.signal("certificates-signed")
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    assert town.post.letters[Letter.PAIRING_ENDED] == 0
    assert town.post.letters[Letter.THANKS_MENTEE] == 1
    assert "closing-review/short" not in town.post.asked


async def test_session_booked_anew_for_a_last_day_is_asked_about_anew(client: Client) -> None:
    start = of_sessions(3)
    town = Town(client, start.terms.clock)
    async with pairing(client, town, start) as handle:
        await asyncio.wait_for(town.post.asked_what_happened.wait(), 600)
        second = town.diary.events[f"{handle.id}/session/2/0"].start
        last_day = second + timedelta(days=1)
        await handle.signal("news", told("hr/1", NewsKind.LEAVES_LATER, "mentor", last_day))
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value
    assert "session/2/0/happened/1" in town.post.asked
    again = [one for one in town.diary.wanted if one.number == 2]
    assert [one.kind for one in again] == [MeetingKind.SESSION] * 2
    assert again[0].latest > last_day > again[1].latest


class KeepingDiary(Diary):
    """Keeps the windows in which another hour was looked for."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[tuple[datetime, datetime]] = []

    @activity.defn(name="move-meeting")
    def move_meeting(self, request: MoveMeeting) -> BookingOutcome:
        self.windows.append((request.earliest, request.latest))
        return super().move_meeting(request)


async def test_declined_session_is_moved_no_further_than_the_pair_may_meet(client: Client) -> None:
    start = beginning()
    last_day = start.terms.clock.now() + timedelta(days=60)
    start.state.last_days["mentor"] = last_day
    town = Town(client, start.terms.clock)
    town.diary = diary = KeepingDiary()
    diary.unwilling[MeetingKind.SESSION, 1] = diary.unwilling[MeetingKind.SESSION, 2] = 1
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value
    assert diary.windows
    assert all(earliest < latest < last_day for earliest, latest in diary.windows)


async def test_report_goes_to_whoever_is_the_sponsor_when_it_is_ready(client: Client) -> None:
    start = under_way("a")
    town = RunningTown(client, start)
    town.choices[Purpose.REPORT_APPROVAL] = "close"
    async with lived(town):
        programme = await begun(client, start)
        await programme.signal("pairing-ended", ended("a"))
        await entered(programme, ProgrammeStage.REPORT)
        await programme.signal("news", told("hr/1", NewsKind.LEFT, "sponsor", life=LIFE))
        await until(lambda: bool(town.kept.of(Letter.REPORT)))
        await programme.terminate()
    assert town.kept.readers(Letter.REPORT) == ["deputy"]
