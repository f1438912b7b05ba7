"""The picture in a sliced file: the largest that can be decoded, made anew; nothing else of the file comes out."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from printlab.geometry.sandbox import Sandbox
from printlab.slicers.pictures import SIDE_PX, picture
from tests import files_made
from tests.slicers.sliced_files import PRUSA, SL1_CONFIG, block, write_bgcode, write_zip

Colour = tuple[int, int, int]
RED, GREEN, BLUE = (200, 20, 20), (20, 160, 60), (30, 60, 200)
KINDS = {"PNG": ("", 0), "JPEG": ("_JPG", 1), "QOI": ("_QOI", 2)}


def drawn(colour: Colour, size: tuple[int, int] = (220, 124), form: str = "PNG") -> bytes:
    """A picture of one colour as a slicer encodes it."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, form)
    return buffer.getvalue()


def announced(content: bytes, size: tuple[int, int], form: str = "PNG") -> str:
    """The same in the comments of G-code."""
    encoded = base64.b64encode(content).decode()
    lines = "\n".join(f"; {encoded[at : at + 78]}" for at in range(0, len(encoded), 78))
    name = f"thumbnail{KINDS[form][0]}"
    return f";\n; {name} begin {size[0]}x{size[1]} {len(encoded)}\n{lines}\n; {name} end\n;\n"


def gcode(tmp_path: Path, *pictures: str) -> Path:
    path = tmp_path / "part.gcode"
    path.write_text("".join(pictures) + files_made.prusa_gcode().decode())
    return path


def colour_of(content: bytes | None) -> Colour:
    """The colour in the middle of what came out, which is a WebP."""
    assert content is not None
    with Image.open(io.BytesIO(content), formats=["WEBP"]) as image:
        pixel = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(pixel, tuple)
    return min((RED, GREEN, BLUE), key=lambda colour: sum(abs(a - b) for a, b in zip(colour, pixel, strict=True)))


def size_of(content: bytes | None) -> tuple[int, int]:
    assert content is not None
    with Image.open(io.BytesIO(content)) as image:
        return image.size


@pytest.mark.parametrize("form", KINDS)
def test_the_largest_picture_in_gcode_is_taken(tmp_path: Path, form: str) -> None:
    small, large = announced(drawn(RED, (16, 16)), (16, 16)), announced(drawn(GREEN, form=form), (220, 124), form)
    for order in ((small, large), (large, small)):
        content = picture(gcode(tmp_path, *order))
        assert (colour_of(content), size_of(content)) == (GREEN, (220, 124))


@pytest.mark.parametrize("form", KINDS)
def test_binary_gcode_has_its_pictures_in_blocks(tmp_path: Path, form: str) -> None:
    blocks = [
        block(5, drawn(colour, size, kind), struct.pack("<HHH", KINDS[kind][1], *size))
        for colour, size, kind in ((RED, (16, 16), "PNG"), (BLUE, (313, 173), form), (RED, (32, 32), "QOI"))
    ]
    path = write_bgcode(tmp_path / "part.bgcode", *blocks, block(1, b"G28\n", b"\0\0"))
    content = picture(path)
    assert (colour_of(content), size_of(content)) == (BLUE, (313, 173))


def test_packages_have_them_as_members(tmp_path: Path) -> None:
    plates = write_zip(
        tmp_path / "two.gcode.3mf",
        {
            "Metadata/plate_10.png": drawn(RED, (512, 512)),
            "Metadata/plate_2.png": drawn(GREEN, (512, 512)),
            "Metadata/plate_2.gcode": "G28\n",
        },
    )
    assert colour_of(picture(plates)) == GREEN  # of equal ones that of the first plate
    resin = write_zip(
        tmp_path / "part.sl1",
        {
            "config.ini": SL1_CONFIG,
            "thumbnail/thumbnail400x400.png": drawn(RED, (400, 400)),
            "thumbnail/thumbnail800x480.png": drawn(BLUE, (800, 480)),
        },
    )
    content = picture(resin)
    assert (colour_of(content), size_of(content)) == (BLUE, (SIDE_PX, 307))


def test_a_broken_picture_gives_way_to_the_next_smaller_one(tmp_path: Path) -> None:
    broken = announced(drawn(RED, (640, 480))[:60], (640, 480))
    assert colour_of(picture(gcode(tmp_path, broken, announced(drawn(BLUE), (220, 124))))) == BLUE
    assert picture(gcode(tmp_path, broken)) is None


NO_PICTURES = {
    "announced only": PRUSA.encode(),
    "empty": b"",
    "moves only": b"G28\n",
    "magic only": b"GCDE",
    "resin": files_made.sl1(),
    "package": files_made.sliced_3mf(),
}


@pytest.mark.parametrize("name", NO_PICTURES)
def test_a_file_without_a_picture_has_none(tmp_path: Path, name: str) -> None:
    path = tmp_path / "part.gcode"
    path.write_bytes(NO_PICTURES[name])
    assert picture(path) is None


def test_more_pixels_than_a_slicer_draws_are_not_decoded(tmp_path: Path) -> None:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = zlib.compress(bytes(1 + 8192 // 8) * 8192)  # 8 kB that become 256 MB
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 8192, 8192, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )
    assert len(bomb) < 10_000
    assert picture(gcode(tmp_path, announced(bomb, (64, 64)))) is None


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "PPM", "WEBP"])
def test_only_what_slicers_write_is_decoded(tmp_path: Path, form: str) -> None:
    assert picture(gcode(tmp_path, announced(drawn(RED, form=form), (220, 124)))) is None


def test_nothing_but_pixels_comes_out(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "<script>alert(1)</script>"
    Image.new("RGB", (64, 64), RED).save(buffer, "JPEG", exif=exif, icc_profile=b"profile of a stranger")
    content = picture(gcode(tmp_path, announced(buffer.getvalue() + b"<script>", (64, 64), "JPEG")))
    assert colour_of(content) == RED
    assert content is not None
    assert b"script" not in content
    assert b"stranger" not in content


def test_nothing_raises_an_error_whatever_is_written(tmp_path: Path) -> None:
    random = Random(10)
    whole = gcode(tmp_path, announced(drawn(RED), (220, 124)), announced(drawn(BLUE, form="QOI"), (220, 124), "QOI"))
    content = whole.read_bytes()[:4000]
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(random.randint(1, 20)):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        whole.write_bytes(damaged[: random.randrange(len(damaged))])
        made = picture(whole)
        assert made is None or max(size_of(made)) <= SIDE_PX


def test_the_sandbox_writes_the_picture_or_nothing(tmp_path: Path) -> None:
    sandbox = Sandbox()
    target = tmp_path / "drawn.webp"
    try:
        sandbox.draw_embedded_picture(gcode(tmp_path), target)
        assert not target.exists()
        sandbox.draw_embedded_picture(gcode(tmp_path, announced(drawn(GREEN), (220, 124))), target)
    finally:
        sandbox.close()
    assert colour_of(target.read_bytes()) == GREEN
