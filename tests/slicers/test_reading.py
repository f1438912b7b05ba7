"""What sliced files say of themselves: the figures of each slicer, and why one is missing."""

from __future__ import annotations

import json
import zipfile
from dataclasses import astuple
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printlab.domain.sliced_facts import CAUTIONS, Caution, SlicedFacts, SlicedFormat, Thumbnail, WeightSource
from printlab.domain.sliced_values import sliced_values
from printlab.slicers.comments import duration_s, number, numbers
from printlab.slicers.reading import read, read_whole
from tests.geometry.awkward import FIXTURES
from tests.slicers.mutating import mutated
from tests.slicers.sliced_files import PRUSA, SL1_CONFIG, SLICE_INFO, TEXTS, bgcode, write_plates, write_zip

MANIFEST = FIXTURES / "sliced" / "manifest.json"
CASES: list[dict[str, Any]] = json.loads(MANIFEST.read_text(encoding="utf-8")) if MANIFEST.exists() else []
OTHER_NAMES = {"layer_height": "layer_height_mm", "nozzle": "nozzle_mm", "thumbs": "thumbnails", "kind": "format"}
CUT_OFF = ("synthetic/truncated_prusa.gcode", "synthetic/prusa_truncated.bgcode", "synthetic/zero_bytes.gcode")


def facts_of(tmp_path: Path, content: str | bytes, name: str = "part.gcode") -> SlicedFacts:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path)


# ---------- real files, where they are at hand ----------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_a_real_file(case: dict[str, Any]) -> None:
    facts, expected = read(MANIFEST.parent / case["file"]), dict(case["expect"])
    found = sliced_values(facts) | {"format": facts.format.value}
    warned = bool(expected.pop("warnings", [])) or case["file"] in CUT_OFF
    for name, value in expected.items():
        figure = pytest.approx(value, rel=0.002, abs=0.006) if isinstance(value, float) else value
        assert found[OTHER_NAMES.get(name, name)] == figure, name
    unsaid = {"weight_g", "filament_mm", "time_s", "cost", "material", "printer_model", "slicer"} - set(expected)
    assert [name for name in unsaid if found[name] is not None] == []
    assert bool(found["warnings"]) is warned


# ---------- text ----------


@pytest.mark.parametrize(
    ("name", "slicer", "weight_g", "filament_mm", "time_s", "material"),
    [
        ("prusa", "PrusaSlicer 2.9.4", 1.49, 499.48, 94_232, "PLA+PETG"),
        ("orca", "OrcaSlicer 2.3.0", 4.5, 1509.16, 1018, "PETG"),
        ("bambu", "BambuStudio 02.04.00.70", 3.91, 1290.88, 1094, "PLA"),
        ("slic3r", "Slic3r 1.3.0", 0.5, 152.0, None, None),
        ("cura", "Cura 5.8.1", None, 373.87, 2738, None),
        ("griffin", "Cura 5.8.1", None, None, 4199, None),
        ("creality", "Creality Print None", None, 4983.55, 1721, "PLA"),
        ("ideamaker", "ideaMaker 4.3.2.6470", 2.98, 1000.0, 744, None),
        ("simplify3d", "Simplify3D 4.1.2", 13.16, 4375.5, 9060, "ABS"),
        ("kisslicer", "KISSlicer 2 a 2.0.6 Win64", None, 305.09, 479, None),
    ],
)
def test_each_slicer_writes_its_own_way(
    tmp_path: Path,
    name: str,
    slicer: str,
    weight_g: float | None,
    filament_mm: float | None,
    time_s: int | None,
    material: str | None,
) -> None:
    for content in (TEXTS[name], TEXTS[name].replace("\n", "\r\n")):
        facts = facts_of(tmp_path, content)
        assert f"{facts.slicer} {facts.slicer_version}" == slicer
        assert (facts.weight_g, facts.filament_mm, facts.time_s, facts.material) == (
            pytest.approx(weight_g, abs=0.005) if weight_g else None,
            pytest.approx(filament_mm) if filament_mm else None,
            time_s,
            material,
        )
        assert facts.sliced
        assert facts.cautions == ()


def test_tools_and_pictures_are_listed(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, PRUSA)
    assert [astuple(tool) for tool in facts.tools] == [(0, "PLA", 1.2, 400.85), (2, "PETG", 0.29, 98.63)]
    assert facts.thumbnails == (Thumbnail(16, 16, "png"), Thumbnail(220, 124, "qoi"))
    assert facts.weight_source is WeightSource.SLICER


