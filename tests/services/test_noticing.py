"""What a slicer saves into the storage root becomes its job's next revision, and nothing is lost or mixed up."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import select

from printlab.db import Unit
from printlab.domain.policy import SYSTEM, Actor, ActorKind
from printlab.domain.status import JobStatus
from printlab.domain.views import SAVED, EventView, JobView, RevisionKind
from printlab.errors import InvalidFile, NotAllowed, NotFound
from printlab.live import Changed
from printlab.models import SeenFile
from printlab.services import Services, build_services
from printlab.services.slicing import UnsureContent
from printlab.settings import Settings
from tests import files_made
from tests.readers import TOO_LONG, SlicedReader
from tests.slicers.sliced_files import TEXTS
from tests.workbench import STAFF, Clock, Workbench

pytestmark = pytest.mark.usefixtures("database_url")


@dataclass
class Folder:
    """The shared folder, and the time that passes between two looks at it."""

    services: Services
    now_s: float = field(default=0.0)

    @property
    def root(self) -> Path:
        return self.services.settings.storage

    def save(self, place: str, content: bytes) -> Path:
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def look(self, after_s: float = 4.0) -> int:
        """Two looks, the second when what the first one saw has rested."""
        self.now_s += 1
        self.services.noticing.look(self.now_s)
        self.now_s += after_s
        return self.services.noticing.look(self.now_s)


@pytest.fixture
def folder(services: Services) -> Folder:
    return Folder(services)


def beside(job: JobView, name: str) -> str:
    return f"{job.status.value}/{job.stem}{name}"


def newest(services: Services, job: JobView) -> EventView:
    return services.search.events(job.id, STAFF)[0]


# ---------- a file that is saved ----------


@pytest.mark.parametrize("status", [JobStatus.UPLOADED, JobStatus.PENDING, JobStatus.READY_TO_PRINT])
def test_a_sliced_file_beside_the_model_counts(
    bench: Workbench, services: Services, folder: Folder, status: JobStatus
) -> None:
    job = bench.at(status)
    folder.save(beside(job, ".gcode"), files_made.prusa_gcode())
    assert folder.look() == 1
    now = bench.get(job.id)
    assert (now.authoritative, now.counting_file.kind, now.counting_file.origin) == (
        len(now.revisions),
        RevisionKind.SLICED,
        SAVED,
    )
    assert bench.agrees(now)
    assert newest(services, job).reason == f"{job.stem}.gcode counts now: 38 g, 2 h 10 min"
    assert folder.look() == 0
    assert bench.get(job.id) == now


def test_saving_over_the_working_copy_makes_the_next_revision(bench: Workbench, folder: Folder) -> None:
    job = bench.add_sliced(bench.submit(), files_made.prusa_gcode(10))
    folder.look()
    for weight_g in (20, 30):
        folder.save(beside(job, ".gcode"), files_made.prusa_gcode(weight_g))
        assert folder.look() == 1
    now = bench.get(job.id)
    assert [r.sliced and r.sliced.weight_g for r in now.revisions] == [None, 10, 20, 30]
    assert now.authoritative == 4
    assert bench.agrees(now)


@pytest.mark.parametrize(
    "place",
    [
        "{stem}.gcode",
        "Uploaded/{stem}_0.2mm_PLA_MK4S_2h10m.gcode",
        "Printing/{stem}.gcode",
        "archive/{id}/{stem}.gcode",
        "slicer output/today/{stem} (2).gcode",
        "Uploaded/{lower}.GCODE",
    ],
)
def test_it_is_found_wherever_it_was_saved_and_put_in_its_place(bench: Workbench, folder: Folder, place: str) -> None:
    job = bench.submit()
    path = folder.save(place.format(stem=job.stem, id=job.id, lower=job.stem.lower()), files_made.prusa_gcode())
    assert folder.look() == 1
    now = bench.get(job.id)
    assert now.is_sliced
    assert bench.agrees(now)
    assert path == bench.working_copy(now) or not path.exists()


def test_a_project_and_its_sliced_file_that_are_saved_together(bench: Workbench, folder: Folder) -> None:
    job = bench.submit()
    folder.save(beside(job, ".3mf"), files_made.threemf())
    folder.save(beside(job, ".gcode"), files_made.prusa_gcode())
    assert folder.look() == 2
    now = bench.get(job.id)
    assert now.counting_file.filename.endswith(".gcode")
    assert sorted(revision.kind for revision in now.revisions) == ["corrected", "original", "sliced"]
    assert bench.agrees(now)


def test_two_sliced_files_at_once_are_to_be_chosen_from(bench: Workbench, services: Services, folder: Folder) -> None:
    job = bench.submit()
    folder.save(beside(job, " left.gcode"), files_made.prusa_gcode(10))
    services.noticing.look(0.0)
    folder.save(beside(job, " right.gcode"), files_made.prusa_gcode(20))
    services.noticing.look(2.0)
    assert services.noticing.look(3.5) == 0  # one rests, the other may still be written
    assert services.noticing.look(6.0) == 2
    now = bench.get(job.id)
    assert (now.authoritative, len(now.revisions)) == (1, 3)
    assert "choose the one that counts" in (newest(services, job).reason or "")
    assert bench.agrees(now)


def test_what_is_farther_from_the_print_is_kept_and_does_not_count(bench: Workbench, folder: Folder) -> None:
    job = bench.add_sliced(bench.submit(), files_made.prusa_gcode())
    folder.save(beside(job, ".3mf"), files_made.threemf())
    assert folder.look() == 1
    now = bench.get(job.id)
    assert (now.authoritative, len(now.revisions)) == (2, 3)
    assert bench.agrees(now)


@pytest.mark.parametrize("status", [JobStatus.PRINTING, JobStatus.COMPLETED, JobStatus.REJECTED])
def test_after_the_start_it_is_kept_and_does_not_count(
    bench: Workbench, services: Services, folder: Folder, status: JobStatus
) -> None:
    job = bench.at(status)
    counting = job.authoritative
    folder.save(beside(job, " again.gcode"), files_made.prusa_gcode())
    assert folder.look() == 1
    now = bench.get(job.id)
    assert (now.authoritative, len(now.revisions)) == (counting, len(job.revisions) + 1)
    assert "does not count" in (newest(services, job).reason or "")
    assert bench.agrees(now)


def test_the_same_content_again_is_no_revision_and_leaves_the_folder(bench: Workbench, folder: Folder) -> None:
    content = files_made.prusa_gcode()
    job = bench.add_sliced(bench.submit(), content)
    path = folder.save(beside(job, " copy.gcode"), content)
    assert folder.look() == 0
    assert not path.exists()
    assert bench.get(job.id) == job
    assert bench.agrees(job)


def test_what_is_saved_as_it_was_before_counts_again(bench: Workbench, services: Services, folder: Folder) -> None:
    older = files_made.prusa_gcode(10)
    job = bench.add_sliced(bench.add_sliced(bench.submit(), older), files_made.prusa_gcode(20))
    folder.save(beside(job, ".gcode"), older)
    assert folder.look() == 0
    now = bench.get(job.id)
    assert (now.authoritative, len(now.revisions)) == (2, 3)
    assert "file 2, which counts now" in (newest(services, job).reason or "")
    assert bench.agrees(now)


def test_a_file_that_is_replaced_while_others_have_their_turn_is_not_taken_for_the_one_before(
    bench: Workbench, services: Services, folder: Folder
) -> None:
    older, newest_content = files_made.prusa_gcode(10), files_made.prusa_gcode(30)
    first = bench.submit()
    job = bench.add_sliced(bench.add_sliced(bench.submit(), older), files_made.prusa_gcode(20))
    own_copy = folder.save(f"SD card/{job.filename}", older)
    folder.look()
    own_copy.replace(bench.working_copy(job))
    folder.save(beside(first, ".gcode"), files_made.prusa_gcode())

    def save_again(change: Changed) -> None:
        if change.job_id == first.id:
            bench.working_copy(job).write_bytes(newest_content)

    stop = services.live.subscribe(save_again)
    assert folder.look() == 1
    stop()
    assert bench.get(job.id) == job
    assert folder.look() == 1
    now = bench.get(job.id)
    assert [r.sliced.weight_g for r in now.revisions if r.sliced and r.authoritative] == [30]
    assert bench.agrees(now)


def test_once_printing_began_an_older_file_does_not_count_again(bench: Workbench, folder: Folder) -> None:
    older = files_made.prusa_gcode(10)
    job = bench.add_sliced(bench.add_sliced(bench.at(JobStatus.READY_TO_PRINT), older), files_made.prusa_gcode(20))
    job = bench.start(bench.confirm(bench.requote(job)))
    folder.save(beside(job, ".gcode"), older)
    assert folder.look() == 0
    assert bench.get(job.id) == job
    assert bench.agrees(job)


def test_somebodys_own_copy_in_a_folder_of_theirs_is_left(bench: Workbench, services: Services, folder: Folder) -> None:
    content = files_made.prusa_gcode()
    job = bench.add_sliced(bench.submit(), content)
    path = folder.save(f"SD card/{job.filename}", content)
    assert folder.look() == 0
    assert path.exists()
    assert services.noticing.strays() == ()


# ---------- what does not count ----------


def opened_at_the_desk(bench: Workbench, job: JobView) -> Actor:
    """The colleague who has just opened the job's file in a slicer."""
    token = bench.services.accounts.create_token("Sam Lee", ActorKind.STAFF, SYSTEM)
    sam = bench.services.accounts.actor_of_token(token)
    open_again(bench, job, sam)
    return sam


