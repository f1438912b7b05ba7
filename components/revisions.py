"""The files of a job: what each is, where it came from, which one counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from nicegui import ui

from components import design
from components.job_form import short
from printlab.domain import words
from printlab.domain.views import FileState, JobView, RevisionKind, RevisionView

KINDS = {
    RevisionKind.ORIGINAL: "Original",
    RevisionKind.CORRECTED: "Corrected model",
    RevisionKind.SLICED: "Sliced file",
}
FILE_ICONS = {
    RevisionKind.ORIGINAL: "view_in_ar",
    RevisionKind.CORRECTED: "view_in_ar",
    RevisionKind.SLICED: "layers",
}
_SHORT_HASH = 10
_SHOWN = 3


def file_state_sentence(job: JobView) -> str | None:
    """What is wrong with the working copy's place, or None when it lies where it should."""
    if job.file_state is FileState.MOVING:
        return "The file is still moving to its folder. The job is as shown; the file follows by itself."
    if job.file_state is FileState.PROBLEM:
        why = job.file_problem or "The disk refused."
        return f"The file could not be moved to its folder: {why} It is tried again every minute."
    return None


def revisions(job: JobView, zone: tzinfo, now: datetime) -> None:
    """All revisions, newest first; of many, the older ones that do not count are folded."""
    newest_first = list(reversed(job.revisions))
    older = [revision for revision in newest_first[_SHOWN:] if not revision.authoritative]
    _rows(job, [revision for revision in newest_first if revision not in older], zone, now)
    if older:
        with ui.element("details").classes("plj-older"):
            with ui.element("summary"):
                ui.label("1 older file" if len(older) == 1 else f"{len(older)} older files")
            _rows(job, older, zone, now)


def _rows(job: JobView, shown: Sequence[RevisionView], zone: tzinfo, now: datetime) -> None:
    with ui.element("ul").classes("plj-files"):
        for revision in shown:
            with ui.element("li").classes("plj-file" + (" plj-file--counts" if revision.authoritative else "")):
                _row(job, revision, zone, now)


def _row(job: JobView, revision: RevisionView, zone: tzinfo, now: datetime) -> None:
    ui.icon(FILE_ICONS[revision.kind]).classes("plj-file-icon").props("aria-hidden=true")
    with ui.element("div").classes("plj-file-text"):
        with ui.element("div").classes("plj-file-name"):
            ui.label(revision.original_name).classes(design.BREAK)
            if revision.authoritative:
                ui.label("This file counts").classes("plj-counts")
        with ui.element("div").classes(f"plj-file-about {design.SMALL} {design.MUTED} {design.BREAK}"):
            ui.label(
                f"{revision.number} · {KINDS[revision.kind]} · {revision.origin} · {short(revision.created_by)} · "
                f"{words.when(revision.created_at, now, zone)} · {_size(revision.bytes)}"
            )
            _hash(revision)
    _download_link(job.id, revision.number)


def _size(count: int) -> str:
    return words.size(count).replace(" ", "\u00a0")


def _hash(revision: RevisionView) -> None:
    label = ui.label(f"SHA-256 {revision.sha256[:_SHORT_HASH]}…").classes("plj-hash")
    label.props["title"] = revision.sha256


def _download_link(job_id: int, number: int) -> None:
    """A link that downloads a revision; only its icon is seen."""
    label = f"Download file {number}"
    link = ui.element("a").classes("plj-download").props("download")
    link.props["href"] = f"/files/{job_id}/{number}"
    link.props["aria-label"] = label
    with link:
        ui.icon("download").props("aria-hidden=true")
        ui.tooltip(label)
