"""How the app stands: what works, and which files in the shared folder belong to no job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import partial
from typing import Any

from nicegui import ui

from components import design
from components.buttons import quiet_button
from components.fields import Fields
from components.notice import notice
from printlab.domain import words
from printlab.domain.naming import printable
from printlab.domain.retention import CleanupRun
from printlab.domain.views import Health, OrphanView, StrayView

_CHECKS: Mapping[str, str] = {
    "database": "Database",
    "migrations": "Tables",
    "storage": "Shared folder",
    "disk": "Free disk",
    "space": "Disk space",
    "thumbnails": "Pictures of models",
    "mail": "Mail",
}
_WELL = "All is well."
_LONGEST_NUMBER = 10
MOST_STRAYS = 100
"""How many files of no job are listed: each is eight elements of the page, and there may be thousands."""


def checks(health: Health, figures: Mapping[str, str]) -> None:
    """Each check with its sentence and its figure; what only limits the app is no failure."""
    with ui.element("ul").classes("pla-checks"):
        for name, problem in (health.checks | health.limitations).items():
            tone = "well" if problem is None else "limited" if name in health.limitations else "failing"
            with ui.element("li").classes(f"pla-check pla-check--{tone}"):
                ui.icon(_ICONS[tone]).props("aria-hidden=true")
                ui.label(_CHECKS.get(name, name)).classes("pla-check-name")
                with ui.element("div"):
                    ui.label(problem or _WELL).classes(_weight(problem, has_figure=name in figures))
                    if name in figures:
                        ui.label(figures[name]).classes(f"pla-check-figure {design.MUTED} {design.BREAK}")


def _weight(problem: str | None, *, has_figure: bool) -> str:
    """That all is well is read out everywhere, and seen where there is no figure to see."""
    return design.PROSE if problem else "pl-sr" if has_figure else design.MUTED


_ICONS = {"well": "check_circle", "limited": "info", "failing": "error"}


def orphans(listed: Sequence[OrphanView], on_delete: Callable[[OrphanView], Any]) -> None:
    """The files in the archive that are no job's, at most MOST_STRAYS of them; each is deleted after a question."""
    if not listed:
        ui.label("Every file in the archive belongs to a job.").classes(design.MUTED)
        return
    size = words.size(sum(orphan.bytes for orphan in listed))
    count = "1 file" if len(listed) == 1 else f"{len(listed):,} files"
    notice(f"{count} ({size}) in the archive of no job. Delete what nobody misses.")
    with ui.element("ul").classes("pla-strays"):
        for orphan in listed[:MOST_STRAYS]:
            with ui.element("li").classes("pla-stray"):
                ui.label(printable(orphan.place)).classes(f"pla-stray-place {design.BREAK}")
                with ui.element("div").classes(f"pla-stray-about {design.SMALL} {design.MUTED}"):
                    ui.label(words.size(orphan.bytes))
                    ui.label(orphan.why)
                _delete_button(orphan.place, partial(on_delete, orphan))
    if len(listed) > MOST_STRAYS:
        ui.label(f"… and {len(listed) - MOST_STRAYS:,} more.").classes(f"{design.PROSE} {design.MUTED}")


def _delete_button(place: str, on_click: Callable[[], Any]) -> None:
    button = quiet_button("Delete…", on_click)
    button.props["aria-label"] = f"Delete {printable(place)}…"


def strays(
    listed: Sequence[StrayView],
    count: int,
    root: str,
    on_give: Callable[[StrayView], Any],
    on_delete: Callable[[StrayView], Any],
) -> None:
    """The files that are no job's, with why and what to do; each is deleted after a question, and not otherwise.

    ``listed`` are the first of ``count``, at most MOST_STRAYS.
    """
    if not listed:
        ui.label("Every file in the shared folder belongs to a job.").classes(design.MUTED)
        return
    notice(
        "Give a file to its job, or rename it so that it begins with the job’s name. "
        f"PrintLab deletes none of them by itself. They lie below {root}."
    )
    with ui.element("ul").classes("pla-strays"):
        for stray in listed:
            with ui.element("li").classes("pla-stray"):
                _stray(stray, on_give)
                _delete_button(stray.place, partial(on_delete, stray))
    if count > len(listed):
        ui.label(
            f"… and {count - len(listed):,} more. Move or rename them in the shared folder: "
            f"only the first {len(listed)} are shown."
        ).classes(f"{design.PROSE} {design.MUTED}")


def _stray(stray: StrayView, on_give: Callable[[StrayView], Any]) -> None:
    place = printable(stray.place)
    ui.label(place).classes(f"pla-stray-place {design.BREAK}")
    with ui.element("div").classes(f"pla-stray-about {design.SMALL} {design.MUTED}"):
        ui.label(words.size(stray.bytes))
        ui.label(stray.why).classes(design.BREAK)
        if stray.job_id is not None:
            ui.link(f"Perhaps job {stray.job_id}", f"/jobs/{stray.job_id}")
    if stray.can_be_given:
        button = quiet_button("Give to a job…", partial(on_give, stray))
        button.props["aria-label"] = f"Give {place} to a job…"


def cleanup_runs(runs: Sequence[CleanupRun], zone: tzinfo, now: datetime) -> None:
    """The last run of each kind of cleanup: when, what it did, and in red why it could not."""
    if not runs:
        ui.label("Nothing has been cleaned up yet. The cleanup runs every hour and once a day.").classes(design.MUTED)
        return
    with ui.element("ul").classes("pla-checks"):
        for run in runs:
            tone = "failing" if run.problem else "well"
            with ui.element("li").classes(f"pla-check pla-check--{tone}"):
                ui.icon(_ICONS[tone]).props("aria-hidden=true")
                ui.label(run.kind.label).classes("pla-check-name")
                with ui.element("div"):
                    text = ui.label(run.problem or run.sentence).classes(design.PROSE)
                    if run.problem:
                        text.props("role=alert")
                    ui.label(f"{words.when(run.ended_at, now, zone)} · {run.by}").classes(
                        f"pla-check-figure {design.MUTED}"
                    )


class GiveForm:
    """Which job a file is for."""

    def __init__(self, stray: StrayView) -> None:
        self._stray = stray
        self.fields = Fields()

    def create(self) -> None:
        """Lay out the form."""
        ui.label(printable(self._stray.place)).classes(f"{design.SMALL} {design.MUTED} {design.BREAK}")
        number = ui.input("Job number", value=str(self._stray.job_id or "")).props("inputmode=numeric autofocus")
        self.fields.add("job_id", number)
        ui.label("The job keeps the file beside the others. It counts once you choose “Use this file” there.").classes(
            f"{design.SMALL} {design.MUTED}"
        )

    def read(self) -> int | None:
        """The job's number; None when it is none, which is marked."""
        typed = self.fields.text("job_id").removeprefix("#")
        if typed.isascii() and typed.isdigit() and len(typed) < _LONGEST_NUMBER:
            return int(typed)
        self.fields.mark("job_id", "Enter the number of the job, such as 42.")
        return None