def open_again(bench: Workbench, job: JobView, sam: Actor) -> None:
    link = bench.services.opening.mint(job.id, sam)
    bench.services.opening.redeem(link.url.removeprefix("printlab://open/"), "Front Desk")


def test_what_may_be_sliced_from_a_part_that_the_student_has_replaced_does_not_count(
    bench: Workbench, services: Services, folder: Folder
) -> None:
    job = bench.submit()
    sam = opened_at_the_desk(bench, job)
    job = bench.correct(job)
    folder.save(beside(job, ".gcode"), files_made.prusa_gcode(10))
    assert folder.look() == 1
    now = bench.get(job.id)
    assert (now.authoritative, len(now.revisions)) == (2, 3)
    assert newest(services, job).reason == (
        f"{job.stem}.gcode was kept; it does not count, for Sam Lee opened file 1 and the student has sent file 2 "
        "since. Let it count if it was sliced from that."
    )
    assert bench.agrees(now)
    open_again(bench, job, sam)
    folder.save(beside(job, ".gcode"), files_made.prusa_gcode(20))
    assert folder.look() == 1
    assert bench.get(job.id).authoritative == 4


def test_once_staff_let_a_file_of_the_new_part_count_the_next_ones_count_too(
    bench: Workbench, services: Services, folder: Folder
) -> None:
    job = bench.submit()
    opened_at_the_desk(bench, job)
    job = bench.correct(job)
    folder.save(beside(job, ".gcode"), files_made.prusa_gcode(10))
    folder.look()
    kept = bench.get(job.id)
    services.revisions.choose(job.id, kept.version, 3, "sliced from file 2", STAFF)
    folder.save(beside(job, ".gcode"), files_made.prusa_gcode(20))
    assert folder.look() == 1
    assert bench.get(job.id).authoritative == 4


