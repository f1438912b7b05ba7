"""Bodies on their way: the small ones are read by one guard before anything else looks at them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Form, HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from printlab.api.body import ANSWER_LIMIT, BODY_LIMIT, Body, SmallBodies
from printlab.api.middleware import protect
from printlab.cookies import BROWSER_COOKIE
from tests.api.lab import ORIGIN, Lab, stl

JSON = {"Content-Type": "application/json"}
VERBS = ("confirm", "decline", "cancel")
READ: list[int] = []


async def _counting(scope: Scope, receive: Receive, send: Send) -> None:
    READ.append(len(await Request(scope, receive).body()))
    await PlainTextResponse(f"{READ[-1]} bytes")(scope, receive, send)


def guarded(patience_s: float = 5.0) -> SmallBodies:
    """An application that says how much it was sent, behind the guard."""
    READ.clear()
    return SmallBodies(
        _counting,
        limit_of=lambda scope: None if scope["path"] == "/stream" else BODY_LIMIT,
        caller=lambda _: "me",
        patience_s=patience_s,
    )


def client_of(app: SmallBodies | FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN)


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    """A body that does not say how long it is."""
    for start in range(0, size, 50_000):
        yield b"x" * min(50_000, size - start)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
@pytest.mark.parametrize("announced", [True, False])
async def test_a_large_body_reaches_nobody(method: str, announced: bool) -> None:
    async with client_of(guarded()) as client:
        for size, status in ((BODY_LIMIT, 200), (BODY_LIMIT + 1, 413)):
            content = b"x" * size if announced else in_pieces(size)
            answer = await client.request(method, "/anything", content=content)
            assert answer.status_code == status
    assert answer.json()["detail"] == "The request is larger than 250 kB. Shorten it."
    assert answer.headers["connection"] == "close"
    assert READ == [BODY_LIMIT]


async def test_a_streaming_route_is_excepted() -> None:
    async with client_of(guarded()) as client:
        assert (await client.post("/stream", content=in_pieces(3_000_000))).text == "3000000 bytes"


async def test_of_one_caller_so_many_bodies_are_on_their_way() -> None:
    go_on = asyncio.Event()
    begun = asyncio.Semaphore(0)

    async def held() -> AsyncIterator[bytes]:
        yield b"x"
        begun.release()
        await go_on.wait()
        yield b"x"

    async with client_of(guarded()) as client:
        waiting = [asyncio.create_task(client.post("/", content=held())) for _ in range(50)]
        for _ in waiting:
            await begun.acquire()
        refused = await client.post("/", content=b"x")
        go_on.set()
        assert {answer.text for answer in await asyncio.gather(*waiting)} == {"2 bytes"}
        assert (await client.post("/", content=b"x")).text == "1 bytes"
    assert refused.status_code == 429
    assert refused.json()["detail"] == "Too much is on its way from this address. Try again in 30 seconds."


def trickle(block: bytes, pause_s: float) -> Receive:
    """A client that sends so much so often, for ever."""

    async def receive() -> Message:
        await asyncio.sleep(pause_s)
        return {"type": "http.request", "body": block, "more_body": True}

    return receive


async def test_a_silent_body_ends() -> None:
    body = Body(trickle(b"", 60), patience_s=0.05)
    with pytest.raises(HTTPException, match="408: Nothing arrived for"):
        await body.receive()


async def test_a_trickle_ends_and_a_slow_phone_does_not() -> None:
    async def read_for(body: Body, messages: int) -> None:
        for _ in range(messages):
            await body.receive()

    await read_for(Body(trickle(b"x" * 1000, 0.02), patience_s=0.3), 40)  # 50 kB a second
    with pytest.raises(HTTPException, match="408: This arrives at less than 10 kB a second"):
        await read_for(Body(trickle(b"x", 0.02), patience_s=0.3), 40)


async def test_a_silent_small_body_is_answered() -> None:
    async def silent() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(0.3)
        yield b"x"

    async with client_of(guarded(patience_s=0.05)) as client:
        answer = await client.post("/", content=silent())
    assert answer.status_code == 408
    assert READ == []


@pytest.fixture
def protected(fresh_lab: Lab) -> FastAPI:
    """The lab's application with all guards, and a form like that of signing in."""

    @fresh_lab.app.post("/form")
    async def form(word: Annotated[str, Form()] = "") -> str:
        return word

    protect(fresh_lab.app, fresh_lab.services.settings, fresh_lab.services.keyring)
    return fresh_lab.app


@pytest.mark.parametrize(
    "path", ["/api/v1/open/redeem", "/api/v1/open/conclude", *(f"/api/v1/track/x/{verb}" for verb in VERBS)]
)
async def test_where_nobody_signs_in_a_body_is_a_few_fields(protected: FastAPI, path: str) -> None:
    many = json.dumps({f"field {number}": 1 for number in range(1000)}).encode()
    assert ANSWER_LIMIT < len(many) < BODY_LIMIT
    async with client_of(protected) as client:
        answer = await client.post(path, content=many, headers=JSON)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["detail"] == "The request is larger than 12 kB. Shorten it."


async def test_all_routes_but_the_uploads_are_behind_the_guard(protected: FastAPI, fresh_lab: Lab) -> None:
    job = await fresh_lab.submitted()
    large = b"x" * (BODY_LIMIT + 1)
    staff = {"Authorization": f"Bearer {fresh_lab.staff_token}"}
    multipart = {"word": ("x", large)}
    async with client_of(protected) as client:
        assert (await client.post("/form", data={"word": "hello"})).json() == "hello"
        assert (await client.post("/form", files=multipart)).status_code == 413
        for path in (f"/api/v1/jobs/{job.id}/cancel", "/api/v1/nothing", "/nothing", "/_nicegui_ws/socket.io/"):
            answer = await client.post(path, content=large, headers=JSON | staff)
            assert answer.status_code == 413, path
            assert answer.headers["x-request-id"]
        model = stl(6000)
        assert len(model) > BODY_LIMIT
        known = {"Cookie": f"{BROWSER_COOKIE}={fresh_lab.services.keyring.new_browser()}"}
        upload = await client.post("/upload", params={"name": "a.stl"}, content=model, headers=known)
        files = {"file": ("a.stl", model)}
        revision = await client.post(f"/api/v1/jobs/{job.id}/revisions", files=files, headers=staff)
    assert (upload.status_code, revision.status_code) == (200, 201)


async def test_a_form_of_any_size_is_spooled_nowhere(
    protected: FastAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))

    async def long() -> AsyncIterator[bytes]:
        yield b'--B\r\nContent-Disposition: form-data; name="word"; filename="x"\r\n\r\n'
        async for block in in_pieces(3_000_000):
            yield block

    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    async with client_of(protected) as client:
        answer = await client.post("/form", content=long(), headers=headers)
    assert answer.status_code == 413
