"""What the API gives when it refuses."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from printlab.api.responses.base import Given
from printlab.domain.status import JobStatus, Verb


class FieldProblem(Given):
    """One wrong field."""

    field: str = Field(description="Its name.", examples=["weight_g"])
    detail: str = Field(description="What is wrong with it.", examples=["“weight_g” is missing."])


class Problem(Given):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    type: str = Field(description="Sort of the problem, for programs.", examples=["urn:printlab:problem:stale-version"])
    title: str = Field(description="The same in words.", examples=["Changed meanwhile"])
    status: int = Field(description="The HTTP status.", examples=[409])
    detail: str = Field(
        description="A sentence for a person: what happened and what to do.",
        examples=["Sam Lee was faster: job 123 changed after you opened it and is now “Rejected”."],
    )
    instance: str | None = Field(None, description="With 500: names this one occurrence.")
    error_id: str | None = Field(None, description="With 500: the number under which the log has it.")
    field: str | None = Field(None, description="With 422: the field to blame, when there is one.", examples=["email"])
    errors: list[FieldProblem] | None = Field(None, description="With 422: every wrong field.")
    current_status: JobStatus | None = Field(None, description="With 409: where the job stands.", examples=["Rejected"])
    version: int | None = Field(None, description="With 409: the job's version now.", examples=[4])
    allowed_moves: list[Verb] | None = Field(None, description="With 409: what can be done now.", examples=[["reopen"]])
    quote: int | None = Field(None, description="With 409 for a superseded quote: the number of the new one.")
    cost_cents: int | None = Field(None, description="With 409 for a superseded quote: the new price in cents.")
    currency: str | None = Field(None, description="With 409 for a superseded quote: currency of the price.")


_ERRORS: dict[int, str] = {
    400: "The request cannot be read.",
    401: "No valid staff token.",
    403: "Not for this person; or, for a submission, the lab is closed (the detail says until when).",
    404: "There is no such thing.",
    408: "The request stopped arriving.",
    409: "Stale version, or not possible in this status. The document has the status, version and moves of now.",
    413: "Too many bytes.",
    422: "A field is missing or wrong.",
    429: "Too many requests; see Retry-After.",
    500: "Unexpected error, logged.",
    503: "The storage does not answer, or is full; nothing was lost.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documentation of these error statuses, and of 500."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _ERRORS[status], "content": content} for status in (*statuses, 500)}
