"""Files between the pages and the server: uploads as a raw body, downloads for whoever may have them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from fastapi.responses import FileResponse, StreamingResponse

from printlab.api.body import announced_bytes
from printlab.api.context import (
    Api,
    ApiOf,
    SessionActor,
    SessionStaff,
    browser_of,
    require_own_origin,
)
from printlab.api.jobs import JobId, RevisionNumber, revision_file
from printlab.api.origins import is_own_origin
from printlab.api.routing import api_router, one_download, stream_router
from printlab.api.track import TrackToken
from printlab.domain.policy import Actor
from printlab.domain.views import StagedFile
from printlab.errors import FileTooLarge, InvalidInput, NotAllowed, NotFound, NotSignedIn
from printlab.files import disk
from printlab.offloop import off_loop

uploads = stream_router("", "Pages", include_in_schema=False)
downloads = api_router("", "Pages", dependencies=[Depends(one_download)], include_in_schema=False)


@uploads.post("/upload")
async def upload(
    request: Request,
    api: ApiOf,
    actor: SessionActor,
    name: Annotated[str, Query(max_length=1000)],
    purpose: Annotated[Literal["model", "sliced", "profile"], Query()] = "model",
) -> dict[str, str | int]:
    """Stage a file for this browser while it arrives; answers with the id under which it can be sent."""
    if purpose == "profile":
        return await _upload_profile(request, api, actor, name)
    sliced = purpose == "sliced"
    _check_sender(request, api, actor, sliced=sliced)
    limit_mb = api.services.settings.max_sliced_mb if sliced else api.services.settings.max_upload_mb
    announced = announced_bytes(request)
    if announced > limit_mb * disk.MB:
        raise FileTooLarge(limit_mb)
    caller = None if actor.is_staff else api.caller(request)
    if caller is not None:
        api.count_upload(request)
    staged = await api.services.submissions.receive(
        _browser_of(request, api), name, request.stream(), sliced=sliced, announced_bytes=announced, caller=caller
    )
    if not sliced:
        uploads = 1 if caller is None else api.uploads.taken(caller)
        await off_loop(api.services.intake.want_upload, staged.sha256, uploads)
    return _told(staged)


async def _upload_profile(request: Request, api: Api, actor: Actor, name: str) -> dict[str, str | int]:
    """A slicer's settings from an admin's browser; what is in them is looked at when they are put to a printer."""
    require_own_origin(request, api)
    chunks, announced = request.stream(), announced_bytes(request)
    return _told(await api.services.profiles.receive(_browser_of(request, api), name, chunks, actor, announced))


def _told(staged: StagedFile) -> dict[str, str | int]:
    return {
        "id": staged.id,
        "name": staged.original_name,
        "bytes": staged.bytes,
        "sha256": staged.sha256,
        "extension": staged.extension,
    }


def _check_sender(request: Request, api: Api, actor: Actor, *, sliced: bool) -> None:
    if is_own_origin(request, api.services.settings.base_url) is False:
        raise NotAllowed("This upload came from a page of another site. Open PrintLab itself and try again.")
    if sliced:
        if not actor.is_staff:
            raise NotSignedIn("Sign in to send a sliced file.")
        require_own_origin(request, api)


def _browser_of(request: Request, api: Api) -> str:
    browser = browser_of(request, api)
    if not browser:
        raise InvalidInput("This upload belongs to no browser. Allow cookies for this site and reload the page.")
    return browser


@downloads.get("/files/{job_id}/authoritative")
async def download_authoritative(request: Request, job_id: JobId, api: ApiOf, actor: SessionStaff) -> FileResponse:
    """The file that counts, for staff who are signed in."""
    return await revision_file(request, api, job_id, None, actor)


@downloads.get("/files/{job_id}/{number}")
async def download_file(
    request: Request,
    job_id: JobId,
    number: RevisionNumber,
    api: ApiOf,
    actor: SessionStaff,
) -> FileResponse:
    """One file revision, for staff who are signed in."""
    return await revision_file(request, api, job_id, number, actor)


@downloads.get("/admin/students/{job_id}/export")
async def export_student(job_id: JobId, api: ApiOf, actor: SessionStaff) -> StreamingResponse:
    """All that is held about the student of a job, for an admin who is signed in; made while it is sent."""
    job = await off_loop(api.services.search.get, job_id, actor)
    pieces = await off_loop(api.services.students.export, job.student_email, actor)
    headers = {
        "Content-Disposition": f'attachment; filename="student-of-job-{job_id}.zip"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Encoding": "identity",  # it is compressed already
    }
    return StreamingResponse(pieces, headers=headers, media_type="application/zip")


@downloads.get("/track/{token}/file")
async def download_own_file(request: Request, token: TrackToken, api: ApiOf) -> FileResponse:
    """The newest model that the student sent, whatever the lab sliced from it or changed."""
    job, student = await off_loop(api.services.search.by_token, token)
    if job.students_file is None:
        raise NotFound("There is no model of yours in this job.")
    return await revision_file(request, api, job.id, job.students_file.number, student)
