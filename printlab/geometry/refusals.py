"""Why a file is no model: a code for programs, a sentence for the person who sent it."""

from __future__ import annotations

from enum import StrEnum

from printlab.errors import InvalidFile

SIMPLIFY = "Reduce the number of triangles and send it again."
TOO_MUCH_MEMORY = f"The file needs too much memory to be read. {SIMPLIFY}"


class Refusal(StrEnum):
    """The codes of ``printlab inspect`` and of the API."""

    EMPTY = "empty"
    UNKNOWN_FORMAT = "unknown_format"
    SLICED_FILE = "sliced_file"
    NO_TRIANGLES = "no_triangles"
    TOO_MANY_TRIANGLES = "too_many_triangles"
    BAD_NUMBER = "bad_number"
    NOT_FINITE = "not_finite"
    ABSURD_COORDINATES = "absurd_coordinates"
    BAD_INDEX = "bad_index"
    BAD_UNIT = "bad_unit"
    BAD_TRANSFORM = "bad_transform"
    XML_BROKEN = "xml_broken"
    XML_DOCTYPE = "xml_doctype"
    ZIP_CORRUPT = "zip_corrupt"
    ZIP_TOO_LARGE = "zip_too_large"
    ZIP_TOO_MANY_MEMBERS = "zip_too_many_members"
    ZIP_ENCRYPTED = "zip_encrypted"
    MISSING_PART = "missing_part"
    MISSING_OBJECT = "missing_object"
    COMPONENT_LOOP = "component_loop"
    TOO_MANY_INSTANCES = "too_many_instances"
    DAMAGED = "damaged"
    NO_TOOL_PATH = "no_tool_path"
    TOO_MANY_MOVES = "too_many_moves"
    TAKES_TOO_LONG = "takes_too_long"
    NEEDS_TOO_MUCH_MEMORY = "needs_too_much_memory"
    CRASHED = "crashed"


UNSURE = frozenset((Refusal.TAKES_TOO_LONG, Refusal.NEEDS_TOO_MUCH_MEMORY, Refusal.CRASHED))
"""What says nothing about the file for sure: another attempt, or another machine, may read it."""


class ModelRefused(InvalidFile):
    """The file holds nothing that can be printed, or nothing that may be read here."""

    def __init__(self, code: Refusal, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type[ModelRefused], tuple[Refusal, str]]:
        """It crosses from the sandbox to the server."""
        return type(self), (self.code, self.message)
