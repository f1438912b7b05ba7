"""Every verb in every status, over the wire, against the one table."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from printlab.domain.status import JobStatus, Verb, is_allowed, verbs_from
from printlab.domain.views import JobView
from tests.api.lab import GCODE, Lab

_BODIES: dict[Verb, dict[str, Any]] = {
    Verb.APPROVE: {"weight_g": 38.0, "time_min": 130},
    Verb.REQUOTE: {"weight_g": 40, "time_min": 140},
    Verb.REJECT: {"reasons": ["too large"], "note": "It does not fit any bed."},
    Verb.FAIL: {"reason": "came off the bed"},
    Verb.HAND_OVER: {"amount_cents": 434, "payment_method": "cash"},
}
_TARGETS = {
    Verb.APPROVE: JobStatus.PENDING,
    Verb.REJECT: JobStatus.REJECTED,
    Verb.CONFIRM: JobStatus.READY_TO_PRINT,
    Verb.DECLINE: JobStatus.REJECTED,
    Verb.CANCEL: JobStatus.REJECTED,
    Verb.START: JobStatus.PRINTING,
    Verb.COMPLETE: JobStatus.COMPLETED,
    Verb.FAIL: JobStatus.READY_TO_PRINT,
    Verb.HAND_OVER: JobStatus.PAID_PICKED_UP,
    Verb.REQUOTE: JobStatus.PENDING,
    Verb.REOPEN: JobStatus.UPLOADED,
    Verb.REPRINT: JobStatus.READY_TO_PRINT,
}
_POSTED = sorted(set(Verb) - {Verb.CORRECT, Verb.LAPSE, Verb.UNDO})


def _body(verb: Verb, job: JobView) -> dict[str, Any]:
    return {"version": job.version, **_BODIES.get(verb, {})}


@pytest.mark.parametrize(("status", "verb"), list(product(JobStatus, _POSTED)))
async def test_a_verb_works_exactly_where_the_table_has_it(lab: Lab, status: JobStatus, verb: Verb) -> None:
    job = await lab.job_in(status)
    async with lab.staff_client() as client:
        answer = await client.post(f"/api/v1/jobs/{job.id}/{verb.value}", json=_body(verb, job))
        now = (await client.get(f"/api/v1/jobs/{job.id}")).json()
    if verb in verbs_from(status):
        assert is_allowed(status, _TARGETS[verb], verb)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == _TARGETS[verb] == now["status"]
        assert answer.json()["version"] == now["version"] > job.version
        assert (lab.services.settings.storage / now["status"] / now["filename"]).is_file()
        return
    problem = answer.json()
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "urn:printlab:problem:illegal-move"
    assert problem["current_status"] == status == now["status"]
    assert problem["version"] == job.version == now["version"]
    assert problem["allowed_moves"] == now["allowed_moves"]
    assert status.label in problem["detail"]


@pytest.mark.parametrize("status", list(JobStatus))
async def test_allowed_moves_are_the_tables_verbs_and_an_undo(lab: Lab, status: JobStatus) -> None:
    job = await lab.job_in(status)
    async with lab.staff_client() as client:
        moves = (await client.get(f"/api/v1/jobs/{job.id}")).json()["allowed_moves"]
    undo = {"undo"} if status is not JobStatus.UPLOADED else set[str]()
    assert set(moves) == {verb.value for verb in verbs_from(status) - {Verb.CORRECT, Verb.LAPSE}} | undo


@pytest.mark.parametrize("status", [status for status in JobStatus if status is not JobStatus.UPLOADED])
async def test_undo_takes_the_latest_move_back_once(lab: Lab, status: JobStatus) -> None:
    job = await lab.job_in(status)
    assert job.last_move is not None
    event = next(e for e in lab.services.search.events(job.id, lab.staff) if e.to_status is status)
    async with lab.staff_client() as client:
        undone = await client.post(f"/api/v1/jobs/{job.id}/undo", json={"version": job.version})
        again = await client.post(f"/api/v1/jobs/{job.id}/undo", json={"version": undone.json()["version"]})
    assert undone.status_code == 200, undone.text
    assert undone.json()["status"] == event.from_status
    assert "undo" not in undone.json()["allowed_moves"]
    assert again.status_code == 409
    assert "an undo cannot be undone" in again.json()["detail"]


async def test_a_quote_costs_what_was_seen(lab: Lab) -> None:
    job = await lab.submitted()
    body = {"version": job.version, "weight_g": 38.0, "time_min": 130}
    async with lab.staff_client() as client:
        refused = await client.post(f"/api/v1/jobs/{job.id}/approve", json=body | {"seen_cents": 433})
        quoted = await client.post(f"/api/v1/jobs/{job.id}/approve", json=body | {"seen_cents": 434})
    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (409, "urn:printlab:problem:price-changed")
    assert "it costs $4.34 now" in problem["detail"]
    assert (problem["current_status"], problem["version"]) == ("Uploaded", job.version)
    assert (quoted.status_code, quoted.json()["cost_cents"]) == (200, 434)


async def test_undo_is_a_conflict_where_nothing_can_be_undone(lab: Lab) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as client:
        answer = await client.post(f"/api/v1/jobs/{job.id}/undo", json={"version": job.version})
    assert answer.status_code == 409
    assert answer.json()["current_status"] == "Uploaded"


async def test_undo_of_a_colleagues_move_is_forbidden_but_not_to_an_admin(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.PENDING)
    async with lab.client(lab.colleague_token) as colleague, lab.client(lab.admin_token) as admin:
        refused = await colleague.post(f"/api/v1/jobs/{job.id}/undo", json={"version": job.version})
        undone = await admin.post(f"/api/v1/jobs/{job.id}/undo", json={"version": job.version})
    assert refused.status_code == 403
    assert "front desk made the last move" in refused.json()["detail"]
    assert undone.json()["status"] == "Uploaded"


async def test_undo_ends_after_ten_minutes(fresh_lab: Lab) -> None:
    job = await fresh_lab.job_in(JobStatus.PENDING)
    fresh_lab.clock.ahead = timedelta(minutes=11)
    async with fresh_lab.staff_client() as client:
        answer = await client.post(f"/api/v1/jobs/{job.id}/undo", json={"version": job.version})
    assert answer.status_code == 409
    assert "10 minutes" in answer.json()["detail"]


async def test_of_two_staff_one_wins_and_the_other_sees_the_fresh_state(lab: Lab) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as one, lab.client(lab.colleague_token) as other:
        answers = await asyncio.gather(
            one.post(f"/api/v1/jobs/{job.id}/approve", json=_body(Verb.APPROVE, job)),
            other.post(f"/api/v1/jobs/{job.id}/reject", json=_body(Verb.REJECT, job)),
        )
        now = (await one.get(f"/api/v1/jobs/{job.id}")).json()
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert won.json()["status"] == now["status"]
    problem = lost.json()
    assert problem["type"] == "urn:printlab:problem:stale-version"
    assert (problem["current_status"], problem["version"]) == (now["status"], now["version"])
    assert "was faster" in problem["detail"]
    moves = [event for event in lab.services.search.events(job.id, lab.staff) if event.from_status]
    assert len(moves) == 1


async def test_a_stale_version_changes_nothing(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.PENDING)
    async with lab.staff_client() as client:
        answer = await client.post(f"/api/v1/jobs/{job.id}/confirm", json={"version": job.version - 1})
    assert answer.status_code == 409
    assert answer.json()["version"] == job.version
    assert lab.services.search.get(job.id, lab.staff).status is JobStatus.PENDING


async def test_the_whole_line_over_the_wire(lab: Lab) -> None:
    job = await lab.submitted()
    url = f"/api/v1/jobs/{job.id}"
    async with lab.staff_client() as client:

        async def post(verb: str, **facts: Any) -> dict[str, Any]:
            version = (await client.get(url)).json()["version"]
            answer = await client.post(f"{url}/{verb}", json={"version": version, **facts})
            assert answer.status_code == 200, answer.text
            return answer.json()

        quoted = await post("approve", weight_g=38.005, time_min=130, color="Black", quantity=2)
        assert (quoted["weight_g"], quoted["time_min"], quoted["cost_cents"]) == (38.01, 130, 434)
        assert (quoted["color"], quoted["quantity"], quoted["currency"], quoted["quote"]) == ("Black", 2, "USD", 1)
        ready = await post("confirm", quote=1)
        sliced = await client.post(f"{url}/revisions", files={"file": ("part.gcode", GCODE)})
        assert sliced.status_code == 201, sliced.text
        revisions = sliced.json()["revisions"]
        assert [(r["number"], r["kind"], r["authoritative"]) for r in revisions] == [
            (1, "original", False),
            (2, "sliced", True),
        ]
        assert sliced.json()["filename"] == ready["filename"].replace(".stl", ".gcode")
        started = await post("start", machine="MK4S no. 2", price_holds=True)  # the file does not say what it takes
        assert started["machine"] == "MK4S no. 2"
        completed = await post("complete", actual_time_min=141, actual_weight_g=39.5)
        assert (completed["actual_time_min"], completed["actual_weight_g"]) == (141, 39.5)
        closed = await post("hand-over", amount_cents=434, payment_method="cash", reference="R-1")
        assert (closed["status"], closed["outcome"]) == ("PaidPickedUp", "collected")
        events = (await client.get(f"{url}/events")).json()["items"]
    actions = ["hand-over", "complete", "start", "revision added", "confirm", "approve", "submit"]
    assert [event["action"] for event in events] == actions
    assert events[0]["actor"] == {"kind": "staff", "name": "front desk"}
    assert events[5]["changes"]["color"] == {"old": "Blue", "new": "Black"}
    assert (events[5]["from_status"], events[5]["to_status"]) == ("Uploaded", "Pending")


async def test_approval_can_skip_the_confirmation_with_a_reason(lab: Lab) -> None:
    job = await lab.submitted()
    body = _body(Verb.APPROVE, job) | {"skip_confirmation": True}
    async with lab.staff_client() as client:
        refused = await client.post(f"/api/v1/jobs/{job.id}/approve", json=body)
        answer = await client.post(f"/api/v1/jobs/{job.id}/approve", json=body | {"reason": "agreed at the desk"})
    assert (refused.status_code, refused.json()["field"]) == (422, "reason")
    assert answer.json()["status"] == "ReadyToPrint"


async def test_a_superseded_quote_is_refused_with_the_new_price(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.PENDING)
    async with lab.staff_client() as client:
        requoted = await client.post(f"/api/v1/jobs/{job.id}/requote", json=_body(Verb.REQUOTE, job))
        version = requoted.json()["version"]
        answer = await client.post(f"/api/v1/jobs/{job.id}/confirm", json={"version": version, "quote": 1})
    problem = answer.json()
    assert answer.status_code == 409
    assert problem["type"] == "urn:printlab:problem:quote-superseded"
    assert (problem["quote"], problem["cost_cents"]) == (2, requoted.json()["cost_cents"])
    assert f"${problem['cost_cents'] / 100:.2f}" in problem["detail"]
