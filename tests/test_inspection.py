"""What ``printlab inspect`` says of the 25 awkward files of real programs, where they are at hand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from printlab.geometry.sandbox import Sandbox
from printlab.inspection import Lab, as_json, inspected, lab_here
from tests.geometry.awkward import AREA_OF_FANS, CASES, MANIFEST

pytestmark = pytest.mark.skipif(not CASES, reason="the real files are not at hand: set PRINTLAB_FIXTURES")

_BY_COMMAND = ("01_featuretype.STL", "12_unparseable.stl", "23_bambu-2-plates.3mf")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A new lab's printers."""
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path_factory.mktemp("nowhere"))
        return lab_here()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with closing(Sandbox()) as sandbox:
        yield sandbox


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_a_real_file_by_the_function(case: dict[str, Any], lab: Lab, sandbox: Sandbox) -> None:
    found = inspected(MANIFEST.parent / case["file"], lab.catalog.printers[0], lab, sandbox)
    agrees(json.loads(as_json(found)), case)


@pytest.mark.parametrize("case", [case for case in CASES if case["file"] in _BY_COMMAND], ids=lambda case: case["file"])
def test_a_real_file_by_the_command(case: dict[str, Any], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "printlab", "inspect", str(MANIFEST.parent / case["file"]), "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == ""
    assert done.returncode == (1 if case["expect"]["outcome"] == "reject" else 0)
    agrees(json.loads(done.stdout), case)


def agrees(found: dict[str, Any], case: dict[str, Any]) -> None:
    """The manifest's older names differ in places; a rejected file is ``refused`` here."""
    expected = case["expect"]
    if expected["outcome"] == "reject":
        assert (found["outcome"], found["code"]) == ("refused", expected["code"])
        return
    same = ("outcome", "triangles", "units", "closed", "open_edges", "bodies")
    assert {name: found[name] for name in same} == {name: expected[name] for name in same}
    assert found["size_mm"] == pytest.approx(expected["size_mm"], rel=1e-3, abs=1e-3)
    assert found["volume_mm3"] == pytest.approx(expected["volume"], rel=1e-3, abs=1e-9)
    if case["file"] != AREA_OF_FANS:
        assert found["area_mm2"] == pytest.approx(expected["area"], rel=1e-3)
