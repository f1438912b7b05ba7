"""The server's side of the sandbox: workers that may hang, crash or eat their memory, and are replaced then."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as TookTooLong
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import structlog
from pebble import ProcessExpired, ProcessPool

from printlab.domain.model_facts import ModelFacts
from printlab.domain.sliced_facts import SlicedFacts
from printlab.geometry import worker
from printlab.geometry.limits import MAX_SECONDS
from printlab.geometry.refusals import SIMPLIFY, UNSURE, ModelRefused, Refusal

_log = structlog.get_logger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")
_CALLS_A_WORKER = 50
"""After so many a worker is replaced: what libraries leak goes with it."""
_CRASHED = "The program that reads models failed on this file. Export the part again, or bring it to the lab."
_NO_PATH = "The tool path could not be drawn. The file itself can be printed all the same."
_TIME_USED_UP: int | None = getattr(signal, "SIGXCPU", None)


class Interrupted(Exception):
    """The sandbox was closed while it read: nothing is known of the file."""


class Sandbox:
    """Runs the readers on strangers' files, as many at a time as there are ``workers``; each may take ``seconds``."""

    def __init__(self, seconds: float = MAX_SECONDS, workers: int = 1) -> None:
        self._seconds = seconds
        self._workers = workers
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._closed = False
        self._waited_for: set[Future[Any]] = set()

    def measure(self, path: Path) -> ModelFacts:
        """The facts of a model file.

        Raises ModelRefused, also when reading takes too long or too much, or crashes; FileNotFoundError.
        """
        return self._run(worker.measured, str(path), self._seconds)

    def draw(self, path: Path, glb: Path, thumbnail: Path | None) -> None:
        """Write the model for the viewer, then its picture unless that is None; raises as ``measure``. What is written
        before stays.
        """
        self._run(worker.drawn, str(path), str(glb), thumbnail and str(thumbnail), self._seconds)

    def copy(self, path: Path, stl: Path, scale: float) -> None:
        """Write a model as a binary STL in millimetres, ``scale`` times as large; raises as ``measure``.

        Other programs get this and never a stranger's file: there is nothing but triangles in it.
        """
        self._run(worker.copied, str(path), str(stl), scale, self._seconds)

    def read_sliced(self, path: Path, extension: str | None = None, *, whole: bool = False) -> SlicedFacts:
        """What a sliced file says of itself, head and tail read; with ``whole`` all its checksums are compared.

        ``extension`` is that of its name, where it lies under another one. Raises as ``measure``.
        """
        return self._run(worker.sliced, str(path), extension, whole, self._seconds)

    def draw_tool_path(self, path: Path, target: Path) -> None:
        """Write the way of the nozzle on all plates for the viewer.

        Raises as ``measure``; ``target`` is whole or not there.
        """
        try:
            self._run(worker.tool_path, str(path), str(target), self._seconds)
        except ModelRefused as refused:
            if refused.code in UNSURE:
                raise ModelRefused(refused.code, _NO_PATH) from None
            raise

    def draw_embedded_picture(self, path: Path, target: Path) -> None:
        """Write the largest picture that a sliced file holds as WebP; where there is none, ``target`` is not there.

        Raises as ``measure``.
        """
        self._run(worker.embedded_picture, str(path), str(target), self._seconds)

    def close(self) -> None:
        """End the workers for good, also in the middle of a file: whoever waits, or asks later, gets Interrupted."""
        with self._lock:
            self._closed = True
        self._end_workers()

    def _end_workers(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
            waited_for = list(self._waited_for)
        for future in waited_for:  # a pool that stops leaves them waiting for good
            future.cancel()
        if pool is not None:
            pool.stop()
            pool.join()

    def _run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return self._result_of(partial(function, *args, **kwargs))
        except CancelledError:
            raise Interrupted from None
        except TookTooLong:
            raise self._too_long() from None
        except (ProcessExpired, BrokenProcessPool, worker.ReaderFailed) as failure:
            if isinstance(failure, BrokenProcessPool):
                self._end_workers()  # its workers do not even start; the next call tries with a new one
            _log.warning("sandbox.reader_failed", reason=str(failure))
            if isinstance(failure, ProcessExpired) and _TIME_USED_UP and failure.exitcode == -_TIME_USED_UP:
                raise self._too_long() from None
            raise ModelRefused(Refusal.CRASHED, _CRASHED) from None

    def _result_of(self, call: Callable[[], _T]) -> _T:
        with self._lock:
            if self._closed:
                raise Interrupted
            future = self._started().schedule(call, timeout=self._seconds)
            self._waited_for.add(future)
        try:
            return future.result()
        finally:
            with self._lock:
                self._waited_for.discard(future)

    def _too_long(self) -> ModelRefused:
        within = f"within {self._seconds:g} seconds"
        return ModelRefused(Refusal.TAKES_TOO_LONG, f"The file could not be read {within}. {SIMPLIFY}")

    def _started(self) -> ProcessPool:
        """Workers of their own interpreter: nothing of the server's memory, locks and connections is in them."""
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=_CALLS_A_WORKER,
                initializer=worker.confine,
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool
