"""What changes is heard, here and from other processes."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from printlab.domain.policy import Actor
from printlab.live import Changed, Looking, tell_others
from printlab.services import Services, build_services
from printlab.settings import Settings, load_settings
from tests.databases import without_settings
from tests.workbench import COLLEAGUE, STAFF, Workbench, change_lab

_NOTE = """
import sys, time
from pathlib import Path
from printlab.domain.policy import Actor, ActorKind
from printlab.services import build_services
from printlab.settings import load_settings
data_dir, url, job_id = sys.argv[1:]
services = build_services(load_settings(_env_file=None, data_dir=Path(data_dir), database_url=url))
staff = Actor(ActorKind.STAFF, "token:9", "Someone Elsewhere")
for line in sys.stdin:
    job = services.search.get(int(job_id), staff)
    services.jobs.note(job.id, line, staff)
    print(time.time(), flush=True)
"""
ROOT = Path(__file__).parents[2]


class Ear:
    """Notes what it hears, and when."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, Changed]] = []
        self._event = threading.Event()

    def __call__(self, change: Changed) -> None:
        self.heard.append((time.time(), change))
        self._event.set()

    def wait(self, change: Changed, seconds: float = 10) -> float:
        """When ``change`` was heard; fails when it is not heard in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._event.clear()
            for at, heard in list(self.heard):
                if heard == change:
                    return at
            self._event.wait(0.1)
        raise AssertionError(f"{change} was not heard; {self.heard} was")


@pytest.fixture
def ear(services: Services) -> Iterator[Ear]:
    """A subscriber, with the listener running."""
    ear = Ear()
    services.listener.start()
    time.sleep(0.5)  # it has to look once before others commit
    services.live.subscribe(ear)
    yield ear
    services.listener.stop()


def test_a_move_is_heard_here_after_its_commit(bench: Workbench, services: Services) -> None:
    statuses: list[str] = []
    job = bench.submit()
    services.live.subscribe(lambda change: statuses.append(bench.get(change.job_id or 0).status))
    bench.approve(job)
    assert set(statuses) == {"Pending"}


def test_nobody_hears_after_unsubscribing(bench: Workbench, services: Services) -> None:
    heard: list[Changed] = []
    stop = services.live.subscribe(heard.append)
    stop()
    stop()
    bench.submit()
    assert heard == []


def test_one_that_fails_does_not_stop_the_others(bench: Workbench, services: Services) -> None:
    heard: list[Changed] = []

    def broken(_change: Changed) -> None:
        raise ValueError("a bug")

    services.live.subscribe(broken)
    services.live.subscribe(heard.append)
    job = bench.submit()
    assert Changed(job.id) in heard


@pytest.mark.serial
def test_another_process_is_heard_within_a_second(
    database_url: str, bench: Workbench, services: Services, ear: Ear, staff: Actor
) -> None:
    job, data_dir = bench.submit(), services.settings.data_dir
    with subprocess.Popen(
        [sys.executable, "-c", _NOTE, str(data_dir), database_url, str(job.id)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=without_settings(),
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        for _ in range(5):
            ear.heard.clear()
            print("from elsewhere", file=other.stdin, flush=True)
            committed = float(other.stdout.readline())
            assert ear.wait(Changed(job.id)) - committed < 1.0
        other.stdin.close()
    assert [event.action for event in services.search.events(job.id, staff)].count("note") == 5


def test_what_another_version_says_ends_no_listener(postgres_url: str, data_dir: Path) -> None:
    """Neither words that are not understood, nor somebody here who fails on hearing them."""
    services = build_services(load_settings(data_dir=data_dir, database_url=postgres_url))
    ear = Ear()
    services.live.watch(_fails)
    services.listener.start()
    time.sleep(0.5)
    services.live.subscribe(ear)
    others = build_services(services.settings)
    with others.database.write() as unit:
        for said in ("looks no json", 'looks {"since": "noon"}', "looks []"):
            unit.session.connection().execute(sa.select(sa.func.pg_notify("printlab_changed", f"other {said}")))
    tell_others(others.database, others.live, Looking("page", 1, "user:1", "Sam"))
    change_lab(others, welcome="Hello")
    ear.wait(Changed())
    services.listener.stop()
    others.close()
    services.close()


def _fails(_looking: Looking) -> None:
    raise ValueError("a bug")


def test_a_process_tells_of_its_own_commit_once(bench: Workbench, services: Services, ear: Ear) -> None:
    """Its listener sees every commit to the file, and passes over those that everybody here has heard of."""
    job, other = bench.submit(), build_services(services.settings)
    ear.heard.clear()
    services.jobs.note(job.id, "mine", STAFF)
    other.jobs.note(job.id, "theirs", STAFF)
    change_lab(other, welcome="Hello")
    ear.wait(Changed())
    assert [change for _, change in ear.heard].count(Changed(job.id)) == 2
    other.close()


class TestOnPostgresql:
    """The server sends a process its own notices, too."""

    @pytest.fixture
    def settings(self, data_dir: Path, postgres_url: str) -> Settings:
        return load_settings(data_dir=data_dir, database_url=postgres_url)

    @pytest.mark.serial
    def test_nobody_hears_their_own_commit_twice(self, bench: Workbench, services: Services, ear: Ear) -> None:
        job, other = bench.submit(), build_services(services.settings)
        for welcome in ("Hello", "Hello again"):
            ear.heard.clear()
            services.jobs.note(job.id, "mine", STAFF)
            change_lab(other, welcome=welcome)
            ear.wait(Changed())  # notices come in the order of the commits
        assert [change for _, change in ear.heard] == [Changed(job.id), Changed()]
        other.close()

    @pytest.mark.serial
    def test_a_notice_of_another_version_is_not_the_last_that_is_heard(
        self, bench: Workbench, services: Services, ear: Ear
    ) -> None:
        with services.database.write() as unit:
            unit.session.connection().execute(sa.select(sa.func.pg_notify("printlab_changed", "42")))
        ear.wait(Changed(everything=True))
        job, other = bench.submit(), build_services(services.settings)
        ear.heard.clear()
        other.jobs.note(job.id, "from elsewhere", STAFF)
        ear.wait(Changed(job.id))
        other.close()

    @pytest.mark.serial
    def test_who_looks_at_a_job_is_known_here(self, bench: Workbench, services: Services, ear: Ear) -> None:
        job, other = bench.submit(), build_services(services.settings)
        ear.heard.clear()
        other.presence.look("page 9", job.id, COLLEAGUE.key, COLLEAGUE.name)
        ear.wait(Changed(job.id))
        assert services.presence.others(job.id, STAFF.key) == (COLLEAGUE.name,)
        ear.heard.clear()
        other.presence.leave("page 9")
        ear.wait(Changed(job.id))
        assert services.presence.others(job.id, STAFF.key) == ()
        other.close()
