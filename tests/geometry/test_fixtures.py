"""The 25 awkward files of real programs, where they are at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from printlab.domain.model_facts import ModelFacts, Remark
from printlab.geometry.measure import measure
from printlab.geometry.reading import read
from printlab.geometry.refusals import ModelRefused
from tests.geometry.model_files import volume_mm3

FIXTURES = Path(os.environ.get("PRINTLAB_FIXTURES", Path(__file__).parents[2].parent / "shared" / "fixtures"))
MANIFEST = FIXTURES / "models" / "manifest.json"
CASES: list[dict[str, Any]] = json.loads(MANIFEST.read_text()) if MANIFEST.exists() else []
# Its quads are not flat. The manifest's area is that of fans, which overlap there; its volume is not.
AREA_OF_FANS = "18_extruder_idler_quads.obj"

pytestmark = pytest.mark.skipif(not CASES, reason="the real files are not at hand: set PRINTLAB_FIXTURES")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_a_real_file(case: dict[str, Any]) -> None:
    expected = case["expect"]
    path = MANIFEST.parent / case["file"]
    if expected["outcome"] == "reject":
        with pytest.raises(ModelRefused) as refused:
            read(path)
        assert refused.value.code == expected["code"]
        return
    model = read(path)
    triangles = np.concatenate([part.vertices[part.faces].astype(np.float64) for part in model.parts])
    assert model.triangles == expected["triangles"]
    assert model.units == expected["units"]
    assert np.ptp(triangles.reshape(-1, 3), axis=0).tolist() == pytest.approx(expected["size_mm"], rel=1e-3, abs=1e-3)
    assert volume_mm3(model) == pytest.approx(expected["volume"], rel=1e-3, abs=1e-9)
    _check_measures(case["file"], measure(model), expected)
    if case["file"] != AREA_OF_FANS:
        normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        assert np.linalg.norm(normals, axis=1).sum() / 2 == pytest.approx(expected["area"], rel=1e-3)


def _check_measures(name: str, facts: ModelFacts, expected: dict[str, Any]) -> None:
    """The manifest calls edges of more than two faces ``edges_gt2`` and flipped ones ``inconsistent``."""
    assert facts.size_mm == pytest.approx(expected["size_mm"], rel=1e-3, abs=1e-3)
    assert facts.volume_mm3 == pytest.approx(expected["volume"], rel=1e-3, abs=1e-3)
    if name != AREA_OF_FANS:
        assert facts.area_mm2 == pytest.approx(expected["area"], rel=1e-3)
    assert (facts.closed, facts.open_edges, facts.bodies) == (
        expected["closed"],
        expected["open_edges"],
        expected["bodies"],
    )
    assert (facts.crowded_edges, facts.flipped_edges) == (expected["edges_gt2"], expected["inconsistent"])
    assert (Remark.TOLERANCE_MERGE in facts.remarks) == expected["tolerance_merge"]
