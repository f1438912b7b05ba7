"""What the page “Set up Open file” has people type, and what is said when a file is open elsewhere."""

from __future__ import annotations

import json
import shlex

import pytest

from components.opener_set_up import HELPER, System, install_command, policy, self_test_command, system_of
from printlab.opener.packing import ARCHIVE_NAME
from printlab.opener.printlab_open import SCHEME


def test_the_page_offers_the_archive_that_is_packed() -> None:
    assert HELPER == ARCHIVE_NAME


@pytest.mark.parametrize("name", ["Front Desk", "O'Brien's", '"; touch x; "', "$(id)", "`id`", "-x"])
def test_what_somebody_types_stays_one_argument(name: str) -> None:
    command = install_command(System.LINUX, name, f"/mnt/{name}")
    assert shlex.split(command) == ["python3", HELPER, "--install", "--workstation", name, "--root", f"/mnt/{name}"]


@pytest.mark.parametrize(
    ("root", "written"),
    [
        ("P:\\", "P:\\"),
        ("P:\\the prints\\", '"P:\\the prints\\\\"'),
        ("\\\\files\\prints", "\\\\files\\prints"),
        ("R:\\R&D\\", '"R:\\R&D\\\\"'),
    ],
)
def test_windows_reads_a_folder_that_ends_with_a_backslash(root: str, written: str) -> None:
    expected = f'py {HELPER} --install --workstation "Front Desk" --root {written}'
    assert install_command(System.WINDOWS, "Front Desk", root) == expected


def test_what_is_missing_is_asked_with_the_systems_own_python() -> None:
    assert self_test_command(System.WINDOWS) == f"py {HELPER} --self-test"
    assert self_test_command(System.MACOS) == f"python3 {HELPER} --self-test"


@pytest.mark.parametrize("system", System)
def test_the_policy_names_the_scheme_and_this_site_alone(system: System) -> None:
    said = json.loads(policy("https://print.example.edu", system))
    rules = said if system is System.WINDOWS else said["AutoLaunchProtocolsFromOrigins"]
    assert rules == [{"protocol": SCHEME, "allowed_origins": ["https://print.example.edu"]}]


@pytest.mark.parametrize(
    ("agent", "system"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130", System.WINDOWS),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605", System.MACOS),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", System.LINUX),
        ("", System.LINUX),
    ],
)
def test_the_commands_of_the_visitors_system_come_first(agent: str, system: System) -> None:
    assert system_of(agent) is system