def test_what_is_sliced_from_a_part_that_staff_have_mended_counts(bench: Workbench, folder: Folder) -> None:
    job = bench.submit()
    opened_at_the_desk(bench, job)
    folder.save(beside(job, ".stl"), files_made.stl())
    assert folder.look(40) == 1
    folder.save(beside(job, ".gcode"), files_made.prusa_gcode())
    assert folder.look() == 1
    assert bench.get(job.id).authoritative == 3


@pytest.mark.parametrize(
    "cut",
    [
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:-10],
    ],
    ids=["half", "end missing"],
)
@pytest.mark.parametrize(("name", "make"), [(".gcode", files_made.prusa_gcode), (".3mf", files_made.threemf)])
def test_what_ends_too_early_waits_until_it_is_whole(
    bench: Workbench,
    services: Services,
    folder: Folder,
    name: str,
    make: Callable[[], bytes],
    cut: Callable[[bytes], bytes],
) -> None:
    job, whole = bench.submit(), make()
    path = folder.save(beside(job, name), cut(whole))
    for _ in range(3):
        assert folder.look(60) == 0
    assert bench.get(job.id) == job
    (stray,) = services.noticing.strays()
    assert (stray.place, stray.job_id) == (beside(job, name), job.id)
    path.write_bytes(whole)
    assert folder.look() == 1
    assert services.noticing.strays() == ()
    assert bench.agrees(bench.get(job.id))


