"""The pages' own uploads and downloads: raw bodies, cookies, and who may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack

import httpx
import pytest

from printlab.api import routing
from printlab.domain.status import JobStatus
from printlab.files.room import mark_of
from printlab.limits import (
    UPLOADS_AT_ONCE_OF_ONE_BROWSER,
    UPLOADS_PER_HOUR,
    UPLOADS_PER_HOUR_IN_A_CROWD,
    caller_of,
)
from tests.api.lab import FORM, GCODE, ORIGIN, Lab, stl
from tests.api.serving import soon


def _own(lab: Lab) -> dict[str, str]:
    return {"Cookie": lab.cookie, "Origin": ORIGIN}


def _signed_in(lab: Lab) -> dict[str, str]:
    return _own(lab) | {"Cookie": f"{lab.cookie}; printlab_session={lab.session()}"}


def _another(lab: Lab) -> str:
    """The cookie of another browser."""
    return f"printlab_browser={lab.services.keyring.new_browser()}"


async def test_an_upload_waits_for_its_browser_alone(fresh_lab: Lab) -> None:
    async with fresh_lab.client(headers=_own(fresh_lab)) as client:
        answer = await client.post("/upload", params={"name": "Würfel 1.stl"}, content=stl())
    found = answer.json()
    assert answer.status_code == 200, answer.text
    assert set(found) == {"id", "name", "bytes", "sha256", "extension"}
    assert (found["name"], found["bytes"], found["extension"]) == ("Würfel 1.stl", len(stl()), ".stl")
    assert fresh_lab.services.submissions.staged(fresh_lab.browser, found["id"]).sha256 == found["sha256"]


async def test_an_upload_counts_for_the_address_it_comes_from_unless_staff_send_it(fresh_lab: Lab) -> None:
    params = {"name": "a.stl"}
    async with fresh_lab.client(address="192.0.2.9") as client:
        by_public = await client.post("/upload", params=params, content=stl(), headers=_own(fresh_lab))
        by_staff = await client.post("/upload", params=params, content=stl(), headers=_signed_in(fresh_lab))
    assert by_public.json()["id"].startswith(mark_of("192.0.2.9"))
    assert by_staff.json()["id"].startswith(mark_of(None))


async def test_an_upload_without_a_browser_or_from_elsewhere_is_refused(fresh_lab: Lab) -> None:
    async with fresh_lab.client() as client:
        params = {"name": "a.stl"}
        nobody = await client.post("/upload", params=params, content=stl())
        foreign = {"Cookie": fresh_lab.cookie, "Origin": "https://elsewhere.example"}
        elsewhere = await client.post("/upload", params=params, content=stl(), headers=foreign)
        unnamed = await client.post("/upload", content=stl(), headers=_own(fresh_lab))
    assert [answer.status_code for answer in (nobody, elsewhere, unnamed)] == [422, 403, 422]
    assert fresh_lab.left_in_staging() == []


async def test_an_upload_of_a_browser_that_made_its_id_up_is_refused(fresh_lab: Lab) -> None:
    genuine = fresh_lab.browser
    made_up = ["b" * 32, "b" * len(genuine), "c" + genuine[1:], genuine[:-1], genuine + "c", "é" * 48]
    async with fresh_lab.client() as client:
        for browser in made_up:
            headers = [(b"Cookie", f"printlab_browser={browser}".encode("latin-1")), (b"Origin", ORIGIN.encode())]
            answer = await client.post("/upload", params={"name": "a.stl"}, content=stl(), headers=headers)
            assert (answer.status_code, "reload the page" in answer.json()["detail"]) == (422, True)
    assert fresh_lab.left_in_staging() == []


async def test_a_program_that_makes_browsers_up_counts_as_one_of_its_address(served: int, fresh_lab: Lab) -> None:
    with ExitStack() as held:
        for _ in range(UPLOADS_AT_ONCE_OF_ONE_BROWSER):
            held.enter_context(routing._arriving.one("browser public 127.0.0.1", 99, ""))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served}", headers={"Host": "lab.test"}) as client:
            file = {"file": ("a.stl", stl())}
            made_up, own = [
                await client.post("/api/v1/jobs", data=FORM, files=file, headers={"Cookie": cookie})
                for cookie in ("printlab_browser=" + "b" * 32, fresh_lab.cookie)
            ]
    assert [made_up.status_code, own.status_code] == [429, 201]


async def test_sliced_files_are_for_signed_in_staff(fresh_lab: Lab) -> None:
    params = {"name": "x.gcode", "purpose": "sliced"}
    staff = _signed_in(fresh_lab)
    no_origin = {name: value for name, value in staff.items() if name != "Origin"}
    async with fresh_lab.client() as client:
        public = await client.post("/upload", params=params, content=GCODE, headers=_own(fresh_lab))
        unsure = await client.post("/upload", params=params, content=GCODE, headers=no_origin)
        taken = await client.post("/upload", params=params, content=GCODE, headers=staff)
        as_model = await client.post("/upload", params={"name": "x.gcode"}, content=GCODE, headers=staff)
    assert [answer.status_code for answer in (public, unsure, taken, as_model)] == [401, 403, 200, 422]


@pytest.mark.parametrize(("size", "status"), [(1_000_000, 422), (1_000_001, 413)])
@pytest.mark.parametrize("announced", [True, False])
async def test_an_upload_over_the_limit_is_refused(fresh_lab: Lab, size: int, status: int, announced: bool) -> None:
    async def arriving() -> AsyncIterator[bytes]:
        for start in range(0, size, 50_000):
            yield b"x" * min(50_000, size - start)

    async with fresh_lab.client(headers=_own(fresh_lab)) as client:
        content = b"x" * size if announced else arriving()
        answer = await client.post("/upload", params={"name": "a.stl"}, content=content)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert fresh_lab.left_in_staging() == []


async def test_the_public_may_upload_so_often_and_staff_always(fresh_lab: Lab) -> None:
    async with fresh_lab.client() as client:
        for number in range(UPLOADS_PER_HOUR):
            headers = {"Cookie": _another(fresh_lab) if number >= UPLOADS_PER_HOUR // 2 else fresh_lab.cookie}
            answer = await client.post("/upload", params={"name": "a.stl"}, content=b"", headers=headers)
            assert answer.status_code == 422
        refused = await client.post("/upload", params={"name": "a.stl"}, content=stl(), headers=_own(fresh_lab))
        by_staff = await client.post("/upload", params={"name": "a.stl"}, content=stl(), headers=_signed_in(fresh_lab))
    assert (refused.status_code, by_staff.status_code) == (429, 200)
    assert refused.json()["detail"].startswith("Too many requests from this address.")
    assert "Retry-After" in refused.headers


async def test_one_browser_does_not_use_up_the_hour_of_everybody_at_its_address(fresh_lab: Lab) -> None:
    async with fresh_lab.client() as client:

        async def sent(cookie: str) -> httpx.Response:
            return await client.post("/upload", params={"name": "a.stl"}, content=b"", headers={"Cookie": cookie})

        for _ in range(UPLOADS_PER_HOUR // 2):
            assert (await sent(fresh_lab.cookie)).status_code == 422
        refused, other = await sent(fresh_lab.cookie), _another(fresh_lab)
        of_other = [(await sent(other)).status_code for _ in range(UPLOADS_PER_HOUR_IN_A_CROWD + 1)]
        by_program = await client.post("/api/v1/jobs", data=FORM, files={"file": ("a.stl", stl())})
    assert (refused.status_code, by_program.status_code) == (429, 201)
    assert refused.json()["detail"].startswith("Many files come from this address within the hour")
    assert of_other == [422] * UPLOADS_PER_HOUR_IN_A_CROWD + [429]


async def test_an_upload_that_breaks_off_leaves_nothing(served: int, fresh_lab: Lab) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", served)
    cookie = f"Host: lab.test\r\nCookie: {fresh_lab.cookie}\r\nContent-Length: 900000\r\n\r\n"
    head = f"POST /upload?name=a.stl HTTP/1.1\r\n{cookie}"
    writer.write(head.encode() + b"x" * 300_000)
    await writer.drain()
    assert await soon(lambda: fresh_lab.left_in_staging() != [])
    writer.close()
    assert await soon(lambda: fresh_lab.left_in_staging() == [])


async def slow_uploads(port: int, lab: Lab, browsers: list[str]) -> list[asyncio.StreamWriter]:
    """An upload of each of these browsers, of which only the beginning arrives."""
    arriving: list[asyncio.StreamWriter] = []
    for browser in browsers:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        cookie = f"Host: lab.test\r\nCookie: {browser}\r\nContent-Length: 500000\r\n\r\n"
        writer.write(f"POST /upload?name=a.stl HTTP/1.1\r\n{cookie}".encode() + b"x" * 100_000)
        arriving.append(writer)
    assert await soon(lambda: len(lab.left_in_staging()) == len(browsers))
    return arriving


async def test_slow_uploads_hold_up_their_own_browser_alone(served: int, fresh_lab: Lab) -> None:
    arriving = await slow_uploads(served, fresh_lab, [fresh_lab.cookie] * UPLOADS_AT_ONCE_OF_ONE_BROWSER)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served}", headers={"Host": "lab.test"}) as client:
        refused, other = [
            await client.post("/upload", params={"name": "a.stl"}, content=stl(), headers={"Cookie": cookie})
            for cookie in (fresh_lab.cookie, _another(fresh_lab))
        ]
        by_form = await client.post("/api/v1/jobs", data=FORM, files={"file": ("a.stl", stl())})
    for writer in arriving:
        writer.close()
    assert [refused.status_code, other.status_code, by_form.status_code] == [429, 200, 201]
    assert refused.json()["detail"] == "5 files are on their way from this browser already. Try again in 30 seconds."


async def test_of_one_address_so_many_uploads_arrive_at_once(
    served: int, fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "UPLOADS_AT_ONCE", 7)
    arriving = await slow_uploads(served, fresh_lab, [_another(fresh_lab) for _ in range(7)])
    token = {"Authorization": f"Bearer {fresh_lab.staff_token}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served}", headers={"Host": "lab.test"}) as client:

        async def sent(headers: dict[str, str]) -> httpx.Response:
            return await client.post("/upload", params={"name": "a.stl"}, content=stl(), headers=headers)

        refused = await sent({"Cookie": fresh_lab.cookie})
        by_form = await client.post("/api/v1/jobs", data=FORM, files={"file": ("a.stl", stl())})
        staff = [await sent({"Cookie": fresh_lab.cookie} | token), await sent(_signed_in(fresh_lab))]
        walk_in = await client.post("/api/v1/jobs", data=FORM, files={"file": ("a.stl", stl())}, headers=token)
        for writer in arriving:
            writer.close()
        assert await soon(lambda: not any(name.endswith(".part") for name in fresh_lab.left_in_staging()))
        later = await sent({"Cookie": fresh_lab.cookie})
    assert [refused.status_code, by_form.status_code] == [429, 429]
    assert refused.json()["detail"] == "7 files are on their way from this address already. Try again in 30 seconds."
    assert [answer.status_code for answer in (*staff, walk_in, later)] == [200, 200, 201, 200]


async def test_the_second_half_of_an_addresss_places_is_for_browsers_with_nothing_on_its_way(
    served: int, fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "UPLOADS_AT_ONCE", 6)
    arriving = await slow_uploads(served, fresh_lab, [fresh_lab.cookie] * 3)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served}", headers={"Host": "lab.test"}) as client:
        fourth, of_another = [
            await client.post("/upload", params={"name": "a.stl"}, content=stl(), headers={"Cookie": cookie})
            for cookie in (fresh_lab.cookie, _another(fresh_lab))
        ]
    for writer in arriving:
        writer.close()
    assert [fourth.status_code, of_another.status_code] == [429, 200]
    assert fourth.json()["detail"].startswith("Many files are on their way from this address")


async def test_files_are_for_signed_in_staff(lab: Lab) -> None:
    job = await lab.job_in(JobStatus.READY_TO_PRINT)
    staged_id = await lab.staged("desk", GCODE, "x.gcode", sliced=True)
    lab.services.revisions.add(job.id, job.version, "desk", staged_id, lab.staff)
    async with lab.client() as client:
        public = await client.get(f"/files/{job.id}/1")
        student = await client.get(f"/files/{job.id}/1", headers={"Cookie": "printlab_session=guess"})
        first = await client.get(f"/files/{job.id}/1", headers=_signed_in(lab))
        counts = await client.get(f"/files/{job.id}/authoritative", headers=_signed_in(lab))
        missing = await client.get(f"/files/{job.id}/9", headers=_signed_in(lab))
        absurd = await client.get(f"/files/{job.id}/..", headers=_signed_in(lab))
    assert [answer.status_code for answer in (public, student, missing, absurd)] == [401, 401, 404, 404]
    assert (first.content, counts.content) == (stl(), GCODE)
    assert counts.headers["content-disposition"].endswith('.gcode"')
    assert counts.headers["x-content-type-options"] == "nosniff"


def test_one_network_counts_as_one_caller() -> None:
    assert caller_of("2001:db8:1:2::1") == caller_of("2001:db8:1:2:ffff::9") != caller_of("2001:db8:1:3::1")
    assert caller_of("::ffff:192.0.2.1") == caller_of("192.0.2.1") != caller_of("192.0.2.2")


async def test_a_page_behind_another_sign_in_sends_files(lab: Lab) -> None:
    """A proxy that asks for a name and a password has the browser send them along with everything."""
    async with lab.client() as client:
        headers = {"Cookie": lab.cookie, "Authorization": "Basic amFuZTpzZWNyZXQ="}
        answer = await client.post("/upload", params={"name": "a.stl"}, content=stl(), headers=headers)
    assert answer.status_code == 200
