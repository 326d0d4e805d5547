"""Whether other pairs would be just as good as the chosen ones."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from activities.rules.assignment import Assignment
from activities.rules.edges import Edges
from activities.rules.prices import Block
from activities.rules.table import Index, Table


def can_exchange(block: Block, assignment: Assignment) -> bool:
    """Whether pairs can change partners without loss: round in a circle, or along to somebody left over.

    Whoever takes a partner at the exact price leaves the old one to the next; a move between two places of
    one mentor changes no pair. Moves that can be completed lie in one strong component.
    """
    chosen, exact = assignment.chosen, assignment.exact
    if block.filled:
        full, held = chosen.places, chosen.mentees
        taking, taken = exact.places, exact.mentees
        price, everybody = assignment.prices.mentees, block.mentees
    else:
        full, held = chosen.mentees, chosen.places
        taking, taken = exact.mentees, exact.places
        price, everybody = assignment.prices.places, block.places
    left = held[np.argsort(full)][np.searchsorted(np.sort(full), taking)]
    over, worthless, outside = np.setdiff1d(everybody, held), held[price[held] == 0], len(price)
    sources = np.concatenate([left, over, np.full(len(worthless), outside)])
    targets = np.concatenate([taken, np.full(len(over), outside), worthless])
    graph = csr_array((np.ones(len(sources), np.int8), (sources, targets)), shape=(outside + 1, outside + 1))
    _, component = connected_components(graph, connection="strong")
    back = component[left] == component[taken]
    return bool((back & ~np.isin(_pairs(block.table, exact), _pairs(block.table, chosen))).any())


def _pairs(table: Table, edges: Edges) -> Index:
    """A number for each pair of mentee and mentor, whichever of the mentor's places it is."""
    return edges.mentees * len(table.mentor_hashes) + table.mentor_of[edges.places]
