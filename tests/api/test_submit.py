"""The public way in: one file and an order make one job, or nothing at all."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from printlab.limits import UPLOADS_PER_HOUR
from printlab.services.submissions import SUBMISSIONS_PER_HOUR
from tests.api.lab import FORM, Lab, stl
from tests.workbench import change_lab

URL = "/api/v1/jobs"


def _files(content: bytes | None = None, name: str = "bracket v2.stl") -> dict[str, Any]:
    return {"file": (name, stl() if content is None else content)}


def _zip_without_model() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "no model here")
    return packed.getvalue()


def _multipart(parts: list[tuple[str, bytes]], boundary: str = "b0undary") -> tuple[bytes, dict[str, str]]:
    """A form written by hand: the rest of the disposition header, and the content, of each part."""
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    return body + f"--{boundary}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


async def test_a_file_and_an_order_make_a_job(lab: Lab) -> None:
    more = {"quantity": "2", "strength": "strong", "needed_by": "2099-05-20", "course": "ME 1", "notes": "Zoë's part"}
    async with lab.client() as client:
        answer = await client.post(URL, data=FORM | more, files=_files())
        job_id = answer.json()["id"]
        token = answer.json()["track_url"].rsplit("/", 1)[1]
        tracked = await client.get(f"/api/v1/track/{token}")
    assert answer.status_code == 201, answer.text
    assert set(answer.json()) == {"id", "status", "filename", "version", "track_url"}
    assert answer.json()["status"] == "Uploaded"
    assert answer.json()["filename"] == f"JaneDoe_Filament_Blue_{job_id}.stl"
    assert tracked.json()["id"] == job_id
    job = lab.services.search.get(job_id, lab.staff)
    assert (job.quantity, job.strength, job.course, job.notes) == (2, "strong", "ME 1", "Zoë's part")
    assert (job.original_name, job.walk_in, job.revisions[0].bytes) == ("bracket v2.stl", False, len(stl()))
    assert lab.left_in_staging() == []


@pytest.mark.parametrize("file_at", [0, 3, 7])
async def test_fields_may_stand_before_or_after_the_file(lab: Lab, file_at: int) -> None:
    parts = [(f'name="{name}"', text.encode()) for name, text in FORM.items()]
    parts.insert(file_at, ('name="file"; filename="Würfel.stl"', stl(40)))
    body, headers = _multipart(parts)

    async def byte_by_byte() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 7):
            yield body[at : at + 7]

    async with lab.staff_client() as client:
        answer = await client.post(URL, content=byte_by_byte(), headers=headers)
    assert answer.status_code == 201, answer.text
    job = lab.services.search.get(answer.json()["id"], lab.staff)
    assert (job.original_name, job.revisions[0].bytes) == ("Würfel.stl", len(stl(40)))


async def test_with_a_staff_token_it_is_a_walk_in_order_even_when_closed(fresh_lab: Lab) -> None:
    change_lab(fresh_lab.services, submissions_open=False, closed_message="Closed until 3 June.")
    async with fresh_lab.client() as public, fresh_lab.staff_client() as staff, fresh_lab.client("wrong") as wrong:
        refused = await public.post(URL, data=FORM, files=_files())
        taken = await staff.post(URL, data=FORM, files=_files())
        unknown = await wrong.post(URL, data=FORM, files=_files())
    assert (refused.status_code, refused.json()["title"]) == (403, "Submissions are closed")
    assert "Closed until 3 June." in refused.json()["detail"]
    assert taken.status_code == 201
    assert fresh_lab.services.search.get(taken.json()["id"], fresh_lab.staff).walk_in
    assert unknown.status_code == 401


async def test_a_repeated_request_gets_the_same_job(fresh_lab: Lab) -> None:
    headers = {"Idempotency-Key": "order-1"}
    async with fresh_lab.client(headers=headers) as client:
        first = await client.post(URL, data=FORM, files=_files())
        again = await client.post(URL, data=FORM, files=_files())
        other = await client.post(URL, data=FORM | {"color": "Black"}, files=_files())
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert other.status_code == 422
    assert fresh_lab.count() == 1
    assert fresh_lab.left_in_staging() == []


async def test_the_same_key_twice_at_once_makes_one_job(fresh_lab: Lab) -> None:
    async with fresh_lab.client(headers={"Idempotency-Key": "double-click"}) as client:
        answers = await asyncio.gather(*(client.post(URL, data=FORM, files=_files()) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert fresh_lab.count() == 1
    assert fresh_lab.left_in_staging() == []


@pytest.mark.parametrize("key", ["", "x" * 201, "with space"])
async def test_a_wrong_key_is_refused(lab: Lab, key: str) -> None:
    async with lab.staff_client() as client:
        answer = await client.post(URL, data=FORM, files=_files(), headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


_WRONG_FILES = [
    (b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "part.stl", "a PNG picture"),
    (b"", "part.stl", "empty"),
    (_zip_without_model(), "part.3mf", "a zip archive"),
    (b"hello", "part.exe", ".stl"),
    (b"hello", "part", ".stl"),
]


@pytest.mark.parametrize(("content", "name", "said"), _WRONG_FILES)
async def test_a_file_that_is_not_what_it_says_is_refused(lab: Lab, content: bytes, name: str, said: str) -> None:
    before = lab.count()
    async with lab.staff_client() as client:
        answer = await client.post(URL, data=FORM, files=_files(content, name))
    assert (answer.status_code, answer.json()["field"]) == (422, "file")
    assert said in answer.json()["detail"]
    assert lab.count() == before
    assert lab.left_in_staging() == []


_WRONG_FIELDS: list[tuple[dict[str, str], str]] = [
    ({"name": " "}, "name"),
    ({"email": "jane"}, "email"),
    ({"method": "Laser"}, "method"),
    ({"printer": "Formlabs Form 3"}, "printer"),
    ({"material": "Wood"}, "material"),
    ({"color": "Mauve"}, "color"),
    ({"quantity": "0"}, "quantity"),
    ({"quantity": "many"}, "quantity"),
    ({"quantity": "9" * 30}, "quantity"),
    ({"strength": "iron"}, "strength"),
    ({"needed_by": "2001-01-01"}, "needed_by"),
    ({"needed_by": "soon"}, "needed_by"),
    ({"notes": "a\0b"}, "notes"),
    ({"accept_terms": "false"}, "accept_terms"),
    ({"accept_terms": "perhaps"}, "accept_terms"),
    ({"walk_in": "true"}, "walk_in"),
]


@pytest.mark.parametrize(("change", "field"), _WRONG_FIELDS)
async def test_a_wrong_field_is_named_and_nothing_stays(lab: Lab, change: dict[str, str], field: str) -> None:
    async with lab.staff_client() as client:
        answer = await client.post(URL, data=FORM | change, files=_files())
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert lab.left_in_staging() == []


@pytest.mark.parametrize("missing", list(FORM))
async def test_a_missing_field_is_named(lab: Lab, missing: str) -> None:
    form = {name: text for name, text in FORM.items() if name != missing}
    async with lab.staff_client() as client:
        answer = await client.post(URL, data=form, files=_files())
    assert (answer.status_code, answer.json()["detail"]) == (422, f"“{missing}” is missing.")


_TEXT = [(f'name="{name}"', text.encode()) for name, text in FORM.items()]
_FILE = ('name="file"; filename="a.stl"', stl())


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        (_TEXT, 422),  # no file
        ([*_TEXT, _FILE, _FILE], 422),  # two files
        ([*_TEXT, ('name="model"; filename="a.stl"', stl())], 422),  # the file under another name
        ([*_TEXT, ('name="file"', b"text")], 422),  # a file without a name
        ([*_TEXT, ('name="file"; filename=""', b"")], 422),  # what a browser sends for no choice
        ([*_TEXT, _TEXT[0], _FILE], 422),  # a field twice
        ([*_TEXT, ('name="notes"', b"\xff\xfe"), _FILE], 422),  # no UTF-8
        ([*_TEXT, ('name="notes"', b"x" * 70_000), _FILE], 413),  # too much text
        ([('filename="a.stl"', stl())], 400),  # a part without a name
        ([], 422),  # nothing
    ],
)
async def test_a_form_that_is_not_as_asked_is_refused(lab: Lab, parts: list[tuple[str, bytes]], status: int) -> None:
    body, headers = _multipart(parts)
    async with lab.staff_client() as client:
        answer = await client.post(URL, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert lab.left_in_staging() == []


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=" + "x" * 400,
        "multipart/mixed; boundary=b0undary",
    ],
)
async def test_another_kind_of_body_is_refused(lab: Lab, content_type: str | None) -> None:
    body, _ = _multipart([*_TEXT, _FILE])
    headers = {"Content-Type": content_type} if content_type else {}
    async with lab.staff_client() as client:
        answer = await client.post(URL, content=body, headers=headers)
    assert answer.status_code == 400


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_a_damaged_form_is_refused_or_taken_but_never_fails(lab: Lab, data: st.DataObject) -> None:
    body, headers = _multipart([*_TEXT[:3], _FILE, *_TEXT[3:]])
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 60)))
    damaged = body[:start] + data.draw(st.binary(max_size=20)) + body[end:]
    async with lab.staff_client() as client:
        answer = await client.post(URL, content=damaged, headers=headers)
    assert answer.status_code in (201, 400, 413, 422), answer.text
    assert lab.left_in_staging() == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(1, 1200))
async def test_a_form_that_breaks_off_leaves_nothing(lab: Lab, cut: int) -> None:
    body, headers = _multipart([_FILE, *_TEXT])
    before = lab.count()
    async with lab.staff_client() as client:
        answer = await client.post(URL, content=body[: -min(cut, len(body)) - 4], headers=headers)
    assert answer.status_code in (400, 422)
    assert lab.count() == before
    assert lab.left_in_staging() == []


async def test_the_public_may_submit_so_often_and_staff_always(fresh_lab: Lab) -> None:
    async with fresh_lab.client() as public, fresh_lab.client(address="198.51.100.1") as other:
        for number in range(SUBMISSIONS_PER_HOUR):
            order = FORM | {"email": f"jane{number}@example.edu"}
            assert (await public.post(URL, data=order, files=_files())).status_code == 201
        refused = await public.post(URL, data=FORM, files=_files())
        elsewhere = await other.post(URL, data=FORM, files=_files())
    async with fresh_lab.staff_client() as staff:
        by_staff = await staff.post(URL, data=FORM, files=_files())
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert (elsewhere.status_code, by_staff.status_code) == (201, 201)


async def test_nobodys_mailbox_is_filled_by_orders_in_their_name(fresh_lab: Lab) -> None:
    """From whatever addresses they come; everybody else is served."""
    for number in range(40):
        async with fresh_lab.client(address=f"198.51.100.{number}") as public:
            assert (await public.post(URL, data=FORM, files=_files())).status_code == 201
    async with fresh_lab.client() as public:
        refused = await public.post(URL, data=FORM | {"email": "JANE@example.edu"}, files=_files())
        other = await public.post(URL, data=FORM | {"email": "zoe@example.edu"}, files=_files())
    assert (refused.status_code, other.status_code) == (429, 201)
    assert "Too many orders today for this e-mail address" in refused.json()["detail"]


async def test_refused_files_are_counted_as_uploads(fresh_lab: Lab) -> None:
    async with fresh_lab.client() as public:
        for _ in range(UPLOADS_PER_HOUR // 2):
            assert (await public.post(URL, data=FORM, files=_files(b""))).status_code == 422
        assert (await public.post(URL, data=FORM, files=_files())).status_code == 429


@pytest.mark.parametrize(
    ("name", "size", "status"), [("a.stl", 1_000_000, 422), ("a.stl", 1_000_001, 413), ("a.stl", 3_000_000, 413)]
)
async def test_the_limit_is_counted_while_the_file_arrives(fresh_lab: Lab, name: str, size: int, status: int) -> None:
    async def endless() -> AsyncIterator[bytes]:
        head, _, _ = _multipart([*_TEXT, (f'name="file"; filename="{name}"', b"@@")])[0].partition(b"@@")
        yield head
        for _ in range(size // 1000):
            yield b"x" * 1000
        yield b"x" * (size % 1000) + b"\r\n--b0undary--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b0undary"}
    async with fresh_lab.staff_client() as client:
        answer = await client.post(URL, content=endless(), headers=headers)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert fresh_lab.left_in_staging() == []


async def test_a_request_over_the_limit_is_refused_before_its_body_is_read(served: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served)
    writer.write(
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: lab.test\r\nContent-Length: 500000000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    await writer.drain()
    async with asyncio.timeout(3):
        head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in head.lower()
    async with asyncio.timeout(10):
        assert b"larger than 1 MB" in await reader.read()
    writer.close()


async def test_after_a_refusal_the_rest_is_not_read_for_ever(served: int, fresh_lab: Lab) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served)
    writer.write(
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: lab.test\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.stl"\r\n\r\n'
    writer.write(b"%x\r\n%b\r\n" % (len(part), part))

    async def send_for_ever() -> None:
        while True:
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0.001)

    sending = asyncio.create_task(send_for_ever())
    async with asyncio.timeout(20):
        head = await reader.readuntil(b"\r\n\r\n")
        await asyncio.wait([sending])
    assert head.startswith(b"HTTP/1.1 413 ")
    assert isinstance(sending.exception(), ConnectionError)
    assert fresh_lab.left_in_staging() == []


async def test_a_large_file_comes_through_a_real_server(served: int, fresh_lab: Lab) -> None:
    content = stl(19_000)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served}") as client:
        answers = [await client.post(URL, data=FORM, files=_files(content)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    job = fresh_lab.services.search.get(answers[0].json()["id"], fresh_lab.staff)
    assert job.revisions[0].bytes == len(content)
