"""A disk that fills up: admins are told once, uploads are refused in time, and nothing else stops."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from printlab.domain.policy import SYSTEM, ActorKind
from printlab.domain.space import SpaceLevel, SpaceLimits
from printlab.domain.status import JobStatus
from printlab.errors import StorageProblem
from printlab.files import disk
from printlab.models import OutboxMail
from printlab.services import Services, build_services
from tests import files_made
from tests.workbench import STAFF, Workbench

pytestmark = pytest.mark.usefixtures("database_url")

GB = 1_000_000_000
WHOLE = 40 * GB


class Disk:
    """One disk of 40 GB under everything, of which a test says how much is free."""

    def __init__(self) -> None:
        self.free = WHOLE

    def __call__(self, _folder: Path) -> tuple[int, int]:
        return self.free, WHOLE


@pytest.fixture(autouse=True)
def full(monkeypatch: pytest.MonkeyPatch) -> Disk:
    made = Disk()
    monkeypatch.setattr(disk, "free_and_whole_bytes", made)
    return made


@pytest.fixture(autouse=True)
def _admins(services: Services) -> None:
    for name in ("alex", "kim"):
        services.accounts.add_user(f"{name}@example.edu", name, ActorKind.ADMIN, "a long enough password", SYSTEM)
    services.accounts.add_user("sam@example.edu", "Sam", ActorKind.STAFF, "a long enough password", SYSTEM)


def told(services: Services) -> list[tuple[str, str]]:
    """Who was told of which level, in order."""
    with services.database.read() as session:
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "disk").order_by(OutboxMail.id)).all()
    return [(mail.to_address, mail.context["level"]) for mail in mails]


def test_admins_are_told_once_when_a_limit_is_crossed(services: Services, full: Disk) -> None:
    services.disk_watch.look()
    assert told(services) == []
    full.free = 4 * GB
    for _ in range(3):
        services.disk_watch.look()
    assert told(services) == [("alex@example.edu", "warning"), ("kim@example.edu", "warning")]
    assert "filling up: 4.0 GB of 40 GB are free" in str(services.disk_watch.problem())
    full.free = GB // 2
    services.disk_watch.look()
    services.disk_watch.look()
    assert told(services)[2:] == [("alex@example.edu", "critical"), ("kim@example.edu", "critical")]
    assert "No uploads are taken" in str(services.disk_watch.problem())


def test_a_disk_at_its_limit_does_not_waver(services: Services, full: Disk) -> None:
    for _ in range(5):
        for full.free in (int(4.9 * GB), int(5.1 * GB)):
            services.disk_watch.look()
    assert len(told(services)) == 2
    full.free = 6 * GB
    services.disk_watch.look()
    assert services.disk_watch.problem() is None
    full.free = 4 * GB
    services.disk_watch.look()
    assert len(told(services)) == 4


def test_of_two_processes_one_tells(services: Services, full: Disk) -> None:
    other = build_services(services.settings, services.clock)
    full.free = GB
    services.disk_watch.look()
    other.disk_watch.look()
    assert len(told(services)) == 2
    assert other.disk_watch.problem() == services.disk_watch.problem()
    other.close()


def test_when_it_is_almost_full_uploads_are_refused_and_the_work_goes_on(
    bench: Workbench, services: Services, full: Disk
) -> None:
    jobs = {status: bench.at(status) for status in (JobStatus.UPLOADED, JobStatus.PRINTING)}
    full.free = GB - 1
    for sliced in (False, True):
        with pytest.raises(StorageProblem, match="almost full: it takes no file now"):
            bench.stage(files_made.gcode() if sliced else None, "part.gcode" if sliced else "part.stl", sliced=sliced)
    assert list(services.settings.staging.iterdir()) == []
    done = bench.hand_over(bench.complete(jobs[JobStatus.PRINTING]))
    assert bench.agrees(done)
    assert bench.approve(jobs[JobStatus.UPLOADED], STAFF).status is JobStatus.PENDING
    full.free = 2 * GB
    assert bench.stage().bytes > 0


def test_a_file_that_would_fill_the_disk_is_refused_while_it_arrives(bench: Workbench, full: Disk) -> None:
    full.free = GB + 500_000
    with pytest.raises(StorageProblem, match="almost full"):
        bench.stage(files_made.stl(20) + b"\0" * 2_000_000)


def test_health_says_it_and_stays_ready(services: Services, full: Disk) -> None:
    assert "space" not in services.health.ready().limitations
    full.free = GB - 1
    health = services.health.ready()
    assert health.ready
    assert "No uploads are taken" in str(health.limitations["space"])
    full.free = 400_000_000
    assert not services.health.ready().ready


@pytest.mark.parametrize(
    ("free", "whole", "level"),
    [
        (5_000_000_000, 50 * GB, SpaceLevel.GOOD),
        (4_999_999_999, 50 * GB, SpaceLevel.WARNING),
        (9 * GB, 100 * GB, SpaceLevel.WARNING),
        (GB, 40 * GB, SpaceLevel.WARNING),
        (GB - 1, 40 * GB, SpaceLevel.CRITICAL),
        (19 * GB, 1000 * GB, SpaceLevel.CRITICAL),
    ],
)
def test_either_limit_counts(free: int, whole: int, level: SpaceLevel) -> None:
    assert SpaceLimits().level(free, whole) is level


def test_a_limit_of_nothing_is_none() -> None:
    assert SpaceLimits(0, 0, 0, 0).level(0, WHOLE) is SpaceLevel.GOOD
