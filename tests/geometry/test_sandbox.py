"""Whatever a reader does in the sandbox, the server goes on, and the next file is read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from printlab.geometry import sandbox as sandbox_module
from printlab.geometry import worker
from printlab.geometry.admission import admit, expected_bytes
from printlab.geometry.limits import MEMORY_BYTES
from printlab.geometry.refusals import ModelRefused, Refusal
from printlab.geometry.sandbox import Interrupted, Sandbox
from tests import files_made

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(seconds=20)
    yield made
    made.close()


@pytest.fixture
def cube(tmp_path: Path) -> Path:
    path = tmp_path / "cube.stl"
    path.write_bytes(files_made.stl(10))
    return path


# What runs in the worker. It does there what no reader should.


@worker._plainly()
def _hang(marker: str = "") -> None:
    if marker:
        Path(marker).touch()
    while True:
        time.sleep(0.01)


@worker._plainly()
def _use_time() -> None:
    worker.take_time(-9)
    while True:
        pass


@worker._plainly()
def _die() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


@worker._plainly()
def _take_memory() -> int:
    return len(bytearray(8 << 30))


@worker._plainly()
def _raise_strangely() -> None:
    class Strange(Exception):
        """Of a class that the server does not know."""

    raise Strange(lambda: None)


@worker._plainly()
def _write_much(path: str) -> None:
    with open(path, "wb") as file:  # noqa: PTH123  (a worker's own writing)
        file.writelines(bytes(1 << 20) for _ in range(65))


def _environment() -> dict[str, str]:
    return dict(os.environ)


def _open_files() -> list[str]:
    links = []
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  (the folder changes while it is read)
        try:
            links.append(os.readlink(f"/proc/self/fd/{name}"))  # noqa: PTH115
        except FileNotFoundError:
            continue
    return links


def _adjusted() -> tuple[int, str]:
    return os.getpriority(os.PRIO_PROCESS, 0), Path("/proc/self/oom_score_adj").read_text().strip()


@pytest.mark.parametrize(
    ("does", "code"),
    [
        (_use_time, Refusal.TAKES_TOO_LONG),
        (_die, Refusal.CRASHED),
        (_take_memory, Refusal.NEEDS_TOO_MUCH_MEMORY),
        (_raise_strangely, Refusal.CRASHED),
    ],
)
def test_it_ends_in_a_refusal_and_the_next_file_is_read(
    sandbox: Sandbox, cube: Path, does: Callable[[], None], code: Refusal
) -> None:
    with pytest.raises(ModelRefused) as refused:
        sandbox._run(does)
    assert refused.value.code is code
    assert sandbox.measure(cube).volume_mm3 == pytest.approx(1000)


def test_what_hangs_is_killed_in_time(cube: Path) -> None:
    sandbox = Sandbox(seconds=8)
    sandbox.measure(cube)  # the worker has started
    sandbox._seconds = 0.5
    began = time.monotonic()
    try:
        with pytest.raises(ModelRefused, match=r"within 0\.5 seconds") as refused:
            sandbox._run(_hang)
        assert refused.value.code is Refusal.TAKES_TOO_LONG
        assert time.monotonic() - began < 8
        sandbox._seconds = 20
        assert sandbox.measure(cube).triangles == 12
    finally:
        sandbox.close()


def test_it_writes_no_endless_file(sandbox: Sandbox, tmp_path: Path) -> None:
    written = tmp_path / "out.bin"
    with pytest.raises(ModelRefused) as refused:
        sandbox._run(_write_much, str(written))
    assert refused.value.code is Refusal.CRASHED
    assert written.stat().st_size == 64 << 20


def test_after_some_files_the_worker_is_replaced(sandbox: Sandbox, cube: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_module, "_CALLS_A_WORKER", 2)
    processes = [sandbox._run(os.getpid) for _ in range(5)]
    assert processes[0] == processes[1] != processes[2] == processes[3] != processes[4]
    assert os.getpid() not in processes


def test_it_knows_none_of_the_labs_secrets(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRINTLAB_SMTP_URL", "smtps://lab:secret@mail.example.edu")
    monkeypatch.setenv("PLAIN", "known")
    found = sandbox._run(_environment)
    assert found["PLAIN"] == "known"
    assert "PRINTLAB_SMTP_URL" not in found


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells")
def test_nothing_that_the_server_has_open_is_open_there(sandbox: Sandbox, tmp_path: Path) -> None:
    with (tmp_path / "printlab.db").open("wb"):
        found = sandbox._run(_open_files)
    assert not [name for name in found if str(tmp_path) in name or "socket" in name]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux chooses so")
def test_it_gives_way_and_goes_first(sandbox: Sandbox) -> None:
    priority, out_of_memory = sandbox._run(_adjusted)
    assert priority >= min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
    assert out_of_memory == "1000"


def test_a_missing_file_is_told_as_such(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sandbox.measure(tmp_path / "gone.stl")


def test_a_closed_sandbox_reads_nothing_more(sandbox: Sandbox, cube: Path) -> None:
    sandbox.measure(cube)
    sandbox.close()
    with pytest.raises(Interrupted):
        sandbox.measure(cube)


_A_SERVER = """
import os, threading, time
from printlab.geometry.sandbox import Sandbox

