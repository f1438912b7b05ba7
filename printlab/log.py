"""The log: one JSON object a line in a rotating file, readable lines on the console, each with its request and job.

Strangers choose part of what is logged, so no text of theirs can look like a line of its own, and none of their noise
can push the rest out of the file.
"""

from __future__ import annotations

import io
import logging
import logging.handlers
import re
import time
from collections.abc import Callable
from contextvars import Context
from pathlib import Path
from typing import Any, TextIO

import structlog
from uvicorn.config import LOGGING_CONFIG

_FILE_BYTES, _FILES = 10_000_000, 10
_NOISY = ("nicegui", "engineio", "socketio", "uvicorn.error")
_OWN_CONSOLES = ("engineio.server", "socketio.server")
_WINDOW_S, _WINDOW_RECORDS = 60.0, 30
_LINE_CHARS, _HEAD_CHARS, _TAIL_CHARS = 500, 6000, 2000
# Controls, separators of lines, and what turns the direction of reading around.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class Limited(logging.Handler):
    """Hands records on to ``handlers``, of a flood only its beginning.

    Tracebacks, and whatever the web framework and its socket say, are what a stranger can bring about: of each logger
    30 of these a minute are kept, and then one line says how many were left out. How long a record can be is
    limited where it is written.
    """

    def __init__(self, *handlers: logging.Handler, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._handlers = handlers
        self._clock = clock
        self._windows: dict[str, tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Called by ``logging``, one record at a time."""
        now_s = self._clock()
        self._sum_up(now_s - _WINDOW_S)
        name = _noise_of(record)
        if name is None or self._count(name, now_s) <= _WINDOW_RECORDS:
            self._hand_on(record)

    def close(self) -> None:
        """Say what was left out, and close the handlers."""
        self.acquire()
        try:
            self._sum_up(self._clock())
        finally:
            self.release()
        for handler in self._handlers:
            handler.close()
        super().close()

    def _count(self, name: str, now_s: float) -> int:
        began_s, count = self._windows.get(name, (now_s, 0))
        self._windows[name] = began_s, count + 1
        return count + 1

    def _sum_up(self, before_s: float) -> None:
        """End the windows that began until ``before_s``."""
        for name, (began_s, count) in list(self._windows.items()):
            if began_s > before_s:
                continue
            del self._windows[name]
            if count > _WINDOW_RECORDS:
                # Whoever logs now has a request and a job, which are not those of the records that were left out.
                Context().run(self._hand_on, _summary(name, count - _WINDOW_RECORDS))

    def _hand_on(self, record: logging.LogRecord) -> None:
        for handler in self._handlers:
            handler.handle(record)


def _noise_of(record: logging.LogRecord) -> str | None:
    """Under which name a record is counted; None when it is always kept."""
    if noisy := next((name for name in _NOISY if f"{record.name}.".startswith(f"{name}.")), None):
        return noisy
    message: object = record.msg
    # structlog carries the exception inside of the message.
    has_traceback = record.exc_info or (isinstance(message, dict) and "exc_info" in message)
    return record.name if has_traceback else None


def _summary(name: str, left_out: int) -> logging.LogRecord:
    text = "%d more records of this logger were left out within a minute"
    level = {"levelno": logging.WARNING, "levelname": "WARNING"}
    return logging.makeLogRecord({"name": name, **level, "msg": text, "args": (left_out,)})


def configure_logging(path: Path, level: str) -> None:
    """Send our log and every library's into the file ``path`` and to the console.

    Each process has a file of its own: two that turn one over lose lines.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = logging.handlers.RotatingFileHandler(path, maxBytes=_FILE_BYTES, backupCount=_FILES)
    to_json = structlog.processors.JSONRenderer()
    file.setFormatter(_formatter(structlog.processors.format_exc_info, _shorten_texts, to_json))
    _configure(level, file, _console())
    # The server would give its loggers a console of their own when it starts, past our file.
    LOGGING_CONFIG["loggers"]["uvicorn"] = {"level": "INFO"}


def configure_console(level: str) -> None:
    """Send the log to stderr alone: a command beside the server must not turn the server's file over."""
    _configure(level, _console())


def _console() -> logging.Handler:
    console = logging.StreamHandler()
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=_write_traceback)
    console.setFormatter(_formatter(_shorten_texts, _escape_texts, plain))
    return console


def _write_traceback(console: TextIO, exc_info: Any) -> None:  # noqa: ANN401  (as structlog hands it over)
    """The plain traceback, indented: a richer one shows local variables, which may hold passwords and tokens."""
    plain = io.StringIO()
    structlog.dev.plain_traceback(plain, exc_info)
    lines = _shortened(plain.getvalue().strip("\n")).split("\n")
    console.write("\n" + "\n".join(f"    {_escaped(line)}" for line in lines))


def _shorten_texts(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """No text of a stranger, and no error that repeats it, fills a file."""
    return {key: _shortened(value) if isinstance(value, str) else value for key, value in event.items()}


def _shortened(text: str) -> str:
    """``text`` with its long lines cut, and of too many lines the first and the last."""
    lines = (line if len(line) <= _LINE_CHARS else f"{line[:_LINE_CHARS]}…" for line in text.split("\n"))
    cut = "\n".join(lines)
    return cut if len(cut) <= _HEAD_CHARS + _TAIL_CHARS else f"{cut[:_HEAD_CHARS]}\n…\n{cut[-_TAIL_CHARS:]}"


def _escape_texts(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """What is no text is shown by its ``repr``, which escapes by itself."""
    event["event"] = str(event.get("event", "")).rstrip("\n")
    return {key: _escaped(value) if isinstance(value, str) else value for key, value in event.items()}


def _escaped(text: str) -> str:
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def _configure(level: str, *handlers: logging.Handler) -> None:
    logging.basicConfig(handlers=[Limited(*handlers)], level=level, force=True)
    for speaks_for_itself in _OWN_CONSOLES:
        # Without a level of its own each takes one, and a console beside ours.
        logger = logging.getLogger(speaks_for_itself)
        logger.handlers.clear()
        logger.setLevel(logging.ERROR)
    # Alembic speaks at every look at the database's state, so at every health check; migrate() lets it.
    for noisy in ("alembic", "uvicorn.access", "apscheduler", "dbos", "httpx", "watchfiles"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _formatter(*last: Any) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
    )
