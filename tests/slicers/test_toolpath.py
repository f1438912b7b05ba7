"""The tool path in a sliced file: where the nozzle goes, what it lays, and in which layer."""

from __future__ import annotations

import itertools
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import binary_gcode
from printlab.geometry.refusals import ModelRefused, Refusal
from printlab.geometry.sandbox import Sandbox
from printlab.slicers import features, lines, packages, toolpath
from printlab.slicers.features import FEATURES, feature
from printlab.slicers.gcode import commands, line_starts
from printlab.slicers.motion import Nozzle
from printlab.slicers.packing import heatshrunk, meatpacked
from printlab.slicers.thinning import NozzlePath, thinned
from printlab.slicers.toolpath import MAX_BYTES, tool_path
from tests.geometry.awkward import FIXTURES
from tests.slicers.mutating import mutated
from tests.slicers.paths import Follower, Shown, opened, plates
from tests.slicers.sliced_files import SL1_CONFIG, TEXTS, bgcode, write_plates, write_zip

SCALE = float(os.environ.get("PRINTLAB_TEST_SCALE", "0.02"))
FUZZED = max(200, round(10_000 * SCALE))
OWN = FIXTURES / "sliced" / "own"
SQUARE = "G90\nM83\nG1 Z0.2\nG1 X10 Y10\nG1 X30 E1\nG1 Y30 E1\nG1 X10 E1\nG1 Y10 E1\n"
needs_fixtures = pytest.mark.skipif(not OWN.exists(), reason="the real files are not at hand: set PRINTLAB_FIXTURES")


def shown(tmp_path: Path, content: str | bytes, name: str = "part.gcode") -> Shown:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return opened(tool_path(path))


def refused(path: Path) -> Refusal:
    with pytest.raises(ModelRefused) as refusal:
        tool_path(path)
    return refusal.value.code


# ---------- where the nozzle goes ----------


def test_a_square_is_four_segments_from_where_the_first_begins(tmp_path: Path) -> None:
    path = shown(tmp_path, SQUARE + "G1 X0 Y0\nG1 Z50\n")
    assert path.points.tolist() == pytest.approx(
        np.array([[10, 10, 0.2], [30, 10, 0.2], [30, 30, 0.2], [10, 30, 0.2], [10, 10, 0.2]]), abs=0.006
    )
    assert path.kinds == [None, "other", "other", "other", "other"]
    assert (path.header["low_mm"], path.header["high_mm"]) == (
        pytest.approx([10, 10, 0.2]),
        pytest.approx([30, 30, 0.2]),
    )
    assert path.layers == [0.2]


@pytest.mark.parametrize(
    "gcode",
    [
        SQUARE.replace("G1", "G01"),
        SQUARE.replace(" ", ""),
        SQUARE.lower(),
        SQUARE.replace("\n", "\r\n"),
        SQUARE.replace("\n", " ; X99 E9\n"),
        SQUARE.replace("\n", " (X99 E9)\n"),
        "".join(f"N{number} {line}*71\n" for number, line in enumerate(SQUARE.splitlines())),
        SQUARE.replace("E1", "F1800 E1.0"),
        SQUARE.replace("M83", "M82\nG92 E0").replace("E1\n", "E1\nG92 E0\n"),
        SQUARE.replace("M83", "M83\nM117 G1 X5 Y5 E9\nG91\nG90").rstrip(),
        SQUARE.replace("G1 X10 Y10", "G1 X5 Y5\nG92 X-5 Y-5\nG1 X0 Y0\nG92 X10 Y10", 1),
        "G20\n" + SQUARE.replace("Z0.2", "Z.00787402").replace("10", ".3937008").replace("30", "1.1811024"),
        "G91\nG1 Z.2\nG1 X10 Y10\nG1 X20 E1\nG1 Y20 E1\nG1 X-20 E1\nG1 Y-20 E1\n",
        SQUARE.replace("G1 X30 E1", "G1 X20 E1\nSET_PIN PIN=x VALUE=1\nG4 P9\nT0\nG1 X30 E1"),
    ],
)
def test_a_square_in_other_words_is_the_same_square(tmp_path: Path, gcode: str) -> None:
    path = shown(tmp_path, gcode)
    assert path.points == pytest.approx(
        np.array([[10, 10, 0.2], [30, 10, 0.2], [30, 30, 0.2], [10, 30, 0.2], [10, 10, 0.2]]), abs=0.006
    )
    assert path.kinds == [None, "other", "other", "other", "other"]


