"""What is said about a model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printlab.domain.judging import Code, Finding, Severity, judge
from printlab.domain.judging.case import FLAT_MM
from printlab.domain.judging.contents import MANY_TRIANGLES
from printlab.domain.judging.phrases import cubic_centimetres
from printlab.domain.judging.walls import FILAMENT_WALLS, RESIN_WALLS, THIN_SHARE, WallLimits, thin_wall_mm
from printlab.domain.model_facts import ModelFacts, Remark, Size3
from printlab.domain.views import PrinterView
from tests.domain.parts import FORM3, MK4S, PRINTERS, RAISE3D, XL, box, item, of_items, scaled

CUBE = box(20.0, 20.0, 20.0)
sides = st.floats(1.0, 700.0)


def found(facts: ModelFacts, code: Code, printer: PrinterView = MK4S, scale: float = 1.0) -> Finding | None:
    """The finding of this code, if it is there."""
    return next((each for each in judge(facts, printer, PRINTERS, scale) if each.code is code), None)


def codes(facts: ModelFacts, printer: PrinterView = MK4S, scale: float = 1.0) -> list[Code]:
    return [each.code for each in judge(facts, printer, PRINTERS, scale)]


@pytest.mark.parametrize("printer", PRINTERS, ids=lambda printer: printer.name)
def test_there_is_nothing_to_say_about_a_plain_cube(printer: PrinterView) -> None:
    assert judge(CUBE, printer, PRINTERS) == ()


# Fit


def test_a_part_that_is_too_tall_is_told_by_how_much_and_where_it_fits() -> None:
    finding = found(box(230.0, 205.0, 232.0), Code.DOES_NOT_FIT)
    assert finding is not None
    assert finding.severity is Severity.STOPS
    assert "12 mm too tall for the Prusa MK4S" in finding.student
    assert "It fits the Prusa XL and Raise3D Pro2 Plus." in finding.student
    assert "Form" not in finding.student
    assert finding.staff is not None
    assert "230 × 205 × 232 mm" in finding.staff
    assert "250 × 210 × 220 mm" in finding.staff


@pytest.mark.parametrize(
    ("size_mm", "printer", "offered"),
    [
        ((230.0, 205.0, 232.0), MK4S, ("Prusa XL", "Raise3D Pro2 Plus")),
        ((30.0, 40.0, 240.0), MK4S, ("Prusa XL", "Raise3D Pro2 Plus")),
        ((500.0, 100.0, 20.0), MK4S, ("Raise3D Pro2 Plus",)),
        ((200.0, 150.0, 150.0), FORM3, ()),
        ((900.0, 900.0, 900.0), MK4S, ()),
    ],
    ids=["as it stands", "instead of turning it over", "turned over", "another method only", "none"],
)
def test_printers_of_the_same_method_are_offered_instead(
    size_mm: Size3, printer: PrinterView, offered: tuple[str, ...]
) -> None:
    worst = judge(box(*size_mm), printer, PRINTERS)[0]
    assert worst.code in (Code.DOES_NOT_FIT, Code.FITS_TURNED_OVER)
    assert worst.printers == offered


def test_a_part_that_does_not_fit_is_told_of_in_words_for_student_and_staff_alike() -> None:
    for facts, code in ((box(255.0, 255.0, 20.0), Code.DOES_NOT_FIT), (box(30.0, 40.0, 240.0), Code.FITS_TURNED_OVER)):
        finding = found(facts, code)
        assert finding is not None
        assert finding.student.startswith("The part does not fit the Prusa MK4S")


def test_a_part_that_other_printers_take_only_turned_over_says_so() -> None:
    finding = found(box(500.0, 100.0, 20.0), Code.DOES_NOT_FIT)
    assert finding is not None
    assert "Turned over it fits the Raise3D Pro2 Plus." in finding.student
    assert "XL" not in finding.student


def test_a_printer_that_is_out_of_use_is_not_named() -> None:
    finding = next(iter(judge(box(300.0, 300.0, 50.0), MK4S, (MK4S, replace(XL, active=False), RAISE3D))))
    assert "XL" not in finding.student
    assert "Raise3D" in finding.student


def test_a_printer_of_another_method_is_named_with_it() -> None:
    finding = found(box(200.0, 150.0, 150.0), Code.DOES_NOT_FIT, FORM3)
    assert finding is not None
    assert "Prusa MK4S (filament)" in finding.student


def test_a_part_that_fits_no_printer_is_told_the_size_at_which_it_would() -> None:
    facts = replace(box(500.0, 400.0, 400.0), units="millimeter")
    finding = found(facts, Code.DOES_NOT_FIT)
    assert finding is not None
    assert "None of the lab’s printers" in finding.student
    assert "scale it to 50 %" in finding.student  # 500 mm on the 250 mm of the bed
    assert Code.DOES_NOT_FIT not in codes(facts, scale=0.5)


def test_a_part_that_fits_turned_over_is_not_said_to_fit_nowhere() -> None:
    facts = box(30.0, 40.0, 240.0)
    assert codes(facts) == [Code.FITS_TURNED_OVER]
    finding = found(facts, Code.FITS_TURNED_OVER)
    assert finding is not None
    assert finding.severity is Severity.WARNING
    assert "Prusa XL or Raise3D Pro2 Plus" in finding.student


def test_each_item_of_a_file_is_judged_on_its_own() -> None:
    """Two plates 333 mm apart are no part of 333 mm."""
    plates = replace(of_items(item((200.0, 200.0, 20.0)), item((100.0, 100.0, 20.0))), size_mm=(533.0, 200.0, 20.0))
    assert codes(plates) == [Code.SEVERAL_ITEMS]


def test_the_items_that_do_not_fit_are_named() -> None:
    facts = of_items(item((20.0, 20.0, 20.0), "Lid"), item((300.0, 300.0, 20.0), "Base"))
    finding = found(facts, Code.DOES_NOT_FIT)
    assert finding is not None
    assert finding.student.startswith("“Base” does not fit the Prusa MK4S")
    both = found(of_items(*(item((300.0, 300.0, 20.0), name) for name in ("Lid", ""))), Code.DOES_NOT_FIT)
    assert both is not None
    assert both.student.startswith("2 of the 2 items (“Lid”, item 2) do not fit")


def test_of_thousands_of_items_all_are_counted() -> None:
    facts = replace(of_items(item((8.0, 8.0, 8.0)), item((300.0, 300.0, 20.0), "Base")), more_items=2998)
    fit, several = found(facts, Code.DOES_NOT_FIT), found(facts, Code.SEVERAL_ITEMS)
    assert fit is not None
    assert fit.student.startswith("“Base” does not fit")
    assert several is not None
    assert "3,000 items. The 2 longest are judged" in several.student


@pytest.mark.parametrize(
    ("rest_mm", "scale", "doubted"),
    [
        ((250.0, 210.0, 220.0), 1.0, False),
        ((240.0, 240.0, 1.0), 1.0, True),
        ((240.0, 240.0, 1.0), 0.5, False),
        ((10.0, 10.0, 221.0), 1.0, True),
    ],
)
def test_items_that_were_not_kept_are_doubted_where_they_might_not_fit(
    rest_mm: Size3, scale: float, doubted: bool
) -> None:
    facts = replace(CUBE, more_items=7, rest_mm=rest_mm)
    finding = found(facts, Code.NOT_ALL_JUDGED, scale=scale)
    assert (finding is not None) is doubted
    if finding is not None:
        assert finding.student.startswith("The file holds 8 items, and the 1 longest were checked.")


def test_a_name_from_a_file_cannot_break_a_sentence() -> None:
    name = "a\n\x00\u202eb" + "x" * 1000
    finding = found(of_items(item((300.0, 300.0, 20.0), name), item((1.0, 1.0, 9.0))), Code.DOES_NOT_FIT)
    assert finding is not None
    assert "“a bxxx" in finding.student
    assert len(finding.student) < 300


@given(sides, sides, sides, st.sampled_from(PRINTERS))
def test_what_is_said_about_fit_agrees_with_itself(x: float, y: float, z: float, printer: PrinterView) -> None:
    about = set(codes(box(x, y, z), printer)) & {Code.DOES_NOT_FIT, Code.FITS_TURNED_OVER}
    upright = z <= printer.build_z_mm and x <= printer.build_x_mm and y <= printer.build_y_mm
    assert len(about) <= 1
    if upright:
        assert not about
    if x * y * z > printer.build_x_mm * printer.build_y_mm * printer.build_z_mm * 1.001:
        assert about == {Code.DOES_NOT_FIT}


# Size


@pytest.mark.parametrize(
    ("size_mm", "code", "factor"),
    [
        ((5.0, 2.5, 1.375), Code.LOOKS_LIKE_INCHES, 25.4),
        ((3.9370079, 3.9370079, 3.9370079), Code.LOOKS_LIKE_INCHES, 25.4),
        ((1.0, 1.0, 1.0), Code.LOOKS_LIKE_INCHES, 25.4),
        ((0.12, 0.04, 0.03), Code.LOOKS_LIKE_METRES, 1000.0),
        ((0.02, 0.02, 0.02), Code.LOOKS_LIKE_METRES, 1000.0),
        ((15_000.0, 15_000.0, 15_000.0), Code.LOOKS_LIKE_MICROMETRES, 0.001),
        ((2540.0, 1270.0, 100.0), Code.LOOKS_CONVERTED_TWICE, 1 / 25.4),
    ],
)
def test_an_unlikely_size_is_told_with_the_unit_that_makes_it_likely(size_mm: Size3, code: Code, factor: float) -> None:
    finding = found(box(*size_mm), code)
    assert finding is not None
    assert finding.factor == factor
    assert 5 <= max(size_mm) * factor <= 300
    assert [each.code for each in judge(box(*size_mm), MK4S, PRINTERS) if each.factor] == [code]


def test_both_sizes_are_told_and_the_other_unit_to_staff() -> None:
    finding = found(box(5.0, 2.5, 1.375), Code.LOOKS_LIKE_INCHES)
    assert finding is not None
    assert "5 × 2.5 × 1.4 mm" in finding.student
    assert "127 × 63.5 × 34.9 mm" in finding.student
    assert finding.staff is not None
    assert "it was drawn in centimetres (× 10: 50 × 25 × 13.8 mm)" in finding.staff


def test_a_part_of_another_unit_is_not_told_to_be_split() -> None:
    finding = found(box(15_000.0, 15_000.0, 15_000.0), Code.DOES_NOT_FIT)
    assert finding is not None
    assert "another unit" in finding.student
    assert "Split" not in finding.student


def test_a_flat_metre_is_told_its_unit_and_not_that_it_is_flat() -> None:
    assert codes(box(0.1, 0.1, 0.003)) == [Code.LOOKS_LIKE_METRES]


@pytest.mark.parametrize("length", [5.1, 9.0, 20.0, 300.0])
def test_a_likely_size_is_not_doubted(length: float) -> None:
    assert not any(each.factor for each in judge(box(length, 4.0, 4.0), XL, PRINTERS))


def test_a_long_part_that_some_printer_takes_is_not_doubted() -> None:
    assert codes(box(100.0, 100.0, 590.0), RAISE3D) == []


def test_what_no_unit_makes_likely_gets_no_offer() -> None:
    assert not any(each.factor for each in judge(box(1e-6, 1e-6, 1e-6), MK4S, PRINTERS))
    assert not any(each.factor for each in judge(box(1e6, 1e6, 1e6), MK4S, PRINTERS))


def test_a_format_that_states_its_units_is_believed() -> None:
    assert not any(each.factor for each in judge(replace(box(2.0, 2.0, 2.0), units="inch"), MK4S, PRINTERS))


@given(st.floats(0.001, 5.0), st.floats(0.01, 1000.0))
def test_once_a_factor_was_accepted_no_other_is_offered(side: float, scale: float) -> None:
    offered = any(each.factor for each in judge(box(side, side, side), MK4S, PRINTERS, scale))
    assert not offered or scale == 1.0


def test_an_accepted_factor_settles_the_matter() -> None:
    facts = box(5.0, 2.5, 1.375)
    finding = found(facts, Code.LOOKS_LIKE_INCHES)
    assert finding is not None
    assert finding.factor is not None
    assert codes(facts, scale=finding.factor) == []


# Surface, pieces, walls, overhangs, the file


def test_holes_are_counted() -> None:
    finding = found(replace(CUBE, closed=False, open_edges=3), Code.NOT_WATERTIGHT)
    assert finding is not None
    assert "3 open edges" in finding.student
    single = found(replace(CUBE, closed=False, open_edges=1), Code.NOT_WATERTIGHT)
    assert single is not None
    assert "1 open edge:" in single.student


def test_a_surface_that_is_open_without_open_edges_is_told_too() -> None:
    assert codes(replace(CUBE, closed=False)) == [Code.NOT_WATERTIGHT]


@pytest.mark.parametrize(
    ("change", "code", "severity"),
    [
        ({"closed": False, "flipped_edges": 3}, Code.FLIPPED_FACES, Severity.WARNING),
        ({"inside_out": True, "volume_mm3": -8000.0}, Code.INSIDE_OUT, Severity.WARNING),
        ({"remarks": (Remark.TRUNCATED,)}, Code.TRUNCATED, Severity.WARNING),
        ({"triangles": MANY_TRIANGLES + 1}, Code.MANY_TRIANGLES, Severity.HINT),
    ],
)
def test_what_the_student_has_to_know(change: dict[str, Any], code: Code, severity: Severity) -> None:
    (finding,) = judge(replace(CUBE, **change), MK4S, PRINTERS)
    assert (finding.code, finding.severity) == (code, severity)
    assert finding.student


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"crowded_edges": 4}, Code.CROWDED_EDGES),
        ({"remarks": (Remark.WRONG_COUNT,)}, Code.WRONG_COUNT),
        ({"remarks": (Remark.BAD_FACES,)}, Code.BAD_FACES),
        ({"remarks": (Remark.LEFT_OUT,)}, Code.LEFT_OUT),
        ({"remarks": (Remark.MIRRORED,)}, Code.MIRRORED),
    ],
)
def test_what_only_staff_have_to_know(change: dict[str, Any], code: Code) -> None:
    (finding,) = judge(replace(CUBE, **change), MK4S, PRINTERS)
    assert finding.code is code
    assert finding.student == ""
    assert finding.staff


def test_merged_corners_are_nothing_to_talk_about() -> None:
    assert judge(replace(CUBE, remarks=(Remark.TOLERANCE_MERGE,)), MK4S, PRINTERS) == ()


def test_separate_pieces_are_told_per_item() -> None:
    alone = found(of_items(item((20.0, 20.0, 20.0), bodies=8)), Code.SEPARATE_PIECES)
    assert alone is not None
    assert "8 separate pieces" in alone.student
    facts = of_items(item((20.0, 20.0, 20.0), "Gear", bodies=2), item((20.0, 20.0, 20.0)))
    one_of_two = found(facts, Code.SEPARATE_PIECES)
    assert one_of_two is not None
    assert "“Gear” of 2" in one_of_two.student
    assert codes(facts) == [Code.SEVERAL_ITEMS, Code.SEPARATE_PIECES]


def test_a_surface_without_thickness_cannot_be_printed() -> None:
    facts = box(100.0, 100.0, 0.0)
    assert codes(facts) == [Code.FLAT]
    assert judge(facts, MK4S, PRINTERS)[0].severity is Severity.STOPS
    assert Code.FLAT not in codes(box(100.0, 100.0, FLAT_MM + 0.01))


@pytest.mark.parametrize(
    ("side_mm", "thickness_mm", "expected"),
    [(1.0, 0.0, Code.FLAT), (1.0, 0.01, Code.LOOKS_LIKE_INCHES), (0.1, 0.001, Code.LOOKS_LIKE_METRES)],
)
def test_what_has_no_thickness_in_any_unit_is_not_asked_about(
    side_mm: float, thickness_mm: float, expected: Code
) -> None:
    found = codes(box(side_mm, side_mm, thickness_mm))
    assert [code for code in found if code is Code.FLAT or code.startswith("looks_like")] == [expected]


@pytest.mark.parametrize(("printer", "limits"), [(MK4S, FILAMENT_WALLS), (FORM3, RESIN_WALLS)])
def test_thin_walls_are_measured_against_what_the_printer_can_do(printer: PrinterView, limits: WallLimits) -> None:
    printer = replace(printer, method="Whatever the lab calls it")
    for thickness, code in (
        (limits.printable_mm - 0.01, [Code.WALLS_TOO_THIN]),
        (limits.printable_mm, [Code.THIN_WALLS]),
        (limits.sturdy_mm - 0.01, [Code.THIN_WALLS]),
        (limits.sturdy_mm, []),
    ):
        assert codes(replace(CUBE, thickness_mm=(thickness,) * 100), printer) == code


def test_the_tips_of_sharp_edges_are_no_thin_walls() -> None:
    few, many = int(1000 * THIN_SHARE) - 5, int(1000 * THIN_SHARE) + 5
    assert codes(replace(CUBE, thickness_mm=(0.1,) * few + (20.0,) * (1000 - few))) == []
    assert codes(replace(CUBE, thickness_mm=(0.1,) * many + (20.0,) * (1000 - many))) == [Code.WALLS_TOO_THIN]


def test_walls_are_not_judged_while_the_size_is_in_doubt() -> None:
    """A part drawn in inches has walls of a 25th of a millimetre, and none of them is too thin."""
    facts = replace(box(3.0, 2.0, 1.0), thickness_mm=(0.08,) * 100)
    assert codes(facts) == [Code.LOOKS_LIKE_INCHES]
    assert codes(facts, scale=25.4) == []


def test_walls_that_were_not_sampled_are_not_judged() -> None:
    assert judge(replace(CUBE, thickness_mm=()), MK4S, PRINTERS) == ()
    assert thin_wall_mm(replace(CUBE, thickness_mm=())) == float("inf")


def test_overhangs_are_told_for_filament_only() -> None:
    facts = replace(CUBE, overhang_area_mm2=240.0)
    assert codes(facts, MK4S) == [Code.OVERHANGS]
    assert codes(facts, FORM3) == []
    finding = found(facts, Code.OVERHANGS)
    assert finding is not None
    assert "About 10 %" in finding.student


def test_overhangs_of_a_part_that_is_inside_out_are_its_tops() -> None:
    assert codes(replace(CUBE, overhang_area_mm2=400.0, inside_out=True)) == [Code.INSIDE_OUT]


@pytest.mark.parametrize("overhang_mm2", [24.9, 40.0])
def test_small_overhangs_are_left_to_the_slicer(overhang_mm2: float) -> None:
    assert codes(replace(CUBE, overhang_area_mm2=overhang_mm2)) == []


# Everything together

facts_of_parts = st.builds(
    lambda x, y, z, thin, overhang, bodies, edges, remarks: replace(
        of_items(item((x, y, z), "Part", bodies)),
        units="millimeter",
        thickness_mm=(thin,) * 50,
        overhang_area_mm2=overhang * x * y,
        closed=not edges,
        open_edges=edges,
        remarks=tuple(sorted(remarks)),
    ),
    sides,
    sides,
    sides,
    st.floats(0.01, 5.0),
    st.floats(0.0, 1.0),
    st.integers(1, 9),
    st.integers(0, 5),
    st.sets(st.sampled_from(Remark)),
)


@given(facts_of_parts, st.sampled_from((0.001, 0.5, 2.0, 10.0, 25.4)), st.sampled_from(PRINTERS))
def test_a_scale_says_the_same_as_a_model_drawn_that_large(
    facts: ModelFacts, scale: float, printer: PrinterView
) -> None:
    assert codes(facts, printer, scale) == codes(scaled(facts, scale), printer)


@given(facts_of_parts, st.sampled_from(PRINTERS))
def test_the_worst_comes_first_and_nothing_twice(facts: ModelFacts, printer: PrinterView) -> None:
    findings = judge(facts, printer, PRINTERS)
    severities = [list(Severity).index(each.severity) for each in findings]
    assert severities == sorted(severities)
    assert len({each.code for each in findings}) == len(findings)


@given(facts_of_parts, st.sampled_from(PRINTERS))
def test_sentences_are_whole_and_in_the_students_words(facts: ModelFacts, printer: PrinterView) -> None:
    for finding in judge(facts, printer, PRINTERS):
        for sentence in (finding.student, finding.staff):
            assert not sentence or (sentence[0].isupper() or sentence[0] in "“0123456789")
            assert not sentence or sentence.endswith(".")
        for word in ("manifold", "normal", "mesh", "please", "!", "Error", "nan"):
            assert word not in finding.student


# Words


@pytest.mark.parametrize(
    ("volume_mm3", "written"),
    [
        (1_234_567.0, "1,235 cm³"),
        (48_712.0, "48.7 cm³"),
        (10.0, "0.01 cm³"),
        (4.2, "4.2 mm³"),
        (0.04, "0.04 mm³"),
        (0.001, "under 0.01 mm³"),
        (0.0, "0 cm³"),
    ],
)
def test_a_volume_is_nothing_only_where_there_is_none(volume_mm3: float, written: str) -> None:
    assert cubic_centimetres(volume_mm3) == written
