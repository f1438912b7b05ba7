"""Reading, correcting, who may, and what wrong requests are told."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from printlab.domain.status import JobStatus
from tests.api.lab import GCODE, ORIGIN, Lab, stl

_LISTED = {
    "version", "status", "filename", "original_name", "student", "method", "printer", "material", "color", "quantity",
    "weight_g", "time_min", "cost_cents", "currency", "reject_reasons", "allowed_moves", "revisions", "created_at",
    "updated_at",
}  # fmt: skip


async def test_a_job_has_all_its_fields(lab: Lab) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as client:
        found = (await client.get(f"/api/v1/jobs/{job.id}")).json()
    assert set(found) >= _LISTED
    assert found["student"] == {"name": "Jane Doe", "email": "jane@example.edu"}
    assert found["filename"] == f"JaneDoe_Filament_Blue_{job.id}.stl"
    assert (found["weight_g"], found["time_min"], found["cost_cents"]) == (None, None, None)
    revision = found["revisions"][0]
    assert set(revision) == {
        "number", "filename", "kind", "bytes", "sha256", "authoritative", "model", "one_copy", "sliced", "created_at",
        "purged_at",
    }  # fmt: skip
    assert (revision["bytes"], revision["authoritative"]) == (len(stl()), True)


async def test_jobs_are_listed_filtered_and_paged(fresh_lab: Lab) -> None:
    jobs = [await fresh_lab.submitted() for _ in range(5)]
    await fresh_lab.job_in(JobStatus.PENDING)
    async with fresh_lab.staff_client() as client:

        async def ids(**params: Any) -> list[int]:
            page = (await client.get("/api/v1/jobs", params=params)).json()
            return [item["id"] for item in page["items"]]

        first = (await client.get("/api/v1/jobs", params={"status": "Uploaded", "limit": 3, "sort": "id"})).json()
        rest = await ids(status="Uploaded", limit=3, sort="id", cursor=first["next_cursor"])
        assert [item["id"] for item in first["items"]] + rest == [job.id for job in jobs]
        assert await ids(status="Pending") == [6]
        assert await ids(q="#3") == [3]
        assert await ids(q="nobody") == []
        assert len(await ids(printer="Prusa MK4S", method="Filament", color="Blue")) == 6
        assert await ids(color="Black") == []
        assert (await client.get("/api/v1/jobs", params={"q": "a\0b", "printer": "\0"})).status_code == 200


@pytest.mark.parametrize("name", ["status", "q", "printer", "method", "color"])
async def test_an_empty_filter_is_none(lab: Lab, name: str) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as client:
        answer = await client.get("/api/v1/jobs", params={name: "", "limit": 1})
        too_long = await client.get("/api/v1/jobs", params={name: "x" * 201})
    assert answer.status_code == 200, answer.text
    assert [item["id"] for item in answer.json()["items"]] == [job.id]
    assert (too_long.status_code, too_long.json()["field"]) == (422, name)


@pytest.mark.parametrize(
    "params",
    [{"status": "Lost"}, {"sort": "price"}, {"limit": 0}, {"limit": "many"}, {"cursor": "x"}, {"cursor": "WyJpZCJd"}],
)
async def test_a_wrong_filter_is_named(lab: Lab, params: dict[str, Any]) -> None:
    async with lab.staff_client() as client:
        answer = await client.get("/api/v1/jobs", params=params)
    assert answer.status_code == 422
    assert answer.json()["field"] == next(iter(params))


async def test_details_are_corrected_and_every_change_stands_in_the_history(lab: Lab) -> None:
    lab.hire_sam()
    job = await lab.submitted()
    change = {"name": "Zoë Müller", "color": "Black", "quantity": 3, "course": "ME 1", "assignee": "sam@example.edu"}
    async with lab.staff_client() as client:
        edited = (await client.patch(f"/api/v1/jobs/{job.id}", json={"version": job.version, **change})).json()
        cleared = await client.patch(
            f"/api/v1/jobs/{job.id}", json={"version": edited["version"], "course": None, "assignee": None}
        )
        events = (await client.get(f"/api/v1/jobs/{job.id}/events")).json()["items"]
    assert (edited["student"]["name"], edited["color"], edited["quantity"]) == ("Zoë Müller", "Black", 3)
    assert (edited["course"], edited["assignee"]) == ("ME 1", "Sam Lee")
    assert edited["filename"] == job.filename
    assert (cleared.json()["course"], cleared.json()["assignee"], cleared.json()["quantity"]) == (None, None, 3)
    assert events[1]["action"] == "edit"
    assert events[1]["changes"]["student_name"] == {"old": "Jane Doe", "new": "Zoë Müller"}


@pytest.mark.parametrize("nothing", [None, ""])
async def test_strength_and_the_wished_day_are_corrected_and_the_day_cleared(lab: Lab, nothing: str | None) -> None:
    job = await lab.submitted()
    url, wish = f"/api/v1/jobs/{job.id}", {"strength": "strong", "needed_by": "2040-05-17"}
    async with lab.staff_client() as client:
        edited = (await client.patch(url, json={"version": job.version, **wish})).json()
        kept = (await client.patch(url, json={"version": edited["version"], "course": "ME 1"})).json()
        cleared = (await client.patch(url, json={"version": kept["version"], "needed_by": nothing})).json()
    for answer in (edited, kept):
        assert (answer["strength"], answer["needed_by"]) == ("strong", "2040-05-17")
    assert (cleared["strength"], cleared["needed_by"]) == ("strong", None)


async def test_the_scale_is_set_and_taken_back(lab: Lab) -> None:
    job = await lab.submitted()
    url = f"/api/v1/jobs/{job.id}"
    async with lab.staff_client() as client:
        set_ = (await client.patch(url, json={"version": job.version, "scale": 25.4})).json()
        back = (await client.patch(url, json={"version": set_["version"], "scale": 1.0})).json()
        refused = await client.patch(url, json={"version": back["version"], "scale": 0.0})
    assert (set_["scale"], back["scale"]) == (25.4, 1.0)
    assert (refused.status_code, refused.json()["field"]) == (422, "scale")


async def test_a_refused_correction_is_a_conflict_with_the_jobs_state(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.PENDING)
    async with lab.staff_client() as client:
        answer = await client.patch(f"/api/v1/jobs/{job.id}", json={"version": job.version, "color": "Black"})
    assert answer.status_code == 409
    assert answer.json()["current_status"] == "Pending"


_WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("approve", {"time_min": 10}, "weight_g"),
    ("approve", {"weight_g": "38", "time_min": 10}, "weight_g"),
    ("approve", {"weight_g": 0, "time_min": 10}, "weight_g"),
    ("approve", {"weight_g": 0.001, "time_min": 10}, "weight_g"),
    ("approve", {"weight_g": 1e300, "time_min": 10}, "weight_g"),
    ("approve", {"weight_g": 38, "time_min": 10.5}, "time_min"),
    ("approve", {"weight_g": 38, "time_min": True}, "time_min"),
    ("approve", {"weight_g": 38, "time_min": 10, "printer": "Prusa Mini"}, "printer"),
    ("approve", {"weight_g": 38, "time_min": 10, "color": "Mauve"}, "color"),
    ("approve", {"weight_g": 38, "time_min": 10, "quantity": 0}, "quantity"),
    ("approve", {"weight_g": 38, "time_min": 10, "quantity": 10**12}, "quantity"),
    ("approve", {"weight_g": 38, "time_min": 10, "revision": 10**12}, "revision"),
    ("approve", {"weight_g": 38, "time_min": 10, "price_cents": -1, "reason": "gift"}, "price_cents"),
    ("approve", {"weight_g": 38, "time_min": 10, "price_cents": 1}, "reason"),
    ("approve", {"weight_g": 38, "time_min": 10, "price": 1}, "price"),
    ("reject", {}, "reasons"),
    ("reject", {"reasons": "too large"}, "reasons"),
    ("reject", {"reasons": ["a\0b"]}, "reasons.0"),
    ("fail", {}, "reason"),
    ("hand-over", {"payment_method": "cash"}, "amount_cents"),
    ("hand-over", {"amount_cents": 4, "payment_method": "shells"}, "payment_method"),
]


@pytest.mark.parametrize(("verb", "facts", "field"), _WRONG)
async def test_a_wrong_field_is_named_in_a_sentence(lab: Lab, verb: str, facts: dict[str, Any], field: str) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as client:
        answer = await client.post(f"/api/v1/jobs/{job.id}/{verb}", json={"version": job.version, **facts})
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field
    assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize("weight", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_a_weight_that_is_no_number_is_refused(lab: Lab, weight: str) -> None:
    job = await lab.submitted()
    body = f'{{"version": {job.version}, "weight_g": {weight}, "time_min": 10}}'
    headers = {"Content-Type": "application/json"}
    async with lab.staff_client() as client:
        answer = await client.post(f"/api/v1/jobs/{job.id}/approve", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert lab.services.search.get(job.id, lab.staff).status is JobStatus.UPLOADED


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"version": ' + b"1" * 5000 + b"}", 400),
        (b"[" * 100_000, 400),
        (b"[]", 422),
        (b"", 422),
    ],
)
async def test_a_body_that_is_no_json_object_is_refused(lab: Lab, content: bytes, status: int) -> None:
    job = await lab.submitted()
    headers = {"Content-Type": "application/json"}
    async with lab.staff_client() as client:
        answer = await client.post(f"/api/v1/jobs/{job.id}/start", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:printlab:problem:{'malformed-request' if status == 400 else 'invalid-input'}"


async def test_of_many_wrong_fields_the_first_are_named(lab: Lab) -> None:
    job = await lab.submitted()
    body = {f"{number:08}{'x' * 1000}": 1 for number in range(200)}
    async with lab.staff_client() as client:
        answer = await client.post(f"/api/v1/jobs/{job.id}/start", json={"version": job.version} | body)
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 20
    assert len(answer.content) < 10_000


@pytest.mark.parametrize("number", ["{}.0", "+{}", "0{}", "{}_0", "%20{}", "٣"])
async def test_a_job_has_one_address(lab: Lab, number: str) -> None:
    job = await lab.submitted()
    wrong = number.format(job.id)
    async with lab.staff_client() as client:
        paths = (f"/api/v1/jobs/{wrong}", f"/api/v1/jobs/{job.id}/revisions/{number.format(1)}/content")
        assert [(await client.get(path)).status_code for path in paths] == [404, 404]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["version", "weight_g", "time_min", "quote", "reason", "revision", "quantity", "x"]), inner
    ),
    max_leaves=8,
))  # fmt: skip
async def test_no_body_makes_an_unexpected_error(lab: Lab, content: object) -> None:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    async with lab.staff_client() as client:
        for verb in ("approve", "undo", "confirm"):
            headers = {"Content-Type": "application/json"}
            answer = await client.post(f"/api/v1/jobs/1/{verb}", content=body, headers=headers)
            assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("path", ["", "/1", "/1/events", "/1/revisions/1/content"])
@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic c2FtOnNhbQ==", "Bearer", ""])
async def test_reading_needs_a_valid_token(lab: Lab, path: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    async with lab.client(headers=headers) as client:
        answer = await client.get(f"/api/v1/jobs{path}")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["title"] == "Not signed in"


async def test_acting_needs_a_valid_token(lab: Lab) -> None:
    job = await lab.submitted()
    async with lab.client() as client:
        answers = [
            await client.post(f"/api/v1/jobs/{job.id}/cancel", json={"version": job.version}),
            await client.patch(f"/api/v1/jobs/{job.id}", json={"version": job.version, "name": "X Y"}),
            await client.post(f"/api/v1/jobs/{job.id}/revisions", files={"file": ("x.gcode", GCODE)}),
        ]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert lab.services.search.get(job.id, lab.staff).version == job.version


async def test_a_session_cookie_acts_only_from_our_own_pages(lab: Lab) -> None:
    job = await lab.submitted()
    cookie = {"Cookie": f"printlab_session={lab.session()}"}
    url = f"/api/v1/jobs/{job.id}/approve"
    body = {"version": job.version, "weight_g": 10, "time_min": 10}
    async with lab.client(headers=cookie) as client:
        assert (await client.get(f"/api/v1/jobs/{job.id}")).status_code == 200
        without = await client.post(url, json=body)
        foreign = await client.post(url, json=body, headers={"Origin": "https://elsewhere.example"})
        null = await client.post(url, json=body, headers={"Origin": "null"})
        own = await client.post(url, json=body, headers={"Origin": ORIGIN})
    assert [answer.status_code for answer in (without, foreign, null, own)] == [403, 403, 403, 200]


@pytest.mark.parametrize("job_id", ["999999", "0", "-1", "99999999999999999999", "abc"])
async def test_a_job_that_is_not_there_is_not_found(lab: Lab, job_id: str) -> None:
    async with lab.staff_client() as client:
        answers = [
            await client.get(f"/api/v1/jobs/{job_id}"),
            await client.get(f"/api/v1/jobs/{job_id}/events"),
            await client.post(f"/api/v1/jobs/{job_id}/start", json={"version": 1}),
            await client.post(f"/api/v1/jobs/{job_id}/revisions", files={"file": ("x.gcode", GCODE)}),
        ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert answers[0].json()["title"] == "Not found"


async def test_files_are_downloads_that_no_browser_interprets(lab: Lab) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as client:
        answer = await client.get(f"/api/v1/jobs/{job.id}/revisions/1/content")
        missing = await client.get(f"/api/v1/jobs/{job.id}/revisions/2/content")
    assert answer.content == stl()
    assert answer.headers["content-disposition"] == f'attachment; filename="{job.filename}"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    assert missing.status_code == 404


def _other_bytes(path: Path) -> None:
    path.write_bytes(stl()[:-1] + b"!")


def _fewer_bytes(path: Path) -> None:
    path.write_bytes(stl()[:-1])


def _another_name(path: Path) -> None:
    os.link(path, path.with_name("beside"))


@pytest.mark.parametrize("damage", [_other_bytes, _fewer_bytes, _another_name])
async def test_what_the_archive_no_longer_holds_is_given_to_nobody(lab: Lab, damage: Callable[[Path], None]) -> None:
    job = await lab.submitted()
    damage(lab.services.settings.storage / "archive" / str(job.id) / "r1.stl")
    with capture_logs() as lines:
        async with lab.staff_client() as client:
            staffs = await client.get(f"/api/v1/jobs/{job.id}/revisions/1/content")
        async with lab.client() as client:
            students = await client.get(f"/track/{lab.track_token(job)}/file")
    assert (staffs.status_code, students.status_code) == (503, 503)
    assert "archive was changed or replaced, so it is not given out." in staffs.json()["detail"]
    assert students.json()["detail"].endswith("Tell the lab and try again later.")
    assert [line["job_id"] for line in lines if line["event"] == "download.refused"] == [job.id, job.id]


async def test_of_a_file_that_is_gone_staff_read_where_to_look_and_students_whom_to_tell(lab: Lab) -> None:
    job = await lab.submitted()
    (lab.services.settings.storage / "archive" / str(job.id) / "r1.stl").unlink()
    async with lab.staff_client() as client:
        staffs = await client.get(f"/api/v1/jobs/{job.id}/revisions/1/content")
    async with lab.client() as client:
        students = await client.get(f"/track/{lab.track_token(job)}/file")
    gone = f"The archived file of job {job.id} is not there."
    assert (staffs.status_code, staffs.json()["detail"]) == (404, f"{gone} Look whether the share is mounted.")
    assert (students.status_code, students.json()["detail"]) == (404, f"{gone} Tell the lab.")


async def test_a_part_of_a_file_can_be_asked_for(lab: Lab) -> None:
    job = await lab.submitted()
    async with lab.staff_client() as client:
        answer = await client.get(f"/api/v1/jobs/{job.id}/revisions/1/content", headers={"Range": "bytes=80-83"})
    assert (answer.status_code, answer.content) == (206, stl()[80:84])


async def test_a_full_disk_below_the_database_is_said(fresh_lab: Lab) -> None:
    job = await fresh_lab.submitted()
    with fresh_lab.services.database.write() as unit:
        # What this connection, the only one that writes, may grow to: as large as the database is now.
        unit.session.connection().exec_driver_sql("PRAGMA max_page_count=1")
    async with fresh_lab.staff_client() as client:
        url = f"/api/v1/jobs/{job.id}"
        for _ in range(100):
            version = (await client.get(url)).json()["version"]
            answer = await client.patch(url, json={"version": version, "notes": f"{version} " + "x" * 1900})
            if answer.status_code != 200:
                break
        kept = (await client.get(url)).json()
    assert answer.status_code == 503, answer.text
    assert answer.json()["type"] == "urn:printlab:problem:storage-problem"
    assert answer.json()["detail"].startswith("The disk with the lab's database is full, so nothing was saved.")
    assert answer.headers["retry-after"] == "30"
    assert kept["version"] == version


async def test_a_revision_takes_the_version_from_the_form_or_the_address(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.READY_TO_PRINT)
    files = {"file": ("x.gcode", GCODE)}
    url = f"/api/v1/jobs/{job.id}/revisions"
    async with lab.staff_client() as client:
        stale = [
            await client.post(url, files=files, data={"version": str(job.version - 1)}),
            await client.post(url, files=files, params={"version": job.version - 1}),
        ]
        added = await client.post(url, files=files, data={"version": str(job.version)})
        picture = await client.post(url, files={"file": ("x.gcode", b"\x89PNG\r\n\x1a\n\0\0")})
    assert [answer.status_code for answer in stale] == [409, 409]
    assert stale[0].json()["version"] == job.version
    assert added.status_code == 201
    assert [r["number"] for r in added.json()["revisions"]] == [1, 2]
    assert (picture.status_code, picture.json()["field"]) == (422, "file")
    assert lab.left_in_staging() == []


async def test_a_sliced_file_comes_too_late_once_printing_began(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.PRINTING)
    async with lab.staff_client() as client:
        answer = await client.post(f"/api/v1/jobs/{job.id}/revisions", files={"file": ("x.gcode", GCODE)})
    assert answer.status_code == 409
    assert answer.json()["current_status"] == "Printing"


async def test_an_unexpected_error_is_logged_under_the_id_that_is_shown(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(type(lab.services.search), "get", lambda *_: 1 // 0)
    async with lab.staff_client() as client:
        answer = await client.get("/api/v1/jobs/1")
    problem = answer.json()
    assert answer.status_code == 500
    assert problem["error_id"] in problem["detail"]
    assert "ZeroDivision" not in answer.text
    assert problem["error_id"] in capsys.readouterr().out


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/api/nothing", 404), ("GET", "/api/v1/jobs/1/nothing", 404),
    ("DELETE", "/api/v1/jobs/1", 405), ("GET", "/api/v1/jobs/1/approve", 405), ("PUT", "/api/v1/jobs", 405),
])  # fmt: skip
async def test_what_is_not_there_is_a_problem_document_too(lab: Lab, method: str, path: str, status: int) -> None:
    async with lab.client() as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 405:
        assert "Allow" in answer.headers


async def test_the_price_preview_is_exact(lab: Lab) -> None:
    async with lab.client() as client:
        params = {"printer": "Prusa MK4S", "weight": "40", "time": "100"}
        answer = await client.get("/api/cost/preview", params=params)
        wrong = [
            await client.get("/api/cost/preview", params=params | change)
            for change in ({"weight": "nan"}, {"weight": "-1"}, {"time": "1e9"}, {"printer": "x"}, {"weight": "1e300"})
        ]
    assert answer.json() == {"cost": "4.20", "cost_cents": 420, "currency": "USD"}
    assert [refused.status_code for refused in wrong] == [422] * 5
    assert [refused.json()["field"] for refused in wrong] == ["weight", "weight", "time", "printer", "weight"]


async def test_health_says_what_fails_without_saying_where(fresh_lab: Lab) -> None:
    async with fresh_lab.client() as client:
        live = await client.get("/healthz/live")
        ready = await client.get("/healthz/ready")
        storage = fresh_lab.services.settings.storage
        storage.rename(storage.with_name("gone"))
        broken = await client.get("/healthz/ready")
    assert (live.status_code, live.json()) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert set(ready.json()["checks"]) == {"database", "migrations", "storage", "disk"}
    assert (broken.status_code, broken.json()["checks"]["storage"]) == (503, "failing")
    assert str(storage) not in broken.text
