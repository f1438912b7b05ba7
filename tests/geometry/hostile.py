"""Files that mean harm, or are broken in a way that does: how each is written, and what may come of it."""

from __future__ import annotations

import random
import resource
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from printlab.geometry.reading import read
from printlab.geometry.refusals import ModelRefused
from tests.files_made import archive
from tests.geometry.model_files import (
    CUBE_OBJECT,
    CUBE_XML,
    binary_stl,
    cube,
    model_xml,
    obj,
    package,
    text_stl,
    threemf,
)

OK = "ok"
MEMORY_LIMIT = 4 << 30
Content = Callable[[], bytes]
CORNERS, FACES = cube()
CUBE = CORNERS[FACES]
STL, TEXT, OBJ = binary_stl(CUBE), text_stl(CUBE), obj(CORNERS, FACES.tolist())
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Hostile:
    """A file and what may come of it: codes of refusals, or ``ok``."""

    name: str
    write: Callable[[Path], object]
    outcomes: frozenset[str]


def _file(name: str, outcomes: str, content: bytes | str | Content) -> Hostile:
    def write(path: Path) -> object:
        made = content() if callable(content) else content
        return path.write_bytes(made.encode() if isinstance(made, str) else made)

    return Hostile(name, write, frozenset(outcomes.split()))


def files() -> Iterator[Hostile]:
    """All of them."""
    yield from _xml()
    yield from _components()
    yield from _numbers()
    yield from _zips()
    yield from _binary_stl()
    yield from _text_stl()
    yield from _obj()
    yield from _strangers()


def _xml() -> Iterator[Hostile]:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11))
    laughs = f'<!DOCTYPE lolz [<!ENTITY a0 "lol">{levels}]>'
    long = f'<!DOCTYPE b [<!ENTITY a "{"A" * 100_000}">]>'
    outside = '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    remote = '<!DOCTYPE m SYSTEM "http://127.0.0.1:9/evil.dtd">'
    parameter = '<!DOCTYPE m [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>'
    for name, doctype, title in (
        ("billion laughs", laughs, "&a10;"),
        ("quadratic entity", long, "&a;" * 100_000),
        ("file as entity", outside, "&x;"),
        ("document type from afar", remote, ""),
        ("parameter entity", parameter, ""),
    ):
        xml = _titled(title).replace("<model", doctype + "<model", 1)
        yield _file(f"xml {name}", "xml_doctype", lambda xml=xml: threemf(xml))
        wide = xml.replace("UTF-8", "UTF-16").encode("utf-16")
        yield _file(f"xml {name} in UTF-16", "xml_doctype", lambda wide=wide: threemf(wide))
    yield _file("xml deep nesting", OK, lambda: threemf(_before("<a>" * 200_000 + "</a>" * 200_000)))
    yield _file("xml deep nesting left open", "xml_broken", lambda: threemf(_before("<a>" * 500_000)))
    yield _file("xml huge attribute", OK, lambda: threemf(_before(f'<metadata name="{"x" * 30_000_000}">t</metadata>')))
    many = " ".join(f'a{n}="1"' for n in range(200_000))
    yield _file("xml many attributes", OK, lambda: threemf(_before(f"<metadata {many}>t</metadata>")))
    yield _file("xml many elements", OK, lambda: threemf(_before("<a/>" * 3_000_000)))
    yield _file("xml huge text", OK, lambda: threemf(_titled("x" * 50_000_000)))
    yield _file("xml many names", OK, lambda: threemf(_before("".join(f"<n{n}/>" for n in range(300_000)))))
    yield _file("xml is none", "xml_broken", lambda: threemf("hello world"))
    yield _file("xml of zeros", "xml_broken", lambda: threemf(b"\0" * 1000))
    yield _file("xml empty", "xml_broken", lambda: threemf(b""))
    yield _file("xml cut off", "xml_broken", lambda: threemf(model_xml()[:-100]))
    yield _file("xml two roots", "xml_broken", lambda: threemf(model_xml() * 2))
    yield _file("xml bad UTF-8", "xml_broken", lambda: threemf(model_xml().encode().replace(b"Cube", b"\xff\xfe")))
    yield _file("xml unknown encoding", "xml_broken", lambda: threemf(model_xml().replace("UTF-8", "x-none")))
    yield _file("xml other characters", "ok xml_broken", lambda: threemf(_ebcdic()))
    yield _file("xml comment with a list", OK, lambda: threemf(_before("<!-- <vertices><vertex/></vertices> -->")))
    yield _file("xml open comment", "xml_broken", lambda: threemf(_before("<!-- <vertices>")))
    yield _file("xml many lists", OK, lambda: threemf(_before("<vertices></vertices>" * 300_000)))
    yield _file("xml many open lists", "xml_broken", lambda: threemf(_before("<vertices>" * 300_000)))
    yield _file("xml foreign instruction", OK, lambda: threemf(_before("<?printlab-cut 0?>")))
    relationships = {"_rels/.rels": b"<!DOCTYPE r><r/>", "3D/3dmodel.model": model_xml().encode()}
    yield _file("xml relationships with a document type", "xml_doctype", lambda: archive(relationships))


