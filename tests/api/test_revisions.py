"""The files of a job over the API: what they say, which of them counts, and whether the accepted price covers it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from printlab.domain.sliced_values import sliced_values
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView
from tests import files_made
from tests.api.lab import Lab


async def added(client: httpx.AsyncClient, job: JobView, content: bytes, name: str = "part.gcode") -> dict[str, Any]:
    """The job with one more file."""
    answer = await client.post(f"/api/v1/jobs/{job.id}/revisions", files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_sliced_file_says_under_the_keys_of_inspect_what_it_takes(lab: Lab) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as client:
        original, sliced = (await added(client, job, files_made.prusa_gcode()))["revisions"]
    assert (original["sliced"], original["model"], original["one_copy"]) == (None, 1, False)
    assert (sliced["kind"], sliced["authoritative"], sliced["model"]) == ("sliced", True, 1)
    facts = lab.services.search.get(job.id, lab.staff).counting_file.sliced
    assert facts is not None
    assert sliced["sliced"] == sliced_values(facts)
    assert (sliced["sliced"]["weight_g"], sliced["sliced"]["time_s"], sliced["sliced"]["material"]) == (
        38.0,
        7800,
        "PLA",
    )


async def test_a_sliced_file_of_several_plates_lists_them_and_warns(lab: Lab) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as client:
        found = (await added(client, job, files_made.sliced_3mf(), "plates.gcode.3mf"))["revisions"][1]["sliced"]
    facts = lab.services.search.get(job.id, lab.staff).counting_file.sliced
    assert facts is not None
    assert found == sliced_values(facts)
    assert found["sliced"] is True


async def test_a_corrected_model_is_a_model_of_its_own(lab: Lab) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as client:
        await added(client, job, files_made.stl(), "fixed.stl")
        _, bare, project = (await added(client, job, files_made.threemf(), "fixed.3mf"))["revisions"]
    assert (bare["kind"], bare["model"], bare["sliced"]) == ("corrected", 2, None)
    assert (project["kind"], project["model"], project["sliced"]["sliced"]) == ("corrected", 3, False)


async def test_another_file_counts_with_its_reason(lab: Lab) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as client:
        await added(client, job, files_made.gcode())
        now = await added(client, job, files_made.gcode(), "supports.gcode")
        url = f"/api/v1/jobs/{job.id}/revisions/2/choose"
        chosen = await client.post(url, json={"version": now["version"], "reason": "without supports"})
        stale = await client.post(url, json={"version": now["version"], "reason": "without supports"})
        history = (await client.get(f"/api/v1/jobs/{job.id}/events")).json()["items"]
    assert chosen.status_code == 200
    assert [revision["authoritative"] for revision in chosen.json()["revisions"]] == [False, True, False]
    assert (stale.status_code, stale.json()["version"]) == (409, chosen.json()["version"])
    assert (history[0]["action"], history[0]["reason"]) == ("file chosen", "without supports")
    assert history[0]["changes"]["authoritative"] == {"old": 3, "new": 2}


@pytest.mark.parametrize(
    ("number", "body", "status", "field"),
    [
        (2, {"reason": "no such file"}, 404, None),
        ("x", {"reason": "no such file"}, 404, None),
        (1, {}, 422, "reason"),
        (1, {"reason": " "}, 422, "reason"),
        (1, {"reason": "fine", "revision": 2}, 422, "revision"),
    ],
)
async def test_a_choice_that_is_none_is_refused(
    lab: Lab, number: int | str, body: dict[str, Any], status: int, field: str | None
) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as client:
        url = f"/api/v1/jobs/{job.id}/revisions/{number}/choose"
        answer = await client.post(url, json={"version": job.version} | body)
    assert (answer.status_code, answer.json().get("field")) == (status, field)
    assert lab.services.search.get(job.id, lab.staff) == job


async def test_no_other_file_counts_once_printing_began_nor_without_a_token(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.PRINTING)
    body = {"version": job.version, "reason": "the other one"}
    async with lab.staff_client() as client, lab.client() as nobody:
        late = await client.post(f"/api/v1/jobs/{job.id}/revisions/1/choose", json=body)
        unknown = await nobody.post(f"/api/v1/jobs/{job.id}/revisions/1/choose", json=body)
    assert (late.status_code, late.json()["current_status"]) == (409, "Printing")
    assert unknown.status_code == 401


async def test_a_dearer_file_says_why_it_cannot_be_started_and_a_new_quote_frees_it(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.READY_TO_PRINT)
    url = f"/api/v1/jobs/{job.id}"
    async with lab.staff_client() as client:
        covered = await added(client, job, files_made.prusa_gcode())
        dearer = await added(client, job, files_made.prusa_gcode(60.0, "3h 0m 0s"), "dearer.gcode")
        refused = await client.post(f"{url}/start", json={"version": dearer["version"]})
        new_quote = {"version": dearer["version"], "weight_g": 60, "time_min": 180}
        quoted = (await client.post(f"{url}/requote", json=new_quote)).json()
        confirmed = (await client.post(f"{url}/confirm", json={"version": quoted["version"]})).json()
        started = await client.post(f"{url}/start", json={"version": confirmed["version"]})
    assert (covered["outgrown"], "start" in covered["allowed_moves"]) == (None, True)
    assert dearer["outgrown"] == {
        "revision": 3,
        "weight_g": 60.0,
        "time_min": 180,
        "price_cents": 660,
        "reasons": ["it costs $6.60, $4.34 was accepted"],
        "only_unsaid": False,
    }
    assert "start" not in dearer["allowed_moves"]
    assert (refused.status_code, "$6.60" in refused.json()["detail"]) == (409, True)
    assert (confirmed["outgrown"], started.status_code) == (None, 200)


@pytest.mark.parametrize(("said", "kept"), [(True, True), (False, False), (None, True)])
async def test_a_quote_says_whether_the_file_holds_one_copy(lab: Lab, said: bool | None, kept: bool) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as client:
        version = (await added(client, job, files_made.prusa_gcode()))["version"]
        quote = {"version": version, "weight_g": 38, "time_min": 130, "one_copy": True}
        version = (await client.post(f"/api/v1/jobs/{job.id}/approve", json=quote)).json()["version"]
        again = quote | {"version": version, "one_copy": said}
        quoted = (await client.post(f"/api/v1/jobs/{job.id}/requote", json=again)).json()
    assert [revision["one_copy"] for revision in quoted["revisions"]] == [False, kept]


async def test_the_student_is_told_nothing_of_the_labs_files(lab: Lab) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as client:
        await added(client, job, files_made.prusa_gcode())
        tracked = (await client.get(f"/api/v1/track/{lab.track_token(job)}")).json()
    assert {"revisions", "outgrown"}.isdisjoint(tracked)
