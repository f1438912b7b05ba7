#!/usr/bin/env python3
"""printlab-open: opens a lab's file in this computer's slicer, in place, when somebody clicks “Open file”.

The browser hands a link ``printlab://open/<token>`` over. The token is redeemed, once, at the one server that is
configured here; the answer names a file below the storage root, which this computer has mounted. Nothing of the link
says which server, folder or program: all of that comes from the configuration.

    printlab-open --install --workstation "Front Desk" --root "P:\\\\"      register with this system's browsers
    printlab-open --self-test                                             say what is set up and what is missing
    printlab-open --uninstall                                             take the registration back

One file, Python 3.9 or newer, the standard library only. docs/opener.md describes the configuration.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import logging
import logging.handlers
import os
import plistlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn
from urllib.parse import urlsplit
from urllib.response import addinfourl

if TYPE_CHECKING:
    import tkinter as tk  # not every Python has it

SCHEME = "printlab"
NAME = "PrintLab"
VERSION = 2
EXTENSIONS = (".gcode.3mf", ".bgcode", ".gcode", ".form", ".idea", ".sl1s", ".3mf", ".obj", ".stl", ".sl1")
"""What may be opened, the longest first: never a program, a script or a shortcut."""

_LINK = re.compile(r"printlab:(?://)?open/([A-Za-z0-9_-]{32,128})/?")
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,200}")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_MARK = ".printlab-storage"
_MOST_PARTS = 8
_HASHED_BYTES = 100_000_000
_ANSWER_BYTES = 65_536
_PROBLEM_LENGTH = 300
_PATIENCE_S = 10.0
_LOG_BYTES = 256_000
_FAILS_WITHIN_S = 1.0
_BAT = (".bat", ".cmd")

log = logging.getLogger("printlab-open")


class Refused(Exception):
    """Why nothing was opened, in a sentence for the person who clicked."""


# ---------- configuration ----------


class Slicer(NamedTuple):
    """A program that opens files: ``command`` is its argument list, to which the file is added."""

    name: str
    extensions: tuple[str, ...]
    command: tuple[str, ...]


class Config(NamedTuple):
    """What this computer is set up for. ``root`` is where it has mounted the lab's storage root."""

    server: str
    workstation: str
    root: str
    slicers: tuple[Slicer, ...] = ()
    ca_file: str | None = None


def load_config() -> Config:
    """The configuration; raises Refused with what is wrong in it.

    It is put together from what the server wrote into the helper, what holds for the whole computer and what holds for
    this person; the later ones count.
    """
    facts = dict(baked())
    for path in (machine_config(), user_config()):
        facts.update(_read_config(path))
    return config_of(facts)


def config_of(facts: Mapping[str, Any]) -> Config:
    """Check the facts of a configuration; raises Refused."""
    server = facts.get("server")
    if not isinstance(server, str) or not server:
        raise Refused(
            f"No server is configured. Install the helper again from the lab's page, or write it into {user_config()}."
        )
    workstation, root, ca_file = facts.get("workstation"), facts.get("root", ""), facts.get("ca_file")
    if not isinstance(root, str) or not isinstance(ca_file, (str, type(None))):
        raise Refused("In the configuration “root” and “ca_file” must be texts.")
    name = workstation if isinstance(workstation, str) and workstation.strip() else socket.gethostname()
    return Config(checked_server(server), name.strip()[:60], root, _slicers_of(facts.get("slicers", [])), ca_file)


def checked_server(server: str) -> str:
    """The server's address without a slash at the end; raises Refused unless nobody on the way can answer for it."""
    parts = urlsplit(server)
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"))
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL_HOSTS)
    if not (parts.hostname and is_plain and is_safe):
        raise Refused(
            f"The server {server[:200]} cannot be used: its address must be https:// and a name, nothing more."
        )
    return server.rstrip("/")


def _slicers_of(entries: object) -> tuple[Slicer, ...]:
    if not isinstance(entries, list):
        raise Refused("In the configuration “slicers” must be a list.")
    return tuple(_slicer_of(entry) for entry in entries)


