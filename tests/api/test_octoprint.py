"""“Send to printer”: what slicers send to an OctoPrint, byte for byte, becomes the next file of the job it names."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from printlab.api.connections import PatientProtocol
from printlab.api.middleware import SecurityHeaders, protect
from printlab.api.octoprint import slicer_of
from printlab.domain.policy import SYSTEM, ActorKind
from printlab.domain.status import JobStatus
from printlab.domain.views import EventView, JobView
from tests import files_made
from tests.api.lab import ORIGIN, Lab, open_lab
from tests.api.serving import serving, soon
from tests.api.slicers import CURA, ORCA, PRUSA, SLICERS, Answer, Slicer, exchange
from tests.databases import SqliteTemplate

SHOWN_BY_CURA = 100
EVERY_SLICER = pytest.mark.parametrize("slicer", SLICERS.values(), ids=SLICERS)


def _served(lab: Lab) -> Iterator[int]:
    protect(lab.app, lab.services.settings, lab.services.keyring)
    config = uvicorn.Config(lab.app, http=PatientProtocol, log_level="warning", lifespan="off")
    with serving(config) as port:
        yield port


@pytest.fixture(scope="module")
def port(lab: Lab) -> Iterator[int]:
    """The lab behind all its guards."""
    yield from _served(lab)


@pytest.fixture
def small_lab(tmp_path: Path, sqlite_template: SqliteTemplate) -> Iterator[tuple[Lab, int]]:
    """A lab that takes 3 MB, and its port."""
    sqlite_template.copy_to(tmp_path / "lab")
    lab = open_lab(tmp_path / "lab", max_sliced_mb=3, base_url="https://print.example.edu")
    for port in _served(lab):
        yield lab, port
    lab.services.close()


def now(lab: Lab, job: JobView) -> JobView:
    return lab.services.search.get(job.id, lab.staff)


def newest(lab: Lab, job: JobView) -> EventView:
    return lab.services.search.events(job.id, lab.staff)[0]


def sliced(size: int = 1_500_000) -> bytes:
    """A sliced file of at least so many bytes: more than libcurl sends without asking."""
    one = files_made.prusa_gcode()
    head, end = one.split(b"G28\n")
    return head + b"G28\n" + b"G1 X1 Y1 E0.1\n" * (size // 14) + end


def sent(lab: Lab, port: int, job: JobView, content: bytes, name: str = "", slicer: Slicer = ORCA) -> Answer:
    return slicer.upload(port, name or f"{job.stem}.gcode", content, lab.staff_token)


def _head(lab: Lab, boundary: str, length: str) -> bytes:
    """That of an upload by a program that says no name."""
    return (
        f"POST /api/files/local HTTP/1.1\r\nHost: lab\r\nX-Api-Key: {lab.staff_token}\r\n"
        f"Content-Type: multipart/form-data; boundary={boundary}\r\n{length}\r\n\r\n"
    ).encode()


def refused(answer: Answer, lab: Lab, job: JobView) -> str:
    """The sentence that the slicer shows; nothing was stored."""
    assert answer.status not in (401, 409)
    assert answer.status >= 400
    assert answer.headers["content-type"] == "text/plain"
    assert now(lab, job) == job
    assert lab.left_in_staging() == []
    assert [*(lab.services.settings.storage / "archive" / ".incoming").glob("*")] == []
    return answer.text


# ---------- a file that arrives ----------


@EVERY_SLICER
async def test_upload_lands_as_the_next_file_of_its_job(lab: Lab, port: int, slicer: Slicer) -> None:
    job, content = await lab.submitted(), sliced()
    name = f"{job.stem}_0.2mm_PLA_MK4S_2h10m.gcode"
    answer = slicer.upload(port, name, content, lab.staff_token)
    assert answer.status == 201, answer.text
    after = now(lab, job)
    added = after.counting_file
    assert (added.number, added.sha256, added.original_name) == (2, hashlib.sha256(content).hexdigest(), name)
    assert lab.services.revisions.content(job.id, 2, lab.staff)[0].read_bytes() == content
    assert (lab.services.settings.storage / "Uploaded" / after.filename).read_bytes() == content
    assert added.sliced is not None
    assert (added.sliced.weight_g, added.sliced.time_s) == (38.0, 7800)
    assert lab.left_in_staging() == []


@EVERY_SLICER
async def test_the_answer_is_octoprints(lab: Lab, port: int, slicer: Slicer) -> None:
    job = await lab.submitted()
    answer = sent(lab, port, job, sliced(100), slicer=slicer)
    name, lab_url = f"{job.stem}.gcode", lab.services.settings.public_url
    resource = f"{lab_url}/api/v1/jobs/{job.id}"
    refs = {"resource": resource, "download": f"{resource}/revisions/2/content"}
    assert answer.status == 201
    assert answer.json == {
        "files": {"local": {"name": name, "path": name, "origin": "local", "refs": refs}},
        "done": True,
        "effectiveSelect": False,
        "effectivePrint": False,
    }
    assert answer.headers["location"] == f"{lab_url}/api/files/local/{name}"  # with its host, or Qt sees none


@pytest.mark.parametrize(
    ("said", "sent_on"),
    [
        ("https://print.example.edu/api/files/local/a.gcode", "https://print.example.edu/api/files/local/a.gcode"),
        ("https://print.example.edu.evil.example/a", "/a"),
        ("http://print.example.edu/a", "/a"),
        ("//evil.example/a", "/a"),
    ],
)
async def test_only_the_labs_own_address_is_named_in_an_answer(said: str, sent_on: str) -> None:
    async def created(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("", 201, {"Location": said})(scope, receive, send)

    guarded = SecurityHeaders(created, secure=True, public_url="https://print.example.edu")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=guarded), base_url=ORIGIN) as client:
        assert (await client.get("/")).headers["location"] == sent_on


async def test_libcurl_is_told_to_go_on_before_it_sends(lab: Lab, port: int) -> None:
    job = await lab.submitted()
    assert sent(lab, port, job, sliced(), slicer=PRUSA).asked
    assert not sent(lab, port, job, sliced(100), slicer=PRUSA).asked


async def test_the_history_says_who_sent_it_and_with_what(lab: Lab, port: int) -> None:
    job = await lab.submitted()
    sent(lab, port, job, sliced(100), slicer=PRUSA)
    event, added = newest(lab, job), now(lab, job).counting_file
    assert (event.action, event.actor_name) == ("revision added", "front desk")
    assert event.reason == added.origin == "sent by PrusaSlicer 2.9.0"
    assert event.changes["authoritative"] == (1, 2)
    assert added.created_by == "front desk"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("PrusaSlicer/2.9.0", "PrusaSlicer 2.9.0"),
        ("PrusaSlicer/2.9.0+linux-x64 (x)", "PrusaSlicer 2.9.0"),
        ("cura/5.8.0 OctoPrintPlugin/3.7.3", "Cura 5.8.0"),
        ("OrcaSlicer", "OrcaSlicer"),
        ("", "a slicer"),
        ("<b>x</b>", "a slicer"),
        ("Slicer\u202egpj/1", "Slicer"),
        ("A" * 5000 + "/" + "9" * 5000, "A" * 31),
    ],
)
def test_a_slicer_is_named_by_what_it_says_cleaned_and_capped(agent: str, said: str) -> None:
    assert slicer_of(agent) == said


@pytest.mark.parametrize("status", [JobStatus.UPLOADED, JobStatus.PENDING, JobStatus.READY_TO_PRINT])
async def test_print_starts_nothing(lab: Lab, port: int, status: JobStatus) -> None:
    job = await lab.job_in(status)
    for slicer, options in ((PRUSA, {"print": "true"}), (CURA, {"select": "true", "print": "true"})):
        content = sliced(100)
        answer = slicer.upload(port, f"{job.stem}.gcode", content, lab.staff_token, **options)
        assert (answer.status, answer.json["effectivePrint"], answer.json["effectiveSelect"]) == (201, False, False)
        assert now(lab, job).status is status


# ---------- whose ----------


@pytest.mark.parametrize(
    "name",
    [
        "{stem}.gcode",
        "{stem}_0.2mm_PLA_2h.gcode",
        "{stem} (2).GCODE",
        "{stem} für Zoë.gcode",
        "{lower}.gcode",
        "folder/{stem}.gcode",
        "C:\\folder\\{stem}.gcode",
    ],
)
async def test_the_job_is_the_one_that_the_name_begins_with(lab: Lab, port: int, name: str) -> None:
    job = await lab.submitted()
    named = name.format(stem=job.stem, lower=job.stem.lower(), id=job.id)
    assert sent(lab, port, job, sliced(100), named).status == 201
    assert now(lab, job).authoritative == 2


async def test_a_file_that_bears_only_the_number_is_kept_and_does_not_count(lab: Lab, port: int) -> None:
    job = await lab.submitted()
    name, content = f"Somebody_Filament_Black_{job.id}.gcode", sliced(100)
    for _ in range(2):
        answer = sent(lab, port, job, content, name, PRUSA)
        assert answer.status == 201
        kept = answer.json["files"]["local"]
        assert kept["name"] == f"{job.stem}.gcode"
        assert kept["refs"]["download"].endswith(f"/jobs/{job.id}/revisions/2/content")
    assert (now(lab, job).authoritative, len(now(lab, job).revisions)) == (1, 2)
    assert newest(lab, job).reason == (
        f"sent by PrusaSlicer 2.9.0 as {name}: only the number in it is this job’s, so it does not count"
    )


async def test_what_may_be_of_a_part_that_the_student_has_replaced_is_kept_and_does_not_count(
    lab: Lab, port: int
) -> None:
    job = await lab.submitted()
    link = lab.services.opening.mint(job.id, lab.staff)
    lab.services.opening.redeem(link.url.removeprefix("printlab://open/"), "Front Desk")
    staged_id, student = (
        await lab.staged("phone", files_made.stl()),
        lab.services.search.by_token(lab.track_token(job))[1],
    )
    lab.services.revisions.correct(job.id, job.version, "phone", staged_id, student)
    content = sliced(100)
    for _ in range(2):
        assert sent(lab, port, job, content).status == 201
    assert (now(lab, job).authoritative, len(now(lab, job).revisions)) == (2, 3)
    assert "the student has sent file 2 since" in (newest(lab, job).reason or "")


async def test_a_number_farther_back_means_no_other_job(lab: Lab, port: int) -> None:
    other, job = await lab.submitted(), await lab.submitted()
    assert sent(lab, port, job, sliced(100), f"{job.stem}_{other.id}.gcode").status == 201
    assert (now(lab, job).authoritative, now(lab, other)) == (2, other)


async def test_a_name_in_the_long_form_is_read(lab: Lab, port: int) -> None:
    job, content = await lab.submitted(), files_made.gcode()
    body = (
        f"--x\r\nContent-Disposition: form-data; name=\"file\"; filename*=utf-8''{job.stem}%20f%C3%BCr%20Zo%C3%AB.gcode"
        "\r\n\r\n"
    ).encode()
    body += content + b"\r\n--x--\r\n"
    head = _head(lab, "x", f"Content-Length: {len(body)}")
    assert exchange(port, head, body).status == 201
    added = now(lab, job).counting_file
    assert (added.original_name, added.origin) == (f"{job.stem} für Zoë.gcode", "sent by a slicer")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("part.gcode", "The file's name names no job. Begin it with a job's, such as JaneDoe_Filament_Blue_123."),
        ("MK4_{stem}.gcode", "The file's name names no job. Begin it with a job's, such as JaneDoe_Filament_Blue_123."),
        ("Jane_Filament_Blue_999999.gcode", "There is no job 999999."),
        ("Jane_Filament_Blue_9999999999.gcode", "There is no job 9999999999."),
    ],
)
async def test_a_name_of_no_job_is_told_so(lab: Lab, port: int, name: str, sentence: str) -> None:
    job = await lab.submitted()
    for slicer in SLICERS.values():
        answer = sent(lab, port, job, sliced(100), name.format(stem=job.stem), slicer)
        assert refused(answer, lab, job) == sentence
    assert len(sentence) <= SHOWN_BY_CURA


# ---------- what counts ----------


@pytest.mark.parametrize(
    "status", [JobStatus.PRINTING, JobStatus.COMPLETED, JobStatus.PAID_PICKED_UP, JobStatus.REJECTED]
)
async def test_a_job_that_takes_no_files_is_told_so(lab: Lab, port: int, status: JobStatus) -> None:
    job = await lab.job_in(status)
    for slicer in SLICERS.values():
        said = refused(sent(lab, port, job, sliced(100), slicer=slicer), lab, job)
        assert said.startswith(f"Job {job.id} is “{status.label}”; ")


async def test_what_counts_already_makes_no_second_file(lab: Lab, port: int) -> None:
    job, content = await lab.submitted(), sliced(100)
    first = sent(lab, port, job, content)
    before, history = now(lab, job), lab.services.search.events(job.id, lab.staff)
    again = sent(lab, port, job, content, f"{job.stem}_again.gcode", PRUSA)
    assert (again.status, again.json) == (201, first.json)
    assert now(lab, job) == before
    assert lab.services.search.events(job.id, lab.staff) == history


async def test_what_counted_earlier_counts_again(lab: Lab, port: int) -> None:
    job, content = await lab.submitted(), sliced(100)
    for each in (content, files_made.gcode(), content):
        assert sent(lab, port, job, each).status == 201
    after = now(lab, job)
    assert (after.authoritative, len(after.revisions)) == (2, 3)
    assert (newest(lab, job).action, newest(lab, job).reason) == ("file chosen", "sent by OrcaSlicer 02.02.00.85")


async def test_whatever_is_sent_counts_also_a_project_after_its_sliced_file(lab: Lab, port: int) -> None:
    job = await lab.submitted()
    for content, extension in ((sliced(100), ".gcode"), (files_made.threemf(), ".3mf")):
        assert sent(lab, port, job, content, job.stem + extension).status == 201
    assert now(lab, job).filename == f"{job.stem}.3mf"


async def test_a_dearer_file_blocks_the_start_as_from_anywhere_else(lab: Lab, port: int) -> None:
    job = await lab.job_in(JobStatus.READY_TO_PRINT)
    sent(lab, port, job, files_made.prusa_gcode(400.0, "20h 0m 0s"))
    assert now(lab, job).outgrown is not None


# ---------- what is no file for a job ----------


@pytest.mark.parametrize(
    ("extension", "content", "begins"),
    [
        (".png", files_made.png(), "This lab accepts .gcode.3mf, .gcode, .bgcode, .3mf, .sl1s, .sl1, .form, .idea, "),
        (".gcode", b"", "The file is empty."),
        (".gcode", files_made.png(), "This is not"),
        (".bgcode", files_made.gcode(), "This is not"),
        (".gcode.3mf", files_made.threemf(), "This is not"),
    ],
)
async def test_what_is_no_sliced_file_is_told_so(
    lab: Lab, port: int, extension: str, content: bytes, begins: str
) -> None:
    job = await lab.submitted()
    for slicer in SLICERS.values():
        answer = sent(lab, port, job, content, job.stem + extension, slicer)
        assert refused(answer, lab, job).startswith(begins)


async def test_a_file_that_announces_too_much_is_refused_before_it_is_sent(small_lab: tuple[Lab, int]) -> None:
    lab, port = small_lab
    job = await lab.submitted()
    answer = sent(lab, port, job, sliced(3_500_000), slicer=PRUSA)
    assert not answer.asked
    assert answer.status == 413
    assert refused(answer, lab, job).startswith("The file is larger than 3 MB, ")


async def test_bytes_are_counted_while_they_arrive(small_lab: tuple[Lab, int]) -> None:
    lab, port = small_lab
    job = await lab.submitted()
    form = ORCA.form(f"{job.stem}.gcode", sliced(3_500_000), {})
    pieces = (form[start : start + 50_000] for start in range(0, len(form), 50_000))
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    head = _head(lab, ORCA.boundary, "Transfer-Encoding: chunked")
    answer = exchange(port, head, chunks + b"0\r\n\r\n")
    assert answer.status == 413
    refused(answer, lab, job)


async def test_an_upload_that_is_cancelled_leaves_nothing(lab: Lab, port: int) -> None:
    job = await lab.submitted()
    head, body = PRUSA.request(port, f"{job.stem}.gcode", sliced(), lab.staff_token, {})
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head)
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body[:900_000])
        assert await soon(lambda: lab.left_in_staging() != [])
    assert await soon(lambda: lab.left_in_staging() == [])
    assert now(lab, job) == job


async def test_a_form_without_a_file_is_told_so(lab: Lab, port: int) -> None:
    job = await lab.submitted()
    body = f'--x\r\nContent-Disposition: form-data; name="foldername"\r\n\r\n{job.stem}\r\n--x--\r\n'.encode()
    head = _head(lab, "x", f"Content-Length: {len(body)}")
    assert "foldername" in refused(exchange(port, head, body), lab, job)


# ---------- who ----------


@EVERY_SLICER
@pytest.mark.parametrize("path", ["/api/version", "/api/settings", "/api/printer", "/api/job"])
@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (None, "Enter a PrintLab token as the API key. An admin makes one."),
        ("wrong", "This token is not valid. Ask an admin for a new one."),
    ],
)
def test_nothing_is_told_without_a_key(port: int, slicer: Slicer, path: str, key: str | None, sentence: str) -> None:
    answer = slicer.get(port, path, key)
    assert (answer.status, answer.text, answer.headers["content-type"]) == (403, sentence, "text/plain")


@pytest.mark.parametrize("key", [None, "wrong"])
async def test_nothing_is_taken_without_a_key_nor_asked_for(lab: Lab, port: int, key: str | None) -> None:
    job = await lab.submitted()
    answer = PRUSA.upload(port, f"{job.stem}.gcode", sliced(), key)
    assert (answer.status, answer.asked) == (403, False)
    refused(answer, lab, job)


async def test_a_revoked_token_opens_nothing(lab: Lab, port: int) -> None:
    job, accounts = await lab.submitted(), lab.services.accounts
    token = accounts.create_token("slicing PC", ActorKind.STAFF, SYSTEM)
    assert PRUSA.get(port, "/api/version", token).status == 200
    accounts.revoke_token(accounts.tokens(SYSTEM)[0].id, SYSTEM)
    assert PRUSA.upload(port, f"{job.stem}.gcode", sliced(100), token).status == 403
    assert now(lab, job) == job


async def test_a_bearer_token_is_a_key_too_and_a_session_is_none(lab: Lab) -> None:
    job, form = await lab.submitted(), {"print": "false"}
    file = {"file": (f"{job.stem}.gcode", files_made.gcode())}
    async with (
        lab.staff_client() as client,
        lab.client(headers={"Cookie": f"printlab_session={lab.session()}"}) as page,
    ):
        assert (await page.get("/api/version")).status_code == 403
        assert (await page.post("/api/files/local", data=form, files=file)).status_code == 403
        assert (await client.get("/api/version")).status_code == 200
        assert (await client.post("/api/files/local", data=form, files=file)).status_code == 201


async def test_a_key_is_for_slicers_only(lab: Lab) -> None:
    async with lab.client(headers={"X-Api-Key": lab.staff_token}) as client:
        assert (await client.get("/api/version")).status_code == 200
        assert (await client.get("/api/v1/jobs")).status_code == 401


# ---------- what they ask before ----------


@EVERY_SLICER
def test_the_version_is_one_that_slicers_go_on_with(lab: Lab, port: int, slicer: Slicer) -> None:
    answer = slicer.get(port, "/api/version", lab.staff_token)
    assert answer.status == 200
    assert set(answer.json) == {"api", "server", "text"}
    assert answer.json["api"] == "0.1"
    assert answer.json["text"].startswith("OctoPrint")


def test_cura_finds_a_printer_that_takes_files(lab: Lab, port: int) -> None:
    """What version 3.7.3 of its plugin reads, and would stumble over if it were not there."""
    settings, printer, job = (
        CURA.get(port, f"/api/{path}", lab.staff_token).json for path in ("settings", "printer", "job")
    )
    assert settings["feature"]["sdSupport"] is False
    assert "UltimakerFormatPackage" not in settings["plugins"]  # or it would send .ufp
    flags = printer["state"]["flags"]
    for busy in ("error", "closedOrError", "paused", "pausing", "printing", "cancelling"):
        assert flags[busy] is False
    assert flags["ready"] is True
    assert job["state"] == "Operational"
    assert (job["progress"]["printTime"], job["progress"]["completion"]) == (None, None)
    assert job["job"]["file"]["name"] is None
