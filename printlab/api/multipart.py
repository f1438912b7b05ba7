"""Forms with a file, read while they arrive: the file goes straight on to whoever takes it, nothing is kept."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import unquote_to_bytes

from fastapi import HTTPException
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from printlab.api.problems import Malformed
from printlab.errors import InvalidInput

TEXT_LIMIT = 64_000
OVERHEAD_LIMIT = 2 * TEXT_LIMIT  # what a form may have beside its file: text fields, boundaries, part headers
_MAX_PARTS = 40
_EPILOGUE_LIMIT = 1000
_CONTENT_TYPE_LIMIT = 500
_EXTENDED_NAME = re.compile(rb"; *filename\*=utf-8'[^';]*'([^;\"]+)", re.IGNORECASE)
FILE_FIELD = "file"

_File = TypeVar("_File")
TakeFile = Callable[[str, AsyncIterator[bytes]], Awaitable[_File]]


@dataclass(frozen=True, slots=True)
class Form(Generic[_File]):
    """The text fields, and what ``take_file`` made of the file."""

    fields: dict[str, str]
    file: _File


@dataclass(frozen=True, slots=True)
class _Part:
    """A part begins. ``filename`` is None for a text field."""

    name: str
    filename: str | None


class _End:
    """A part ends."""


_Happening = _Part | _End | bytes


async def read_form(
    content_type: str, chunks: AsyncIterator[bytes], known: frozenset[str], take_file: TakeFile[_File]
) -> Form[_File]:
    """Read a form of ``known`` text fields and one file; the fields may stand before or after it.

    Raises Malformed, InvalidInput naming the field, HTTPException 413 for too much text, and what ``take_file`` raises.
    """
    happenings = _Reader(content_type).read(chunks)
    fields: dict[str, str] = {}
    files: list[_File] = []
    room = TEXT_LIMIT
    async for part in happenings:
        if not isinstance(part, _Part):
            continue
        if part.name == FILE_FIELD and not files:
            files.append(await take_file(_filename(part), _content(happenings)))
            continue
        _refuse_unwanted(part, known, fields)
        text = await _text(happenings, room)
        room -= len(text)
        fields[part.name] = _decoded(text, part.name)
    if not files:
        raise InvalidInput("The form has no file. Send one in the field “file”.", FILE_FIELD)
    return Form(fields, files[0])


def _filename(part: _Part) -> str:
    if not part.filename:
        raise InvalidInput("Send “file” as a file, with its name.", FILE_FIELD)
    return part.filename


def _refuse_unwanted(part: _Part, known: frozenset[str], fields: dict[str, str]) -> None:
    if part.name == FILE_FIELD or part.filename is not None:
        raise InvalidInput("Send one file, in the field “file”. Each file becomes a job of its own.", FILE_FIELD)
    if part.name not in known:
        raise InvalidInput(f"There is no field “{part.name[:80]}” in this form.", part.name[:80])
    if part.name in fields:
        raise InvalidInput(f"The field “{part.name}” is there twice. Send it once.", part.name)


async def _content(happenings: AsyncIterator[_Happening]) -> AsyncIterator[bytes]:
    """The bytes of the part that has begun."""
    async for happening in happenings:
        if isinstance(happening, bytes):
            yield happening
        else:
            return


async def _text(happenings: AsyncIterator[_Happening], room: int) -> bytes:
    text = bytearray()
    async for block in _content(happenings):
        text += block
        if len(text) > room:
            raise HTTPException(413, f"The form's text is longer than {TEXT_LIMIT // 1000} kB. Shorten it.")
    return bytes(text)


def _decoded(text: bytes, name: str) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise InvalidInput(f"The field “{name}” is no UTF-8 text. Send it in UTF-8.", name) from None


class _Reader:
    """The parser calls back for what it finds; that is queued here and given out in order, one chunk at a time."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type[:_CONTENT_TYPE_LIMIT])
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise Malformed("Send the form as multipart/form-data, with a boundary in the Content-Type header.")
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._header_name,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._headers_finished,
                    "on_part_data": self._data,
                    "on_part_end": self._end,
                    "on_end": self._finish,
                },
            )
        except FormParserError:
            raise Malformed("The form's boundary is too long. Use a shorter one.") from None
        self._found: deque[_Happening] = deque()
        self._parts = 0
        self._ended = False
        self._begin()

    async def read(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[_Happening]:
        """What the form holds, in order, to its end. Raises Malformed."""
        beyond = 0
        async for chunk in chunks:
            if self._ended:
                beyond += len(chunk)
                if beyond > _EPILOGUE_LIMIT:
                    raise Malformed("The request goes on after the form's end.")
                continue
            self._parse(chunk)
            while self._found:
                yield self._found.popleft()
        if not self._ended:
            raise Malformed("The form breaks off before its end. Send it again.")

    def _parse(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise Malformed("The form cannot be read as multipart/form-data. Look at its boundaries.") from None

    def _begin(self) -> None:
        self._disposition = b""
        self._name, self._value = bytearray(), bytearray()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if bytes(self._name).lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def _headers_finished(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise Malformed(f"The form has more than {_MAX_PARTS} fields.")
        kind, options = parse_options_header(self._disposition)
        name, filename = options.get(b"name"), options.get(b"filename", _extended_name(self._disposition))
        if kind != b"form-data" or name is None:
            raise Malformed("A part of the form has no name in its Content-Disposition header.")
        self._found.append(_Part(_lenient(name), None if filename is None else _lenient(filename)))

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._found.append(data[start:end])

    def _end(self) -> None:
        self._found.append(_End())

    def _finish(self) -> None:
        self._ended = True


def _extended_name(disposition: bytes) -> bytes | None:
    """The file name as RFC 5987 writes it, which the parser leaves out and OctoPrint's own clients send; in UTF-8."""
    found = _EXTENDED_NAME.search(disposition)
    return unquote_to_bytes(found[1]) if found else None


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "replace")
