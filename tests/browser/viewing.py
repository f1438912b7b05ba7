"""Models made for the 3D view, a page with a viewer on it, and what its pixels are."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.lab import REPOSITORY, free_port, until
from tests.browser.people import alive
from tests.browser.waiting import at_rest

Triangles = NDArray[np.float64]  # (n, 3, 3), mm
Pixels = NDArray[np.int16]  # (height, width, 3)

BED = "250x210x220"
SHOWN_MS = 30_000
_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
_SIDES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]  # seen from outside
_TOP = 5
_IS_DRAWN_AT = """(viewer, size) => {
    const [canvas, stage] = [viewer.querySelector('.plv-canvas'), viewer.querySelector('.plv-stage')];
    const room = [stage.clientWidth, stage.clientHeight].map((px) => Math.floor(px * Math.min(devicePixelRatio, 2)));
    return `${[innerWidth, innerHeight]}` === `${size}` && `${[canvas.width, canvas.height]}` === `${room}`;
}"""
_PLACES = """viewer => {
    const placeOf = (it) => {
        const { left, right, top, bottom, width, height } = it.getBoundingClientRect();
        return { left, right, top, bottom, width, height };
    };
    const shown = [...viewer.querySelectorAll('button, input, select')].filter((it) => it.checkVisibility());
    const tools = shown.map((it) => [it.ariaLabel ?? it.innerText, placeOf(it)]);
    return { tools, viewer: placeOf(viewer), stage: placeOf(viewer.querySelector('.plv-stage')) };
}"""


def box(x: float, y: float, z: float, *, open_top: bool = False) -> Triangles:
    """A box in mm, far from the origin, or one without its lid."""
    corners = _CORNERS * [x, y, z] + [500, -300, 40]
    sides = [side for i, side in enumerate(_SIDES) if not (open_top and i == _TOP)]
    return np.array([corners[list(three)] for a, b, c, d in sides for three in ((a, b, c), (a, c, d))])


def glb(triangles: Triangles) -> bytes:
    """The triangles as a GLB with 16-bit positions."""
    points = triangles.reshape(-1, 3)
    centre, step = (points.min(0) + points.max(0)) / 2, float(np.ptp(points, axis=0).max()) / 65_534
    positions = np.zeros((len(points), 4), "<i2")
    positions[:, :3] = np.rint((points - centre) / step)
    indices = np.arange(len(points), dtype="<u4")
    binary = positions.tobytes() + indices.tobytes()
    document = {
        "asset": {"version": "2.0"},
        "extensionsRequired": ["KHR_mesh_quantization"],
        "extensionsUsed": ["KHR_mesh_quantization"],
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "translation": centre.tolist(), "scale": [step] * 3}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5122, "count": len(points), "type": "VEC3"},
            {"bufferView": 1, "componentType": 5125, "count": len(points), "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteLength": positions.nbytes, "byteStride": 8},
            {"buffer": 0, "byteOffset": positions.nbytes, "byteLength": indices.nbytes},
        ],
        "buffers": [{"byteLength": len(binary)}],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def binary_stl(triangles: Triangles, *, header: bytes = b"", count: int | None = None, tail: bytes = b"") -> bytes:
    """The triangles as a binary STL, whose count may be a lie."""
    records = np.zeros(len(triangles), [("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    records["corners"] = triangles
    promised = len(triangles) if count is None else count
    return header.ljust(80, b" ") + struct.pack("<I", promised) + records.tobytes() + tail


def obj_of_a_prism(outline: Sequence[tuple[float, float]], height: float) -> bytes:
    """A prism as an OBJ with polygons, normals, comments and corners counted from the end."""
    n = len(outline)
    lines = ["# a prism", "mtllib nothing.mtl", "vn 0 0 1", "vt 0 0"]
    lines += [f"v {x} {y} {z}" for z in (0, height) for x, y in outline]
    lines.append("f " + " ".join(f"{i - n}/1/1" for i in range(n)))
    lines.append("f " + " ".join(str(n - i) for i in range(n)))
    lines += [
        f"f {i + 1}//1 {(i + 1) % n + 1}//1 \\\n {(i + 1) % n + n + 1}//1 {i + n + 1}//1 # a side" for i in range(n)
    ]
    lines += ["l 1 2", "p 1"]
    return "\n".join(lines).encode()


@dataclass
class Site:
    """The running page, and the folder whose GLB files it gives out."""

    url: str
    folder: Path

    def put(self, name: str, triangles: Triangles) -> str:
        """Lay a GLB into the folder; gives its name."""
        (self.folder / name).write_bytes(glb(triangles))
        return name


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page as a process of its own."""
    folder, port = tmp_path_factory.mktemp("models"), free_port()
    (folder / "picture.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><rect width="90" height="60"/></svg>'
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "NICEGUI_"))}
    process = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "tests" / "browser" / "viewer_page.py"), str(port), str(folder)],
        env=environment | {"PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.DEVNULL,
    )
    running = Site(f"http://127.0.0.1:{port}", folder)
    running.put("box.glb", box(60, 40, 30))
    running.put("tall.glb", box(60, 40, 400))
    try:
        until(lambda: _answers(running.url), "the viewer's page", 60)
        yield running
    finally:
        process.terminate()
        process.wait(timeout=10)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  (our own server)
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@dataclass
class View:
    """A page with a viewer on it, in the part of the page that ``place`` selects."""

    page: Page
    place: str = ""

    @property
    def host(self) -> Locator:
        """The first viewer."""
        return self.page.locator(f"{self.place} .plv").first

    def data(self, name: str) -> str | None:
        """What the viewer says about itself."""
        return self.host.get_attribute(f"data-{name}")

    def is_in(self, state: str) -> View:
        """Wait for a state."""
        expect(self.host).to_have_attribute("data-state", state, timeout=SHOWN_MS)
        return self

    def frames(self) -> int:
        """How often it has drawn."""
        return int(self.data("frames") or 0)

    def pixels(self) -> Pixels:
        """What the canvas shows now that it is still."""
        until(self._is_still, "the picture to stand still")
        picture = Image.open(io.BytesIO(self.host.locator(".plv-stage").screenshot()))
        return np.asarray(picture.convert("RGB")).astype(np.int16)

    def _is_still(self) -> bool:
        before = self.frames()
        self.page.wait_for_timeout(400)
        return before == self.frames()

    def resize(self, width: int, height: int) -> Pixels:
        """Give the window another size; gives what the canvas shows once it is drawn for that."""
        before = self.frames()
        self.page.set_viewport_size({"width": width, "height": height})
        until(
            lambda: (
                self.page.wait_for_timeout(50)
                or (self.frames() > before and self.host.evaluate(_IS_DRAWN_AT, [width, height]))
            ),
            "the picture to have its new size",
        )
        return self.pixels()

    def has_workers(self, count: int) -> None:
        """Wait until the page has so many; it is told of them only while it is waited upon."""
        until(lambda: self.page.wait_for_timeout(50) or len(self.page.workers) == count, f"{count} workers")

    def press(self, key: str) -> Pixels:
        """Press a key in the picture; gives what it shows then."""
        self.page.locator(".plv canvas").first.focus()
        self.page.keyboard.press(key)
        return self.pixels()

    def button(self, name: str) -> Locator:
        """A button of the page or of the viewer."""
        return self.page.get_by_role("button", name=name, exact=True)

    def choose(self, name: str, content: bytes) -> View:
        """Choose a file, as a student does."""
        self.page.locator("input[type=file]").set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        )
        return self