def _slicer_of(entry: object) -> Slicer:
    facts: Any = entry
    try:
        name, extensions, command = facts["name"], facts["extensions"], facts["command"]
        texts = [name, *extensions, *command]
    except (KeyError, TypeError):
        raise Refused("Each slicer in the configuration has a “name”, its “extensions” and its “command”.") from None
    if isinstance(extensions, str) or isinstance(command, str) or not command:
        raise Refused("“extensions” and “command” of a slicer are lists: a command line would need a shell.")
    if not all(isinstance(text, str) and text for text in texts):
        raise Refused("“name”, “extensions” and “command” of a slicer are texts.")
    return Slicer(name, tuple(extension.lower() for extension in extensions), tuple(command))


def _read_config(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Refused(f"The configuration {path} cannot be read: {error}.") from error
    if not isinstance(facts, dict):
        raise Refused(f"The configuration {path} must be a JSON object.")
    return facts


def baked() -> dict[str, Any]:
    """What the server wrote into the archive that this runs from."""
    beside = os.path.join(os.path.dirname(__file__), "open.json")  # noqa: PTH118, PTH120  (inside an archive, no Path)
    try:
        return json.loads(__loader__.get_data(beside))  # pyright: ignore  (an archive's loader has it, and a file's)
    except OSError:
        return {}


def user_config() -> Path:
    """Where this person's configuration lies."""
    return _folder("APPDATA", "XDG_CONFIG_HOME", ".config") / "open.json"


def machine_config() -> Path:
    """Where the configuration for everybody on this computer lies."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / NAME / "open.json"
    return Path("/Library/Application Support/PrintLab" if sys.platform == "darwin" else "/etc/printlab") / "open.json"


def _folder(windows: str, xdg: str, fallback: str) -> Path:
    """This person's folder for files of one kind, as each system has it."""
    if sys.platform == "win32":
        return Path(os.environ.get(windows) or Path.home()) / NAME
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / NAME
    return Path(os.environ.get(xdg) or Path.home() / fallback) / "printlab"


# ---------- the link and the file ----------


def token_of(link: str) -> str:
    """The token of a link; raises Refused."""
    match = _LINK.fullmatch(link)
    if match is None:
        raise Refused("This link is not one of PrintLab's. Click “Open file” in PrintLab once more.")
    return match[1]


def parts_of(relative: str) -> tuple[str, ...]:
    """The folders and the name of a path below the storage root; raises Refused for all that is not just that.

    The lab's own names are letters, digits, ``_``, ``.`` and ``-`` (docs/opener.md), so nothing else is let through:
    no way up, no root, drive, share or stream, no NUL, no device name, and nothing that a shell would read.
    """
    parts = tuple(relative.split("/"))
    harmless = all(_PART.fullmatch(part) and not part.endswith(".") and not _RESERVED.fullmatch(part) for part in parts)
    if not harmless or not 0 < len(parts) <= _MOST_PARTS:
        raise Refused(
            "The server named a file that does not lie in the lab's storage. Nothing was opened; tell the lab manager."
        )
    extension_of(parts[-1])
    return parts


def extension_of(name: str) -> str:
    """The extension of a file that may be opened; raises Refused for any other."""
    found = next((extension for extension in EXTENSIONS if name.lower().endswith(extension)), None)
    if found is None:
        raise Refused(f"{name} is neither a model nor a sliced file, so it is not opened.")
    return found


def root_problem(root: str) -> str | None:
    """Why the storage root cannot be used on this computer, or None."""
    if not root:
        return (
            "This computer does not know where the lab's share is. Say it with printlab-open --install --root FOLDER."
        )
    if not Path(root).is_absolute():
        return f"The configured folder “{root}” is not a whole path. Write it from the drive or the root on."
    try:
        marked = (Path(root) / _MARK).is_file()
    except OSError:
        marked = False
    if not marked:
        return f"The lab's share is not there: {root} has no {_MARK} in it. Connect the share, then click again."
    return None


def place_below(root: Path, relative: str) -> Path:
    """The file at ``relative`` below ``root``; raises Refused when it is not there, or no plain file of this folder.

    A link anywhere on the way is refused, wherever it leads: the server makes none.
    """
    parts = parts_of(relative)
    try:
        expected = root.resolve(strict=True).joinpath(*parts)
        real = expected.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        raise Refused(
            f"The file is not there: {root.joinpath(*parts)}. Somebody may have moved the job: click again."
        ) from None
    if real != expected or not real.is_file():
        raise Refused(f"A link or a folder lies where {parts[-1]} belongs, so it is not opened. Tell the lab manager.")
    return root.joinpath(*parts)


def check_content(path: Path, size: int, sha256: str) -> None:
    """Return when the file is the one that counts, by its size and, up to 100 MB, its SHA-256; raise Refused."""
    try:
        matches = path.stat().st_size == size and (size > _HASHED_BYTES or _sha256(path) == sha256)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror or error}.") from error
    if not matches:
        raise Refused(
            f"{path.name} in the share is not the file that PrintLab knows: somebody saved over it, or it is being "
            "copied. Look at the job's page, and click again in a minute."
        )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


