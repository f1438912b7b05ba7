"""Tool paths made for the 3D view, and what their pixels are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tests.browser.viewing import Pixels

LAYERS = 20
MIDDLE = (125.0, 105.0)


def _square(x: float, y: float, wide: float, deep: float) -> Iterator[str]:
    yield f"G1 X{x - wide / 2} Y{y - deep / 2}"
    yield from (f"G1 X{x + wide / 2} E1", f"G1 Y{y + deep / 2} E1", f"G1 X{x - wide / 2} E1", f"G1 Y{y - deep / 2} E1")


def block_gcode(middle: tuple[float, float] = MIDDLE) -> str:
    """A block of 60 × 40 × 20 mm in 20 layers: orange walls, crimson infill, and a travel far above to the right."""
    x, y = middle
    rows = ["G90", "M83"]
    for number in range(1, LAYERS + 1):
        rows += [";LAYER_CHANGE", f";Z:{number}", f"G1 Z{number}", ";TYPE:External perimeter"]
        rows += [row for inset in range(3) for row in _square(x, y, 60 - inset, 40 - inset)]
        rows.append(";TYPE:Internal infill")
        for at in np.arange(-18, 18, 0.4):
            rows += [f"G1 X{x - 28} Y{y + at:.2f}", f"G1 X{x + 28} E1"]
        rows += [f"G1 X{x + 30} Y{y + 20} Z60", f"G1 X{x + 55}", f"G1 Z{number}"]
    return "\n".join([*rows, ""])


def hue(pixels: Pixels, red: tuple[int, int], green: tuple[int, int], blue: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels whose colours, as shares of their brightest channel in percent, are between these."""
    shares = 100 * pixels / np.maximum(pixels.max(axis=2, keepdims=True), 1)
    bounds = zip(np.moveaxis(shares, 2, 0), (red, green, blue), strict=True)
    inside = np.all([(low <= share) & (share <= high) for share, (low, high) in bounds], axis=0)
    return inside & (pixels.max(axis=2) - pixels.min(axis=2) > 60)


def orange(pixels: Pixels) -> NDArray[np.bool_]:
    """Outer walls, lit or in shadow."""
    return hue(pixels, (99, 100), (25, 65), (0, 40))