_COORDINATE = st.integers(-9999, 9999).map(lambda value: f"{value / 100:g}")
_WORDS = st.dictionaries(st.sampled_from("XYZE"), _COORDINATE, max_size=4)
_COMMAND = st.one_of(
    st.sampled_from(["G90", "G91", "M82", "M83", "G92", "G20", "G21", "G28", "T1", "M104 S200"]),
    st.builds(
        lambda name, words: " ".join([name, *(letter + value for letter, value in words.items())]),
        st.sampled_from(["G0", "G1", "G1", "G1", "G92"]),
        _WORDS,
    ),
)


@given(st.lists(_COMMAND, min_size=1, max_size=60), st.integers(1, 9))
def test_many_commands_at_once_are_what_they_are_one_by_one(program: list[str], block: int) -> None:
    one_by_one, nozzle = Follower(), Nozzle()
    one_by_one.follow(program)
    found: list[tuple[float, ...]] = []
    for at in range(0, len(program), block):
        text = "\n".join([*program[at : at + block], ""]).encode()
        moves = nozzle.follow(commands(text, line_starts(text)))
        found += [(*end, lays) for end, lays in zip(moves.ends.tolist(), moves.extrudes.tolist(), strict=True)]
    assert len(found) == len(one_by_one.moves)
    for ours, theirs in zip(found, one_by_one.moves, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize(
    ("start", "arc", "turn", "centre"),
    [
        ("X0 Y-10", "G3 X-10 Y0 I0 J10", 1.5, (0, 0)),
        ("X0 Y-10", "G2 X-10 Y0 I0 J10", 0.5, (0, 0)),
        ("X0 Y10", "G2 X10 Y0 R10", 0.5, (0, 0)),
        ("X0 Y10", "G2 X10 Y0 R-10", 1.5, (10, 10)),
        ("X10 Y0", "G3 X0 Y10 R10", 0.5, (0, 0)),
        ("X0 Y-10", "G3 I0 J10", 2, (0, 0)),
    ],
)
def test_an_arc_is_round_and_turns_as_far_as_it_says(
    tmp_path: Path, start: str, arc: str, turn: float, centre: tuple[int, int]
) -> None:
    path = shown(tmp_path, f"M83\nG1 {start} Z1\n{arc} E1\n")
    assert path.laid_mm() == pytest.approx(turn * np.pi * 10, rel=0.005)
    assert np.hypot(*(path.points[:, :2] - centre).T) == pytest.approx(10, abs=0.03)


def test_an_arc_rises_evenly(tmp_path: Path) -> None:
    path = shown(tmp_path, "M83\nG1 X10 Y0 Z1\nG3 X-10 Y0 Z2 I-10 J0 E1\n")
    assert path.points[:, 2] == pytest.approx(1 + np.arctan2(path.points[:, 1], path.points[:, 0]) / np.pi, abs=0.02)


# ---------- layers and features ----------


def _layer(z: float, *before: str) -> str:
    return "".join(f"{line}\n" for line in before) + f"G1 Z{z}\nG1 X0 Y0\nG1 X10 E1\nG1 Y10 E1\n"


@pytest.mark.parametrize(
    "mark",
    [
        ";LAYER_CHANGE\n;Z:{z}",
        "; CHANGE_LAYER\n; Z_HEIGHT: {z}",
        ";LAYER:{n}",
        "; layer {n}, Z = {z}",
        ";LAYER:{n}\n;Z:{z}",
    ],
)
def test_layers_begin_where_comments_say(tmp_path: Path, mark: str) -> None:
    gcode = "M83\n" + _layer(0.3) + _layer(0.35)  # beside the print, before the first layer
    gcode += "".join(_layer(z, *mark.format(n=n, z=z).split("\n")) for n, z in enumerate((0.2, 0.5, 0.8)))
    gcode += mark.format(n=9, z=9) + "\nG1 Z9\n"  # where nothing is laid
    assert shown(tmp_path, gcode).layers == [0.2, 0.5, 0.8]


def test_without_comments_a_layer_is_where_plastic_is_laid_at_another_height(tmp_path: Path) -> None:
    hop = "G1 Z5\nG1 X1 Y1\n"
    path = shown(tmp_path, "M83\n" + "".join(_layer(z) + hop for z in (0.2, 0.4, 0.4, 0.6, 0.2)))
    assert path.layers == [0.2, 0.4, 0.6, 0.2]


def test_a_spiral_has_layers_that_can_be_told_apart(tmp_path: Path) -> None:
    rise = "".join(f"G1 X{10 * (n % 2)} Y{n % 3} Z{0.2 + n / 1000:.3f} E1\n" for n in range(1000))
    layers = shown(tmp_path, f"M83\n{_layer(0.2)}{rise}").layers
    assert 20 <= len(layers) <= 25


def test_the_layer_of_a_segment_is_that_of_its_comment(tmp_path: Path) -> None:
    gcode = "M83\n" + _layer(0.2, ";LAYER:0", ";TYPE:SKIRT") + _layer(0.4, ";LAYER:1", ";TYPE:FILL")
    path = shown(tmp_path, gcode)
    assert path.of_layer(0)[-2:] == ["skirt", "skirt"]
    assert [kind for kind in path.of_layer(1) if kind] == ["infill", "infill"]


@pytest.mark.parametrize(
    ("comment", "name"),
    [
        (";TYPE:External perimeter", "outer-wall"),
        (";TYPE:Perimeter", "inner-wall"),
        (";TYPE:Overhang perimeter", "overhang"),
        (";TYPE:Internal infill", "infill"),
        (";TYPE:Solid infill", "solid-infill"),
        (";TYPE:Top solid infill", "top"),
        (";TYPE:Ironing", "top"),
        (";TYPE:Bridge infill", "overhang"),
        (";TYPE:Gap fill", "solid-infill"),
        (";TYPE:Skirt/Brim", "skirt"),
        (";TYPE:Support material interface", "support"),
        (";TYPE:Wipe tower", "tower"),
        (";TYPE:Custom", "other"),
        (";TYPE:WALL-OUTER", "outer-wall"),
        (";TYPE:WALL-INNER", "inner-wall"),
        (";TYPE:SKIN", "solid-infill"),
        (";TYPE:FILL", "infill"),
        (";TYPE:SUPPORT-INTERFACE", "support"),
        (";TYPE:PRIME-TOWER", "tower"),
        ("; FEATURE: Outer wall", "outer-wall"),
        ("; FEATURE: Sparse infill", "infill"),
        ("; FEATURE: Internal solid infill", "solid-infill"),
        ("; FEATURE: Top surface", "top"),
        ("; FEATURE: Prime tower", "tower"),
        ("; FEATURE: Brim", "skirt"),
        ("; feature outer perimeter", "outer-wall"),
        ("; 'Perimeter Path', 1.2 [feed mm/s], 20.0 [head mm/s]", "inner-wall"),
        (";TYPE:", "other"),
        (";WIDTH:0.4", "other"),
    ],
)
def test_each_slicer_names_what_it_lays(tmp_path: Path, comment: str, name: str) -> None:
    for ending in ("\n", "\r\n"):
        path = shown(tmp_path, f"M83\nG1 Z1 X1{ending}{comment}{ending}G1 X9 E1{ending}")
        assert (path.header["features"], path.kinds) == ([name], [None, name])


def test_what_stands_beside_the_print_is_not_in_its_bounds(tmp_path: Path) -> None:
    skirt = ";TYPE:Skirt\nG1 X0 Y-3\nG1 X200 E9\n"
    assert shown(tmp_path, f"M83\n{skirt};TYPE:FILL\n{_layer(0.2)}").header["high_mm"][0] == 10
    assert shown(tmp_path, f"M83\n{skirt}").header["high_mm"][0] == 200


# ---------- small enough, and right ----------


@given(st.lists(st.tuples(*[st.floats(0, 300, width=32)] * 3), min_size=3, max_size=80), st.sampled_from([0.02, 1, 40]))
def test_thinning_moves_nothing_by_more_than_the_tolerance(
    places: list[tuple[float, ...]], tolerance_mm: float
) -> None:
    points = np.array(places, np.float32)
    zeros = np.zeros(len(points))
    path = thinned(NozzlePath(points, zeros.astype(np.uint8), zeros.astype(np.int32)), tolerance_mm)
    assert (path.points[0] == points[0]).all()
    assert (path.points[-1] == points[-1]).all()
    assert max(_distance(point, path.points) for point in points) <= tolerance_mm * 1.001 + 1e-4


def _distance(point: np.ndarray, line: np.ndarray) -> float:
    """From a line of straight pieces."""
    begins, ways = line[:-1].astype(float), np.diff(line.astype(float), axis=0)
    share = np.clip(((point - begins) * ways).sum(1) / np.maximum((ways**2).sum(1), 1e-12), 0, 1)
    return float(np.linalg.norm(begins + ways * share[:, None] - point, axis=1).min())


def test_straight_lines_in_pieces_become_few(tmp_path: Path) -> None:
    pieces = "".join(f"G1 X{x / 10} E1\n" for x in range(1, 1600))
    path = shown(tmp_path, f"M83\nG1 X0 Y5 Z1\n{pieces}")
    assert len(path.points) <= 120
    assert path.laid_mm() == pytest.approx(159.9, abs=0.02)


def test_a_path_of_too_many_points_becomes_coarser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turn = np.linspace(0, 2 * np.pi, 2000)
    circle = "".join(f"G1 X{50 * x:.3f} Y{50 * y:.3f} E1\n" for x, y in zip(np.cos(turn), np.sin(turn), strict=True))
    gcode = f"M83\nG1 X50 Y0 Z1\n{circle}"
    fine = shown(tmp_path, gcode)
    monkeypatch.setattr(toolpath, "MAX_POINTS", len(fine.points) // 4)
    coarse = shown(tmp_path, gcode)
    assert len(coarse.points) <= len(fine.points) // 4
    assert np.hypot(*coarse.points[:, :2].T) == pytest.approx(50, abs=0.01)
    monkeypatch.setattr(toolpath, "MAX_POINTS", 100_000)
    monkeypatch.setattr(toolpath, "MAX_BYTES", 600)
    assert len(tool_path(tmp_path / "part.gcode")) <= 600
    monkeypatch.setattr(toolpath, "MAX_BYTES", 10)
    assert refused(tmp_path / "part.gcode") is Refusal.TOO_MANY_MOVES


def test_wherever_the_text_is_cut_the_path_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gcode = "M83\n" + "".join(
        _layer(n / 5, f";LAYER:{n}", ";TYPE:FILL" if n % 2 else ";TYPE:SKIN") for n in range(1, 9)
    )
    whole = shown(tmp_path, gcode)
    for piece in (3, 17, 64):
        monkeypatch.setattr(lines, "_PIECE", piece)
        cut = shown(tmp_path, gcode)
        assert (cut.layers, cut.kinds) == (whole.layers, whole.kinds)
        assert cut.points == pytest.approx(whole.points)


def test_lines_without_end_and_files_without_end_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_PIECE", 1 << 10)
    monkeypatch.setattr(lines, "_LONGEST_LINE", 1 << 12)
    assert len(shown(tmp_path, ";" + "x" * 100_000 + "\n" + SQUARE).points) == 5
    monkeypatch.setattr(lines, "MOST_BYTES", 1 << 11)
    assert refused(tmp_path / "part.gcode") is Refusal.TOO_MANY_MOVES


# ---------- the other kinds of files ----------


@needs_fixtures
def test_binary_gcode_is_the_same_path_as_its_text() -> None:
    text = OWN / "prusaslicer250_gui_JaneDoe_PLA_Blue_SJ0042_0.2mm_PLA_MK3S_31m.gcode"
    assert tool_path(OWN / "libbgcode_converted_SJ0042.bgcode") == tool_path(text)


@needs_fixtures
def test_a_real_file_has_its_layers_and_features() -> None:
    path = opened(tool_path(OWN / "prusaslicer250_cli_mk4s.gcode"))
    assert path.layers == pytest.approx(np.arange(1, 16) * 0.2)
    assert set(path.header["features"]) == {"outer-wall", "inner-wall", "overhang", "infill", "solid-infill", "top"}
    assert path.header["low_mm"] == pytest.approx([119.225, 99.225, 0.2])
    assert path.of_layer(0).count("outer-wall") == 4


def _slowly_unshrunk(content: bytes, window_bits: int, length: int) -> bytes:
    """What heatshrink packed, as its description says: bit by bit, out of a window that holds zeros at first.

    Raises ValueError where the content ends early.
    """
    bits = iter("".join(format(octet, "08b") for octet in content))

    def number(width: int) -> int:
        return int("".join(itertools.islice(bits, width)).ljust(width, "?"), 2)

    text = bytearray(1 << window_bits)
    while len(text) < length + (1 << window_bits):
        if number(1):
            text.append(number(8))
            continue
        back, count = number(window_bits) + 1, number(4) + 1
        for _ in range(count):
            text.append(text[-back])
    return bytes(text[1 << window_bits :][:length])


def _slowly_unpacked(content: bytes) -> bytes:
    """What MeatPack packed, as its description says: byte by byte, up to the last that is whole."""
    text, at, packs, letters = bytearray(), 0, False, b"0123456789. \nGX"
    while at < len(content):
        if content[at : at + 2] == b"\xff\xff":
            command = content[at + 2] if at + 2 < len(content) else 0
            packs = {251: True, 250: False, 249: False}.get(command, packs)
            letters = {247: b"0123456789.E\nGX", 246: b"0123456789. \nGX"}.get(command, letters)
            at += 3
            continue
        codes = (content[at] & 15, content[at] >> 4) if packs else ()
        if codes and codes[0] == 12:
            codes = codes[:1]
        size = 1 + codes.count(15)
        if at + size > len(content):
            break
        following = iter(content[at + 1 : at + size])
        text += (
            bytes(next(following) if code == 15 else letters[code] for code in codes) if packs else content[at : at + 1]
        )
        at += size
    return bytes(text)


@given(st.text("G1XYE0123456789. \n;", min_size=1, max_size=400), st.sampled_from([11, 12]))
def test_heatshrink_gives_back_what_was_packed(text: str, window_bits: int) -> None:
    content = text.encode() * 3
    packed = binary_gcode.heatshrunk(content, window_bits)
    assert list(heatshrunk([(packed, len(content))], window_bits)) == [content]


@given(st.lists(st.text("G1XYZE0123456789.-FM", min_size=1, max_size=30), min_size=1, max_size=30))
def test_meatpack_gives_back_what_was_packed(rows: list[str]) -> None:
    text = "".join(f"{row}\n;TYPE:{row}\n" for row in rows)
    unpacked = meatpacked(binary_gcode.meatpacked(text.encode())).decode()
    assert unpacked.replace("\n\n", "\n").split("\n") == text.split("\n")


def _or_refused(text: Callable[[], bytes]) -> bytes | None:
    try:
        return text()
    except ValueError:
        return None


@given(st.binary(max_size=300), st.integers(0, 2000), st.sampled_from([11, 12]))
def test_any_bytes_are_unshrunk_as_bit_by_bit(content: bytes, length: int, window_bits: int) -> None:
    unpacked = _or_refused(lambda: next(heatshrunk([(content, length)], window_bits)))
    assert unpacked == _or_refused(lambda: _slowly_unshrunk(content, window_bits, length))


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=9), st.sampled_from([11, 12]))
def test_blocks_that_are_unshrunk_together_do_not_change_each_other(texts: list[bytes], window_bits: int) -> None:
    packed = [(binary_gcode.heatshrunk(text, window_bits), len(text)) for text in texts]
    assert list(heatshrunk(packed, window_bits)) == texts


