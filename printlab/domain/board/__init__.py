"""The board as a list of facts: what is looked for, what matches, in what order, how many there are of each kind."""

from printlab.domain.board.entry import Attention, Concern, Entry, attention, entry_of
from printlab.domain.board.listing import Listing, facets
from printlab.domain.board.query import BoardQuery, Facet, Key, Order

__all__ = [
    "Attention",
    "BoardQuery",
    "Concern",
    "Entry",
    "Facet",
    "Key",
    "Listing",
    "Order",
    "attention",
    "entry_of",
    "facets",
]
