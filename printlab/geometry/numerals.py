"""Numbers in text, many at a time: what ``float`` and ``int`` would say of every word, at a tenth of the time."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from printlab.geometry.refusals import ModelRefused, Refusal

Decimals = NDArray[np.float64]
Integers = NDArray[np.int64]

_DOT, _LETTER_E, _SPACE = ord("."), ord("e"), ord(" ")
_LOWER_CASE = 0x20
_TEN = np.array([float(f"1e{power}") for power in range(309)])
_E_TO_SPACE = bytes.maketrans(b"eE", b"  ")
_GUARD = b" 0"  # numpy takes white space alone for a number
_LONE_SIGN = re.compile(rb"[-+](?![0-9])")  # numpy reads “- 5” as one number
_INT64 = np.iinfo(np.int64)


def decimals(text: bytes) -> Decimals:
    """The numbers in ``text``, set apart by white space; ``nan`` and ``inf`` are numbers here.

    Each is exact to the last bit up to 15 digits, and beyond that to one unit of the last place. Raises ModelRefused.
    """
    if not text.strip():
        return np.zeros(0)
    values = _from_parts(text)
    if values is None:
        try:
            values = np.fromstring(text + _GUARD, np.float64, sep=" ")[:-1]
        except (ValueError, DeprecationWarning) as error:
            raise _no_number() from error
    return values


def integers(text: bytes) -> Integers:
    """The whole numbers in ``text``, set apart by white space; too large ones are capped. Raises ModelRefused."""
    if _LONE_SIGN.search(text):
        raise _no_number()
    try:
        return np.fromstring(text + _GUARD, np.int64, sep=" ")[:-1]
    except (ValueError, DeprecationWarning) as error:
        raise _no_number() from error


def _no_number() -> ModelRefused:
    return ModelRefused(
        Refusal.BAD_NUMBER, "The file holds text where a number has to be. Export the part again from your program."
    )


def _from_parts(text: bytes) -> Decimals | None:
    """Digits and exponents read as whole numbers, then scaled; None where a word is not of that plain kind.

    A whole number below 2⁵³ divided by a power of ten up to 10²² is rounded once, so exact (W. D. Clinger, "How to read
    floating point numbers accurately", 1990).
    """
    characters = np.frombuffer(text + b" ", np.uint8)
    at, dot, letter_e, word_end = _marks(characters)
    if not _well_formed(characters, at, dot, letter_e, word_end):
        return None
    ends = letter_e | word_end
    before = np.cumsum(ends, dtype=np.int64)
    try:
        wholes = integers(text.translate(_E_TO_SPACE, b"."))
    except ModelRefused:
        return None
    if len(wholes) != before[-1] or wholes.max() == _INT64.max or wholes.min() == _INT64.min:
        return None
    power = np.zeros(len(wholes), np.int64)
    dots = np.flatnonzero(dot)
    power[before[dots]] = at[dots] + 1 - at[dots + 1]
    if letter_e.any():
        wholes, power = _with_exponents(wholes, power, before[np.flatnonzero(letter_e)])
    return _scaled(wholes, power)


def _marks(characters: NDArray[np.uint8]) -> tuple[Integers, NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Where dots, letters e and ends of words are, and which of them each is."""
    at = np.flatnonzero((characters <= _SPACE) | (characters == _DOT) | ((characters | _LOWER_CASE) == _LETTER_E))
    kind = characters[at]
    space = kind <= _SPACE
    again = np.empty(len(at), np.bool_)
    again[0] = at[0] == 0
    again[1:] = space[:-1] & (at[1:] - at[:-1] == 1)
    kept = ~(space & again)
    at, kind, space = at[kept], kind[kept], space[kept]
    dot = kind == _DOT
    return at, dot, ~(space | dot), space


def _well_formed(
    characters: NDArray[np.uint8],
    at: Integers,
    dot: NDArray[np.bool_],
    letter_e: NDArray[np.bool_],
    word_end: NDArray[np.bool_],
) -> bool:
    """At most one dot in a word, at most one e and nothing but a whole number behind it, no sign behind a dot."""
    if (dot[:-1] & dot[1:]).any() or (letter_e[:-1] & ~word_end[1:]).any():
        return False
    following = characters[at[dot] + 1]
    return not ((following == ord("+")) | (following == ord("-"))).any()


def _with_exponents(wholes: Integers, power: Integers, where: Integers) -> tuple[Integers, Integers]:
    """The numbers without the exponents among them; ``where`` are the places of the exponents."""
    power[where - 1] += np.clip(wholes[where], -1000, 1000)
    mantissa = np.ones(len(wholes), np.bool_)
    mantissa[where] = False
    return wholes[mantissa], power[mantissa]


def _scaled(wholes: Integers, power: Integers) -> Decimals | None:
    if power.max() >= len(_TEN) or power.min() <= -len(_TEN):
        return None
    values = wholes.astype(np.float64)
    values /= _TEN[np.maximum(-power, 0)]
    if power.max() > 0:
        with np.errstate(over="ignore"):
            values *= _TEN[np.maximum(power, 0)]
    return values
