"""What stands on a job's page right after sending: the number, what happens next, and the link to come back."""

from __future__ import annotations

from nicegui import ui

from components import design
from components.buttons import primary_button
from components.copy_line import CopyLine
from components.draft import CarryOver, draft_name
from components.notice import notice
from components.order_form import order_of
from components.waiting import NOTHING, WaitLine, Words
from printlab.domain.judging import Finding
from printlab.domain.views import JobView, Submitted

_SENT, _SENT_BEFORE = "1", "before"
_STAFF_DECIDE = "Staff decide what can be done; until then you can replace the file below."


def sent_address(submitted: Submitted) -> str:
    """The path of the job's page with the words for somebody who has just sent it."""
    token = submitted.track_url.rsplit("/", 1)[1]
    return f"/track/{token}?sent={_SENT_BEFORE if submitted.repeated else _SENT}"


def send_another(job: JobView, *, for_staff: bool) -> None:
    """A button that leads to the form, filled in as ``job`` was ordered."""
    CarryOver("Send another like this", draft_name(for_staff=for_staff), order_of(job), "/")


class OrderSent:
    """The greeting; ``sent`` is what the page's address says about how it was reached."""

    def __init__(self, sent: str, *, mailed: bool, for_staff: bool) -> None:
        """``mailed`` says whether the lab sends mail at all."""
        self._is_repeated = sent == _SENT_BEFORE
        self._mailed = mailed
        self._for_staff = for_staff

    def create(self, job: JobView, trouble: Finding | None = None, waiting: Words = NOTHING) -> WaitLine:
        """Lay it out; ``trouble`` stands against the print. Gives the line that says ``waiting``, which changes."""
        with ui.element("section").classes(f"{design.CARD} pl-sent"):
            self._create_number(job)
            if trouble is not None:
                notice(trouble.student if self._for_staff else f"{trouble.student} {_STAFF_DECIDE}", "warning")
            with ui.element("div").classes(design.STACK):
                ui.label("What happens next").classes(design.HEADING).props("role=heading aria-level=2")
                with ui.element("ol").classes("pl-next"):
                    for line in self._next_lines(job):
                        with ui.element("li"):
                            ui.label(line)
                wait_line = WaitLine(waiting)
            with ui.element("div").classes(design.STACK):
                title = "The private tracking link" if self._for_staff else "Your private tracking link"
                ui.label(title).classes(design.HEADING).props("role=heading aria-level=2")
                CopyLine(job.track_url)
                ui.label(self._keep(job)).classes(f"{design.SMALL} {design.MUTED} {design.BREAK}")
            with ui.element("div").classes(design.ROW):
                if self._for_staff:
                    primary_button(f"Open job {job.id}").props(f'href="/jobs/{job.id}"')
                send_another(job, for_staff=self._for_staff)
        return wait_line

    def _create_number(self, job: JobView) -> None:
        with ui.element("div").classes("pl-stack pl-tight"):
            ui.label("Your file has arrived." if not self._for_staff else "The job is on the board.").classes(
                design.STRONG
            )
            with ui.element("h1").classes("pl-stack pl-tight"):
                ui.label("The job number" if self._for_staff else "Your job number").classes(design.MUTED)
                ui.label(str(job.id)).classes("pl-job-number")
            ui.label(job.original_name).classes("pl-ellipsis").props["title"] = job.original_name
            if self._is_repeated:
                ui.label("It had arrived already; nothing was sent twice.").classes(design.SMALL)

    def _next_lines(self, job: JobView) -> tuple[str, str, str]:
        if self._for_staff:
            return (
                f"Job {job.id} is on the board under “{job.status.label}”. Slice it and enter weight and time.",
                "While the student stands here it can go straight to the print queue; otherwise they accept the quote.",
                "Give the student the number and the link: it shows where the part is.",
            )
        quote = "You get the quote by e-mail" if self._mailed else "The quote appears on this page"
        ready = "an e-mail tells you" if self._mailed else "this page says"
        return (
            "Staff check your file and work out weight, time and price.",
            f"{quote}, and you accept or decline it. Nothing is printed or charged before that.",
            f"Your part is printed, and {ready} when you can pick it up.",
        )

    def _keep(self, job: JobView) -> str:
        if self._for_staff:
            mail = f"It also goes to {job.student_email}. " if self._mailed else "The lab sends no e-mail. "
            return f"{mail}Whoever has the link can answer for this job."
        if self._mailed:
            return f"It also goes to {job.student_email}. Keep it to yourself: whoever has it can answer for this job."
        return (
            "The lab sends no e-mail: this link is your way back to the job. Keep it, for example as a bookmark. "
            "Whoever has it can answer for this job."
        )
