"""Student routes: whoever has a job's private link sees that job and answers its quote."""

from __future__ import annotations

from typing import Annotated, TypeVar

from fastapi import Depends, Path

from printlab.api.body import ANSWER_LIMIT
from printlab.api.context import Api, ApiOf
from printlab.api.jobs import Service, moves_of
from printlab.api.problems import JobConflict
from printlab.api.requests import TrackConfirmBody, TrackMoveBody
from printlab.api.responses.refusals import refusals
from printlab.api.responses.tracked import TrackedJob
from printlab.api.routing import api_router
from printlab.domain.commands import ConfirmJob, MoveJob
from printlab.domain.policy import Actor
from printlab.domain.report import report_of
from printlab.domain.status import Verb
from printlab.domain.views import JobView
from printlab.domain.waiting import Forecast, Standing
from printlab.errors import Conflict
from printlab.offloop import off_loop

_Command = TypeVar("_Command")
_HERE = frozenset({Verb.CONFIRM, Verb.DECLINE, Verb.CANCEL})

router = api_router("/api/v1/track", "Tracking", responses=refusals(400, 404, 409, 413, 422), limit=ANSWER_LIMIT)

TrackToken = Annotated[
    str,
    Path(max_length=100, description="The last part of the private tracking link.", examples=["123-1-4rZb0Cq…"]),
]


async def tracked(token: TrackToken, api: ApiOf) -> tuple[JobView, Actor]:
    """The job of a private link and its student, before anything that was sent with it is looked at."""
    return await off_loop(api.services.search.by_token, token)


Tracked = Annotated[tuple[JobView, Actor], Depends(tracked)]


@router.get("/{token}", summary="Where is my job")
async def track_job(found: Tracked, api: ApiOf) -> TrackedJob:
    """The job of a private link, as its student may see it."""
    job, student = found
    return await off_loop(_tracked, api, job, student)


@router.post("/{token}/confirm", summary="Accept the quote")
async def track_confirm(
    token: TrackToken, found: Tracked, api: ApiOf, body: TrackConfirmBody | None = None
) -> TrackedJob:
    """Accept the quote that you saw, by its number: a superseded one is refused with the new price."""
    sent = body or TrackConfirmBody()
    job, student = found
    command = ConfirmJob(job.id, sent.version or job.version, sent.quote)
    return await _moved(api, token, student, api.services.quotes.confirm, command)


@router.post("/{token}/decline", summary="Decline the quote")
async def track_decline(token: TrackToken, found: Tracked, api: ApiOf, body: TrackMoveBody | None = None) -> TrackedJob:
    """Decline the quote; the job ends as rejected and can be taken up again with a corrected file."""
    sent = body or TrackMoveBody()
    job, student = found
    command = MoveJob(job.id, sent.version or job.version, sent.reason)
    return await _moved(api, token, student, api.services.jobs.decline, command)


@router.post("/{token}/cancel", summary="Cancel my job")
async def track_cancel(token: TrackToken, found: Tracked, api: ApiOf, body: TrackMoveBody | None = None) -> TrackedJob:
    """Withdraw the job, before it is printed."""
    sent = body or TrackMoveBody()
    job, student = found
    command = MoveJob(job.id, sent.version or job.version, sent.reason)
    return await _moved(api, token, student, api.services.jobs.cancel, command)


async def _moved(api: Api, token: str, student: Actor, service: Service[_Command], command: _Command) -> TrackedJob:
    try:
        return await off_loop(_tracked, api, await off_loop(service, command, student), student)
    except Conflict as refusal:
        job, _ = await off_loop(api.services.search.by_token, token)
        raise JobConflict(refusal, job, _moves(api, job, student)) from refusal


def _moves(api: Api, job: JobView, student: Actor) -> tuple[Verb, ...]:
    return tuple(verb for verb in moves_of(api, job, student) if verb in _HERE)


def _tracked(api: Api, job: JobView, student: Actor) -> TrackedJob:
    report = report_of(job, api.services.catalog.view())
    outlook = Forecast(api.services.waiting.now()).of(Standing.of(job, job.time_min))
    return TrackedJob.of(job, _moves(api, job, student), report, outlook)
