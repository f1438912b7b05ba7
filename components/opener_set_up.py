"""Setting a computer up for “Open file”: what to type there, whether its helper answers, and the browser's question."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from nicegui import ui

from components import design
from components.buttons import link_button, primary_button
from components.choice import Choice, Option
from components.copy_line import CopyLine
from components.notice import notice
from printlab.domain.views import HelperAnswer

HELPER = "printlab-open.pyz"
_DOWNLOAD = f"/opener/{HELPER}"
_TYPE_THIS = "Then type this where it was saved:"
_SAY_WHERE = "Fill in where this computer has the lab's share: what to type then stands here."
_PROMPTS_OWN = re.compile(r"[&|<>^()%!;,=]")


class System(StrEnum):
    """What a staff PC runs."""

    WINDOWS = "Windows"
    LINUX = "Linux"
    MACOS = "macOS"


_ROOTS = {System.WINDOWS: "P:\\", System.LINUX: "/mnt/prints", System.MACOS: "/Volumes/prints"}
_PYTHON = {System.WINDOWS: "py", System.LINUX: "python3", System.MACOS: "python3"}
_REGISTERS = {
    System.WINDOWS: (
        "It needs Python 3.9 or newer: “Python” in the Microsoft Store, or python.org. It writes the key "
        r"HKEY_CURRENT_USER\Software\Classes\printlab and asks for no administrator."
    ),
    System.LINUX: (
        "It needs Python 3.9 or newer and xdg-utils; python3-tk shows its messages in a window. It writes "
        "~/.local/share/applications/printlab-open.desktop for x-scheme-handler/printlab."
    ),
    System.MACOS: (
        "It needs Python 3.9 or newer, for example from python.org. It makes the small app “PrintLab Open” in your own "
        "Applications folder, which passes links on."
    ),
}
_POLICIES = {
    System.WINDOWS: (
        r"As text of the value AutoLaunchProtocolsFromOrigins below HKLM\SOFTWARE\Policies\Google\Chrome or "
        r"HKLM\SOFTWARE\Policies\Microsoft\Edge; an administrator sets it, or the campus's group policy."
    ),
    System.LINUX: "In a file below /etc/chromium/policies/managed/ or /etc/opt/chrome/policies/managed/.",
    System.MACOS: "In the profile that manages com.google.Chrome or com.microsoft.Edge.",
}


def system_of(user_agent: str) -> System:
    """Which system's commands to show first."""
    if "Windows" in user_agent:
        return System.WINDOWS
    return System.MACOS if "Mac OS" in user_agent else System.LINUX


def install_command(system: System, workstation: str, root: str) -> str:
    """What is typed on the computer, in the folder where the helper was saved."""
    words = [_PYTHON[system], HELPER, "--install", "--workstation", workstation, "--root", root]
    return " ".join(map(_windows_word, words)) if system is System.WINDOWS else shlex.join(words)


def self_test_command(system: System) -> str:
    """What is typed there to be told what is set up and what is missing."""
    return f"{_PYTHON[system]} {HELPER} --self-test"


def _windows_word(word: str) -> str:
    """One argument as programs read it, in quotes too where the command prompt reads a sign of its own."""
    quoted = subprocess.list2cmdline([word])
    if quoted.startswith('"') or not _PROMPTS_OWN.search(word):
        return quoted
    doubled = re.sub(r"(\\+)$", r"\1\1", quoted)  # else the last one would take the quote's meaning away
    return f'"{doubled}"'


def policy(origin: str, system: System) -> str:
    """The policy of Chrome, Chromium and Edge that takes the question away for links from ``origin``."""
    rule: list[dict[str, Any]] = [{"protocol": "printlab", "allowed_origins": [origin]}]
    return json.dumps(rule if system is System.WINDOWS else {"AutoLaunchProtocolsFromOrigins": rule})


