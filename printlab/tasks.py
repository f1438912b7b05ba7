"""The durable tasks behind the names of ``queue.py``: what a kill cuts off is taken up at the next start."""

from __future__ import annotations

import uuid

from dbos import DBOS, DBOSConfig

from printlab.alive import Alive
from printlab.offloop import off_loop
from printlab.queue import (
    ANALYSE,
    APPLICATION,
    CLEAN_UP,
    CLEANING,
    INTAKE,
    NAMES,
    RECOVERIES,
    SLICE,
    SLICING,
    TASKS_VERSION,
)
from printlab.services import Services

_LOOKS_EVERY_S = 0.25
_SLICES_EVERY_S = 1.0  # nobody waits for the beginning of what takes minutes, and each look costs
_CLEANS_EVERY_S = 5.0
_ALONE = "local"
"""The name of the only process: what it was at when it was killed is its own again at the next start."""


class Tasks:
    """The work of this process; DBOS allows one in each."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._others: Alive | None = None

    async def start(self) -> None:
        """Take up what was cut off, then what waits. Called on the event loop; the work is done in threads."""
        await off_loop(self._start)

    async def stop(self) -> None:
        """End what runs, also in the middle: the next start does it again."""
        await off_loop(self._stop)

    def _start(self) -> None:
        settings, database = self._services.settings, self._services.database
        self._services.thumbnails.begin()
        name = _ALONE if database.is_sqlite else uuid.uuid4().hex
        config = DBOSConfig(
            name=APPLICATION,
            system_database_url=settings.sqlalchemy_url,
            application_version=TASKS_VERSION,
            executor_id=name,
            run_migrations=False,
            log_level="WARNING",
            max_executor_threads=4,
        )
        intake, estimates = self._services.intake, self._services.estimates
        retention, orphans = self._services.retention, self._services.orphans

        def analyse(sha256: str, attempt: int) -> None:
            intake.carry_out(sha256, attempt)

        def slice_part(key: str, attempt: int) -> None:
            estimates.carry_out(key, attempt)

        def clean_up() -> None:
            retention.run_once()
            orphans.look()

        DBOS(config=config)
        DBOS.workflow(name=ANALYSE, max_recovery_attempts=RECOVERIES)(analyse)
        DBOS.workflow(name=SLICE, max_recovery_attempts=RECOVERIES)(slice_part)
        DBOS.workflow(name=CLEAN_UP, max_recovery_attempts=RECOVERIES)(clean_up)
        if not database.is_sqlite:
            self._others = Alive(settings.sqlalchemy_url, name, _owners, self._take_over)
            self._others.start()
        DBOS.launch()
        intake.take_up()
        estimates.take_up()
        DBOS.register_queue(INTAKE, worker_concurrency=1, polling_interval_sec=_LOOKS_EVERY_S)
        # Of all processes together one slices at a time: it takes minutes, and staff wait for the pages.
        DBOS.register_queue(SLICING, concurrency=1, worker_concurrency=1, polling_interval_sec=_SLICES_EVERY_S)
        DBOS.register_queue(CLEANING, concurrency=1, worker_concurrency=1, polling_interval_sec=_CLEANS_EVERY_S)
        if self._services.thumbnails.problem() is None:
            intake.draw_missing()

    def _take_over(self, owner: str) -> None:
        """Put what a process left behind back in line, unless that was lost too often: it may be what ends them."""
        for name, queue, lost in (
            (ANALYSE, INTAKE, self._services.intake.lost),
            (SLICE, SLICING, self._services.estimates.lost),
            (CLEAN_UP, CLEANING, _is_tried_again),
        ):
            for workflow in DBOS.list_workflows(name=name, status="PENDING", executor_id=owner, load_output=False):
                if workflow.input is not None and lost(*workflow.input["args"]):
                    DBOS.resume_workflow(workflow.workflow_id, queue_name=queue)
                else:
                    DBOS.cancel_workflow(workflow.workflow_id)

    def _stop(self) -> None:
        DBOS.destroy(destroy_registry=True)  # first: nothing is begun any more
        self._services.end_readers()
        if self._others is not None:
            self._others.stop()


def _is_tried_again() -> bool:
    """What a cleanup had done before its process was killed is not done again; the rest is."""
    return True


def _owners() -> set[str]:
    """The processes that tasks are at work in, as the database has it."""
    running = DBOS.list_workflows(name=[*NAMES], status="PENDING", load_input=False, load_output=False)
    return {workflow.executor_id for workflow in running if workflow.executor_id}
