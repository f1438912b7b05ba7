"""The disk follows the database; bytes that somebody else wrote are never lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from printlab.domain.policy import ANONYMOUS, Actor
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import FileState, JobView
from printlab.errors import NotFound, StorageProblem
from printlab.files import disk
from printlab.models import FileMove
from printlab.services import Services, build_services
from printlab.services.desk import StaleVersion
from tests import files_made
from tests.workbench import ORDER, Workbench


def open_moves(services: Services) -> int:
    with services.database.read() as session:
        return session.exec(sa.select(sa.func.count()).where(col(FileMove.done_at).is_(None))).scalar_one()


def archived(bench: Workbench, job: JobView) -> list[bytes]:
    folder = bench.root / "archive" / str(job.id)
    return [path.read_bytes() for path in sorted(folder.iterdir())]


@pytest.fixture
def marker(bench: Workbench) -> Path:
    """What says that the share is mounted."""
    return bench.root / ".printlab-storage"


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("extension", [".stl", ".gcode"])
def test_a_saved_over_working_copy_survives_a_move(
    extension: str, bench: Workbench, services: Services, staff: Actor
) -> None:
    job = bench.submit()
    job = bench.add_sliced(job) if extension == ".gcode" else job
    before, changed = bench.working_copy(job).read_bytes(), files_made.MADE[extension]()
    bench.working_copy(job).write_bytes(changed)
    job = bench.approve(job)
    assert bench.agrees(job)
    assert bench.working_copy(job).read_bytes() == before
    kept = job.revisions[-1]
    assert (kept.authoritative, kept.origin, kept.created_by) == (False, "changed in the shared folder", "unknown")
    assert services.revisions.content(job.id, kept.number, staff)[0].read_bytes() == changed
    assert archived(bench, job)[-1] == changed
    event = next(e for e in services.search.events(job.id, staff) if e.action == "file kept")
    assert (
        event.reason
        == f"{job.filename} was changed in the shared folder; what was there is kept as revision {kept.number}."
    )


def test_the_kept_file_can_be_made_to_count(bench: Workbench) -> None:
    job = bench.submit()
    changed = files_made.stl(33)
    bench.working_copy(job).write_bytes(changed)
    job = bench.approve(job)
    job = bench.requote(job, revision=2)
    assert job.authoritative == 2
    assert bench.working_copy(job).read_bytes() == changed
    assert bench.agrees(job)


def test_archived_bytes_never_change(bench: Workbench) -> None:
    """The working copy is a copy, no link: writing into it leaves the archive alone."""
    content = files_made.stl()
    job = bench.submit(content)
    with bench.working_copy(job).open("r+b") as file:
        file.write(b"overwritten")
    assert archived(bench, job) == [content]
    job = bench.correct(bench.add_sliced(bench.approve(job)) and bench.reject(bench.get(job.id)))
    assert archived(bench, job)[0] == content


def test_a_foreign_file_with_the_targets_name_survives(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.submit()
    foreign = b"somebody put this here by hand"
    (bench.root / "Pending" / job.filename).write_bytes(foreign)
    job = bench.approve(job)
    assert bench.agrees(job)
    assert services.revisions.content(job.id, 2, staff)[0].read_bytes() == foreign


def test_an_empty_foreign_file_is_nothing(bench: Workbench) -> None:
    job = bench.submit()
    (bench.root / "Pending" / job.filename).touch()
    job = bench.approve(job)
    assert bench.agrees(job)
    assert len(job.revisions) == 1


def test_other_files_in_the_folders_are_left_alone(bench: Workbench, services: Services) -> None:
    note = bench.root / "Uploaded" / "README from Kim.txt"
    note.write_text("do not delete")
    job = bench.approve(bench.submit())
    services.filing.reconcile()
    assert note.read_text() == "do not delete"
    assert bench.agrees(job)


@pytest.mark.parametrize("status", [s for s in JobStatus if s not in (JobStatus.REJECTED, JobStatus.PAID_PICKED_UP)])
def test_a_deleted_working_copy_comes_back(status: JobStatus, bench: Workbench, services: Services) -> None:
    job = bench.at(status)
    bench.working_copy(job).unlink()
    services.filing.reconcile()
    assert bench.agrees(bench.get(job.id))
    assert bench.get(job.id).version == job.version


def test_a_move_brings_a_deleted_working_copy_back(bench: Workbench) -> None:
    job = bench.submit()
    bench.working_copy(job).unlink()
    assert bench.agrees(bench.approve(job))


def test_a_deleted_sidecar_comes_back_with_the_next_move(bench: Workbench) -> None:
    job = bench.submit()
    (bench.root / "Uploaded" / f"{job.stem}.json").unlink()
    assert bench.agrees(bench.approve(job))


def test_a_move_stands_while_the_share_is_away(bench: Workbench, services: Services, marker: Path) -> None:
    job = bench.submit()
    marker.unlink()
    moved = bench.approve(job)
    assert (moved.status, moved.file_state) == (JobStatus.PENDING, FileState.PROBLEM)
    assert moved.file_problem is not None
    assert "Mount the share" in moved.file_problem
    assert bench.places(moved) == [f"Uploaded/{job.filename}"]
    assert services.filing.reconcile() == 0
    marker.touch()
    assert services.filing.reconcile() == 1
    settled = bench.get(job.id)
    assert (settled.file_state, settled.version) == (FileState.SETTLED, moved.version)
    assert bench.agrees(settled)


def test_several_moves_made_while_the_share_is_away(bench: Workbench, services: Services, marker: Path) -> None:
    job = bench.submit()
    marker.unlink()
    job = bench.complete(bench.start(bench.confirm(bench.approve(job))))
    marker.touch()
    assert open_moves(services) == 4
    services.filing.reconcile()
    assert open_moves(services) == 0
    assert bench.agrees(bench.get(job.id))


def test_an_order_is_refused_while_the_share_is_away(bench: Workbench, services: Services, marker: Path) -> None:
    marker.unlink()
    staged = bench.stage()
    with pytest.raises(StorageProblem, match="Mount the share"):
        services.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key")
    assert services.submissions.staged("browser", staged.id) == staged
    marker.touch()
    sent = services.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key")
    assert bench.agrees(sent.job)


def test_the_server_does_not_start_into_an_empty_folder(bench: Workbench, services: Services, marker: Path) -> None:
    bench.submit()
    marker.unlink()
    again = build_services(services.settings)
    with pytest.raises(StorageProblem, match="Mount the share"):
        again.filing.prepare()
    again.database.dispose()


def test_a_disk_that_refuses_is_said_at_the_job(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    blocked = bench.root / "Pending" / job.filename
    (blocked / "inside").mkdir(parents=True)
    moved = bench.approve(job)
    assert (moved.status, moved.file_state) == (JobStatus.PENDING, FileState.PROBLEM)
    assert moved.file_problem == f"A folder or link lies where {job.filename} belongs. Move it away."
    (blocked / "inside").rmdir()
    blocked.rmdir()
    services.filing.reconcile()
    assert bench.agrees(bench.get(job.id))


def test_a_link_is_not_followed(bench: Workbench, tmp_path: Path) -> None:
    job = bench.submit()
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (bench.root / "Pending" / job.filename).symlink_to(precious)
    moved = bench.approve(job)
    assert moved.file_state is FileState.PROBLEM
    assert precious.read_text() == "mine"


def test_a_problem_is_forgotten_with_the_next_move(bench: Workbench, marker: Path) -> None:
    job = bench.submit()
    marker.unlink()
    job = bench.approve(job)
    marker.touch()
    job = bench.confirm(job)
    assert (job.file_state, job.file_problem) == (FileState.SETTLED, None)
    assert bench.agrees(job)


def test_a_damaged_archive_is_said(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    (bench.root / "archive" / str(job.id) / "r1.stl").write_bytes(b"bit rot")
    bench.working_copy(job).unlink()
    services.filing.reconcile()
    assert "damaged" in (bench.get(job.id).file_problem or "")
    assert bench.places(job) == []


def test_the_archived_file_is_missing(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.submit()
    (bench.root / "archive" / str(job.id) / "r1.stl").unlink()
    with pytest.raises(NotFound, match="is not there"):
        services.revisions.content(job.id, 1, staff)
    with pytest.raises(NotFound, match="no file revision 9"):
        services.revisions.content(job.id, 9, staff)


def test_a_refused_verb_leaves_no_bytes_behind(bench: Workbench) -> None:
    job = bench.submit()
    bench.approve(job)
    with pytest.raises(StaleVersion):
        bench.add_sliced(job)
    assert len(archived(bench, job)) == 1
    assert list((bench.root / "archive" / ".incoming").iterdir()) == []


def test_reconcile_on_a_settled_lab_does_nothing(bench: Workbench, services: Services) -> None:
    jobs = [bench.at(status) for status in JobStatus]
    files = {path: path.stat().st_mtime_ns for path in bench.root.rglob("*") if path.is_file()}
    assert services.filing.reconcile() == 0
    assert {path: path.stat().st_mtime_ns for path in bench.root.rglob("*") if path.is_file()} == files
    assert [bench.get(job.id) for job in jobs] == jobs


def test_the_reprint_of_a_saved_over_file(bench: Workbench) -> None:
    """The slicer saved over the working copy twice, between moves; both are kept."""
    job = bench.add_sliced(bench.at(JobStatus.READY_TO_PRINT))
    first, second = files_made.gcode(), files_made.gcode()
    bench.working_copy(job).write_bytes(first)
    job = bench.start(job)
    bench.working_copy(job).write_bytes(second)
    job = bench.move(Verb.FAIL, job, reason="stringing")
    assert {first, second} <= set(archived(bench, job))
    assert bench.agrees(job)


def test_bytes_of_a_transaction_that_died_make_room(bench: Workbench) -> None:
    """A crash between archive and commit leaves a file that no revision names; the next one takes its number."""
    job = bench.submit()
    folder = bench.root / "archive" / str(job.id)
    (folder / "r2.gcode").write_bytes(b"left by a crash")
    (folder / "r20.gcode").write_bytes(b"another number")
    content = files_made.stl()
    job = bench.correct(job, content)
    assert job.revisions[1].sha256 == disk.sha256_of(folder / "r2.stl")
    assert sorted(path.name for path in folder.iterdir()) == ["r1.stl", "r2.stl", "r20.gcode"]
