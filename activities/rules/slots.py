"""Common hours: where a meeting fits into everybody's diary, the best first, and what is in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from activities.rules.diaries import Diary, Reason
from activities.rules.prospects import Slot, Wish, survey

__all__ = ["Diary", "Reason", "Search", "Slot", "Wish", "find_slots"]


@dataclass(frozen=True)
class Search:
    """The best slots first, and what became of all the starts that were considered.

    `removed` counts the starts each reason took from those left by the reasons before it: together with the
    starts that suit (`suitable`) it adds up to `considered`. `would_help` counts the starts to be won if that
    reason alone were lifted for the people required.
    """

    slots: tuple[Slot, ...]
    considered: int
    suitable: int
    removed: Mapping[str, int]
    would_help: Mapping[str, int]


def find_slots(
    required: Sequence[Diary], wish: Wish, *, wanted: Sequence[Diary] = (), quorum: int = 0, most: int = 3
) -> Search:
    """Finds the slots that suit all required and at least `quorum` of the wanted people.

    What is tentative comes after everything that is not; then the better attended, the preferred, the nearest
    and the earlier slot comes first.
    """
    prospects = survey(required, wish, wanted, quorum)
    once = twice = 0
    for starts in prospects.against.values():
        twice |= once & starts
        once |= starts
    alone = {reason: (starts & ~twice).bit_count() for reason, starts in prospects.against.items()}
    return Search(
        slots=tuple(prospects.best(most)),
        considered=prospects.starts.count,
        suitable=(prospects.starts.every & ~once).bit_count(),
        removed=prospects.removed(prospects.starts.every),
        would_help={reason: starts for reason, starts in alone.items() if starts},
    )
