"""Tables of scores for the solver, without people behind them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from activities.rules.optimum import Optimum
from activities.rules.table import BARRED, Table

Scores = list[list[int]] | npt.NDArray[np.int64] | npt.NDArray[np.int16]


def table(scores: Scores, places: list[int] | None = None, cost: int = 0, bits: int = 1) -> Table:
    """A table of these scores, whose mentors have so many places; each further one costs `cost` more."""
    points = np.asarray(scores, np.int16)
    mentors = points.shape[1] if points.ndim == 2 else 0
    counts = [1] * mentors if places is None else places
    chance = np.random.Generator(np.random.PCG64(len(counts)))
    return Table(
        scores=points.reshape(-1, mentors),
        mentor_of=np.repeat(np.arange(mentors), counts),
        cost_of=np.array([cost * n for count in counts for n in range(count)], np.int64),
        mentee_hashes=chance.integers(0, 2**64, len(points), np.uint64),
        mentor_hashes=chance.integers(0, 2**64, mentors, np.uint64),
        bits=bits,
    )


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a random table is like; with `common`, some mentors and some mentees suit everybody."""

    mentees: int
    mentors: int
    allowed: float = 0.5
    highest: int = 50
    capacity: int = 1
    common: int = 0


def random_table(seed: int, kind: Kind) -> Table:
    """A table of random scores."""
    mentees, mentors = kind.mentees, kind.mentors
    chance = np.random.Generator(np.random.PCG64(seed))
    scores = chance.integers(0, kind.highest + 1, (mentees, mentors))
    scores += chance.integers(0, kind.common + 1, (1, mentors)) + chance.integers(
        0, kind.common + 1, (mentees, 1)
    )
    scores[chance.random((mentees, mentors)) >= kind.allowed] = BARRED
    places = chance.integers(0, kind.capacity + 1, mentors).tolist() if kind.capacity > 1 else None
    return table(scores, places, cost=7)


@st.composite
def small_tables(draw: st.DrawFn, highest: int = 3) -> Table:
    """Tables of a few rows with many equal scores."""
    mentors = draw(st.integers(1, 4))
    row = st.lists(st.integers(BARRED, highest), min_size=mentors, max_size=mentors)
    rows = draw(st.lists(row, min_size=1, max_size=4))
    places = draw(st.lists(st.integers(0, 2), min_size=mentors, max_size=mentors))
    return table(rows, places, cost=draw(st.integers(0, 2)))


def pairs(found: Optimum) -> set[tuple[int, int]]:
    """Rows and columns of the chosen pairs."""
    mentors = found.table.mentor_of[found.chosen.places]
    return set(zip(found.chosen.mentees.tolist(), mentors.tolist(), strict=True))
