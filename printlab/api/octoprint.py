"""What a slicer finds where it expects an OctoPrint: its “Upload” sends the next file of the job that the name names.

As much of https://docs.octoprint.org/en/master/api/ as PrusaSlicer, SuperSlicer, OrcaSlicer and Cura's OctoPrint plugin
ask for before, while and after they upload. Nothing is ever selected or printed from here.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import Any

from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from printlab.api import problems
from printlab.api.arriving import ArrivingFile
from printlab.api.context import Api, ApiOf, KeyActor, key_actor
from printlab.api.routing import ApiRoute, StreamRoute, api_router, stream_router
from printlab.domain.views import JobView, RevisionView
from printlab.offloop import off_loop

# Cura shows sentences of its own for 401, 403 and 409; that for 409 would be about a file that is being printed.
_STATUS = {401: 403, 409: 422}
# A shelf with room: Cura sends nothing to a printer that is offline or busy.
_IDLE = {"operational": True, "ready": True}
_BUSY = ("cancelling", "closedOrError", "error", "finishing", "paused", "pausing", "printing", "resuming", "sdReady")
_PRINTER = {"state": {"text": "Operational", "flags": _IDLE | dict.fromkeys(_BUSY, False)}}
_NO_JOB = {
    "state": "Operational",
    "job": {"file": {"name": None, "origin": None, "size": None, "date": None}},
    "progress": {"completion": None, "filepos": None, "printTime": None, "printTimeLeft": None},
}
_FIELDS = frozenset({"print", "select", "path", "userdata"})
_PRODUCT = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,30})(?:/v?(\d[0-9A-Za-z.]{0,15}))?")
_NAMES = {"cura": "Cura"}


class _ToldPlainly(ApiRoute):
    """Refusals consist of their sentence: slicers show the body as it is, Cura that of ``text/plain`` only."""

    def refusal(self, error: Exception) -> Response:
        """The sentence, under a status for which it is shown."""
        told = problems.answer_to(error)
        return Response(told.detail, _STATUS.get(told.status_code, told.status_code), {"Content-Type": "text/plain"})


class _Upload(_ToldPlainly, StreamRoute):
    """The same for the file while it arrives."""


questions = api_router(
    "/api", "Slicers", route_class=_ToldPlainly, dependencies=[Depends(key_actor)], include_in_schema=False
)
uploads = stream_router("/api", "Slicers", route_class=_Upload, sender=key_actor, include_in_schema=False)


@questions.get("/version")
async def read_version() -> dict[str, str]:
    """Who answers; slicers go on only when ``text`` begins with “OctoPrint”."""
    return {"api": "0.1", "server": "1.5.0", "text": f"OctoPrint (PrintLab {version('printlab')})"}


@questions.get("/settings")
async def read_settings() -> dict[str, Any]:
    """Cura accepts the key by this, and looks whether files can be sent to an SD card."""
    return {"feature": {"sdSupport": False}, "webcam": {}, "plugins": {}}


@questions.get("/printer")
async def read_printer() -> dict[str, Any]:
    """Cura asks every two seconds whether anything can be sent."""
    return _PRINTER


@questions.get("/job")
async def read_print_job() -> dict[str, Any]:
    """Cura asks every two seconds what is being printed: never anything from here."""
    return _NO_JOB


@uploads.post("/files/local")
async def receive_file(request: Request, api: ApiOf, actor: KeyActor) -> JSONResponse:
    """Take the file in; answers as OctoPrint 1.5 does, under the name that it has in the lab."""
    arriving = ArrivingFile(api, request, api.services.settings.max_sliced_mb, sliced=True, caller=None)
    try:
        form = await arriving.read(_FIELDS)
        slicer = slicer_of(request.headers.get("user-agent", ""))
        job, sent = await off_loop(api.services.revisions.send, arriving.browser, form.file.id, slicer, actor)
    finally:
        await arriving.clear()
    return _taken(api, job, sent)


def _taken(api: Api, job: JobView, sent: RevisionView) -> JSONResponse:
    rest, name = f"{api.services.settings.public_url}/api", sent.filename
    resource = f"{rest}/v1/jobs/{job.id}"
    refs = {"resource": resource, "download": f"{resource}/revisions/{sent.number}/content"}
    file = {"name": name, "path": name, "origin": "local", "refs": refs}
    answer = {"files": {"local": file}, "done": True, "effectiveSelect": False, "effectivePrint": False}
    return JSONResponse(answer, 201, {"Location": f"{rest}/files/local/{name}"})  # whole: Qt sees no other


def slicer_of(user_agent: str) -> str:
    """``PrusaSlicer 2.9.0``: the program that a User-Agent header names first; ``a slicer`` when it names none."""
    product = _PRODUCT.match(user_agent)
    if product is None:
        return "a slicer"
    name, number = product.groups()
    return " ".join(filter(None, (_NAMES.get(name.lower(), name), number)))
