"""What the API says of model files: to staff all of it, to students what concerns them."""

from __future__ import annotations

import httpx
import pytest

from printlab.domain.views import JobView
from printlab.errors import PrintLabError
from printlab.geometry import gl_probe
from printlab.geometry.refusals import ModelRefused, Refusal
from printlab.services import thumbnails
from tests.api.lab import FORM, Lab
from tests.geometry.model_files import binary_stl, cube

MEASURES = {"format", "units", "triangles", "size_mm", "volume_mm3", "area_mm2", "closed", "open_edges", "bodies"}
KEYS = MEASURES | {
    "state", "code", "message", "items", "remarks", "findings", "estimate", "thumbnail_url", "model_url",
}  # fmt: skip
NO_EGL = "Thumbnails cannot be drawn: libegl1 is missing."


def box(edge_mm: float) -> bytes:
    corners, faces = cube(edge_mm)
    return binary_stl(corners[faces])


async def send(lab: Lab, content: bytes, **facts: str) -> JobView:
    """A student's job with this file."""
    async with lab.client() as client:
        answer = await client.post("/api/v1/jobs", data=FORM | facts, files={"file": ("part.stl", content)})
    assert answer.status_code == 201, answer.text
    return lab.services.search.get(answer.json()["id"], lab.staff)


def look(lab: Lab, job: JobView) -> None:
    """What the task does."""
    assert job.analysis is not None
    lab.services.intake.carry_out(job.analysis.sha256, job.analysis.attempt)