@pytest.mark.parametrize(
    "content", [b"; only a remark\n", b"G28\nG1 X1 Y1 E1", bytes(100)], ids=["remark", "cut off", "zeros"]
)
def test_what_holds_no_whole_tool_path_does_not_count(
    bench: Workbench, services: Services, folder: Folder, content: bytes
) -> None:
    job = bench.submit()
    path = folder.save(beside(job, ".gcode"), content)
    assert folder.look() == 0
    assert bench.get(job.id) == job
    assert path.exists()
    assert [stray.job_id for stray in services.noticing.strays()] == [job.id]


def test_what_nobody_knew_when_it_was_kept_does_not_count_when_it_is_saved_once_more(
    bench: Workbench, folder: Folder, sliced_sandbox: SlicedReader
) -> None:
    unknown = files_made.sliced_3mf()
    job = bench.submit(files_made.threemf(), "part.3mf")
    bench.working_copy(job).write_bytes(unknown)
    sliced_sandbox.problem = TOO_LONG
    job = bench.approve(job)
    sliced_sandbox.problem = None
    folder.save(job.place, unknown)
    folder.look()
    now = bench.get(job.id)
    assert (now.authoritative, [revision.number for revision in now.revisions]) == (1, [1, 2])
    assert bench.agrees(now)


def test_a_3mf_of_which_nobody_knows_what_it_is_is_left_and_read_again_later(
    bench: Workbench, services: Services, folder: Folder, sliced_sandbox: SlicedReader
) -> None:
    job = bench.submit()
    folder.save(beside(job, ".3mf"), files_made.sliced_3mf())
    sliced_sandbox.problem = TOO_LONG
    assert folder.look() == 0
    assert [stray.job_id for stray in services.noticing.strays()] == [job.id]
    with pytest.raises(UnsureContent):
        services.noticing.give(job.id, beside(job, ".3mf"), STAFF)
    sliced_sandbox.problem = None
    assert folder.look(60) == 0
    assert bench.get(job.id) == job
    assert folder.look(600) == 1
    assert bench.get(job.id).counting_file.kind is RevisionKind.SLICED
    assert services.noticing.strays() == ()


@pytest.mark.parametrize("name", ["creality", "simplify3d", "ideamaker", "unknown"])
def test_text_of_which_nothing_says_that_it_is_whole_rests_for_longer(
    bench: Workbench, services: Services, folder: Folder, name: str
) -> None:
    head = {
        "creality": TEXTS["creality"],
        "simplify3d": TEXTS["simplify3d"] + "G1 X1 Y1 E1\n" * 2_000,
        "ideamaker": TEXTS["ideamaker"] + "G1 X1 Y1 E1\n" * 2_000,
        "unknown": "; by hand\n" + "G1 X1 Y1 E1\n" * 20,
    }[name]
    job = bench.submit()
    folder.save(beside(job, ".gcode"), head.encode())
    assert [folder.look(4), folder.look(4), folder.look(30)] == [0, 0, 1]
    assert services.noticing.strays() == ()
    folder.save(beside(job, "_2.gcode"), head.encode() + b"G1 X1 Y")
    assert [folder.look(4), folder.look(60)] == [0, 0]
    (stray,) = services.noticing.strays()
    assert stray.why.startswith("The file ends too early")