# ---------- the server ----------


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The configured server is the only one that is asked."""

    def redirect_request(self, *_arguments: Any, **_options: Any) -> None:
        return None


class FileToOpen(NamedTuple):
    """What the server says of the file."""

    path: str
    bytes: int
    sha256: str


def redeem(config: Config, token: str, problem: str | None) -> FileToOpen | None:
    """The file that the token opens, None for a trial; raises Refused in the server's words or about the connection."""
    answer = ask(config, "/api/v1/open/redeem", _body(config, token, problem))
    file = answer.get("file")
    if file is None:
        return None
    try:
        path, size, sha256 = file["path"], file["bytes"], file["sha256"]
    except (KeyError, TypeError):
        raise _strange(config) from None
    if not (isinstance(path, str) and type(size) is int and isinstance(sha256, str)):
        raise _strange(config)
    return FileToOpen(path, size, sha256)


def conclude(config: Config, token: str, problem: str | None) -> None:
    """Tell the server that the file opened, or why not; one that does not take it keeps nobody from working."""
    try:
        ask(config, "/api/v1/open/conclude", _body(config, token, problem))
    except Refused as refusal:
        log.warning("the server did not take what came of it: %s", refusal)


def _body(config: Config, token: str, problem: str | None) -> dict[str, Any]:
    return {"token": token, "workstation": config.workstation, "problem": problem and problem[:_PROBLEM_LENGTH]}


