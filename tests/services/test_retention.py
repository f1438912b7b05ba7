"""The dry run and the run agree, whatever jobs there are and whatever the rules say."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from printlab.domain.retention import Amount, CleanupKind, RetentionDays
from printlab.domain.status import ENDED, JobStatus
from printlab.queue import CLEAN_UP, Queue
from printlab.services import Services
from tests.workbench import Clock, Workbench, change_lab

_DAYS = st.one_of(st.none(), st.integers(1, 60))
_EVENTS = st.lists(st.tuples(st.sampled_from([*ENDED, JobStatus.UPLOADED]), st.integers(0, 40)), max_size=3)
_RULES = st.tuples(st.integers(1, 60), _DAYS, _DAYS).map(
    lambda days: RetentionDays(days[0], *(later and days[0] + later for later in days[1:]))
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(events=_EVENTS, rules=_RULES, later=st.integers(0, 200))
def test_the_run_does_what_the_dry_run_says(
    services: Services,
    bench: Workbench,
    clock: Clock,
    events: list[tuple[JobStatus, int]],
    rules: RetentionDays,
    later: int,
) -> None:
    change_lab(services, retention=rules)
    for status, days in events:
        bench.at(status)
        clock.advance(days=days)
    clock.advance(days=later)
    for _ in range(2):
        said = {due.kind: due.amount for due in services.retention.dry_run()}
        told_twice = {due.kind: due.amount for due in services.retention.dry_run()}
        done = {run.kind: run for run in services.retention.run()}
        assert told_twice == said
        assert {kind: _counted(run.amount) for kind, run in done.items()} == {
            kind: _counted(amount) for kind, amount in said.items()
        }
        assert [run.problem for run in done.values() if run.problem] == []
        for kind in (CleanupKind.ARCHIVE, CleanupKind.PURGE, CleanupKind.ANONYMISE):
            assert done[kind].amount == said[kind]
    assert services.filing.reconcile() == 0


def _counted(amount: Amount) -> tuple[int, int]:
    return amount.count, amount.bytes


def test_of_a_day_one_cleanup_is_asked_for_by_however_many(services: Services, clock: Clock) -> None:
    queue = Queue(services.settings.sqlalchemy_url)
    services.retention.request()
    clock.advance(hours=1)
    services.retention.request()
    assert len(queue.at_work(CLEAN_UP)) == 1
    clock.advance(days=1)
    services.retention.request()
    assert len(queue.at_work(CLEAN_UP)) == 2
    queue.close()