def test_a_wipe_tower_is_in_the_total_only(tmp_path: Path) -> None:
    assert (
        facts_of(tmp_path, PRUSA.replace("total filament used [g] = 1.49", "total filament used [g] = 4")).weight_g == 4
    )


def test_a_weight_is_worked_out_where_the_slicer_gives_the_length_only(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, TEXTS["ideamaker"])
    assert facts.weight_source is WeightSource.COMPUTED
    assert facts_of(tmp_path, TEXTS["ideamaker"].replace("Density", "Colour")).weight_g is None


def test_placeholders_are_no_figures(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, TEXTS["cura"].replace("TIME:2738", "TIME:6666"))
    assert (facts.time_s, facts.filament_mm, facts.cautions) == (None, None, (Caution.PLACEHOLDERS,))


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in ("creality", "slic3r")])
def test_what_is_cut_off_says_so(tmp_path: Path, name: str) -> None:
    """Creality Print and Slic3r 1.3 write no end by which it could be told when the figures stand before."""
    whole = TEXTS[name]
    assert facts_of(tmp_path, whole[: whole.index("G1 X10")]).cautions == (Caution.TRUNCATED,)


def test_what_nobody_known_wrote_gives_no_figures(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, "; made by hand\nG28\nG1 X10\n")
    assert facts == SlicedFacts(SlicedFormat.GCODE, sliced=True, cautions=(Caution.UNKNOWN_SLICER,))
    assert facts_of(tmp_path, "").cautions == (Caution.TRUNCATED,)


def test_only_head_and_tail_are_read(tmp_path: Path) -> None:
    """A file of a terabyte, all of it but the ends a hole."""
    path, middle = tmp_path / "huge.gcode", PRUSA.index("; filament used [mm]")
    with path.open("wb") as file:
        file.write(PRUSA[:middle].encode())
        file.seek(1 << 40)
        file.write(PRUSA[middle:].encode())
    facts = read(path)
    assert (facts.weight_g, facts.time_s, facts.cautions) == (1.49, 94_232, ())


# ---------- other formats ----------


@pytest.mark.parametrize("packed", [True, False])
def test_binary_gcode(tmp_path: Path, packed: bool) -> None:
    facts = facts_of(tmp_path, bgcode(packed=packed), "part.bgcode")
    assert (facts.format, facts.slicer, facts.slicer_version) == (SlicedFormat.BGCODE, "PrusaSlicer", "2.9.4")
    assert (facts.weight_g, facts.filament_mm, facts.printer_model) == (0.75, 252.22, "MK4S")
    assert (facts.sliced, facts.thumbnails, facts.cautions) == (True, (Thumbnail(220, 124, "png"),), ())


def test_binary_gcode_that_is_damaged_or_cut_off(tmp_path: Path) -> None:
    assert facts_of(tmp_path, bgcode(damaged=True)).cautions == (Caution.CRC_BROKEN,)
    whole = bgcode()
    for length in range(len(whole)):
        assert facts_of(tmp_path, whole[:length], "part.bgcode").cautions != ()
    assert facts_of(tmp_path, b"GCDE" + bytes([9]) * 40, "part.bgcode").cautions == (Caution.UNREADABLE,)


def test_a_changed_byte_is_found_where_all_of_the_file_is_read(tmp_path: Path) -> None:
    path, content = tmp_path / "part.bgcode", bgcode(gcode=b"G1 X10 E1\n" * 50)
    path.write_bytes(content.replace(b"X10", b"X70", 1))
    assert read(path).cautions == ()
    assert read_whole(path).cautions == (Caution.CRC_BROKEN,)
    for place in range(len(content)):
        path.write_bytes(_changed(content, place))
        assert read_whole(path).cautions != (), place
    path.write_bytes(content)
    assert read_whole(path) == read(path)


def test_a_changed_tool_path_in_a_package_is_found_where_all_of_it_is_read(tmp_path: Path) -> None:
    path = write_plates(tmp_path / "two.gcode.3mf")
    assert read_whole(path) == read(path)
    content = path.read_bytes()
    with zipfile.ZipFile(path) as package:
        last = package.getinfo("Metadata/plate_2.gcode")
    begin = last.header_offset + 30 + len(last.filename)
    for place in range(begin, begin + last.compress_size - 1):  # the last byte ends in bits that nobody reads
        path.write_bytes(_changed(content, place))
        assert read_whole(path).cautions == (Caution.SEVERAL_PLATES, Caution.CRC_BROKEN), place