def ask(config: Config, address: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The server's answer to a request, a JSON object; raises Refused."""
    handlers = [urllib.request.ProxyHandler({}), _NoRedirect(), urllib.request.HTTPSHandler(context=_trust(config))]
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "User-Agent": f"printlab-open/{VERSION}",
    }
    request = urllib.request.Request(  # noqa: S310  (the scheme was checked with the configuration)
        config.server + address, None if body is None else json.dumps(body).encode(), headers
    )
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=_PATIENCE_S) as answer:
            return _object_in(_read(answer, config), config)
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(_detail(error, config)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        why = getattr(reason, "strerror", None) or reason
        raise Refused(
            f"The lab's server {config.server} does not answer ({why}). Check the network, then click again."
        ) from error
    except http.client.HTTPException:
        raise _strange(config) from None


def _trust(config: Config) -> ssl.SSLContext | None:
    """The authorities that are trusted; None where the connection is not encrypted. Raises Refused."""
    if not config.server.startswith("https:"):
        return None
    try:
        return ssl.create_default_context(cafile=config.ca_file)
    except (OSError, ValueError) as error:
        raise Refused(
            f"The certificate file {config.ca_file} cannot be used ({getattr(error, 'strerror', None) or error}). "
            "Correct “ca_file” in the configuration."
        ) from error


def _read(answer: addinfourl | urllib.error.HTTPError, config: Config) -> bytes:
    """At most 64 kB within 10 s more, to the end: whoever trickles, pours or breaks off is not our server."""
    content, deadline = bytearray(), time.monotonic() + _PATIENCE_S
    while chunk := answer.read1(_ANSWER_BYTES):
        content += chunk
        if len(content) > _ANSWER_BYTES or time.monotonic() > deadline:
            raise _strange(config)
    if getattr(answer, "length", None):  # read1 says nothing of what was announced and did not come
        raise _strange(config)
    return bytes(content)


def _object_in(content: bytes, config: Config) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise _strange(config) from None
    if not isinstance(found, dict):
        raise _strange(config)
    return found


def _detail(error: urllib.error.HTTPError, config: Config) -> str:
    if 300 <= error.code < 400:
        return f"The server {config.server} sends this computer elsewhere, which is refused. Configure its own address."
    try:
        detail = _object_in(_read(error, config), config).get("detail")
    except (Refused, OSError, http.client.HTTPException):
        detail = None
    if not isinstance(detail, str):
        return f"The server {config.server} refused with status {error.code}."
    return "".join(char for char in detail if char.isprintable())[:500]


def _strange(config: Config) -> Refused:
    return Refused(f"The answer of {config.server} is not one of PrintLab's. Check the address in the configuration.")


# ---------- slicers ----------

_MODELS = (".stl", ".obj", ".3mf")
# Where the usual slicers lie: names on the PATH, below Program Files, in Applications.
_KNOWN: tuple[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("PrusaSlicer", (*_MODELS, ".sl1", ".sl1s"),
     ("prusa-slicer", "PrusaSlicer"), ("Prusa3D/PrusaSlicer/prusa-slicer.exe",),
     ("Original Prusa Drivers/PrusaSlicer.app", "PrusaSlicer.app")),
    ("PrusaSlicer G-code Viewer", (".gcode", ".bgcode"),
     ("prusa-gcodeviewer",), ("Prusa3D/PrusaSlicer/prusa-gcodeviewer.exe",),
     ("Original Prusa Drivers/PrusaGCodeViewer.app",)),
    ("OrcaSlicer", (*_MODELS, ".gcode.3mf", ".gcode"),
     ("orca-slicer", "OrcaSlicer"), ("OrcaSlicer/orca-slicer.exe",), ("OrcaSlicer.app",)),
    ("Bambu Studio", (*_MODELS, ".gcode.3mf", ".gcode"),
     ("bambu-studio", "BambuStudio"), ("Bambu Studio/bambu-studio.exe",), ("BambuStudio.app",)),
    ("UltiMaker Cura", (*_MODELS, ".gcode"),
     ("cura", "UltiMaker-Cura"), ("UltiMaker Cura */UltiMaker-Cura.exe",), ("UltiMaker Cura.app",)),
    ("ideaMaker", (*_MODELS, ".idea", ".gcode"),
     ("ideamaker", "ideaMaker"), ("Raise3D/ideaMaker/ideaMaker.exe",), ("ideaMaker.app",)),
    ("PreForm", (".form", ".stl", ".obj"),
     ("PreForm",), ("Formlabs/PreForm/PreForm.exe",), ("PreForm.app",)),
)  # fmt: skip


def slicers_for(extension: str, configured: Sequence[Slicer]) -> list[Slicer]:
    """The slicers for an extension: those that are configured for it, or the usual ones that are installed here."""
    fitting = [slicer for slicer in configured if extension in slicer.extensions]
    return fitting or [slicer for slicer in installed_slicers() if extension in slicer.extensions]


def installed_slicers() -> list[Slicer]:
    """The usual slicers that this computer has."""
    found: list[Slicer] = []
    for name, extensions, commands, programs, apps in _KNOWN:
        command = _installed(commands, programs, apps)
        if command:
            found.append(Slicer(name, extensions, command))
    return found


def _installed(commands: Sequence[str], programs: Sequence[str], apps: Sequence[str]) -> tuple[str, ...]:
    if sys.platform == "win32":
        roots = [
            Path(os.environ[name]) for name in ("PROGRAMFILES", "PROGRAMW6432", "LOCALAPPDATA") if name in os.environ
        ]
        paths = sorted((path for root in roots for program in programs for path in root.glob(program)), reverse=True)
        return (str(paths[0]),) if paths else ()
    if sys.platform == "darwin":
        found = next((app for app in apps if (Path("/Applications") / app).is_dir()), None)
        return ("/usr/bin/open", "-a", f"/Applications/{found}") if found else ()
    on_path = (shutil.which(command) for command in commands)
    return tuple(path for path in on_path if path)[:1]


def start(slicer: Slicer, path: Path) -> None:
    """Start the slicer with the file as its last argument, without a shell; raises Refused when it does not start."""
    program = shutil.which(slicer.command[0])
    if program is None:
        raise Refused(f"{slicer.name} is not where it is configured: {slicer.command[0]}.")
    if program.lower().endswith(_BAT):
        raise Refused(
            f"{slicer.name} is configured as a batch file, which runs in a shell. Configure the program itself."
        )
    try:
        process = subprocess.Popen(  # noqa: S603  (an argument list; the program comes from the configuration)
            [program, *slicer.command[1:], str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **_on_its_own(),
        )
    except OSError as error:
        raise Refused(f"{slicer.name} does not start: {error.strerror or error}.") from error
    try:
        failed = process.wait(_FAILS_WITHIN_S)
    except subprocess.TimeoutExpired:
        failed = 0
    if failed:
        raise Refused(f"{slicer.name} ended at once with status {failed}. Start it by hand and open {path} from there.")


def _on_its_own() -> dict[str, Any]:
    """What lets the slicer live on when this process ends."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


# ---------- one click ----------

Chooser = Callable[[Sequence[Slicer], str], "Slicer | None"]


def open_link(link: str, config: Config, choose: Chooser) -> str:
    """Do what a link says; gives what was done, for the log. Raises Refused."""
    token = token_of(link)
    problem = root_problem(config.root)
    file = redeem(config, token, problem)
    if problem:
        raise Refused(problem)
    if file is None:
        return "answered a trial"
    try:
        slicer = _open(file, config, choose)
    except Refused as refusal:
        conclude(config, token, str(refusal))
        raise
    conclude(config, token, None if slicer else "No slicer was chosen.")
    return f"opened {file.path} with {slicer.name}" if slicer else f"nothing was chosen for {file.path}"


def _open(file: FileToOpen, config: Config, choose: Chooser) -> Slicer | None:
    """Start a slicer with the file, if it is the one that counts; None when nobody chose one of several."""
    path = place_below(Path(config.root), file.path)
    check_content(path, file.bytes, file.sha256)
    slicer = _chosen(path.name, config, choose)
    if slicer is not None:
        start(slicer, path)
    return slicer


def _chosen(name: str, config: Config, choose: Chooser) -> Slicer | None:
    extension = extension_of(name)
    fitting = slicers_for(extension, config.slicers)
    if not fitting:
        raise Refused(
            f"No slicer for {extension} files was found on this computer. Install one, or name it in {user_config()}."
        )
    return fitting[0] if len(fitting) == 1 else choose(fitting, name)


# ---------- windows of our own ----------


def choose_in_window(slicers: Sequence[Slicer], name: str) -> Slicer | None:
    """Ask which slicer; None when the window is closed. Without windows the first one is taken."""
    window = _new_window(f"Open {name} with")
    if window is None:
        log.info("no window can be shown: %s is taken, the first of several", slicers[0].name)
        return slicers[0]
    chosen: list[Slicer] = []

    def take(slicer: Slicer) -> None:
        chosen.append(slicer)
        window.destroy()

    import tkinter as tk  # noqa: PLC0415  (not every Python has it)

    tk.Label(window, text=f"Open {name} with", padx=24, pady=12).pack()
    for slicer in slicers:
        button = tk.Button(window, text=slicer.name, width=36, pady=6, command=lambda slicer=slicer: take(slicer))
        button.bind("<Return>", lambda _event, slicer=slicer: take(slicer))
        button.pack(padx=24, pady=4)
        if slicer is slicers[0]:
            button.focus_set()
    tk.Button(window, text="Cancel", relief="flat", command=window.destroy).pack(pady=(4, 12))
    window.bind("<Escape>", lambda _event: window.destroy())
    window.mainloop()
    return chosen[0] if chosen else None


def tell(sentence: str) -> None:
    """Say why nothing was opened: in a window, else as a notification of the desktop, and on the console."""
    print(sentence, file=sys.stderr)  # noqa: T201  (a console, where there is one, is a screen too)
    window = _new_window(NAME)
    if window is not None:
        from tkinter import messagebox  # noqa: PLC0415  (not every Python has it)

        window.withdraw()
        messagebox.showerror(f"{NAME}: nothing was opened", sentence, parent=window)
        window.destroy()
    elif notify := shutil.which("notify-send"):
        subprocess.run([notify, f"{NAME}: nothing was opened", sentence], check=False, timeout=_PATIENCE_S)  # noqa: S603


def _new_window(title: str) -> tk.Tk | None:
    """A window, or None where none can be shown."""
    try:
        import tkinter as tk  # noqa: PLC0415  (not every Python has it)
    except ImportError:
        return None
    try:
        window = tk.Tk()
    except tk.TclError:
        return None
    window.title(title)
    window.attributes("-topmost", True)
    return window


def write_log() -> None:
    """Keep what happens in a file of this person's, at most half a megabyte; tokens are never in it."""
    try:
        log_file().parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            log_file(), maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8"
        )
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)


