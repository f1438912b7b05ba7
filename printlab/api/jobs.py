"""Staff routes: reading jobs, editing them, moving them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import structlog
from fastapi import Depends, Path, Query, Request
from fastapi.responses import FileResponse
from pydantic import AfterValidator, BeforeValidator, StringConstraints

from printlab.api.context import STAFF_SECURITY, Api, ApiOf, StaffActor
from printlab.api.problems import JobConflict
from printlab.api.requests import (
    ApproveBody,
    ChooseBody,
    CompleteBody,
    ConfirmBody,
    EditBody,
    FailBody,
    HandOverBody,
    MoveBody,
    RejectBody,
    StartBody,
)
from printlab.api.responses.history import EventJson, EventList
from printlab.api.responses.jobs import JobJson, JobPage
from printlab.api.responses.refusals import refusals
from printlab.api.routing import api_router, one_download
from printlab.domain.commands import JobFilter
from printlab.domain.limits import MAX_INTEGER
from printlab.domain.policy import Actor
from printlab.domain.report import report_of
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView, Page
from printlab.errors import Conflict, StorageProblem
from printlab.offloop import off_loop
from printlab.services.told import storage_told_to

_Command = TypeVar("_Command")
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file's bytes.", "content": {"application/octet-stream": {}}}
}
_log = structlog.get_logger(__name__)
Service = Callable[[_Command, Actor], JobView]

router = api_router("/api/v1/jobs", "Jobs", dependencies=STAFF_SECURITY, responses=refusals(401, 403, 404, 422))
verbs = api_router(
    "/api/v1/jobs", "Moves", dependencies=STAFF_SECURITY, responses=refusals(400, 401, 403, 404, 409, 413, 422)
)


def _printable(text: str) -> str:
    return text.replace("\0", "")


def _plain_number(text: str) -> str:
    """One address for each thing: 1.0, +1 and 01 are none."""
    if not re.fullmatch(r"[1-9][0-9]*", text):
        raise ValueError("must be a number")
    return text


_Number = Annotated[int, BeforeValidator(_plain_number)]
JobId = Annotated[_Number, Path(ge=1, le=MAX_INTEGER, description="The job's number.", examples=[123])]
RevisionNumber = Annotated[
    _Number, Path(ge=1, le=MAX_INTEGER, description="Number of the file revision.", examples=[1])
]
_Name = Annotated[str, StringConstraints(max_length=200)]
# Its length is looked at inside: an empty filter is none, and None has no length.
Wanted = Annotated[_Name | None, AfterValidator(lambda text: _printable(text) if text else None)]


@router.get("", summary="List jobs")
async def list_jobs(
    api: ApiOf,
    actor: StaffActor,
    status: Annotated[
        Wanted,
        Query(description=f"One or several of {', '.join(JobStatus)}, with commas between them."),
    ] = None,
    q: Annotated[
        Wanted,
        Query(description="Words of name, e-mail, file, course, notes or number (`#123`)."),
    ] = None,
    printer: Annotated[Wanted, Query(description="Name of a printer.")] = None,
    method: Annotated[Wanted, Query(description="Name of a print method.")] = None,
    color: Annotated[Wanted, Query(description="Name of a colour.")] = None,
    sort: Annotated[
        str,
        Query(
            max_length=40,
            description="`id`, `created_at`, `updated_at` or `status_since`; `-` before it turns the order round.",
        ),
    ] = "-created_at",
    cursor: Annotated[str | None, Query(max_length=300, description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many jobs at most.")] = 50,
) -> JobPage:
    """Jobs, filtered and sorted, a page at a time."""
    wanted = JobFilter(status, q, printer, method, color, sort, cursor, limit)
    page = await off_loop(api.services.search.find, wanted, actor)
    return await off_loop(_page_json, api, page, actor)


@router.get("/{job_id}", summary="Read a job")
async def read_job(job_id: JobId, api: ApiOf, actor: StaffActor) -> JobJson:
    """One job with everything, and what you can do with it now."""
    return await job_json(api, await off_loop(api.services.search.get, job_id, actor), actor)


@router.get("/{job_id}/events", summary="Read a job's history")
async def list_events(job_id: JobId, api: ApiOf, actor: StaffActor) -> EventList:
    """Who did what and when, the newest first."""
    events = await off_loop(api.services.search.events, job_id, actor)
    return EventList(items=[EventJson.of(event) for event in events])


@router.get(
    "/{job_id}/revisions/{number}/content",
    summary="Download a file",
    response_class=FileResponse,
    responses=_BYTES | refusals(429, 503),
    dependencies=[Depends(one_download)],
)
async def download_revision(
    request: Request,
    job_id: JobId,
    number: RevisionNumber,
    api: ApiOf,
    actor: StaffActor,
) -> FileResponse:
    """The bytes of one file revision, as they arrived."""
    return await revision_file(request, api, job_id, number, actor)


@router.post("/{job_id}/revisions/{number}/choose", summary="Use another file", responses=refusals(400, 409, 413))
async def choose_revision(
    job_id: JobId, number: RevisionNumber, body: ChooseBody, api: ApiOf, actor: StaffActor
) -> JobJson:
    """Let another of the job's files count, until printing begins; `outgrown` says when its price is not covered."""
    return await moved(api, actor, job_id, _choosing(api, job_id, number), body)