def test_a_file_that_grows_is_let_grow(bench: Workbench, services: Services, folder: Folder) -> None:
    job, content = bench.submit(), files_made.prusa_gcode()
    for second in range(20):
        folder.save(beside(job, ".gcode"), content[: (second + 1) * len(content) // 21])
        assert services.noticing.look(float(second)) == 0
    folder.save(beside(job, ".gcode"), content)
    assert [services.noticing.look(at) for at in (20.0, 22.0, 24.0)] == [0, 0, 1]
    assert len(bench.get(job.id).revisions) == 2


@pytest.mark.parametrize(
    ("name", "is_likely"),
    [
        ("{stem}3.gcode", False),
        ("bracket.gcode", False),
        ("bracket_{id}.gcode", True),
        ("bracket_7{id}.gcode", False),
        ("{stem}x.gcode", False),
        ("notes.txt", False),
    ],
)
def test_what_is_no_jobs_is_listed_with_the_job_that_its_number_names(
    bench: Workbench, services: Services, folder: Folder, name: str, is_likely: bool
) -> None:
    job = bench.submit()
    path = folder.save(f"Uploaded/{name.format(stem=job.stem, id=job.id)}", files_made.prusa_gcode())
    assert folder.look() == 0
    (stray,) = services.noticing.strays()
    assert (stray.place, stray.job_id) == (f"Uploaded/{path.name}", job.id if is_likely else None)
    assert path.exists()
    assert bench.get(job.id) == job
    path.unlink()
    folder.look()
    assert services.noticing.strays() == ()


def test_a_file_of_no_job_is_given_to_one(bench: Workbench, services: Services, folder: Folder) -> None:
    job, content = bench.submit(), files_made.prusa_gcode()
    path = folder.save(f"Uploaded/bracket_{job.id}.gcode", content)
    folder.look()
    after = services.noticing.give(job.id, f"Uploaded/{path.name}", STAFF)
    given = after.revisions[-1]
    assert (given.original_name, given.kind, given.authoritative) == (path.name, RevisionKind.SLICED, False)
    assert services.revisions.content(job.id, given.number, STAFF)[0].read_bytes() == content
    assert "does not count yet" in str(newest(services, job).reason)
    assert not path.exists()
    assert bench.agrees(bench.get(job.id))
    assert services.noticing.strays() == ()
    assert folder.look() == 0
    with pytest.raises(NotFound, match="not there any more"):
        services.noticing.give(job.id, f"Uploaded/{path.name}", STAFF)


def test_the_same_file_given_twice_is_one_revision(bench: Workbench, services: Services, folder: Folder) -> None:
    job, content = bench.submit(), files_made.prusa_gcode()
    said: list[str] = []
    for name in ("bracket.gcode", "again.gcode", "third.gcode"):
        folder.save(f"Uploaded/{name}", content)
        folder.look()
        now = services.noticing.give(job.id, f"Uploaded/{name}", STAFF)
        said.append(str(newest(services, job).reason).rpartition("; ")[2])
        if name == "again.gcode":
            services.revisions.choose(job.id, now.version, 2, "sliced", STAFF)
    same = "it is the same as file 2, which"
    assert said == ["it does not count yet", f"{same} does not count", f"{same} counts"]
    assert len(bench.get(job.id).revisions) == 2
    assert [path.name for path in (folder.root / "Uploaded").glob("*.gcode")] == [bench.get(job.id).filename]


@pytest.mark.parametrize("place", ["../secret.gcode", "Uploaded/{working copy}", "Uploaded/nothing.gcode"])
def test_only_a_listed_file_is_given(bench: Workbench, services: Services, folder: Folder, place: str) -> None:
    job = bench.submit()
    (folder.root.parent / "secret.gcode").write_bytes(files_made.prusa_gcode())
    folder.look()
    with pytest.raises(NotFound):
        services.noticing.give(job.id, place.replace("{working copy}", job.filename), STAFF)
    assert bench.get(job.id) == job


def test_no_student_gives_a_file(bench: Workbench, services: Services, folder: Folder) -> None:
    job = bench.submit()
    path = folder.save("Uploaded/bracket.gcode", files_made.prusa_gcode())
    folder.look()
    with pytest.raises(NotAllowed):
        services.noticing.give(job.id, f"Uploaded/{path.name}", bench.student(job))
    assert path.exists()


def test_a_number_in_brackets_is_no_job(bench: Workbench, folder: Folder) -> None:
    first, second = bench.submit(), bench.submit()
    folder.save(f"Uploaded/{first.stem} ({second.id}).gcode", files_made.prusa_gcode())
    assert folder.look() == 1
    assert bench.get(first.id).is_sliced
    assert bench.get(second.id) == second


@pytest.mark.parametrize("name", [".{stem}.gcode", "~${stem}.gcode", "{stem}.gcode.tmp", "{stem}.gcode.part"])
def test_what_programs_write_on_the_way_is_passed_over(
    bench: Workbench, services: Services, folder: Folder, name: str
) -> None:
    job = bench.submit()
    folder.save(f"Uploaded/{name.format(stem=job.stem)}", files_made.prusa_gcode())
    assert folder.look() == 0
    assert services.noticing.strays() == ()


def test_a_name_in_no_letters_stops_nobody(bench: Workbench, folder: Folder) -> None:
    job = bench.submit()
    (folder.root / "Uploaded" / f"{job.stem}_\udcff.gcode").write_bytes(files_made.prusa_gcode())
    folder.save(beside(job, ".gcode"), files_made.prusa_gcode())
    assert folder.look() == 1
    assert bench.get(job.id).is_sliced


@pytest.mark.parametrize("changed_settings", [{"max_sliced_mb": 1}])
def test_what_is_too_large_is_listed_and_not_read(
    bench: Workbench, services: Services, folder: Folder, changed_settings: dict[str, object]
) -> None:
    job = bench.submit()
    with (folder.root / beside(job, ".gcode")).open("wb") as file:
        file.truncate(1_000_001)
    assert folder.look() == 0
    assert [stray.why for stray in services.noticing.strays()] == ["It is larger than 1 MB."]


def test_many_files_of_one_job_are_taken_in_a_few_at_a_time(bench: Workbench, folder: Folder) -> None:
    job = bench.submit()
    for number in range(12):
        folder.save(beside(job, f" {number}.gcode"), files_made.prusa_gcode())
    assert folder.look() == 10
    folder.look()
    assert len(bench.get(job.id).revisions) == 13


def test_impossible_figures_are_not_believed(bench: Workbench, services: Services, folder: Folder) -> None:
    job = bench.submit()
    content = files_made.prusa_gcode().replace(b"38.00", b"1e307").replace(b"; filament used [mm]", b"; unsaid")
    folder.save(beside(job, ".gcode"), content)
    assert folder.look() == 1
    card = bench.card(job)
    assert card.takes is not None
    assert (card.takes.weight_cg, card.takes.time_min) == (None, 130)


def test_links_are_not_followed(bench: Workbench, folder: Folder, tmp_path: Path) -> None:
    job = bench.submit()
    elsewhere = tmp_path / "secret.gcode"
    elsewhere.write_bytes(files_made.prusa_gcode())
    (folder.root / beside(job, ".gcode")).symlink_to(elsewhere)
    (folder.root / "linked").symlink_to(tmp_path)
    assert folder.look() == 0
    assert len(bench.get(job.id).revisions) == 1


def test_a_second_name_of_a_file_elsewhere_is_listed_and_not_read(
    bench: Workbench, services: Services, folder: Folder, tmp_path: Path
) -> None:
    job = bench.submit()
    elsewhere = tmp_path / "secrets.json"
    elsewhere.write_bytes(files_made.prusa_gcode())
    (folder.root / beside(job, ".gcode")).hardlink_to(elsewhere)
    assert [folder.look(), folder.look(60)] == [0, 0]
    assert bench.get(job.id) == job
    (stray,) = services.noticing.strays()
    assert stray.why.startswith("It is the same file as one elsewhere")
    with pytest.raises(InvalidFile, match="same as one elsewhere"):
        services.noticing.give(job.id, stray.place, STAFF)
    elsewhere.unlink()
    os.utime(folder.root / stray.place)
    assert folder.look() == 1


def test_names_that_turn_a_line_round_are_told_without_that(
    bench: Workbench, services: Services, folder: Folder
) -> None:
    job = bench.submit()
    folder.save(beside(job, "\u202etxt.gcode"), files_made.prusa_gcode())
    assert folder.look() == 1
    told = f"{newest(services, job).reason} {bench.get(job.id).counting_file.original_name}"
    assert "\u202e" not in told
    assert f"{job.stem}txt.gcode counts now" in told


# ---------- again and again, and in several processes ----------


def test_two_saves_within_one_second_are_two(bench: Workbench, folder: Folder) -> None:
    job = bench.submit()
    path = folder.save(beside(job, ".gcode"), files_made.prusa_gcode(10))
    assert folder.look() == 1
    seen = path.stat()
    content = files_made.prusa_gcode(20)
    path.write_bytes(content.ljust(seen.st_size, b"\n")[: max(seen.st_size, len(content))])
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns + 1))
    assert folder.look() == 1
    assert len(bench.get(job.id).revisions) == 3


