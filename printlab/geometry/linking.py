"""Which things hang together."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import (
    connected_components,  # pyright: ignore[reportUnknownVariableType]  (scipy ships no types)
)

Numbers = NDArray[np.int32] | NDArray[np.int64]


def groups(count: int, one: Numbers, other: Numbers) -> NDArray[np.int32]:
    """The number of the group of each of ``count`` things, (count,), of which ``one[i]`` is linked to ``other[i]``."""
    links = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(count, count))
    return cast("NDArray[np.int32]", connected_components(links, directed=False)[1])