def log_file() -> Path:
    """Where the log lies."""
    return _folder("LOCALAPPDATA", "XDG_STATE_HOME", ".local/state") / "open.log"


# ---------- registering with the system ----------


def installed_helper() -> Path:
    """Where the registered helper lies."""
    return _folder("LOCALAPPDATA", "XDG_DATA_HOME", ".local/share") / _own_file().name


def _own_file() -> Path:
    """The archive that this runs from, or the one file."""
    here = Path(__file__)
    return here.parent if here.parent.is_file() else here


def install(facts: Mapping[str, str]) -> str:
    """Keep a copy of this helper and the configuration, and register both for links; gives what to do next."""
    kept = {**_read_config(user_config()), **facts}
    config = config_of({**baked(), **_read_config(machine_config()), **kept})
    user_config().parent.mkdir(parents=True, exist_ok=True)
    user_config().write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    helper = installed_helper()
    helper.parent.mkdir(parents=True, exist_ok=True)
    if helper.resolve() != _own_file().resolve():
        shutil.copyfile(_own_file(), helper)
    _register(_interpreter(), helper)
    return (
        f"{NAME} links are opened by {helper} for {config.server}, as “{config.workstation}”.\n"
        "Try it on the lab's page “Set up Open file”."
    )


def _interpreter() -> Path:
    """The Python that runs this; on Windows the one without a console window, where there is one."""
    windowless = Path(sys.executable).with_name("pythonw.exe")
    return windowless if sys.platform == "win32" and windowless.exists() else Path(sys.executable)