def _titled(title: str) -> str:
    return _before(f'<metadata name="Title">{title}</metadata>')


def _before(more: str) -> str:
    """The model with something before its resources."""
    return model_xml().replace("<resources>", more + "<resources>")


def _ebcdic() -> bytes:
    return model_xml().replace("UTF-8", "cp037").encode("cp037")


def _component_chain(length: int, copies: int) -> str:
    resources = [CUBE_OBJECT]
    for number in range(2, length + 2):
        inner = f'<component objectid="{number - 1}"/>' * copies
        resources.append(f'<object id="{number}" type="model"><components>{inner}</components></object>')
    return model_xml("".join(resources), f'<item objectid="{length + 1}"/>')


def _components() -> Iterator[Hostile]:
    def one(object_id: int, inner: int) -> str:
        return f'<object id="{object_id}"><components><component objectid="{inner}"/></components></object>'

    too_many = "component_loop too_many_instances too_many_triangles"
    yield _file("components: itself", "component_loop", lambda: threemf(model_xml(one(2, 2), '<item objectid="2"/>')))
    both = one(2, 3) + one(3, 2)
    yield _file("components: each other", "component_loop", lambda: threemf(model_xml(both, '<item objectid="2"/>')))
    ring = "".join(one(n, n + 1) for n in range(2, 2000)) + one(2000, 2)
    yield _file("components: ring", "component_loop", lambda: threemf(model_xml(ring, '<item objectid="2"/>')))
    yield _file("components: 2 to the 30th", too_many, lambda: threemf(_component_chain(30, 2)))
    yield _file("components: 2 to the 14th", too_many, lambda: threemf(_component_chain(14, 2)))
    yield _file("components: 10 to the 7th", too_many, lambda: threemf(_component_chain(7, 10)))
    yield _file("components: 1000 to the 5th", too_many, lambda: threemf(_component_chain(5, 1000)))
    yield _file("components: chain of 5000", "component_loop", lambda: threemf(_component_chain(5000, 1)))
    yield _file("components: deep and allowed", OK, lambda: threemf(_component_chain(15, 1)))
    empty = _component_chain(30, 2).replace(CUBE_XML, "")
    yield _file("components: many of nothing", "component_loop too_many_instances", lambda: threemf(empty))
    million = '<item objectid="1"/>' * 1_000_000
    yield _file("items: a million", "too_many_instances", lambda: threemf(model_xml(build=million)))
    objects = "".join(f'<object id="{n}">{CUBE_XML}</object>' for n in range(1, 20_001))
    placed = "".join(f'<item objectid="{n}"/>' for n in range(1, 20_001))
    yield _file("items: 20 000 objects", "too_many_instances", lambda: threemf(model_xml(objects, placed)))
    idle = "".join(f'<object id="{n}">{CUBE_XML}</object>' for n in range(2, 20_001))
    yield _file("objects: 20 000 unused", OK, lambda: threemf(model_xml(CUBE_OBJECT + idle)))
    corners = '<vertex x="1" y="2" z="3"/>' * 500_000
    unused = CUBE_OBJECT.replace("</vertices>", corners + "</vertices>")
    yield _file(
        "items: many corners, again and again", OK, lambda: threemf(model_xml(unused, '<item objectid="1"/>' * 9_000))
    )
    here = '<item objectid="1" p:path="/3D/3dmodel.model"/>'
    yield _file("path: to itself", OK, lambda: threemf(model_xml(build=here)))
    for name, path in (
        ("above", "/../../../../etc/passwd"),
        ("device", "/dev/zero"),
        ("windows", "..\\..\\x"),
        ("nothing", ""),
    ):
        item = f'<item objectid="1" p:path="{path}"/>'
        yield _file(f"path: {name}", "missing_part", lambda item=item: threemf(model_xml(build=item)))
    a = model_xml(
        '<object id="2"><components><component objectid="2" p:path="/b.model"/></components></object>',
        '<item objectid="2"/>',
    )
    b = model_xml(
        '<object id="2"><components><component objectid="2" p:path="/3D/3dmodel.model"/></components></object>', ""
    )
    yield _file("path: ring of parts", "component_loop", lambda: package({"3D/3dmodel.model": a, "b.model": b}))


