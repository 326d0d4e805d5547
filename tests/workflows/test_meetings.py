"""Kick-off and closing review are watched as sessions are; nobody misses what found no hour."""

import asyncio

import pytest
from temporalio.client import Client

from activities.letters.catalogue import Letter
from activities.scheduling import MeetingKind
from integrations.answers import Purpose
from tests.workflows.test_pairing import beginning, pairing
from tests.workflows.town import Town
from workflows.life import MeetingChanged
from workflows.stages import Outcome

LIFE = "pairing/digital/mentee/1"
GATHERINGS = [MeetingKind.KICK_OFF, MeetingKind.CLOSING_REVIEW]


@pytest.mark.parametrize("kind", GATHERINGS)
async def test_declined_gathering_is_moved_then_offered_three_hours_then_handed_to_the_coordinator(
    client: Client, kind: MeetingKind
) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.choices[Purpose.SLOT_CHOICE] = "3"
    town.diary.unwilling[kind, 0] = 3
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    assert town.diary.moved == [f"{LIFE}/{kind.value}"] * 2
    assert town.diary.chosen == [None, 3]
    assert town.post.letters[Letter.SLOT_CHOICE] == 1
    assert town.diary.cancelled == [f"{LIFE}/{kind.value}"]
    assert town.archive.tasks.count("no-common-slot") == 1
    again = [one.key for one in town.diary.wanted if one.kind is kind]
    assert again == [f"{LIFE}/{kind.value}", f"{LIFE}/{kind.value}/2"]


@pytest.mark.parametrize("kind", GATHERINGS)
async def test_deleted_gathering_is_offered_three_hours_and_silence_takes_the_first(
    client: Client, kind: MeetingKind
) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.silent.add(Purpose.SLOT_CHOICE)
    town.diary.deleted.add(kind)
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    assert town.diary.moved == [f"{LIFE}/{kind.value}"]
    assert town.diary.chosen == [1]
    assert town.post.asked >= {f"{kind.value}/slots/0"}
    assert town.post.letters[Letter.SLOT_CHOICE] == 2  # asked and reminded
    assert town.archive.tasks.count("no-common-slot") == 0


@pytest.mark.parametrize("kind", GATHERINGS)
async def test_gathering_for_which_no_offer_suits_is_the_coordinators(
    client: Client, kind: MeetingKind
) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.choices[Purpose.SLOT_CHOICE] = "none"
    town.diary.deleted.add(kind)
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    assert town.diary.moved == []
    assert town.diary.cancelled[0] == f"{LIFE}/{kind.value}"
    assert town.archive.tasks.count("no-common-slot") >= 1


async def test_kick_off_without_an_hour_is_looked_for_again_on_the_coordinators_word(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.diary.full.add(MeetingKind.KICK_OFF)
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    assert town.archive.tasks.count("no-common-slot") == 1
    assert {one.key for one in town.diary.wanted} >= {f"{LIFE}/kick-off", f"{LIFE}/kick-off/2"}


async def test_hint_has_the_kick_off_looked_at(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.choices[Purpose.NEEDS] = "answered"
    async with pairing(client, town, start) as handle:
        await handle.signal("meeting-changed", MeetingChanged(key="google/1", meeting=f"{LIFE}/kick-off"))
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
        history = await handle.fetch_history()
    summaries = [event.user_metadata.summary.data.decode().strip('"') for event in history.events]
    assert summaries.count("kick-off: a hint") == 1


async def test_session_that_found_no_hour_is_missed_by_nobody(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.choices[Purpose.SLOT_CHOICE] = "none"
    town.diary.unwilling[MeetingKind.SESSION, 2] = 4
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    assert town.archive.tasks.count("no-common-slot") == 2
    assert town.archive.tasks.count("no-show") == 0
    assert town.post.letters[Letter.SLOT_CHOICE] == 2