def _register(python: Path, helper: Path) -> None:
    if sys.platform == "win32":
        _write_registry(registry_values(python, helper))
    elif sys.platform == "darwin":
        _make_app(python, helper)
    else:
        entry = desktop_file()
        entry.parent.mkdir(parents=True, exist_ok=True)
        entry.write_text(desktop_entry(python, helper), encoding="utf-8")
        _run("xdg-mime", "default", entry.name, f"x-scheme-handler/{SCHEME}")


def uninstall() -> str:
    """Take the registration back; the configuration stays. Gives what was done."""
    if sys.platform == "win32":
        _clear_registry()
    elif sys.platform == "darwin":
        shutil.rmtree(_app(), ignore_errors=True)
    else:
        desktop_file().unlink(missing_ok=True)
    if installed_helper().exists() and installed_helper().resolve() != _own_file().resolve():
        installed_helper().unlink()
    return f"{NAME} links are no longer opened here. The configuration stays in {user_config()}."


def _run(*command: str) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise Refused(
            f"{command[0]} is missing. Install it (on Debian and Ubuntu: the package xdg-utils), then try again."
        )
    done = subprocess.run(  # noqa: S603  (the system's own tools, with an argument list)
        [program, *command[1:]], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refused(f"{command[0]} failed: {done.stderr.strip() or done.returncode}.")


def registry_values(python: PurePath, helper: PurePath) -> dict[str, dict[str, str]]:
    """What stands below HKEY_CURRENT_USER on Windows: each key with its values."""
    root = rf"Software\Classes\{SCHEME}"
    command = f'"{python}" "{helper}" --link "%1"'
    return {
        root: {"": f"URL:{NAME}: open file", "URL Protocol": ""},
        rf"{root}\shell\open\command": {"": command},
    }


def _write_registry(values: Mapping[str, Mapping[str, str]]) -> None:
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415  (Windows only)

        for key, named in values.items():
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                for name, value in named.items():
                    winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)


def _clear_registry() -> None:
    if sys.platform == "win32":
        import contextlib  # noqa: PLC0415  (Windows only)
        import winreg  # noqa: PLC0415  (Windows only)

        for key in (r"\shell\open\command", r"\shell\open", r"\shell", ""):
            with contextlib.suppress(FileNotFoundError):
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, rf"Software\Classes\{SCHEME}{key}")


