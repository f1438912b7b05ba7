"""The whole line: from the student's file to the paid hand-over, on both databases."""

from __future__ import annotations

import json

import pytest
from sqlmodel import col, select

from printlab.domain.analysis import AnalysisState
from printlab.domain.commands import EditJob
from printlab.domain.policy import Actor
from printlab.domain.status import ENDED, JobStatus, Verb
from printlab.domain.views import FileState, Outcome, PaymentMethod, RevisionKind, Strength
from printlab.errors import Conflict, NotAllowed
from printlab.models import Analysis
from printlab.services import Services
from printlab.services.analyses import stored
from tests import files_made
from tests.domain.parts import box
from tests.workbench import Workbench


def test_a_file_becomes_a_paid_part(
    database_url: str, services: Services, bench: Workbench, staff: Actor, colleague: Actor
) -> None:
    mesh, sliced = files_made.stl(), files_made.prusa_gcode()

    sent = bench.send(mesh, "camera bracket v3 (final).stl")
    job = sent.job
    assert job.filename == f"JaneDoe_Filament_Blue_{job.id}.stl"
    assert (job.status, job.original_name) == (JobStatus.UPLOADED, "camera bracket v3 (final).stl")
    assert sent.track_url == job.track_url
    assert bench.working_copy(job).read_bytes() == mesh
    assert bench.agrees(job)

    student = bench.student(job)
    job = bench.approve(job, color="Black", quantity=2)
    assert (job.status, job.price_cents, job.color) == (JobStatus.PENDING, 434, "Black")
    assert job.quote is not None
    assert job.quote.changes == ("was Blue, now Black", "was 1 copy, now 2 copies")
    assert job.filename == f"JaneDoe_Filament_Blue_{job.id}.stl"
    assert bench.agrees(job)

    job = bench.confirm(job)
    assert job.status is JobStatus.READY_TO_PRINT
    assert job.quote is not None
    assert job.quote.accepted_at is not None
    assert bench.agrees(job)

    job = bench.add_sliced(job, sliced)
    assert job.filename == f"JaneDoe_Filament_Blue_{job.id}.gcode"
    assert [(r.number, r.kind, r.authoritative) for r in job.revisions] == [
        (1, RevisionKind.ORIGINAL, False),
        (2, RevisionKind.SLICED, True),
    ]
    assert job.is_sliced
    assert bench.agrees(job)

    job = bench.start(job)
    assert (job.status, job.machine) == (JobStatus.PRINTING, "MK4S no. 2")
    job = bench.complete(job, colleague)
    assert job.status is JobStatus.COMPLETED
    job = bench.hand_over(job, collected_by="Jane Doe", reference="R-17")
    assert (job.status, job.outcome) == (JobStatus.PAID_PICKED_UP, Outcome.COLLECTED)
    assert [(p.amount_cents, p.method, p.reference, p.collected_by, p.received_by) for p in job.payments] == [
        (434, PaymentMethod.CASH, "R-17", "Jane Doe", "Sam Staff")
    ]
    assert job.file_state is FileState.SETTLED
    assert bench.agrees(job)
    assert bench.working_copy(job).read_bytes() == sliced

    events = services.search.events(job.id, staff)[::-1]
    assert [(e.action, e.actor_name, e.from_status, e.to_status) for e in events] == [
        ("submit", "Visitor", None, JobStatus.UPLOADED),
        ("approve", "Sam Staff", JobStatus.UPLOADED, JobStatus.PENDING),
        ("confirm", "Jane Doe", JobStatus.PENDING, JobStatus.READY_TO_PRINT),
        ("revision added", "Sam Staff", None, None),
        ("start", "Sam Staff", JobStatus.READY_TO_PRINT, JobStatus.PRINTING),
        ("complete", "Kim Colleague", JobStatus.PRINTING, JobStatus.COMPLETED),
        ("hand-over", "Sam Staff", JobStatus.COMPLETED, JobStatus.PAID_PICKED_UP),
    ]
    assert events[1].workstation == "Desk 1"
    assert events[1].changes["color"] == ("Blue", "Black")
    assert events[1].changes["price"] == (None, "$4.34")

    mails = services.mail.outbox(staff, job.id)[::-1]
    assert [m.kind for m in mails] == ["received", "quote", "ready", "receipt"]
    assert {m.to for m in mails} == {"jane@example.edu"}
    assert {m.state for m in mails} == {"not sent"}
    assert "$4.34" in mails[1].text
    assert services.search.get(job.id, student) == job


def test_the_archive_keeps_every_file(bench: Workbench, services: Services, staff: Actor) -> None:
    contents = [files_made.stl(), files_made.gcode(), files_made.gcode()]
    job = bench.submit(contents[0])
    job = bench.add_sliced(job, contents[1])
    job = bench.add_sliced(job, contents[2])
    assert [services.revisions.content(job.id, n, staff)[0].read_bytes() for n in (1, 2, 3)] == contents
    path, revision = services.revisions.content(job.id, None, staff)
    assert (path.read_bytes(), revision.number) == (contents[2], 3)
    assert path == bench.root / "archive" / str(job.id) / "r3.gcode"


