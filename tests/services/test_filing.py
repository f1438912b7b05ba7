"""The disk follows the database; bytes that somebody else wrote are never lost."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from printlab.db import Database, Unit
from printlab.domain.analysis import AnalysisState
from printlab.domain.policy import ANONYMOUS, Actor
from printlab.domain.remarks import remarks
from printlab.domain.sliced_facts import CAUTIONS, Caution
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import FileState, JobView, RevisionKind
from printlab.errors import NotFound, StorageProblem
from printlab.files import disk
from printlab.models import FileMove, Revision
from printlab.services import Services, build_services
from printlab.services.desk import StaleVersion
from tests import files_made
from tests.files.planted import not_hanging, plant, untouched
from tests.readers import TOO_LONG, SlicedReader
from tests.workbench import ORDER, STAFF, Workbench


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


def test_what_is_kept_is_looked_into_like_any_other_file(bench: Workbench, services: Services) -> None:
    job = bench.submit(files_made.threemf(), "part.3mf")
    bench.working_copy(job).write_bytes(files_made.sliced_3mf())
    kept = bench.approve(job).revisions[-1]
    assert (kept.kind, kept.model) == (RevisionKind.SLICED, 1)
    assert services.intake.view(kept.sha256).state is AnalysisState.QUEUED


def test_of_a_3mf_that_could_not_be_read_it_is_said_that_nobody_knows_what_it_is(
    bench: Workbench, services: Services, staff: Actor, sliced_sandbox: SlicedReader
) -> None:
    job = bench.submit(files_made.threemf(), "part.3mf")
    bench.working_copy(job).write_bytes(files_made.sliced_3mf())
    sliced_sandbox.problem = TOO_LONG
    job = bench.approve(job)
    kept = job.revisions[-1]
    assert (kept.authoritative, kept.kind, kept.model) == (False, RevisionKind.PROJECT, 1)
    event = next(e for e in services.search.events(job.id, staff) if e.action == "file kept")
    assert event.reason is not None
    assert event.reason.endswith(CAUTIONS[Caution.NOT_TOLD])
    chosen = services.revisions.choose(job.id, job.version, kept.number, "looked at in the slicer", staff)
    assert (chosen.authoritative, chosen.counting_file.model) == (kept.number, 1)
    assert [remark.text for remark in remarks(chosen, chosen.counting_file, services.catalog.view())] == [
        CAUTIONS[Caution.NOT_TOLD]
    ]


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
    with pytest.raises(StorageProblem, match="Tell the lab"):
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
    again.close()


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


def test_a_working_copy_that_is_a_second_name_of_another_file_is_said_at_the_job(
    bench: Workbench, services: Services, tmp_path: Path
) -> None:
    job = bench.submit()
    elsewhere = tmp_path / "secrets.json"
    elsewhere.write_bytes(b"of the lab")
    bench.working_copy(job).unlink()
    bench.working_copy(job).hardlink_to(elsewhere)
    moved = bench.approve(job)
    assert moved.file_state is FileState.PROBLEM
    assert "the same file as one elsewhere" in (moved.file_problem or "")
    assert len(moved.revisions) == 1
    elsewhere.unlink()
    services.filing.reconcile()
    now = bench.get(job.id)
    assert (now.file_state, len(now.revisions)) == (FileState.SETTLED, 2)
    assert bench.agrees(now)


def test_names_of_what_was_saved_over_are_told_without_what_turns_a_line_round(
    bench: Workbench, services: Services
) -> None:
    job = bench.submit()
    place = f"Uploaded/{job.stem}\u202egpj.stl"
    (bench.root / place).write_bytes(files_made.stl())
    services.filing.take_away(job, [place])
    now = bench.get(job.id)
    assert now.revisions[1].original_name == f"{job.stem}gpj.stl"
    assert "\u202e" not in (now.file_problem or "\u202e")


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
    job = bench.add_sliced(bench.at(JobStatus.READY_TO_PRINT), files_made.prusa_gcode())
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
    assert (folder / "r2.stl").read_bytes() == content
    assert job.revisions[1].sha256 == hashlib.sha256(content).hexdigest()
    assert sorted(path.name for path in folder.iterdir()) == ["r1.stl", "r2.stl", "r20.gcode"]
    aside = list((bench.root / "archive" / ".orphans").iterdir())
    assert [path.read_bytes() for path in aside] == [b"left by a crash"]
    assert aside[0].name.startswith(f"{job.id}-r2-")
    assert aside[0].suffix == ".gcode"


def test_after_a_restored_backup_no_archived_file_is_lost(bench: Workbench) -> None:
    """The database forgot some jobs; the archive did not, and the numbers are given out again."""
    job = bench.submit()
    later = bench.root / "archive" / str(job.id + 1)
    later.mkdir()
    (later / "r1.stl").write_bytes(b"of a job that the database forgot")
    again = bench.submit()
    assert bench.agrees(again)
    assert len(archived(bench, again)) == 1
    aside = (bench.root / "archive" / ".orphans").iterdir()
    assert [path.read_bytes() for path in aside] == [b"of a job that the database forgot"]


@pytest.mark.parametrize(
    ("file", "content", "kind"),
    [
        ("part.3mf", files_made.threemf, RevisionKind.CORRECTED),
        ("part.stl", files_made.stl, RevisionKind.CORRECTED),
        ("part.obj", files_made.obj, RevisionKind.CORRECTED),
    ],
)
def test_a_file_is_of_one_kind_by_whatever_way_it_comes(
    file: str, content: Callable[[], bytes], kind: RevisionKind, bench: Workbench
) -> None:
    """Added by staff, or saved over the working copy in the shared folder."""
    job = bench.submit(content(), file)
    job = bench.add_sliced(job, content(), file)
    bench.working_copy(job).write_bytes(content())
    job = bench.approve(job)
    assert [revision.kind for revision in job.revisions] == [RevisionKind.ORIGINAL, kind, kind]


class TestMeanwhile:
    """The job goes on, or somebody else is faster, while its file is being moved."""

    @pytest.mark.usefixtures("database_url")
    def test_a_job_that_went_on_is_not_settled(
        self, bench: Workbench, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The student accepts while the approved job's move is about to be noted as done."""
        job, main = bench.submit(), threading.current_thread()
        committed, looked = threading.Event(), threading.Event()
        unsubscribe: list[Callable[[], None]] = []
        student = threading.Thread(target=lambda: bench.confirm(bench.get(job.id)))

        def reached(point: str) -> None:
            if threading.current_thread() is main and point == "before_settle":
                unsubscribe.append(services.live.subscribe(lambda _change: committed.set()))
                student.start()
                assert committed.wait(20)
            elif threading.current_thread() is student and point == "after_reserve":
                assert looked.wait(20)

        monkeypatch.setattr(disk, "reached", reached)
        bench.approve(job)
        seen = bench.get(job.id)
        looked.set()
        student.join()
        unsubscribe[0]()
        assert (seen.status, seen.file_state) == (JobStatus.READY_TO_PRINT, FileState.MOVING)
        assert bench.get(job.id).file_state is FileState.SETTLED
        assert bench.agrees(bench.get(job.id))
        assert open_moves(services) == 0

    @pytest.mark.usefixtures("database_url")
    @pytest.mark.parametrize("next_move", [False, True])
    def test_a_problem_that_somebody_solved_is_not_noted(
        self,
        next_move: bool,
        bench: Workbench,
        services: Services,
        late: Callable[[Callable[[], None]], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Between the refusal and its note another process carried the move out, and the job may be moving on."""
        job = bench.submit()
        blocked = bench.root / "Pending" / job.filename
        blocked.mkdir()
        colleague = build_services(services.settings)

        def solve() -> None:
            blocked.rmdir()
            colleague.filing.carry_out(job.id)
            assert bench.get(job.id).file_state is FileState.SETTLED
            if next_move:
                monkeypatch.setattr(
                    colleague.filing, "carry_out", lambda _job_id: None
                )  # killed before it moved the file
                Workbench(colleague, bench.clock).confirm(bench.get(job.id))

        late(solve)
        moved = bench.approve(job)
        assert moved.status is JobStatus.PENDING
        assert moved.file_state is (FileState.MOVING if next_move else FileState.SETTLED)
        assert moved.file_problem is None
        assert open_moves(services) == next_move
        colleague.close()

    @pytest.fixture
    def late(self, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
        """Let something happen after the next verb's own commit, before what is written then."""
        real = Database.write
        waiting: list[Callable[[], None]] = []

        def write(self: Database) -> AbstractContextManager[Unit]:
            if waiting and threading.get_ident() in committed:
                waiting.pop()()
            committed.add(threading.get_ident())
            return real(self)

        committed: set[int] = set()

        def arm(act: Callable[[], None]) -> None:
            waiting.append(act)
            monkeypatch.setattr(Database, "write", write)

        return arm


@pytest.mark.usefixtures("database_url")
def test_a_problem_that_is_over_is_no_longer_said(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    blocked = bench.root / "Pending" / job.filename
    blocked.mkdir()
    assert bench.approve(job).file_problem is not None
    blocked.rmdir()
    services.filing.reconcile()
    job = bench.get(job.id)
    assert (job.file_state, job.file_problem) == (FileState.SETTLED, None)


def test_what_stops_one_job_stops_no_other(bench: Workbench, services: Services, marker: Path) -> None:
    """The row of a revision is gone, as after a repair by hand; the jobs after it are moved all the same."""
    first, second = bench.submit(), bench.submit()
    marker.unlink()
    bench.approve(first)
    bench.approve(second)
    marker.touch()
    with services.database.write() as unit:
        unit.session.exec(sa.delete(Revision).where(col(Revision.job_id) == first.id))
    services.filing.reconcile()
    assert bench.agrees(bench.get(second.id))
    assert open_moves(services) == 1


class TestPlanted:
    """The storage root is a share, and somebody put something where a file of ours belongs."""

    @pytest.fixture
    def outside(self, tmp_path: Path) -> Path:
        return tmp_path / "outside" / "precious"

    def test_an_entrance_that_leads_away_stops_new_files_only(
        self, bench: Workbench, services: Services, outside: Path
    ) -> None:
        job, deleted = bench.submit(), bench.submit()
        outside.parent.mkdir()
        entrance = bench.root / "archive" / ".incoming"
        entrance.rmdir()
        entrance.symlink_to(outside.parent)
        staged = bench.stage()
        with pytest.raises(StorageProblem, match="Tell the lab"):
            services.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key")
        assert list(outside.parent.iterdir()) == []
        bench.working_copy(deleted).unlink()
        assert services.filing.reconcile() == 1
        assert bench.agrees(bench.approve(job))
        assert bench.agrees(deleted)
        entrance.unlink()
        assert bench.agrees(services.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key").job)

    @pytest.mark.parametrize("kind", ["link", "dangling link", "pipe"])
    def test_a_download_follows_nothing(self, kind: str, bench: Workbench, services: Services, outside: Path) -> None:
        job = bench.submit()
        path = bench.root / "archive" / str(job.id) / "r1.stl"
        path.unlink()
        plant(kind, path, outside)
        with pytest.raises(StorageProblem, match=r"A folder or link lies where r1\.stl belongs"):
            not_hanging(lambda: services.revisions.content(job.id, 1, STAFF))

    @pytest.mark.parametrize("kind", ["link", "dangling link", "pipe", "folder"])
    def test_a_working_copy_that_was_swapped_is_noticed(
        self, kind: str, bench: Workbench, services: Services, outside: Path
    ) -> None:
        job = bench.submit()
        bench.working_copy(job).unlink()
        plant(kind, bench.working_copy(job), outside)
        not_hanging(services.filing.reconcile)
        noted = bench.get(job.id)
        assert noted.file_state is FileState.PROBLEM
        assert noted.file_problem == f"A folder or link lies where {job.filename} belongs. Move it away."
        assert untouched(outside)
        path = bench.working_copy(job)
        path.rmdir() if kind == "folder" else path.unlink()
        services.filing.reconcile()
        assert bench.agrees(bench.get(job.id))

    def test_a_file_where_a_status_folder_belongs(self, bench: Workbench, services: Services) -> None:
        printing, other = bench.at(JobStatus.PRINTING), bench.submit()
        folder = bench.root / "Printing"
        folder.rename(bench.root / "away")
        folder.write_bytes(b"")
        bench.working_copy(other).unlink()
        services.filing.reconcile()
        assert bench.working_copy(other).is_file()
        assert bench.get(printing.id).file_state is FileState.SETTLED
        folder.unlink()
        (bench.root / "away").rename(folder)
        assert bench.agrees(bench.get(printing.id))
        assert bench.agrees(bench.get(other.id))

    def test_the_mark_is_made_and_not_followed(self, services: Services, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        (services.settings.storage / ".printlab-storage").unlink()
        (services.settings.storage / ".printlab-storage").symlink_to(elsewhere)
        with pytest.raises(StorageProblem, match="is not there"):
            services.filing.prepare()
        assert not elsewhere.exists()


class TestFullDisk:
    """What the disk refuses is said in words, and nothing is lost."""

    def test_an_order(self, bench: Workbench, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
        staged = bench.stage()
        with monkeypatch.context() as patched:
            fill(patched)
            with pytest.raises(StorageProblem, match=r"^The lab's storage does not work at the moment.*Tell the lab"):
                services.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key")
            with pytest.raises(StorageProblem, match="The lab's storage is full"):
                services.submissions.submit(ORDER, "browser", staged.id, STAFF, "key")
        assert bench.agrees(services.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key").job)

    def test_a_share_that_is_gone_is_a_matter_for_staff(self, bench: Workbench, services: Services) -> None:
        """Nor does a student learn where on the server it lies."""
        job, staged = bench.at(JobStatus.REJECTED), bench.stage(files_made.stl(33))
        (bench.root / ".printlab-storage").unlink()
        for actor, told in ((bench.student(job), "Tell the lab"), (STAFF, "Mount the share")):
            with pytest.raises(StorageProblem, match=told) as refused:
                services.revisions.correct(job.id, job.version, "browser", staged.id, actor)
            assert (str(bench.root) in str(refused.value)) is actor.is_staff

    def test_a_revision(self, bench: Workbench, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
        job, staged = bench.submit(), bench.stage(files_made.gcode(), "part.gcode", "desk", sliced=True)
        with monkeypatch.context() as patched:
            fill(patched)
            with pytest.raises(StorageProblem, match="The lab's storage is full"):
                services.revisions.add(job.id, job.version, "desk", staged.id, STAFF)
        job = services.revisions.add(job.id, job.version, "desk", staged.id, STAFF)
        assert bench.agrees(job)

    def test_a_file_that_somebody_saved(
        self, bench: Workbench, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job, changed = bench.submit(), files_made.stl()
        bench.working_copy(job).write_bytes(changed)
        with monkeypatch.context() as patched:
            fill(patched)
            moved = bench.approve(job)
        assert (moved.status, moved.file_state) == (JobStatus.PENDING, FileState.PROBLEM)
        assert "is full" in (moved.file_problem or "")
        services.filing.reconcile()
        job = bench.get(job.id)
        assert bench.agrees(job)
        assert changed in archived(bench, job)


def fill(patched: pytest.MonkeyPatch) -> None:
    """Let the disk be full: what was written cannot be made to stay."""

    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patched.setattr(os, "fsync", refuse)
