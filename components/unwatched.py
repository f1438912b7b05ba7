"""Values of an element that the framework does not watch part by part: it wraps each list and dictionary else."""

from __future__ import annotations

import orjson


def unwatched(value: object) -> orjson.Fragment:
    """``value`` as JSON, for a property that is set once."""
    return orjson.Fragment(orjson.dumps(value))
