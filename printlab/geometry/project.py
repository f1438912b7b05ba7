"""What slicers write beside the model of their projects: names, plates, and which pieces are no material.

Bambu Studio and Orca: ``Metadata/model_settings.config``; PrusaSlicer: ``Metadata/Slic3r_PE_model.config``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from printlab.geometry.model_xml import Attributes, Document, ModelObject, parse
from printlab.geometry.refusals import ModelRefused
from printlab.geometry.zipped import Package

FILES = ("Metadata/model_settings.config", "Metadata/Slic3r_PE_model.config", "Metadata/Prusa_Slicer_model.config")
_MATERIAL = ("normal_part", "modelpart", "")


@dataclass(slots=True)
class _Piece:
    """A volume of an object: a component (Bambu, by its object) or a range of triangles (PrusaSlicer)."""

    part_id: str | None
    first: int
    last: int
    kind: str = ""

    @property
    def is_material(self) -> bool:
        return self.kind.lower() in _MATERIAL


@dataclass(slots=True)
class Project:
    """By the id of an object in the root model: its name, its pieces, the plates of its instances in their order."""

    names: dict[str, str] = field(default_factory=dict[str, str])
    pieces: dict[str, list[_Piece]] = field(default_factory=dict[str, list[_Piece]])
    plates: dict[str, dict[int, str]] = field(default_factory=dict[str, dict[int, str]])

    def leave_out(self, document: Document) -> bool:
        """Take from the document what is no material: modifiers, negative volumes, supports. Whether there was any."""
        found = [
            self._leave_out_of(document.objects[object_id], pieces)
            for object_id, pieces in self.pieces.items()
            if object_id in document.objects
        ]
        return any(found)

    def label(self, object_id: str, instance: int) -> str:
        """“ (plate 2)” where the project has several plates and says on which one the instance stands."""
        numbers = {plate for plates in self.plates.values() for plate in plates.values()}
        plate = self.plates.get(object_id, {}).get(instance)
        return f" (plate {plate})" if plate and len(numbers) > 1 else ""

    def _leave_out_of(self, one: ModelObject, pieces: list[_Piece]) -> bool:
        if all(piece.is_material for piece in pieces):
            return False
        if one.components:
            by_id = {piece.part_id: piece for piece in pieces}
            ids = [component.object_id for component in one.components]
            in_order = len(pieces) == len(ids) and not set(ids) <= set(by_id)
            chosen = pieces if in_order else [by_id.get(object_id) for object_id in ids]
            one.components = [
                component
                for component, piece in zip(one.components, chosen, strict=True)
                if piece is None or piece.is_material
            ]
        if len(one.triangles):
            kept = np.ones(len(one.triangles), np.bool_)
            for piece in pieces:
                if not piece.is_material and 0 <= piece.first <= piece.last:
                    kept[piece.first : piece.last + 1] = False
            one.triangles = one.triangles[kept]
        return True


def read(package: Package) -> Project:
    """What the settings files say; a file that cannot be read says nothing, for the model does not need it."""
    project = Project()
    for name in FILES:
        reader = _Reader(project)
        try:
            if name in package:
                parse([memoryview(package.read(name))], reader.start, reader.end)
        except ModelRefused:
            continue
    return project


class _Reader:
    """What the parser calls."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._open: list[str] = []
        self._object_id = ""
        self._plate = ""
        self._instance: dict[str, str] = {}
        self._actions: dict[str, Callable[[Attributes], None]] = {
            "object": self._start_object,
            "part": self._start_piece,
            "volume": self._start_piece,
            "metadata": self._metadata,
        }

    def start(self, name: str, attributes: Attributes) -> None:
        action = self._actions.get(name)
        if action is not None:
            action(attributes)
        self._open.append(name)

    def end(self, name: str) -> None:
        self._open.pop()
        if name == "model_instance" and _number(self._instance.get("instance_id", "0")) is not None:
            instances = self._project.plates.setdefault(self._instance.get("object_id", ""), {})
            instances[_number(self._instance.get("instance_id", "0")) or 0] = self._plate
            self._instance = {}

    def _start_object(self, attributes: Attributes) -> None:
        self._object_id = attributes.get("id", "")

    def _start_piece(self, attributes: Attributes) -> None:
        first, last = (_number(attributes.get(name, "")) for name in ("firstid", "lastid"))
        piece = _Piece(
            attributes.get("id"),
            -1 if first is None else first,
            -1 if last is None else last,
            attributes.get("subtype", ""),
        )
        self._project.pieces.setdefault(self._object_id, []).append(piece)

    def _metadata(self, attributes: Attributes) -> None:
        key, value = attributes.get("key", ""), attributes.get("value", "")
        within = self._open[-1] if self._open else ""
        if within == "object" and key == "name" and value:
            self._project.names[self._object_id] = value
        elif within == "volume" and key in ("volume_type", "modifier"):
            self._set_kind(key, value)
        elif within == "plate" and key == "plater_id":
            self._plate = value
        elif within == "model_instance":
            self._instance[key] = value

    def _set_kind(self, key: str, value: str) -> None:
        pieces = self._project.pieces.get(self._object_id)
        if pieces and (key == "volume_type" or value == "1"):
            pieces[-1].kind = value if key == "volume_type" else "modifier"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
