"""Many downloads at once: whoever asks for them keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import io
import threading
import zipfile
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

import httpx
import pytest

from printlab.domain.policy import SYSTEM, ActorKind
from printlab.domain.status import JobStatus
from printlab.files.intact import IntactFiles
from printlab.limits import DOWNLOADS_AT_ONCE
from tests.api.lab import PASSWORD, Lab, stl
from tests.api.serving import soon

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class SlowDisk:
    """Files that are read only when ``go_on`` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        self.begun = 0
        really = IntactFiles.open

        def slowly(files: IntactFiles, path: Path, size: int, sha256: str) -> BufferedReader:
            self.begun += 1
            self.go_on.wait(10)
            return really(files, path, size, sha256)

        monkeypatch.setattr(IntactFiles, "open", slowly)


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    disk = SlowDisk(monkeypatch)
    yield disk
    disk.go_on.set()


async def asked(port: int, path: str, times: int) -> list[_Connection]:
    """So many connections that have asked for a byte of a file."""
    head = f"GET {path} HTTP/1.1\r\nHost: lab.test\r\nRange: bytes=0-0\r\nConnection: close\r\n\r\n"
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(times)]
    for _, writer in connections:
        writer.write(head.encode())
    return connections


async def status_of(client: httpx.AsyncClient, path: str, headers: dict[str, str] | None = None) -> int:
    return (await client.get(path, headers=headers)).status_code


async def test_downloads_keep_nobody_waiting_and_are_few_of_one_address(
    served: int, fresh_lab: Lab, slow_disk: SlowDisk
) -> None:
    token = fresh_lab.track_token(await fresh_lab.submitted())
    downloads = await asked(served, f"/track/{token}/file", DOWNLOADS_AT_ONCE)
    assert await soon(lambda: slow_disk.begun == 2)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served}", headers={"Host": "lab.test"}) as client:
        assert await status_of(client, f"/api/v1/track/{token}") == 200
        refused = await client.get(f"/track/{token}/file")
        assert slow_disk.begun == 2
        slow_disk.go_on.set()
        for reader, writer in downloads:
            assert (await reader.read()).startswith(b"HTTP/1.1 206 ")
            writer.close()
        assert (await client.get(f"/track/{token}/file")).content == stl()
    assert refused.status_code == 429
    assert refused.json()["detail"] == "20 files are on their way to this address already. Try again in 30 seconds."


async def test_staff_are_counted_apart(served: int, fresh_lab: Lab, slow_disk: SlowDisk) -> None:
    job = await fresh_lab.submitted()
    downloads = await asked(served, f"/track/{fresh_lab.track_token(job)}/file", DOWNLOADS_AT_ONCE)
    assert await soon(lambda: slow_disk.begun == 2)
    headers = {"Host": "lab.test", "Authorization": f"Bearer {fresh_lab.staff_token}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served}", headers=headers) as client:
        download = asyncio.create_task(status_of(client, f"/api/v1/jobs/{job.id}/revisions/1/content"))
        await asyncio.sleep(0.1)
        slow_disk.go_on.set()
        assert await download == 200
    for _, writer in downloads:
        writer.close()


async def test_nobody_works_for_whoever_has_left(served: int, fresh_lab: Lab, slow_disk: SlowDisk) -> None:
    token = fresh_lab.track_token(await fresh_lab.submitted())
    downloads = await asked(served, f"/track/{token}/file", DOWNLOADS_AT_ONCE)
    assert await soon(lambda: slow_disk.begun == 2)
    for _, writer in downloads:
        writer.close()
    await asyncio.sleep(0.2)
    slow_disk.go_on.set()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served}", headers={"Host": "lab.test"}) as client:
        for _ in range(100):
            if await status_of(client, f"/track/{token}/file") == 200:
                break
            await asyncio.sleep(0.05)
    assert slow_disk.begun == 3


async def test_a_download_is_not_compressed_on_its_way(fresh_lab: Lab) -> None:
    token = fresh_lab.track_token(await fresh_lab.submitted())
    async with fresh_lab.client() as client:
        answer = await client.get(f"/track/{token}/file", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "identity"
    assert answer.headers["content-length"] == str(len(stl()))


async def test_all_that_is_held_about_a_student_is_given_to_admins_only(fresh_lab: Lab) -> None:
    job = await fresh_lab.job_in(JobStatus.UPLOADED)
    add, of_staff = fresh_lab.services.accounts.add_user, fresh_lab.session()
    add("alex@example.edu", "Alex", ActorKind.ADMIN, PASSWORD, SYSTEM)
    sign_in = fresh_lab.services.accounts.sign_in
    session = sign_in("alex@example.edu", PASSWORD, "tests", "192.0.2.7")
    address = f"/admin/students/{job.id}/export"
    async with fresh_lab.client() as client:
        nobody = await client.get(address)
        staff = await client.get(address, headers={"Cookie": f"printlab_session={of_staff}"})
        admin = await client.get(address, headers={"Cookie": f"printlab_session={session}"})
    assert (nobody.status_code, staff.status_code, admin.status_code) == (401, 403, 200)
    assert admin.headers["content-disposition"] == f'attachment; filename="student-of-job-{job.id}.zip"'
    assert len(zipfile.ZipFile(io.BytesIO(admin.content)).namelist()) == 2