def test_the_sidecar_has_what_the_row_needs(bench: Workbench) -> None:
    job = bench.approve(bench.submit(name="Zoë Müller-Łukasz", course="ME 101"))
    beside = json.loads((bench.root / "Pending" / f"{job.stem}.json").read_text())
    assert beside["id"] == job.id
    assert (beside["student_name"], beside["course"], beside["status"]) == ("Zoë Müller-Łukasz", "ME 101", "Pending")
    assert beside["quote"]["price_cents"] == 434
    assert beside["revisions"][0]["sha256"] == job.revisions[0].sha256
    assert "track_url" not in beside


def test_the_sidecar_does_not_grow_with_what_is_found_in_the_file(bench: Workbench) -> None:
    job = bench.submit()
    with bench.services.database.write() as unit:
        row = unit.session.exec(select(Analysis).where(col(Analysis.sha256) == job.revisions[0].sha256)).one()
        row.state, row.facts, row.has_model = AnalysisState.DONE, stored(box(40, 30, 20)), True
    assert bench.get(job.id).revisions[0].facts == box(40, 30, 20)
    bench.approve(bench.get(job.id))
    beside = json.loads((bench.root / "Pending" / f"{job.stem}.json").read_text())
    assert "analysis" not in beside
    assert (beside["revisions"][0]["facts"], beside["revisions"][0]["model_url"]) == (None, None)


def test_an_edit_reaches_the_sidecar(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.submit()
    job = services.jobs.edit(EditJob(job.id, job.version, name="Jane Roe", course="ME 101"), staff)
    assert (job.student_name, job.course, job.filename) == ("Jane Roe", "ME 101", f"JaneDoe_Filament_Blue_{job.id}.stl")
    assert json.loads((bench.root / "Uploaded" / f"{job.stem}.json").read_text())["student_name"] == "Jane Roe"
    changes = services.search.events(job.id, staff)[0].changes
    assert changes == {"student_name": ("Jane Doe", "Jane Roe"), "course": (None, "ME 101")}


def test_a_waiting_quote_is_not_changed_behind_the_students_back(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    job = bench.at(JobStatus.PENDING)
    for facts in ({"color": "Black"}, {"quantity": 2}):
        with pytest.raises(Conflict, match="Send a new quote instead"):
            services.jobs.edit(EditJob(job.id, job.version, **facts), staff)
    assert bench.get(job.id) == job


@pytest.mark.parametrize("status", [s for s in JobStatus if s not in (JobStatus.UPLOADED, *ENDED)])
def test_what_a_price_was_told_for_stays(status: JobStatus, bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.at(status)
    for facts in ({"quantity": 500}, {"color": "Black"}, {"strength": Strength.STRONG}):
        with pytest.raises(Conflict, match="its price was told for this part"):
            services.jobs.edit(EditJob(job.id, job.version, **facts), staff)
    assert services.jobs.edit(EditJob(job.id, job.version, course="ME 101"), staff).course == "ME 101"


def test_notes_are_for_staff_only(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.submit()
    services.jobs.note(job.id, "Ask him about the hole", staff)
    assert services.search.events(job.id, staff)[0].reason == "Ask him about the hole"
    assert [event.action for event in services.search.events(job.id, bench.student(job))] == ["submit"]
    with pytest.raises(NotAllowed):
        services.jobs.note(job.id, "me too", bench.student(job))


def test_a_failed_print_goes_back_to_the_queue(bench: Workbench) -> None:
    job = bench.move(Verb.FAIL, bench.at(JobStatus.PRINTING), reason="came off the bed")
    assert (job.status, job.failed_prints, job.machine) == (JobStatus.READY_TO_PRINT, 1, None)
    assert job.quote is not None
    assert job.quote.accepted_at is not None
    assert bench.agrees(job)


def test_starting_without_a_sliced_file_is_noted(bench: Workbench, services: Services, staff: Actor) -> None:
    job = bench.start(bench.at(JobStatus.READY_TO_PRINT))
    assert services.search.events(job.id, staff)[0].reason == "Started without a sliced file"


def test_a_reprint_keeps_price_and_acceptance(bench: Workbench) -> None:
    job = bench.move(Verb.REPRINT, bench.at(JobStatus.COMPLETED), reason="layer shift")
    assert (job.status, job.price_cents, job.machine) == (JobStatus.READY_TO_PRINT, 434, None)
    assert job.quote is not None
    assert job.quote.accepted_at is not None


def test_a_reopened_job_starts_over(bench: Workbench) -> None:
    job = bench.reject(bench.at(JobStatus.PENDING))
    assert (job.reject_reasons, job.reject_note) == (("Too large",), "It is 40 cm long.")
    job = bench.move(Verb.REOPEN, job)
    assert (job.status, job.reject_reasons, job.reject_note, job.price_cents) == (JobStatus.UPLOADED, (), None, None)
    job = bench.approve(job)
    assert job.quote is not None
    assert job.quote.number == 2


def test_a_corrected_file_is_the_next_revision_of_the_same_job(bench: Workbench) -> None:
    better = files_made.stl(5)
    rejected = bench.at(JobStatus.REJECTED)
    job = bench.correct(rejected, better)
    assert (job.id, job.status, job.authoritative) == (rejected.id, JobStatus.UPLOADED, 2)
    assert (job.original_name, job.filename) == ("corrected.stl", rejected.filename)
    assert bench.working_copy(job).read_bytes() == better
    assert bench.agrees(job)
