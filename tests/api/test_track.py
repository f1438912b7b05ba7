"""What a student can see and do with the private link alone."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from printlab.domain.commands import ApproveJob, KeepUntil
from printlab.domain.status import JobStatus
from tests.api.lab import GCODE, Lab, stl
from tests.past import one_job_a_day
from tests.workbench import Workbench


async def test_the_student_sees_the_quote_and_nothing_of_staff(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.PENDING)
    lab.services.jobs.note(job.id, "watch out for this one", lab.staff)
    async with lab.client() as client:
        answer = await client.get(f"/api/v1/track/{lab.track_token(job)}")
    tracked = answer.json()
    assert (tracked["status"], tracked["status_label"]) == ("Pending", "Awaiting confirmation")
    assert (tracked["quote"]["number"], tracked["quote"]["price_cents"]) == (1, 434)
    assert tracked["allowed_moves"] == ["confirm", "decline", "cancel"]
    assert answer.headers["cache-control"] == "no-store"
    for hidden in ("front desk", "watch out", "assignee", "@"):
        assert hidden not in answer.text


@pytest.mark.parametrize(
    ("verb", "status", "target"),
    [
        ("decline", JobStatus.PENDING, "Rejected"),
        ("cancel", JobStatus.PENDING, "Rejected"),
        ("cancel", JobStatus.UPLOADED, "Rejected"),
    ],
)
@pytest.mark.parametrize("with_body", [True, False])
async def test_the_student_answers(lab: Lab, verb: str, status: JobStatus, target: str, with_body: bool) -> None:
    job = await lab.job_in(status)
    body = {"version": job.version, "reason": "too dear"}
    async with lab.client() as client:
        url = f"/api/v1/track/{lab.track_token(job)}/{verb}"
        answer = await (client.post(url, json=body) if with_body else client.post(url))
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == target
    assert answer.json()["version"] == lab.services.search.get(job.id, lab.staff).version
    assert lab.services.search.events(job.id, lab.staff)[0].actor_name == "Jane Doe"


@pytest.mark.parametrize("with_version", [True, False])
async def test_the_student_accepts_the_quote_by_its_number(lab: Lab, with_version: bool) -> None:
    job = await lab.job_in(JobStatus.PENDING)
    body = {"quote": 1} | ({"version": job.version} if with_version else {})
    async with lab.client() as client:
        answer = await client.post(f"/api/v1/track/{lab.track_token(job)}/confirm", json=body)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["status"], answer.json()["quote"]["accepted"]) == ("ReadyToPrint", True)
    assert lab.services.search.events(job.id, lab.staff)[0].actor_name == "Jane Doe"


@pytest.mark.parametrize("body", [None, {}, {"quote": None}])
async def test_a_quote_that_is_not_named_is_the_only_one_there_was(lab: Lab, body: dict[str, object] | None) -> None:
    """After a second one nobody knows which of them the student saw."""
    only, quoted_anew = await lab.job_in(JobStatus.PENDING), await lab.job_in(JobStatus.PENDING)
    quoted_anew = lab.services.quotes.requote(ApproveJob(quoted_anew.id, quoted_anew.version, 9000, 300), lab.staff)
    async with lab.client() as client:
        answers = [
            await client.post(f"/api/v1/track/{lab.track_token(job)}/confirm", json=body) for job in (only, quoted_anew)
        ]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert "The quote is now" in answers[1].json()["detail"]
    assert lab.services.search.get(quoted_anew.id, lab.staff) == quoted_anew


@pytest.mark.parametrize("status", [status for status in JobStatus if status is not JobStatus.PENDING])
async def test_an_answer_to_no_quote_is_a_conflict(lab: Lab, status: JobStatus) -> None:
    job = await lab.job_in(status)
    async with lab.client() as client:
        answer = await client.post(f"/api/v1/track/{lab.track_token(job)}/confirm", json={"quote": 1})
    assert answer.status_code == 409
    assert answer.json()["current_status"] == status
    assert set(answer.json()["allowed_moves"]) <= {"confirm", "decline", "cancel"}


async def test_a_superseded_quote_is_refused_with_the_new_price(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.PENDING)
    newer = lab.services.quotes.requote(ApproveJob(job.id, job.version, 9000, 300), lab.staff)
    async with lab.client() as client:
        url = f"/api/v1/track/{lab.track_token(job)}/confirm"
        refused = await client.post(url, json={"quote": 1})
        accepted = await client.post(url, json={"quote": 2})
    assert refused.status_code == 409
    assert (refused.json()["quote"], refused.json()["cost_cents"]) == (2, newer.price_cents)
    assert accepted.json()["quote"]["accepted"] is True


@pytest.mark.parametrize("verb", ["start", "approve", "undo", "reopen"])
async def test_staff_verbs_are_not_there(lab: Lab, verb: str) -> None:
    job = await lab.submitted()
    async with lab.client() as client:
        answer = await client.post(f"/api/v1/track/{lab.track_token(job)}/{verb}", json={"version": job.version})
    assert answer.status_code == 404


async def test_a_link_of_nobody_is_not_found(lab: Lab) -> None:
    job = await lab.submitted()
    token = lab.track_token(job)
    forged = [token[:-1] + ("A" if token[-1] != "A" else "B"), f"{job.id}-2-{token.split('-', 2)[2]}", "x", "x" * 200]
    async with lab.client() as client:
        answers = [await client.get(f"/api/v1/track/{wrong}") for wrong in forged]
        answers += [await client.get(f"/track/{wrong}/file") for wrong in forged]
        answers += [await client.post(f"/api/v1/track/{wrong}/cancel") for wrong in forged]
    assert {answer.status_code for answer in answers} == {404}


async def test_the_student_gets_the_own_model_not_what_was_sliced(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.READY_TO_PRINT)
    staged_id = await lab.staged("desk", GCODE, "x.gcode", sliced=True)
    lab.services.revisions.add(job.id, job.version, "desk", staged_id, lab.staff)
    async with lab.client() as client:
        answer = await client.get(f"/track/{lab.track_token(job)}/file")
    assert answer.content == stl()
    assert answer.headers["content-disposition"] == f'attachment; filename="{job.filename}"'


async def test_a_file_that_was_changed_in_the_shared_folder_is_not_served_as_the_students(lab: Lab) -> None:
    job = await lab.submitted()
    (lab.services.settings.storage / "Uploaded" / job.filename).write_bytes(stl(33))
    job = lab.approve(job)
    assert job.revisions[-1].origin == "changed in the shared folder"
    async with lab.client() as client:
        answer = await client.get(f"/track/{lab.track_token(job)}/file")
    assert answer.content == stl()


@pytest.mark.parametrize("verb", ["confirm", "decline", "cancel"])
async def test_a_stranger_is_not_told_what_is_wrong_with_what_they_sent(lab: Lab, verb: str) -> None:
    """Nobody looks at it: what one sends without a link costs nothing."""
    async with lab.client() as client:
        answer = await client.post(f"/api/v1/track/1-1-nothing/{verb}", json={"nothing": 1})
    assert answer.status_code == 404


async def test_the_student_is_told_the_place_in_line(fresh_lab: Lab) -> None:
    lab = fresh_lab
    first, mine = await lab.job_in(JobStatus.READY_TO_PRINT), await lab.job_in(JobStatus.READY_TO_PRINT)
    async with lab.client() as client:
        url = f"/api/v1/track/{lab.track_token(mine)}"
        waiting = (await client.get(url)).json()["queue"]
        assert waiting == {
            "milestone": "ready",
            "before": 1,
            "earliest": None,
            "latest": None,
            "unsaid": "too few",
        }
        lab.start(first)
        assert (await client.get(url)).json()["queue"]["before"] == 0
        lab.complete(lab.start(mine))
        assert (await client.get(url)).json()["queue"] is None


async def test_the_student_is_told_a_likely_range(fresh_lab: Lab) -> None:
    lab = fresh_lab
    await asyncio.to_thread(one_job_a_day, Workbench(lab.services, lab.clock))
    mine = await lab.job_in(JobStatus.READY_TO_PRINT)
    async with lab.client() as client:
        queue = (await client.get(f"/api/v1/track/{lab.track_token(mine)}")).json()["queue"]
    earliest, latest = (datetime.fromisoformat(queue[name]) for name in ("earliest", "latest"))
    assert queue["unsaid"] is None
    now = lab.clock()
    assert now + timedelta(hours=4) < earliest <= latest < now + timedelta(hours=6)


async def test_both_sides_read_until_when_the_student_needs(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.COMPLETED)
    day = job.status_since.date() + timedelta(days=7)
    student = lab.services.search.by_token(lab.track_token(job))[1]
    lab.services.jobs.keep(KeepUntil(job.id, job.version, day), student)
    async with lab.client() as client, lab.staff_client() as desk:
        tracked = await client.get(f"/api/v1/track/{lab.track_token(job)}")
        shown = await desk.get(f"/api/v1/jobs/{job.id}")
    assert tracked.json()["kept_until"] == shown.json()["kept_until"] == day.isoformat()
