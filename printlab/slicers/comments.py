"""The comments of G-code: where slicers write down what they did. Every function here takes what strangers wrote."""

from __future__ import annotations

import binascii
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from printlab.domain.sliced_facts import Thumbnail

_LONGEST_KEY, _LONGEST_VALUE = 80, 4000
_LONGEST_DURATION = 100
_MOST_THUMBNAILS = 20
_MOST_NUMBERS = 64
_NEAR_THE_END = 16_000
_NUMBER = re.compile(r"[-+]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE][-+]?\d{1,3})?")
_DURATION = re.compile(
    r"(?:(\d{1,6})\s*d(?:ays?)?)?\s*(?:(\d{1,6})\s*h(?:ours?)?)?\s*(?:(\d{1,6})\s*m(?:in(?:utes?)?)?)?"
    r"\s*(?:(\d{1,9}(?:\.\d{1,9})?)\s*s(?:ec(?:onds?)?)?)?",
    re.IGNORECASE,
)
_UNITS_S = (86_400, 3600, 60, 1)
_COMMENT = re.compile(r"^;([^\n]*)", re.MULTILINE)
_THUMBNAIL = re.compile(r"^;[ \t]?thumbnail(|_QOI|_JPG) begin (\d{1,5})[xX ](\d{1,5}) \d{1,9}", re.MULTILINE)
_PICTURES = {"": "png", "_QOI": "qoi", "_JPG": "jpg"}
_PICTURES_END = re.compile(r"^;[ \t]?thumbnail(?:|_QOI|_JPG) end", re.MULTILINE)
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/=]")


@dataclass(frozen=True)
class Comments:
    """The first and the last text of a file; ``tail`` is empty where ``head`` is all of it."""

    head: str
    tail: str = ""

    @cached_property
    def settings(self) -> dict[str, str]:
        """``key = value``, ``key: value`` and ``key,value``: keys in lower case, the first of a name counts."""
        found: dict[str, str] = {}
        for line in self._lines():
            key, value = _split(line)
            if key and len(key) <= _LONGEST_KEY:
                found.setdefault(key, value)
        return found

    def text(self, *keys: str) -> str | None:
        """The value of the first of the keys that says something, without quotes."""
        for key in keys:
            if said := self.settings.get(key, "").strip().strip('"').strip():
                return said
        return None

    def number(self, *keys: str) -> float | None:
        """The first number in the value of the first of the keys that has one."""
        return next((found for key in keys if (found := number(self.settings.get(key))) is not None), None)

    def numbers(self, key: str) -> list[float]:
        """The numbers of a list, one for each tool; what is left empty is 0."""
        return numbers(self.settings.get(key))

    def has(self, mark: str) -> bool:
        """Whether a text stands anywhere in what was read."""
        return mark in self.head or mark in self.tail

    def ends_with(self, mark: str) -> bool:
        """Whether a text stands in the last part."""
        return mark in (self.tail or self.head[-200_000:])

    def ends_near(self, mark: str) -> bool:
        """Whether a text stands so near the end that nothing was printed behind it."""
        return mark in (self.tail or self.head)[-_NEAR_THE_END:]

    def search(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The first match in the head, else in the tail."""
        return pattern.search(self.head) or pattern.search(self.tail)

    def thumbnails(self) -> tuple[Thumbnail, ...]:
        """The pictures that are announced."""
        found = list(_announced(self.head)) or list(_announced(self.tail))
        return tuple(found[:_MOST_THUMBNAILS])

    def pictures(self) -> Iterator[tuple[Thumbnail, bytes]]:
        """The pictures that are in the head, as announced and as they are encoded; a broken one may be anything."""
        for found in islice(_THUMBNAIL.finditer(self.head), _MOST_THUMBNAILS):
            line_end = self.head.find("\n", found.end())
            end = _PICTURES_END.search(self.head, found.end())
            if line_end < 0 or end is None:
                continue
            encoded = _NO_BASE64.sub("", self.head[line_end : end.start()])
            with suppress(binascii.Error):
                yield _thumbnail(found), binascii.a2b_base64(encoded)

    def _lines(self) -> Iterator[str]:
        for part in (self.head, self.tail):
            for found in _COMMENT.finditer(part):
                yield found[1]


def number(text: str | None) -> float | None:
    """The first number in a text that is one: finite."""
    found = _NUMBER.search(text[:_LONGEST_VALUE]) if text else None
    value = float(found.group()) if found else math.nan
    return value if math.isfinite(value) else None


def numbers(text: str | None) -> list[float]:
    """``1.20, 0, 0.29`` and ``1;;2``: what is left empty is 0."""
    entries = re.split("[,;]", text[:_LONGEST_VALUE])[:_MOST_NUMBERS] if text and text.strip() else []
    return [number(entry) or 0.0 for entry in entries]


def duration_s(text: str | None) -> int | None:
    """``1d 2h 10m 32s`` and ``2 hours 31 minutes`` in seconds; None for anything else."""
    said = (text or "").strip().strip('"').replace(",", "")
    found = _DURATION.fullmatch(said) if 0 < len(said) <= _LONGEST_DURATION else None
    if found is None or not any(found.groups()):
        return None
    return round(sum(float(part or 0) * unit for part, unit in zip(found.groups(), _UNITS_S, strict=True)))


def positive(value: float | None) -> float | None:
    """What can be a measure; 0 stands for what the slicer does not know."""
    return value if value is not None and value > 0 else None


def whole_seconds(value: float | None) -> int | None:
    """A time that a slicer gives as a number; 0 stands for what it does not know."""
    return round(value) if value and value > 0 else None


def _split(line: str) -> tuple[str, str]:
    places = [at for at in (line.find("=", 0, 200), line.find(":", 0, 200)) if at >= 0]
    at = min(places) if places else line.find(",", 0, 200)
    return (line[:at].strip().lower(), line[at + 1 : at + 1 + _LONGEST_VALUE].strip()) if at > 0 else ("", "")


def _announced(text: str) -> Iterator[Thumbnail]:
    for found in _THUMBNAIL.finditer(text):
        yield _thumbnail(found)


def _thumbnail(found: re.Match[str]) -> Thumbnail:
    return Thumbnail(int(found[2]), int(found[3]), _PICTURES[found[1]])
