"""What runs in the sandbox: one process that reads what strangers send, and can be killed at any moment.

The server imports this module to name its functions; everything heavy is imported inside them, in the worker only.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import sys
import threading
import traceback
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from printlab.domain.model_facts import ModelFacts
from printlab.domain.sliced_facts import SlicedFacts
from printlab.geometry.limits import MAX_SECONDS, MEMORY_BYTES
from printlab.geometry.refusals import TOO_MUCH_MEMORY, ModelRefused, Refusal

if TYPE_CHECKING:
    from printlab.geometry.mesh import Model

_LARGEST_OUTPUT_BYTES = 64 << 20
_OPEN_FILES = 256
_NICE = 10
_THREADS = 2
"""On how many processors at once a file may be worked at within its time: libraries draw and multiply in threads."""
_GRACE_S = 10
_SECRETS = "PRINTLAB_"

_last_read: tuple[str, Model] | None = None
"""Path and content of the file that was read last: it is measured first, then drawn."""


def confine() -> None:
    """Bound what this process may take: memory, output, open files, and its share of the processor; no core dumps.

    Time is bounded from outside, by a kill, and by ``take_time``. Where the system has no such limits (Windows) only
    the kill remains. The lab's settings, passwords among them, are forgotten before the first file is read.
    """
    for name in [name for name in os.environ if name.startswith(_SECRETS)]:
        del os.environ[name]
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = "vtkEGLRenderWindow"  # without it VTK complains about a missing display
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  (not on Windows)

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_OUTPUT_BYTES, _LARGEST_OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    os.nice(_NICE)
    with suppress(OSError):  # where memory runs out all the same, Linux ends this process and not the server
        Path("/proc/self/oom_score_adj").write_text("1000")


def _end_with_the_server() -> None:
    """A server that is killed takes its worker along: nobody waits for what it reads any more."""
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(1)


def take_time(seconds: float) -> None:
    """Bound the processor time of the next file: it holds also when nobody is left to kill this process."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  (not on Windows)

    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(used.ru_utime + used.ru_stime + _THREADS * seconds + _GRACE_S)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


class ReaderFailed(Exception):
    """The reader met what nobody thought of; its text is the traceback. The server needs nothing to understand it."""


@contextmanager
def _plainly() -> Generator[None]:
    """Let nothing out of here that takes numpy to be understood."""
    try:
        yield
    except (ModelRefused, FileNotFoundError):
        raise
    except MemoryError:
        raise ModelRefused(Refusal.NEEDS_TOO_MUCH_MEMORY, TOO_MUCH_MEMORY) from None
    except Exception:  # noqa: BLE001  (whatever a reader does is told in one form)
        raise ReaderFailed(traceback.format_exc()) from None


@_plainly()
def measured(path: str, seconds: float = MAX_SECONDS) -> ModelFacts:
    """The facts of a model file. Raises ModelRefused, ReaderFailed, FileNotFoundError."""
    take_time(seconds)
    from printlab.geometry.measure import measure  # noqa: PLC0415  (numpy and scipy: in the worker only)

    return measure(_read(path))


@_plainly()
def drawn(path: str, glb: str, thumbnail: str | None, seconds: float = MAX_SECONDS) -> None:
    """Write the model for the viewer, and its picture unless that is None.

    Raises ModelRefused, ReaderFailed, FileNotFoundError.
    """
    take_time(seconds)
    from printlab.geometry.glb import write_glb  # noqa: PLC0415  (in the worker only)
    from printlab.geometry.reducing import drawable_triangles, one_mesh, reduced  # noqa: PLC0415

    mesh = one_mesh(_read(path))
    vertices, faces = reduced(*mesh, drawable_triangles(*mesh))
    _write_whole(Path(glb), write_glb(vertices, faces))
    if thumbnail is None:
        return
    from printlab.geometry.thumbnail import draw  # noqa: PLC0415  (VTK may end the process: after the rest is written)

    _write_whole(Path(thumbnail), draw(vertices, faces))


@_plainly()
def copied(path: str, stl: str, scale: float, seconds: float = MAX_SECONDS) -> None:
    """Write a model as a binary STL in millimetres, ``scale`` times as large.

    Raises ModelRefused, ReaderFailed, FileNotFoundError.
    """
    take_time(seconds)
    from printlab.geometry.reducing import one_mesh  # noqa: PLC0415  (numpy: in the worker only)
    from printlab.geometry.stl_writing import write_stl  # noqa: PLC0415

    vertices, faces = one_mesh(_read(path))
    _write_whole(Path(stl), write_stl(vertices * scale, faces))


def _write_whole(path: Path, content: bytes) -> None:
    """A file of this name is whole, whenever this process is killed or the disk is full."""
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@_plainly()
def sliced(path: str, extension: str | None, whole: bool, seconds: float = MAX_SECONDS) -> SlicedFacts:
    """What a sliced file says of itself; with ``whole`` all its checksums are compared.

    Raises ModelRefused, ReaderFailed, FileNotFoundError.
    """
    take_time(seconds)
    from printlab.slicers.reading import read, read_whole  # noqa: PLC0415  (in the worker only)

    return (read_whole if whole else read)(Path(path), extension)


@_plainly()
def tool_path(path: str, target: str, seconds: float = MAX_SECONDS) -> None:
    """Write the tool path of a sliced file, of all its plates, for the viewer.

    Raises ModelRefused, ReaderFailed, FileNotFoundError.
    """
    global _last_read  # noqa: PLW0603  (one process, one file at a time)
    _last_read = None  # both together may be more than the memory there is
    take_time(seconds)
    from printlab.slicers.toolpath import tool_path as drawn_path  # noqa: PLC0415  (in the worker only)

    _write_whole(Path(target), drawn_path(Path(path)))


@_plainly()
def embedded_picture(path: str, target: str, seconds: float = MAX_SECONDS) -> None:
    """Write the largest picture in a sliced file as WebP; nothing where there is none.

    Raises ModelRefused, ReaderFailed, FileNotFoundError.
    """
    take_time(seconds)
    from printlab.slicers.pictures import picture  # noqa: PLC0415  (in the worker only)

    if content := picture(Path(path)):
        _write_whole(Path(target), content)


def _read(path: str) -> Model:
    global _last_read  # noqa: PLW0603  (one process, one file at a time)
    from printlab.geometry.admission import admit  # noqa: PLC0415  (in the worker only)
    from printlab.geometry.reading import read  # noqa: PLC0415

    if _last_read is None or _last_read[0] != path:
        _last_read = None
        admit(Path(path))
        _last_read = (path, read(Path(path)))
    return _last_read[1]
