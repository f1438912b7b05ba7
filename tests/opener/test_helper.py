"""What the helper is configured for, whom it talks to, and how it starts a slicer."""

from __future__ import annotations

import ast
import http.server
import json
import plistlib
import re
import shlex
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import pytest

from printlab.opener import printlab_open as helper
from printlab.opener.packing import packed
from printlab.opener.printlab_open import Config, Refused, Slicer
from printlab.services import opening

SOURCE = Path(helper.__file__)
SERVER = "https://print.example.edu"
MODEL = "ReadyToPrint/JaneDoe_Filament_Blue_123.stl"


# ---------- configuration ----------


@pytest.mark.parametrize(
    "server", [SERVER, f"{SERVER}/", f"{SERVER}:8443", "http://localhost:8080", "http://127.0.0.1", "http://[::1]:80"]
)
def test_a_server_by_https_or_on_the_computer_itself_is_taken(server: str) -> None:
    assert helper.checked_server(server) == server.rstrip("/")


@pytest.mark.parametrize(
    "server",
    [
        "http://print.example.edu", "ftp://print.example.edu", "file:///etc", "print.example.edu", "https://", "",
        "http://localhost.example.edu", "http://127.0.0.1.example.edu", "https://user:word@print.example.edu",
        "https://print.example.edu/elsewhere", "https://print.example.edu?x", "https://print.example.edu#x",
        "http://localhost@print.example.edu",
    ],
)  # fmt: skip
def test_any_other_server_is_refused(server: str) -> None:
    with pytest.raises(Refused):
        helper.config_of({"server": server})


def test_a_computer_without_a_name_of_its_own_goes_by_its_hosts() -> None:
    assert helper.config_of({"server": SERVER}).workstation
    assert helper.config_of({"server": SERVER, "workstation": " Front Desk "}).workstation == "Front Desk"


@pytest.mark.parametrize(
    "slicers",
    [
        "prusa-slicer", [1], ["prusa-slicer"], [{}], [{"name": "A", "extensions": [".stl"]}],
        [{"name": "A", "extensions": [".stl"], "command": "prusa-slicer --single-instance"}],
        [{"name": "A", "extensions": ".stl", "command": ["a"]}], [{"name": "A", "extensions": [".stl"], "command": []}],
        [{"name": "A", "extensions": [".stl"], "command": ["a", 1]}],
    ],
)  # fmt: skip
def test_a_slicer_is_an_argument_list(slicers: object) -> None:
    with pytest.raises(Refused):
        helper.config_of({"server": SERVER, "slicers": slicers})


def test_what_a_person_configures_counts_over_what_the_server_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    helper.user_config().parent.mkdir(parents=True)
    helper.user_config().write_text(json.dumps({"server": SERVER, "root": "/mnt/prints"}), encoding="utf-8")
    assert helper.load_config()[:3] == (SERVER, helper.load_config().workstation, "/mnt/prints")
    helper.user_config().write_text("[]", encoding="utf-8")
    with pytest.raises(Refused, match="must be a JSON object"):
        helper.load_config()
    helper.user_config().write_text("{", encoding="utf-8")
    with pytest.raises(Refused, match="cannot be read"):
        helper.load_config()


# ---------- the server ----------


class Request(http.server.BaseHTTPRequestHandler):
    """What arrived, with its body."""

    body: bytes

    def log_message(self, *_arguments: object) -> None:
        """Nobody reads it."""


@contextmanager
def answering(answer: Callable[[Request], None]) -> Iterator[Config]:
    """A server that gives this answer to everything, and a configuration that names it."""

    class Handler(Request):
        def do_POST(self) -> None:
            self.body = self.rfile.read(int(self.headers["Content-Length"]))
            answer(self)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Config(f"http://127.0.0.1:{server.server_port}", "Front Desk", "/mnt/prints")
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def saying(body: bytes, status: int = 200, **headers: str) -> Callable[[Request], None]:
    """An answer with this body."""

    def answer(request: Request) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def refused(config: Config) -> str:
    """Why redeeming fails there."""
    with pytest.raises(Refused) as refusal:
        helper.redeem(config, "a" * 43, None)
    return str(refusal.value)


