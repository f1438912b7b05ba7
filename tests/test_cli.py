"""``printlab …`` as an operator types it: a process of its own, what it prints, and what it leaves behind."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import Type, extract_parameters
from filelock import FileLock

from printlab.domain.commands import JobFilter
from printlab.domain.policy import ANONYMOUS, SYSTEM, ActorKind
from printlab.domain.status import JobStatus
from printlab.errors import InvalidInput
from printlab.services import Services, build_services
from printlab.settings import load_settings
from tests import files_made
from tests.slicers.sliced_files import PRUSA

Run = Callable[..., subprocess.CompletedProcess[str]]
PASSWORD = "a long enough password"


@pytest.fixture
def printlab(tmp_path: Path) -> Run:
    """Run a command on an empty data folder."""

    def run(*arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PRINTLAB_DATA_DIR": str(tmp_path / "data")} | settings
        command = [sys.executable, "-m", "printlab", *arguments]
        return subprocess.run(
            command,
            input=stdin,
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def lab(tmp_path: Path) -> Callable[[], Services]:
    """The lab as the command left it."""
    return lambda: build_services(load_settings(data_dir=tmp_path / "data"))


def test_an_account_and_a_token(printlab: Run, lab: Callable[[], Services]) -> None:
    added = printlab("user", "add", "Sam@example.edu", "--name", "Sam", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert (added.returncode, added.stderr) == (0, "")
    assert added.stdout == "Sam <sam@example.edu> can sign in as staff.\n"
    created = printlab("token", "create", "--name", "robot", "--role", "admin")
    assert (created.returncode, created.stderr) == (0, "")

    services = lab()
    services.accounts.sign_in("sam@example.edu", PASSWORD, "Firefox", "::1")
    token = created.stdout.removesuffix("\n")
    assert token == token.strip() != ""
    assert services.accounts.actor_of_token(token).kind is ActorKind.ADMIN
    services.close()


def test_a_stolen_database_gives_no_password_away_cheaply(printlab: Run, tmp_path: Path) -> None:
    """At least what OWASP's Password Storage Cheat Sheet asks of Argon2id: 19 MiB, and two rounds."""
    printlab("user", "add", "sam@example.edu", "--name", "Sam", "--password-stdin", stdin=f"{PASSWORD}\n")
    (database,) = (tmp_path / "data").glob("*.db")
    with closing(sqlite3.connect(database)) as rows:
        ((stored,),) = rows.execute("SELECT password_hash FROM user_account")
    costs = extract_parameters(stored)
    assert (costs.type, costs.memory_cost >= 19 * 1024, costs.time_cost >= 2) == (Type.ID, True, True)


def test_a_forgotten_password_is_set_anew(printlab: Run, lab: Callable[[], Services]) -> None:
    printlab("user", "add", "sam@example.edu", "--name", "Sam", "--password-stdin", stdin=f"{PASSWORD}\n")
    services = lab()
    token = services.accounts.sign_in("sam@example.edu", PASSWORD, "Firefox", "::1")
    said = printlab("user", "password", "Sam@example.edu", "--password-stdin", stdin="another sentence\n")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == "Sam <sam@example.edu> has a new password and is signed out everywhere.\n"
    assert services.accounts.actor_of(token) == ANONYMOUS
    with pytest.raises(InvalidInput):
        services.accounts.sign_in("sam@example.edu", PASSWORD, "Firefox", "::1")
    services.accounts.sign_in("sam@example.edu", "another sentence", "Firefox", "::1")
    nobody = printlab("user", "password", "kim@example.edu", "--password-stdin", stdin="another sentence\n")
    assert (nobody.returncode, nobody.stderr) == (1, "printlab: Nobody has an account under kim@example.edu.\n")
    services.close()


def test_what_cannot_be_done_is_one_line_and_leaves_nothing(printlab: Run, lab: Callable[[], Services]) -> None:
    short = printlab("user", "add", "sam@example.edu", "--name", "Sam", "--password-stdin", stdin="short\n")
    assert (short.returncode, short.stdout) == (1, "")
    assert short.stderr == "printlab: Choose a password of 10 to 200 characters.\n"
    services = lab()
    assert services.accounts.users(SYSTEM) == ()
    services.close()


@pytest.mark.parametrize("command", ["serve", "migrate", "demo"])
def test_a_wrong_setting_is_one_line_that_names_it(printlab: Run, command: str) -> None:
    refused = printlab(command, PRINTLAB_CURRENCY="dollars")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert len(refused.stderr.splitlines()) == 1
    assert "PRINTLAB_CURRENCY" in refused.stderr


def test_migrating_twice_is_the_same(printlab: Run) -> None:
    for _ in range(2):
        done = printlab("migrate")
        assert (done.returncode, done.stdout, done.stderr) == (0, "The database is up to date.\n", "")


