"""What the browser says of a file before it has arrived is what the server says of it afterwards."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import product
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from components import design
from printlab.domain.fit import fits
from printlab.domain.model_facts import Point2, Pose, Size3
from printlab.geometry.measure import measure
from printlab.geometry.mesh import Model
from printlab.geometry.outline import MAX_CORNERS, outline
from printlab.geometry.refusals import ModelRefused
from tests.browser.lab import REPOSITORY
from tests.geometry import test_obj, test_stl
from tests.geometry.model_files import binary_stl, read_bytes

SOURCES = REPOSITORY / "components" / "viewer" / "src"
BED: Size3 = (250.0, 210.0, 220.0)
EDGE_MM = (-1e-2, -1e-4, -1e-5, 0.0, 1e-5, 1e-4, 1e-2)
"""Differences from what just fits: far above and far below what is forgiven, and close to it."""

_JUDGE = """
async ([source, cases]) => {
  const { turnThatFits } = await import(source);
  return cases.map(([outline, height, build, scale]) => turnThatFits({ outline, height }, build, scale));
}"""
_READ = """
async ([worker, content]) => {
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  const reader = new Worker(URL.createObjectURL(new Blob([worker], { type: "text/javascript" })));
  const answer = new Promise((resolve, reject) => {
    reader.onmessage = ({ data }) => resolve(data);
    reader.onerror = reject;
  });
  reader.postMessage({ file: new File([bytes], "file") });
  const { part, refused } = await answer;
  reader.terminate();
  return part ? { ...part, positions: Array.from(part.positions) } : { refused };
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page: the rules need nothing of the lab."""
    page = browser.new_page()
    yield page
    page.close()


# ---------- whether it fits ----------


def turned(corners: list[Point2], angle: float) -> list[Point2]:
    return [(x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle)) for x, y in corners]


def rectangle(width: float, depth: float) -> list[Point2]:
    return [(0.0, 0.0), (width, 0.0), (width, depth), (0.0, depth)]


def convex(rng: np.random.Generator) -> list[Point2]:
    """Corners on an ellipse somewhere, in order and turned somehow."""
    around = np.sort(rng.uniform(0, 2 * pi, rng.integers(1, 25)))
    a, b, x, y = rng.uniform(1, 260, 2).tolist() + rng.uniform(-400, 400, 2).tolist()
    ellipse = [(a / 2 * cos(angle) + x, b / 2 * sin(angle) + y) for angle in around.tolist()]
    return turned(ellipse, float(rng.uniform(0, 2 * pi)))


Case = tuple[list[Point2], float, Size3, float]


def anything() -> Iterator[Case]:
    rng = np.random.default_rng(7)
    for _ in range(1500):
        build = (float(rng.uniform(20, 260)), float(rng.uniform(20, 260)), 200.0)
        yield convex(rng), float(rng.uniform(1, 220)), build, float(rng.choice([0.5, 1.0, 1.3]))


def just_about_fitting() -> Iterator[Case]:
    """As large as the bed, turned somehow; strips along the diagonal; as tall as the printer."""
    for angle, more in product((0.0, 0.3, pi / 4, 1.0, pi / 2, 2.7), EDGE_MM):
        yield turned(rectangle(BED[0] + more, BED[1]), angle), 10.0, BED, 1.0
        yield turned(rectangle(BED[1], BED[0] + more), angle), 10.0, BED, 1.0
        yield turned(rectangle(100 * 2**0.5 - 10 + more, 10.0), angle), 10.0, (100.0, 100.0, 100.0), 1.0
        yield [(x + 5000, y - 9000) for x, y in turned(rectangle(BED[0] + more, BED[1]), angle)], 10.0, BED, 1.0
    for more in EDGE_MM:
        yield rectangle(10, 10), BED[2] + more, BED, 1.0
        yield rectangle(BED[0] / 25.4, BED[1] / 25.4), (BED[2] + more) / 25.4, BED, 25.4


@pytest.mark.parametrize("cases", [list(anything()), list(just_about_fitting())], ids=["anything", "just about"])
def test_a_part_fits_here_when_it_fits_there(page: Page, cases: list[Case]) -> None:
    source = f"data:text/javascript;base64,{base64.b64encode((SOURCES / 'fitting.js').read_bytes()).decode()}"
    asked = [[np.ravel(corners).tolist(), height, build, scale] for corners, height, build, scale in cases]
    turns: list[float | None] = page.evaluate(_JUDGE, [source, asked])
    expected = [fits(Pose(tuple(corners), height), build, scale) for corners, height, build, scale in cases]
    assert [turn is not None for turn in turns] == expected
    assert 0.2 < sum(expected) / len(expected) < 0.8
    for turn, (corners, height, build, scale) in zip(turns, cases, strict=True):
        if turn is not None:
            x, y = np.ptp(np.array(turned(corners, turn)), axis=0) * scale
            slack = 2e-6 + max(height, float(np.abs(corners).max())) * scale * 2.0**-22
            assert (x, y) <= (build[0] + slack, build[1] + slack)
            assert y <= build[1] + slack


# ---------- what is in a file ----------


def read_here(page: Page, content: bytes) -> dict[str, Any]:
    """What the browser's own worker answers."""
    worker = (design.STATIC / "viewer-worker.js").read_text(encoding="utf-8")
    return page.evaluate(_READ, [worker, base64.b64encode(content).decode()])


def read_there(folder: Path, content: bytes) -> Model | None:
    try:
        return read_bytes(folder, content)
    except ModelRefused:
        return None


def shape(triangles: NDArray[np.float64]) -> tuple[float, ...]:
    """Area, volume about the middle, and second moments: the same for the same triangles in any order and place."""
    low, high = triangles.min(axis=(0, 1)), triangles.max(axis=(0, 1))
    around = triangles - np.array([*((low + high) / 2)[:2], low[2]])
    a, b, c = np.moveaxis(around, 1, 0)
    doubled = np.cross(b - a, c - a)
    area = np.linalg.norm(doubled, axis=1) / 2
    moments = np.einsum("i,ij->j", area, np.square(around.mean(axis=1)))
    return float(area.sum()), float(np.einsum("ij,ij", a, doubled) / 6), *moments.tolist()


def assert_same(page: Page, folder: Path, content: bytes) -> None:
    here, there = read_here(page, content), read_there(folder, content)
    assert ("refused" in here) == (there is None), here.get("refused")
    if there is None:
        return
    expected = np.concatenate([part.vertices[part.faces].astype(np.float64) for part in there.parts])
    found = np.array(here["positions"]).reshape(-1, 3, 3)
    assert len(found) == len(expected)
    assert shape(found) == pytest.approx(shape(expected), rel=1e-5, abs=1e-5 * float(np.ptp(expected)) ** 3)
    facts = measure(there)
    assert here["size"] == pytest.approx(facts.size_mm, rel=1e-6)
    pose = facts.items[0].poses[0]
    for build in ((10.0, 10.0, 10.0), (9.99, 10.0, 10.0), (12.0, 12.0, 12.0)):
        assert_same_fit(page, here["pose"], pose, build)


def assert_same_fit(page: Page, here: dict[str, Any], there: Pose, build: Size3) -> None:
    source = f"data:text/javascript;base64,{base64.b64encode((SOURCES / 'fitting.js').read_bytes()).decode()}"
    (turn,) = page.evaluate(_JUDGE, [source, [[here["outline"], here["height"], build, 1.0]]])
    assert (turn is not None) == fits(there, build)


PLAIN, V, F = test_obj.PLAIN, test_obj.V, test_obj.F
TEXT = test_stl.TEXT
_SADDLE = np.array([[0, 0, 0], [10, 0, 4], [10, 10, 0], [0, 10, 4]], np.float64)
_ARROW = np.array([[0, 0, 5], [4, 0, 5], [1, 1, 5], [0, 4, 5]], np.float64)
AWKWARD_OBJ = {
    "goes on in the middle of a face": PLAIN.replace(b" 2 3\n", b" 2\\\n 3\n"),
    "goes on right behind a number": V + F.replace(b"f 1", b"f 1\\\n"),
    "goes on behind blanks": PLAIN.replace(b"f ", b"f \\ \t\n"),
    "goes on, CR": PLAIN.replace(b"f ", b"f \\\n").replace(b"\n", b"\r"),
    "goes on into a comment": PLAIN.replace(b"f ", b"f \\\n", 1) + b"f 1 2 \\\n# 3\n",
    "a comment that goes on takes the next line along": V + b"f 1 2 3 # C:\\\nf 1 3 4\n" + F,
    "a comment of its own goes on nowhere": V + b"# C:\\\n" + F,
    "a group that ends in a backslash": V + b"g C:\\ \r\n" + F,
    "normals that go on": V + b"vn 0 0 \\\nf 1 2 3\n" + F,
    "a backslash at the very end": PLAIN + b"f 1 2 3 \\",
    "backslashes all over": b"#\\ \\\\ \\\n" + V + b"o a\\b\\\\\n" + F,
    "a corner without coordinates": b"v\n" + PLAIN,
    "a corner of nothing": b"v \n" + PLAIN,
    "a face of nothing": PLAIN + b"f\nf \n",
    "a colour that is no number": PLAIN.replace(b"\n", b" red\n", 1),
    "a corner that is no number": b"v 1 2 x\n" + PLAIN,
    "a corner with commas": b"v 1,0 2,0 3,0\n" + PLAIN,
    "a corner that is nowhere and unused": b"v nan inf 1e400\n" + V + F.replace(b"f ", b"f -1 -2 -3\nf "),
    "a corner that is nowhere and used": PLAIN.replace(b"v 10.0", b"v nan", 1),
    "a corner that is too far": PLAIN.replace(b"v 10.0", b"v 1e9", 1),
    "faces of half corners": PLAIN + b"f 1 2 3.5\n",
    "faces of words": PLAIN + b"f 1 2 three\n",
    "faces that touch a comment": V + F.replace(b"\n", b"#1 2\n"),
    "faces that begin with a slash": V + F.replace(b"f ", b"f /1 "),
    "faces of missing corners": PLAIN + b"f 0 1 2\nf 1 2 9\nf -9 1 2\nf 1 2 99999999999999999999\n",
    "a quad that is not flat": test_obj.obj(_SADDLE, [[0, 1, 2, 3]]),
    "the same quad from its next corner": test_obj.obj(_SADDLE, [[1, 2, 3, 0]]),
    "an arrow": test_obj.obj(_ARROW, [[0, 1, 2, 3]]),
    "an arrow from its next corner": test_obj.obj(_ARROW, [[1, 2, 3, 0]]),
    "far from the origin": test_obj.obj(test_obj.CORNERS + 90_000.25, test_obj.QUADS),
    "no faces": V,
    "a diary": b"this is a diary\nf you\nv good\n" * 50,
}
AWKWARD_STL = {
    "a solid that ends in a backslash": TEXT.replace(b"solid cube", b"solid C:\\parts\\", 1),
    "a name with a whole corner": TEXT.replace(b"solid cube", b"solid a facet with vertex 1 2 3", 1),
    "words of a facet in one line with the name": TEXT.replace(b"solid cube\n", b"solid facets facet a ", 1),
    "another solid in the middle": TEXT.replace(b"endfacet\n", b"endfacet\nendsolid a vertex 1 2 3\nsolid vertex\n", 3),
    "cut off behind the third corner": TEXT[: TEXT.rindex(b"endloop")],
    "cut off within the third corner": TEXT[: TEXT.rindex(b"vertex") + 9],
    "a facet of two corners": TEXT.replace(b"      vertex 0 0 0\n", b"", 1),
    "a facet of four corners": TEXT.replace(b"      vertex 0 0 0\n", b"      vertex 0 0 0\n" * 2, 1),
    "a corner of two numbers": TEXT.replace(b"vertex 0 0 0\n", b"vertex 0 0\n", 1),
    "a corner of four numbers": TEXT.replace(b"vertex 0 0 0\n", b"vertex 0 0 0 1\n", 1),
    "no solid, facets at once": TEXT.split(b"\n", 1)[1],
    "no solid, a comment first": b"; made by hand\n" + TEXT.split(b"\n", 1)[1],
    "corners nowhere": TEXT.replace(b"vertex 0 0 0", b"vertex 0 nan 0", 1),
    "binary corners nowhere": binary_stl(np.where(test_stl.CUBE == 10, np.nan, test_stl.CUBE)),
    "binary corners too far": binary_stl(test_stl.CUBE * 2e6),
    "binary, solid, no true count": binary_stl(test_stl.CUBE, b"solid facet normal", count=3),
    "binary, a tail and a small count": binary_stl(test_stl.CUBE, count=5, behind=b"TRAILING" * 10),
    "binary, cut off": binary_stl(test_stl.CUBE)[:-30],
    "nothing": b"solid empty\nendsolid empty\n",
    "empty": b"",
    "far from the origin": binary_stl(test_stl.CUBE + 90_000.25),
}
FILES = (
    {f"OBJ: {name}": content for name, content in (test_obj.LAYOUTS | AWKWARD_OBJ).items()}
    | {f"STL: {name}": content for name, content in (test_stl.LAYOUTS | AWKWARD_STL).items()}
    | {f"STL, {n.decode()} for a number": TEXT.replace(b"0 0 0", b"0 " + n + b" 0", 1) for n in test_stl.BAD_NUMBERS}
)


@pytest.mark.parametrize("name", FILES)
def test_a_file_holds_the_same_here_and_there(page: Page, tmp_path: Path, name: str) -> None:
    assert_same(page, tmp_path, FILES[name])


# ---------- the shadow ----------


def points_of(kind: str) -> NDArray[np.float64]:
    rng = np.random.default_rng(3)
    angle = rng.uniform(0, 2 * pi, 3000)
    if kind == "disc":
        return np.stack([100 * np.cos(angle), 70 * np.sin(angle), rng.uniform(0, 9, 3000)], axis=1)
    if kind == "one far away":
        return np.concatenate([points_of("disc"), [[9000.0, 3.0, 1.0]] * 3])
    if kind == "line":
        return np.stack([angle, 2 * angle, angle], axis=1)
    return rng.uniform(-120, 80, (3000, 3)) if kind == "cloud" else rng.normal(0, 40, (3000, 3)) + 7000


@pytest.mark.parametrize("kind", ["disc", "one far away", "line", "cloud", "far cloud"])
def test_the_outline_is_the_server_s(page: Page, kind: str) -> None:
    triangles = points_of(kind).astype(np.float32).astype(np.float64).reshape(-1, 3, 3)
    found = np.array(read_here(page, binary_stl(triangles))["pose"]["outline"]).reshape(-1, 2)
    expected = np.array(outline(triangles.reshape(-1, 3)[:, :2]))
    assert len(found) == len(expected) <= MAX_CORNERS
    first = np.abs(found - expected[0]).sum(axis=1).argmin()
    assert np.roll(found, -first, axis=0) == pytest.approx(expected, abs=1e-9 * float(np.abs(expected).max()))
