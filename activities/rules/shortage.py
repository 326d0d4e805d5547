"""How many mentees can be matched at all, and which of them share too few places."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from activities.rules.edges import Edges, joined, some_edges
from activities.rules.reporting_lines import Mask
from activities.rules.table import Index, Table

_MORE = 5


@dataclass(frozen=True, eq=False)
class Shortage:
    """The mentees among whom some must stay without a mentor, and all the places that any of them could take.

    No matching can do better than fill every short place and match every other mentee, and a largest matching
    does exactly that, so it never gives a short place to a mentee who is not short (König 1931, Dulmage and
    Mendelsohn 1958).
    """

    mentees: Mask
    places: Mask

    @property
    def most(self) -> int:
        """How many mentees a largest matching has."""
        return int(self.places.sum() + (~self.mentees).sum())


def find_shortage(table: Table, edges: Edges) -> tuple[Shortage, Edges]:
    """The shortage of a table, and the edges with those added that a largest matching needs.

    A largest matching of the edges is one of the whole table once no short mentee is allowed a place that is
    not short; until then the missing edges are added.
    """
    while True:
        shortage = _shortage(table, edges)
        open_places = np.flatnonzero(~shortage.places)
        missing = some_edges(table, np.flatnonzero(shortage.mentees), open_places, _MORE)
        if not len(missing):
            return shortage, edges
        edges = joined(edges, missing)


def _shortage(table: Table, edges: Edges) -> Shortage:
    """Who is reached from the mentees left over, going to any place and back to the mentee who has it."""
    shape = table.mentees, table.places
    graph = csr_array((np.ones(len(edges), np.int8), (edges.mentees, edges.places)), shape=shape)
    place_of = maximum_bipartite_matching(graph, perm_type="column").astype(np.int64)
    holder = np.full(table.places, -1, np.int64)
    matched = np.flatnonzero(place_of >= 0)
    holder[place_of[matched]] = matched
    mentees, places = place_of < 0, np.zeros(table.places, np.bool_)
    front: Index = np.flatnonzero(mentees)
    while len(front):
        reached = np.unique(graph[front].indices)
        reached = reached[~places[reached]]
        places[reached] = True
        front = holder[reached]
        front = front[~mentees[front]]
        mentees[front] = True
    return Shortage(mentees, places)
