"""How the app stands: what works, and which files in the shared folder belong to no job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nicegui import ui

from components import design
from components.notice import notice
from printlab.domain import words
from printlab.domain.views import Health, StrayView

_CHECKS: Mapping[str, str] = {
    "database": "Database",
    "migrations": "Tables",
    "storage": "Shared folder",
    "disk": "Free disk",
    "thumbnails": "Pictures of models",
}
_WELL = "All is well."


def checks(health: Health) -> None:
    """Each check with its sentence; what only limits the app is no failure."""
    with ui.element("ul").classes("pla-checks"):
        for name, problem in (health.checks | health.limitations).items():
            tone = "well" if problem is None else "limited" if name in health.limitations else "failing"
            with ui.element("li").classes(f"pla-check pla-check--{tone}"):
                ui.icon(_ICONS[tone]).props("aria-hidden=true")
                ui.label(_CHECKS.get(name, name)).classes("pla-check-name")
                ui.label(problem or _WELL).classes(f"{design.PROSE} {'' if problem else design.MUTED}")


_ICONS = {"well": "check_circle", "limited": "info", "failing": "error"}


def strays(found: Sequence[StrayView], root: str) -> None:
    """The files that are no job's, with why and what to do; nothing of them is ever deleted."""
    if not found:
        ui.label("Every file in the shared folder belongs to a job.").classes(design.MUTED)
        return
    notice(
        "Rename a file so that it begins with its job’s name, or upload it on the job’s page. "
        f"PrintLab deletes none of them. They lie below {root}."
    )
    with ui.element("ul").classes("pla-strays"):
        for stray in found:
            with ui.element("li").classes("pla-stray"):
                ui.label(stray.place).classes(f"pla-stray-place {design.BREAK}")
                with ui.element("div").classes(f"pla-stray-about {design.SMALL} {design.MUTED}"):
                    ui.label(words.size(stray.bytes))
                    ui.label(stray.why).classes(design.BREAK)
                    if stray.job_id is not None:
                        ui.link(f"Perhaps job {stray.job_id}", f"/jobs/{stray.job_id}")
