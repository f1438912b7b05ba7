"""What the real server sends along with every answer, and what it notes of every request."""

from __future__ import annotations

import http.client
import json
import secrets
import socket
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlencode

from sqlmodel import select
from websockets.sync.client import connect

from printlab.cookies import BROWSER_COOKIE
from printlab.domain.policy import SYSTEM, ActorKind
from printlab.models import LoginSession
from tests.browser.lab import Lab, until


def ask(
    lab: Lab, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[http.client.HTTPMessage, bytes]:
    """The headers and the body of an answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", lab.port, timeout=30)) as connection:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.headers, answer.read()


def test_programs_get_no_cookie_and_pages_only_our_own(lab: Lab) -> None:
    for path in ("/healthz/live", "/healthz/ready", "/api/v1/jobs", "/api/v1/track/x", "/api/docs"):
        headers, _ = ask(lab, "GET", path)
        assert headers.get_all("Set-Cookie") is None, path
    headers, _ = ask(lab, "GET", "/")
    assert [cookie.split("=")[0] for cookie in headers.get_all("Set-Cookie") or []] == ["printlab_browser"]
    assert headers["Cache-Control"] == "no-store"


def test_nothing_but_a_page_makes_a_browser_known(lab: Lab) -> None:
    for method, path in (("GET", "/static/printlab.css"), ("GET", "/favicon.ico"), ("POST", "/upload?name=a.stl")):
        headers, _ = ask(lab, method, path)
        assert headers.get_all("Set-Cookie") is None, path


def test_a_browser_is_known_whatever_other_cookies_it_has(lab: Lab) -> None:
    """Those of the whole university's sites come along, and not all of them are written as they should be."""
    known = f"{BROWSER_COOKIE}={lab.services.keyring.new_browser()}"
    for others in ('agreed={"to": "all"}; ', "no name; ", "a,b=1; ", 'one="two; '):
        headers, _ = ask(lab, "GET", "/", Cookie=others + known)
        assert headers.get_all("Set-Cookie") is None, others


def test_what_a_request_did_is_found_in_the_log_by_its_id(lab: Lab) -> None:
    token = lab.services.accounts.create_token("robot", ActorKind.STAFF, SYSTEM)
    job = lab.bench.submit()
    body = json.dumps({"version": job.version, "weight_g": 38, "time_min": 130}).encode()
    headers, content = ask(
        lab,
        "POST",
        f"/api/v1/jobs/{job.id}/approve",
        body,
        Authorization=f"Bearer {token}",
        Content_Type="application/json",
    )
    assert json.loads(content)["status"] == "Pending"
    lines = until(lambda: logged(lab, headers["X-Request-ID"]), "the line in the log")
    assert [(line["event"], line["job_id"], line["action"]) for line in lines] == [("job.changed", job.id, "approve")]


def test_a_sign_in_of_any_size_is_refused_before_it_is_read(lab: Lab) -> None:
    form = b'--B\r\nContent-Disposition: form-data; name="email"; filename="x"\r\n\r\n'
    for path in ("/auth/sign-in", "/auth/first-admin"):
        with closing(socket.create_connection(("127.0.0.1", lab.port), timeout=20)) as connection:
            connection.sendall(
                f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n"
                "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: 5000000000\r\n\r\n".encode()
                + form
            )
            assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_headers_without_an_end_are_refused(lab: Lab) -> None:
    with closing(socket.create_connection(("127.0.0.1", lab.port), timeout=20)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * 64_000)
        assert connection.recv(65536).startswith(b"HTTP/1.1 431 ")


def test_a_stop_waits_for_nobody_and_leaves_nothing_half_done(start_lab: Callable[..., Lab]) -> None:
    lab = start_lab()
    staging = lab.folder / "data" / "staging"
    upload = socket.create_connection(("127.0.0.1", lab.port), timeout=20)
    with closing(upload), connect(f"ws://127.0.0.1:{lab.port}/_nicegui_ws/socket.io/?EIO=4&transport=websocket"):
        head = f"POST /upload?name=a.stl HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\nContent-Length: 9000000\r\n"
        head += f"Cookie: {BROWSER_COOKIE}={lab.services.keyring.new_browser()}\r\n\r\n"
        upload.sendall(head.encode() + b"x" * 3_000_000)
        until(lambda: list(staging.iterdir()), "the upload to begin")
        lab.process.terminate()
        lab.process.wait(timeout=13)
    assert list(staging.iterdir()) == []


def logged(lab: Lab, request_id: str) -> list[dict[str, object]]:
    """The lines of the log that belong to a request."""
    lines = (lab.folder / "data" / "logs" / "printlab.log").read_text().splitlines()
    return [line for line in map(json.loads, lines) if line.get("request_id") == request_id]


def test_only_a_trusted_proxy_names_the_client(lab: Lab, start_lab: Callable[..., Lab]) -> None:
    """Whoever could choose their own address would have no limit."""
    behind = start_lab(trusted_proxies="127.0.0.0/8, 192.0.2.1")
    assert addresses(behind, "203.0.113.9") == {"203.0.113.9"}
    assert addresses(behind, "1.1.1.1, 203.0.113.9, 192.0.2.1") == {"203.0.113.9"}
    assert addresses(lab, "203.0.113.9") == {"127.0.0.1"}


def addresses(lab: Lab, forwarded: str) -> set[str]:
    """Where the server thinks that somebody signs in from who sends this header."""
    name = f"{secrets.token_hex(4)}@example.edu"
    user = lab.services.accounts.add_user(name, "Kim Lee", ActorKind.STAFF, "a long enough password", SYSTEM)
    form = urlencode({"email": name, "password": "a long enough password"}).encode()
    kind = "application/x-www-form-urlencoded"
    ask(lab, "POST", "/auth/sign-in", form, Content_Type=kind, X_Forwarded_For=forwarded)
    with lab.services.database.read() as session:
        return set(session.exec(select(LoginSession.address).where(LoginSession.user_id == user.id)))
