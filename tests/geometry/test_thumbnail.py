"""The picture of a part shows the part, its holes, and nothing else."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from printlab.geometry import gl_probe
from printlab.geometry.shading import shaded
from printlab.geometry.thumbnail import MAX_THUMBNAIL_BYTES, SIZE_PX, draw
from tests.geometry import solids
from tests.geometry.solids import Mesh

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def _graphics() -> None:
    if problem := gl_probe.probe():
        pytest.skip(problem)


def pixels(mesh: Mesh) -> NDArray[np.float64]:
    """The picture as (512, 512, 4): red, green, blue, alpha from 0 to 1."""
    content = draw(*mesh)
    assert len(content) <= MAX_THUMBNAIL_BYTES
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, picture.size) == ("WEBP", (SIZE_PX, SIZE_PX))
    return np.asarray(picture.convert("RGBA"), dtype=np.float64) / 255


def share(picture: NDArray[np.float64]) -> float:
    """How much of the picture is covered."""
    return float((picture[..., 3] > 0.5).mean())


def share_of_red(picture: NDArray[np.float64]) -> float:
    """How much of what is covered is the colour of insides."""
    red, _, blue, alpha = np.moveaxis(picture, -1, 0)
    return float(((alpha > 0.5) & (red > 1.5 * blue)).sum() / (alpha > 0.5).sum())


def test_a_box_fills_the_picture_and_leaves_the_corners() -> None:
    picture = pixels(solids.box(30, 30, 30))
    assert 0.5 < share(picture) < 0.8
    for x in (0, -1):
        for y in (0, -1):
            assert picture[y, x, 3] == 0
    assert share_of_red(picture) == 0


def test_it_stands_upright_in_the_middle() -> None:
    covered = pixels(solids.box(10, 10, 60, at=(300, -70, 12)))[..., 3] > 0.5
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    assert (rows[0], rows[-1]) == pytest.approx((14, 497), abs=4)
    assert columns[0] + columns[-1] == pytest.approx(511, abs=3)
    assert len(rows) > 3 * len(columns)


def test_top_and_sides_are_told_apart() -> None:
    picture = pixels(solids.box(30, 30, 30))
    top, left, right = (picture[y, x, :3].sum() for x, y in ((256, 120), (130, 300), (380, 330)))
    assert top > 1.2 * left > 1.2 * 1.2 * right


@pytest.mark.parametrize(
    ("mesh", "least", "most"),
    [
        (solids.box(200, 200, 1), 0.2, 0.4),
        (solids.box(1, 1, 200), 0.004, 0.05),
        (solids.box(200, 0.1, 200), 0.3, 0.8),
        (solids.together(solids.box(5, 5, 5), solids.box(5, 5, 5, at=(20, 0, 0))), 0.05, 0.4),
    ],
    ids=["flat", "tall", "thin", "two bodies"],
)
def test_parts_of_any_shape_can_be_seen(mesh: Mesh, least: float, most: float) -> None:
    assert least < share(pixels(mesh)) < most


def test_an_open_box_shows_its_inside_in_red() -> None:
    assert 0.2 < share_of_red(pixels(solids.open_box(30, 30, 20))) < 0.6


def test_what_is_inside_out_is_red_all_over() -> None:
    assert share_of_red(pixels(solids.turned_inside_out(solids.knob(2000)))) > 0.99
    assert share_of_red(pixels(solids.knob(2000))) == 0


def test_a_rim_has_the_colour_of_the_part() -> None:
    picture = pixels(solids.box(30, 30, 30))
    rim = (picture[..., 3] > 0.2) & (picture[..., 3] < 0.8)
    assert rim.sum() > 300
    assert picture[rim][:, :3].mean(axis=1).max() < picture[picture[..., 3] == 1][:, :3].mean(axis=1).max() + 0.1


def test_the_same_part_gives_the_same_picture_whatever_was_drawn_before() -> None:
    first = pixels(solids.open_box(30, 20, 10))
    pixels(solids.knob(5000))
    again = pixels(solids.open_box(30, 20, 10))
    assert np.abs(first - again).mean() < 0.002


def test_the_same_part_larger_elsewhere_and_as_loose_triangles_gives_the_same_picture() -> None:
    vertices, faces = solids.knob(3000)
    moved = solids.soup((vertices * 40 + [1000, -500, 3], faces))
    assert np.abs(pixels((vertices, faces)) - pixels(moved)).mean() < 0.005


def test_a_finely_meshed_part_looks_like_the_coarse_one() -> None:
    fine, coarse = pixels(solids.knob(450_000)), pixels(solids.knob(50_000))
    assert np.abs(fine - coarse).mean() < 0.02


@pytest.mark.parametrize("mesh", [solids.fan(300_000), solids.cone(300_000)], ids=["fan", "cone"])
def test_hundreds_of_thousands_of_triangles_at_one_corner_take_seconds(mesh: Mesh) -> None:
    started = time.process_time()
    assert share(pixels(mesh)) > 0.1
    assert time.process_time() - started < 30


@pytest.mark.parametrize(
    "mesh",
    [
        solids.crumbs(100_000),
        (np.full((3, 3), 7.0), np.array([[0, 1, 2]])),
        (np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0]], dtype=float), np.array([[0, 1, 2]])),
        solids.box(1, 1, 1, at=(9e6, -9e6, 9e6)),
        solids.box(2e7, 1e-3, 2e7, at=(-1e7, 0, -1e7)),
        solids.box(1e-9, 1e-9, 1e-9),
    ],
    ids=["crumbs", "a point", "a line", "far away", "huge", "tiny"],
)
def test_odd_meshes_give_a_picture_within_the_limit(mesh: Mesh) -> None:
    assert pixels(mesh).shape == (SIZE_PX, SIZE_PX, 4)


def test_a_round_thing_is_shaded_round_and_a_box_has_its_edges() -> None:
    ball = shaded(*solids.knob(5000, lobes=0))
    outwards = ball.vertices / np.linalg.norm(ball.vertices, axis=1, keepdims=True)
    assert np.einsum("ij,ij->i", outwards, ball.normals).min() > 0.99
    assert len(ball.vertices) == len(solids.knob(5000)[0])
    block = shaded(*solids.box(1, 2, 3))
    assert len(block.vertices) == 24
    assert np.abs(block.normals).max(axis=1).tolist() == pytest.approx([1] * 24)


def test_each_face_keeps_its_corners_when_it_is_shaded() -> None:
    vertices, faces = solids.together(solids.knob(2000), solids.fan(50), solids.open_box(3, 4, 5))
    result = shaded(vertices, faces)
    assert result.vertices[result.faces] == pytest.approx(vertices[faces], abs=1e-4)
    assert np.linalg.norm(result.normals, axis=1) == pytest.approx(1, abs=1e-5)


def test_the_server_can_import_the_drawing_without_the_graphics_library() -> None:
    code = "import sys, printlab.geometry.thumbnail as _; print({'vtk', 'vtkmodules', 'pyvista'} & sys.modules.keys())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"


def test_a_machine_without_egl_is_told_which_packages_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "libEGL.so.1").write_bytes(b"no library")
    sentence = probed({"LD_LIBRARY_PATH": str(tmp_path)})
    assert "libegl1" in sentence
    assert "libgl1-mesa-dri" in sentence


def test_a_machine_without_drivers_is_told_so_although_the_attempt_dies(tmp_path: Path) -> None:
    sentence = probed({"LIBGL_DRIVERS_PATH": str(tmp_path), "GBM_BACKENDS_PATH": str(tmp_path)})
    assert "libgl1-mesa-dri" in sentence


def probed(environment: dict[str, str]) -> str:
    """What the probe says in a process with these variables."""
    done = subprocess.run(
        [sys.executable, "-c", "from printlab.geometry.gl_probe import probe; print(probe())"],
        cwd=REPOSITORY,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout
