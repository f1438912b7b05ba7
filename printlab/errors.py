"""What can be refused, and how it is said.

``str(error)`` is a sentence for the person who caused it: what happened and what to do. Nothing technical, no codes.
"""

from __future__ import annotations


class PrintLabError(Exception):
    """A refusal. Its text can be shown to the person who caused it."""


class InvalidInput(PrintLabError):
    """Something that was typed or sent cannot be used; ``field`` names where, when one place is to blame."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InvalidFile(InvalidInput):
    """The file's content cannot be used."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="file")


class FileTooLarge(PrintLabError):
    """More bytes arrived than are allowed."""

    def __init__(self, limit_mb: int) -> None:
        super().__init__(
            f"The file is larger than {limit_mb} MB, the most this lab accepts. Reduce it and send it again."
        )
        self.limit_mb = limit_mb


class NotFound(PrintLabError):
    """There is no such thing, or not for this person."""


class NotSignedIn(PrintLabError):
    """Nobody is signed in, and this needs somebody."""

    def __init__(self, message: str = "Sign in to do this.") -> None:
        super().__init__(message)


class NotAllowed(PrintLabError):
    """This person may not do this."""


class Conflict(PrintLabError):
    """The thing changed meanwhile, or is in no state for this."""


class TooManyRequests(PrintLabError):
    """The caller is too fast; ``retry_after_s`` says when it may go on."""

    def __init__(self, retry_after_s: int, what: str = "Too many requests from this address.") -> None:
        super().__init__(f"{what} Try again in {_in_words(retry_after_s)}.")
        self.retry_after_s = retry_after_s


class SubmissionsClosed(PrintLabError):
    """The lab takes no files at the moment; the text is the lab's own."""


class StorageProblem(PrintLabError):
    """The disk or share refused; nothing was lost, and it can be tried again."""


class DatabaseAway(StorageProblem):
    """The lab's database cannot be reached; ``str()`` says whether something may have been saved."""


def _in_words(seconds: int) -> str:
    for unit, length_s in (("hours", 3600), ("minutes", 60)):
        if seconds > 2 * length_s:
            return f"{-(-seconds // length_s)} {unit}"
    return "1 second" if seconds == 1 else f"{seconds} seconds"
