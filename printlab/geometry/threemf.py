"""3MF: from the package to one mesh for each build item, in millimetres."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from printlab.domain.model_facts import ModelFormat, Remark
from printlab.geometry import model_xml, parts, project
from printlab.geometry.limits import MAX_COMPONENT_DEPTH, MAX_INSTANCES
from printlab.geometry.mesh import Model
from printlab.geometry.model_xml import Document, ModelObject, Reference, Transform
from printlab.geometry.refusals import ModelRefused, Refusal
from printlab.geometry.zipped import Package

_MM = {"micron": 0.001, "millimeter": 1.0, "centimeter": 10.0, "inch": 25.4, "foot": 304.8, "meter": 1000.0}
_ROOT_TYPE = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
_RELATIONSHIPS, _USUAL_ROOT = "_rels/.rels", "3D/3dmodel.model"
_SL1 = "config.ini"  # of the layers for a resin printer, which come as a zip too
_NOT_PRINTED = ("support", "solidsupport", "other")
_AGAIN = "Export the part again, or send it as STL."

Mesh = tuple[NDArray[np.float64], NDArray[np.int32]]


def read(path: Path) -> Model:
    """The build items of a 3MF file, each a part; raises ModelRefused."""
    with Package(path) as package:
        try:
            return _Assembly(package, _root(package)).model()
        except ModelRefused as refused:
            empty = refused.code in (Refusal.NO_TRIANGLES, Refusal.MISSING_PART, Refusal.UNKNOWN_FORMAT)
            if empty and any(name.endswith(".gcode") or name == _SL1 for name in package.names()):
                raise parts.sliced() from refused
            raise


def _root(package: Package) -> str:
    """The model that the package is about; raises ModelRefused where there is none."""
    if not any(name.endswith(".model") for name in package.names()):
        raise ModelRefused(
            Refusal.UNKNOWN_FORMAT,
            "This is a zip archive without a model. Unpack it and send the STL, OBJ or 3MF file that is in it.",
        )
    targets: list[str] = []

    def start(name: str, attributes: model_xml.Attributes) -> None:
        if name.rsplit(" ", maxsplit=1)[-1] == "Relationship" and attributes.get("Type") == _ROOT_TYPE:
            targets.append(attributes.get("Target", ""))

    if _RELATIONSHIPS in package:
        model_xml.parse([memoryview(package.read(_RELATIONSHIPS))], start, lambda _name: None)
    return _resolved("/", targets[0]) if targets else f"/{_USUAL_ROOT}"


def _resolved(source: str, target: str) -> str:
    """The name of a part in lower case, ``target`` seen from the part ``source``; never above the package's root."""
    joined = posixpath.join(posixpath.dirname(source), unquote(target).replace("\\", "/"))
    return posixpath.normpath("/" + joined.lstrip("/")).lower()


@dataclass(frozen=True, slots=True)
class _Extent:
    """How much an object comes to with all that it is made of."""

    triangles: int
    instances: int
    height: int


