"""What the real server sends along with every answer, and what it notes of every request."""

from __future__ import annotations

import http.client
import json
from contextlib import closing

from printlab.domain.policy import SYSTEM, ActorKind
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


def logged(lab: Lab, request_id: str) -> list[dict[str, object]]:
    """The lines of the log that belong to a request."""
    lines = (lab.folder / "data" / "logs" / "printlab.log").read_text().splitlines()
    return [line for line in map(json.loads, lines) if line.get("request_id") == request_id]