def _numbers() -> Iterator[Hostile]:
    wrong = "bad_number not_finite absurd_coordinates"
    for value in (
        "NaN",
        "INF",
        "1e400",
        "1e38",
        "0x10",
        "",
        "1,5",
        "\uff11",
        "9" * 1_000_000,
        "1e" + "9" * 1000,
        "-" * 1000,
    ):
        xml = model_xml().replace('x="10.0"', f'x="{value}"', 1)
        yield _file(f"corner {value[:8]!r} of {len(value)}", wrong, lambda xml=xml: threemf(xml))
    for value in ("-5", "4294967295", "9" * 30, "1e3", "", "0x1"):
        xml = model_xml().replace('v1="0"', f'v1="{value}"', 1)
        yield _file(f"index {value[:8]!r}", "bad_index bad_number", lambda xml=xml: threemf(xml))
    for name, value in (
        ("flat", "0 " * 12),
        ("short", "1 0 0"),
        ("nan", "nan " * 12),
        ("huge", "1e300 " * 12),
        ("endless", "1 " * 500_000),
    ):
        item = f'<item objectid="1" transform="{value}"/>'
        yield _file(f"transform {name}", "bad_transform", lambda item=item: threemf(model_xml(build=item)))
    yield _file("unit", "bad_unit", lambda: threemf(model_xml(unit="parsec")))
    yield _file("no build", "no_triangles", lambda: threemf(model_xml(build="")))
    yield _file("missing object", "missing_object", lambda: threemf(model_xml(build='<item objectid="77"/>')))
    bare = '<object id="1"><mesh><vertices/><triangles/></mesh></object>'
    yield _file("empty lists", "no_triangles", lambda: threemf(model_xml(bare)))
    yield _file("no lists", "no_triangles", lambda: threemf(model_xml('<object id="1"><mesh/></object>')))
    yield _file("config broken", OK, lambda: threemf(Metadata__model_settings_dot_config="<config><object id="))
    laughs = '<!DOCTYPE a [<!ENTITY b "c">]><config/>'
    yield _file("config with a document type", OK, lambda: threemf(Metadata__model_settings_dot_config=laughs))
    wild = (
        '<config><object id="1"><volume firstid="0" lastid="999999999">'
        '<metadata key="volume_type" value="x"/></volume></object></config>'
    )
    yield _file("config leaves out all", "no_triangles", lambda: threemf(Metadata__Slic3r_PE_model_dot_config=wild))


