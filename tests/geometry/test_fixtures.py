"""The 25 awkward files of real programs, where they are at hand, and which generated file is as awkward everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from printlab.domain.judging import judge
from printlab.domain.model_facts import ModelFacts, Remark
from printlab.geometry.measure import measure
from printlab.geometry.reading import read
from printlab.geometry.refusals import ModelRefused
from tests.domain.parts import MK4S, PRINTERS
from tests.geometry import test_measure, test_obj, test_stl, test_threemf
from tests.geometry.awkward import AREA_OF_FANS, CASES, MANIFEST
from tests.geometry.model_files import volume_mm3

AWKWARD: dict[str, tuple[str, Callable[..., None]]] = {
    "01_featuretype.STL": ("looks_like_inches", test_measure.test_a_seam_closes_only_where_it_is_as_fine_as_rounding),
    "02_HalfDonut.stl": (
        "looks_like_inches wrong_count",
        test_stl.test_bytes_behind_the_last_triangle_are_passed_over,
    ),
    "03_HalfDonut.stl": ("looks_like_inches", test_stl.test_text_that_was_cut_off_keeps_its_whole_triangles),
    "04_import_bin_solid.stl": ("looks_like_inches", test_stl.test_binary_whatever_its_header_says),
    "05_20mmbox-CR.stl": ("", test_stl.test_text_in_every_layout),
    "06_fill-holes-bad.stl": ("looks_like_inches not_watertight", test_measure.test_an_open_box),
    "07_normal-directions-bad.stl": (
        "looks_like_inches flipped_faces",
        test_measure.test_a_face_that_looks_the_wrong_way,
    ),
    "08_remove-unconnected-bad.stl": (
        "not_watertight separate_pieces overhangs",
        test_measure.test_scattered_triangles_are_a_body_each,
    ),
    "09__MM__Tag_Plate_0.stl": (
        "walls_too_thin separate_pieces overhangs crowded_edges",
        test_measure.test_more_than_two_faces_on_an_edge_are_no_damage,
    ),
    "10_10_000.stl": (
        "does_not_fit looks_like_micrometres inside_out",
        test_measure.test_a_cube_that_is_inside_out,
    ),
    "11_stl_empty_bin.stl": ("", test_stl.test_no_triangles),
    "12_unparseable.stl": ("", test_stl.test_words_for_numbers_are_refused),
    "13_testgeometry_ascii.stl": ("", test_stl.test_text_in_every_layout),
    "14_88566.stl": ("separate_pieces", test_measure.test_many_bodies_take_no_minutes),
    "15_negative_interweaved.obj": ("", test_obj.test_relative_corners_count_from_where_the_face_stands),
    "16_cubevt.obj": ("looks_like_inches", test_obj.test_every_layout),
    "17_cube_with_materials_comments.obj": (
        "looks_like_inches",
        test_obj.test_the_material_library_is_never_opened,
    ),
    "18_extruder_idler_quads.obj": (
        "separate_pieces overhangs",
        test_obj.test_a_concave_quad_stays_inside_its_outline,
    ),
    "19_issue-140-zero-face-idx.obj": (
        "flat not_watertight bad_faces",
        test_obj.test_faces_that_name_missing_corners_are_left_out,
    ),
    "20_cube_gears_prod_req.3mf": (
        "several_items",
        test_threemf.test_paths_lead_to_other_parts_of_the_package,
    ),
    "21_detachedmodel.3mf": ("several_items", test_threemf.test_components_are_one_part),
    "22_3mfbase11_AdjMount.3mf": ("overhangs", test_threemf.test_units),
    "23_bambu-2-plates.3mf": ("several_items overhangs", test_threemf.test_bambu_plates_are_told_apart),
    "24_MUSTPASS_Chapter4.1_ExplicitSupport.3mf": (
        "overhangs left_out",
        test_threemf.test_what_is_no_part_is_left_out,
    ),
    "25_DOS-FUZ-LIB3MF.3mf": ("", test_threemf.test_damaged_zips),
}
"""What is found in each on an MK4S, and the test whose own file has the same trouble and is there everywhere."""

pytestmark = pytest.mark.skipif(not CASES, reason="the real files are not at hand: set PRINTLAB_FIXTURES")


def test_every_real_file_has_a_generated_one_beside_it() -> None:
    assert {case["file"] for case in CASES} == set(AWKWARD)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_a_real_file(case: dict[str, Any]) -> None:
    expected = case["expect"]
    path = MANIFEST.parent / case["file"]
    if expected["outcome"] == "reject":
        with pytest.raises(ModelRefused) as refused:
            read(path)
        assert refused.value.code == expected["code"]
        return
    model = read(path)
    triangles = np.concatenate([part.vertices[part.faces].astype(np.float64) for part in model.parts])
    assert model.triangles == expected["triangles"]
    assert model.units == expected["units"]
    assert np.ptp(triangles.reshape(-1, 3), axis=0).tolist() == pytest.approx(expected["size_mm"], rel=1e-3, abs=1e-3)
    assert volume_mm3(model) == pytest.approx(expected["volume"], rel=1e-3, abs=1e-9)
    facts = measure(model)
    _check_measures(case["file"], facts, expected)
    assert [finding.code for finding in judge(facts, MK4S, PRINTERS)] == AWKWARD[case["file"]][0].split()
    if case["file"] != AREA_OF_FANS:
        normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        assert np.linalg.norm(normals, axis=1).sum() / 2 == pytest.approx(expected["area"], rel=1e-3)


def _check_measures(name: str, facts: ModelFacts, expected: dict[str, Any]) -> None:
    """The manifest calls edges of more than two faces ``edges_gt2`` and flipped ones ``inconsistent``."""
    assert facts.size_mm == pytest.approx(expected["size_mm"], rel=1e-3, abs=1e-3)
    assert facts.volume_mm3 == pytest.approx(expected["volume"], rel=1e-3, abs=1e-3)
    if name != AREA_OF_FANS:
        assert facts.area_mm2 == pytest.approx(expected["area"], rel=1e-3)
    assert (facts.closed, facts.open_edges, facts.bodies) == (
        expected["closed"],
        expected["open_edges"],
        expected["bodies"],
    )
    assert (facts.crowded_edges, facts.flipped_edges) == (expected["edges_gt2"], expected["inconsistent"])
    assert (Remark.TOLERANCE_MERGE in facts.remarks) == expected["tolerance_merge"]
