"""The files of a job: what each is, where it came from, which one counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from functools import partial
from typing import Any

from nicegui import ui

from components import design
from components.buttons import quiet_button
from components.job_form import Choices, JobForm, hint, short, text
from printlab.domain import slicing, words
from printlab.domain.commands import UseFile
from printlab.domain.policy import takes_sliced_files
from printlab.domain.sliced_facts import doubt_about, slicer_of
from printlab.domain.views import SAVED, SAVED_OVER, FileState, JobView, RevisionKind, RevisionView

_KINDS = {
    RevisionKind.ORIGINAL: "Original",
    RevisionKind.CORRECTED: "Corrected model",
    RevisionKind.PROJECT: "Slicer project",
    RevisionKind.SLICED: "Sliced file",
}
_ICONS = {
    RevisionKind.ORIGINAL: "view_in_ar",
    RevisionKind.CORRECTED: "view_in_ar",
    RevisionKind.PROJECT: "tune",
    RevisionKind.SLICED: "layers",
}
_USE = "Use this file"
_SHORT_HASH = 10
_SHOWN = 3


_FOLLOWS = "The file is still moving to its folder. The job is as shown; the file follows by itself."
_LEAVES = "The file is leaving its folder for the archive."


def file_state_sentence(job: JobView) -> str | None:
    """What is wrong with the working copy's place, or None when it lies where it should, or in the archive only."""
    is_archived = job.archived_at is not None
    if job.file_state is FileState.MOVING:
        return _LEAVES if is_archived else _FOLLOWS
    if job.file_state is FileState.PROBLEM:
        what = "leave its folder" if is_archived else "be moved to its folder"
        return f"The file could not {what}: {job.file_problem or 'The disk refused.'} It is tried again every minute."
    return None


def archive_sentence(job: JobView, zone: tzinfo) -> str | None:
    """That the job is in the archive, and how to have its file; None when it is not."""
    if job.archived_at is None:
        return None
    since = words.day(job.archived_at.astimezone(zone).date())
    if job.counting_file.purged_at is not None:
        return f"In the archive since {since}. Its file was deleted under the lab’s retention rule."
    return f"In the archive since {since}: the file is in no folder any more. Download it here."


def revisions(job: JobView, zone: tzinfo, now: datetime, on_use: Callable[[RevisionView], Any] | None = None) -> None:
    """All revisions, newest first; of many, the older ones that do not count are folded.

    ``on_use`` is called for the one that shall count; without it none can be chosen.
    """
    newest_first = list(reversed(job.revisions))
    older = [revision for revision in newest_first[_SHOWN:] if not revision.authoritative]
    row = partial(_row, job, zone, now, on_use)
    _rows([revision for revision in newest_first if revision not in older], row)
    if older:
        with ui.element("details").classes("plj-older"):
            with ui.element("summary"):
                ui.label("1 older file" if len(older) == 1 else f"{len(older)} older files")
            _rows(older, row)


def _rows(shown: Sequence[RevisionView], row: Callable[[RevisionView], None]) -> None:
    with ui.element("ul").classes("plj-files"):
        for revision in shown:
            with ui.element("li").classes("plj-file" + (" plj-file--counts" if revision.authoritative else "")):
                row(revision)


def _row(
    job: JobView,
    zone: tzinfo,
    now: datetime,
    on_use: Callable[[RevisionView], Any] | None,
    revision: RevisionView,
) -> None:
    _picture(revision)
    with ui.element("div").classes("plj-file-text"):
        with ui.element("div").classes("plj-file-name"):
            ui.label(revision.original_name).classes(design.BREAK)
            if revision.authoritative:
                ui.label("This file counts").classes("plj-counts")
        if said := slicers_words(revision):
            ui.label(said).classes(f"{design.SMALL} {design.BREAK}")
        with ui.element("div").classes(f"plj-file-about {design.SMALL} {design.MUTED} {design.BREAK}"):
            ui.label(
                f"{revision.number} · {what_it_is(revision)} · {from_whom(revision)} · "
                f"{words.when(revision.created_at, now, zone)} · {_size(revision.bytes)}"
            )
            _hash(revision)
        if doubt := revision.sliced and doubt_about(revision.sliced):
            ui.label(doubt).classes(f"plj-file-doubt {design.SMALL}")
        if revision.purged_at is not None:
            day = words.day(revision.purged_at.astimezone(zone).date())
            ui.label(f"Deleted under the lab’s retention rule, {day}").classes(f"plj-file-doubt {design.SMALL}")
        elif on_use is not None and not revision.authoritative:
            use = quiet_button(_USE, lambda: on_use(revision), icon="check").props("dense")
            use.props["aria-label"] = f"{_USE}: {revision.number}, {revision.original_name}"
    if revision.purged_at is None:
        _download_link(job.id, revision.number)