def tools_in_reach(viewer: Locator, least_px: float) -> list[str]:
    """The names of the tools that a viewer shows: each so large, whole within the viewer and not over its picture."""
    at_rest(viewer.page)
    places = viewer.evaluate(_PLACES)
    room, stage = places["viewer"], places["stage"]
    for name, tool in places["tools"]:
        assert min(tool["width"], tool["height"]) >= least_px, name
        assert room["left"] <= tool["left"] <= tool["right"] <= room["right"], name
        assert room["top"] <= tool["top"] <= tool["bottom"] <= room["bottom"], name
        assert tool["bottom"] <= stage["top"] or stage["bottom"] <= tool["top"], name
    return [name for name, _ in places["tools"]]


Opening = Callable[..., View]


@pytest.fixture
def view(site: Site, browser: Browser) -> Iterator[Opening]:
    """Open the page: ``view("glb=box.glb", **window)``. Nothing may have complained in the end."""
    complaints: list[str] = []
    contexts: list[Any] = []

    def open_page(query: str, **window: Any) -> View:
        contexts.append(browser.new_context(**({"viewport": {"width": 1366, "height": 768}} | window)))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(f"{site.url}/?{query}")
        return View(alive(page))

    yield open_page
    for context in contexts:
        context.close()
    # The page offers no upload, and one test asks for a part that is not there.
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []


# ---------- what pixels are ----------


def share(mask: NDArray[np.bool_]) -> float:
    """The part of the pixels that are so."""
    return float(mask.mean())


def is_blue(pixels: Pixels) -> NDArray[np.bool_]:
    """Which pixels are of the part's colour, lit or in shadow; the purple of a focus ring is not."""
    r, g, b = np.moveaxis(pixels, 2, 0)
    return (b - r > 25) & (b - g > 8) & (g > r)


def blue(pixels: Pixels) -> float:
    """The share of pixels that are of the part's colour."""
    return share(is_blue(pixels))


def red(pixels: Pixels) -> float:
    """The share of pixels that are red: what is outside, or the inside of an open part."""
    r, g, b = np.moveaxis(pixels, 2, 0)
    return share((r - g > 60) & (r - b > 60))


def near_white(pixels: Pixels) -> float:
    """The share of pixels of the light theme's plate."""
    return share((pixels > 248).all(axis=2))


def differs(one: Pixels, other: Pixels) -> float:
    """The share of pixels that changed visibly."""
    return float((np.abs(one - other).max(axis=2) > 24).mean())
