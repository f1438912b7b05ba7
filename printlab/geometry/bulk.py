"""The long lists of a 3MF model, corners and triangles, read as bytes where that is certain to be what XML says.

It is where every element of a list is written like the first one, but for what stands between the quotes. All else is
left to the parser: comments among them, entities, attributes that only some have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from printlab.geometry import parts
from printlab.geometry.limits import MAX_TRIANGLES
from printlab.geometry.numerals import decimals, integers
from printlab.geometry.refusals import ModelRefused

Rows = NDArray[np.float64 | np.int64]  # (n, 3)
Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

VERTICES, TRIANGLES = "vertices", "triangles"
WANTED = {VERTICES: ("x", "y", "z"), TRIANGLES: ("v1", "v2", "v3")}
ELEMENT = {VERTICES: "vertex", TRIANGLES: "triangle"}
MOST = {VERTICES: 3 * MAX_TRIANGLES, TRIANGLES: MAX_TRIANGLES}
CUT = "printlab-cut"
"""Target of the processing instruction that stands where a list was; its data is the list's number."""

_LIST = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?)(vertices|triangles)\s*>")
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)")
_LIKE_ASCII = (b"utf-8", b"us-ascii", b"iso-8859-1")
# What may hold text that looks like elements and is none, and how each ends.
_LITERAL = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"), (b"<!DOCTYPE", b">"))
_AT_ONCE = 2 << 20  # bytes
_WORTH_IT = 4096  # bytes; the parser is faster with less
_SPACE = ord(" ")


@dataclass(frozen=True, slots=True)
class _Pattern:
    """How an element is written: up to its first quote, between two values, behind its last quote."""

    quote: int
    opening: bytes
    between: tuple[bytes, ...]
    closing: bytes
    wanted: tuple[int, ...]  # which of its values are the three numbers, in their order


def cut(content: bytearray) -> tuple[list[memoryview | bytes], list[Rows]]:
    """The document without its long lists, in pieces, and the lists; none is cut where it is not certain. Refuses."""
    whole = memoryview(content)
    pieces: list[memoryview | bytes] = []
    lists: list[Rows] = []
    written = 0
    for start, end, kind, prefix in _lists(content):
        rows = _rows(content, start, end, kind, prefix)
        if rows is not None:
            pieces += [whole[written:start], f"<?{CUT} {len(lists)}?>".encode()]
            lists.append(rows)
            written = end
    return [*pieces, whole[written:]], lists


def _lists(content: bytearray) -> Iterator[tuple[int, int, str, bytes]]:
    """Where lists begin and end, what they hold, and the prefix of their names, behind the last literal text."""
    encoding = _ENCODING.search(content, 0, 200)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:4] or CUT.encode() in content:
        return
    if encoding is not None and encoding[1].lower() not in _LIKE_ASCII:
        return
    at = _behind_literals(content)
    while (found := _LIST.search(content, at)) is not None:
        end = content.find(b"</" + found[1] + found[2], found.end())
        if end < 0:
            return
        if end - found.end() >= _WORTH_IT:
            yield found.end(), end, found[2].decode(), found[1]
        at = end


def _behind_literals(content: bytearray) -> int:
    behind = 0
    for opening, closing in _LITERAL:
        last = content.rfind(opening) if opening in content else -1
        if last >= 0:
            end = content.find(closing, last + len(opening))
            behind = max(behind, end if end >= 0 else len(content))
    return behind


def _rows(content: bytearray, start: int, end: int, kind: str, prefix: bytes) -> Rows | None:
    """The numbers of the list between two places, (n, 3); None where only the parser can tell them."""
    name = prefix + ELEMENT[kind].encode()
    pattern = _pattern(content, start, end, name, WANTED[kind])
    if pattern is None:
        return None
    read = decimals if kind == VERTICES else integers
    found: list[Rows] = []
    count = 0
    for first, behind in _cuts(content, start, end, b"<" + name):
        text = _values(np.frombuffer(content, np.uint8, behind - first, first), pattern)
        if text is None:
            return None
        try:
            numbers = read(text)
        except ModelRefused:
            return None
        count += len(numbers) // 3
        if count > MOST[kind]:
            parts.check_count(count)
        found.append(numbers.reshape(-1, 3)[:, np.argsort(pattern.wanted).argsort()])
    return np.concatenate(found)