async def told(lab: Lab, job: JobView) -> dict[str, object]:
    async with lab.staff_client() as client:
        answer = await client.get(f"/api/v1/jobs/{job.id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_new_job_says_that_its_file_waits(lab: Lab) -> None:
    said = await told(lab, await send(lab, box(11)))
    analysis = said["analysis"]
    assert isinstance(analysis, dict)
    assert said["scale"] == 1.0
    assert set(analysis) == KEYS
    assert (analysis["state"], analysis["findings"], analysis["estimate"]) == ("queued", [], None)
    assert {analysis[name] for name in MEASURES} == {None}


async def test_measures_findings_estimate_and_addresses(lab: Lab) -> None:
    job = await send(lab, box(2))
    look(lab, job)
    analysis = (await told(lab, job))["analysis"]
    assert isinstance(analysis, dict)
    assert set(analysis) == KEYS
    measured = {name: analysis[name] for name in MEASURES}
    assert measured == {
        "format": "STL",
        "units": "mm?",
        "triangles": 12,
        "size_mm": [2.0, 2.0, 2.0],
        "volume_mm3": 8.0,
        "area_mm2": 24.0,
        "closed": True,
        "open_edges": 0,
        "bodies": 1,
    }
    assert (analysis["state"], analysis["code"]) == ("done", None if gl_probe.probe() is None else "no_graphics")
    inches = analysis["findings"][0]
    assert (inches["code"], inches["severity"], inches["factor"]) == ("looks_like_inches", "warning", 25.4)
    assert len({inches["student"], inches["staff"], None}) == 3
    weight, price = analysis["estimate"]["weight_g"], analysis["estimate"]["price_cents"]
    assert 0 < weight["low"] <= weight["likely"] <= weight["high"]
    assert 0 < price["low"] <= price["likely"] <= price["high"]
    assert analysis["model_url"].startswith("/drawings/")


async def test_an_accepted_scale_counts_everywhere(lab: Lab) -> None:
    job = await send(lab, box(3), scale="25.4")
    look(lab, job)
    said = await told(lab, job)
    analysis = said["analysis"]
    assert isinstance(analysis, dict)
    assert said["scale"] == 25.4
    assert analysis["size_mm"] == analysis["items"][0]["size_mm"] == [76.2] * 3
    assert analysis["volume_mm3"] == pytest.approx(76.2**3, rel=1e-6)
    assert analysis["area_mm2"] == pytest.approx(6 * 76.2**2, rel=1e-6)
    assert [finding["code"] for finding in analysis["findings"]] == []
    assert analysis["estimate"]["weight_g"]["likely"] > 50


@pytest.mark.parametrize("scale", ["0", "-1", "nan", "inf", "1e9", "twice"])
async def test_a_scale_that_is_none_is_refused_by_its_name(lab: Lab, scale: str) -> None:
    async with lab.client() as client:
        form = FORM | {"scale": scale}
        answer = await client.post("/api/v1/jobs", data=form, files={"file": ("part.stl", box(10))})
    assert (answer.status_code, answer.json()["field"]) == (422, "scale")


async def test_students_read_only_what_concerns_them(lab: Lab) -> None:
    corners, faces = cube(4)
    job = await send(lab, binary_stl(corners[faces], count=9))  # the wrong count is for staff alone
    look(lab, job)
    everything = (await told(lab, job))["analysis"]
    assert isinstance(everything, dict)
    for_staff = [finding for finding in everything["findings"] if finding["student"] is None]
    assert for_staff
    async with lab.client() as client:
        answer = await client.get(f"/api/v1/track/{lab.track_token(job)}")
    analysis = answer.json()["analysis"]
    assert set(analysis) == KEYS
    assert {frozenset(finding) for finding in analysis["findings"]} == {
        frozenset({"code", "severity", "student", "factor"})
    }
    assert [finding["student"] for finding in analysis["findings"]] == [
        finding["student"] for finding in everything["findings"] if finding["student"]
    ]
    for finding in everything["findings"]:
        assert finding["staff"] is None or finding["staff"] not in answer.text


async def test_a_list_says_the_same_as_the_job(lab: Lab) -> None:
    job = await send(lab, box(2))
    look(lab, job)
    async with lab.staff_client() as client:
        items = (await client.get("/api/v1/jobs", params={"q": f"#{job.id}"})).json()["items"]
    assert [item["analysis"] for item in items] == [(await told(lab, job))["analysis"]]


async def test_a_file_that_is_no_model_says_why(lab: Lab) -> None:
    corners, faces = cube(5)
    nowhere = corners[faces]
    nowhere[0, 0, 0] = float("nan")
    job = await send(lab, binary_stl(nowhere))
    look(lab, job)
    said = await told(lab, job)
    analysis = said["analysis"]
    assert isinstance(analysis, dict)
    assert (analysis["state"], analysis["code"]) == ("refused", "not_finite")
    assert (said["status"], said["reject_note"]) == ("Rejected", analysis["message"])


async def test_staff_have_a_file_analysed_again_that_could_not_be(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise ModelRefused(Refusal.CRASHED, "The program that reads models failed on this file.")

    job = await send(lab, box(17))
    with monkeypatch.context() as patched:
        patched.setattr(lab.services.sandbox, "measure", crash)
        for _ in range(3):
            look(lab, lab.services.search.get(job.id, lab.staff))
    failed = (await told(lab, job))["analysis"]
    assert isinstance(failed, dict)
    assert (failed["state"], failed["code"]) == ("failed", "crashed")

    answer = await again(lab, job)
    assert (answer.status_code, answer.json()["analysis"]["state"]) == (200, "queued")
    refused = await again(lab, job)
    assert (refused.status_code, refused.json()["version"]) == (409, job.version)
    look(lab, lab.services.search.get(job.id, lab.staff))
    found = (await told(lab, job))["analysis"]
    assert isinstance(found, dict)
    assert (found["state"], found["triangles"]) == ("done", 12)


async def test_only_staff_have_a_file_analysed_again(lab: Lab) -> None:
    job = await send(lab, box(18))
    assert (await again(lab, job, token="")).status_code == 401
    with pytest.raises(PrintLabError):
        lab.services.intake.retry(job.id, lab.services.search.by_token(lab.track_token(job))[1])
    async with lab.staff_client() as client:
        assert (await client.post("/api/v1/jobs/999999/analyse")).status_code == 404


async def again(lab: Lab, job: JobView, token: str | None = None) -> httpx.Response:
    async with lab.client(lab.staff_token if token is None else token) as client:
        return await client.post(f"/api/v1/jobs/{job.id}/analyse")


async def test_without_graphics_all_but_the_picture_is_there_and_the_health_says_why(
    fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "probe", lambda: NO_EGL)
    job = await send(fresh_lab, box(20))
    look(fresh_lab, job)
    analysis = (await told(fresh_lab, job))["analysis"]
    assert isinstance(analysis, dict)
    assert (analysis["state"], analysis["code"], analysis["thumbnail_url"]) == ("done", "no_graphics", None)
    async with fresh_lab.client() as client:
        assert (await client.get(analysis["model_url"])).content[:4] == b"glTF"
        answer = await client.get("/healthz/ready")
    said = answer.json()
    assert (answer.status_code, said["ready"], said["limitations"]) == (200, True, [NO_EGL])
    assert said["checks"]["thumbnails"] == "limited"


async def test_pictures_that_were_left_out_are_made_once_they_can_be(
    fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    if problem := gl_probe.probe():
        pytest.skip(problem)
    fresh_lab.services.thumbnails.begin()
    assert fresh_lab.services.thumbnails.problem() is None
    job = await send(fresh_lab, box(20))
    with monkeypatch.context() as patched:
        patched.setattr(fresh_lab.services.thumbnails, "problem", lambda: NO_EGL)
        look(fresh_lab, job)
    assert fresh_lab.services.intake.draw_missing() == 1
    look(fresh_lab, fresh_lab.services.search.get(job.id, fresh_lab.staff))
    analysis = (await told(fresh_lab, job))["analysis"]
    assert isinstance(analysis, dict)
    assert (analysis["state"], analysis["code"]) == ("done", None)
    assert analysis["thumbnail_url"].startswith("/drawings/")
    assert fresh_lab.services.intake.draw_missing() == 0


async def test_nobody_waits_for_the_first_picture(fresh_lab: Lab) -> None:
    """Nothing is said of thumbnails before it is known."""
    async with fresh_lab.client() as client:
        said = (await client.get("/healthz/ready")).json()
    assert "thumbnails" not in said["checks"]
    assert (said["ready"], said["limitations"]) == (True, [])
