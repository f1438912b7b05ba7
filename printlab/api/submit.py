"""Files that arrive with a form, written to disk as they come: a new job, or a new revision of one."""

from __future__ import annotations

import re
import secrets
from typing import Annotated, Any, TypeVar

from fastapi import Header, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from printlab.api.arriving import ArrivingFile
from printlab.api.context import STAFF_SECURITY, Api, ApiOf, StaffActor, TokenActor
from printlab.api.jobs import JobId, Service, act, job_json
from printlab.api.multipart import FILE_FIELD
from printlab.api.requests import SubmitForm
from printlab.api.responses.jobs import JobJson
from printlab.api.responses.refusals import refusals
from printlab.api.responses.tracked import Receipt
from printlab.api.routing import stream_router
from printlab.domain.limits import MAX_INTEGER
from printlab.domain.policy import ANONYMOUS, Actor
from printlab.domain.views import JobView, StagedFile
from printlab.errors import InvalidInput
from printlab.offloop import off_loop

_Parsed = TypeVar("_Parsed", bound=BaseModel)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")

router = stream_router("/api/v1/jobs", "Jobs")


class _RevisionForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(None, ge=1, le=MAX_INTEGER, description="The version that you saw.")


_SUBMIT_FIELDS = frozenset(SubmitForm.model_fields)
_REVISION_FIELDS = frozenset(_RevisionForm.model_fields)


def _body(form: type[BaseModel], file: str) -> dict[str, Any]:
    """The documentation of a form that the route reads itself."""
    schema = form.model_json_schema()
    schema["properties"] = {
        FILE_FIELD: {"type": "string", "format": "binary", "description": file},
        **schema["properties"],
    }
    schema["required"] = [FILE_FIELD, *schema.get("required", [])]
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


_REPLAYED = {
    "Idempotency-Replayed": {
        "description": "`true` when an earlier request with this key made the job.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}


@router.post(
    "",
    status_code=201,
    summary="Submit a job",
    response_model=Receipt,
    responses={
        201: {"description": "The job. A repeated request gets the same.", "headers": _REPLAYED},
        **refusals(400, 401, 403, 408, 413, 422, 429, 503),
    },
    openapi_extra=_body(SubmitForm, "The model; the lab's settings say which formats and how many MB it takes.")
    | {"security": [{}, {"token": []}]},
)
async def submit_job(
    request: Request,
    api: ApiOf,
    actor: TokenActor,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="An opaque value of yours, up to 200 characters: a repeated request with the same key and "
            "content makes no second job.",
            examples=["0f8fad5b-d9cb-469f-a165-70867728950e"],
        ),
    ] = None,
) -> JSONResponse:
    """Send a file and an order. Open to everybody, like the form; with a staff token it is a walk-in order.

    While the lab takes no files, the answer is 403 with the lab's own message. One address may submit 120 jobs and
    send 300 files an hour, of which 150 come from one browser or program: a campus network shows many students as one
    address; one e-mail address may be named in 40 orders a day. Staff tokens are not limited.
    """
    key = _checked_key(idempotency_key)
    stranger = api.caller(request) if actor is ANONYMOUS else None
    if stranger is not None:
        api.services.submissions.per_caller.check(stranger)
        api.count_upload(request)
    intake = ArrivingFile(api, request, api.services.settings.max_upload_mb, sliced=False, caller=stranger)
    try:
        form = await intake.read(_SUBMIT_FIELDS)
        order = _parsed(SubmitForm, form.fields).command(walk_in=actor.is_staff)
        submit = api.services.submissions.submit
        submitted = await off_loop(submit, order, intake.browser, form.file.id, actor, key, stranger)
    finally:
        await intake.clear()
    headers = {"Idempotency-Replayed": "true"} if submitted.repeated else None
    return JSONResponse(Receipt.of(submitted).model_dump(mode="json"), 201, headers)


@router.post(
    "/{job_id}/revisions",
    status_code=201,
    summary="Add a file",
    dependencies=STAFF_SECURITY,
    responses={201: {"description": "The job with its new revision."}}
    | refusals(400, 401, 403, 404, 408, 409, 413, 422, 429, 503),
    openapi_extra=_body(_RevisionForm, "A sliced file or a corrected model; it becomes the one that counts."),
)
async def add_revision(
    request: Request,
    job_id: JobId,
    api: ApiOf,
    actor: StaffActor,
    version: Annotated[
        int | None,
        Query(ge=1, le=MAX_INTEGER, description="The version that you saw, unless the form says it; else the current."),
    ] = None,
) -> JobJson:
    """Add a sliced file or a corrected model as the next revision; it becomes the authoritative one."""
    before = await off_loop(api.services.search.get, job_id, actor)
    intake = ArrivingFile(api, request, api.services.settings.max_sliced_mb, sliced=True, caller=None)
    try:
        form = await intake.read(_REVISION_FIELDS)
        seen = _parsed(_RevisionForm, form.fields).version or version or before.version
        job = await act(api, actor, job_id, _adopter(api, intake.browser, job_id, seen), form.file)
    finally:
        await intake.clear()
    return await job_json(api, job, actor)


def _adopter(api: Api, browser: str, job_id: int, version: int) -> Service[StagedFile]:
    def adopt(staged: StagedFile, actor: Actor) -> JobView:
        return api.services.revisions.add(job_id, version, browser, staged.id, actor)

    return adopt


def _checked_key(key: str | None) -> str:
    if key is None:
        return secrets.token_urlsafe(24)
    if not _KEY.fullmatch(key):
        raise InvalidInput("The Idempotency-Key has 1 to 200 visible ASCII characters.", "Idempotency-Key")
    return key


def _parsed(form: type[_Parsed], fields: dict[str, str]) -> _Parsed:
    """The form's text as values; raises RequestValidationError naming every wrong field."""
    try:
        return form.model_validate({name: text for name, text in fields.items() if text.strip()})
    except ValidationError as error:
        found = [{**wrong, "loc": ("body", *wrong["loc"])} for wrong in error.errors(include_context=False)]
        raise RequestValidationError(found) from None
