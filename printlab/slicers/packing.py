"""How binary G-code packs its text: heatshrink around MeatPack, each block by itself.

heatshrink: https://github.com/atomicobject/heatshrink; MeatPack: https://github.com/scottmudge/OctoPrint-MeatPack.
Both are chains, in which the length of each link stands in the link: the links are found first, all the rest at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

_BITS = 8  # of a byte
_LITERAL_BITS, _LOOKAHEAD_BITS = 9, 4
_FULL, _NEW_LINE, _SIGNAL = 0xF, 0xC, 0xFF
_LOW, _HALF_BYTE = np.uint8(0xF), np.uint8(4)
_SIGNAL_BYTES = 3
_DOUBLINGS = 4
_PACKING = {251: True, 250: False, 249: False}
_SPACING = {247: True, 246: False}  # without spaces, their code is that of E
_ALPHABETS = b"0123456789. \nGX\0", b"0123456789.E\nGX\0"
_OCTETS = np.arange(256, dtype=np.uint8)
_NIBBLES = np.stack([_OCTETS & _LOW, _OCTETS >> _HALF_BYTE], axis=1)
_LETTERS = np.concatenate([np.frombuffer(letters, np.uint8)[_NIBBLES] for letters in _ALPHABETS]).view(np.uint16)[:, 0]
"""The two of each packed byte as one number: 256 with spaces, and 256 without."""
_LENGTHS: Bytes = np.where(
    _OCTETS & _LOW == _NEW_LINE, 1, 1 + (_OCTETS & _LOW == _FULL) + (_OCTETS >> _HALF_BYTE == _FULL)
).astype(np.uint8)
"""Of a packed byte with the letters that follow it; behind the end of a line there is none."""


def heatshrunk(packed: Sequence[tuple[bytes, int]], window_bits: int) -> Iterator[bytes]:
    """The texts of blocks that heatshrink packed with this window and 4 bits of lookahead: each with its length.

    The links of all blocks are followed beside each other, a byte of each at a time, which is what makes many blocks
    of one size fast. Raises ValueError where a block is no such text.
    """
    begins = _link_bits([content for content, _ in packed], window_bits)
    for (content, length), begin in zip(packed, begins, strict=True):
        yield _heatshrunk(content, begin, window_bits, length)


def _heatshrunk(content: bytes, begin: Bytes, window_bits: int, length: int) -> bytes:
    """One of them; ``begin`` is the bit of each byte at which a link begins, 8 and more where none does."""
    at = np.flatnonzero(begin < _BITS)
    octets = np.frombuffer(content + bytes(2), np.uint8).astype(np.uint32)
    words = octets[:-2] << 16 | octets[1:-1] << 8 | octets[2:]  # the longest link has 17 bits, from the eighth at last
    link = words[at] << begin[at]
    is_literal = link >> 23 & 1 == 1
    widths = np.where(is_literal, _LITERAL_BITS, _reference_bits(window_bits))
    whole = np.count_nonzero(at * _BITS + begin[at] + widths <= len(content) * _BITS)  # only the last may be cut off
    link, is_literal = link[:whole], is_literal[:whole]
    lookahead = link >> (23 - window_bits - _LOOKAHEAD_BITS) & ((1 << _LOOKAHEAD_BITS) - 1)
    counts = np.where(is_literal, 1, lookahead.astype(np.int64) + 1)
    needed = int(np.searchsorted(np.cumsum(counts), length)) + 1 if length else 0
    if needed > len(counts):
        raise ValueError("the packed text ends early")
    back = np.where(is_literal, 0, (link >> (23 - window_bits) & ((1 << window_bits) - 1)).astype(np.int64) + 1)
    literals = (link >> 15).astype(np.uint8)
    return _copied(literals[:needed], back[:needed], counts[:needed])[:length].tobytes()


def meatpacked(content: bytes) -> bytes:
    """The text that MeatPack packed. Comments stand unpacked between signals, which are the only place of two 0xFF."""
    packed = np.frombuffer(content + b"\0\0", np.uint8)
    signal = np.flatnonzero((packed[:-2] == _SIGNAL) & (packed[1:-1] == _SIGNAL))
    command = packed[signal + 2]
    packs = _switched(signal, command, _PACKING, len(packed))
    spaceless = _switched(signal, command, _SPACING, len(packed))
    lengths = np.where(packs, _LENGTHS[packed], np.uint8(1))
    lengths[signal] = _SIGNAL_BYTES
    links = _links(lengths, len(content))
    links = links[links + lengths[links] <= len(content)]
    octets, is_plain, is_text = packed[links], ~packs[links], np.ones(len(packed), np.bool_)
    is_text[signal] = False
    pairs = _pairs(packed, links, lengths[links], spaceless[links])
    pairs[is_plain, 0] = octets[is_plain]
    kept = np.stack([is_text[links], is_text[links] & ~is_plain & (octets & _LOW != _NEW_LINE)], axis=1)
    return pairs[kept].tobytes()


def _pairs(packed: Bytes, links: Places, lengths: Bytes, spaceless: NDArray[np.bool_]) -> Bytes:
    """The two characters that each byte stands for, (n, 2); those it has no room for follow behind it."""
    octets = packed[links]
    pairs = _LETTERS[octets + 256 * spaceless].view(np.uint8).reshape(-1, 2)
    is_full = octets & _LOW == _FULL
    pairs[is_full, 0] = packed[links[is_full] + 1]
    is_full = octets >> _HALF_BYTE == _FULL
    pairs[is_full, 1] = packed[links[is_full] + lengths[is_full] - 1]
    return pairs


def _switched(signal: Places, command: Bytes, meaning: dict[int, bool], length: int) -> NDArray[np.bool_]:
    """Whether something is on at each byte: off at first, then as the last command before it says."""
    is_meant = np.isin(command, list(meaning))
    states = [False, *(meaning[code] for code in command[is_meant].tolist())]
    return np.repeat(states, np.diff(signal[is_meant], prepend=0, append=length))


def _links(lengths: Bytes, end: int) -> Places:
    """Where the links of a chain begin, the first at 0: each is as long as ``lengths`` says at its beginning.

    One step leads over 16 links, whose places between are looked up for all steps at once.
    """
    last = len(lengths)
    following = np.arange(last + 1)
    following[:-1] += lengths
    np.minimum(following, last, out=following)
    leap = following
    for _ in range(_DOUBLINGS):
        leap = leap[leap]
    steps, at = list[int](), 0
    leaps = leap.data
    while at < end:
        steps.append(at)
        at = leaps[at]
    rows = [np.array(steps, np.int64)]
    for _ in range(2**_DOUBLINGS - 1):
        rows.append(following[rows[-1]])
    links = np.stack(rows, axis=1).reshape(-1)
    return links[links < end]


def _reference_bits(window_bits: int) -> int:
    return 1 + window_bits + _LOOKAHEAD_BITS


def _link_bits(contents: Sequence[bytes], window_bits: int) -> Iterator[Bytes]:
    """For each byte of each content, how many bits of it belong to the link before, of those that still follow.

    A link has more bits than a byte, so at most one begins in each: at the bit of that number.
    """
    longest = max(map(len, contents), default=0)
    rows = np.zeros((len(contents), longest), np.uint8)
    for row, content in zip(rows, contents, strict=True):
        row[: len(content)] = np.frombuffer(content, np.uint8)
    following = _following(window_bits)
    state = np.zeros(len(contents), np.uint16)
    states = np.empty((longest, len(contents)), np.uint16)
    for place, octets in enumerate(np.ascontiguousarray(rows.T)):
        states[place] = state
        following.take(state | octets, out=state, mode="clip")  # nothing is out of range: clip spares a copy
    begins = np.ascontiguousarray((states >> _BITS).astype(np.uint8).T)
    return (begin[: len(content)] for begin, content in zip(begins, contents, strict=True))


def _following(window_bits: int) -> NDArray[np.uint16]:
    """The state behind a byte, by ``state | byte``; states are the bits of links before, in steps of 256."""
    most = _reference_bits(window_bits)
    octets = np.arange(1 << _BITS)
    table = np.zeros((most, 1 << _BITS), np.uint16)
    for bit in range(_BITS):
        is_literal = octets >> (_BITS - 1 - bit) & 1 == 1
        table[bit] = bit + np.where(is_literal, _LITERAL_BITS, most) - _BITS
    table[_BITS:] = np.arange(most - _BITS)[:, np.newaxis]
    return (table << np.uint16(_BITS)).reshape(-1)


def _copied(literals: Bytes, back: Places, counts: Places) -> Bytes:
    """Each byte is a literal, or the one so far back, which may be such a copy itself: followed twice as far each time.

    What lies before the beginning is 0, as the window of heatshrink is at first.
    """
    texts = np.append(np.uint8(0), np.repeat(literals, counts))
    source = np.maximum(np.arange(len(texts)) - np.append(0, np.repeat(back, counts)), 0)
    while not np.array_equal(further := source[source], source):
        source = further
    return texts[source[1:]]
