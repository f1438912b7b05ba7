"""The content must be what the extension says."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from printlab.domain.naming import SLICED_EXTENSIONS, UPLOAD_EXTENSIONS, extension
from printlab.errors import InvalidFile
from printlab.files.sniff import check_content
from tests import files_made

FIXTURES = Path(__file__).parents[2].parent / "shared" / "fixtures"
MESHES = sorted(FIXTURES.glob("models/*.*"))
SLICED = sorted(FIXTURES.glob("sliced/*/*.*"))
SAMPLES = {ext: make() for ext, make in files_made.MADE.items()}
KNOWN = tuple(dict.fromkeys((*UPLOAD_EXTENSIONS, *SLICED_EXTENSIONS)))


def refusal(content: bytes, ext: str, tmp_path: Path) -> str | None:
    """What is said about the content, or None when it is taken."""
    path = tmp_path / "upload"
    path.write_bytes(content)
    try:
        check_content(path, ext)
    except InvalidFile as error:
        return str(error)
    return None


@pytest.mark.parametrize("ext", list(files_made.MADE))
def test_a_real_file_is_taken(ext: str, tmp_path: Path) -> None:
    assert refusal(files_made.MADE[ext](), ext, tmp_path) is None


def test_text_stl_is_taken(tmp_path: Path) -> None:
    assert refusal(files_made.ascii_stl(), ".stl", tmp_path) is None
    assert refusal(b"\xef\xbb\xbf\r\n " + files_made.ascii_stl(), ".stl", tmp_path) is None


def test_a_binary_stl_that_begins_with_solid_is_taken(tmp_path: Path) -> None:
    assert refusal(files_made.stl(header=b"solid exported by a program"), ".stl", tmp_path) is None


def test_an_stl_with_bytes_behind_it_is_taken(tmp_path: Path) -> None:
    assert refusal(files_made.stl() + b"\0" * 7, ".stl", tmp_path) is None


@pytest.mark.parametrize("ext", KNOWN)
def test_an_empty_file(ext: str, tmp_path: Path) -> None:
    assert refusal(b"", ext, tmp_path) == "The file is empty. Export it again and choose the new file."


@pytest.mark.parametrize("ext", list(files_made.MADE))
def test_a_renamed_picture(ext: str, tmp_path: Path) -> None:
    for content in (files_made.png(), files_made.png() + b"\0" * 5000):
        said = refusal(content, ext, tmp_path)
        assert said is not None
        assert "it looks like a PNG picture" in said


@pytest.mark.parametrize("content", [b"solid x", b"solid x\nendsolid x\n", b"solid" + b" " * 500])
def test_an_stl_file_without_a_shape_is_not_said_to_be_something_else(content: bytes, tmp_path: Path) -> None:
    assert refusal(content, ".stl", tmp_path) == (
        "This begins like an STL file, but there is no shape in it. "
        "Export it again from your design program and choose the new file."
    )


@pytest.mark.parametrize(
    ("content", "looks"),
    [
        (b"%PDF-1.7\n" + b"x" * 500, "a PDF document"),
        (b"<!doctype html><p>Sign in", "a web page or XML file"),
        (b"\xff\xd8\xff\xe0" + b"x" * 500, "a JPEG picture"),
        (b"ISO-10303-21;\nHEADER;", "a STEP file, which needs to be exported as STL or 3MF"),
        (b"hello", "something else"),
    ],
)
def test_what_it_looks_like_is_said(content: bytes, looks: str, tmp_path: Path) -> None:
    assert refusal(content, ".stl", tmp_path) == (
        f"This is not an STL file: it looks like {looks}. "
        "Export it again from your design program and choose the new file."
    )


def test_a_zip_that_is_no_3mf(tmp_path: Path) -> None:
    homework = files_made.archive({"homework.docx": b"text"})
    for ext in (".3mf", ".gcode.3mf", ".sl1"):
        said = refusal(homework, ext, tmp_path)
        assert said is not None
        assert "it looks like a zip archive" in said
    assert refusal(files_made.threemf(), ".gcode.3mf", tmp_path) is not None
    assert refusal(files_made.threemf(), ".stl", tmp_path) is not None


def test_a_zip64_3mf_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "big.3mf"
    path.write_bytes(files_made.as_zip64(files_made.threemf()))
    check_content(path, ".3mf")
    path.write_bytes(path.read_bytes().replace(b"PK\x06\x06", b"PK\x06\x08"))
    with pytest.raises(InvalidFile):
        check_content(path, ".3mf")


def test_a_directory_of_a_million_files_is_refused_at_once(tmp_path: Path) -> None:
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *[20] * 2, *[0] * 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    directory = entry * 1_000_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 4, 0)
    started = time.monotonic()
    assert refusal(b"PK\x03\x04" + directory + end, ".3mf", tmp_path) is not None
    many = entry * 3000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 3000, 3000, len(many), 4, 0)
    assert refusal(b"PK\x03\x04" + many + end, ".3mf", tmp_path) is not None
    assert time.monotonic() - started < 5


def test_a_bomb_is_never_unpacked(tmp_path: Path) -> None:
    bomb = files_made.archive({"3D/3dmodel.model": b"\0" * 50_000_000})
    started = time.monotonic()
    assert refusal(bomb, ".3mf", tmp_path) is None  # its directory is that of a 3MF; unpacking it is not done here
    assert time.monotonic() - started < 2


def test_a_directory_that_points_nowhere(tmp_path: Path) -> None:
    good = files_made.threemf()
    end = good.rfind(b"PK\x05\x06")
    for offset, length in ((0xFFFFFFFE, 50), (0, 0xFFFFFFFE), (len(good), 50)):
        content = good[: end + 12] + struct.pack("<II", length, offset) + good[end + 20 :]
        assert refusal(content, ".3mf", tmp_path) is not None
    assert refusal(good[: end + 5], ".3mf", tmp_path) is not None


@given(st.binary(min_size=1, max_size=400), st.sampled_from(KNOWN))
@example(b"solid", ".stl")
def test_any_bytes_get_an_answer(tmp_path: Path, content: bytes, ext: str) -> None:
    said = refusal(content, ext, tmp_path)
    assert said is None or (said.startswith(("This is not", "This begins like")) and said.endswith("."))


# Made once: a zip carries the time of its making, and the same example has to give the same bytes again.
_WHOLE = {ext: make() for ext, make in files_made.MADE.items()}


@given(st.sampled_from(sorted(_WHOLE)), st.data())
def test_damaged_files_get_an_answer(tmp_path: Path, ext: str, data: st.DataObject) -> None:
    content = bytearray(_WHOLE[ext])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    refusal(bytes(content[: data.draw(st.integers(1, len(content)))]), ext, tmp_path)


@pytest.mark.parametrize("path", MESHES + SLICED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_files_from_the_wild(path: Path, tmp_path: Path) -> None:
    """Whatever a program wrote is taken; what is empty or no mesh at all is refused in words."""
    ext = extension(path.name, KNOWN)
    if ext is None:
        assert path.suffix == ".json"
        return
    said = refusal(path.read_bytes(), ext, tmp_path)
    assert said is None or path.stat().st_size == 0 or path.name.startswith(("11_", "12_"))
