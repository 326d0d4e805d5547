"""Ideas of several pairings go before the sponsor in one digest; each pair hears what became of its own."""

import pytest
from temporalio.client import Client

from activities.letters.catalogue import Letter
from integrations.answers import Purpose
from tests.workflows.running import RunningTown, begun, ended, life_of, under_way
from tests.workflows.test_stuck import until
from tests.workflows.town import lived


@pytest.mark.parametrize("continue_after", [8_000, 30])
@pytest.mark.parametrize("who", ["sponsor", "coordinator"])
async def test_answers_to_a_digest_reach_both_of_exactly_the_pairs_whose_ideas_they_are(
    client: Client, who: str, continue_after: int
) -> None:
    start = under_way("a", "b", "c", continue_after=continue_after)
    town = RunningTown(client, start)
    word = f"ideas-digest/0/{who}"
    town.decisions.decided = {
        word: (life_of("a"), life_of("c")),
        "ideas-digest/1/sponsor": (life_of("b"),),
    }
    town.mute["ideas-digest/0"] = {"sponsor", "coordinator"} - {who}
    async with lived(town):
        programme = await begun(client, start)
        town.archive.destroyed.add("gone")
        for idea in ("of a", "of c", "of a", "gone"):
            await programme.signal("idea-handed-in", idea)
        await until(lambda: len(town.kept.of(Letter.IDEA_ANSWER)) == len("ac"))
        await programme.signal("idea-handed-in", "of b")
        await until(lambda: len(town.kept.of(Letter.IDEA_ANSWER)) == len("abc"))
        await programme.terminate()
    digests = {(one.ask.ask_key, one.about.ideas) for one in town.kept.of(Letter.IDEAS_DIGEST) if one.ask}
    assert digests == {("ideas-digest/0", ("of a", "of c")), ("ideas-digest/1", ("of b",))}
    assert town.archive.ideas == {("of a", "of c", "gone"), ("of b",)}
    first = ["sponsor"] if who == "sponsor" else ["sponsor", "sponsor", "coordinator"]
    assert town.kept.readers(Letter.IDEAS_DIGEST) == [*first, "sponsor"]
    told = [
        (one.about.pairing_id, one.about.record_id, tuple(to.ref for to in one.to))
        for one in town.kept.of(Letter.IDEA_ANSWER)
    ]
    assert told == [
        (life_of("a"), word, ("mentor of a", "a")),
        (life_of("c"), word, ("mentor of c", "c")),
        (life_of("b"), "ideas-digest/1/sponsor", ("mentor of b", "b")),
    ]


async def test_digest_of_ideas_that_were_all_destroyed_is_not_sent(client: Client) -> None:
    start = under_way("a")
    town = RunningTown(client, start)
    town.archive.destroyed.add("gone")
    async with lived(town):
        programme = await begun(client, start)
        await programme.signal("idea-handed-in", "gone")
        await programme.signal("pairing-ended", ended("a"))
        await until(lambda: bool(town.reports.written))
        await programme.terminate()
    assert town.archive.ideas == {("gone",)}
    assert town.kept.of(Letter.IDEAS_DIGEST) == []


@pytest.mark.parametrize("continue_after", [8_000, 30])
async def test_digest_nobody_answers_is_told_to_its_pairs_and_left_with_the_coordinator(
    client: Client, continue_after: int
) -> None:
    start = under_way("a", "b", continue_after=continue_after)
    town = RunningTown(client, start)
    town.silent.add(Purpose.IDEAS_DIGEST)
    async with lived(town):
        programme = await begun(client, start)
        for idea in ("of a", "of b", "of a", "also of a"):
            await programme.signal("idea-handed-in", idea)
        for mentee in ("a", "b"):
            await programme.signal("pairing-ended", ended(mentee))
        await until(lambda: bool(town.reports.written))
        await programme.terminate()
    assert town.kept.readers(Letter.IDEAS_DIGEST) == ["sponsor", "sponsor", "coordinator"]
    assert town.kept.of(Letter.IDEA_ANSWER) == []
    told = [
        (one.about.pairing_id, one.about.ideas, tuple(to.ref for to in one.to))
        for one in town.kept.of(Letter.IDEA_UNANSWERED)
    ]
    assert told == [
        (life_of("a"), ("of a", "also of a"), ("mentor of a", "a")),
        (life_of("b"), ("of b",), ("mentor of b", "b")),
    ]
    assert [(one.about.task, one.to[0].role) for one in town.kept.of(Letter.TASK)] == [
        ("ideas-left-open", "coordinator")
    ]
    assert town.archive.owners["ideas-left-open"] == "coordinator"
    assert town.archive.tasks == ["ideas-left-open", "closed: done"]
