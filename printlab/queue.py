"""Durable work, put in line inside the caller’s transaction: it is there when the commit is, and not otherwise."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, EnqueueOptions
from sqlmodel import Session

INTAKE = "intake"
"""The line in which model files wait to be read."""
ANALYSE = "analyse"
SLICING = "slicing"
"""The line in which parts wait to be sliced for the automatic estimate."""
SLICE = "slice"
CLEANING = "cleaning"
"""The line of what is done once a day, by one process for all."""
CLEAN_UP = "clean up"
NAMES = (ANALYSE, SLICE, CLEAN_UP)
APPLICATION = "printlab"
TASKS_VERSION = "1"
"""Raised when a task takes other arguments. What waits under another version is not run."""
FIRST, LAST = 1, 1_000_000
"""Places in line: who has a lower one is served earlier, whoever came first; in one place the first to come is."""
RECOVERIES = 3
"""So often one attempt is taken up again after its process was killed."""
_AT_WORK = ["ENQUEUED", "DELAYED", "PENDING"]
_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_FORGOTTEN_AT_ONCE = 500


class Queue:
    """Hands work to whichever process runs the tasks (``tasks.py``)."""

    def __init__(self, url: str) -> None:
        # A connection of its own is wanted at the start only, to see what is at work: none is kept.
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)
        self._client = DBOSClient(system_database_engine=self._engine, lazy=True, application_name=APPLICATION)

    def analyse(self, session: Session, task: str, sha256: str, attempt: int, place: int = FIRST) -> None:
        """Look into the model file with this hash. A task whose id was in line before is not put there again."""
        options = EnqueueOptions(
            queue_name=INTAKE,
            workflow_name=ANALYSE,
            workflow_id=task,
            app_version=TASKS_VERSION,
            priority=place,
        )
        self._client.enqueue_in_transaction(session.connection(), options, sha256, attempt)

    def slice(self, session: Session, task: str, key: str, attempt: int) -> None:
        """Slice a part for the automatic estimate of this key, as ``analyse``; in the order in which they come."""
        options = EnqueueOptions(queue_name=SLICING, workflow_name=SLICE, workflow_id=task, app_version=TASKS_VERSION)
        self._client.enqueue_in_transaction(session.connection(), options, key, attempt)

    def clean_up(self, session: Session, day: date) -> None:
        """Clean up once for this day: whoever asks for it too asks for the same task."""
        task = f"{CLEAN_UP}:{day.isoformat()}"
        options = EnqueueOptions(
            queue_name=CLEANING, workflow_name=CLEAN_UP, workflow_id=task, app_version=TASKS_VERSION
        )
        self._client.enqueue_in_transaction(session.connection(), options)

    def at_work(self, name: str) -> set[str]:
        """The ids of the tasks of this name that wait or run, in whatever process."""
        found = self._client.list_workflows(
            name=name, app_version=TASKS_VERSION, status=_AT_WORK, load_input=False, load_output=False
        )
        return {workflow.workflow_id for workflow in found}

    def forget(self, before: datetime) -> int:
        """Remove tasks that were put in line before a moment and have ended; return how many, some hundred at most."""
        ended = self._client.list_workflows(
            name=[*NAMES],
            status=_ENDED,
            end_time=before.isoformat(),
            limit=_FORGOTTEN_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        self._client.delete_workflows([workflow.workflow_id for workflow in ended])
        return len(ended)

    def close(self) -> None:
        """Close what was opened."""
        self._client.destroy()
        self._engine.dispose()


def migrate_queue(url: str) -> None:
    """Bring the queue's own tables to the version of the library; they are kept in the lab's database."""
    DBOS.migrate(url)
