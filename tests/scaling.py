"""How often what needs luck to go wrong is tried: PRINTLAB_TEST_SCALE, 1 for the full counts."""

from __future__ import annotations

import os

import pytest


def scale() -> float:
    """How much of the full counts to do."""
    return float(os.environ.get("PRINTLAB_TEST_SCALE", "0.02"))


def repeated(full: int) -> pytest.MarkDecorator:
    """Run a test so often at full scale, and once at least; it takes the number of its ``turn``."""
    return pytest.mark.parametrize("turn", range(max(1, int(full * scale()))))
