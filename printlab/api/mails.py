"""Mails: what a mailbox is told of one that did not arrive."""

from __future__ import annotations

from fastapi import Request

from printlab.api.context import STAFF_SECURITY, ApiOf, StaffActor
from printlab.api.responses.mails import BouncedJson
from printlab.api.responses.refusals import refusals
from printlab.api.routing import api_router
from printlab.offloop import off_loop

router = api_router(
    "/api/v1/mails", "Mails", dependencies=STAFF_SECURITY, responses=refusals(400, 401, 403, 404, 413, 422)
)
_BODY = {
    "requestBody": {
        "required": True,
        "description": "The notice as the mailbox got it, with its headers.",
        "content": {"message/rfc822": {"schema": {"type": "string"}}},
    }
}


@router.post("/bounces", summary="Report a mail that came back", openapi_extra=_BODY)
async def report_bounce(request: Request, api: ApiOf, actor: StaffActor) -> BouncedJson:
    """A delivery status notification (RFC 3464) marks the mail that it tells of as one that came back, with its words.

    Staff see it in red, correct the address and send it again. The same notice twice changes nothing.
    """
    return BouncedJson.of(await off_loop(api.services.mail.bounced, await request.body(), actor))
