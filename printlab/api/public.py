"""What needs nobody: the price preview, and whether the app is well."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import Query
from fastapi.responses import JSONResponse

from printlab.api.context import ApiOf
from printlab.api.responses.refusals import refusals
from printlab.api.responses.site import Alive, CostPreview, Readiness
from printlab.api.routing import api_router
from printlab.domain.limits import MAX_TIME_MIN, MAX_WEIGHT_G
from printlab.domain.pricing import weight_cg
from printlab.offloop import off_loop

_log = structlog.get_logger(__name__)

cost = api_router("/api/cost", "Prices", responses=refusals(422))
health = api_router("/healthz", "Health")


@cost.get("/preview", summary="What would it cost")
async def preview_cost(
    api: ApiOf,
    printer: Annotated[str, Query(max_length=200, description="Name of a printer.", examples=["Prusa MK4S"])],
    weight: Annotated[
        float,
        Query(
            ge=0,
            le=MAX_WEIGHT_G,
            allow_inf_nan=False,
            description="Weight of all copies in grams.",
            examples=[40],
        ),
    ],
    time: Annotated[
        int, Query(ge=0, le=MAX_TIME_MIN, description="Printing time of all copies in minutes.", examples=[100])
    ],
) -> CostPreview:
    """The price of a new job of this weight and time, computed as a quote is."""
    cents = await off_loop(api.services.quotes.preview, printer, weight_cg(weight), time)
    return CostPreview(
        cost=f"{cents // 100}.{cents % 100:02d}", cost_cents=cents, currency=api.services.settings.currency
    )


@health.get("/live", summary="Is the process alive")
async def live() -> Alive:
    """Answers as long as the process does; looks at nothing else."""
    return Alive(status="alive")


@health.get(
    "/ready",
    summary="Can the app work",
    response_model=Readiness,
    responses={503: {"description": "A check fails.", "model": Readiness}},
)
async def ready(api: ApiOf) -> JSONResponse:
    """Looks at the database, its migrations, the storage and the free disk, and says whether pictures can be drawn."""
    found = await off_loop(api.services.health.ready)
    if not found.ready:
        _log.warning("health.not_ready", **{name: what for name, what in found.checks.items() if what})
    checks = {name: "ok" if what is None else "failing" for name, what in found.checks.items()}
    checks |= {name: "ok" if what is None else "limited" for name, what in found.limitations.items()}
    limitations = [what for what in found.limitations.values() if what]
    answer = {"ready": found.ready, "checks": checks, "limitations": limitations}
    return JSONResponse(answer, 200 if found.ready else 503)