def test_another_process_that_sees_the_same_file_makes_no_second_revision(
    bench: Workbench, services: Services, settings: Settings, folder: Folder, clock: Clock
) -> None:
    other = build_services(settings, clock)
    job = bench.submit()
    folder.save(beside(job, ".gcode"), files_made.prusa_gcode())
    for at in (0.0, 4.0):
        found = [each.noticing.look(at) for each in (services, other)]
    assert sum(found) == 1
    assert len(bench.get(job.id).revisions) == 2
    other.close()


def test_what_was_saved_while_the_server_was_down_is_noticed(
    bench: Workbench, services: Services, settings: Settings, folder: Folder, clock: Clock
) -> None:
    job, quiet = bench.submit(), bench.submit()
    folder.look()
    folder.save(beside(job, ".stl"), files_made.stl(33))
    again = build_services(settings, clock)
    assert [again.noticing.look(at) for at in (0.0, 4.0, 31.0)] == [0, 0, 1]  # an STL does not say where it ends
    assert bench.get(job.id).authoritative == 2
    assert bench.get(quiet.id) == quiet
    again.close()


def test_a_start_reads_no_file_again_that_is_as_it_was(
    bench: Workbench, services: Services, settings: Settings, folder: Folder, clock: Clock
) -> None:
    job = bench.submit()
    folder.look()
    path = bench.working_copy(job)
    seen = path.stat()
    path.write_bytes(files_made.stl(34)[: seen.st_size])  # other bytes under the same size and time, and the same inode
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    again = build_services(settings, clock)
    again.noticing.look(0.0)
    assert again.noticing.look(4.0) == 0
    again.close()


