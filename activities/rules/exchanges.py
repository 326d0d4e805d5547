"""Whether other pairs would be just as good as the chosen ones."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from activities.rules.assignment import Assignment
from activities.rules.prices import Block
from activities.rules.table import Index


def can_exchange(block: Block, assignment: Assignment) -> bool:
    """Whether pairs can change partners without loss: round in a circle, or along to somebody left over.

    Whoever takes a partner at the exact price leaves the old one to the next; a move between two places of
    one mentor changes no pair. Moves that can be completed lie in one strong component.
    """
    chosen, exact, mentor_of = assignment.chosen, assignment.exact, block.table.mentor_of
    width = len(block.table.mentor_hashes)
    is_pair = np.isin(
        exact.mentees * width + mentor_of[exact.places], chosen.mentees * width + mentor_of[chosen.places]
    )
    if block.filled:
        left, taken = _moves((exact.places, exact.mentees), (chosen.places, chosen.mentees))
        price, everybody, outside = assignment.prices.mentees, block.mentees, block.table.mentees
        held = chosen.mentees
    else:
        left, taken = _moves((exact.mentees, exact.places), (chosen.mentees, chosen.places))
        price, everybody, outside = assignment.prices.places, block.places, block.table.places
        held = chosen.places
    over, worthless = np.setdiff1d(everybody, held), held[price[held] == 0]
    sources = np.concatenate([left, over, np.full(len(worthless), outside)])
    targets = np.concatenate([taken, np.full(len(over), outside), worthless])
    graph = csr_array((np.ones(len(sources), np.int8), (sources, targets)), shape=(outside + 1, outside + 1))
    _, component = connected_components(graph, directed=True, connection="strong")
    return bool((component[left] == component[taken])[~is_pair].any())


def _moves(exact: tuple[Index, Index], chosen: tuple[Index, Index]) -> tuple[Index, Index]:
    """From whom to whom each exact edge moves the one it starts from."""
    partner = np.zeros(int(max(exact[0].max(initial=0), chosen[0].max(initial=0))) + 1, np.int64)
    partner[chosen[0]] = chosen[1]
    return partner[exact[0]], exact[1]
