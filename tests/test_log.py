"""The log as an operator reads it: every line is one of ours, and no flood washes the others away."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from printlab.log import Limited

CONFIGURE = """
import logging, sys
from pathlib import Path
import structlog
from printlab.log import configure_logging
configure_logging(Path(sys.argv[1]) / "printlab.log", "INFO")
"""


class Kept(logging.Handler):
    """What got through."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.name, record.getMessage()))


class Flood:
    """A limited log and its clock."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.kept = Kept()
        self.limited = Limited(self.kept, clock=lambda: self.now_s)

    def log(self, name: str, times: int = 1, **facts: Any) -> None:
        for _ in range(times):
            record = {"name": name, "levelno": logging.ERROR, "levelname": "ERROR", "msg": "bang"} | facts
            self.limited.handle(logging.makeLogRecord(record))

    @property
    def counts(self) -> dict[str, int]:
        names = [name for name, text in self.kept.lines if text == "bang" or text.startswith("{")]
        return {name: names.count(name) for name in names}

    @property
    def summaries(self) -> list[tuple[str, str]]:
        return [line for line in self.kept.lines if "left out" in line[1]]


@pytest.fixture
def flood() -> Flood:
    return Flood()


def logged(folder: Path, script: str) -> tuple[str, list[dict[str, Any]]]:
    """What a process that runs ``script`` leaves on the console, and the lines of its file."""
    command = [sys.executable, "-c", CONFIGURE + script, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stderr, [json.loads(line) for line in (folder / "printlab.log").read_text().splitlines()]


@pytest.mark.parametrize("name", ["nicegui", "engineio.server", "socketio.server", "uvicorn.error"])
def test_of_a_flood_thirty_a_minute_stay_and_one_line_says_how_many_do_not(name: str, flood: Flood) -> None:
    flood.log(name, 50)
    assert (flood.counts, flood.summaries) == ({name: 30}, [])
    flood.now_s += 60
    flood.log("printlab.other")
    [(of, text)] = flood.summaries
    assert name.startswith(of)
    assert text == "20 more records of this logger were left out within a minute"
    flood.log(name, 31)
    assert flood.counts == {name: 60, "printlab.other": 1}


@pytest.mark.parametrize(
    "facts",
    [
        {"exc_info": (ValueError, ValueError("x"), None)},
        {"msg": {"event": "api.failed", "exc_info": ValueError("x")}},
    ],
)
def test_tracebacks_are_limited_for_each_logger(facts: dict[str, Any], flood: Flood) -> None:
    flood.log("printlab.api", 40, **facts)
    flood.log("printlab.pages", 3, **facts)
    flood.log("printlab.api", 40)
    assert flood.counts == {"printlab.api": 70, "printlab.pages": 3}


def test_what_is_no_flood_stays_and_nothing_is_said(flood: Flood) -> None:
    flood.log("printlab.filing", 500)
    flood.log("engineio.server", 30)
    flood.log("nicegui_of_somebody_else", 40)
    flood.now_s += 61
    flood.limited.close()
    assert flood.counts == {"printlab.filing": 500, "engineio.server": 30, "nicegui_of_somebody_else": 40}
    assert flood.summaries == []


def test_what_was_left_out_is_said_at_the_end(flood: Flood) -> None:
    flood.log("nicegui", 33)
    flood.limited.close()
    assert flood.summaries == [("nicegui", "3 more records of this logger were left out within a minute")]


def test_nobody_can_make_a_line_of_their_own_on_the_console(tmp_path: Path) -> None:
    console, _ = logged(
        tmp_path,
        r"""
evil = "x\r\n2026-01-01T00:00:00Z [error    ] FORGED\x1b[31m\x9b31m\u2028FORGED"
logging.getLogger("engineio.server").error("Invalid session %s", evil)
log = structlog.get_logger("printlab.test")
log.warning(evil, path=evil, paths=[evil], where=Path(evil))
try:
    raise ValueError(evil)
except ValueError:
    log.exception("failed")
    logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
""",
    )
    assert not {"\r", "\x1b", "\x9b", "\u2028"} & set(console)
    assert "Invalid session x\\r\\n2026-01-01T00:00:00Z [error    ] FORGED\\x1b[31m\\x9b31m\\u2028FORGED" in console
    heads = [line for line in console.split("\n") if line and not line.startswith("    ")]
    assert [line.split("]")[1].split()[0] for line in heads] == [
        "Invalid",
        "x\\r\\n2026-01-01T00:00:00Z",
        "failed",
        "Exception",
    ]
    assert console.count("    Traceback (most recent call last):\n") == 2


def test_a_long_text_is_cut_wherever_it_stands(tmp_path: Path) -> None:
    """Else a stranger turns the whole log over with what they type into a field for numbers."""
    text = "x" * 2_000_000
    cause = (
        f"try: float({'x' * 10!r} * 200_000)\nexcept ValueError as e: logging.exception(e)\n"
        f"logging.error('y\\n' * 1_000_000)\nstructlog.get_logger().error('job.odd', name={text[:2000]!r} * 900)"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{CONFIGURE}\n{cause}", str(tmp_path)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    written = (tmp_path / "printlab.log").read_text()
    assert len(written) < 60_000
    assert len(done.stderr) < 60_000
    records = [json.loads(line) for line in written.splitlines()]
    assert len(records) == 3
    assert "could not convert string to float" in records[0]["exception"]


def test_what_the_server_says_is_in_the_file(tmp_path: Path) -> None:
    console, lines = logged(
        tmp_path,
        """
import uvicorn
uvicorn.Config("main:app", log_level="warning")
logging.getLogger("uvicorn.error").error("Exception in ASGI application")
""",
    )
    assert [(line["logger"], line["event"]) for line in lines] == [("uvicorn.error", "Exception in ASGI application")]
    assert console.count("Exception in ASGI application") == 1


@pytest.mark.parametrize("made", ["before", "after"])
def test_the_live_connection_has_no_console_of_its_own(made: str, tmp_path: Path) -> None:
    script = """
import socketio
socketio.AsyncServer(async_mode="asgi")
"""
    error = """
logging.getLogger("engineio.server").error("Invalid session x\\n2026-01-01 FORGED")
"""
    again = "configure_logging(Path(sys.argv[1]) / 'printlab.log', 'INFO')" if made == "before" else ""
    console, lines = logged(tmp_path, script + again + error)
    assert [line["event"] for line in lines] == ["Invalid session x\n2026-01-01 FORGED"]
    assert (console.count("FORGED"), console.count("\n")) == (1, 1)


def test_migrations_are_told_and_looks_at_their_state_are_not(tmp_path: Path) -> None:
    _, lines = logged(
        tmp_path,
        """
from printlab.settings import load_settings
from printlab.start import open_services
services = open_services(load_settings(_env_file=None, data_dir=Path(sys.argv[1]) / "data"))
log = logging.getLogger("printlab.test")
log.info("started")
for _ in range(3):
    assert services.health.ready().checks["migrations"] is None
log.info("asked")
""",
    )
    events = [line["event"] for line in lines]
    assert any(event.startswith("Running upgrade") for event in events[: events.index("started")])
    assert events[events.index("started") :] == ["started", "asked"]