def desktop_file() -> Path:
    """Where Linux desktops look for who opens the links."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "applications/printlab-open.desktop"


def desktop_entry(python: PurePath, helper: PurePath) -> str:
    """The desktop file of Linux (Desktop Entry Specification 1.5)."""
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        f"Name={NAME}: open file\n"
        f"Exec={_quoted(str(python))} {_quoted(str(helper))} --link %u\n"
        "NoDisplay=true\n"
        "Terminal=false\n"
        f"MimeType=x-scheme-handler/{SCHEME};\n"
    )


def _quoted(argument: str) -> str:
    """An argument as the specification wants it; plain ones stay bare, for xdg-open takes quotes literally."""
    if re.fullmatch(r"[A-Za-z0-9/._+-]+", argument):
        return argument
    escaped = re.sub(r'(["`$\\])', r"\\\1", argument).replace("\\", "\\\\").replace("%", "%%")
    return f'"{escaped}"'


def _app() -> Path:
    return Path.home() / "Applications" / "PrintLab Open.app"


def _make_app(python: Path, helper: Path) -> None:
    """macOS hands links over as Apple events, which only an applet gets: a script of three lines passes them on."""
    app = _app()
    app.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(app, ignore_errors=True)
    _run("osacompile", "-o", str(app), "-e", applet_script(python, helper))
    info = app / "Contents" / "Info.plist"
    info.write_bytes(plistlib.dumps({**plistlib.loads(info.read_bytes()), **applet_facts()}))
    framework = "/System/Library/Frameworks/CoreServices.framework/Frameworks/LaunchServices.framework"
    _run(f"{framework}/Support/lsregister", "-f", str(app))


def applet_script(python: PurePath, helper: PurePath) -> str:
    """The applet that passes a link on; ``quoted form`` keeps it one argument."""
    command = " & space & ".join(f"quoted form of {_apple_text(str(part))}" for part in (python, helper))
    return (
        "on open location link\n"
        f'do shell script {command} & " --link " & quoted form of link & " >/dev/null 2>&1 &"\n'
        "end open location"
    )


def _apple_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def applet_facts() -> dict[str, Any]:
    """What the applet's Info.plist says besides: which links are its own, and that it has no icon in the Dock."""
    return {
        "CFBundleIdentifier": "org.printlab.open",
        "CFBundleURLTypes": [{"CFBundleURLName": f"{NAME}: open file", "CFBundleURLSchemes": [SCHEME]}],
        "LSUIElement": True,
    }


# ---------- the command line ----------


def self_test() -> int:
    """Say what is set up here and what is missing; 0 when a file could be opened."""
    try:
        config = load_config()
    except Refused as refusal:
        print(f"Configuration: {refusal}")  # noqa: T201  (the console is its screen)
        return 1
    found = sorted({slicer.name for extension in EXTENSIONS for slicer in slicers_for(extension, config.slicers)})
    checks = {
        "Workstation": (config.workstation, None),
        "Server": (config.server, _server_problem(config)),
        "Share": (config.root, root_problem(config.root)),
        "Slicers": (", ".join(found), None if found else "none was found; name one in the configuration"),
    }
    for name, (value, problem) in checks.items():
        print(f"{name}: {problem or value}")  # noqa: T201  (the console is its screen)
    print(f"Log: {log_file()}")  # noqa: T201  (the console is its screen)
    return 1 if any(problem for _, problem in checks.values()) else 0


def _server_problem(config: Config) -> str | None:
    try:
        ask(config, "/healthz/live")
    except Refused as refusal:
        return str(refusal)
    return None


def main(argv: Sequence[str]) -> int:
    """Run what the command line says; 0 when it was done, 1 when it was refused."""
    write_log()
    try:
        if argv[:1] == ["--link"]:
            # The system starts us so, with what a page made up: whatever is more than one link is refused.
            log.info("%s", open_link(argv[1] if len(argv) == 2 else "", load_config(), choose_in_window))
            return 0
        return _command(argv)
    except Refused as refusal:
        log.warning("%s", refusal)
        tell(str(refusal))
    except Exception:
        log.exception("unexpected")
        tell(f"Something went wrong. It is in {log_file()}: show it to the lab manager.")
    return 1


def _command(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="printlab-open", description="Opens a lab's files in this computer's slicer.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--install", action="store_true", help="register this helper for PrintLab's links")
    action.add_argument("--uninstall", action="store_true", help="take the registration back")
    action.add_argument("--self-test", action="store_true", help="say what is set up and what is missing")
    parser.add_argument("--server", help="the lab's address (default: the one this helper was made for)")
    parser.add_argument("--workstation", help="what this computer is called in the lab (default: its own name)")
    parser.add_argument("--root", help="where this computer has mounted the lab's storage root")
    given = parser.parse_args(argv)
    if given.self_test:
        return self_test()
    named = {"server": given.server, "workstation": given.workstation, "root": given.root}
    done = uninstall() if given.uninstall else install({name: value for name, value in named.items() if value})
    print(done)  # noqa: T201  (the console is its screen)
    return 0


def run() -> NoReturn:
    """The entry of the archive."""
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
