"""A disk that is almost full: every way in refuses the file before it is written, in words, and all else answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from printlab.domain.status import JobStatus
from printlab.files import disk
from tests.api.lab import FORM, GCODE, ORIGIN, Lab, stl

SAYS = "disk is almost full"


async def test_every_upload_is_refused(fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await fresh_lab.job_in(JobStatus.UPLOADED)

    def full(_folder: Path) -> tuple[int, int]:
        return 900_000_000, 40_000_000_000

    monkeypatch.setattr(disk, "free_and_whole_bytes", full)
    part, sliced = {"file": ("part.stl", stl())}, {"file": (f"{job.stem}.gcode", GCODE)}
    own = {"Cookie": fresh_lab.cookie, "Origin": ORIGIN}
    async with fresh_lab.client() as student, fresh_lab.staff_client() as staff:
        answers = [
            await student.post("/upload", params={"name": "a.stl"}, content=stl(), headers=own),
            await student.post("/api/v1/jobs", data=FORM, files=part),
            await staff.post(f"/api/v1/jobs/{job.id}/revisions", data={"version": job.version}, files=sliced),
            await staff.post("/api/files/local", files=sliced),
        ]
        read = await staff.get(f"/api/v1/jobs/{job.id}")
    assert [answer.status_code for answer in answers] == [503] * 4
    assert all(SAYS in answer.text for answer in answers)
    assert read.json()["version"] == job.version
    assert fresh_lab.left_in_staging() == []