def _picture(revision: RevisionView) -> None:
    if revision.thumbnail_url is None:
        ui.icon(file_icon(revision)).classes("plj-file-icon").props("aria-hidden=true")
        return
    picture = ui.element("img").classes("plj-file-picture").props('alt="" loading=lazy')
    picture.props["src"] = revision.thumbnail_url


def from_whom(revision: RevisionView) -> str:
    """``uploaded · Sam Rivera``; of what was saved in the shared folder nobody knows by whom."""
    if revision.origin in (SAVED, SAVED_OVER):
        return revision.origin
    return f"{revision.origin} · {short(revision.created_by)}"


def what_it_is(revision: RevisionView) -> str:
    """``Sliced file``; of one that could not be told for what it is, that."""
    return "Unknown .3mf" if _is_unknown(revision) else _KINDS[revision.kind]


def file_icon(revision: RevisionView) -> str:
    """The icon of what it is."""
    return "help_outline" if _is_unknown(revision) else _ICONS[revision.kind]


def _is_unknown(revision: RevisionView) -> bool:
    return revision.sliced is not None and revision.sliced.is_untold


def slicers_words(revision: RevisionView) -> str:
    """``38 g, 2 h 10 min · PLA · MK4S · PrusaSlicer 2.9.4``: what a sliced file says of itself; empty for others."""
    facts = revision.sliced
    if facts is None:
        return ""
    takes = slicing.in_words(slicing.rounded_figures(facts.weight_g, facts.time_s))
    plates = f"{len(facts.plates)} plates" if len(facts.plates) > 1 else None
    copy = "holds one copy" if revision.one_copy else None
    return " · ".join(filter(None, (takes, facts.material, facts.printer_model, plates, copy, slicer_of(facts))))


class UseFileForm(JobForm):
    """Asks why another file shall count."""

    def __init__(self, job: JobView, choices: Choices, number: int) -> None:
        super().__init__(job, choices)
        self._revision = next(revision for revision in job.revisions if revision.number == number)

    @property
    def title(self) -> str:
        """Names the file."""
        return f"Use file {self._revision.number}: {short(self._revision.original_name)}"

    @property
    def kept_as(self) -> str:
        """The reason is one file's."""
        return f"{super().kept_as} {self._revision.number}"

    @property
    def submit_label(self) -> str:
        """As the button beside the file says."""
        return _USE

    def create(self) -> None:
        """The reason, and what it leads to."""
        field = ui.input("Why").props('maxlength=200 placeholder="for example sliced with supports" autofocus')
        self.reason = self.filled(field, lambda _: "")
        self._hint = hint(self._leads_to())

    def rebase(self, job: JobView, choices: Choices | None = None) -> None:
        """Another file may count by now."""
        super().rebase(job, choices)
        self._hint.set_text(self._leads_to())

    def read(self) -> UseFile:
        """The file and the reason."""
        reason = text(self.reason)
        if reason is None:
            self.demand(self.reason, "Say why; it is kept with the job.")
        return UseFile(self.job.id, self.job.version, self._revision.number, reason or "")

    def is_possible(self, job: JobView) -> bool:
        """Whether the file can still become the one that counts."""
        return takes_sliced_files(job.status) and job.authoritative != self._revision.number

    def _leads_to(self) -> str:
        counting = short(self.job.counting_file.original_name)
        return f"It becomes the file that is opened and printed, instead of {counting}."


def used_sentence(job: JobView) -> str:
    """What is said once another file counts."""
    return f"File {job.authoritative} is now the file that counts for job {job.id}"


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