_SIGNALS = [b"\xff\xff" + bytes([command]) for command in (251, 250, 249, 247, 246, 3)]


def _with_letters(octet: int, letters: bytes) -> bytes:
    """A packed byte with as many letters behind it as it has no room for."""
    codes = (octet & 15, octet >> 4)
    return bytes([octet]) + letters[: 0 if codes[0] == 12 else codes.count(15)]


@given(
    st.lists(
        st.one_of(
            st.builds(
                _with_letters,
                st.integers(0, 255),
                st.binary(min_size=2, max_size=2).map(lambda two: bytes(letter & 127 for letter in two)),
            ),
            st.sampled_from([0x0F, 0xF0, 0xFF, 0xFC]).map(lambda octet: _with_letters(octet, b"M-")),
            st.sampled_from(_SIGNALS),
        ),
        max_size=80,
    ),
    st.integers(0, 3),
)
def test_what_is_meatpacked_is_unpacked_as_byte_by_byte(pieces: list[bytes], cut: int) -> None:
    content = b"\xff\xff\xfb" + b"".join(pieces)
    content = content[: len(content) - cut]
    assert meatpacked(content) == _slowly_unpacked(content)


@given(st.binary(max_size=300))
def test_no_bytes_are_too_odd_to_be_unpacked(content: bytes) -> None:
    assert len(meatpacked(content)) <= 2 * len(content)