class SetUp:
    """The steps for one computer. ``on_try`` is called when somebody wants to know whether the helper answers."""

    def __init__(self, origin: str, root: str, system: System, on_try: Callable[[], Any]) -> None:
        self._origin = origin
        self._root = root
        self._first = system
        self._on_try = on_try

    def create(self) -> None:
        """Lay the steps out in the current slot."""
        with _card("1 · Install the helper"):
            self._create_fields()
            with ui.element("div").classes(design.ROW):
                link_button("Download the helper", _DOWNLOAD, icon="download", download=True)
            self._then = ui.label().classes(design.MUTED)
            self._command = CopyLine("", is_link=False)
            with _fold("What it needs and what it changes here"):
                self._registers = ui.label().classes(f"{design.SMALL} {design.MUTED} {design.PROSE}")
        with _card("2 · Try it"):
            ui.label("This asks the helper on this computer for an answer. No file is opened.").classes(design.PROSE)
            with ui.element("div").classes(design.ROW):
                self.button = primary_button("Try the helper", self._on_try)
            self._result = ui.element("div").classes("pl-opener-result").props("aria-live=polite")
            self._self_test = CopyLine("", is_link=False)
            self._self_test.set_visibility(False)
        with _card("3 · Without a question each time"):
            ui.label("The browser asks before it calls another program: tick “Always allow” there.").classes(
                design.PROSE
            )
            with _fold("For administrators: answer it for a whole lab"):
                ui.label("This policy of Chrome, Chromium and Edge takes the question away:").classes(design.PROSE)
                self._policy = CopyLine("", is_link=False)
                self._where = ui.label().classes(f"{design.SMALL} {design.MUTED} {design.PROSE}")
        self._update()

    def _create_fields(self) -> None:
        systems = [Option(system.value, system.value) for system in System]
        self._system = Choice("System", systems, value=self._first.value, on_change=self._update)
        with ui.element("div").classes(design.GRID):
            self._name = ui.input("Name of this computer", value="Front Desk", on_change=self._update)
            self._name.props("maxlength=60")
            self._mount = ui.input("Where it has the lab's share", value=self._root, on_change=self._update)
            self._mount.props("maxlength=200")
        ui.label("Cards and the history name the computer: “Open at Front Desk, Sam Rivera”.").classes("pl-hint")

    def _update(self) -> None:
        system = System(self._system.value or self._first)
        self._mount.props["placeholder"] = f"For example {_ROOTS[system]}"
        root = str(self._mount.value or "").strip()
        self._then.set_text(_TYPE_THIS if root else _SAY_WHERE)
        self._command.set_visibility(bool(root))
        self._command.show(install_command(system, str(self._name.value or "").strip() or "Front Desk", root))
        self._self_test.show(self_test_command(system))
        self._registers.set_text(_REGISTERS[system])
        self._policy.show(policy(self._origin, system))
        self._where.set_text(_POLICIES[system])

    # ---------- whether it answers ----------

    def wait(self) -> None:
        """The link is on its way."""
        self._say("Waiting for the helper on this computer.", "plain")

    def miss(self) -> None:
        """There was no answer in time; a late one is still told."""
        self._say(
            "No answer within 5 s. If the browser asks whether to open another program, allow it. If it does not ask, "
            "the helper is not installed here: do step 1, then try again. To be told what is missing, type this where "
            "the helper was saved:",
            "warning",
        )
        self._self_test.set_visibility(True)

    def tell(self, answer: HelperAnswer) -> None:
        """What the helper said."""
        if answer.problem:
            self._say(f"The helper on {answer.workstation} answered. {answer.problem}", "warning")
        else:
            self._say(f"The helper on {answer.workstation} answered. Files open there.", "positive")

    def _say(self, text: str, kind: Any) -> None:  # noqa: ANN401  (the notice's own kinds)
        self._self_test.set_visibility(False)
        self._result.clear()
        with self._result:
            notice(text, kind)


def _fold(title: str) -> ui.element:
    """What few need, behind its title."""
    with ui.element("details").classes("pl-details"):
        with ui.element("summary"):
            ui.label(title)
        return ui.element("div").classes(design.STACK)


def _card(title: str) -> ui.element:
    card = ui.element("section").classes(design.CARD)
    with card:
        ui.label(title).classes(design.CARD_TITLE).props("role=heading aria-level=2")
    return card
