"""Which of a job's files is the student's own: it depends on who sent it, not on what kind of file it is."""

from __future__ import annotations

from printlab.domain.views import JobView
from tests import files_made
from tests.workbench import STAFF, Workbench


def number(job: JobView) -> int:
    assert job.students_file is not None
    return job.students_file.number


def test_what_the_lab_adds_or_changes_is_not_the_students(bench: Workbench) -> None:
    job = bench.submit()
    bench.working_copy(job).write_bytes(files_made.stl(33))
    job = bench.approve(job)
    assert (job.revisions[-1].origin, number(job)) == ("changed in the shared folder", 1)
    job = bench.add_sliced(job)
    assert (job.authoritative, number(job)) == (3, 1)


def test_a_corrected_file_is_the_students_by_page_or_at_the_desk(bench: Workbench) -> None:
    job = bench.correct(bench.reject(bench.submit()))
    assert (job.students_file, number(job)) == (job.revisions[-1], 2)
    job = bench.correct(bench.reject(job), actor=STAFF)
    assert number(job) == 3
    walked_in = bench.submit(actor=STAFF, walk_in=True)
    assert (walked_in.revisions[0].origin, number(walked_in)) == ("brought to the desk", 1)


def test_a_part_is_known_by_the_file_that_counts_unless_that_bears_the_jobs_own_name(bench: Workbench) -> None:
    job = bench.submit(file="hex spacer.stl")
    assert job.known_as == "hex spacer.stl"
    job = bench.add_sliced(job, name=f"{job.stem}_0.2mm.gcode")
    assert (job.known_as, job.counting_file.original_name) == ("hex spacer.stl", f"{job.stem}_0.2mm.gcode")
    assert bench.add_sliced(job, name="plate 7.gcode").known_as == "plate 7.gcode"
