"""The log: one JSON object a line in a rotating file, readable lines on the console, each with its request and job."""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path
from typing import Any

import structlog

_FILE_BYTES, _FILES = 10_000_000, 10
_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logging(folder: Path, level: str) -> None:
    """Send our log and every library's into ``folder/printlab.log`` and to the console."""
    folder.mkdir(parents=True, exist_ok=True)
    file = logging.handlers.RotatingFileHandler(folder / "printlab.log", maxBytes=_FILE_BYTES, backupCount=_FILES)
    file.setFormatter(_formatter(structlog.processors.format_exc_info, structlog.processors.JSONRenderer()))
    _configure(level, file, _console())


def configure_console(level: str) -> None:
    """Send the log to stderr alone: a command beside the server must not turn the server's file over."""
    _configure(level, _console())


def _console() -> logging.Handler:
    console = logging.StreamHandler()
    # The plain traceback: a richer one shows local variables, and those may hold passwords and tokens.
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    console.setFormatter(_formatter(plain))
    return console


def _configure(level: str, *handlers: logging.Handler) -> None:
    logging.basicConfig(handlers=handlers, level=level, force=True)
    for noisy in ("uvicorn.access", "apscheduler", "httpx", "watchfiles"):
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
