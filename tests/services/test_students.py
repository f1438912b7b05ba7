"""What is held about one student is exported and anonymised: nothing that says who it was is left anywhere."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from printlab.domain.commands import ConfirmJob, EditJob
from printlab.domain.policy import SYSTEM
from printlab.domain.retention import CleanupKind, RetentionDays
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import JobView
from printlab.errors import Conflict, NotAllowed, NotFound
from printlab.models import metadata
from printlab.services import Services
from tests import files_made
from tests.workbench import ADMIN, STAFF, Clock, Workbench, change_lab

pytestmark = pytest.mark.usefixtures("database_url")

NAME, EMAIL, WORD = "Zoë Quixote", "zoe.quixote@example.edu", "windmill"
PERSONAL = ("quixote", "zoe", "zoë", WORD)


@pytest.fixture
def changed_settings() -> dict[str, object]:
    return {"smtp_url": "smtp://127.0.0.1:1"}


def with_everything(bench: Workbench, services: Services) -> JobView:
    """A job that ended, of which everything that can hold a name or a text holds one."""
    job = bench.submit(file=f"{WORD}.stl", name=NAME, email=EMAIL, notes=f"My {WORD}, please.", course="ART 101")
    services.jobs.note(job.id, f"{NAME} rang about the {WORD}.", STAFF)
    services.messages.write(job.id, f"Is the {WORD} for you, {NAME}?", STAFF)
    services.messages.write(job.id, f"Yes, my {WORD}.", bench.student(job))
    job = services.jobs.edit(EditJob(job.id, job.version, name=f"{NAME} Jr", notes=f"The {WORD}"), STAFF)
    job = bench.add_sliced(job, name=f"{WORD}.gcode")
    job = bench.approve(job, price_cents=500, reason=f"{NAME} is a friend")
    number = job.quote.number if job.quote else None
    job = services.quotes.confirm(ConfirmJob(job.id, job.version, number), bench.student(job))
    job = bench.complete(bench.start(job))
    return bench.hand_over(job, collected_by=f"The {WORD} aunt", reason=f"{WORD} bent")


def everything_kept(services: Services) -> str:
    """Every row of every table, and every name and small file of the storage root, in one text."""
    with services.database.connect() as connection:
        rows = [str(row) for table in metadata.tables.values() for row in connection.execute(sa.select(table))]
    root: Path = services.settings.storage
    names = [str(path.relative_to(root)) for path in root.rglob("*")]
    texts = [path.read_text() for path in root.rglob("*.json")]
    return "\n".join((*rows, *names, *texts)).lower()


def test_nothing_says_who_it_was_and_numbers_stay(bench: Workbench, services: Services, clock: Clock) -> None:
    job = with_everything(bench, services)
    other = bench.at(JobStatus.REJECTED)
    clock.advance(minutes=11)
    assert all(word in everything_kept(services) for word in PERSONAL)
    link = job.track_url.rsplit("/", 1)[1]
    done = services.students.anonymise(EMAIL.upper(), ADMIN)
    assert (done.jobs, done.left) == ((job.id,), {})
    kept = everything_kept(services)
    assert [word for word in PERSONAL if word in kept] == []
    after = bench.get(job.id)
    assert (after.price_cents, after.weight_cg, after.course) == (job.price_cents, job.weight_cg, "ART 101")
    assert [payment.amount_cents for payment in after.payments] == [p.amount_cents for p in job.payments]
    assert [(r.sha256, r.bytes, r.created_at) for r in after.revisions] == [
        (r.sha256, r.bytes, r.created_at) for r in job.revisions
    ]
    assert len(services.search.events(job.id, STAFF)) > 8
    assert services.search.events(job.id, STAFF)[0].action == "anonymised"
    assert services.search.events(job.id, STAFF)[0].actor_name == ADMIN.name
    with pytest.raises(NotFound):
        services.search.by_token(link)
    assert bench.get(other.id).student_name == "Jane Doe"
    with pytest.raises(NotFound):
        services.students.held(EMAIL, ADMIN)


async def test_mails_that_waited_are_not_sent_and_the_others_say_nothing(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    job = with_everything(bench, services)
    clock.advance(minutes=11)
    services.students.anonymise(EMAIL, ADMIN)
    services.messages.tell()
    mails = services.mail.outbox(STAFF, job.id)
    assert {mail.state for mail in mails} == {"cancelled"}
    assert {mail.text for mail in mails} == {"What this mail said was removed when its student was anonymised."}
    assert await services.delivery.deliver() == 0


def test_nothing_can_be_done_with_it_or_added_any_more(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.reject(bench.submit(email=EMAIL))
    clock.advance(minutes=11)
    services.students.anonymise(EMAIL, ADMIN)
    job = bench.get(job.id)
    assert services.search.allowed(job, ADMIN) == ()
    for attempt in (
        lambda: bench.move(Verb.REOPEN, job),
        lambda: services.jobs.edit(EditJob(job.id, job.version, name="Jane"), STAFF),
        lambda: services.jobs.note(job.id, "It was Jane.", STAFF),
        lambda: services.messages.write(job.id, "Hello", STAFF),
    ):
        with pytest.raises(Conflict, match="was anonymised"):
            attempt()


def test_open_jobs_and_what_can_be_undone_are_left_with_a_sentence(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    still_open = bench.submit(email=EMAIL)
    ended = bench.reject(bench.submit(email=EMAIL))
    clock.advance(minutes=11)
    just_now = bench.reject(bench.submit(email=EMAIL))
    done = services.students.anonymise(EMAIL, ADMIN)
    assert done.jobs == (ended.id,)
    assert done.left == {
        still_open.id: f"Job {still_open.id} is still “Uploaded”. Anonymise again once it ended.",
        just_now.id: f"Job {just_now.id} can still be taken back. Anonymise again in ten minutes.",
    }
    assert bench.get(still_open.id).student_email == EMAIL
    assert bench.agrees(bench.get(just_now.id))


def test_a_file_that_cannot_leave_its_folder_keeps_its_job(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.reject(bench.submit(email=EMAIL))
    clock.advance(minutes=11)
    sidecar = bench.working_copy(job).with_suffix(".json")
    sidecar.unlink()
    sidecar.mkdir()
    done = services.students.anonymise(EMAIL, ADMIN)
    assert done.jobs == ()
    assert "cannot leave its folder" in done.left[job.id]
    sidecar.rmdir()
    services.filing.reconcile()
    assert services.students.anonymise(EMAIL, ADMIN).jobs == (job.id,)


def test_by_the_clock_it_is_done_to_what_is_archived(bench: Workbench, services: Services, clock: Clock) -> None:
    change_lab(services, retention=RetentionDays(30, anonymise_after_days=90))
    job = bench.reject(bench.submit(email=EMAIL))
    clock.advance(days=89)
    services.retention.run_once()
    clock.advance(days=2)
    said = next(due for due in services.retention.dry_run() if due.kind is CleanupKind.ANONYMISE)
    run = next(run for run in services.retention.run_once() if run.kind is CleanupKind.ANONYMISE)
    assert run.amount == said.amount
    assert run.amount.jobs == (job.id,)
    assert bench.get(job.id).student_name == "Former student"
    assert next(run for run in services.retention.run_once() if run.kind is CleanupKind.ANONYMISE).amount.count == 0


def test_staff_may_neither_look_nor_export_nor_anonymise(bench: Workbench, services: Services) -> None:
    bench.submit(email=EMAIL)
    for attempt in (services.students.held, services.students.export, services.students.anonymise):
        with pytest.raises(NotAllowed):
            attempt(EMAIL, STAFF)


def test_the_export_has_all_that_is_held(bench: Workbench, services: Services) -> None:
    job = with_everything(bench, services)
    bench.submit(files_made.stl(16), email=EMAIL)
    bench.submit(email="jane@example.edu")
    bundle = zipfile.ZipFile(io.BytesIO(b"".join(services.students.export(EMAIL, SYSTEM))))
    assert bundle.testzip() is None
    about = json.loads(bundle.read("about.json"))
    assert [told["id"] for told in about["jobs"]] == [job.id, job.id + 1]
    first = about["jobs"][0]
    assert (first["student_name"], first["student_email"]) == (f"{NAME} Jr", EMAIL)
    assert [message["text"] for message in first["messages"]] == [
        f"Is the {WORD} for you, {NAME}?",
        f"Yes, my {WORD}.",
    ]
    assert first["payments"][0]["collected_by"] == f"The {WORD} aunt"
    assert {mail["kind"] for mail in first["mails"]} >= {"received", "quote", "ready", "receipt"}
    assert any(event["reason"] == f"{NAME} rang about the {WORD}." for event in first["history"])
    for revision, file in zip(job.revisions, first["files"], strict=True):
        content = services.revisions.content(job.id, revision.number, STAFF)[0].read_bytes()
        assert bundle.read(file["in_zip"]) == content
    assert "jane@example.edu" not in json.dumps(about)
    assert len(bundle.namelist()) == 4


def test_a_file_that_is_gone_from_the_archive_does_not_stop_the_export(bench: Workbench, services: Services) -> None:
    job = bench.submit(email=EMAIL)
    services.filing.archive.path(job.id, 1, ".stl").unlink()
    bundle = zipfile.ZipFile(io.BytesIO(b"".join(services.students.export(EMAIL, ADMIN))))
    assert json.loads(bundle.read("about.json"))["jobs"][0]["id"] == job.id
