"""OBJ as programs write it, and as they should not."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import numpy as np
import pytest

from printlab.domain.model_facts import ModelFormat, Remark
from printlab.geometry.refusals import ModelRefused, Refusal
from tests.geometry import model_files
from tests.geometry.model_files import obj, read_bytes, triangles_of, volume_mm3

CORNERS, FACES = model_files.cube()
QUADS = model_files.CUBE_QUADS.tolist()
PLAIN = obj(CORNERS, FACES.tolist())
V, F = PLAIN[: PLAIN.index(b"f ")], PLAIN[PLAIN.index(b"f ") :]


def triangles_of_cube(edge: float) -> np.ndarray:
    corners, faces = model_files.cube(edge)
    return corners[faces]


def check_cube(folder: Path, content: bytes, *remarks: Remark) -> None:
    model = read_bytes(folder, content)
    assert model.format is ModelFormat.OBJ
    assert model.triangles == 12
    assert volume_mm3(model) == pytest.approx(1000, rel=1e-12)
    assert len(model.parts[0].vertices) == 8
    assert model.remarks == set(remarks)


def refusal(folder: Path, content: bytes) -> Refusal:
    with pytest.raises(ModelRefused) as refused:
        read_bytes(folder, content)
    return refused.value.code


def interleaved() -> bytes:
    """A face right behind its own corners, which it counts from the end."""
    lines: list[str] = []
    for quad in QUADS:
        lines += ["v {} {} {}".format(*CORNERS[corner].tolist()) for corner in quad]
        lines.append("f -4 -3 -2 -1")
    return "\n".join(lines).encode()


LAYOUTS = {
    "triangles": PLAIN,
    "quads": obj(CORNERS, QUADS),
    "triangles and quads": obj(CORNERS, [*QUADS[:3], *FACES[3:6].tolist(), *FACES[9:].tolist()]),
    "v/vt": obj(CORNERS, QUADS, "{0}/1"),
    "v//vn": obj(CORNERS, QUADS, "{0}//7"),
    "v/vt/vn": obj(CORNERS, QUADS, "{0}/1/{0}"),
    "v/ and what is not there": obj(CORNERS, QUADS, "{0}/-9999/9999"),
    "v/": obj(CORNERS, QUADS, "{0}/"),
    "all kinds": V
    + obj(CORNERS[:0], QUADS[:2], "{0}/1/1")
    + obj(CORNERS[:0], QUADS[2:4], "{0}//1")
    + obj(CORNERS[:0], QUADS[4:]),
    "faces first": F + V,
    "a comment with a Windows path": b"# exported from C:\\parts\\\n" + V + b"# faces of C:\\\n" + F,
    "names that end in a backslash": b"mtllib C:\\x\\\no part\\\n" + V + b"g all\\\nusemtl red\\\n" + F,
    "words of an STL in a comment": b"# converted: endsolid cube\n#facet normal 0 0 1\n" + PLAIN,
    "words of an STL in a name": b"o facet normal\ng outer loop\n" + PLAIN,
    "a whole STL in comments": b"# "
    + model_files.text_stl(triangles_of_cube(5)).replace(b"\n", b"\n# ")
    + b"\n"
    + PLAIN,
    "colours": b"\n".join(line + b" 0.5 0.5 0.5" for line in V.splitlines()) + b"\n" + F,
    "weight": b"\n".join(line + b" 1.0" for line in V.splitlines()) + b"\n" + F,
    "colours of some": V.replace(b"\n", b" 0.5 0.5 0.5\n", 3) + F,
    "comments": b"# cube\n" + PLAIN.replace(b"\n", b" # v 1 2 3\n"),
    "comments that touch": PLAIN.replace(b"\n", b"#4\n"),
    "lines and points": PLAIN + b"l 1 2\np 3\nf 1 2\ncurv 0 1 1 2\n",
    "groups": b"mtllib ../../etc/passwd\no cube\ng a b\ns 1\nusemtl x\n" + PLAIN,
    "CR": PLAIN.replace(b"\n", b"\r"),
    "CRLF": PLAIN.replace(b"\n", b"\r\n"),
    "tabs": PLAIN.replace(b" ", b"\t"),
    "two spaces": PLAIN.replace(b"v ", b"v  ").replace(b"f ", b"f   "),
    "indented": PLAIN.replace(b"f ", b"  f ").replace(b"v ", b"\t v "),
    "spaces at the ends": PLAIN.replace(b"\n", b"  \n"),
    "goes on": PLAIN.replace(b"f ", b"f \\\n").replace(b"v ", b"v \\\n "),
    "goes on, CRLF": PLAIN.replace(b"f ", b"f \\\n").replace(b"\n", b"\r\n"),
    "no last newline": PLAIN.rstrip(),
    "mark": codecs.BOM_UTF8 + PLAIN,
    "UTF-16": PLAIN.decode().encode("utf-16"),
    "UTF-16 from the other end": codecs.BOM_UTF16_BE + PLAIN.decode().encode("utf-16-be"),
    "exponents": b"\n".join(b"v %.6e %.6E %+.3e" % tuple(corner) for corner in CORNERS.tolist()) + b"\n" + F,
    "texture corners and normals": b"vt 0 0\nvn 0 0 1\nvp 1 2\n" + PLAIN,
    "a long comment first": b"# " + b"x" * 200_000 + b"\n" + PLAIN,
    "unused corners": V + b"v 500 500 500\nv nan 0 0\n" + F,
}


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_every_layout(tmp_path: Path, layout: str) -> None:
    check_cube(tmp_path, LAYOUTS[layout])


def test_relative_corners_count_from_where_the_face_stands(tmp_path: Path) -> None:
    model = read_bytes(tmp_path, interleaved())
    assert model.triangles == 12
    assert volume_mm3(model) == pytest.approx(1000)


def test_relative_corners_across_blocks(tmp_path: Path) -> None:
    padding = b"# " + b"x" * 998 + b"\n"
    content = b"".join(line + b"\n" + padding * 600 for line in interleaved().splitlines())
    assert len(content) > 16 << 20
    model = read_bytes(tmp_path, content)
    assert model.triangles == 12
    assert volume_mm3(model) == pytest.approx(1000)


def test_the_material_library_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mtl")  # opening it would wait for ever
    check_cube(tmp_path, b"mtllib pipe.mtl\nusemtl a\n" + PLAIN)


@pytest.mark.parametrize("start", range(4))
def test_a_concave_quad_stays_inside_its_outline(tmp_path: Path, start: int) -> None:
    arrow = np.array([[0, 0, 5], [4, 0, 5], [1, 1, 5], [0, 4, 5]], np.float64)
    triangles = triangles_of(read_bytes(tmp_path, obj(arrow, [np.roll(np.arange(4), start).tolist()])))
    assert areas(triangles).tolist() == pytest.approx([2, 2])


def areas(triangles: np.ndarray) -> np.ndarray:
    return np.linalg.norm(np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1) / 2


@pytest.mark.parametrize("turned", [1, -1])
@pytest.mark.parametrize("corners", [5, 6, 9, 24, 400])
def test_a_star_is_cut_without_overlap(tmp_path: Path, corners: int, turned: int) -> None:
    angle = turned * np.arange(corners) * 2 * np.pi / corners
    radius = np.where(np.arange(corners) % 2, 2.0, 10.0)
    flat = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    star = flat @ np.array([[1, 0, 0.5], [0, 1, 0.25]])  # leans, so that no axis is its own
    triangles = triangles_of(read_bytes(tmp_path, obj(star, [range(corners)])))
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    assert len(triangles) == corners - 2
    assert (normals[:, 2] * turned > 0).all()
    x, y = flat.T
    outline = float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)
    assert normals[:, 2].sum() / 2 == pytest.approx(outline)


def test_faces_that_name_missing_corners_are_left_out(tmp_path: Path) -> None:
    for bad in (
        b"f 0 1 2",
        b"f 1 2 9",
        b"f -9 1 2",
        b"f 1 2 2147483648",
        b"f 1 2 99999999999999999999",
        b"f 1 2 3 -77",
    ):
        check_cube(tmp_path, PLAIN + bad + b"\n", Remark.BAD_FACES)
    assert refusal(tmp_path, V + b"f 7 8 9\nf 9 8 7\n") == Refusal.BAD_INDEX


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (V, Refusal.NO_TRIANGLES),
        (V + b"f 1 2\nl 1 2 3\n", Refusal.NO_TRIANGLES),
        (F, Refusal.BAD_INDEX),
        (b"v 1 2\n" + PLAIN, Refusal.BAD_NUMBER),
        (b"v 1 2 x\n" + PLAIN, Refusal.BAD_NUMBER),
        (b"v 1,0 2,0 3,0\n" + PLAIN, Refusal.BAD_NUMBER),
        (PLAIN + b"f 1 2 three\n", Refusal.BAD_NUMBER),
        (PLAIN + b"f 1 2 3.5\n", Refusal.BAD_NUMBER),
        (PLAIN.replace(b"v 10.0", b"v inf", 1), Refusal.NOT_FINITE),
        (PLAIN.replace(b"v 10.0", b"v nan", 1), Refusal.NOT_FINITE),
        (PLAIN.replace(b"v 10.0", b"v 1e9", 1), Refusal.ABSURD_COORDINATES),
        (b"this is a diary\nf you\nv good\n" * 50, Refusal.UNKNOWN_FORMAT),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes, code: Refusal) -> None:
    assert refusal(tmp_path, content) == code


def test_a_polygon_of_too_many_triangles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("printlab.geometry.parts.MAX_TRIANGLES", 100)
    corners = np.random.default_rng(1).uniform(size=(200, 3))
    assert refusal(tmp_path, obj(corners, [range(200)])) == Refusal.TOO_MANY_TRIANGLES
