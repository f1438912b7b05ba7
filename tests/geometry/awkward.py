"""The awkward files of real programs, where they are at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FIXTURES = Path(os.environ.get("PRINTLAB_FIXTURES", Path(__file__).parents[2].parent / "shared" / "fixtures"))
MANIFEST = FIXTURES / "models" / "manifest.json"
CASES: list[dict[str, Any]] = json.loads(MANIFEST.read_text()) if MANIFEST.exists() else []
# Its quads are not flat. The manifest's area is that of fans, which overlap there; its volume is not.
AREA_OF_FANS = "18_extruder_idler_quads.obj"
