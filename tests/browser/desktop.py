"""A staff PC: a screen of its own, the helper installed as people do it, and a stand-in for the slicer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright

from components.opener_set_up import System, policy
from tests.browser.chromium import chromium
from tests.browser.lab import Lab, until

# Where each browser looks for what the administrator of the computer decided.
_POLICIES = {
    "chrome": Path("/etc/opt/chrome/policies/managed"),
    "google-chrome": Path("/etc/opt/chrome/policies/managed"),
    "google-chrome-stable": Path("/etc/opt/chrome/policies/managed"),
}
_CHROMIUMS = Path("/etc/chromium/policies/managed")
_SLICER = """\
import json, os, sys
with open(sys.argv[1] + ".part", "w") as file:
    json.dump(sys.argv[2:], file)
os.replace(sys.argv[1] + ".part", sys.argv[1])
"""


@dataclass(frozen=True)
class Desktop:
    """One staff PC with its own home folder; ``environment`` is what all its programs get."""

    lab: Lab
    home: Path
    environment: dict[str, str]

    @property
    def _slicer_started(self) -> Path:
        return self.home / "slicer-started.json"

    @property
    def log(self) -> str:
        """What the helper wrote into its log."""
        path = self.home / "state" / "printlab" / "open.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def config(self) -> Path:
        """The helper's configuration."""
        return self.home / "config" / "printlab" / "open.json"

    @property
    def helper(self) -> Path:
        """The helper as it was installed."""
        return self.home / "data" / "printlab" / "printlab-open.pyz"

    def install(self, workstation: str, root: Path) -> None:
        """Do what the page “Set up Open file” says, and name the stand-in as the only slicer."""
        helper = self.home / "printlab-open.pyz"
        self.lab.cli("opener", "build", "--output", str(helper))
        self.run(helper, "--install", "--workstation", workstation, "--root", str(root))
        script = self.home / "slicer.py"
        script.write_text(_SLICER, encoding="utf-8")
        command = [sys.executable, str(script), str(self._slicer_started)]
        slicer = {"name": "Stand-in", "extensions": [".stl", ".gcode"], "command": command}
        self.configure(slicers=[slicer])

    def configure(self, **facts: object) -> None:
        """Change what the helper is configured for."""
        known = json.loads(self.config.read_text(encoding="utf-8"))
        self.config.write_text(json.dumps(known | facts), encoding="utf-8")

    def click(self, link: str, status: int = 0) -> str:
        """Have the installed helper take a link up, as the browser does, but without a screen; gives what it says."""
        return self.run(self.helper, "--link", link, status=status, DISPLAY="").stderr

    def run(
        self, helper: Path, *arguments: str, status: int = 0, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the helper as its user would."""
        done = subprocess.run(
            [sys.executable, str(helper), *arguments],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done

    def opened(self) -> Path:
        """The file that the slicer was started with, as soon as it was; it is asked for once."""
        until(self._slicer_started.exists, f"the slicer; the helper's log:\n{self.log}")
        arguments: Sequence[str] = json.loads(self._slicer_started.read_text(encoding="utf-8"))
        self._slicer_started.unlink()
        (path,) = arguments
        return Path(path)

    def was_asked_nothing(self) -> bool:
        """Whether the slicer was not started."""
        return not self._slicer_started.exists()

    @contextmanager
    def browser(self, playwright: Playwright, **window: object) -> Iterator[BrowserContext]:
        """A Chromium with windows on this PC's screen."""
        context = playwright.chromium.launch_persistent_context(
            self.home / "profile",
            executable_path=chromium(),
            headless=False,
            env=dict(self.environment),
            args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-component-update"],
            reduced_motion="reduce",
            viewport={"width": 1366, "height": 768},
        )
        context.set_default_timeout(15_000)
        try:
            yield context
        finally:
            context.close()


@contextmanager
def desktop(lab: Lab, home: Path) -> Iterator[Desktop]:
    """A PC with a virtual screen, while the block runs. Missing tools fail the test in CI and skip it elsewhere."""
    for tool, package in (("Xvfb", "xvfb"), ("xdg-open", "xdg-utils")):
        if shutil.which(tool) is None:
            _is_missing(f"{tool} (Debian: apt install {package})")
    home.mkdir(parents=True, exist_ok=True)
    kept = ("PATH", "LANG", "LD_LIBRARY_PATH")
    with _screen() as display:
        environment = {name: os.environ[name] for name in kept if name in os.environ} | {
            "HOME": str(home),
            "DISPLAY": display,
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CACHE_HOME": str(home / "cache"),
        }
        yield Desktop(lab, home, environment)


@contextmanager
def _screen() -> Iterator[str]:
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1366x900x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait(timeout=10)


@contextmanager
def managed_policy(origin: str) -> Iterator[None]:
    """The administrator's word, as the page says it, that ``origin`` may call the helper without a question."""
    browser = Path(chromium()).name
    path = _POLICIES.get(browser, _CHROMIUMS) / f"printlab-test-{os.getpid()}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(policy(origin, System.LINUX), encoding="utf-8")
    except OSError:
        _is_missing(f"the right to write {path}")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _is_missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"Missing: {what}")
    pytest.skip(f"Missing: {what}")