def test_the_demo_fills_an_empty_lab_and_no_other(printlab: Run, lab: Callable[[], Services], tmp_path: Path) -> None:
    filled = printlab("demo")
    assert (filled.returncode, filled.stderr) == (0, "")
    services = lab()
    counts = services.search.counts(SYSTEM)
    assert all(counts[status] for status in JobStatus)
    assert sum(counts.values()) >= 40
    assert filled.stdout == f"{sum(counts.values())} demo jobs are in the lab. Open the board to see them.\n"
    mails = services.mail.outbox(SYSTEM, limit=1000)
    assert {mail.state for mail in mails} <= {"not sent", "cancelled"}
    assert all(mail.to.endswith("@example.com") for mail in mails)
    for status in JobStatus:
        files = [path for path in (tmp_path / "data" / "storage" / status).iterdir() if path.suffix != ".json"]
        assert len(files) == counts[status]

    again = printlab("demo")
    assert again.returncode == 1
    assert len(again.stderr.splitlines()) == 1
    assert services.search.counts(SYSTEM) == counts
    services.close()


def test_a_port_that_is_taken_is_one_line_and_no_promise(printlab: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = printlab("serve", PRINTLAB_PORT=str(port))
    assert refused.returncode == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in refused.stderr
    assert "PrintLab serves" not in refused.stdout


INSPECTED = {
    "outcome", "code", "message", "format", "units", "triangles", "size_mm", "volume_mm3", "area_mm2", "closed",
    "open_edges", "bodies", "items", "remarks", "findings", "estimate", "printer", "material", "strength",
}  # fmt: skip
SLICED_INSPECTED = {
    "outcome", "code", "message", "format", "slicer", "slicer_version", "sliced", "weight_g", "weight_source",
    "filament_mm", "volume_cm3", "resin_ml", "cost", "time_s", "material", "printer_model", "layer_height_mm",
    "nozzle_mm", "tools", "plates", "plates_one_by_one", "thumbnails", "warnings",
}  # fmt: skip


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """A cube of 20 mm."""
    path = tmp_path / "part.stl"
    path.write_bytes(files_made.stl(20.0))
    return path


def test_a_file_is_inspected_without_a_lab_and_none_is_made(printlab: Run, part: Path, tmp_path: Path) -> None:
    told = printlab("inspect", str(part), "--json", PRINTLAB_STORAGE_ROOT=str(tmp_path / "share"))
    assert (told.returncode, told.stderr) == (0, "")
    found = json.loads(told.stdout)
    assert set(found) == INSPECTED
    assert (found["outcome"], found["format"], found["units"]) == ("ok", "STL", "mm?")
    assert (found["triangles"], found["size_mm"], found["volume_mm3"]) == (12, [20.0, 20.0, 20.0], 8000.0)
    assert (found["area_mm2"], found["closed"], found["open_edges"], found["bodies"]) == (2400.0, True, 0, 1)
    assert (found["findings"], found["printer"]) == ([], "Prusa MK4S")
    assert 0 < found["estimate"]["weight_g"]["low"] <= found["estimate"]["weight_g"]["high"] < 12
    assert [path.name for path in tmp_path.iterdir()] == ["part.stl"]

    written = printlab("inspect", "part.stl")
    assert (written.returncode, written.stderr) == (0, "")
    assert written.stdout.splitlines()[:2] == [
        "STL, 12 triangles, 1 body",
        "20 × 20 × 20 mm (0.79 × 0.79 × 0.79 in)",
    ]


def test_a_sliced_file_is_inspected_too(printlab: Run, tmp_path: Path) -> None:
    (tmp_path / "part.gcode").write_text(PRUSA, encoding="utf-8")
    told = printlab("inspect", "part.gcode", "--json")
    assert (told.returncode, told.stderr) == (0, "")
    found = json.loads(told.stdout)
    assert set(found) == SLICED_INSPECTED
    assert (found["slicer"], found["slicer_version"], found["sliced"]) == ("PrusaSlicer", "2.9.4", True)
    assert (found["weight_g"], found["weight_source"], found["time_s"]) == (1.49, "slicer", 94_232)
    assert (found["plates"], found["thumbnails"], found["warnings"]) == (0, ["16x16/png", "220x124/qoi"], [])
    (tmp_path / "part.sl1").write_bytes(b"PK\x03\x04 and no more")
    broken = printlab("inspect", "part.sl1")
    assert (broken.returncode, broken.stdout) == (1, "Refused (unreadable): The file cannot be read. Save it again.\n")


def test_a_project_has_the_keys_of_both(printlab: Run, tmp_path: Path) -> None:
    path = tmp_path / "project.3mf"
    path.write_bytes(files_made.threemf())
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("Metadata/Slic3r_PE.config", "; generated by PrusaSlicer 2.5.0\n; printer_model = MK3S\n")
    found = json.loads(printlab("inspect", "project.3mf", "--json").stdout)
    assert set(found) == INSPECTED | SLICED_INSPECTED
    assert (found["outcome"], found["triangles"], found["slicer"], found["sliced"]) == ("ok", 12, "PrusaSlicer", False)
    written = printlab("inspect", "project.3mf").stdout
    assert "3MF, 12 triangles" in written
    assert "not sliced, written by PrusaSlicer 2.5.0" in written


def test_a_refusal_is_told_with_all_keys_and_exit_status_1(printlab: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.stl").write_bytes(b"Dear lab, please print my part.\n" * 20)
    told = printlab("inspect", "letter.stl", "--json")
    assert (told.returncode, told.stderr) == (1, "")
    found = json.loads(told.stdout)
    assert set(found) == INSPECTED
    assert (found["outcome"], found["code"], found["triangles"]) == ("refused", "unknown_format", None)
    assert found["message"]
    written = printlab("inspect", "letter.stl")
    assert written.returncode == 1
    assert written.stdout == f"Refused (unknown_format): {found['message']}\n"


def test_a_printer_of_the_lab_is_chosen_by_its_name_beside_a_server(
    printlab: Run, lab: Callable[[], Services], part: Path, tmp_path: Path
) -> None:
    part.write_bytes(files_made.stl(230.0))
    printlab("migrate")
    with FileLock(tmp_path / "data" / "locks" / "serve.lock"), FileLock(tmp_path / "data" / "serve.lock"):
        here = json.loads(printlab("inspect", str(part), "--json").stdout)
        there = json.loads(printlab("inspect", str(part), "--json", "--printer", "prusa xl").stdout)
    assert (here["printer"], here["findings"][0]["code"]) == ("Prusa MK4S", "does_not_fit")
    assert "Prusa XL" in here["findings"][0]["student"]
    assert (there["printer"], there["outcome"]) == ("Prusa XL", "ok")
    assert "does_not_fit" not in {finding["code"] for finding in there["findings"]}
    services = lab()
    assert not any(services.search.counts(SYSTEM).values())
    services.close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.stl"], "printlab: There is no file nothing.stl.\n"),
        ([".", "--json"], "printlab: There is no file ..\n"),
        (["part.stl", "--json", "--printer", "Toaster"], "printlab: The lab has no printer “Toaster”. Choose one of: "),
    ],
)
def test_what_cannot_be_inspected_is_one_line(printlab: Run, part: Path, arguments: list[str], said: str) -> None:
    refused = printlab("inspect", *arguments)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert len(refused.stderr.splitlines()) == 1
    assert refused.stderr.startswith(said)