@router.patch("/{job_id}", summary="Correct a job's details", responses=refusals(400, 409, 413))
async def edit_job(job_id: JobId, body: EditBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """Correct what was ordered or who looks after it; every change stands in the history."""
    return await moved(api, actor, job_id, api.services.jobs.edit, body.command(job_id))


@router.post("/{job_id}/analyse", summary="Analyse the file again", responses=refusals(400, 409, 413))
async def analyse_job(job_id: JobId, api: ApiOf, actor: StaffActor) -> JobJson:
    """Have a file looked into once more that could not be analysed (`failed`); the answer comes at once."""
    return await moved(api, actor, job_id, _analysing(api), job_id)


@verbs.post("/{job_id}/approve", summary="Approve")
async def approve_job(job_id: JobId, body: ApproveBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """Quote the job and ask the student; or, with `skip_confirmation` and a reason, straight to the queue."""
    return await moved(api, actor, job_id, api.services.quotes.approve, body.command(job_id))


@verbs.post("/{job_id}/reject", summary="Reject")
async def reject_job(job_id: JobId, body: RejectBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """Refuse the job; the student reads the reasons and can send a corrected file."""
    return await moved(api, actor, job_id, api.services.jobs.reject, body.command(job_id))


@verbs.post("/{job_id}/confirm", summary="Accept the quote")
async def confirm_job(job_id: JobId, body: ConfirmBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """Accept the quote on the student's behalf."""
    return await moved(api, actor, job_id, api.services.quotes.confirm, body.command(job_id))


@verbs.post("/{job_id}/decline", summary="Decline the quote")
async def decline_job(job_id: JobId, body: MoveBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """Decline the quote on the student's behalf."""
    return await moved(api, actor, job_id, api.services.jobs.decline, body.command(job_id))


@verbs.post("/{job_id}/cancel", summary="Cancel")
async def cancel_job(job_id: JobId, body: MoveBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """Withdraw the job on the student's behalf."""
    return await moved(api, actor, job_id, api.services.jobs.cancel, body.command(job_id))


@verbs.post("/{job_id}/start", summary="Start printing")
async def start_job(job_id: JobId, body: StartBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """The job is on a machine now."""
    return await moved(api, actor, job_id, api.services.jobs.start, body.command(job_id))


@verbs.post("/{job_id}/complete", summary="Complete")
async def complete_job(job_id: JobId, body: CompleteBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """The print came out; the student is told to collect it."""
    return await moved(api, actor, job_id, api.services.jobs.complete, body.command(job_id))


@verbs.post("/{job_id}/fail", summary="Log a failed print")
async def fail_job(job_id: JobId, body: FailBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """The print failed; the job goes back to the queue."""
    return await moved(api, actor, job_id, api.services.jobs.fail, body.command(job_id))


@verbs.post("/{job_id}/hand-over", summary="Hand over")
async def hand_over_job(job_id: JobId, body: HandOverBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """Take the money and give the part; or close the job as not collected."""
    return await moved(api, actor, job_id, api.services.jobs.hand_over, body.command(job_id))


@verbs.post("/{job_id}/undo", summary="Undo")
async def undo_job(job_id: JobId, body: MoveBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """Take the latest move back, within 10 minutes, by whoever made it or an admin."""
    return await moved(api, actor, job_id, api.services.jobs.undo, body.command(job_id))


@verbs.post("/{job_id}/requote", summary="Re-quote")
async def requote_job(job_id: JobId, body: ApproveBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """Replace the quote by a new one, which the student has to accept."""
    return await moved(api, actor, job_id, api.services.quotes.requote, body.command(job_id))


@verbs.post("/{job_id}/reopen", summary="Reopen")
async def reopen_job(job_id: JobId, body: MoveBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """Take a rejected job up again as it is."""
    return await moved(api, actor, job_id, api.services.jobs.reopen, body.command(job_id))


@verbs.post("/{job_id}/reprint", summary="Print again")
async def reprint_job(job_id: JobId, body: MoveBody, api: ApiOf, actor: StaffActor) -> JobJson:
    """The part was not good: back to the queue at the accepted price."""
    return await moved(api, actor, job_id, api.services.jobs.reprint, body.command(job_id))


async def job_json(api: Api, job: JobView, actor: Actor) -> JobJson:
    """The job with the verbs that have an address here; judging its model takes time."""
    return await off_loop(_job_json, api, job, actor)


def _job_json(api: Api, job: JobView, actor: Actor) -> JobJson:
    return JobJson.of(job, moves_of(api, job, actor), report_of(job, api.services.catalog.view()))


def _page_json(api: Api, page: Page, actor: Actor) -> JobPage:
    return JobPage(items=[_job_json(api, job, actor) for job in page.items], next_cursor=page.next_cursor)


def _analysing(api: Api) -> Service[int]:
    def analyse(job_id: int, actor: Actor) -> JobView:
        api.services.intake.retry(job_id, actor)
        return api.services.search.get(job_id, actor)

    return analyse


def _choosing(api: Api, job_id: int, number: int) -> Service[ChooseBody]:
    def choose(body: ChooseBody, actor: Actor) -> JobView:
        return api.services.revisions.choose(job_id, body.version, number, body.reason, actor)

    return choose


def moves_of(api: Api, job: JobView, actor: Actor) -> tuple[Verb, ...]:
    """What ``actor`` can do now by posting; a corrected file comes on another way."""
    return tuple(verb for verb in api.services.search.allowed(job, actor) if verb is not Verb.CORRECT)


async def moved(api: Api, actor: Actor, job_id: int, service: Service[_Command], command: _Command) -> JobJson:
    """The job after one verb."""
    return await job_json(api, await act(api, actor, job_id, service, command), actor)


async def act(api: Api, actor: Actor, job_id: int, service: Service[_Command], command: _Command) -> JobView:
    """Do one verb; raises JobConflict with the fresh job when it is refused for the job's state."""
    structlog.contextvars.bind_contextvars(job_id=job_id)
    try:
        return await off_loop(service, command, actor)
    except Conflict as refusal:
        job = await off_loop(api.services.search.get, job_id, actor)
        raise JobConflict(refusal, job, moves_of(api, job, actor)) from refusal


async def revision_file(request: Request, api: Api, job_id: int, number: int | None, actor: Actor) -> FileResponse:
    """A revision as a download that no browser interprets; None means the authoritative one.

    Raises StorageProblem unless the archive holds just the bytes that the revision was made of.
    """
    with storage_told_to(actor):
        path, revision = await off_loop(api.services.revisions.content, job_id, number, actor)
        try:
            return await api.downloads.opened(request, path, revision)
        except (StorageProblem, OSError) as problem:
            _log.error(
                "download.refused", job_id=job_id, revision=revision.number, path=str(path), problem=str(problem)
            )
            raise _unreadable(problem) from problem


def _unreadable(problem: StorageProblem | OSError) -> StorageProblem:
    if isinstance(problem, StorageProblem):
        return problem
    return StorageProblem(
        f"The file cannot be read from the archive ({problem.strerror or problem}). Look at the lab's storage."
    )
