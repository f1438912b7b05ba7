"""What is held about one student, at ``/admin/students``: looked up, given out, anonymised."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from components import design
from components.admin_nav import admin_nav, admin_style, page_title
from components.admin_students import anonymised, held_jobs
from components.buttons import busy, confirmed, primary_button
from components.fields import Fields
from pages import _frame as frame
from printlab.domain.policy import Actor
from printlab.domain.retention import HeldJobs
from printlab.errors import InvalidInput, NotFound
from printlab.offloop import off_loop
from printlab.services import Services

_ENDS = (
    "Name, e-mail, notes, messages, file names and the text of mails are removed from {jobs} for good. Numbers, dates "
    "and prices stay for the reports, and the files until they are deleted. The private links stop working. "
    "It cannot be taken back."
)


def register(services: Services) -> None:
    """Define the route."""

    @ui.page("/admin/students", response_timeout=frame.PATIENCE_S)
    async def admin_students(request: Request) -> RedirectResponse | None:
        actor = await frame.admin_actor(services, request)
        if isinstance(actor, RedirectResponse):
            return actor
        with frame.staff_frame(services, actor, "Students", "admin"):
            StudentsPage(services, actor).create()
        return None


class StudentsPage:
    """One admin's look at one student at a time."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self.services = services
        self.actor = actor
        self.fields = Fields()

    def create(self) -> None:
        """Lay out the search; what it finds stands below."""
        admin_style()
        with ui.element("div").classes("pla-page"):
            admin_nav("students")
            page_title("Students", "When a student asks what the lab holds about them, or wants it removed.")
            with ui.element("section").classes(design.CARD):
                form = ui.element("form").classes("pl-form").props("novalidate")
                with form.on("submit.prevent", self._look_up, args=[]):
                    address = ui.input("E-mail address of the student").props("type=email maxlength=254 autofocus")
                    self.fields.add("email", address)
                    with ui.element("div").classes(design.ROW):
                        self._button = primary_button("Look up").props("type=submit")
                self._found = ui.element("div").classes(design.STACK)

    async def _look_up(self) -> None:
        with frame.shown_to_user(), busy(self._button):
            self.fields.start()
            self._found.clear()
            try:
                held = await off_loop(self.services.students.held, self.fields.text("email"), self.actor)
            except (InvalidInput, NotFound) as refusal:
                self.fields.mark("email", str(refusal))
                return
            with self._found:
                held_jobs(held, self._anonymise)

    async def _anonymise(self, held: HeldJobs) -> None:
        jobs = f"job {held.ended[0]}" if len(held.ended) == 1 else f"{len(held.ended)} jobs"
        if not await confirmed(f"Anonymise {held.email}?", _ENDS.format(jobs=jobs), f"Anonymise {jobs}", keep="Keep"):
            return
        with frame.shown_to_user():
            done = await off_loop(self.services.students.anonymise, held.email, self.actor)
            self._found.clear()
            with self._found:
                anonymised(done)
