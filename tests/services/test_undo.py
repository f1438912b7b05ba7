"""Undo: the latest move, back to where the job was, with everything that went along."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from printlab.domain.commands import EditJob, JobFilter, MoveJob
from printlab.domain.policy import Actor
from printlab.domain.status import MOVES, JobStatus, Verb
from printlab.domain.views import JobView, Strength
from printlab.errors import Conflict, NotAllowed
from printlab.models import MailState, OutboxMail
from printlab.services import Services
from tests import files_made
from tests.workbench import STAFF, Clock, Workbench

ARROWS = [
    (status, verb)
    for status in JobStatus
    for move in MOVES[status].values()
    for verb in sorted(move.verbs - {Verb.LAPSE})  # the clock's, see test_reminders.py
]


def facts(job: JobView) -> tuple[object, ...]:
    """What has to be as it was."""
    quote = job.quote
    return (
        job.status, job.status_since, job.filename, job.authoritative, job.price_cents, job.printer, job.material,
        job.color, job.quantity, job.strength, job.reject_reasons, job.reject_note, job.machine, job.actual_weight_cg,
        job.actual_time_min, job.failed_prints, job.outcome, quote.number if quote else None,
        quote.accepted_at if quote else None, sum(payment.amount_cents for payment in job.payments),
    )  # fmt: skip


@pytest.mark.parametrize(("status", "verb"), sorted(set(ARROWS)))
def test_undo_takes_every_move_back(status: JobStatus, verb: Verb, bench: Workbench, clock: Clock) -> None:
    before = bench.at(status)
    clock.advance(hours=3)
    moved = bench.do(verb, before)
    clock.advance(minutes=9, seconds=59)
    undone = bench.undo(moved)
    assert facts(undone) == facts(before)
    assert undone.last_move is not None
    assert undone.last_move.verb is Verb.UNDO
    assert bench.agrees(undone)


@pytest.mark.usefixtures("database_url")
def test_undo_restores_price_file_and_folder(bench: Workbench, services: Services, staff: Actor) -> None:
    mesh = files_made.stl()
    before = bench.submit(mesh)
    sliced = bench.add_sliced(before)
    job = bench.approve(sliced, color="Black", printer="Prusa XL", quantity=3, revision=1)
    assert (job.color, job.printer, job.quantity, job.authoritative) == ("Black", "Prusa XL", 3, 1)
    job = bench.undo(job)
    assert (job.status, job.price_cents, job.quote) == (JobStatus.UPLOADED, None, None)
    assert (job.color, job.printer, job.quantity, job.authoritative) == ("Blue", "Prusa MK4S", 1, 2)
    assert bench.agrees(job)
    event = services.search.events(job.id, staff)[0]
    assert (event.action, event.from_status, event.to_status) == ("undo", JobStatus.PENDING, JobStatus.UPLOADED)
    assert event.changes["price"] == ("$4.85", None)


def test_revisions_since_stay_listed(bench: Workbench) -> None:
    job = bench.approve(bench.submit())
    job = bench.undo(bench.add_sliced(job))
    assert (job.status, job.authoritative, job.filename) == (JobStatus.UPLOADED, 1, f"{job.stem}.stl")
    assert [revision.number for revision in job.revisions] == [1, 2]
    assert bench.agrees(job)


def test_what_others_changed_since_stays(bench: Workbench, services: Services, colleague: Actor) -> None:
    job = bench.submit()
    student = bench.student(job)
    job = bench.correct(job)
    job = services.jobs.edit(EditJob(job.id, job.version, quantity=5), colleague)
    job = bench.undo(job, student)
    assert (job.status, job.quantity, job.authoritative, job.original_name) == (JobStatus.UPLOADED, 5, 1, "part.stl")


def test_a_price_that_stands_again_stands_for_the_part_that_it_was_told_for(
    bench: Workbench, services: Services, staff: Actor
) -> None:
    """Else 500 strong copies could be had at the price of one."""
    accepted = bench.at(JobStatus.READY_TO_PRINT)
    dearer = {"quantity": 500, "color": "Black", "strength": Strength.STRONG}
    rejected = bench.reject(accepted)
    with pytest.raises(Conflict, match="Reopen the job first"):
        services.jobs.edit(EditJob(rejected.id, rejected.version, **dearer), staff)
    reopened = bench.move(Verb.REOPEN, rejected)
    edited = services.jobs.edit(EditJob(reopened.id, reopened.version, **dearer), staff)
    undone = bench.undo(edited)
    assert facts(undone) == facts(rejected)
    changes = services.search.events(undone.id, staff)[0].changes
    assert changes == {
        "color": ("Black", "Blue"), "quantity": (500, 1), "strength": ("strong", "standard"), "price": (None, "$4.34"),
    }  # fmt: skip


def test_the_next_quote_gets_the_next_number(bench: Workbench) -> None:
    job = bench.approve(bench.undo(bench.approve(bench.submit())))
    assert job.quote is not None
    assert job.quote.number == 2


def test_a_payment_is_reversed_by_a_counter_entry(bench: Workbench) -> None:
    job = bench.hand_over(bench.at(JobStatus.COMPLETED), reference="R-17")
    job = bench.undo(job)
    assert (job.status, job.outcome) == (JobStatus.COMPLETED, None)
    assert [payment.amount_cents for payment in job.payments] == [434, -434]
    job = bench.hand_over(job)
    assert [payment.amount_cents for payment in job.payments] == [434, -434, 434]


def test_no_undo_of_an_undo(bench: Workbench, admin: Actor) -> None:
    job = bench.undo(bench.approve(bench.submit()))
    for actor in (None, admin):
        with pytest.raises(Conflict, match="an undo cannot be undone"):
            bench.undo(job, *([actor] if actor else []))


def test_nothing_to_undo_on_a_new_job(bench: Workbench) -> None:
    with pytest.raises(Conflict, match="Nothing has been done"):
        bench.undo(bench.submit())


def test_ten_minutes_are_over(bench: Workbench, clock: Clock, admin: Actor) -> None:
    job = bench.approve(bench.submit())
    clock.advance(minutes=10, seconds=1)
    for actor in (None, admin):
        with pytest.raises(Conflict, match="more than 10 minutes ago"):
            bench.undo(job, *([actor] if actor else []))
    assert bench.get(job.id).status is JobStatus.PENDING


def test_only_who_moved_it_or_an_admin(bench: Workbench, colleague: Actor, admin: Actor) -> None:
    job = bench.approve(bench.submit())
    with pytest.raises(NotAllowed, match="Only Sam Staff or an admin can undo it"):
        bench.undo(job, colleague)
    with pytest.raises(NotAllowed):
        bench.undo(job, bench.student(job))
    assert bench.undo(job, admin).status is JobStatus.UPLOADED


def test_the_student_takes_their_own_answer_back(bench: Workbench) -> None:
    job = bench.confirm(bench.at(JobStatus.PENDING))
    with pytest.raises(NotAllowed):
        bench.undo(job)
    job = bench.undo(job, bench.student(job))
    assert job.status is JobStatus.PENDING
    assert job.quote is not None
    assert job.quote.accepted_at is None


class TestMails:
    """What was not sent is cancelled, what was sent gets a correction."""

    @pytest.fixture
    def changed_settings(self) -> dict[str, object]:
        return {"smtp_url": "smtp://127.0.0.1:9"}

    def test_a_queued_mail_is_cancelled(self, bench: Workbench, services: Services, staff: Actor) -> None:
        job = bench.approve(bench.submit())
        assert [(m.kind, m.state) for m in services.mail.outbox(staff, job.id)] == [
            ("quote", "queued"),
            ("received", "queued"),
        ]
        bench.undo(job)
        assert [(m.kind, m.state) for m in services.mail.outbox(staff, job.id)] == [
            ("quote", "cancelled"),
            ("received", "queued"),
        ]

    @pytest.mark.parametrize("state", [MailState.SENT, MailState.SENDING])
    def test_a_sent_mail_gets_a_correction(
        self, state: MailState, bench: Workbench, services: Services, staff: Actor
    ) -> None:
        job = bench.approve(bench.submit())
        with services.database.write() as unit:
            unit.session.exec(sa.update(OutboxMail).where(col(OutboxMail.kind) == "quote").values(state=state))
        bench.undo(job)
        mails = services.mail.outbox(staff, job.id)
        assert [(m.kind, m.state) for m in mails] == [
            ("correction", "queued"),
            ("quote", state.value),
            ("received", "queued"),
        ]
        assert f"{job.id}" in mails[0].subject


def test_the_folder_returns_even_if_the_disk_was_away(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    marker = Path(bench.root / ".printlab-storage")
    marker.rename(bench.root / "away")
    job = bench.undo(bench.approve(job))
    (bench.root / "away").rename(marker)
    services.filing.reconcile()
    assert bench.agrees(bench.get(job.id))


@pytest.mark.usefixtures("database_url")
def test_undo_returns_the_name_of_the_file_and_the_search_follows(bench: Workbench, services: Services) -> None:
    before = bench.submit(file="first.stl")
    staged = bench.stage(files_made.stl(), "second.stl", browser="browser")
    corrected = services.revisions.correct(before.id, before.version, "browser", staged.id, bench.student(before))
    assert [job.id for job in services.search.find(JobFilter(q="second.stl"), STAFF).items] == [before.id]
    undone = services.jobs.undo(MoveJob(before.id, corrected.version), bench.student(before))
    assert (corrected.original_name, undone.original_name) == ("second.stl", "first.stl")
    assert services.search.find(JobFilter(q="second.stl"), STAFF).items == ()
