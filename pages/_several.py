"""What staff do with several jobs at once: each job for itself, with a list of what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from nicegui import ui

from components.several import Outcome, Planned, SeveralDialog, Tell
from pages import _frame as frame
from pages._actions import Actions
from printlab.domain import slicing, words
from printlab.domain.commands import ApproveJob, HandOverJob, MoveJob
from printlab.domain.policy import Actor
from printlab.domain.several import VERBS, Answers, command_for
from printlab.domain.slicing import Figures
from printlab.domain.status import Verb
from printlab.domain.views import JobView
from printlab.errors import PrintLabError
from printlab.offloop import off_loop
from printlab.services import Services
from printlab.services.exporting import csv_of

EXPORT = "export"
_ASKS_FIRST = Answers(reasons=("",))
"""Stands for what is filled in later, while it is only asked which jobs it can be done with."""


class Several:
    """The actions on several jobs of one page. Make it while the page is built."""

    def __init__(
        self, services: Services, actor: Actor, actions: Actions, on_done: Callable[[list[int]], None]
    ) -> None:
        """``on_done`` gets the numbers of the jobs that it was not possible with, once it was done with the others."""
        self._on_done = on_done
        self._services = services
        self._actor = actor
        self._actions = actions
        self._client = ui.context.client
        self._has_dialog = False

    async def ask(self, job_ids: tuple[int, ...], what: str) -> None:
        """Ask what has to be known, and do it; or hand the jobs over as a file."""
        verb = next((verb for verb in VERBS if verb.value == what), None)
        with frame.shown_to_user():
            if verb is not None:
                self._open(verb, await off_loop(self._services.search.several, job_ids, self._actor))
            elif what == EXPORT:
                content = await off_loop(self._export, job_ids)
                ui.download.content(content, "jobs.csv", "text/csv; charset=utf-8")

    def _export(self, job_ids: tuple[int, ...]) -> bytes:
        return csv_of(self._services.search.several(job_ids, self._actor), self._services.settings.zone)

    def _open(self, verb: Verb, jobs: tuple[JobView, ...]) -> None:
        if self._has_dialog:
            return  # a second click
        planned = [self._planned(verb, job) for job in jobs]
        possible = tuple(plan.job for plan in planned if plan.is_possible)

        done: list[JobView] = []

        async def run(answers: Answers, tell: Tell) -> None:
            for job in possible:
                tell(await self._tried(job.id, partial(self._do, verb, job, answers), done))
                await asyncio.sleep(0)  # what became of it is shown before the next one is begun
            self._on_done([plan.job.id for plan in planned if plan.job.id not in {job.id for job in done}])

        async def take_back(tell: Tell) -> None:
            for job in done:
                tell(await self._tried(job.id, partial(self._undo, job), []))
                await asyncio.sleep(0)

        with self._client:
            reasons = self._services.catalog.view().reject_reasons
            SeveralDialog(verb, planned, reasons, run, take_back, self._closed).open()
        self._has_dialog = True

    def _closed(self) -> None:
        self._has_dialog = False

    def _planned(self, verb: Verb, job: JobView) -> Planned:
        try:
            command = command_for(verb, job, self._services.catalog.view(), _ASKS_FIRST)
        except PrintLabError as refusal:
            return Planned(job, str(refusal), is_possible=False)
        if isinstance(command, ApproveJob):
            takes = slicing.in_words(Figures(command.weight_cg, command.time_min))
            return Planned(job, f"{takes}, {words.money(command.seen_cents or 0, job.currency)}", is_possible=True)
        if isinstance(command, HandOverJob):
            return Planned(job, words.money(command.amount_cents, job.currency), is_possible=True)
        return Planned(job, job.original_name, is_possible=True)

    def _do(self, verb: Verb, job: JobView, answers: Answers) -> JobView:
        command = command_for(verb, job, self._services.catalog.view(), answers)
        return self._actions.service(verb)(command, self._actor)

    def _undo(self, job: JobView) -> JobView:
        return self._services.jobs.undo(MoveJob(job.id, job.version), self._actor)

    async def _tried(self, job_id: int, act: Callable[[], JobView], done: list[JobView]) -> Outcome:
        """One job: whatever goes wrong is about it alone. As it is now it is added to ``done``."""
        try:
            with self._actions.own(job_id):
                done.append(await off_loop(act))
        except PrintLabError as refusal:
            return Outcome(job_id, str(refusal), is_done=False)
        except Exception as error:  # noqa: BLE001  (the other jobs are done all the same)
            return Outcome(job_id, frame.logged(error), is_done=False)
        return Outcome(job_id, "", is_done=True)