def test_what_is_hashed_in_one_look_is_kept_in_one_transaction(
    bench: Workbench, services: Services, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        bench.submit()
    began: list[None] = []
    write = services.database.write

    def counted() -> AbstractContextManager[Unit]:
        began.append(None)
        return write()

    monkeypatch.setattr(services.database, "write", counted)
    folder.look(31)
    assert len(began) == 1
    with services.database.read() as session:
        assert len(session.exec(select(SeenFile)).all()) == 5


def test_a_full_disk_is_tried_again_after_a_minute(
    bench: Workbench, services: Services, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.submit()
    folder.save(beside(job, ".gcode"), files_made.prusa_gcode())
    with monkeypatch.context() as full:
        full.setattr("printlab.files.disk.free_bytes", lambda _folder: 0)
        assert folder.look() == 0
    assert folder.look(30) == 0
    assert folder.look(40) == 1
    assert bench.agrees(bench.get(job.id))


def test_hashes_of_files_that_are_gone_are_forgotten(
    bench: Workbench, services: Services, folder: Folder, staff: Actor
) -> None:
    bench.submit()
    path = folder.save("Uploaded/old.gcode", files_made.prusa_gcode())
    gone = bench.submit()
    folder.look(31)
    bench.reject(gone)
    path.unlink()
    assert services.noticing.sweep() == 1
    assert services.noticing.sweep() == 0
