"""Two other servers of print labs, asked for the same: a list of N items, and one change on the way to M sockets.

They are programs of their own that whoever measures installs; ``OCTOPRINT`` and ``FDM_MONSTER`` name them.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from benchmarks.board_changes import marks_in
from benchmarks.figures import in_ms, percentile
from benchmarks.sending import ask
from benchmarks.servers import free_port, running
from benchmarks.watching import cpu_s, idle_share

_KEY = "0123456789ABCDEF0123456789ABCDEF"
_LISTINGS = 5
_PAUSE_S = 1.0

Header = dict[str, str]
Arrived = dict[int, dict[int, float]]  # of each change and socket, when its frame came
# Sends what a socket has to say before it is told anything.
Greets = Callable[[ClientConnection], Awaitable[None]]


async def octoprint(items: int, sockets: int, changes: int) -> dict[str, object]:
    """So many G-code files in its list; a change is a file that is uploaded."""
    program = os.environ.get("OCTOPRINT")
    if not program:
        return {"left_out": "OCTOPRINT does not name the program"}
    with tempfile.TemporaryDirectory(prefix="printlab-benchmark-") as name:
        folder, port = Path(name), free_port()
        _fill_octoprint(folder, items)
        where = ["--basedir", name, "--host", "127.0.0.1", "--port", str(port), "--iknowwhatimdoing"]
        with running([program, "serve", *where], folder, f"http://127.0.0.1:{port}/online.txt") as process:
            key = {"X-Api-Key": _KEY}
            session = json.loads(ask(port, "POST", "/api/login", {"passive": True}, key))["session"]

            async def greet(socket: ClientConnection) -> None:
                await socket.send(json.dumps({"auth": f"bench:{session}"}))

            def change(mark: int) -> None:
                _upload(port, f"change {mark} of the benchmark.gcode", key)

            address = f"ws://127.0.0.1:{port}/sockjs/websocket"
            figures = _listed(process.pid, port, "/api/files", key)
            return figures | await _changed(process.pid, address, greet, change, sockets, changes)


async def fdm_monster(items: int, sockets: int, changes: int) -> dict[str, object]:
    """So many printers, none of them asked for anything; a change is a remark on one of them."""
    program = os.environ.get("FDM_MONSTER")
    if not program:
        return {"left_out": "FDM_MONSTER does not name its dist/index.js"}
    with tempfile.TemporaryDirectory(prefix="printlab-benchmark-") as name:
        folder, port = Path(name), free_port()
        environment = {
            "ENABLE_EXPERIMENTAL_TYPEORM": "true",
            "ENABLE_CLIENT_DIST_AUTO_UPDATE": "false",
            "OVERRIDE_LOGIN_REQUIRED": "false",
            "SERVER_PORT": str(port),
            "DATABASE_PATH": name,
            "NODE_ENV": "production",
        }
        with running(["node", program], folder, f"http://127.0.0.1:{port}/api/test", environment) as process:
            await asyncio.to_thread(_fill_fdm_monster, port, items)

            async def greet(socket: ClientConnection) -> None:
                await socket.send("40")

            def change(mark: int) -> None:
                body = {"disabledReason": f"change {mark} of the benchmark"}
                ask(port, "PATCH", "/api/printer/1/disabled-reason", body)

            address = f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
            figures = _listed(process.pid, port, "/api/printer", {})
            return figures | await _changed(process.pid, address, greet, change, sockets, changes)


def _fill_octoprint(folder: Path, items: int) -> None:
    uploads = folder / "uploads"
    uploads.mkdir()
    for number in range(items):
        (uploads / f"part_{number}.gcode").write_text(f"G1 X{number}\n", encoding="ascii")
    disabled = ["announcements", "softwareupdate", "pluginmanager", "tracking", "discovery", "errortracking"]
    config = {"server": {"firstRun": False, "onlineCheck": {"enabled": False}}, "plugins": {"_disabled": disabled}}
    # JSON is YAML.
    (folder / "config.yaml").write_text(json.dumps(config), encoding="utf-8")
    user = {"active": True, "apikey": _KEY, "groups": ["admins"], "permissions": [], "roles": ["user", "admin"]}
    users = {"_version": 2, "bench": user | {"password": "", "settings": {}}}
    (folder / "users.yaml").write_text(json.dumps(users), encoding="utf-8")


def _fill_fdm_monster(port: int, items: int) -> None:
    root = {"loginRequired": False, "registration": True, "rootUsername": "bench", "rootPassword": "a long password"}
    ask(port, "POST", "/api/first-time-setup/complete", root)
    for number in range(1, items + 1):
        printer = {"name": f"Printer {number}", "printerURL": "http://127.0.0.1:9", "apiKey": _KEY}
        ask(port, "POST", "/api/printer?forceSave=true", printer | {"printerType": 0, "enabled": False})


def _listed(pid: int, port: int, path: str, headers: Header) -> dict[str, object]:
    """The list, once it has been asked for."""
    ask(port, "GET", path, None, headers)
    spent = cpu_s(pid)
    sizes = [len(ask(port, "GET", path, None, headers)) for _ in range(_LISTINGS)]
    return {"list_cpu_ms": round((cpu_s(pid) - spent) / _LISTINGS * 1000, 1), "list_bytes": sizes[-1]}


async def _changed(
    pid: int, address: str, greet: Greets, change: Callable[[int], None], sockets: int, changes: int
) -> dict[str, object]:
    arrived: Arrived = defaultdict(dict)
    frames: list[int] = []
    asked: dict[int, float] = {}
    async with _sockets(address, greet, sockets, arrived, frames):
        await asyncio.sleep(3)
        idle = await idle_share(pid, 5)
        for mark in range(1, changes + 1):
            asked[mark] = time.time()
            await asyncio.to_thread(change, mark)
            await asyncio.sleep(_PAUSE_S)
        await asyncio.sleep(3)
    delays = [moment - asked[mark] for mark, seen in arrived.items() for moment in seen.values()]
    return {
        "sockets": sockets,
        "idle_core_percent": round(idle * 100, 1),
        "change_frame_bytes": round(percentile(frames, 50)) if frames else None,
        "arrived": round(len(delays) / changes / sockets, 3),
        "from_request_to_frame": in_ms(delays) if delays else None,
    }


@asynccontextmanager
async def _sockets(
    address: str, greet: Greets, count: int, arrived: Arrived, frames: list[int]
) -> AsyncGenerator[None]:
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as listeners:
        opened: list[ClientConnection] = []
        for number in range(count):
            socket = await stack.enter_async_context(connect(address, max_size=None))
            await greet(socket)
            listeners.create_task(_listen(socket, number, arrived, frames))
            opened.append(socket)
        yield
        await _close(opened)


async def _listen(socket: ClientConnection, number: int, arrived: Arrived, frames: list[int]) -> None:
    try:
        async for frame in socket:
            text = str(frame)
            if text == "2":
                await socket.send("3")
            for mark in marks_in(text):
                if number not in arrived[mark]:
                    arrived[mark][number] = time.time()
                    frames.append(len(text.encode()))
    except ConnectionClosed:
        return


async def _close(sockets: Sequence[ClientConnection]) -> None:
    for socket in sockets:
        await socket.close()


def _upload(port: int, filename: str, headers: Header) -> None:
    boundary = "------------------------printlab"
    named = f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: text/plain'
    body = f"--{boundary}\r\n{named}\r\n\r\nG1 X1\n\r\n--{boundary}--\r\n"
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    ask(port, "POST", "/api/files/local", body, kind | headers)
