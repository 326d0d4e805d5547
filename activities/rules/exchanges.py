"""Whether other pairs would be just as good as the chosen ones."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from activities.rules.assignment import Assignment
from activities.rules.prices import Block


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
    return bool((component[left] == component[taken])[~is_pair].any())
