"""The board as a list of facts: what is looked for, what matches, in what order, how many there are of each kind."""

from printlab.domain.board.entry import Attention, Concern, Entry, attention, entry_of
from printlab.domain.board.listing import Listing, facets
from printlab.domain.board.query import BoardQuery, Facet, Key, Order
from printlab.domain.board.window import CountingFile, Delta, Drawn, Window

__all__ = [
    "Attention",
    "BoardQuery",
    "Concern",
    "CountingFile",
    "Delta",
    "Drawn",
    "Entry",
    "Facet",
    "Key",
    "Listing",
    "Order",
    "Window",
    "attention",
    "entry_of",
    "facets",
]
