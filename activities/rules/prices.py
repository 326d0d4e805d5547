"""Prices of mentees and places: what proves that no other pairs weigh more."""

from dataclasses import dataclass

import numpy as np

from activities.rules.edges import Edges, highest, joined, no_edges
from activities.rules.table import BARRED, Index, Table, Weights, chunks

_MORE = 10
_FLOAT32_ERROR = 1e-6


@dataclass(frozen=True, eq=False)
class Block:
    """Mentees and places that are matched with one another only.

    Either every place is filled and mentees may be left, or every mentee is matched and places may be left.
    """

    table: Table
    mentees: Index
    places: Index
    filled: bool


@dataclass(frozen=True, eq=False)
class Prices:
    """A price for every mentee and every place of a table, in weights; those outside a block are 0.

    Where each allowed pair weighs no more than its two prices together, each chosen pair exactly that much,
    and whoever is left over costs 0, the chosen pairs weigh the most possible: their weight is the sum of
    all prices, and no other pairs can weigh more (the dual of the assignment problem).
    """

    mentees: Weights
    places: Weights


@dataclass(frozen=True, eq=False)
class Scan:
    """What a look at every allowed pair of a block finds: those underpriced, and those priced exactly.

    Only the worst of each mentee are told, and `exact` is complete only where nothing is underpriced.
    """

    underpriced: Edges
    exact: Edges


def prices_of(block: Block, edges: Edges, chosen: Edges) -> Prices | None:
    """The lowest prices that prove the chosen edges the best of all edges, or None where they are not."""
    table = block.table
    weights = table.weights(edges.mentees, edges.places)
    taken = table.weights(chosen.mentees, chosen.places)
    if block.filled:
        places, mentees = _settle(
            _Links(edges.places, edges.mentees, weights),
            _Links(chosen.places, chosen.mentees, taken),
            (table.places, table.mentees),
        )
    else:
        mentees, places = _settle(
            _Links(edges.mentees, edges.places, weights),
            _Links(chosen.mentees, chosen.places, taken),
            (table.mentees, table.places),
        )
    return None if mentees is None or places is None else Prices(mentees, places)


def scan(block: Block, prices: Prices) -> Scan:
    """Compares every allowed pair of a block with its prices.

    Points come first, in float32 and with its error allowed for; exact weights only of what is left in doubt.
    """
    scale, table = float(block.table.scale), block.table
    dues = (prices.mentees / scale).astype(np.float32), (prices.places / scale).astype(np.float32)
    error = _FLOAT32_ERROR * (table.spread + sum(float(np.abs(due).max(initial=0)) for due in dues))
    doubt = -float(1 << table.bits) / scale - error
    place_dues = dues[1][block.places] + table.cost_of[block.places].astype(np.float32)
    underpriced, exact = [no_edges()], [no_edges()]
    for mentees in chunks(block.mentees):
        scores = table.block(mentees, block.places)
        surplus = scores - dues[0][mentees][:, None] - place_dues[None, :]
        surplus[scores == BARRED] = 2 * doubt
        sure = surplus > error
        some = np.flatnonzero(sure.any(axis=1))
        underpriced.append(highest(surplus[some], sure[some], _MORE).of(mentees[some], block.places))
        doubtful = surplus > doubt
        doubtful[some] = False
        rows, columns = np.nonzero(doubtful)
        found = _weigh(table, prices, Edges(mentees[rows], block.places[columns]))
        underpriced.append(found.underpriced)
        exact.append(found.exact)
    return Scan(joined(*underpriced), joined(*exact))


def _weigh(table: Table, prices: Prices, edges: Edges) -> Scan:
    surplus = (
        table.weights(edges.mentees, edges.places)
        - prices.mentees[edges.mentees]
        - prices.places[edges.places]
    )
    exact = surplus == 0
    order = np.lexsort((-surplus, edges.mentees))
    order = order[surplus[order] > 0]
    mentees = edges.mentees[order]
    rank = np.arange(len(order)) - np.searchsorted(mentees, mentees)
    worst = order[rank < _MORE]
    return Scan(
        Edges(edges.mentees[worst], edges.places[worst]), Edges(edges.mentees[exact], edges.places[exact])
    )


@dataclass(frozen=True, eq=False)
class _Links:
    """Edges from the side that is matched in full to the side that may be left over, with their weights."""

    full: Index
    open: Index
    weights: Weights


def _settle(
    links: _Links, chosen: _Links, sizes: tuple[int, int]
) -> tuple[Weights, Weights] | tuple[None, None]:
    """Raises the prices of the open side from 0 by what a link gains over the chosen one, until none does.

    They settle within as many rounds as there are chosen links, unless going round in a circle gains.
    """
    partner, taken = np.zeros(sizes[0], np.int64), np.zeros(sizes[0], np.int64)
    partner[chosen.full], taken[chosen.full] = chosen.open, chosen.weights
    order = np.argsort(links.open, kind="stable")
    gain = (links.weights - taken[links.full])[order]
    source, (target, first) = partner[links.full][order], np.unique(links.open[order], return_index=True)
    price = np.zeros(sizes[1], np.int64)
    for _ in range(len(chosen.full) + 1):
        raised = np.maximum(price[target], np.maximum.reduceat(price[source] + gain, first))
        if np.array_equal(raised, price[target]):
            price[chosen.open], held = 0, price[chosen.open]
            if price.any():  # somebody left over would be worth more than somebody chosen
                break
            price[chosen.open] = held
            full = np.zeros(sizes[0], np.int64)
            full[chosen.full] = chosen.weights - price[chosen.open]
            return full, price
        price[target] = raised
    return None, None
