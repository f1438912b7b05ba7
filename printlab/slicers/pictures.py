"""The picture that a slicer put into its file, made anew: nothing of a stranger's file is given out as it is."""

from __future__ import annotations

import heapq
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from PIL import Image

from printlab.domain.sliced_facts import Thumbnail
from printlab.slicers import bgcode, packages
from printlab.slicers.reading import comments_of, magic_of

SIDE_PX = 512
_MOST_PX = 4096 * 4096
"""Slicers write a megapixel at most; so many take 64 MB."""
_LOOKED_AT, _TRIED = 20, 3
_FORMATS = ("PNG", "JPEG", "QOI")
_QUALITY = 85


def picture(path: Path) -> bytes | None:
    """The largest picture in a sliced file, as a WebP that fits into 512 × 512 px; None where none can be decoded.

    Raises OSError where the file itself cannot be read.
    """
    announced = islice(_pictures(path), _LOOKED_AT)
    largest = heapq.nlargest(_TRIED, announced, key=lambda found: found[0].width_px * found[0].height_px)
    for _, content in largest:
        with suppress(Exception):  # whatever a decoder makes of it, it is no picture
            return _made_anew(content)
    return None


def _pictures(path: Path) -> Iterator[tuple[Thumbnail, bytes]]:
    magic = magic_of(path)
    if magic == bgcode.MAGIC:
        return bgcode.pictures(path)
    if magic == packages.MAGIC:
        return packages.pictures(path)
    return comments_of(path).pictures()


def _made_anew(content: bytes) -> bytes:
    """Raises ValueError for too many pixels, and whatever the decoders raise."""
    with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        if image.width * image.height > _MOST_PX:
            raise ValueError("more pixels than a slicer draws")
        made = image.convert("RGBA")
    made.thumbnail((SIDE_PX, SIDE_PX))
    buffer = io.BytesIO()
    made.save(buffer, "WEBP", quality=_QUALITY)
    return buffer.getvalue()