def _changed(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]


def test_plates_are_listed_and_summed(tmp_path: Path) -> None:
    facts = read(write_plates(tmp_path / "two.gcode.3mf"))
    assert (facts.format, facts.slicer, facts.printer_model) == (SlicedFormat.GCODE_3MF, "BambuStudio", "X1 Carbon")
    assert (facts.weight_g, facts.time_s, facts.filament_mm, facts.material) == (10.66, 2310, 3520.0, "PLA+PETG")
    assert [(plate.number, plate.weight_g, plate.time_s) for plate in facts.plates] == [
        (1, 6.77, 1215),
        (2, 3.89, 1095),
    ]
    assert facts.cautions == (Caution.SEVERAL_PLATES,)
    assert facts.thumbnails == (Thumbnail(512, 512, "png"),)


def test_entities_are_not_opened(tmp_path: Path) -> None:
    info = SLICE_INFO.replace("<config>", '<!DOCTYPE c [<!ENTITY a "aaaa">]><config>')
    assert read(write_plates(tmp_path / "bomb.gcode.3mf", info)).cautions == (Caution.UNREADABLE,)


def test_resin(tmp_path: Path) -> None:
    facts = read(write_zip(tmp_path / "part.sl1", {"config.ini": SL1_CONFIG, "thumbnail/thumbnail400x400.png": b"p"}))
    assert (facts.format, facts.resin_ml, facts.time_s, facts.material) == (SlicedFormat.SL1, 0.432, 985, "Orange")
    assert (facts.layer_height_mm, facts.printer_model, facts.slicer_version) == (0.05, "SL1", "2.5.0")
    assert facts.weight_g is None


def test_a_project_is_not_sliced(tmp_path: Path) -> None:
    config = "; generated by PrusaSlicer 2.5.0 on 2026-01-01\n; printer_model = MK3S\n; filament_type = PLA\n"
    facts = read(write_zip(tmp_path / "project.3mf", {"Metadata/Slic3r_PE.config": config}))
    assert (facts.slicer, facts.printer_model, facts.material) == ("PrusaSlicer", "MK3S", "PLA")
    assert (facts.sliced, facts.cautions) == (False, (Caution.NOT_SLICED,))


@pytest.mark.parametrize("name", ["part.form", "part.idea"])
def test_of_closed_formats_nothing_is_guessed(tmp_path: Path, name: str) -> None:
    facts = facts_of(tmp_path, PRUSA, name)
    assert (facts.slicer, facts.weight_g, facts.cautions) == (None, None, (Caution.CLOSED_FORMAT,))


def test_a_zip_with_an_absurd_directory_is_not_listed(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "many.sl1", {f"layer {n:05} {'x' * 80}": b"" for n in range(40_000)})
    assert read(path).cautions == (Caution.UNREADABLE,)


# ---------- whatever comes ----------


def test_nothing_raises_an_error_or_hangs(tmp_path: Path) -> None:
    """Bytes of whole files are flipped, cut out, repeated and put in."""
    random = Random(11)
    whole = [text.encode() for text in TEXTS.values()] + [bgcode(), bgcode(packed=False)]
    whole += [write_plates(tmp_path / "w.gcode.3mf").read_bytes()]
    whole += [write_zip(tmp_path / "w.sl1", {"config.ini": SL1_CONFIG}).read_bytes()]
    for _ in range(1000):
        content = mutated(random, bytearray(random.choice(whole)))
        name = random.choice(("a.gcode", "a.bgcode", "a.gcode.3mf", "a.sl1"))
        facts = facts_of(tmp_path, content, name)
        json.dumps(sliced_values(facts), allow_nan=False)
        assert set(facts.cautions) <= set(CAUTIONS)


@given(st.text())
def test_numbers_are_finite_whatever_is_written(text: str) -> None:
    for found in (number(text), duration_s(text), *numbers(text)):
        assert found is None or abs(found) < float("inf")


@given(st.integers(0, 400), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_a_duration_is_read_as_it_was_written(days: int, hours: int, minutes: int, seconds: int) -> None:
    wanted = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    assert duration_s(f"{days}d {hours}h {minutes}m {seconds}s") == wanted
    assert duration_s(f"{days} days {hours} hours {minutes} minutes {seconds} sec") == wanted
