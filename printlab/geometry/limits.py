"""How much a model file may ask for. Each is far above what a lab prints and below what would hurt the machine."""

from __future__ import annotations

MAX_TRIANGLES = 5_000_000
MAX_COORDINATE_MM = 1e7  # 10 km; beyond it single precision no longer tells a wall from none

ZIP_MAX_MEMBERS = 2000
ZIP_MAX_INFLATED_BYTES = 1 << 30  # all members together, counted while they are inflated
MAX_COMPONENT_DEPTH = 16
MAX_INSTANCES = 10_000

MEMORY_BYTES = 4 << 30  # of the sandbox, everything included
MAX_SECONDS = 60  # for reading and measuring, and again for drawing
