"""Books meetings while answers are lost after the commit, and counts the events: one each, or it is a fault.

python -m bench.booking_faults --vendor google --runs 1000
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from integrations.errors import AmbiguousError, ConflictError, GoneError, RetryableError
from tests.integrations.calendars.caldav_faults import faulty_caldav
from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.google_faults import faulty_google
from tests.integrations.calendars.graph_faults import faulty_graph

_TRIES = 60


class Faulty(Protocol):
    """A provider that loses answers, as chance has it."""

    def desk(self, seed: int) -> Desk:
        """Fresh people, and the seed's faults before their calendars; the first call loses its answer."""

    def heal(self) -> int:
        """Ends the faults; how many calls they have befallen."""


VENDORS: Mapping[str, Callable[[], AbstractContextManager[Faulty]]] = {
    "caldav": faulty_caldav,
    "google": faulty_google,
    "microsoft": faulty_graph,
}


@dataclass(frozen=True)
class Run:
    """What became of one booking: the events in each guest's calendar, and how it went."""

    events: tuple[int, ...]
    generation: int
    tries: int
    faults: int

    @property
    def is_right(self) -> bool:
        """Whether each guest has exactly one event, and it is the first generation's."""
        return set(self.events) == {1} and self.generation == 0


def book(faulty: Faulty, seed: int) -> Run:
    """Books one meeting as the activity does under its retries: try again, and another generation if gone."""
    desk = faulty.desk(seed)
    generation = tries = 0
    while tries < _TRIES:
        tries += 1
        try:
            desk.calendar.ensure(f"pairing/p-{seed}/session/1", generation, desk.spec())
        except GoneError:
            generation += 1
        except (AmbiguousError, RetryableError, ConflictError):
            continue
        else:
            break
    faults = faulty.heal()
    events = tuple(desk.hand.count(who) for who in (desk.mentor, desk.mentee))
    return Run(events, generation, tries, faults)


def main() -> int:
    """Prints the figures of one vendor; 1 if any run went wrong."""
    parser = argparse.ArgumentParser(description="Counts the events of bookings whose answers are lost.")
    parser.add_argument("--vendor", choices=sorted(VENDORS), required=True)
    parser.add_argument("--runs", type=int, default=1000)
    chosen = parser.parse_args()
    started = time.monotonic()
    with VENDORS[chosen.vendor]() as faulty:
        runs = [book(faulty, seed) for seed in range(chosen.runs)]
    wrong = [f"seed {seed}: {run}" for seed, run in enumerate(runs) if not run.is_right]
    faults = [run.faults for run in runs]
    print(f"{chosen.vendor}: exactly one event in {len(runs) - len(wrong)} of {len(runs)} runs")
    print(f"calls lost or refused: {sum(faults)}, of one booking {max(faults)} at most")
    print(f"tries per booking: {dict(sorted(Counter(run.tries for run in runs).items()))}")
    print(f"{time.monotonic() - started:.1f} s")
    print(*wrong, sep="\n", end="")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