def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []
    with (
        answering(lambda request: asked.append(request.path)) as elsewhere,
        answering(saying(b"", 307, Location=f"{elsewhere.server}/api/v1/open/redeem")) as config,
    ):
        assert "sends this computer elsewhere" in refused(config)
    assert asked == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b"null", b"1", b"[" * 50_000, b'{"file": 1}', b'{"file": {}}', b'{"file": []}',
        b'{"file": {"path": 1, "bytes": 1, "sha256": ""}}', b'{"file": {"path": "a", "bytes": true, "sha256": ""}}',
        b'{"file": {"path": "a", "bytes": "1", "sha256": ""}}', b'{"file": ' + b" " * 70_000 + b"null}",
    ],
)  # fmt: skip
def test_an_answer_that_is_not_the_labs_opens_nothing(body: bytes) -> None:
    with answering(saying(body)) as config:
        assert "not one of PrintLab's" in refused(config)


def raw(content: bytes) -> Callable[[Request], None]:
    """An answer of these bytes, head and all, after which the server closes."""

    def answer(request: Request) -> None:
        request.wfile.write(content)
        request.close_connection = True

    return answer


BROKEN = [
    pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="another protocol"),
    pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n{}", id="too many headers"),
    pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000, id="a header without an end"),
    pytest.param(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"file":null}', id="cut short"),
    pytest.param(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n{"file":null}\r\n', id="no last chunk"),
]


@pytest.mark.parametrize("content", BROKEN)
def test_an_answer_that_breaks_off_or_is_no_http_is_told_so(content: bytes) -> None:
    with answering(raw(content)) as config:
        assert "not one of PrintLab's" in refused(config)


def test_a_refusal_that_breaks_off_is_one_all_the_same() -> None:
    with answering(raw(b"HTTP/1.1 502 Bad\r\nTransfer-Encoding: chunked\r\n\r\nd\r\nx")) as config:
        assert "refused with status 502" in refused(config)


def test_a_refusal_is_told_in_the_servers_words_without_what_could_mislead() -> None:
    detail = "This link was used already.\r\n\x1b[2J\u202e" + "x" * 1000
    with answering(saying(json.dumps({"detail": detail}).encode(), 404)) as config:
        said = refused(config)
    assert said.startswith("This link was used already.")
    assert said.isprintable()
    assert len(said) <= 500
    with answering(saying(b"<html>", 502)) as config:
        assert "refused with status 502" in refused(config)


def test_nobody_waits_for_a_server_that_trickles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helper, "_PATIENCE_S", 0.5)
    stop = threading.Event()

    def trickle(request: Request) -> None:
        request.send_response(200)
        request.end_headers()
        while not stop.wait(0.1):
            try:
                request.wfile.write(b" ")
            except OSError:
                return

    with answering(trickle) as config:
        began = time.monotonic()
        assert "not one of PrintLab's" in refused(config)
        assert time.monotonic() - began < 5
        stop.set()


def test_a_server_that_is_not_there_is_told_so() -> None:
    assert "does not answer" in refused(Config("http://127.0.0.1:1", "Front Desk", ""))


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with answering(saying(b'{"file": null}')) as config:
        assert helper.redeem(config, "a" * 43, None) is None