def test_the_helper_is_built_for_this_labs_address(printlab: Run, tmp_path: Path) -> None:
    built = printlab("opener", "build", PRINTLAB_BASE_URL="https://print.example.edu")
    assert (built.returncode, built.stderr) == (0, "")
    assert "printlab-open.pyz opens files of https://print.example.edu" in built.stdout
    with zipfile.ZipFile(tmp_path / "printlab-open.pyz") as archive:
        assert json.loads(archive.read("open.json")) == {"server": "https://print.example.edu"}
    refused = printlab("opener", "build", "--output", str(tmp_path / "missing" / "helper.pyz"))
    assert refused.returncode == 1
    assert "helper.pyz cannot be written" in refused.stderr


def test_a_cleanup_is_told_first_and_then_done(printlab: Run, lab: Callable[[], Services], tmp_path: Path) -> None:
    printlab("migrate")
    services = lab()
    services.filing.prepare()
    left = services.settings.staging / "left.part"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    services.close()
    told = printlab("cleanup", "--dry-run")
    assert (told.returncode, told.stderr) == (0, "")
    assert "Archiving: Nothing would be archived.\n" in told.stdout
    assert "Abandoned uploads: 1 abandoned upload would be removed (4 bytes)" in told.stdout
    assert left.exists()
    done = printlab("cleanup")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Abandoned uploads: 1 abandoned upload removed (4 bytes).\n" in done.stdout
    assert not left.exists()


def test_what_is_held_about_a_student_is_written_out_and_anonymised(
    printlab: Run, lab: Callable[[], Services], tmp_path: Path
) -> None:
    printlab("demo")
    services = lab()
    email = services.search.find(JobFilter(status="PaidPickedUp"), SYSTEM).items[0].student_email
    services.close()
    bundle = tmp_path / "student.zip"
    written = printlab("student", "export", email, "--to", str(bundle))
    assert (written.returncode, written.stderr) == (0, "")
    assert "about.json" in zipfile.ZipFile(bundle).namelist()
    again = printlab("student", "export", email, "--to", str(bundle))
    assert (again.returncode, again.stderr) == (1, f"printlab: {bundle} cannot be written (File exists)\n")
    refused = printlab("student", "anonymise", email, stdin="no\n")
    assert (refused.returncode, refused.stderr) == (1, "printlab: nothing was changed\n")
    done = printlab("student", "anonymise", email, "--yes")
    assert "Anonymised: job " in done.stdout
    unknown = printlab("student", "export", "nobody@example.edu", "--to", str(tmp_path / "x.zip"))
    assert "There is no job with the e-mail address nobody@example.edu." in unknown.stderr