if __name__ == "__main__":
    sandbox = Sandbox(seconds=60)
    print(sandbox._run(os.getpid), flush=True)
    threading.Thread(target=sandbox._run, args=(time.sleep, 60), daemon=True).start()
    time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells")
def test_a_killed_server_takes_its_worker_along(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(_A_SERVER)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path])}
    with subprocess.Popen([sys.executable, tmp_path / "server.py"], stdout=subprocess.PIPE, env=environment) as server:
        assert server.stdout is not None
        worker_process = int(server.stdout.readline())
        time.sleep(0.5)  # it is in the middle of its work
        server.kill()
        server.wait()
    until = time.monotonic() + 10
    while _runs(worker_process) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _runs(worker_process)


def _runs(process: int) -> bool:
    """Whether it works; who has ended and was asked by nobody yet does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("size", "head", "least", "most"),
    [
        (50 << 20, b"made\0", 0.7, 1.1),  # a million triangles
        (50 << 20, b"# made by hand\nv 1 2 3\n", 0.7, 1.1),
        (2 << 30, b"made\0", 1.5, 3.9),  # more than are read at all
        (684, b"solid", 0.3, 0.6),
    ],
)
def test_how_much_memory_is_expected(tmp_path: Path, size: int, head: bytes, least: float, most: float) -> None:
    path = tmp_path / "upload.bin"
    with path.open("wb") as file:
        file.write(head.ljust(100, b"\0" if b"\0" in head else b" "))
        file.truncate(size)
    assert least < expected_bytes(path) / (1 << 30) < most < MEMORY_BYTES / (1 << 30)


def test_a_file_is_not_begun_that_the_machine_has_no_memory_for(
    cube: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit(cube)
    (tmp_path / "meminfo").write_text("MemTotal: 9000000 kB\nMemAvailable: 200000 kB\n")
    monkeypatch.setattr("printlab.geometry.admission._MEMORY_NOW", tmp_path / "meminfo")
    with pytest.raises(ModelRefused) as refused:
        admit(cube)
    assert refused.value.code is Refusal.NEEDS_TOO_MUCH_MEMORY


def test_who_waits_for_a_closed_sandbox_is_told(cube: Path) -> None:
    sandbox = Sandbox(seconds=30)
    sandbox.measure(cube)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sandbox._run, _hang)
        time.sleep(0.3)
        sandbox.close()
        with pytest.raises(Interrupted):
            waiting.result(10)


def test_what_hangs_keeps_one_of_two_workers_busy_and_is_replaced_beside_the_other(cube: Path, tmp_path: Path) -> None:
    sandbox, marker = Sandbox(seconds=60, workers=2), tmp_path / "hangs"
    try:
        with ThreadPoolExecutor(2) as pool:
            assert [facts.triangles for facts in pool.map(sandbox.measure, [cube, cube])] == [12, 12]  # both are warm
            sandbox._seconds = 15
            hanging = pool.submit(sandbox._run, _hang, str(marker))
            while not marker.exists():
                assert not hanging.done()
                time.sleep(0.02)
            sandbox._seconds = 60
            assert sandbox.measure(cube).triangles == 12
            assert not hanging.done()
            with pytest.raises(ModelRefused, match="could not be read within"):
                hanging.result(30)
        assert sandbox.measure(cube).triangles == 12
    finally:
        sandbox.close()