def _zips() -> Iterator[Hostile]:
    good = model_xml()
    yield Hostile(
        "zip bomb in the model", lambda path: _bomb(path, "3D/3dmodel.model", 3000), frozenset({"zip_too_large"})
    )
    yield Hostile("zip bomb beside it", lambda path: _bomb(path, "Metadata/thumbnail.png", 3000), frozenset({OK}))
    yield Hostile("zip 700 MB of blanks", lambda path: _bomb(path, "3D/3dmodel.model", 700), frozenset({OK}))
    yield Hostile("zip bomb that lies", _lying_bomb, frozenset({"zip_corrupt", "zip_too_large"}))
    members = {"3D/3dmodel.model": good} | {f"m/{n}": "" for n in range(30_000)}
    yield _file("zip many members", "zip_too_many_members", lambda: package(members))
    names = ["../../../x", "/etc/passwd", "..\\..\\y", "C:\\z", "3D/../../w", "con", "x" * 5000]
    yield _file("zip names above", OK, lambda: package({"3D/3dmodel.model": good} | dict.fromkeys(names, "x")))
    yield _file("zip cut off", "zip_corrupt", lambda: threemf()[:600])
    yield _file("zip end alone", "unknown_format", b"PK\5\6" + b"\0" * 18)
    yield _file("zip begins and is none", "zip_corrupt", b"PK\3\4" + b"\xff" * 500)
    yield _file(
        "zip directory elsewhere", "zip_corrupt", lambda: _patched(threemf(), b"PK\5\6", 16, b"\xff\xff\xff\x7f")
    )
    yield _file(
        "zip directory of no size",
        "zip_corrupt unknown_format",
        lambda: _patched(threemf(), b"PK\5\6", 12, b"\0\0\0\0"),
    )
    yield _file("zip locked", "zip_encrypted", lambda: _patched(threemf(), b"PK\1\2", 8, b"\1\0"))
    yield _file("zip method", "zip_corrupt", lambda: _patched(threemf(), b"PK\1\2", 10, b"\x0e\0"))
    yield _file("zip wrong sum", "zip_corrupt", lambda: _patched(threemf(), b"PK\1\2", 16, b"\0\0\0\0"))
    yield _file("zip lzma", "zip_corrupt", lambda: archive({"3D/3dmodel.model": good.encode()}, zipfile.ZIP_LZMA))
    yield _file("zip in a zip", "unknown_format", lambda: archive({"a.3mf": threemf()}))
    yield _file("zip doubled name", "zip_corrupt", lambda: _doubled(good.encode()))
    for seed in range(12):
        yield _file(f"zip bits turned {seed}", "", lambda seed=seed: _flipped(threemf(), seed))


