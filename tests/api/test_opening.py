"""Opening a file over the API: a link for staff, and what the helper gets for it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest

from printlab.cookies import SESSION_COOKIE
from printlab.domain.status import JobStatus
from printlab.limits import FAILED_REDEMPTIONS_PER_MINUTE
from tests.api.lab import ORIGIN, Lab


async def link_to(lab: Lab, job_id: int) -> str:
    """A link's token, made with the staff token."""
    async with lab.staff_client() as client:
        made = await client.post(f"/api/v1/jobs/{job_id}/open")
    assert made.status_code == 201, made.text
    return made.json()["url"].removeprefix("printlab://open/")


def redemption(token: str, workstation: str = "Front Desk", **more: str) -> dict[str, str]:
    """What the helper sends."""
    return {"token": token, "workstation": workstation, **more}


async def test_a_link_is_made_with_a_token_and_redeemed_without_one(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.PRINTING)
    async with lab.staff_client() as client, lab.client() as helper:
        made = (await client.post(f"/api/v1/jobs/{job.id}/open")).json()
        answer = await helper.post("/api/v1/open/redeem", json=redemption(made["url"].rsplit("/", 1)[1]))
        after = (await client.get(f"/api/v1/jobs/{job.id}")).json()
        again = (await client.post(f"/api/v1/jobs/{job.id}/open")).json()
    path = f"Printing/{job.filename}"
    content = (lab.services.settings.storage / path).read_bytes()
    assert (made["path"], made["elsewhere"]) == (path, None)
    assert answer.json() == {
        "file": {
            "job": job.id,
            "filename": job.filename,
            "path": path,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    }
    assert answer.headers["cache-control"] == "no-store"
    assert (after["opened"]["by"], after["opened"]["workstation"]) == ("front desk", "Front Desk")
    assert again["elsewhere"] is None


async def test_another_client_is_told_who_has_it_open(lab: Lab) -> None:
    job = await lab.submitted()
    async with lab.client() as helper, lab.client(lab.colleague_token) as colleague:
        await helper.post("/api/v1/open/redeem", json=redemption(await link_to(lab, job.id)))
        made = (await colleague.post(f"/api/v1/jobs/{job.id}/open")).json()
    assert (made["elsewhere"]["by"], made["elsewhere"]["workstation"]) == ("front desk", "Front Desk")


async def test_strangers_get_no_link_and_a_cookie_needs_our_own_page(lab: Lab) -> None:
    job, cookie = await lab.submitted(), {"Cookie": f"{SESSION_COOKIE}={lab.session()}"}
    address = f"/api/v1/jobs/{job.id}/open"
    async with lab.client() as client:
        assert (await client.post(address)).status_code == 401
        assert (await client.post(address, headers=cookie)).status_code == 403
        assert (await client.post(address, headers=cookie | {"Origin": "https://elsewhere.test"})).status_code == 403
        assert (await client.post(address, headers=cookie | {"Origin": ORIGIN})).status_code == 201
        assert (await client.get(address, headers=cookie)).status_code == 405


async def test_a_link_is_redeemed_once_and_by_post_only(lab: Lab) -> None:
    token = await link_to(lab, (await lab.submitted()).id)
    async with lab.client() as helper:
        looked = await helper.get("/api/v1/open/redeem", params=redemption(token))
        first = await helper.post("/api/v1/open/redeem", json=redemption(token))
        second = await helper.post("/api/v1/open/redeem", json=redemption(token))
    assert (looked.status_code, first.status_code, second.status_code) == (405, 200, 404)
    assert second.json()["type"] == "urn:printlab:problem:not-found"


@pytest.mark.parametrize("token", ["", "A" * 43, "\0", "\ud800", "../x", "é" * 43])
async def test_whatever_is_no_link_opens_nothing(lab: Lab, token: str) -> None:
    content = json.dumps(redemption(token))
    async with lab.client() as helper:
        answer = await helper.post("/api/v1/open/redeem", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (404, 422)
    assert "file" not in answer.json()


async def test_an_api_token_is_no_link(lab: Lab) -> None:
    async with lab.client() as helper:
        answer = await helper.post("/api/v1/open/redeem", json=redemption(lab.admin_token))
    assert answer.status_code == 404


async def test_a_helper_with_a_problem_gets_no_file(lab: Lab) -> None:
    token = await link_to(lab, (await lab.submitted()).id)
    async with lab.client() as helper:
        answer = await helper.post("/api/v1/open/redeem", json=redemption(token, problem="The share is not there."))
    assert (answer.status_code, answer.json()) == (200, {"file": None})


async def test_the_history_says_what_the_helper_said_came_of_it(lab: Lab) -> None:
    opened, failed = (await lab.submitted()).id, (await lab.submitted()).id
    first, second = await link_to(lab, opened), await link_to(lab, failed)
    async with lab.client() as helper, lab.staff_client() as client:
        early = await helper.post("/api/v1/open/conclude", json=redemption(first))
        for token in (first, second):
            await helper.post("/api/v1/open/redeem", json=redemption(token))
        good = await helper.post("/api/v1/open/conclude", json=redemption(first))
        again = await helper.post("/api/v1/open/conclude", json=redemption(first, problem="It did not."))
        bad = await helper.post("/api/v1/open/conclude", json=redemption(second, problem="Somebody saved over it."))
        lines = [(await client.get(f"/api/v1/jobs/{job_id}/events")).json()["items"][0] for job_id in (opened, failed)]
        jobs = [(await client.get(f"/api/v1/jobs/{job_id}")).json() for job_id in (opened, failed)]
    assert (early.status_code, again.status_code) == (404, 404)
    assert (good.json(), bad.json()) == ({"opened": True}, {"opened": False})
    assert [(line["action"], line["workstation"], line["reason"]) for line in lines] == [
        ("file opened", "Front Desk", None),
        ("file not opened", "Front Desk", "Somebody saved over it."),
    ]
    assert [job["opened"] is None for job in jobs] == [False, True]


async def test_what_is_no_link_is_counted_and_links_pass_all_the_same(fresh_lab: Lab) -> None:
    job = await fresh_lab.submitted()
    token, spent = await link_to(fresh_lab, job.id), await link_to(fresh_lab, job.id)
    async with fresh_lab.client() as helper:
        await helper.post("/api/v1/open/redeem", json=redemption(spent))
        for _ in range(FAILED_REDEMPTIONS_PER_MINUTE):
            assert (await helper.post("/api/v1/open/redeem", json=redemption("A" * 43))).status_code == 404
        refused = await helper.post("/api/v1/open/redeem", json=redemption("A" * 43))
        also = await helper.post("/api/v1/open/conclude", json=redemption("A" * 43))
        genuine = [
            await helper.post(f"/api/v1/open/{step}", json=redemption(token))
            for step in ("redeem", "conclude", "redeem")
        ]
        concluded = await helper.post("/api/v1/open/conclude", json=redemption(spent))
    assert (refused.status_code, also.status_code) == (429, 429)
    assert int(refused.headers["retry-after"]) <= 60
    assert [answer.status_code for answer in (*genuine, concluded)] == [200, 200, 404, 200]
    async with fresh_lab.client(address="192.0.2.8") as other:
        assert (await other.post("/api/v1/open/redeem", json=redemption("A" * 43))).status_code == 404


@pytest.mark.parametrize("body", ["7", '{"token": 7}', '{"nothing": 1}', "[" * 5000])
async def test_so_is_whatever_else_is_sent_there(fresh_lab: Lab, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with fresh_lab.client() as helper:
        for _ in range(FAILED_REDEMPTIONS_PER_MINUTE):
            await helper.post("/api/v1/open/redeem", json={"token": "x"})
        answer = await helper.post("/api/v1/open/redeem", content=body, headers=headers)
    # What is no JSON costs nothing: it is refused before anybody is counted.
    assert answer.status_code == (400 if body.startswith("[") else 429)


async def test_staff_download_the_helper_with_this_labs_address_in_it(lab: Lab) -> None:
    async with lab.client() as client:
        stranger = await client.get("/opener/printlab-open.pyz")
        answer = await client.get("/opener/printlab-open.pyz", headers={"Cookie": f"{SESSION_COOKIE}={lab.session()}"})
    assert stranger.status_code == 401
    assert answer.headers["content-disposition"] == 'attachment; filename="printlab-open.pyz"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert json.loads(archive.read("open.json")) == {"server": lab.services.settings.public_url}
