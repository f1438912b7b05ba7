"""kill -9 while models are looked at: every job ends analysed, once, by whichever process is left."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from random import Random

import pytest
from dbos import DBOSClient

from printlab.domain.analysis import AnalysisState
from printlab.domain.views import JobView
from printlab.queue import ANALYSE
from tests.browser.lab import Lab, free_port, running_lab, served_again, until
from tests.geometry.model_files import binary_stl
from tests.geometry.solids import knob

pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc"),
]

_AT_ONCE = 3
_PATIENCE_S = 180.0


def _content(number: int) -> bytes:
    """A part that takes a moment to be read and drawn."""
    vertices, faces = knob(40_000, radius_mm=20 + number / 16)
    return binary_stl(vertices[faces])


def _submit(lab: Lab, number: int) -> JobView:
    return lab.bench.submit(_content(number), key=f"key {number}", browser=f"browser {number}")


def _analysed(lab: Lab, jobs: Iterable[JobView]) -> bool:
    analyses = [lab.job(job.id).analysis for job in jobs]
    assert not [found for found in analyses if found and found.state is AnalysisState.FAILED]
    return all(found is not None and found.state is AnalysisState.DONE for found in analyses)


def _at_work(lab: Lab) -> int:
    """How many are being measured or drawn."""
    stages = (AnalysisState.MEASURING, AnalysisState.DRAWING)
    return sum(job.analysis is not None and job.analysis.state in stages for job in lab.bench.jobs())


def _check_once(lab: Lab, jobs: list[JobView]) -> None:
    """One success for each content, one model and one picture of each, nothing that is still at work."""
    client = DBOSClient(system_database_url=lab.settings.sqlalchemy_url)
    ended = client.list_workflows(name=ANALYSE, status="SUCCESS", load_output=False)
    done = [workflow.input["args"][0] for workflow in ended if workflow.input]
    client.destroy()
    contents = {job.revisions[0].sha256 for job in jobs}
    assert sorted(done) == sorted(contents)
    drawn = [path.name for path in (lab.folder / "data" / "drawings").iterdir() if not path.name.startswith(".")]
    assert sorted(name[:64] for name in drawn) == sorted([*contents, *contents])


def _workers(lab: Lab) -> list[int]:
    """The processes that were started with this lab's settings, the servers and their workers."""
    mark = f"PRINTLAB_DATA_DIR={lab.folder / 'data'}".encode()
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return [number for number in found if number != os.getpid()]


def test_killed_at_random_moments(tmp_path: Path, database_url: str, scale: float) -> None:
    random = Random(7)
    jobs: list[JobView] = []
    with running_lab(tmp_path / "lab", **_database(database_url)) as lab:
        for kill in range(max(2, int(40 * scale))):
            with served_again(lab) if kill else nullcontext(lab) as server:
                jobs += [_submit(lab, len(jobs)) for _ in range(_AT_ONCE)]
                until(lambda: _at_work(lab), "an analysis to begin", _PATIENCE_S)
                time.sleep(random.uniform(0, 2.5))
                server.process.kill()
                server.process.wait()
        with served_again(lab):
            until(lambda: _analysed(lab, jobs), "all analyses", _PATIENCE_S)
            _check_once(lab, jobs)
        until(lambda: not _workers(lab), "the workers of the killed servers to end")


def test_another_process_takes_over_what_a_killed_one_was_at(tmp_path: Path, postgres_url: str) -> None:
    with running_lab(tmp_path / "lab", **_database(postgres_url)) as lab, served_again(lab, free_port()) as other:
        jobs = [_submit(lab, number) for number in range(6)]
        until(lambda: _at_work(lab) == 2, "both processes to be at work", _PATIENCE_S)
        lab.process.kill()
        lab.process.wait()
        until(lambda: _analysed(lab, jobs), "the analyses of both", _PATIENCE_S)
        assert other.process.poll() is None
        _check_once(lab, jobs)
        attempts = {found.attempt for job in jobs if (found := lab.job(job.id).analysis)}
        assert attempts == {1}  # what was taken over is no new attempt


def test_a_mail_is_sent_once_whichever_clock_finds_it(tmp_path: Path, postgres_url: str, scale: float) -> None:
    """Both processes look for mails by the clock; when one of them is killed the other goes on."""
    count = max(10, int(200 * scale))
    with running_lab(tmp_path / "lab", **_database(postgres_url)) as lab, served_again(lab, free_port()):
        _order(lab, "first", count)
        until(lambda: len(lab.smtp.received) >= count, "all mails", _PATIENCE_S)
        lab.process.kill()
        lab.process.wait()
        _order(lab, "second", count)
        until(lambda: len(lab.smtp.received) >= 2 * count, "the mails of the other process", _PATIENCE_S)
        to = [address for mail in list(lab.smtp.received) for address in mail.rcpt_tos]
        assert sorted(to) == sorted(
            f"{name}{number}@example.edu" for name in ("first", "second") for number in range(count)
        )


def _order(lab: Lab, name: str, count: int) -> None:
    """So many jobs, each of a student who gets a mail about it."""
    for number in range(count):
        lab.bench.submit(email=f"{name}{number}@example.edu", browser=f"{name} {number}", key=f"{name} {number}")


def _database(url: str) -> dict[str, str]:
    """Where the lab keeps its rows: SQLite is its own."""
    return {} if url.startswith("sqlite") else {"database_url": url}
