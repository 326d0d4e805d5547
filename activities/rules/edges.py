"""The few of all allowed pairs that a large matching is likely to be made of."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from activities.rules.reporting_lines import Mask
from activities.rules.table import BARRED, Hashes, Index, Table, chunks

_BEST = 30
_SCATTERED = 24

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Edges:
    """Mentees and the places beside them, each edge once, in order."""

    mentees: Index
    places: Index

    def __len__(self) -> int:
        return len(self.mentees)

    def of(self, mentees: Index, places: Index) -> "Edges":
        """These edges, given as positions among some mentees and places, as edges of the table."""
        return Edges(mentees[self.mentees], places[self.places])

    def within(self, mentees: Mask, places: Mask) -> "Edges":
        """The edges between these mentees and these places, given as masks."""
        inside = mentees[self.mentees] & places[self.places]
        return Edges(self.mentees[inside], self.places[inside])


def joined(*groups: Edges) -> Edges:
    """All edges of the groups, each once."""
    mentees = np.concatenate([group.mentees for group in groups])
    places = np.concatenate([group.places for group in groups])
    width = int(places.max(initial=0)) + 1
    keys = np.sort(mentees * width + places)
    keys = keys[np.diff(keys, prepend=-1) > 0]
    return Edges(keys // width, keys % width)


def likely_edges(table: Table) -> Edges:
    """For every mentee the best places by score above the place's average, and a few that differ for each.

    Taken by score alone they would be the same few places for everybody where some mentors suit everybody.
    """
    everywhere = np.arange(table.places)
    average = _average(table)[table.mentor_of] + table.cost_of.astype(np.float32)
    groups = [_scattered_edges(table)]
    for mentees in chunks(np.arange(table.mentees)):
        scores = table.block(mentees, everywhere)
        rank = scores - average + _shuffle(table, mentees, everywhere)
        groups.append(highest(rank, scores > BARRED, _BEST).of(mentees, everywhere))
    return joined(*groups)


def some_edges(table: Table, mentees: Index, places: Index, count: int) -> Edges:
    """For each mentee up to `count` allowed places among these, different ones for each."""
    groups = [no_edges()]
    for some in chunks(mentees):
        allowed = table.block(some, places) > BARRED
        groups.append(highest(_shuffle(table, some, places), allowed, count).of(some, places))
    return joined(*groups)


def highest(rank: Floats, allowed: Mask, count: int) -> Edges:
    """The positions of the `count` highest ranks of every row among those allowed."""
    # Barred cells go below the others but keep their order: many equal values slow a partition down tenfold.
    below = rank - np.float32(2 * np.ptp(rank, axis=None) + 1 if rank.size else 0)
    ordered = np.where(allowed, rank, below)
    if rank.shape[1] > count:
        columns = np.argpartition(ordered, -count, axis=1)[:, -count:]
    else:
        columns = np.broadcast_to(np.arange(rank.shape[1]), rank.shape)
    rows = np.broadcast_to(np.arange(len(rank))[:, None], columns.shape)
    inside = allowed[rows, columns]
    return Edges(rows[inside], columns[inside])


def no_edges() -> Edges:
    """Nothing to begin with."""
    return Edges(np.zeros(0, np.int64), np.zeros(0, np.int64))


def _average(table: Table) -> Floats:
    """The average score of each mentor with the mentees who fit."""
    total, count = np.zeros((2, table.scores.shape[1]), np.int64)
    for rows in chunks(np.arange(table.mentees)):
        allowed = table.scores[rows] > BARRED
        total += np.where(allowed, table.scores[rows], 0).sum(axis=0, dtype=np.int64)
        count += allowed.sum(axis=0)
    return (total / np.maximum(count, 1)).astype(np.float32)


def _shuffle(table: Table, mentees: Index, places: Index) -> Floats:
    """Numbers from 0 to 1 that put the places in another order for each mentee; they depend on refs only."""
    mine, theirs = _fraction(table.mentee_hashes[mentees]), _fraction(table.mentor_hashes)
    theirs = theirs[table.mentor_of[places]]
    turned = mine[:, None] + theirs[None, :]
    turned -= turned >= 1
    return turned


def _scattered_edges(table: Table) -> Edges:
    """Allowed places met in steps of a length of each mentee's own."""
    if not table.places:
        return no_edges()
    width = np.uint64(table.places)
    steps = np.arange(_SCATTERED, dtype=np.uint64)
    first, step = table.mentee_hashes % width, (table.mentee_hashes >> np.uint64(32)) | np.uint64(1)
    places = ((first[:, None] + steps * step[:, None]) % width).astype(np.int64)
    mentees = np.repeat(np.arange(table.mentees), _SCATTERED).reshape(-1, _SCATTERED)
    allowed = table.scores[mentees, table.mentor_of[places]] > BARRED
    return Edges(mentees[allowed], places[allowed])


def _fraction(hashes: Hashes) -> Floats:
    return (hashes >> np.uint64(44)).astype(np.float32) / np.float32(1 << 20)
