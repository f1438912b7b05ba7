"""How binary G-code packs its text: heatshrink around MeatPack, each block by itself.

heatshrink: https://github.com/atomicobject/heatshrink; MeatPack: https://github.com/scottmudge/OctoPrint-MeatPack.
Both are chains, in which the length of each link stands in the link: the links are found first, all the rest at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

_LITERAL_BITS, _LOOKAHEAD_BITS = 9, 4
_FULL, _NEW_LINE, _SIGNAL = 0xF, 0xC, 0xFF
_LOW, _HALF_BYTE = np.uint8(0xF), np.uint8(4)
_SIGNAL_BYTES = 3
_DOUBLINGS = 4
_PACKS, _UNPACKS, _RESETS, _SPACELESS, _SPACED = 251, 250, 249, 247, 246
_ALPHABET = np.frombuffer(b"0123456789. \nGX\0", np.uint8)
_SPACE_OR_E = 0xB


def heatshrunk(content: bytes, window_bits: int, length: int) -> bytes:
    """The text of ``length`` bytes that heatshrink packed with this window and 4 bits of lookahead.

    Raises ValueError where the content is no such text.
    """
    bits = np.unpackbits(np.frombuffer(content, np.uint8))
    reference_bits = 1 + window_bits + _LOOKAHEAD_BITS
    links = _links(np.where(bits, _LITERAL_BITS, reference_bits), len(bits) - _LITERAL_BITS + 1)
    is_literal = bits[links] == 1
    links = links[is_literal | (links + reference_bits <= len(bits))]
    is_literal = bits[links] == 1
    counts = np.ones(len(links), np.int64)
    counts[~is_literal] = _number(bits, links[~is_literal] + 1 + window_bits, _LOOKAHEAD_BITS) + 1
    links, is_literal, counts = _until(links, is_literal, counts, length)
    back = np.zeros(len(links), np.int64)
    back[~is_literal] = _number(bits, links[~is_literal] + 1, window_bits) + 1
    literals = np.zeros(len(links), np.uint8)
    literals[is_literal] = _number(bits, links[is_literal] + 1, 8)
    return _copied(literals, np.repeat(back, counts), counts)[:length].tobytes()


def meatpacked(content: bytes) -> bytes:
    """The text that MeatPack packed. Comments stand unpacked between signals, which are the only place of two 0xFF."""
    packed = np.frombuffer(content + b"\0\0", np.uint8)
    signal = np.flatnonzero((packed[:-2] == _SIGNAL) & (packed[1:-1] == _SIGNAL))
    command = packed[signal + 2]
    packs = _switched(signal, command, {_PACKS: 1, _UNPACKS: 0, _RESETS: 0}, len(packed))
    spaceless = _switched(signal, command, {_SPACELESS: 1, _SPACED: 0}, len(packed))
    low, high = packed & _LOW, packed >> _HALF_BYTE
    fulls = ((low == _FULL).astype(np.int64) + (high == _FULL)) * (low != _NEW_LINE)
    lengths = np.where(packs, 1 + fulls, 1)
    lengths[signal] = _SIGNAL_BYTES
    links = _links(lengths, len(content))
    links = links[links + lengths[links] <= len(content)]
    is_plain, is_text = ~packs[links], ~np.isin(links, signal)
    pairs = _pairs(packed, links, fulls[links], spaceless[links])
    pairs[is_plain, 0] = packed[links[is_plain]]
    kept = np.stack([is_text, is_text & ~is_plain & (low[links] != _NEW_LINE)], axis=1)
    return pairs[kept].tobytes()


def _pairs(packed: Bytes, links: Places, fulls: Places, spaceless: NDArray[np.bool_]) -> Bytes:
    """The two characters that each byte stands for, (n, 2); those it has no room for follow behind it."""
    pairs = np.zeros((len(links), 2), np.uint8)
    for column, nibble in enumerate((packed[links] & _LOW, packed[links] >> _HALF_BYTE)):
        behind = links + (1 if column == 0 else fulls)
        letters = np.where(spaceless & (nibble == _SPACE_OR_E), np.uint8(ord("E")), _ALPHABET[nibble])
        pairs[:, column] = np.where(nibble == _FULL, packed[behind], letters)
    return pairs


def _switched(signal: Places, command: Bytes, meaning: dict[int, int], length: int) -> NDArray[np.bool_]:
    """Whether something is on at each byte: off at first, then as the last command before it says."""
    changes = np.full(length, -1, np.int8)
    for code, state in meaning.items():
        changes[signal[command == code]] = state
    last = np.maximum.accumulate(np.where(changes >= 0, np.arange(length), 0))
    return changes[last] == 1


def _links(lengths: Places, end: int) -> Places:
    """Where the links of a chain begin, the first at 0: each is as long as ``lengths`` says at its beginning.

    One step leads over 16 links, whose places between are looked up for all steps at once.
    """
    last = len(lengths)
    following = np.append(np.minimum(np.arange(last) + lengths, last), last)
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


def _number(bits: Bytes, at: Places, width: int) -> Places:
    """The whole numbers of ``width`` bits at these places, the highest bit first."""
    value = np.zeros(len(at), np.int64)
    for place in range(width):
        value = value * 2 + bits[at + place]
    return value


def _until(
    links: Places, is_literal: NDArray[np.bool_], counts: Places, length: int
) -> tuple[Places, NDArray[np.bool_], Places]:
    """As many links as it takes for ``length`` bytes. Raises ValueError where there are not as many."""
    needed = int(np.searchsorted(np.cumsum(counts), length)) + 1 if length else 0
    if needed > len(links):
        raise ValueError("the packed text ends early")
    return links[:needed], is_literal[:needed], counts[:needed]


def _copied(literals: Bytes, back: Places, counts: Places) -> Bytes:
    """Each byte is a literal, or the one so far back, which may be such a copy itself: followed twice as far each time.

    What lies before the beginning is 0, as the window of heatshrink is at first.
    """
    source = np.arange(len(back)) - back
    while True:
        further = np.where(source >= 0, source[np.maximum(source, 0)], source)
        if np.array_equal(further, source):
            break
        source = further
    return np.where(source >= 0, np.repeat(literals, counts)[np.maximum(source, 0)], np.uint8(0))
