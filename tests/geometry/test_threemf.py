"""3MF packages: units, places, components, what slicers put beside them, and any XML that says the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from printlab.domain.model_facts import ModelFormat, Remark
from printlab.geometry.mesh import Model
from printlab.geometry.refusals import ModelRefused, Refusal
from tests.files_made import archive
from tests.geometry import model_files
from tests.geometry.model_files import (
    CUBE_OBJECT,
    CUBE_XML,
    in_order,
    mesh_xml,
    model_xml,
    package,
    read_bytes,
    threemf,
    triangles_of,
    volume_mm3,
)

CORNERS, FACES = model_files.cube()
CUBE = CORNERS[FACES]
Change = Callable[[str], str]


def size_mm(model: Model) -> list[float]:
    corners = np.concatenate([part.vertices for part in model.parts])
    return np.ptp(corners, axis=0).tolist()


def refusal(folder: Path, content: bytes) -> Refusal:
    with pytest.raises(ModelRefused) as refused:
        read_bytes(folder, content)
    return refused.value.code


def components(*inner: str, object_id: int = 2, more: str = "") -> str:
    return f'<object id="{object_id}" type="model"{more}><components>{"".join(inner)}</components></object>'


def test_a_cube(tmp_path: Path) -> None:
    model = read_bytes(tmp_path, threemf())
    assert (model.format, model.units, model.application) == (ModelFormat.THREE_MF, "millimeter", None)
    assert [part.name for part in model.parts] == ["Cube"]
    assert np.array_equal(triangles_of(model), in_order(CUBE))
    assert model.remarks == set()


@pytest.mark.parametrize(
    ("unit", "mm"),
    [("micron", 0.01), ("millimeter", 10), ("centimeter", 100), ("inch", 254), ("foot", 3048), ("meter", 10_000)],
)
def test_units(tmp_path: Path, unit: str, mm: float) -> None:
    model = read_bytes(tmp_path, threemf(model_xml(unit=unit)))
    assert size_mm(model) == pytest.approx([mm, mm, mm])
    assert model.units == unit


def test_transforms_are_rows_and_in_the_units_of_the_file(tmp_path: Path) -> None:
    inner = '<component objectid="1" transform="1 0 0 0 1 0 0 0 1 0 0 5"/>'
    turned = '<item objectid="2" transform="0 1 0 -1 0 0 0 0 2 100 0 0"/>'  # a quarter to the left, twice as high
    model = read_bytes(tmp_path, threemf(model_xml(CUBE_OBJECT + components(inner), turned, "centimeter")))
    corners = model.parts[0].vertices
    assert corners.min(axis=0).tolist() == pytest.approx([900, 0, 100])
    assert corners.max(axis=0).tolist() == pytest.approx([1000, 100, 300])


def test_a_mirrored_part_keeps_its_outside(tmp_path: Path) -> None:
    model = read_bytes(tmp_path, threemf(model_xml(build='<item objectid="1" transform="-1 0 0 0 1 0 0 0 1 0 0 0"/>')))
    assert volume_mm3(model) == pytest.approx(1000)
    assert model.remarks == {Remark.MIRRORED}


def test_every_item_is_a_part(tmp_path: Path) -> None:
    resources = (
        CUBE_OBJECT + f'<object id="7" name="Second">{CUBE_XML}</object>' + f'<object id="8">{CUBE_XML}</object>'
    )
    build = '<item objectid="1"/><item objectid="7"/><item objectid="1" transform="1 0 0 0 1 0 0 0 1 50 0 0"/>'
    model = read_bytes(tmp_path, threemf(model_xml(resources, build)))
    assert [part.name for part in model.parts] == ["Cube", "Second", "Cube"]
    assert model.triangles == 36
    assert model.parts[2].vertices[:, 0].min() == 50


def test_components_are_one_part(tmp_path: Path) -> None:
    inner = ['<component objectid="1"/>', '<component objectid="1" transform="1 0 0 0 1 0 0 0 1 20 0 0"/>']
    model = read_bytes(tmp_path, threemf(model_xml(CUBE_OBJECT + components(*inner), '<item objectid="2"/>')))
    assert len(model.parts) == 1
    assert model.triangles == 24
    assert volume_mm3(model) == pytest.approx(2000)


def test_corners_that_no_triangle_names_do_not_count(tmp_path: Path) -> None:
    more = CUBE_XML.replace("</vertices>", '<vertex x="999" y="0" z="0"/></vertices>')
    model = read_bytes(tmp_path, threemf(model_xml(f'<object id="1">{more}</object>')))
    assert size_mm(model) == [10, 10, 10]


def test_paths_lead_to_other_parts_of_the_package(tmp_path: Path) -> None:
    other = model_xml(CUBE_OBJECT.replace('id="1"', 'id="5"'), "")
    inner = '<component p:path="/3D/Objects/other.model" objectid="5"/>'
    items = '<item objectid="2"/><item p:path="/3d/objects/OTHER.model" objectid="5"/>'
    parts = {"3D/3dmodel.model": model_xml(components(inner), items), "3D/Objects/other.model": other}
    model = read_bytes(tmp_path, package(parts))
    assert model.triangles == 24
    assert [part.name for part in model.parts] == ["", "Cube"]


@pytest.mark.parametrize("root", ["/3D/odd name.model", "/a/b/c.model", "3D/main.model"])
def test_the_root_is_what_the_package_says(tmp_path: Path, root: str) -> None:
    parts = {root.lstrip("/"): model_xml(), "3D/3dmodel.model": model_xml(build="")}
    assert read_bytes(tmp_path, package(parts, root.replace(" ", "%20"))).triangles == 12


def test_a_package_without_relationships(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, archive({"3D/3dmodel.model": model_xml().encode()})).triangles == 12


@pytest.mark.parametrize("kind", ["support", "solidsupport", "other"])
def test_what_is_no_part_is_left_out(tmp_path: Path, kind: str) -> None:
    other = CUBE_OBJECT.replace('id="1" type="model"', f'id="3" type="{kind}"')
    build = '<item objectid="1"/><item objectid="3"/>'
    alone = read_bytes(tmp_path, threemf(model_xml(CUBE_OBJECT + other, build)))
    inner = components('<component objectid="1"/>', '<component objectid="3"/>', object_id=9)
    within = read_bytes(tmp_path, threemf(model_xml(CUBE_OBJECT + other + inner, '<item objectid="9"/>')))
    for model in (alone, within):
        assert model.triangles == 12
        assert model.remarks == {Remark.LEFT_OUT}


def test_items_that_are_not_printed_are_left_out(tmp_path: Path) -> None:
    build = '<item objectid="1"/><item objectid="1" printable="0"/><item objectid="1" printable="1"/>'
    model = read_bytes(tmp_path, threemf(model_xml(build=build)))
    assert len(model.parts) == 2
    assert model.remarks == {Remark.LEFT_OUT}
    assert refusal(tmp_path, threemf(model_xml(build='<item objectid="1" printable="0"/>'))) == Refusal.NO_TRIANGLES


def bambu(settings: str, root: str, kind: str = "model") -> bytes:
    second = CUBE_OBJECT.replace('id="1"', 'id="2"').replace('type="model"', f'type="{kind}"')
    parts = {
        "3D/3dmodel.model": root,
        "3D/Objects/object_1.model": model_xml(CUBE_OBJECT + second, ""),
        "Metadata/model_settings.config": f'<?xml version="1.0"?><config>{settings}</config>',
    }
    return package(parts)


PATH = 'p:path="/3D/Objects/object_1.model"'
TWO_VOLUMES = components(
    f'<component {PATH} objectid="1"/>',
    f'<component {PATH} objectid="2" transform="1 0 0 0 1 0 0 0 1 5 0 0"/>',
    object_id=8,
)


def bambu_model(build: str, resources: str = TWO_VOLUMES) -> str:
    application = '<metadata name="Application">BambuStudio-02.04.00.70</metadata><resources>'
    return model_xml(resources, build).replace("<resources>", application)


@pytest.mark.parametrize("subtype", ["modifier_part", "negative_part", "support_enforcer", "support_blocker"])
def test_bambu_volumes_that_are_no_material(tmp_path: Path, subtype: str) -> None:
    settings = (
        '<object id="8"><metadata key="name" value="Holder"/><part id="1" subtype="normal_part">'
        f'<metadata key="name" value="body"/></part><part id="2" subtype="{subtype}"/></object>'
    )
    model = read_bytes(tmp_path, bambu(settings, bambu_model('<item objectid="8"/>')))
    assert model.triangles == 12
    assert model.parts[0].vertices[:, 0].max() == 10
    assert [part.name for part in model.parts] == ["Holder"]
    assert model.application == "BambuStudio-02.04.00.70"
    assert model.remarks == {Remark.LEFT_OUT}


def test_bambu_volumes_that_are_material_all_count(tmp_path: Path) -> None:
    settings = '<object id="8"><part id="1" subtype="normal_part"/><part id="2" subtype="normal_part"/></object>'
    model = read_bytes(tmp_path, bambu(settings, bambu_model('<item objectid="8"/>')))
    assert model.triangles == 24
    assert model.remarks == set()


def test_bambu_plates_are_told_apart(tmp_path: Path) -> None:
    plates = "".join(
        f'<plate><metadata key="plater_id" value="{plate}"/><model_instance><metadata key="object_id" value="8"/>'
        f'<metadata key="instance_id" value="{plate - 1}"/></model_instance></plate>'
        for plate in (1, 2)
    )
    settings = f'<object id="8"><metadata key="name" value="Holder"/></object>{plates}'
    build = '<item objectid="8"/><item objectid="8" transform="1 0 0 0 1 0 0 0 1 300 0 0"/>'
    model = read_bytes(tmp_path, bambu(settings, bambu_model(build)))
    assert [part.name for part in model.parts] == ["Holder (plate 1)", "Holder (plate 2)"]
    second_only = build.replace('"8"/>', '"8" printable="0"/>', 1)
    left_out = read_bytes(tmp_path, bambu(settings, bambu_model(second_only)))
    assert [part.name for part in left_out.parts] == ["Holder (plate 2)"]


def prusa(*volumes: str) -> bytes:
    corners = np.concatenate([CORNERS, CORNERS + 100])
    faces = np.concatenate([FACES, FACES + 8])
    config = (
        '<?xml version="1.0"?><config><object id="1" instances_count="1"><metadata type="object" key="name" '
        f'value="Bracket"/>{"".join(volumes)}</object></config>'
    )
    parts = {
        "3D/3dmodel.model": model_xml(f'<object id="1">{mesh_xml(corners, faces)}</object>'),
        "Metadata/Slic3r_PE_model.config": config,
    }
    return package(parts)


def volume(first: int, last: int, key: str, value: str) -> str:
    return f'<volume firstid="{first}" lastid="{last}"><metadata type="volume" key="{key}" value="{value}"/></volume>'


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("volume_type", "ParameterModifier"),
        ("volume_type", "NegativeVolume"),
        ("volume_type", "SupportEnforcer"),
        ("volume_type", "SupportBlocker"),
        ("modifier", "1"),
    ],
)
def test_prusa_volumes_that_are_no_material(tmp_path: Path, key: str, value: str) -> None:
    content = prusa(volume(0, 11, "volume_type", "ModelPart"), volume(12, 23, key, value))
    model = read_bytes(tmp_path, content)
    assert size_mm(model) == [10, 10, 10]
    assert model.parts[0].name == "Bracket"
    assert model.remarks == {Remark.LEFT_OUT}


def test_prusa_volumes_that_are_material_all_count(tmp_path: Path) -> None:
    content = prusa(volume(0, 11, "volume_type", "ModelPart"), volume(12, 23, "modifier", "0"))
    assert read_bytes(tmp_path, content).triangles == 24


def test_settings_that_cannot_be_read_change_nothing(tmp_path: Path) -> None:
    content = package({"3D/3dmodel.model": model_xml(), "Metadata/model_settings.config": "<config><object"})
    assert read_bytes(tmp_path, content).triangles == 12


@pytest.mark.parametrize("count", [3, 300])
def test_a_list_of_another_namespace_in_one_of_ours_is_passed_over(tmp_path: Path, count: int) -> None:
    """Short lists are parsed as XML, long ones are cut out: both must come to the same."""
    foreign = '<q:vertices xmlns:q="urn:q">' + '<vertex x="900" y="900" z="900"/>' * count + "</q:vertices>"
    faces = '<q:triangles xmlns:q="urn:q">' + '<triangle v1="0" v2="1" v3="2"/>' * count + "</q:triangles>"
    model = model_files.model_xml().replace("</vertices>", f"{foreign}</vertices>")
    check = read_bytes(tmp_path, threemf(model.replace("</triangles>", f"{faces}</triangles>")))
    assert size_mm(check) == [10, 10, 10]
    assert check.triangles == 12


def test_settings_that_are_damaged_in_the_zip_change_nothing(tmp_path: Path) -> None:
    content = bytearray(threemf(**{"Metadata/model_settings.config": "<config>" + "x" * 500 + "</config>"}))
    entry = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4)
    while b"model_settings" not in content[entry : entry + 120]:
        entry = content.index(b"PK\x01\x02", entry + 4)
    content[entry + 16] ^= 0xFF  # its checksum
    assert size_mm(read_bytes(tmp_path, bytes(content))) == [10, 10, 10]


def test_a_sliced_file_says_so(tmp_path: Path) -> None:
    empty = package({"3D/3dmodel.model": model_xml("", ""), "Metadata/plate_1.gcode": "G28\n"})
    assert refusal(tmp_path, empty) == Refusal.SLICED_FILE
    assert refusal(tmp_path, archive({"Metadata/plate_1.gcode": b"G28\n"})) == Refusal.SLICED_FILE
    assert refusal(tmp_path, archive({"config.ini": b"layers = 3\n", "a00000.png": b""})) == Refusal.SLICED_FILE
    assert refusal(tmp_path, b"; thumbnail begin\n" + b"; AAAA\n" * 20_000 + b"G28\n") == Refusal.SLICED_FILE
    kept = package({"3D/3dmodel.model": model_xml(), "Metadata/plate_1.gcode": "G28\n"})
    assert read_bytes(tmp_path, kept).triangles == 12
    assert refusal(tmp_path, b"; made\nG28\nG1 X3 Y3\n") == Refusal.SLICED_FILE
    assert refusal(tmp_path, b"GCDE\1\0\0\0" + b"\0" * 90) == Refusal.SLICED_FILE


SPACES = re.compile(r"\n\s*")
XML: dict[str, Change] = {
    "no space": lambda xml: SPACES.sub("", xml),
    "CRLF": lambda xml: xml.replace("\n", "\r\n"),
    "single quotes": lambda xml: xml.replace('"', "'"),
    "mixed quotes": lambda xml: re.sub(r'y="([^"]*)"', r"y='\1'", xml),
    "mixed quotes of some": lambda xml: re.sub(r'y="(0.0)"', r"y='\1'", xml),
    "other order": lambda xml: re.sub(r'(x="[^"]*") (y="[^"]*") (z="[^"]*")', r"\3 \1 \2", xml),
    "other order of some": lambda xml: re.sub(r'(x="0.0") (y="[^"]*") (z="[^"]*")', r"\3 \2 \1", xml),
    "other order of triangles": lambda xml: re.sub(r'(v1="\d+") (v2="\d+") (v3="\d+")', r"\2 \3 \1", xml),
    "more attributes": lambda xml: xml.replace("/>", ' pid="5" p1="0"/>'),
    "more attributes of some": lambda xml: re.sub(r'(v1="[02468]+")', r'\1 paint_color="4C"', xml),
    "more attributes first": lambda xml: xml.replace("<triangle ", '<triangle pid="1" ').replace(
        "<vertex", '<vertex a="2"'
    ),
    "line breaks in elements": lambda xml: xml.replace(' y="', '\n  y="').replace(' v2="', '\tv2="'),
    "space around values": lambda xml: re.sub(r'([xyz123])="([\d.]+)"', r'\1=" \2 "', xml),
    "space around signs": lambda xml: xml.replace('x="', 'x = "').replace('v1="', 'v1 ="'),
    "ends of their own": lambda xml: re.sub(r"<(vertex|triangle)( [^>]*)/>", r"<\1\2></\1>", xml),
    "entities": lambda xml: xml.replace('x="10.0"', 'x="&#x31;0.0"').replace('v3="2"', 'v3="&#50;"'),
    "comment in a list": lambda xml: xml.replace("<vertices>", '<vertices><!-- <vertex x="9" y="9" z="9"/> -->'),
    "comment that ends the list": lambda xml: xml.replace("<triangles>", "<triangles><!-- </triangles> -->"),
    "comment before": lambda xml: xml.replace("<resources>", "<!-- <vertices><vertex/></vertices> --><resources>"),
    "comment behind": lambda xml: xml.replace("</resources>", "</resources><!-- <triangles> -->"),
    "CDATA": lambda xml: xml.replace("<resources>", "<metadata name='a'><![CDATA[<vertices>]]></metadata><resources>"),
    "CDATA in a list": lambda xml: xml.replace("<triangles>", "<triangles><![CDATA[<triangle v1='1'/>]]>"),
    "instruction": lambda xml: xml.replace("<vertices>", '<vertices><?printlab-cut 0?><?x <vertex x="1"/>?>'),
    "text in a list": lambda xml: xml.replace("/>\n", "/>7\n"),
    "foreign elements in a list": lambda xml: xml.replace("<vertices>", '<vertices><e:vertex xmlns:e="urn:e" x="9"/>'),
    "lists of others": lambda xml: xml.replace(
        "<build>", '<e:x xmlns:e="urn:e"><e:vertices><e:vertex x="9"/></e:vertices></e:x><build>'
    ),
    "larger than in attributes": lambda xml: xml.replace("<vertices>", '<vertices note="a>b">'),
    "names that go on": lambda xml: re.sub(r"y=", "y1='7' y=", xml),
    "plus signs": lambda xml: re.sub(r'([xyz123])="([\d.]+)"', r'\1="+\2"', xml),
    "exponents": lambda xml: xml.replace('"10.0"', '"1E1"').replace('"0.0"', '"-0.00e+5"'),
    "UTF-8 names": lambda xml: xml.replace('name="Cube"', 'name="Würfel"'),
    "no declaration": lambda xml: xml[xml.index("?>") + 2 :].lstrip(),
    "Latin-1": lambda xml: xml.replace("UTF-8", "ISO-8859-1"),
}
ENLARGED = 60  # cubes, so that the lists are long enough to be read as bytes


def many_cubes() -> tuple[np.ndarray, np.ndarray]:
    shift = np.arange(ENLARGED)[:, None, None]
    corners = (CORNERS[None] + shift * [20.0, 0, 0]).reshape(-1, 3)
    return corners, (FACES[None] + shift * 8).reshape(-1, 3)


@pytest.mark.parametrize("change", list(XML))
@pytest.mark.parametrize("prefix", [False, True])
def test_any_xml_that_says_the_same(tmp_path: Path, change: str, prefix: bool) -> None:
    corners, faces = many_cubes()
    xml = XML[change](model_xml(f'<object id="1" name="Cube">{mesh_xml(corners, faces)}</object>'))
    if prefix:
        xml = re.sub(r"<(/?)(?=[a-z]+\b(?!:))", r"<\1c:", xml).replace("xmlns=", "xmlns:c=")
    model = read_bytes(tmp_path, threemf(xml.encode("latin-1" if "ISO-8859-1" in xml else "utf-8")))
    assert len(model.parts) == 1
    assert np.array_equal(model.parts[0].vertices[model.parts[0].faces], corners[faces])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_other_encodings(tmp_path: Path, encoding: str) -> None:
    xml = model_xml().replace("UTF-8", encoding.removesuffix("-sig").upper())
    assert read_bytes(tmp_path, threemf(xml.encode(encoding))).triangles == 12


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "doctype",
    ['<!DOCTYPE m [<!ENTITY a "b">]>', '<!DOCTYPE m SYSTEM "file:///etc/passwd">', "<!DOCTYPE m>"],
)
def test_a_document_type_is_refused(tmp_path: Path, doctype: str, encoding: str) -> None:
    xml = model_xml().replace("UTF-8", encoding.upper()).replace("<model", doctype + "<model")
    assert refusal(tmp_path, threemf(xml.encode(encoding))) == Refusal.XML_DOCTYPE


NUMBERS = {
    "NaN": "not_finite",
    "INF": "not_finite",
    "1e400": "not_finite",
    "1e38": "absurd_coordinates",
} | dict.fromkeys(("", "1,5", "0x10", "x", "\uff11", "1 2", "1_0", "--1"), "bad_number")


@pytest.mark.parametrize("number", list(NUMBERS))
@pytest.mark.parametrize("long", [False, True])
def test_numbers_that_are_none(tmp_path: Path, number: str, long: bool) -> None:
    mesh = mesh_xml(*many_cubes()) if long else CUBE_XML
    xml = model_xml(f'<object id="1">{mesh.replace("10.0", number, 1)}</object>')
    assert refusal(tmp_path, threemf(xml)) == NUMBERS[number]


@pytest.mark.parametrize(
    ("index", "code"),
    [
        ("-1", "bad_index"),
        ("8", "bad_index"),
        ("4294967296", "bad_index"),
        ("9" * 30, "bad_index"),
        ("1.5", "bad_number"),
    ],
)
def test_corners_that_are_not_there(tmp_path: Path, index: str, code: str) -> None:
    assert refusal(tmp_path, threemf(model_xml().replace('v1="0"', f'v1="{index}"', 1))) == code


NESTED = "".join(components(f'<component objectid="{n - 1}"/>', object_id=n) for n in range(2, 40))
WIDE = "".join(components(*[f'<component objectid="{n - 1}"/>'] * 10, object_id=n) for n in range(2, 9))
DOUBLE = "".join(components(*[f'<component objectid="{n - 1}"/>'] * 2, object_id=n) for n in range(2, 16))
REFUSED: dict[str, tuple[str, Refusal]] = {
    "itself": (model_xml(components('<component objectid="2"/>'), '<item objectid="2"/>'), Refusal.COMPONENT_LOOP),
    "each other": (
        model_xml(
            components('<component objectid="3"/>') + components('<component objectid="2"/>', object_id=3),
            '<item objectid="3"/>',
        ),
        Refusal.COMPONENT_LOOP,
    ),
    "too deep": (model_xml(CUBE_OBJECT + NESTED, '<item objectid="39"/>'), Refusal.COMPONENT_LOOP),
    "too deep, shallow first": (
        model_xml(CUBE_OBJECT + NESTED, '<item objectid="9"/><item objectid="16"/><item objectid="24"/>'),
        Refusal.COMPONENT_LOOP,
    ),
    "ten million": (model_xml(CUBE_OBJECT + WIDE, '<item objectid="8"/>'), Refusal.TOO_MANY_INSTANCES),
    "empty ones": (model_xml("<object id='1'/>" + DOUBLE, '<item objectid="15"/>'), Refusal.TOO_MANY_INSTANCES),
    "items": (model_xml(build='<item objectid="1"/>' * 10_001), Refusal.TOO_MANY_INSTANCES),
    "missing object": (model_xml(build='<item objectid="77"/>'), Refusal.MISSING_OBJECT),
    "missing part": (model_xml(components('<component objectid="1" p:path="/../../etc/passwd"/>')
                     , '<item objectid="2"/>'), Refusal.MISSING_PART),
    "nothing on the plate": (model_xml(build=""), Refusal.NO_TRIANGLES),
    "no mesh": (model_xml('<object id="1"><mesh/></object>'), Refusal.NO_TRIANGLES),
    "unit": (model_xml(unit="parsec"), Refusal.BAD_UNIT),
    "flat": (model_xml(build='<item objectid="1" transform="0 0 0 0 0 0 0 0 0 0 0 0"/>'), Refusal.BAD_TRANSFORM),
    "short": (model_xml(build='<item objectid="1" transform="1 0 0"/>'), Refusal.BAD_TRANSFORM),
    "nan": (model_xml(build='<item objectid="1" transform="nan 0 0 0 1 0 0 0 1 0 0 0"/>'), Refusal.BAD_TRANSFORM),
    "words": (model_xml(build='<item objectid="1" transform="a 0 0 0 1 0 0 0 1 0 0 0"/>'), Refusal.BAD_TRANSFORM),
    "far": (model_xml(build='<item objectid="1" transform="1 0 0 0 1 0 0 0 1 9e9 0 0"/>'), Refusal.ABSURD_COORDINATES),
    "no XML": ("hello", Refusal.XML_BROKEN),
    "XML cut off": (model_xml()[:-30], Refusal.XML_BROKEN),
    "other XML": ("<svg/>", Refusal.XML_BROKEN),
    "list without end": (model_xml().replace("</triangles>", ""), Refusal.XML_BROKEN),
    "no number of a corner": (model_xml().replace(' x="0.0"', "", 1), Refusal.XML_BROKEN),
    "same id twice": (model_xml(CUBE_OBJECT * 2), Refusal.XML_BROKEN),
    "unknown encoding": (model_xml().replace("UTF-8", "klingon"), Refusal.XML_BROKEN),
    "unknown entity": (model_xml().replace('x="0.0"', 'x="&a;"', 1), Refusal.XML_BROKEN),
}  # fmt: skip


@pytest.mark.parametrize("what", list(REFUSED))
def test_what_is_refused(tmp_path: Path, what: str) -> None:
    xml, code = REFUSED[what]
    assert refusal(tmp_path, threemf(xml)) == code


def test_triangles_are_counted_before_they_are_multiplied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("printlab.geometry.parts.MAX_TRIANGLES", 12 * 9_999)
    inner = components(*['<component objectid="1"/>'] * 5_000)
    content = threemf(model_xml(CUBE_OBJECT + inner, '<item objectid="2"/><item objectid="2"/>'))
    assert refusal(tmp_path, content) in (Refusal.TOO_MANY_TRIANGLES, Refusal.TOO_MANY_INSTANCES)


def test_zip_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = package({"3D/3dmodel.model": model_xml(), **{f"m/{n}": "" for n in range(2000)}})
    assert refusal(tmp_path, many) == Refusal.ZIP_TOO_MANY_MEMBERS
    monkeypatch.setattr("printlab.geometry.zipped.ZIP_MAX_INFLATED_BYTES", 100_000)
    other = model_xml(CUBE_OBJECT + " " * 60_000, "")
    both = model_xml('<object id="2"/>' + " " * 60_000, '<item objectid="1" p:path="/3D/other.model"/>')
    content = package({"3D/3dmodel.model": both, "3D/other.model": other})
    assert refusal(tmp_path, content) == Refusal.ZIP_TOO_LARGE
    unread = package({"3D/3dmodel.model": model_xml(), "Metadata/thumbnail.png": " " * 200_000})
    assert read_bytes(tmp_path, unread).triangles == 12


def test_damaged_zips(tmp_path: Path) -> None:
    content = threemf()
    assert refusal(tmp_path, content[: len(content) // 2]) == Refusal.ZIP_CORRUPT
    assert refusal(tmp_path, archive({"readme.txt": b"hello"})) == Refusal.UNKNOWN_FORMAT
    locked = bytearray(content)
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = -1
        while (at := locked.find(signature, at + 1)) >= 0:
            locked[at + offset] |= 1
    assert refusal(tmp_path, bytes(locked)) == Refusal.ZIP_ENCRYPTED
