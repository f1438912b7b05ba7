"""Opening files in place: a link for staff, its redemption by the helper on their computer, and the helper itself."""

from __future__ import annotations

import json

import structlog
from fastapi import Depends, Request
from starlette.responses import Response

from printlab.api.body import ANSWER_LIMIT
from printlab.api.context import STAFF_SECURITY, ApiOf, SessionStaff, StaffActor
from printlab.api.jobs import JobId
from printlab.api.requests import ConcludeBody, RedeemBody
from printlab.api.responses.opening import Concluded, OpenLinkJson, Redeemed
from printlab.api.responses.refusals import refusals
from printlab.api.routing import api_router
from printlab.offloop import off_loop
from printlab.opener.packing import ARCHIVE_NAME, packed

links = api_router(
    "/api/v1/jobs", "Opening", dependencies=STAFF_SECURITY, responses=refusals(401, 403, 404, 409, 422, 503)
)


async def genuine_or_counted(request: Request, api: ApiOf) -> None:
    """Count whoever brings no link of ours, before more is made of what they sent; raises TooManyRequests.

    Links pass however many others try from the same address: a campus has one for all its computers.
    """
    token = _token_in(await request.body())
    if token is None or not await off_loop(api.services.opening.knows, token):
        api.failed_redemptions.take(api.caller(request))


redemptions = api_router(
    "/api/v1/open",
    "Opening",
    dependencies=[Depends(genuine_or_counted)],
    limit=ANSWER_LIMIT,
    responses=refusals(400, 404, 409, 413, 422, 429),
)
helper = api_router("/opener", "Pages", include_in_schema=False)


@links.post("/{job_id}/open", status_code=201, summary="Open a job's file")
async def open_file(job_id: JobId, api: ApiOf, actor: StaffActor) -> OpenLinkJson:
    """A link that opens the file that counts on the computer where it is clicked, in place: no download, no copy.

    It is good once, for a minute, and only while you are signed in. Until it is redeemed, nothing is recorded.
    """
    structlog.contextvars.bind_contextvars(job_id=job_id)
    link = await off_loop(api.services.opening.mint, job_id, actor)
    return OpenLinkJson.of(link, await off_loop(api.services.opening.elsewhere, job_id, actor))


@redemptions.post("/redeem", summary="Redeem a link")
async def redeem_link(body: RedeemBody, api: ApiOf) -> Redeemed:
    """For the helper on a staff PC: which file a link opens. The token is the credential; it is used up by this.

    Whatever is wrong with it, the answer is the same 404. While the file is being moved it is 409, and the link stays
    good. One address may send what is no link 60 times a minute.
    """
    redeem = api.services.opening.redeem
    return Redeemed.of(await off_loop(redeem, body.token, body.workstation, body.problem))


@redemptions.post("/conclude", summary="Say what came of a link")
async def conclude_link(body: ConcludeBody, api: ApiOf) -> Concluded:
    """For the helper on a staff PC: the file opened there, or why not. The job's history says so from then on.

    It is said once, within ten minutes, by the computer that redeemed the link; the answer is the same 404 otherwise.
    Until then the history says that the file was handed to the helper.
    """
    conclude = api.services.opening.conclude
    return Concluded(opened=await off_loop(conclude, body.token, body.workstation, body.problem))


def _token_in(content: bytes) -> str | None:
    try:
        sent = json.loads(content)
    except (ValueError, RecursionError):
        return None
    match sent:
        case {"token": str(token)}:
            return token
        case _:
            return None


@helper.get(f"/{ARCHIVE_NAME}")
async def download_helper(api: ApiOf, _actor: SessionStaff) -> Response:
    """The helper, with this lab's address in it."""
    content = await off_loop(packed, api.services.settings.public_url)
    headers = {"Content-Disposition": f'attachment; filename="{ARCHIVE_NAME}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)