def _binary(text: bytes, compression: int, encoding: int) -> bytes:
    held = binary_gcode.meatpacked(text.replace(b" ", b"")) if encoding else text
    packed = {
        0: held,
        1: zlib.compress(held),
        2: binary_gcode.heatshrunk(held, 11),
        3: binary_gcode.heatshrunk(held, 12),
    }[compression]
    return struct.pack("<4sIH", b"GCDE", 1, 1) + binary_gcode.block(packed, len(held), compression, encoding)


@pytest.mark.parametrize("compression", [0, 1, 2, 3])
@pytest.mark.parametrize("encoding", [0, 2])
def test_binary_gcode_in_every_packing(tmp_path: Path, compression: int, encoding: int) -> None:
    text = "M83\n" + _layer(0.2, ";LAYER_CHANGE", ";TYPE:Skirt") + _layer(0.4, ";LAYER_CHANGE")
    path = shown(tmp_path, _binary(text.encode(), compression, encoding), "part.bgcode")
    assert (path.layers, path.header["features"]) == ([0.2, 0.4], ["skirt"])
    assert path.points == pytest.approx(shown(tmp_path, text).points)


def test_binary_gcode_that_is_damaged_or_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "part.bgcode"
    whole = _binary(SQUARE.encode() * 20, 3, 2)
    for content in (whole[:-20], whole[:30], whole[:40] + bytes(9) + whole[49:], bgcode(damaged=True)):
        path.write_bytes(content)
        assert refused(path) is Refusal.DAMAGED
    path.write_bytes(bgcode())
    assert refused(path) is Refusal.NO_TOOL_PATH  # nothing but G28