def _bomb(path: Path, member: str, megabytes: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        if member != "3D/3dmodel.model":
            file.writestr("3D/3dmodel.model", model_xml())
        with file.open(member, "w", force_zip64=True) as inner:
            inner.write(model_xml().encode() if member.endswith(".model") else b"")
            for _ in range(megabytes):
                inner.write(b" " * MEGABYTE)


def _lying_bomb(path: Path) -> None:
    """Inflates to 1.5 GB and says 1000 bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        with file.open("3D/3dmodel.model", "w") as inner:
            inner.write(model_xml().encode())
            for _ in range(1500):
                inner.write(b" " * MEGABYTE)
        size = file.getinfo("3D/3dmodel.model").file_size
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", 1000)))


def _patched(content: bytes, signature: bytes, offset: int, new: bytes) -> bytes:
    changed = bytearray(content)
    at = -1
    while (at := changed.find(signature, at + 1)) >= 0:
        changed[at + offset : at + offset + len(new)] = new
    return bytes(changed)


def _doubled(model: bytes) -> bytes:
    content = archive({"3D/3dmodel.model": model, "3D/3dmodel.modeL": model})
    return content.replace(b"3dmodel.modeL", b"3dmodel.model")


def _flipped(content: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    changed = bytearray(content)
    for _ in range(20):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _binary_stl() -> Iterator[Hostile]:
    for count in (0, 2, 100_000_000, 0xFFFFFFFF):
        yield _file(f"stl count {count}", OK, lambda count=count: binary_stl(CUBE, count=count))
    yield _file("stl bytes behind", OK, STL + b"TRAILING" * 10)
    yield _file("stl cut off", OK, STL[:-30])
    yield _file("stl header like text", OK, binary_stl(CUBE, b"solid x facet normal 0 0 1 outer loop vertex"))
    for name, value in (("nan", np.nan), ("inf", np.inf), ("huge", 3e38)):
        corners = CUBE.copy()
        corners[5, 1, 2] = value
        yield _file(f"stl {name}", "not_finite absurd_coordinates", lambda corners=corners: binary_stl(corners))
    yield _file("stl all nan", "not_finite", lambda: binary_stl(np.full((50, 3, 3), np.nan)))
    yield _file("stl denormal", OK, lambda: binary_stl(CUBE * 1e-42))
    yield _file("stl one point", OK, lambda: binary_stl(np.full((1000, 3, 3), 5.0)))
    yield _file("stl header only", "no_triangles unknown_format", b"x" * 84)
    yield _file("stl header of zeros", "no_triangles", b"\0" * 84)
    yield _file("stl 83 bytes", "no_triangles", b"solid" + b"x" * 78)
    yield _file("stl fan on one edge", OK, _fan)
    yield _file("stl six million", "too_many_triangles", lambda: binary_stl(np.ones((6_000_000, 3, 3), np.float32)))


def _fan() -> bytes:
    angle = np.linspace(0, 6.28, 300_000)
    corners = np.zeros((len(angle), 3, 3))
    corners[:, 1, 0] = 10
    corners[:, 2, 0], corners[:, 2, 1] = np.cos(angle), np.sin(angle)
    return binary_stl(corners)


def _text_stl() -> Iterator[Hostile]:
    for value in ("nan", "inf", "1e400", "1e38", "1,5", "x", "0x1", "1" * 5_000_000):
        text = TEXT.replace(b"vertex 0 0 0", f"vertex {value} 0 0".encode(), 1)
        yield _file(f"text stl {value[:6]!r} of {len(value)}", "bad_number not_finite absurd_coordinates", text)
    yield _file(
        "text stl one endless facet",
        "no_triangles",
        lambda: b"solid a facet normal 0 0 1 outer loop " + b"vertex 1 0 0 " * 3_000_000,
    )
    yield _file("text stl endless name", "no_triangles", lambda: b"solid " + b"facet " * 5_000_000)
    yield _file("text stl words", "no_triangles", lambda: b"solid a\n" + b"vertex " * 5_000_000)
    yield _file("text stl ends of facets", "no_triangles", lambda: b"solid a\n" + b"endfacet " * 3_000_000)
    yield _file("text stl blanks", "no_triangles", lambda: b"solid a\nfacet" + b" " * 50_000_000)
    yield _file("text stl many solids", "no_triangles", lambda: b"solid a\nendsolid a\n" * 200_000)
    yield _file("text stl many solids of one facet", OK, lambda: TEXT * 10_000)
    yield _file("text stl two corners", OK, TEXT.replace(b"      vertex 0 0 0\n", b"", 1))
    yield _file("text stl begins with its end", OK, b"endsolid a\n" + TEXT)
    yield _file("text stl with zeros", "unknown_format", TEXT.replace(b"cube", b"\0\0\0\0"))
    yield _file("text stl six million", "too_many_triangles", lambda: text_stl(CUBE)[11:-14] * 510_000)


def _obj() -> Iterator[Hostile]:
    for face in (
        b"f -1 -2 -2147483648",
        b"f 1 2 2147483647",
        b"f 1 2 9223372036854775807",
        b"f 1 2 " + b"9" * 40,
        b"f 0 1 2",
        b"f 1 2",
    ):
        yield _file(f"obj {face[:20].decode()}", OK, OBJ + face + b"\n")
    yield _file("obj texture corners that are not there", OK, OBJ.replace(b"f 1 ", b"f 1/999999/-5 "))
    paths = (
        b"../../../../etc/passwd",
        b"/etc/shadow",
        b"http://127.0.0.1:9/x.mtl",
        b"file:///etc/passwd",
        b"/dev/zero",
    )
    yield _file("obj materials", OK, b"".join(b"mtllib " + path + b"\n" for path in paths) + b"usemtl a\n" + OBJ)
    yield _file("obj polygon of a million", OK, _million_corners)
    yield _file("obj star of 4000", OK, lambda: _star(4000, 1))
    yield _file("obj stars of 100", OK, lambda: _star(100, 3000))
    yield _file("obj polygon of one point", OK, lambda: OBJ + b"f" + b" 1" * 3000 + b"\n")
    yield _file(
        "obj polygons of all sizes", OK, lambda: OBJ + b"".join(b"f" + b" 1 2 3 7 5" * n + b"\n" for n in range(1, 500))
    )
    yield _file("obj nan", "not_finite", b"v nan 0 0\nv 1 inf 0\nv 0 1 0\nf 1 2 3\n")
    yield _file("obj corners only", "no_triangles", OBJ[: OBJ.index(b"f ")])
    yield _file("obj faces only", "bad_index", OBJ[OBJ.index(b"f ") :])
    yield _file("obj diary", "unknown_format", b"this is a diary\nf you\nv good\n" * 100)
    yield _file("obj long comment", OK, lambda: b"# " + b"x" * 30_000_000 + b"\n" + OBJ)
    yield _file("obj long line", "bad_number", lambda: OBJ + b"v " + b"1 " * 3 + b"x" * 10_000_000 + b"\n")
    yield _file(
        "obj many groups", OK, lambda: OBJ + b"".join(b"g g%d\nusemtl m%d\nf 1 2 3\n" % (n, n) for n in range(200_000))
    )
    yield _file("obj triangles and quads", OK, lambda: OBJ + b"f 1 2 3\nf 1 2 3 4\n" * 250_000)
    yield _file("obj ten million faces", "too_many_triangles", lambda: OBJ + b"f 1 2 3\nf -1 -2 -3\n" * 5_000_000)
    yield _file("obj goes on for ever", "no_triangles bad_number", lambda: b"v 1 2 3\nf \\\n" + b"\\\n" * 2_000_000)
    yield _file("obj twenty million corners", "too_many_triangles", lambda: b"v 1 2 3\n" * 20_000_000 + b"f 1 2 3\n")


def _million_corners() -> bytes:
    corners = b"".join(b"v %d %d 0\n" % (n % 1000, n // 1000) for n in range(1_000_000))
    return corners + b"f " + b" ".join(b"%d" % n for n in range(1, 1_000_001)) + b"\n"


def _star(corners: int, copies: int) -> bytes:
    angle = np.arange(corners) * 2 * np.pi / corners
    radius = np.where(np.arange(corners) % 2, 2.0, 10.0)
    places = np.stack([radius * np.cos(angle), radius * np.sin(angle), angle * 0], axis=1)
    return obj(places, [range(corners)] * copies)


def _strangers() -> Iterator[Hostile]:
    for name, content in (
        ("png", b"\x89PNG\r\n\x1a\n" + b"\1" * 5000),
        ("html", b"<html><script>alert(1)</script></html>" * 20),
        ("elf", b"\x7fELF" + b"\0" * 5000),
        ("pdf", b"%PDF-1.7\n" * 50),
        ("zeros", b"\0" * MEGABYTE),
        ("text", b"hello\n" * 1000),
        ("coff", b"\x64\x86" + random.Random(5).randbytes(4000)),
        ("random", random.Random(6).randbytes(200_000)),
        ("one byte", b"v"),
        ("UTF-16 mark", b"\xff\xfe"),
    ):
        yield _file(f"stranger {name}", "unknown_format", content)
    yield _file("stranger nothing", "empty", b"")
    yield _file("stranger g-code", "sliced_file", b"; made\nG28\nG1 X1 Y2 E3\n" * 100)
    yield _file("stranger binary g-code", "sliced_file", b"GCDE\1\0\0\0\1\0" + b"\0" * 500)
    sliced = {"Metadata/plate_1.gcode": b"G28\n", "3D/3dmodel.model": model_xml("", "").encode()}
    yield _file("stranger sliced project", "sliced_file", lambda: archive(sliced))


def main() -> None:
    """Read the file that is named, with little memory, and print the code of its refusal, or ``ok``."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    try:
        read(Path(sys.argv[1]))
    except ModelRefused as refused:
        sys.stdout.write(refused.code)
    else:
        sys.stdout.write(OK)


if __name__ == "__main__":
    main()
