"""Matters that need the word of the coordinator, of the deputy next, and of the sponsor where that fits."""

from collections.abc import Callable
from typing import Final

from activities.correspondence import About, Recipient
from activities.letters.catalogue import Letter
from workflows.asking import Question, ask, of_an_owner
from workflows.face import S
from workflows.life import Life

_NOT_THE_SPONSORS: Final = frozenset(
    {"contact-wanted", "certificate-unsigned", "ideas-left-open", "report-held-back"}
)
"""Matters that are private, or about what the sponsor has not done; they stay with coordinator and deputy."""


async def decide(  # noqa: PLR0913 - each is named where it is asked
    life: Life[S],
    key: str,
    kind: str,
    *,
    about: About,
    about_ref: str | None = None,
    moot: Callable[[], bool] = lambda: False,
) -> str:
    """Opens the coordinator's task and waits for the word on it, or until the matter is `moot`.

    `done` or `waive`; silence is `waive`, and `remind` is asked once more after the days of a decision.
    """
    await life.open_task(key, kind, life.terms.roles.coordinator, about_ref)
    people = (about_ref,) if about_ref else ()
    matter = about.model_copy(update={"task": kind, "people": people})
    choice = await _word_on(life, f"decision/{key}", matter, moot)
    if choice == "remind":
        later = life.days.add(life.since(f"later/{key}"), life.terms.timings.decision_wd)
        await life.clock.met(moot, by=later, summary=f"ask again: {kind}")
        choice = await _word_on(life, f"decision/{key}/again", matter, moot)
    await life.close_task(key, "moot" if moot() else choice)
    return choice


async def call_for_help(life: Life[S], name: str, about: About) -> None:
    """Asks the coordinator to have mended what failed for good; on their word it is tried again.

    It is tried again also where nobody says a word: what fails once more is asked about once more, so that
    no act waits for ever with nobody to see it.
    """
    await decide(life, name, "act-failed", about=about, moot=lambda: not life.is_stuck())
    if life.is_stuck():
        life.try_again()


async def _word_on(life: Life[S], key: str, about: About, moot: Callable[[], bool]) -> str:
    roles, days = life.terms.roles, life.terms.timings.decision_wd
    question = Question(
        key=key,
        letter=Letter.TASK,
        to=(Recipient(ref=roles.coordinator, role="coordinator"),),
        about=about,
        steps=of_an_owner(
            days, deputy=roles.deputy, sponsor=None if about.task in _NOT_THE_SPONSORS else roles.sponsor
        ),
        lapses=3 * days,
        any_of=True,
    )
    given = (await ask(life, question, moot=moot)).first
    return given.choice if given else "waive"
