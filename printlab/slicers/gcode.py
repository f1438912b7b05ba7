"""The commands of G-code as arrays: a block of lines at once, a row for each command and a column for each letter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LETTERS = b"XYZEIJR"
EXTRUDER, CENTRE_X, CENTRE_Y, RADIUS = 3, 4, 5, 6  # E, I, J, R
ABSOLUTE, RELATIVE, INCHES, MILLIMETRES, SET = 90, 91, 20, 21, 92
ABSOLUTE_E, RELATIVE_E = 1082, 1083  # M82 and M83
CLOCKWISE, COUNTERCLOCKWISE = 2, 3
LAST_MOVE = 3
"""G0 and G1 are lines, G2 and G3 arcs."""

Places = NDArray[np.int64]
Characters = NDArray[np.uint8]
Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

_NEW_LINE, _SEMICOLON, _BRACKET, _POINT, _MINUS, _PLUS = (ord(sign) for sign in "\n;(.-+")
_A, _ZERO, _UPPER_CASE = np.uint8(ord("A")), np.uint8(ord("0")), np.uint8(0xDF)
_G, _M, _N = (ord(letter) for letter in "GMN")
_OF_M = 1000
_KNOWN = (0, 1, CLOCKWISE, COUNTERCLOCKWISE, INCHES, MILLIMETRES, ABSOLUTE, RELATIVE, SET, ABSOLUTE_E, RELATIVE_E)
_LONGEST_NUMBER = 16
"""With the point; as whole numbers these are exact in a float."""
_TENS = 10.0 ** np.arange(_LONGEST_NUMBER + 1)
_COLUMN = np.full(256, -1, np.int8)
_COLUMN[np.frombuffer(LETTERS, np.uint8)] = np.arange(len(LETTERS))


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands that move the nozzle or say how moves are meant, in order.

    ``code``: the number behind G, 1000 more behind M; ``at``: where each stands in the block; ``values``: (n, 7) in the
    order of LETTERS, NaN where a letter is not there or has no number.
    """

    code: NDArray[np.int64]
    at: Places
    values: Values


def line_starts(block: bytes) -> Places:
    """Where the lines of a block begin, whose last one has to end."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == _NEW_LINE)
    return np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])


def commands(block: bytes, starts: Places) -> Commands:
    """The commands of a block of lines; whatever is none is left out, as firmware leaves it out."""
    characters = np.frombuffer(block, np.uint8)
    at, line = _letters(characters, starts)
    letter = characters[at] & _UPPER_CASE
    first = _firsts(line, letter)
    code = _codes(characters, at[first], letter[first])
    known = np.isin(code, _KNOWN)
    row_of_line = np.full(len(starts), -1, np.int64)
    row_of_line[line[first[known]]] = np.arange(np.count_nonzero(known))
    row, column = row_of_line[line], _COLUMN[letter]
    wanted = np.flatnonzero((row >= 0) & (column >= 0))
    values = np.full((np.count_nonzero(known), len(LETTERS)), np.nan)
    values[row[wanted], column[wanted]] = _numbers(characters, at[wanted] + 1)
    return Commands(code[known], at[first[known]], values)


def _letters(characters: Characters, starts: Places) -> tuple[Places, Places]:
    """Where letters stand outside of comments, and in which line each."""
    ends = np.append(starts[1:] - 1, len(characters) - 1)
    comments = np.flatnonzero((characters == _SEMICOLON) | (characters == _BRACKET))
    code_ends = ends.copy()
    code_ends[np.searchsorted(ends, comments)[::-1]] = comments[::-1]  # the first of a line is written last
    at = np.flatnonzero(((characters & _UPPER_CASE) - _A) < 26)
    line = np.searchsorted(ends, at)
    kept = at < code_ends[line]
    return at[kept], line[kept]


def _firsts(line: Places, letter: Characters) -> Places:
    """Which letter of each line names its command: the first, or the one behind the number of the line."""
    first = np.flatnonzero(np.diff(line, prepend=-1))
    first += letter[first] == _N
    first = first[first < len(letter)]
    return first[(letter[first] == _G) | (letter[first] == _M)]


def _codes(characters: Characters, at: Places, letter: Characters) -> NDArray[np.int64]:
    number = _numbers(characters, at + 1)
    whole = np.where(number == np.floor(number), number, -1)  # G92.1 is another command than G92
    whole = np.where((whole >= 0) & (whole < _OF_M), whole, -_OF_M)
    return whole.astype(np.int64) + np.where(letter == _M, _OF_M, 0)


def _numbers(characters: Characters, at: Places) -> Values:
    """The numbers that begin at these places: a sign, digits and one point among them; NaN where there is none."""
    sign = characters[at]
    at = at + ((sign == _MINUS) | (sign == _PLUS))
    value = np.zeros(len(at))
    decimals, digits = np.zeros(len(at), np.int8), np.zeros(len(at), np.int8)
    pointed, goes_on = np.zeros(len(at), np.bool_), np.ones(len(at), np.bool_)
    for step in range(_LONGEST_NUMBER + 1):
        character = characters[np.minimum(at + step, len(characters) - 1)]
        digit = character - _ZERO
        is_digit = goes_on & (digit < 10)
        is_point = goes_on & (character == _POINT) & ~pointed
        np.copyto(value, value * 10 + digit, where=is_digit)
        digits += is_digit
        decimals += is_digit & pointed
        pointed |= is_point
        goes_on = is_digit | is_point
        if not goes_on.any():
            break
    value /= _TENS[decimals]
    value[(digits == 0) | goes_on] = np.nan
    return np.where(sign == _MINUS, -value, value)