# ---------- slicers ----------


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A slicer that writes down what it was started with."""
    path = tmp_path / "my slicer & friends"
    path.write_text(
        f"#!{sys.executable}\nimport json, sys\nfrom pathlib import Path\n"
        f"Path({str(tmp_path / 'started.json')!r}).write_text(json.dumps(sys.argv[1:]))\n",
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path


def started_with(folder: Path) -> list[str]:
    """What the slicer wrote down."""
    deadline = time.monotonic() + 10
    while not (folder / "started.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return json.loads((folder / "started.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "folder",
    ["a b", "a;touch pwned", "$(touch pwned)", "`touch pwned`", "a & b | c", "'", '"', "%PATH%", "-rf", "*", "a\nb"],
)
def test_a_slicer_gets_the_file_as_one_argument_whatever_its_folder_is_called(
    tmp_path: Path, program: Path, folder: str
) -> None:
    path = tmp_path / folder / "part.stl"
    helper.start(Slicer("Stand-in", (".stl",), (str(program), "--single-instance", "$HOME")), path)
    assert started_with(tmp_path) == ["--single-instance", "$HOME", str(path)]
    assert not list(tmp_path.rglob("pwned"))


def test_a_slicer_that_is_not_there_or_ends_at_once_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not where it is configured"):
        helper.start(Slicer("Gone", (".stl",), (str(tmp_path / "gone"),)), tmp_path / "part.stl")
    with pytest.raises(Refused, match="ended at once with status 3"):
        helper.start(Slicer("Broken", (".stl",), (sys.executable, "-c", "exit(3)")), tmp_path / "part.stl")


def test_a_batch_file_is_not_started_for_it_runs_in_a_shell(tmp_path: Path) -> None:
    for name in ("slicer.bat", "slicer.CMD"):
        (tmp_path / name).touch(0o755)
        with pytest.raises(Refused, match="batch file"):
            helper.start(Slicer("Batch", (".stl",), (str(tmp_path / name),)), tmp_path / "part.stl")


def test_a_slicer_lives_on_when_the_helper_ends(tmp_path: Path) -> None:
    slow = "import sys, time; time.sleep(2.5); open(sys.argv[1], 'w').write('still here')"
    click = "import sys, printlab_open as o; o.start(o.Slicer('Slow', (), sys.argv[1:4]), o.Path(sys.argv[4]))"
    place = tmp_path / "part.stl"
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-c", click, sys.executable, "-c", slow, str(place)], cwd=SOURCE.parent, check=True, timeout=30
    )
    assert time.monotonic() - began < 2.5
    deadline = time.monotonic() + 20
    while not place.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_configured_slicers_come_before_those_that_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("prusa-slicer", "orca-slicer"):
        (tmp_path / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    own = Slicer("Own", (".stl",), ("own",))
    assert helper.slicers_for(".stl", [own]) == [own]
    assert [slicer.name for slicer in helper.slicers_for(".obj", [own])] == ["PrusaSlicer", "OrcaSlicer"]
    assert helper.slicers_for(".form", [own]) == []


def test_every_extension_has_a_usual_slicer() -> None:
    known = {extension for _, extensions, *_ in helper._KNOWN for extension in extensions}
    assert known == set(helper.EXTENSIONS)


# ---------- one click ----------


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """A mounted share with a model in it."""
    root = tmp_path / "share"
    (root / MODEL).parent.mkdir(parents=True)
    (root / MODEL).write_bytes(b"solid\n")
    (root / ".printlab-storage").touch()
    return root


LINK = f"printlab://open/{'a' * 43}"


def never(slicers: Sequence[Slicer], name: str) -> Slicer | None:
    """Nobody is to be asked."""
    raise AssertionError(name)


def file_answer(share: Path, **other: Any) -> bytes:
    """What the server says of the model."""
    digest = helper._sha256(share / MODEL)
    return json.dumps({"file": {"path": MODEL, "bytes": 6, "sha256": digest, **other}}).encode()


def test_the_one_slicer_for_a_file_is_started_without_a_question(share: Path, tmp_path: Path, program: Path) -> None:
    own = Slicer("Own", (".stl",), (str(program),))
    with answering(saying(file_answer(share))) as config:
        done = helper.open_link(LINK, config._replace(root=str(share), slicers=(own,)), never)
    assert done == f"opened {MODEL} with Own"
    assert started_with(tmp_path) == [str(share / MODEL)]


def test_of_several_slicers_somebody_chooses_one_or_none(share: Path, tmp_path: Path, program: Path) -> None:
    slicers = (Slicer("First", (".stl",), ("gone",)), Slicer("Second", (".stl",), (str(program),)))
    asked: list[list[str]] = []

    def choose(offered: Sequence[Slicer], name: str) -> Slicer | None:
        asked.append([*(slicer.name for slicer in offered), name])
        return offered[1] if len(asked) > 1 else None

    with answering(saying(file_answer(share))) as server:
        config = server._replace(root=str(share), slicers=slicers)
        assert "nothing was chosen" in helper.open_link(LINK, config, choose)
        assert helper.open_link(LINK, config, choose) == f"opened {MODEL} with Second"
    assert asked == [["First", "Second", Path(MODEL).name]] * 2


@pytest.mark.parametrize(
    ("lie", "sentence"),
    [
        ({"path": "../share/" + MODEL}, "does not lie in the lab's storage"),
        ({"path": "/etc/passwd"}, "does not lie in the lab's storage"),
        ({"path": "ReadyToPrint/Other_Filament_Blue_1.stl"}, "not there"),
        ({"sha256": "0" * 64}, "saved over it"),
        ({"bytes": 7}, "saved over it"),
    ],
)
def test_a_server_that_names_another_file_starts_nothing(share: Path, lie: dict[str, Any], sentence: str) -> None:
    with answering(saying(file_answer(share, **lie))) as config, pytest.raises(Refused, match=re.escape(sentence)):
        helper.open_link(LINK, config._replace(root=str(share), slicers=(Slicer("Own", (".stl",), ("x",)),)), never)


def test_a_share_that_is_not_mounted_is_told_to_the_server_and_to_the_person(tmp_path: Path) -> None:
    sent: list[dict[str, Any]] = []

    def answer(request: Request) -> None:
        sent.append(json.loads(request.body))
        saying(b'{"file": null}')(request)

    with answering(answer) as config, pytest.raises(Refused, match="Connect the share"):
        helper.open_link(LINK, config._replace(root=str(tmp_path)), never)
    assert (sent[0]["token"], sent[0]["workstation"]) == ("a" * 43, "Front Desk")
    assert "Connect the share" in sent[0]["problem"]


def test_a_problem_is_told_no_longer_than_the_server_takes_it() -> None:
    sent: list[dict[str, Any]] = []

    def answer(request: Request) -> None:
        sent.append(json.loads(request.body))
        saying(b'{"file": null}')(request)

    with answering(answer) as config, pytest.raises(Refused):
        helper.open_link(LINK, config._replace(root="/" + "long/" * 200), never)
    assert len(sent[0]["problem"]) == opening._PROBLEM_LIMIT


@contextmanager
def lab_for(share: Path, **other: Any) -> Iterator[tuple[Config, list[tuple[str, dict[str, Any]]]]]:
    """A lab's server whose file lies in the share, a configuration for it, and all that it is sent."""
    sent: list[tuple[str, dict[str, Any]]] = []

    def answer(request: Request) -> None:
        sent.append((request.path, json.loads(request.body)))
        saying(file_answer(share, **other))(request)

    with answering(answer) as config:
        yield config._replace(root=str(share)), sent


