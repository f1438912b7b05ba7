"""One model part of a 3MF package: objects, components and build items as they stand there, nothing put together.

3MF Core Specification 1.3 and Production Extension 1.1. Elements of other namespaces are passed over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from printlab.geometry import bulk, parts
from printlab.geometry.numerals import decimals, integers
from printlab.geometry.refusals import ModelRefused, Refusal

Transform = NDArray[np.float64]  # (4, 3): a point is a row, times the first three rows, plus the last
Attributes = dict[str, str]

_AGAIN = "Export the part again, or send it as STL."
_BLOCK = 1 << 20
_AT_ONCE = 300_000  # numbers
IDENTITY = np.vstack([np.eye(3), np.zeros(3)])


@dataclass(frozen=True, slots=True)
class Reference:
    """An object that a component or a build item asks for; ``path`` where it is in another part of the package."""

    path: str | None
    object_id: str
    transform: Transform
    printable: bool = True


@dataclass(slots=True)
class ModelObject:
    """An object resource: a mesh, or components, or neither."""

    object_id: str
    kind: str
    name: str
    vertices: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))
    triangles: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    components: list[Reference] = field(default_factory=list[Reference])


@dataclass(slots=True)
class Document:
    """What a model part says."""

    unit: str = "millimeter"
    application: str | None = None
    objects: dict[str, ModelObject] = field(default_factory=dict[str, ModelObject])
    items: list[Reference] = field(default_factory=list[Reference])


def read(content: bytearray) -> Document:
    """The document in ``content``; raises ModelRefused where it is no XML, has a DOCTYPE, or bad numbers."""
    pieces, lists = bulk.cut(content)
    reader = _Reader(lists)
    parse(pieces, reader.start, reader.end, reader.text, reader.instruction)
    return reader.document


def parse(
    pieces: list[memoryview | bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None],
    text: Callable[[str], None] | None = None,
    instruction: Callable[[str, str], None] | None = None,
) -> None:
    """Parse XML; names come as “namespace name”. A DOCTYPE is refused: with it come entities and other files."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.ProcessingInstructionHandler = instruction
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for piece in pieces:
            for at in range(0, len(piece), _BLOCK):
                parser.Parse(piece[at : at + _BLOCK], False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise broken() from error


def broken() -> ModelRefused:
    """The refusal of XML that is none, or says too little."""
    return ModelRefused(Refusal.XML_BROKEN, f"The 3MF file is damaged: its model cannot be read. {_AGAIN}")


def _refuse_doctype(_name: str, _system: str | None, _public: str | None, _internal: bool) -> None:
    raise ModelRefused(Refusal.XML_DOCTYPE, f"The 3MF file holds a document type, which 3MF does not allow. {_AGAIN}")


class _Reader:
    """What the parser calls. Elements count in the place that the specification gives them, and nowhere else."""

    def __init__(self, lists: list[bulk.Rows]) -> None:
        self.document = Document()
        self._lists = lists
        self._open: list[str] = []
        self._core = ""
        self._object: ModelObject | None = None
        self._words: list[str] = []
        self._rows: list[bulk.Rows] = []
        self._count = 0
        self._kind: str | None = None
        self._metadata: list[str] | None = None
        self._starts: dict[tuple[str, str], Callable[[Attributes], None]] = {
            ("model", "metadata"): self._start_metadata,
            ("resources", "object"): self._start_object,
            ("components", "component"): self._start_component,
            ("build", "item"): self._start_item,
            ("mesh", bulk.VERTICES): self._start_vertices,
            ("mesh", bulk.TRIANGLES): self._start_triangles,
            (bulk.VERTICES, "vertex"): self._add_words,
            (bulk.TRIANGLES, "triangle"): self._add_words,
        }
        self._ends: dict[tuple[str, str], Callable[[], None]] = {
            ("model", "metadata"): self._end_metadata,
            ("resources", "object"): self._end_object,
            ("mesh", bulk.VERTICES): self._end_list,
            ("mesh", bulk.TRIANGLES): self._end_list,
        }

    def start(self, name: str, attributes: Attributes) -> None:
        if not self._open:
            self._start_model(name, attributes)
            return
        local = name[len(self._core) :] if name.startswith(self._core) else ""
        action = self._starts.get((self._open[-1], local))
        self._open.append(local)
        if action is not None:
            action(attributes)

    def end(self, _name: str) -> None:
        local = self._open.pop()
        action = self._ends.get((self._open[-1], local)) if self._open else None
        if action is not None:
            action()

    def text(self, text: str) -> None:
        if self._metadata is not None:
            self._metadata.append(text)

    def instruction(self, target: str, data: str) -> None:
        if self._open[-2:] != ["mesh", self._kind]:
            return  # a list of another namespace in a list of ours
        if target == bulk.CUT and data.isdecimal() and int(data) < len(self._lists):
            self._flush()
            self._add(self._lists[int(data)])

    def _start_model(self, name: str, attributes: Attributes) -> None:
        if name.rsplit(" ", maxsplit=1)[-1] != "model":
            raise broken()
        self._core = name[: -len("model")]
        self._open.append("model")
        self.document.unit = attributes.get("unit", "millimeter")

    def _start_metadata(self, attributes: Attributes) -> None:
        if attributes.get("name") == "Application":
            self._metadata = []

    def _end_metadata(self) -> None:
        if self._metadata is not None:
            self.document.application = "".join(self._metadata).strip() or None
            self._metadata = None

    def _start_object(self, attributes: Attributes) -> None:
        object_id = _asked(attributes, "id")
        if object_id in self.document.objects:
            raise broken()
        self._object = ModelObject(object_id, attributes.get("type", "model"), attributes.get("name", ""))
        self.document.objects[object_id] = self._object

    def _end_object(self) -> None:
        self._object = None

    def _start_component(self, attributes: Attributes) -> None:
        if self._object is not None:
            self._object.components.append(_reference(attributes))

    def _start_item(self, attributes: Attributes) -> None:
        self.document.items.append(_reference(attributes))

    def _start_vertices(self, _attributes: Attributes) -> None:
        self._kind = bulk.VERTICES

    def _start_triangles(self, _attributes: Attributes) -> None:
        self._kind = bulk.TRIANGLES

    def _add_words(self, attributes: Attributes) -> None:
        if self._kind is None or bulk.ELEMENT[self._kind] != self._open[-1]:
            return
        self._words += [_asked(attributes, name) for name in bulk.WANTED[self._kind]]
        if len(self._words) >= _AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        """Make rows of the words; raises ModelRefused where one is no number."""
        words, self._words = self._words, []
        if any(len(word.split()) != 1 for word in words):
            raise ModelRefused(Refusal.BAD_NUMBER, f"The 3MF file holds text where a number has to be. {_AGAIN}")
        text = "\n".join(words).encode("ascii", "replace")
        rows: bulk.Rows = decimals(text) if self._kind == bulk.VERTICES else integers(text)
        self._add(rows.reshape(-1, 3))

    def _add(self, rows: bulk.Rows) -> None:
        if self._kind is None:
            return
        self._count += len(rows)
        if self._count > bulk.MOST[self._kind]:
            parts.check_count(self._count)
        self._rows.append(rows)

    def _end_list(self) -> None:
        self._flush()
        rows = np.concatenate(self._rows) if len(self._rows) > 1 else self._rows[0]
        if self._object is not None and self._kind == bulk.VERTICES:
            self._object.vertices = rows.astype(np.float64, copy=False)
        elif self._object is not None:
            self._object.triangles = rows.astype(np.int64, copy=False)
        self._rows, self._count, self._kind = [], 0, None


def _asked(attributes: Attributes, name: str) -> str:
    value = attributes.get(name)
    if value is None:
        raise broken()
    return value


def _reference(attributes: Attributes) -> Reference:
    path = next((value for name, value in attributes.items() if name.endswith(" path")), None)
    printable = attributes.get("printable", "1").strip().lower() not in ("0", "false")
    return Reference(path, _asked(attributes, "objectid"), _transform(attributes.get("transform")), printable)


def _transform(text: str | None) -> Transform:
    """The matrix of a ``transform`` attribute; raises ModelRefused where it is none, or makes a part flat."""
    if text is None:
        return IDENTITY
    try:
        numbers = decimals(text.encode("ascii", "replace"))
    except ModelRefused:
        numbers = np.zeros(0)
    if len(numbers) != IDENTITY.size or not np.isfinite(numbers).all():
        raise ModelRefused(Refusal.BAD_TRANSFORM, f"The 3MF file places a part by numbers that are none. {_AGAIN}")
    return numbers.reshape(IDENTITY.shape)