def _cuts(content: bytearray, start: int, end: int, opening: bytes) -> Iterator[tuple[int, int]]:
    """Pieces of the list, each of whole elements."""
    while start < end:
        behind = end if end - start <= _AT_ONCE else content.rfind(opening, start + 1, start + _AT_ONCE)
        if behind <= start:
            behind = end
        yield start, behind
        start = behind


def _pattern(content: bytearray, start: int, end: int, name: bytes, wanted: tuple[str, ...]) -> _Pattern | None:
    """How the first element of the list is written; None where there is none, or it is no plain one."""
    first = content.find(b"<" + name, start, end)
    if first < 0 or content[start:first].strip():
        return None
    second = content.find(b"<" + name, first + 1, end)
    element = bytes(content[first : second if second >= 0 else end])
    attributes = _attributes(element, name.decode())
    quotes = [quote for quote in b"\"'" if quote in element]
    if attributes is None or len(quotes) != 1 or not set(wanted) <= set(attributes):
        return None
    pieces = element.split(bytes(quotes))
    if len(pieces) != 2 * len(attributes) + 1:
        return None
    places = tuple(attributes.index(attribute) for attribute in wanted)
    return _Pattern(quotes[0], pieces[0], tuple(pieces[2:-1:2]), pieces[-1], places)


def _attributes(element: bytes, name: str) -> list[str] | None:
    """The names of its attributes as they stand; None where it is not one empty element."""
    elements: list[tuple[str, list[str]]] = []
    parser = expat.ParserCreate()
    parser.ordered_attributes = True

    def start(tag: str, attributes: list[str]) -> None:
        elements.append((tag, attributes[::2]))

    parser.StartElementHandler = start
    try:
        parser.Parse(b"<list>" + element + b"</list>", True)
    except expat.ExpatError:
        return None
    if len(elements) != 2 or elements[1][0] != name or any(one.startswith("xmlns") for one in elements[1][1]):
        return None
    return elements[1][1]


def _values(characters: Bytes, pattern: _Pattern) -> bytes | None:
    """The wanted values, set apart by spaces; None where an element is not written like the pattern."""
    quotes = np.flatnonzero(characters == pattern.quote)
    a_row = 2 * len(pattern.between) + 2
    if len(quotes) == 0 or len(quotes) % a_row:
        return None
    quotes = quotes.reshape(-1, a_row)
    if not _all_alike(characters, quotes, pattern):
        return None
    opened, closed = quotes[:, ::2][:, pattern.wanted], quotes[:, 1::2][:, pattern.wanted]
    inside = np.zeros(len(characters), np.int8)
    inside[opened + 1] = 1
    inside[closed] -= 1
    wanted = np.cumsum(inside, dtype=np.int8).astype(np.bool_)
    if (closed - opened == 1).any() or (wanted & (characters <= _SPACE)).any():
        return None
    return np.where(wanted, characters, np.uint8(_SPACE)).tobytes()


def _all_alike(characters: Bytes, quotes: Places, pattern: _Pattern) -> bool:
    """Whether everything outside the quotes is what the pattern has there."""
    opening = characters[: quotes[0, 0]].tobytes()
    closing = characters[quotes[-1, -1] + 1 :].tobytes()
    if opening.strip() != pattern.opening or closing.strip() != pattern.closing.strip():
        return False
    gaps = [(quotes[:, 2 * at + 1], quotes[:, 2 * at + 2], between) for at, between in enumerate(pattern.between)]
    gaps.append((quotes[:-1, -1], quotes[1:, 0], pattern.closing + pattern.opening))
    return all(_is_between(characters, left, right, text) for left, right, text in gaps)


def _is_between(characters: Bytes, left: Places, right: Places, text: bytes) -> bool:
    if not (right - left == len(text) + 1).all():
        return False
    return all(bool((characters[left + at] == letter).all()) for at, letter in enumerate(text, 1))