class _Assembly:
    """Objects looked up across model parts, counted before anything is multiplied, then put where the items say."""

    def __init__(self, package: Package, root: str) -> None:
        self._package = package
        self._root = root
        self._documents: dict[str, Document] = {}
        self._extents: dict[tuple[str, str], _Extent] = {}
        self._meshes: dict[tuple[str, str], Mesh] = {}
        self._remarks: set[Remark] = set()
        self._instance_of: dict[int, int] = {}

    def model(self) -> Model:
        document = self._document(self._root)
        settings = project.read(self._package)
        if settings.leave_out(document):
            self._remarks.add(Remark.LEFT_OUT)
        if document.unit not in _MM:
            raise ModelRefused(Refusal.BAD_UNIT, f"The 3MF file measures in a unit that 3MF does not have. {_AGAIN}")
        items = list(self._printed(document))
        self._check_extent(items)
        meshes = ((name, self._mesh_of(item)) for item, name in self._named(items, settings))
        made = [parts.part(name, *mesh) for name, mesh in meshes if mesh is not None]
        parts.check_count(sum(len(part.faces) for part in made))
        return Model(ModelFormat.THREE_MF, tuple(made), document.unit, document.application, frozenset(self._remarks))

    def _document(self, path: str) -> Document:
        found = self._documents.get(path)
        if found is None:
            found = self._documents[path] = model_xml.read(self._package.read(path))
        return found

    def _object(self, path: str, object_id: str) -> ModelObject:
        found = self._document(path).objects.get(object_id)
        if found is None:
            raise ModelRefused(
                Refusal.MISSING_OBJECT, f"The 3MF file puts an object on the plate that is not in it. {_AGAIN}"
            )
        return found

    def _place(self, source: str, reference: Reference) -> tuple[str, str]:
        path = source if reference.path is None else _resolved(source, reference.path)
        return path, reference.object_id

    def _is_printed(self, place: tuple[str, str]) -> bool:
        printed = self._object(*place).kind not in _NOT_PRINTED
        if not printed:
            self._remarks.add(Remark.LEFT_OUT)
        return printed

    def _printed(self, document: Document) -> Iterator[Reference]:
        seen = Counter[str]()
        for item in document.items:
            self._instance_of[id(item)] = seen[
                item.object_id
            ]  # those that are not printed are counted in the settings too
            seen[item.object_id] += 1
            if not item.printable:
                self._remarks.add(Remark.LEFT_OUT)
            elif self._is_printed(self._place(self._root, item)):
                yield item

    def _check_extent(self, items: list[Reference]) -> None:
        """Refuse what would be too much, before any of it is made; raises ModelRefused."""
        triangles = instances = 0
        for item in items:
            extent = self._extent(self._place(self._root, item), ())
            triangles += extent.triangles
            instances += extent.instances
        if instances > MAX_INSTANCES:
            raise ModelRefused(
                Refusal.TOO_MANY_INSTANCES,
                f"The 3MF file repeats its objects more than {MAX_INSTANCES} times. Put fewer copies on the plate.",
            )
        parts.check_count(triangles)

    def _extent(self, place: tuple[str, str], above: tuple[tuple[str, str], ...]) -> _Extent:
        known = self._extents.get(place)
        if place in above or len(above) + (known.height if known else 1) > MAX_COMPONENT_DEPTH:
            raise ModelRefused(
                Refusal.COMPONENT_LOOP,
                f"The objects of the 3MF file contain one another, or more than {MAX_COMPONENT_DEPTH} deep. {_AGAIN}",
            )
        if known is None:
            known = self._extents[place] = self._sum(place, above)
        return known

    def _sum(self, place: tuple[str, str], above: tuple[tuple[str, str], ...]) -> _Extent:
        one = self._object(*place)
        triangles, instances, height = len(one.triangles), 1, 0
        for component in one.components:
            inner = self._place(place[0], component)
            if self._is_printed(inner):
                extent = self._extent(inner, (*above, place))
                triangles += extent.triangles
                instances += extent.instances
                height = max(height, extent.height)
        return _Extent(triangles, instances, height + 1)

    def _named(self, items: list[Reference], settings: project.Project) -> Iterator[tuple[Reference, str]]:
        for item in items:
            one = self._object(*self._place(self._root, item))
            name = settings.names.get(item.object_id) if item.path is None else None
            yield item, (name or one.name) + settings.label(item.object_id, self._instance_of[id(item)])

    def _mesh_of(self, item: Reference) -> Mesh | None:
        """The item as one mesh in mm, where the file puts it; None where it has no triangles."""
        vertices: list[NDArray[np.float64]] = []
        faces: list[NDArray[np.int32]] = []
        count = 0
        to_mm = model_xml.IDENTITY * _MM[self._document(self._root).unit]
        for place, transform in self._instances(self._place(self._root, item), _combined(item.transform, to_mm)):
            corners, triangles = self._placed(place, transform)
            vertices.append(corners)
            faces.append(triangles + np.int32(count) if count else triangles)
            count += len(corners)
        if not vertices:
            return None
        return (vertices[0], faces[0]) if len(vertices) == 1 else (np.concatenate(vertices), np.concatenate(faces))

    def _instances(self, place: tuple[str, str], transform: Transform) -> Iterator[tuple[tuple[str, str], Transform]]:
        """Every mesh that an object comes to, and where; ``_check_extent`` has bounded how deep and how many."""
        one = self._object(*place)
        if len(one.triangles):
            yield place, transform
        for component in one.components:
            inner = self._place(place[0], component)
            if self._is_printed(inner):
                yield from self._instances(inner, _combined(component.transform, transform))

    def _placed(self, place: tuple[str, str], transform: Transform) -> Mesh:
        vertices, faces = self._mesh(place)
        with np.errstate(all="ignore"):
            turned = float(np.dot(np.cross(transform[0], transform[1]), transform[2]))
            if turned == 0 or not np.isfinite(turned):
                raise ModelRefused(Refusal.BAD_TRANSFORM, f"The 3MF file presses a part flat or blows it up. {_AGAIN}")
            if not np.array_equal(transform, model_xml.IDENTITY):
                vertices = vertices @ transform[:3] + transform[3]
        if turned < 0:
            self._remarks.add(Remark.MIRRORED)
            faces = np.ascontiguousarray(faces[:, ::-1])
        return vertices, faces

    def _mesh(self, place: tuple[str, str]) -> Mesh:
        """An object's own mesh, without the corners that no triangle names; raises ModelRefused."""
        found = self._meshes.get(place)
        if found is None:
            one = self._object(*place)
            if one.triangles.min() < 0 or one.triangles.max() >= len(one.vertices):
                raise ModelRefused(
                    Refusal.BAD_INDEX, f"Triangles of the 3MF file name corners that are not in it. {_AGAIN}"
                )
            found = self._meshes[place] = parts.used(one.vertices, one.triangles.astype(np.int32))
            one.vertices = found[0]
        return found


def _combined(inner: Transform, outer: Transform) -> Transform:
    """First ``inner``, then ``outer``."""
    with np.errstate(all="ignore"):
        return np.vstack([inner[:3] @ outer[:3], inner[3:] @ outer[:3] + outer[3]])
