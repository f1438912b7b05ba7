"""Only numbers and a few words of an uploaded configuration reach the slicer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printlab.domain.limits import MAX_PROFILE_MB
from printlab.errors import InvalidFile
from printlab.prusa.profile import read_profile, read_upload
from tests.prusa.profiles import exported


def test_what_decides_time_and_weight_is_kept() -> None:
    profile = read_profile(exported())
    assert (profile.layer_height_mm, profile.nozzle_mm) == (0.2, 0.4)
    assert profile.settings["bed_shape"] == "0x0,250x0,250x210,0x210"
    assert profile.settings["fill_pattern"] == "grid"
    assert profile.settings["perimeter_speed"] == "140"
    assert read_profile(profile.text().encode()) == profile


@pytest.mark.parametrize(
    "setting",
    [
        {"post_process": "touch /tmp/was-here"},
        {"print_host": "192.168.1.1"},
        {"printhost_apikey": "secret"},
        {"bed_custom_model": "/etc/passwd"},
        {"output_filename_format": "../../{input_filename_base}.gcode"},
        {"start_gcode": "{local i = 0}{while i < 1000000000}{endwhile}"},
        {"layer_gcode": "G28"},
        {"fill_pattern": "grid\\npost_process"},
        {"gcode_substitutions": '"(a+)+$";"";""'},
        {"notes": "of Jane Doe"},
    ],
    ids=str,
)
def test_what_runs_loads_or_tells_is_left_out(setting: dict[str, str]) -> None:
    kept = read_profile(exported(**setting)).settings
    (name,) = setting
    assert kept.get(name) != setting[name]
    assert setting[name] not in read_profile(exported(**setting)).text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "“bed_shape” is missing"),
        (b"solid cube\nfacet normal 0 0 0\n", "“bed_shape” is missing"),
        (b"\xff\xfe\x00", "no text file"),
        (b"[print:0.20mm]\nlayer_height = 0.2\n", "bundle"),
        (exported(printer_technology="SLA"), "resin printer"),
        (exported(layer_height="x"), "those of no printer"),
        (exported(layer_height=900), "those of no printer"),
        (exported() + b"\n" * MAX_PROFILE_MB * 1_000_000, "larger"),
    ],
    ids=["nothing", "a model", "no text", "bundle", "resin", "no number", "absurd", "large"],
)
def test_what_is_no_configuration_is_refused_with_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(InvalidFile, match=said):
        read_profile(content)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("skirts", "100000000"),
        ("raft_layers", "2000000000"),
        ("perimeters", "99999999"),
        ("bed_shape", "0x0,250x0,250x99999999,0x210"),
        ("support_material_spacing", "9" * 1900),
    ],
)
def test_a_setting_that_no_printer_has_is_refused_by_its_name(name: str, value: str) -> None:
    content = exported(**{name: value})
    with pytest.raises(InvalidFile, match=f"^“{name}” is more than [0-9,]+ in this file"):
        read_upload(content)
    assert read_profile(content).settings[name] == value  # one that was taken before is still read


def test_usual_settings_are_taken() -> None:
    content = exported(
        skirts=2,
        raft_layers=5,
        top_solid_layers=9999,
        machine_max_acceleration_x="9000,20000.5",
        extrusion_width="0.449999999",
    )
    assert read_upload(content) == read_profile(content)


def test_settings_are_replaced_by_those_of_the_order() -> None:
    text = read_profile(exported()).text(fill_density="40%", perimeters=4)
    assert "fill_density = 40%\n" in text
    assert "perimeters = 4\n" in text
    assert "perimeters = 2\n" not in text


@given(st.binary(max_size=3000) | st.text(max_size=1000).map(str.encode))
def test_any_bytes_are_refused_or_harmless(content: bytes) -> None:
    try:
        profile = read_profile(exported() + b"\n" + content)
    except InvalidFile:
        return
    assert all(not set(value) & set("{}[]/\\\"'$;&|`\n") for value in profile.settings.values())