CONCLUDE = "/api/v1/open/conclude"


def test_the_server_is_told_that_the_file_opened_and_only_then(share: Path, tmp_path: Path, program: Path) -> None:
    started: list[bool] = []

    def choose(slicers: Sequence[Slicer], _name: str) -> Slicer:
        started.append(any(path == CONCLUDE for path, _ in sent))
        return slicers[0]

    with lab_for(share) as (config, sent):
        helper.open_link(LINK, config._replace(slicers=(Slicer("Own", (".stl",), (str(program),)),) * 2), choose)
    assert started == [False]
    assert started_with(tmp_path) == [str(share / MODEL)]
    redemption, conclusion = sent
    assert redemption[0] == "/api/v1/open/redeem"
    assert conclusion == (CONCLUDE, {"token": "a" * 43, "workstation": "Front Desk", "problem": None})


@pytest.mark.parametrize(
    ("lie", "slicer", "problem"),
    [
        ({"sha256": "0" * 64}, ("x",), "somebody saved over it"),
        ({"path": "ReadyToPrint/Other_Filament_Blue_1.stl"}, ("x",), "not there"),
        ({}, ("gone",), "not where it is configured"),
        ({}, (sys.executable, "-c", "exit(3)"), "ended at once with status 3"),
    ],
)
def test_the_server_is_told_why_the_file_did_not_open(
    share: Path, lie: dict[str, Any], slicer: tuple[str, ...], problem: str
) -> None:
    with lab_for(share, **lie) as (config, sent), pytest.raises(Refused, match=problem):
        helper.open_link(LINK, config._replace(slicers=(Slicer("Own", (".stl",), slicer),)), never)
    assert [path for path, _ in sent][1:] == [CONCLUDE]
    assert problem in sent[1][1]["problem"]


