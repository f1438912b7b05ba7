"""Refusals as RFC 9457 problem documents. ``detail`` is the sentence of the error, for a person to read."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from printlab.domain.status import IllegalMove, Verb
from printlab.domain.views import JobView
from printlab.errors import (
    Conflict,
    FileTooLarge,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    PrintLabError,
    StorageProblem,
    SubmissionsClosed,
    TooManyRequests,
)
from printlab.services.desk import StaleVersion
from printlab.services.quotes import PriceChanged, QuoteSuperseded

MEDIA_TYPE = "application/problem+json"
_STORAGE_RETRY_S = 30
_MOST_ERRORS, _LONGEST_FIELD = 20, 80
_log = structlog.get_logger(__name__)


class Malformed(PrintLabError):
    """The request cannot be read at all; answered with 400."""


_NO_JSON = Malformed("The request's body is not valid JSON. Correct it and send it again.")


class JobConflict(Exception):
    """A refusal together with the job as it is now, for a client to go on from."""

    def __init__(self, refusal: PrintLabError, job: JobView, allowed: Sequence[Verb]) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.job = job
        self.allowed = tuple(allowed)


class ProblemAnswer(JSONResponse):
    """A problem document; ``detail`` is its sentence, for answers that consist of nothing else."""

    media_type = MEDIA_TYPE

    def __init__(self, status: int, content: dict[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(content, status, headers)
        self.detail: str = content["detail"]


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    slug: str
    title: str


# The first class that an error is an instance of decides, so subclasses stand above their parents.
_KINDS: dict[type[Exception], _Kind] = {
    Malformed: _Kind(400, "malformed-request", "Malformed request"),
    InvalidInput: _Kind(422, "invalid-input", "Invalid input"),
    FileTooLarge: _Kind(413, "file-too-large", "File too large"),
    NotSignedIn: _Kind(401, "not-signed-in", "Not signed in"),
    NotAllowed: _Kind(403, "not-allowed", "Not allowed"),
    SubmissionsClosed: _Kind(403, "submissions-closed", "Submissions are closed"),
    NotFound: _Kind(404, "not-found", "Not found"),
    StaleVersion: _Kind(409, "stale-version", "Changed meanwhile"),
    IllegalMove: _Kind(409, "illegal-move", "Not possible in this status"),
    QuoteSuperseded: _Kind(409, "quote-superseded", "Superseded quote"),
    PriceChanged: _Kind(409, "price-changed", "Another price"),
    Conflict: _Kind(409, "conflict", "Conflict"),
    TooManyRequests: _Kind(429, "too-many-requests", "Too many requests"),
    StorageProblem: _Kind(503, "storage-problem", "Storage not available"),
    PrintLabError: _Kind(400, "refused", "Refused"),
}


def answer_to(error: Exception) -> ProblemAnswer:
    """The problem document for whatever a route raised; the unexpected is logged under an id that it names."""
    if isinstance(error, JobConflict):
        return _conflict(error)
    if isinstance(error, PrintLabError):
        return _refusal(error)
    if isinstance(error, RequestValidationError):
        return _invalid(error.errors())
    if isinstance(error, HTTPException):
        # The framework's own answer to what its parser raised: too deep, or a number of thousands of digits.
        return _refusal(_NO_JSON) if error.status_code == 400 and error.__cause__ is not None else _http(error)
    if isinstance(error, ClientDisconnect):
        return problem(400, "The connection broke off before the request was complete.")
    return _unexpected(error)


def problem(
    status: int,
    detail: str,
    *,
    slug: str | None = None,
    title: str | None = None,
    headers: Mapping[str, str] | None = None,
    **extensions: Any,
) -> ProblemAnswer:
    """A problem document; without a slug its type is ``about:blank`` and its title that of the status."""
    content = {
        "type": f"urn:printlab:problem:{slug}" if slug else "about:blank",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **extensions,
    }
    return ProblemAnswer(status, content, headers)


def _refusal(error: PrintLabError, status: int | None = None, **extensions: Any) -> ProblemAnswer:
    kind = next(kind for cls, kind in _KINDS.items() if isinstance(error, cls))
    headers: dict[str, str] = {}
    if isinstance(error, InvalidInput) and error.field:
        extensions["field"] = error.field
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, StorageProblem):
        headers["Retry-After"] = str(_STORAGE_RETRY_S)
    return problem(status or kind.status, str(error), slug=kind.slug, title=kind.title, headers=headers, **extensions)


def _conflict(error: JobConflict) -> ProblemAnswer:
    job = error.job
    extensions: dict[str, Any] = {
        "current_status": job.status.value,
        "version": job.version,
        "allowed_moves": [verb.value for verb in error.allowed],
    }
    if isinstance(error.refusal, QuoteSuperseded) and job.quote is not None:
        extensions |= {"quote": job.quote.number, "cost_cents": job.quote.price_cents, "currency": job.currency}
    return _refusal(error.refusal, 409, **extensions)


def _http(error: HTTPException) -> ProblemAnswer:
    headers = dict(error.headers or {})
    return problem(error.status_code, error.detail or HTTPStatus(error.status_code).phrase, headers=headers)


def _unexpected(error: Exception) -> ProblemAnswer:
    error_id = secrets.token_hex(4)
    _log.error("api.failed", error_id=error_id, exc_info=error)
    return problem(
        500,
        f"Something went wrong here. It is logged as {error_id}: tell the lab this number.",
        slug="unexpected",
        title="Unexpected error",
        instance=f"urn:printlab:error:{error_id}",
        error_id=error_id,
    )


# ---------- what pydantic found ----------


def _invalid(errors: Sequence[Any]) -> ProblemAnswer:
    """400 for what is no JSON, 404 for an address that cannot exist, 422 with the wrong fields otherwise."""
    if any(error["type"] == "json_invalid" for error in errors):
        return _refusal(_NO_JSON)
    if any(error["loc"][0] == "path" for error in errors):
        return _refusal(NotFound("There is nothing at this address. Check the number in it."))
    found = [{"field": _field(error), "detail": _sentence(error)} for error in errors[:_MOST_ERRORS]]
    return problem(
        422,
        " ".join(entry["detail"] for entry in found[:5]),
        slug="invalid-input",
        title="Invalid input",
        field=found[0]["field"],
        errors=found,
    )


def _field(error: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in error["loc"][1:])[:_LONGEST_FIELD]


def _sentence(error: Mapping[str, Any]) -> str:
    field = _field(error)
    if error["type"] == "extra_forbidden":
        return f"There is no field “{field}” here."
    if not field:
        return "Send a JSON object, with the header Content-Type: application/json."
    if error["type"] == "missing":
        return f"“{field}” is missing."
    message = (
        str(error["msg"]).removeprefix("Value error, ").replace("Input should", "must").replace("String should", "must")
    )
    return f"“{field}”: {message}."