def test_each_plate_has_its_own_path(tmp_path: Path) -> None:
    paths = plates(tool_path(_with_plates(tmp_path, {10: _square(90), 1: SQUARE, 3: "G28\n", 2: _square(50)})))
    assert [path.header["plate"] for path in paths] == [1, 2, 10]  # nothing is laid on the third
    assert [path.header["high_mm"][0] for path in paths] == pytest.approx([30, 50, 90])
    assert [len(path.points) for path in paths] == [5, 5, 5]
    assert shown(tmp_path, SQUARE).header["plate"] is None
    assert refused(_with_plates(tmp_path, {1: "G28\n", 2: ""})) is Refusal.NO_TOOL_PATH


def _with_plates(folder: Path, texts: dict[int, str]) -> Path:
    members = {f"Metadata/plate_{number}.gcode": text for number, text in texts.items()}
    return write_zip(folder / "plates.gcode.3mf", members)


def _square(edge_mm: int) -> str:
    return SQUARE.replace("30", str(edge_mm))


def test_what_is_too_much_is_too_much_on_all_plates_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _with_plates(tmp_path, {1: SQUARE, 2: SQUARE, 3: SQUARE})
    monkeypatch.setattr(lines, "MOST_BYTES", 3 * len(SQUARE))
    assert len(plates(tool_path(path))) == 3
    monkeypatch.setattr(lines, "MOST_BYTES", 3 * len(SQUARE) - 1)
    assert refused(path) is Refusal.TOO_MANY_MOVES
    monkeypatch.setattr(lines, "MOST_BYTES", 1 << 20)
    monkeypatch.setattr(toolpath, "_MOST_READ", len(SQUARE) // 8)
    assert refused(path) is Refusal.TOO_MANY_MOVES


def test_plates_share_the_points_and_bytes_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turn = np.linspace(0, 2 * np.pi, 2000)
    circle = "".join(f"G1 X{50 * x:.3f} Y{50 * y:.3f} E1\n" for x, y in zip(np.cos(turn), np.sin(turn), strict=True))
    path = _with_plates(tmp_path, dict.fromkeys((1, 2, 3), f"M83\nG1 X50 Y0 Z1\n{circle}"))
    fine = sum(len(plate.points) for plate in plates(tool_path(path)))
    monkeypatch.setattr(toolpath, "MAX_POINTS", fine // 4)
    assert sum(len(plate.points) for plate in plates(tool_path(path))) <= fine // 4
    monkeypatch.setattr(toolpath, "MAX_POINTS", 100_000)
    monkeypatch.setattr(toolpath, "MAX_BYTES", 1000)
    content = tool_path(path)
    assert len(content) <= 1000
    assert len(plates(content)) == 3


def test_no_more_plates_are_read_than_a_project_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_PLATES", 2)
    path = _with_plates(tmp_path, dict.fromkeys((1, 2, 3), SQUARE))
    assert [each.header["plate"] for each in plates(tool_path(path))] == [1, 2]


@pytest.mark.parametrize(
    "content", [b"", b"; nothing\n", b"G28\nG1 X10 Y10\n", b"\0" * 500, b"solid a\n", b"M83\nG1 E5"]
)
def test_what_lays_no_plastic_has_no_path(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "part.gcode"
    path.write_bytes(content)
    assert refused(path) is Refusal.NO_TOOL_PATH


def test_resin_and_projects_have_no_path(tmp_path: Path) -> None:
    assert refused(write_zip(tmp_path / "part.sl1", {"config.ini": SL1_CONFIG})) is Refusal.NO_TOOL_PATH
    assert refused(write_zip(tmp_path / "part.3mf", {"3D/3dmodel.model": "x"})) is Refusal.NO_TOOL_PATH


def test_a_damaged_package_is_refused(tmp_path: Path) -> None:
    path = write_plates(tmp_path / "two.gcode.3mf")
    content = bytearray(path.read_bytes())
    content[60:70] = bytes(10)
    path.write_bytes(content)
    assert refused(path) is Refusal.DAMAGED


def test_a_path_of_more_than_ten_metres_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "far.gcode"
    path.write_text(SQUARE.replace("X30", "X30000"))
    assert refused(path) is Refusal.ABSURD_COORDINATES


def test_a_bomb_is_not_inflated_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_BYTES", 4 << 20)
    path = write_zip(tmp_path / "bomb.gcode.3mf", {"Metadata/plate_1.gcode": b"G1 X1\n" * 10_000_000})
    read: list[int] = []
    original = packages._Members.pieces

    def counted(self: packages._Members, name: str, length: int) -> Iterator[bytes]:
        for piece in original(self, name, length):
            read.append(len(piece))
            yield piece

    monkeypatch.setattr(packages._Members, "pieces", counted)
    assert refused(path) is Refusal.TOO_MANY_MOVES
    assert sum(read) <= 6 << 20


# ---------- whatever comes ----------


@given(st.text())
def test_every_name_is_a_feature(name: str) -> None:
    assert 0 <= feature(name) < len(FEATURES)


def test_it_ends_in_a_path_or_a_refusal_whatever_comes(tmp_path: Path) -> None:
    """Bytes of whole files are flipped, cut out, repeated and put in."""
    random = Random(12)
    layers = ("M83\n" + "".join(_layer(n / 5, ";LAYER_CHANGE", ";TYPE:Perimeter") for n in range(1, 9))).encode()
    arcs = b"M83\nG1 X10 Y10 Z1\n" + b"G2 X20 Y20 I5 J5 E1\nG3 X10 Y10 R9 E1\nG91\nG1 X3 E-1\nG90\nG92 X0\n" * 9
    whole = [
        layers,
        arcs,
        _binary(layers, 3, 2),
        _binary(arcs, 1, 0),
        *(text.encode() for text in TEXTS.values()),
    ]
    whole += [write_plates(tmp_path / "w.gcode.3mf").read_bytes()]
    file = tmp_path / "fuzzed.gcode"
    outcomes = {Refusal.NO_TOOL_PATH, Refusal.DAMAGED, Refusal.ABSURD_COORDINATES}
    drawn = 0
    for _ in range(FUZZED):
        file.write_bytes(mutated(random, bytearray(random.choice(whole))))
        paths = _paths_unless(file, outcomes)
        drawn += bool(paths)
        for path in paths:
            assert np.isfinite(path.points).all()
            assert any(path.kinds)
            assert np.diff(path.header["layers"]["first"]).min(initial=1) >= 1
            assert len(path.layers) == len(path.header["layers"]["first"])
    assert drawn > FUZZED / 4


def _paths_unless(file: Path, outcomes: set[Refusal]) -> list[Shown]:
    try:
        content = tool_path(file)
    except ModelRefused as refusal:
        if refusal.code not in outcomes:
            raise
        return []
    return plates(content)


@given(st.binary(max_size=400))
def test_bytes_without_sense_are_commands_or_nothing(content: bytes) -> None:
    block = content + b"\n"
    starts = line_starts(block)
    moves = Nozzle().follow(commands(block, starts))
    assert np.isfinite(moves.ends).all()
    assert all(0 <= mark.at < len(block) for mark in features.marks(block, starts))


# ---------- in the sandbox ----------


def test_the_sandbox_writes_the_file_or_none(tmp_path: Path) -> None:
    sandbox = Sandbox()
    try:
        gcode, target = tmp_path / "part.gcode", tmp_path / ".begun.path"
        gcode.write_text(SQUARE)
        sandbox.draw_tool_path(gcode, target)
        assert len(opened(target.read_bytes()).points) == 5
        gcode.write_text("G28\n")
        with pytest.raises(ModelRefused, match="lays plastic"):
            sandbox.draw_tool_path(gcode, tmp_path / "other.path")
        sandbox.draw_tool_path(write_plates(tmp_path / "two.gcode.3mf"), target)
        assert len(plates(target.read_bytes())) == 2
        assert target.stat().st_size < MAX_BYTES
        assert sorted(path.name for path in tmp_path.iterdir()) == [".begun.path", "part.gcode", "two.gcode.3mf"]
    finally:
        sandbox.close()


def test_what_takes_too_long_says_that_the_file_can_be_printed(tmp_path: Path) -> None:
    sandbox = Sandbox(seconds=0.001)
    path = tmp_path / "part.gcode"
    path.write_text(SQUARE)
    try:
        with pytest.raises(ModelRefused, match="can be printed all the same") as refusal:
            sandbox.draw_tool_path(path, tmp_path / "part.path")
    finally:
        sandbox.close()
    assert refusal.value.code is Refusal.TAKES_TOO_LONG
