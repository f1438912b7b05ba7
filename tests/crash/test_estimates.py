"""kill -9 while parts are sliced on the server: each ends with its estimate, and no slicer outlives its server."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from random import Random

import pytest

from printlab.domain.automatic import AutomaticState
from printlab.domain.views import JobView
from tests.browser.lab import Lab, free_port, running_lab, served_again, until
from tests.geometry.model_files import binary_stl
from tests.geometry.solids import knob
from tests.prusa.profiles import exported
from tests.workbench import ADMIN

PROGRAM = shutil.which("prusa-slicer")
pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc"),
    pytest.mark.skipif(PROGRAM is None, reason="no PrusaSlicer on this machine"),
]
_PATIENCE_S = 180.0


def _put_profile(lab: Lab) -> None:
    """Thin layers, so that it takes a while."""
    lab.services.profiles.put(
        lab.services.catalog.view().printers[0].id, "fine.ini", exported(layer_height=0.05), ADMIN
    )


def _submit(lab: Lab, number: int) -> JobView:
    vertices, faces = knob(20_000, radius_mm=25 + number / 16)
    return lab.bench.submit(binary_stl(vertices[faces]), key=f"key {number}", browser=f"browser {number}")


def _slicers(lab: Lab) -> list[int]:
    """The slicers that are at work in this lab's folder."""
    mark = str(lab.folder / "data" / "slicing").encode()
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if mark in words and words.startswith(str(PROGRAM).encode()):
            found.append(int(folder.name))
    return found


def _estimated(lab: Lab, jobs: Iterable[JobView]) -> bool:
    found = [lab.job(job.id).automatic for job in jobs]
    assert not [one for one in found if one and one.state is AutomaticState.FAILED]
    return all(one is not None and one.state is AutomaticState.DONE for one in found)


def test_killed_in_the_middle(tmp_path: Path, database_url: str) -> None:
    random = Random(7)
    jobs: list[JobView] = []
    with running_lab(tmp_path / "lab", prusa_slicer=str(PROGRAM), **_database(database_url)) as lab:
        _put_profile(lab)
        for kill in range(3):
            with served_again(lab) if kill else nullcontext(lab) as server:
                jobs.append(_submit(lab, len(jobs)))
                until(lambda: _slicers(lab), "a slicer to begin", _PATIENCE_S)
                time.sleep(random.uniform(0, 1))
                server.process.kill()
                server.process.wait()
                until(lambda: not _slicers(lab), "the slicer of the killed server to end", 10)
        with served_again(lab):
            until(lambda: _estimated(lab, jobs), "all estimates", _PATIENCE_S)


def test_one_slices_at_a_time_and_another_process_takes_over(tmp_path: Path, postgres_url: str) -> None:
    settings = {"prusa_slicer": str(PROGRAM), "database_url": postgres_url}
    with running_lab(tmp_path / "lab", **settings) as lab, served_again(lab, free_port()) as other:
        _put_profile(lab)
        jobs = [_submit(lab, number) for number in range(3)]
        until(lambda: _slicers(lab), "a slicer to begin", _PATIENCE_S)
        lab.process.kill()
        lab.process.wait()

        def done() -> bool:
            assert len(_slicers(lab)) <= 1
            return _estimated(lab, jobs)

        until(done, "the estimates of both", _PATIENCE_S)
        assert other.process.poll() is None


def _database(url: str) -> dict[str, str]:
    """Where the lab keeps its rows: SQLite is its own."""
    return {} if url.startswith("sqlite") else {"database_url": url}
