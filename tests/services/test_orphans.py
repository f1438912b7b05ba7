"""Files of no job are listed, and deleted when an admin says so and they still are of none."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from printlab.domain.retention import CleanupKind
from printlab.domain.status import JobStatus
from printlab.errors import Conflict, NotAllowed
from printlab.services import Services
from tests import files_made
from tests.workbench import ADMIN, STAFF, Workbench

pytestmark = pytest.mark.usefixtures("database_url")


def left(root: Path, place: str, content: bytes = b"left", *, days: float = 2) -> str:
    """A file that somebody or something left there so long ago."""
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (time.time() - days * 24 * 3600,) * 2)
    return place


def places(services: Services) -> list[str]:
    services.orphans.look()
    return [orphan.place for orphan in services.orphans.listed(ADMIN)]


def grown_old(root: Path) -> None:
    for path in root.rglob("*"):
        os.utime(path, (time.time() - 10**6,) * 2)


def test_what_is_of_no_job_is_listed_and_nothing_else(bench: Workbench, services: Services) -> None:
    job = bench.add_sliced(bench.submit())
    (bench.root / "thumbnails" / f"{job.id}.webp").write_bytes(b"RIFF")
    grown_old(bench.root)
    expected = [
        left(bench.root, f"archive/{job.id}/r3.gcode"),
        left(bench.root, f"archive/{job.id}/r1.obj"),
        left(bench.root, "archive/4711/r1.stl"),
        left(bench.root, "archive/.orphans/1-r2-abcdef.stl"),
        left(bench.root, "thumbnails/4711.webp"),
    ]
    left(bench.root, "archive/4712/r1.stl", days=0.5)
    assert places(services) == sorted(expected)
    assert services.orphans.look().bytes == 5 * len(b"left")
    services.retention.run()
    assert all((bench.root / place).exists() for place in expected)


def test_an_admin_deletes_one_and_the_run_says_so(bench: Workbench, services: Services) -> None:
    place = left(bench.root, "archive/4711/r1.stl")
    places(services)
    with pytest.raises(NotAllowed):
        services.orphans.delete(place, STAFF)
    assert services.orphans.delete(place, ADMIN).sentence == "1 file of no job deleted (4 bytes)."
    assert not (bench.root / place).exists()
    assert services.orphans.listed(ADMIN) == ()
    (run,) = services.retention.history(CleanupKind.ORPHANS, ADMIN)
    assert (run.by, run.problem) == (ADMIN.name, None)


def test_what_became_a_jobs_file_since_stays(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    place = left(bench.root, f"archive/{job.id}/r2.gcode")
    assert places(services) == [place]
    job = bench.add_sliced(job)
    content = (bench.root / place).read_bytes()
    with pytest.raises(Conflict, match="was not deleted"):
        services.orphans.delete(place, ADMIN)
    assert (bench.root / place).read_bytes() == content
    assert bench.agrees(job)


def test_what_was_changed_since_stays(bench: Workbench, services: Services) -> None:
    place = left(bench.root, "archive/4711/r1.stl")
    places(services)
    (bench.root / place).write_bytes(b"new!")
    with pytest.raises(Conflict, match="was changed"):
        services.orphans.delete(place, ADMIN)
    assert (bench.root / place).exists()


def test_only_what_is_listed_can_be_deleted(bench: Workbench, services: Services) -> None:
    job = bench.at(JobStatus.UPLOADED)
    for place in (
        f"archive/{job.id}/r1.stl",
        f"{job.status.value}/{job.filename}",
        "../printlab.db",
        ".printlab-storage",
    ):
        with pytest.raises(Conflict):
            services.orphans.delete(place, ADMIN)
        with pytest.raises(Conflict):
            services.noticing.delete(place, ADMIN)
    assert bench.agrees(job)


def test_a_file_in_the_shared_folder_is_deleted_unless_it_has_a_jobs_name(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    of_none, of_job = bench.root / "Uploaded" / "notes.txt", bench.root / "Uploaded" / f"{job.stem}_notes.txt"
    for path in (of_none, of_job):
        path.write_bytes(files_made.gcode())
    for at_s in (0.0, 40.0, 80.0):
        services.noticing.look(at_s)
    with pytest.raises(NotAllowed):
        services.noticing.delete("Uploaded/notes.txt", STAFF)
    services.noticing.delete("Uploaded/notes.txt", ADMIN)
    with pytest.raises(Conflict, match=f"the name of job {job.id}"):
        services.noticing.delete(f"Uploaded/{of_job.name}", ADMIN)
    assert (of_none.exists(), of_job.exists()) == (False, True)
