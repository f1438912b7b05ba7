"""The board as a list of facts: what is looked for, what matches, in what order, how many there are of each kind."""

from printlab.domain.board.entry import (
    Attention,
    Concern,
    Entry,
    Tally,
    attention,
    entry_of,
    foreseen,
    is_new,
    looked_at,
)
from printlab.domain.board.listing import Listing, facets
from printlab.domain.board.query import (
    MOST_COUNTED,
    STATUSES,
    UNASSIGNED,
    BoardQuery,
    Column,
    Facet,
    Key,
    Order,
    Rows,
    View,
)
from printlab.domain.board.window import CountingFile, Delta, Drawn, Placed, Window, placed

__all__ = [
    "MOST_COUNTED",
    "STATUSES",
    "UNASSIGNED",
    "Attention",
    "BoardQuery",
    "Column",
    "Concern",
    "CountingFile",
    "Delta",
    "Drawn",
    "Entry",
    "Facet",
    "Key",
    "Listing",
    "Order",
    "Placed",
    "Rows",
    "Tally",
    "View",
    "Window",
    "attention",
    "entry_of",
    "facets",
    "foreseen",
    "is_new",
    "looked_at",
    "placed",
]
