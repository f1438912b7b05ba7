"""Opening files in place: a link for staff, its redemption by the helper on their computer, and the helper itself."""

from __future__ import annotations

import structlog
from fastapi import Request
from starlette.responses import Response

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
redemptions = api_router("/api/v1/open", "Opening", responses=refusals(400, 404, 409, 413, 422, 429))
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
async def redeem_link(request: Request, body: RedeemBody, api: ApiOf) -> Redeemed:
    """For the helper on a staff PC: which file a link opens. The token is the credential; it is used up by this.

    Whatever is wrong with it, the answer is the same 404. While the file is being moved it is 409, and the link stays
    good. One address may redeem and conclude 60 times a minute.
    """
    api.redemptions.take(api.caller(request))
    redeem = api.services.opening.redeem
    return Redeemed.of(await off_loop(redeem, body.token, body.workstation, body.problem))


@redemptions.post("/conclude", summary="Say what came of a link")
async def conclude_link(request: Request, body: ConcludeBody, api: ApiOf) -> Concluded:
    """For the helper on a staff PC: the file opened there, or why not. The job's history says so from then on.

    It is said once, within ten minutes, by the computer that redeemed the link; the answer is the same 404 otherwise.
    Until then the history says that the file was handed to the helper.
    """
    api.redemptions.take(api.caller(request))
    conclude = api.services.opening.conclude
    return Concluded(opened=await off_loop(conclude, body.token, body.workstation, body.problem))


@helper.get(f"/{ARCHIVE_NAME}")
async def download_helper(api: ApiOf, _actor: SessionStaff) -> Response:
    """The helper, with this lab's address in it."""
    content = await off_loop(packed, api.services.settings.public_url)
    headers = {"Content-Disposition": f'attachment; filename="{ARCHIVE_NAME}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)