def test_the_server_is_told_that_nobody_chose_a_slicer(share: Path) -> None:
    with lab_for(share) as (config, sent):
        helper.open_link(LINK, config._replace(slicers=(Slicer("A", (".stl",), ("x",)),) * 2), lambda *_: None)
    assert sent[1][1]["problem"] == "No slicer was chosen."


@pytest.mark.parametrize(
    "conclusion", [saying(b"<html>", 404), raw(b"SSH-2.0-OpenSSH_9.2\r\n")], ids=["refused", "no HTTP"]
)
def test_a_server_that_takes_no_conclusion_keeps_nothing_from_opening(
    share: Path, tmp_path: Path, program: Path, conclusion: Callable[[Request], None]
) -> None:
    def answer(request: Request) -> None:
        conclusion(request) if request.path == CONCLUDE else saying(file_answer(share))(request)

    with answering(answer) as config:
        own = Slicer("Own", (".stl",), (str(program),))
        done = helper.open_link(LINK, config._replace(root=str(share), slicers=(own,)), never)
    assert done == f"opened {MODEL} with Own"
    assert started_with(tmp_path) == [str(share / MODEL)]


def test_a_trial_and_a_share_that_is_missing_have_no_second_word(tmp_path: Path, share: Path) -> None:
    asked: list[str] = []

    def answer(request: Request) -> None:
        asked.append(request.path)
        saying(b'{"file": null}')(request)

    with answering(answer) as config:
        assert helper.open_link(LINK, config._replace(root=str(share)), never) == "answered a trial"
        with pytest.raises(Refused, match="Connect the share"):
            helper.open_link(LINK, config._replace(root=str(tmp_path / "nowhere")), never)
    assert asked == ["/api/v1/open/redeem"] * 2


def test_no_slicer_for_a_file_is_told(share: Path) -> None:
    with answering(saying(file_answer(share))) as config, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "/nowhere")
        with pytest.raises(Refused, match=r"No slicer for \.stl files"):
            helper.open_link(LINK, config._replace(root=str(share)), never)


# ---------- registering ----------


def test_windows_starts_it_with_one_link_as_its_own_argument() -> None:
    python, archive = PureWindowsPath(r"C:\Program Files\Python\pythonw.exe"), PureWindowsPath(r"C:\Users\a b\x.pyz")
    values = helper.registry_values(python, archive)
    root = values[r"Software\Classes\printlab"]
    assert root["URL Protocol"] == ""
    command = values[r"Software\Classes\printlab\shell\open\command"][""]
    assert command == rf'"{python}" "{archive}" --link "%1"'


def test_linux_gets_a_desktop_file_that_xdg_open_reads() -> None:
    entry = helper.desktop_entry(PurePosixPath("/usr/bin/python3"), PurePosixPath("/home/sam/.local/x.pyz"))
    assert "Exec=/usr/bin/python3 /home/sam/.local/x.pyz --link %u\n" in entry
    assert "MimeType=x-scheme-handler/printlab;\n" in entry


def test_a_path_that_needs_it_is_quoted_as_the_specification_says() -> None:
    entry = helper.desktop_entry(PurePosixPath("/usr/bin/python3"), PurePosixPath('/home/a b/$x%"y.pyz'))
    assert 'Exec=/usr/bin/python3 "/home/a b/\\\\$x%%\\\\"y.pyz" --link %u\n' in entry


