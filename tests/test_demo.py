"""The parts of the demonstration lab are models that say something."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from printlab.demo import parts
from printlab.geometry.sandbox import Sandbox
from printlab.inspection import inspected, lab_here


def test_a_demo_part_is_a_model_and_some_have_what_students_get_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lab = lab_here()
    codes: dict[str, list[str]] = {}
    with closing(Sandbox()) as sandbox:
        for number, part in enumerate(parts()):
            path = tmp_path / f"{number}.stl"
            path.write_bytes(part.content)
            found = inspected(path, lab.catalog.printers[0], lab, sandbox)
            assert found["outcome"] == "ok", part.name
            codes[part.name] = [finding["code"] for finding in found["findings"]]
    assert {"looks_like_inches", "not_watertight"} <= {code for found in codes.values() for code in found}
    assert sum(1 for found in codes.values() if not found) >= 6
