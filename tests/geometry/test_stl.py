"""STL in whatever layout it comes."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import numpy as np
import pytest

from printlab.domain.model_facts import ModelFormat, Remark
from printlab.geometry.refusals import ModelRefused, Refusal
from tests.geometry import model_files
from tests.geometry.model_files import binary_stl, in_order, read_bytes, text_stl, triangles_of

CORNERS, FACES = model_files.cube()
CUBE = CORNERS[FACES]
TEXT = text_stl(CUBE)


def check_cube(folder: Path, content: bytes, *remarks: Remark) -> None:
    model = read_bytes(folder, content)
    assert model.format is ModelFormat.STL
    assert np.array_equal(triangles_of(model), in_order(CUBE))
    assert model.remarks == set(remarks)


def refusal(folder: Path, content: bytes) -> Refusal:
    with pytest.raises(ModelRefused) as refused:
        read_bytes(folder, content)
    assert refused.value.message.endswith(".")
    return refused.value.code


@pytest.mark.parametrize(
    "header", [b"made", b"solid exported", b"solid facet normal 0 0 1 outer loop vertex", b"\0", b"PK"]
)
def test_binary_whatever_its_header_says(tmp_path: Path, header: bytes) -> None:
    check_cube(tmp_path, binary_stl(CUBE, header))


@pytest.mark.parametrize("behind", [b"\0", b"TRAILING" * 10, b"\0" * 100])
def test_bytes_behind_the_last_triangle_are_passed_over(tmp_path: Path, behind: bytes) -> None:
    check_cube(tmp_path, binary_stl(CUBE, behind=behind), Remark.WRONG_COUNT)


@pytest.mark.parametrize("header", [b"made", b"solid exported"])
@pytest.mark.parametrize("count", [0, 2, 13, 10_000, 0xFFFFFFFF])
def test_a_wrong_count_loses_no_triangle(tmp_path: Path, count: int, header: bytes) -> None:
    remarks = {Remark.WRONG_COUNT} | ({Remark.TRUNCATED} if count > 12 else set())
    check_cube(tmp_path, binary_stl(CUBE, header, count=count), *remarks)


def test_a_binary_file_that_was_cut_off_keeps_its_whole_triangles(tmp_path: Path) -> None:
    model = read_bytes(tmp_path, binary_stl(CUBE)[:-30])
    assert model.triangles == 11
    assert model.remarks == {Remark.TRUNCATED, Remark.WRONG_COUNT}


ONE_LINE = re.sub(rb"\s+", b" ", TEXT)
NAMED = [b"solid a facet of endsolid\n" + TEXT.split(b"\n", 1)[1], b"solid vertex 1 2 3\n" + TEXT.split(b"\n", 1)[1]]
LAYOUTS = {
    "usual": TEXT,
    "CR": TEXT.replace(b"\n", b"\r"),
    "CRLF": TEXT.replace(b"\n", b"\r\n"),
    "one line": ONE_LINE,
    "capitals": TEXT.upper(),
    "capitals in one line": ONE_LINE.upper(),
    "tabs": TEXT.replace(b" ", b"\t"),
    "mark": codecs.BOM_UTF8 + TEXT,
    "UTF-16": TEXT.decode().encode("utf-16"),
    "exponents": text_stl(CUBE, number="{:+.6E}"),
    "no endsolid": TEXT[: TEXT.index(b"endsolid")],
    "no name": TEXT.replace(b"solid cube", b"solid"),
    "no indent": re.sub(rb"\n +", b"\n", TEXT),
    "blank lines": b"\n\n" + TEXT.replace(b"\n", b"\n\n"),
    "name of many words": NAMED[0],
    "name like a corner": NAMED[1],
    "no normals": TEXT.replace(b"facet normal 0 0 1", b"facet"),
    "colours": TEXT.replace(b"endfacet", b"endfacet\ncolor 0.5 0.5 0.5"),
    "normals that are none": TEXT.replace(b"normal 0 0 1", b"normal nan nan nan"),
    "name in another alphabet": text_stl(CUBE, name="Würfel ☃"),
}


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_text_in_every_layout(tmp_path: Path, layout: str) -> None:
    check_cube(tmp_path, LAYOUTS[layout])


@pytest.mark.parametrize("newline", ["\n", " "])
def test_several_solids_are_one_part(tmp_path: Path, newline: str) -> None:
    check_cube(tmp_path, text_stl(CUBE[:5], "one", newline=newline) + text_stl(CUBE[5:], "two", newline=newline))


def test_text_larger_than_a_block(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    triangles = rng.uniform(-100, 100, (40_000, 3, 3)).astype(np.float32).astype(np.float64)
    half = len(triangles) // 2
    content = text_stl(triangles[:half], "first part") + text_stl(triangles[half:], "second part", number="{:.9e}")
    assert len(content) > 8 << 20
    model = read_bytes(tmp_path, content)
    assert np.array_equal(model.parts[0].vertices.reshape(-1, 3, 3), triangles)


def test_text_that_was_cut_off_keeps_its_whole_triangles(tmp_path: Path) -> None:
    model = read_bytes(tmp_path, TEXT[: TEXT.rindex(b"vertex") + 9])
    assert model.triangles == 11
    assert model.remarks == {Remark.TRUNCATED}


def test_a_facet_of_two_corners_is_left_out(tmp_path: Path) -> None:
    cut = TEXT.replace(b"      vertex 0 0 0\n", b"", 1)
    model = read_bytes(tmp_path, cut)
    assert model.triangles == 11
    assert model.remarks == {Remark.BAD_FACES}


BAD_NUMBERS = (b"1,5", b"x", b"0x10", b"1.2.3", b"1e", b"--1", b"1-2", "\uff11".encode(), b"1_0")


@pytest.mark.parametrize("number", BAD_NUMBERS)
def test_words_for_numbers_are_refused(tmp_path: Path, number: bytes) -> None:
    assert refusal(tmp_path, TEXT.replace(b"vertex 0 0 0", b"vertex 0 " + number + b" 0", 1)) == Refusal.BAD_NUMBER


@pytest.mark.parametrize(("number", "code"), [("nan", "not_finite"), ("inf", "not_finite"), ("1e400", "not_finite")])
def test_corners_without_a_place_are_refused(tmp_path: Path, number: str, code: str) -> None:
    assert refusal(tmp_path, TEXT.replace(b"vertex 0 0 0", f"vertex 0 {number} 0".encode(), 1)) == code
    triangles = CUBE.copy()
    triangles[3, 1, 1] = float(number)
    assert refusal(tmp_path, binary_stl(triangles)) == code


@pytest.mark.parametrize("far", [1.1e7, -3e38])
def test_corners_beyond_all_labs_are_refused(tmp_path: Path, far: float) -> None:
    triangles = CUBE.copy()
    triangles[3, 1, 1] = far
    assert refusal(tmp_path, binary_stl(triangles)) == Refusal.ABSURD_COORDINATES
    assert refusal(tmp_path, text_stl(triangles)) == Refusal.ABSURD_COORDINATES


def test_no_triangles(tmp_path: Path) -> None:
    assert refusal(tmp_path, binary_stl(CUBE[:0])) == Refusal.NO_TRIANGLES
    assert refusal(tmp_path, b"solid empty\nendsolid empty\n") == Refusal.NO_TRIANGLES
    assert refusal(tmp_path, b"") == Refusal.EMPTY


def test_more_triangles_than_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("printlab.geometry.parts.MAX_TRIANGLES", 11)
    monkeypatch.setattr("printlab.geometry.stl.MAX_TRIANGLES", 11)
    assert refusal(tmp_path, binary_stl(CUBE)) == Refusal.TOO_MANY_TRIANGLES
    assert refusal(tmp_path, TEXT) == Refusal.TOO_MANY_TRIANGLES