def test_macos_passes_a_link_on_as_one_word() -> None:
    script = helper.applet_script(PurePosixPath("/usr/bin/python3"), PurePosixPath('/Users/a "b"/x.pyz'))
    assert script.startswith("on open location link\n")
    assert 'quoted form of "/Users/a \\"b\\"/x.pyz" & " --link " & quoted form of link' in script
    facts = plistlib.loads(plistlib.dumps(helper.applet_facts()))
    assert facts["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == ["printlab"]


# ---------- the program itself ----------


def run(archive: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the helper as a person with this home folder and no screen would."""
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, str(archive), *arguments], env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The helper, packed for a lab."""
    path = tmp_path / "printlab-open.pyz"
    path.write_bytes(packed("http://127.0.0.1:1"))
    return path


def test_it_is_one_file_that_python_3_9_reads() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_the_same_lab_gets_the_same_bytes(archive: Path) -> None:
    assert archive.read_bytes() == packed("http://127.0.0.1:1") != packed(SERVER)
    with zipfile.ZipFile(archive) as files:
        assert json.loads(files.read("open.json")) == {"server": "http://127.0.0.1:1"}


def test_install_registers_a_copy_and_uninstall_takes_it_back(archive: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = run(archive, home, "--install", "--workstation", "Front Desk", "--root", "/mnt/prints")
    assert done.returncode == 0, done.stderr
    assert "as “Front Desk”" in done.stdout
    kept = json.loads((home / ".config/printlab/open.json").read_text(encoding="utf-8"))
    assert kept == {"workstation": "Front Desk", "root": "/mnt/prints"}
    copy, entry = (
        home / ".local/share/printlab/printlab-open.pyz",
        home / ".local/share/applications/printlab-open.desktop",
    )
    assert copy.read_bytes() == archive.read_bytes()
    command = next(line for line in entry.read_text(encoding="utf-8").splitlines() if line.startswith("Exec="))
    assert shlex.split(command.removeprefix("Exec=")) == [sys.executable, str(copy), "--link", "%u"]
    archive.unlink()  # what is registered does not need the download
    assert run(copy, home, "--uninstall").returncode == 0
    assert not entry.exists()


def test_self_test_says_what_is_missing(archive: Path, tmp_path: Path) -> None:
    done = run(archive, tmp_path / "home", "--self-test")
    assert done.returncode == 1
    assert "Server: The lab's server http://127.0.0.1:1 does not answer" in done.stdout
    assert "Share: This computer does not know where the lab's share is" in done.stdout


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"], ids=["not there", "empty", "something else"])
@pytest.mark.parametrize("arguments", [("--self-test",), ("--link", LINK)], ids=["self-test", "link"])
def test_a_certificate_file_that_cannot_be_used_is_named(
    archive: Path, tmp_path: Path, content: bytes | None, arguments: tuple[str, ...]
) -> None:
    pem = tmp_path / "campus.pem"
    if content is not None:
        pem.write_bytes(content)
    config = tmp_path / "home/.config/printlab/open.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"server": SERVER, "ca_file": str(pem)}), encoding="utf-8")
    done = run(archive, tmp_path / "home", *arguments)
    said = done.stdout if "--self-test" in arguments else done.stderr
    assert done.returncode == 1
    assert f"The certificate file {pem} cannot be used" in said
    assert "Something went wrong" not in done.stderr


@pytest.mark.parametrize("arguments", [("--link",), ("--link", LINK, "--install"), ("--link", "--install")])
def test_a_link_brings_no_further_arguments_along(archive: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(archive, tmp_path / "home", *arguments)
    assert done.returncode == 1
    assert "not one of PrintLab's" in done.stderr
    assert not (tmp_path / "home/.local/share/applications").exists()


def test_a_refusal_is_on_the_console_and_in_the_log_and_no_token_is(archive: Path, tmp_path: Path) -> None:
    done = run(archive, tmp_path / "home", "--link", LINK)
    assert done.returncode == 1
    log = (tmp_path / "home/.local/state/printlab/open.log").read_text(encoding="utf-8")
    for text in (done.stderr, log):
        assert "does not answer" in text
        assert "a" * 43 not in text


def test_it_may_be_run_as_a_program(archive: Path) -> None:
    archive.chmod(archive.stat().st_mode | stat.S_IXUSR)
    assert archive.read_bytes().startswith(b"#!/usr/bin/env python3\n")
    assert (
        "usage: printlab-open" in subprocess.run([archive, "--help"], capture_output=True, text=True, check=True).stdout
    )
