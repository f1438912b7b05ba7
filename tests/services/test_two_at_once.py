"""Two staff members act on one job at the same moment: one wins, the other is told who did what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printlab.domain.policy import Actor
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView
from printlab.errors import Conflict
from printlab.services import Services
from printlab.services.desk import StaleVersion
from tests.services.together import at_once
from tests.workbench import Workbench


@pytest.mark.usefixtures("database_url")
def test_one_wins_and_the_other_hears_who_was_faster(
    bench: Workbench, services: Services, staff: Actor, colleague: Actor
) -> None:
    for _ in range(5):
        job = bench.submit()
        results = at_once(lambda job=job: bench.approve(job, staff), lambda job=job: bench.reject(job, colleague))
        winner = next(result for result in results if isinstance(result, JobView))
        loser = next(result for result in results if isinstance(result, StaleVersion))
        assert winner.last_move is not None
        name = winner.last_move.actor_name
        assert str(loser) == (
            f"{name} was faster: job {job.id} changed after you opened it and is now “{winner.status.label}”. "
            "Nothing of yours was applied. Look at it again and repeat the step if it is still needed."
        )
        assert replace(loser.job, file_state=winner.file_state) == winner == bench.get(job.id)
        assert len(services.search.events(job.id, staff)) == 2
        assert bench.agrees(winner)


@pytest.mark.usefixtures("database_url")
def test_eight_take_the_money_and_one_gets_it(bench: Workbench) -> None:
    job = bench.at(JobStatus.COMPLETED)
    results = at_once(*[lambda: bench.hand_over(job)] * 8)
    assert sum(isinstance(result, JobView) for result in results) == 1
    assert sum(isinstance(result, StaleVersion) for result in results) == 7
    assert [payment.amount_cents for payment in bench.get(job.id).payments] == [434]


@pytest.mark.usefixtures("database_url")
def test_notes_of_many_do_not_get_in_each_others_way(bench: Workbench, services: Services, staff: Actor) -> None:
    """A note is no decision about what somebody saw: none is refused, none is lost."""
    job = bench.submit()
    texts = [f"note {number}" for number in range(8)]
    results = at_once(*[lambda text=text: services.jobs.note(job.id, text, staff) for text in texts])
    assert not [result for result in results if isinstance(result, Exception)]
    notes = [event.reason for event in services.search.events(job.id, staff) if event.action == "note"]
    assert sorted(filter(None, notes)) == texts


@pytest.mark.usefixtures("database_url")
def test_two_sliced_files_at_once_are_two_revisions_or_one_refusal(bench: Workbench) -> None:
    job = bench.submit()
    results = at_once(lambda: bench.add_sliced(job), lambda: bench.add_sliced(job))
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert [revision.number for revision in bench.get(job.id).revisions] == [1, 2]
    assert bench.agrees(bench.get(job.id))
