"""The helper opens what lies below the storage root, and nothing else, whatever the server's answer says."""

from __future__ import annotations

import hashlib
import ntpath
import os
import posixpath
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from printlab.domain import naming
from printlab.domain.status import JobStatus
from printlab.files import layout
from printlab.opener import printlab_open as helper
from printlab.opener.printlab_open import Refused

GOOD = "ReadyToPrint/JaneDoe_Filament_Blue_123.gcode"
ESCAPES = (
    "",
    "/",
    ".",
    "..",
    "../secret.stl",
    "ReadyToPrint/../../secret.stl",
    "ReadyToPrint/./part.stl",
    "ReadyToPrint//part.stl",
    "/etc/part.stl",
    "//server/share/part.stl",
    "\\\\server\\share\\part.stl",
    "ReadyToPrint\\..\\..\\part.stl",
    "\\part.stl",
    "C:\\part.stl",
    "C:part.stl",
    "C:/part.stl",
    "\\\\?\\C:\\part.stl",
    "\\\\.\\COM1.stl",
    "ReadyToPrint/part.stl:stream.stl",
    "ReadyToPrint/part.exe:x.stl",
    "ReadyToPrint/part.stl\0.exe",
    "ReadyToPrint/\0.stl",
    "ReadyToPrint/CON.stl",
    "ReadyToPrint/aux/part.stl",
    "ReadyToPrint/com1.gcode",
    "ReadyToPrint /part.stl",
    "ReadyToPrint./part.stl",
    "ReadyToPrint/part.stl ",
    "ReadyToPrint/part.stl.",
    "ReadyToPrint/-rf.stl",
    "~/part.stl",
    "$HOME/part.stl",
    "%APPDATA%/part.stl",
    "ReadyToPrint/a;touch x.stl",
    "ReadyToPrint/a`id`.stl",
    "ReadyToPrint/$(id).stl",
    "ReadyToPrint/a&calc.stl",
    "ReadyToPrint/a|b.stl",
    'ReadyToPrint/a"b.stl',
    "ReadyToPrint/a'b.stl",
    "ReadyToPrint/a\nb.stl",
    "ReadyToPrint/*.stl",
    "ReadyToPrint/p\u202elts.exe.stl",
    "ReadyToPrint/part\uff0estl",
    "a/" * 20 + "part.stl",
    "ReadyToPrint/" + "a" * 300 + ".stl",
    "file:///etc/part.stl",
)
_NASTY = st.sampled_from(
    [*"/\\:.~$%&|;`'\"*? \0\n", "..", "C:", "CON", "NUL", "//", "\\\\?\\", ".stl", ".gcode", "Uploaded"]
)
_NEARLY_GOOD = st.builds(
    lambda at, nasty, cut: GOOD[:at] + nasty + GOOD[at + cut :], st.integers(0, len(GOOD)), _NASTY, st.integers(0, 3)
)
PATHS = st.one_of(
    st.text(max_size=40), st.lists(st.one_of(_NASTY, st.text(max_size=6)), max_size=8).map("".join), _NEARLY_GOOD
)


@pytest.mark.parametrize("relative", ESCAPES)
def test_no_way_out_is_taken(tmp_path: Path, relative: str) -> None:
    (tmp_path / "secret.stl").write_bytes(b"secret")
    root = tmp_path / "root"
    (root / "ReadyToPrint").mkdir(parents=True)
    with pytest.raises(Refused):
        helper.place_below(root, relative)


@given(PATHS)
@example(GOOD)
@example("a/b.stl")
def test_what_is_let_through_stays_below_the_root_on_every_system(relative: str) -> None:
    try:
        parts = helper.parts_of(relative)
    except Refused:
        return
    for root, kind, rules in (
        ("P:\\prints", PureWindowsPath, ntpath),
        ("\\\\files\\prints", PureWindowsPath, ntpath),
        ("/mnt/prints", PurePosixPath, posixpath),
    ):
        place = kind(root).joinpath(*parts)
        assert place.is_relative_to(kind(root))
        assert place != kind(root)
        assert rules.normpath(str(place)) == str(place)
        assert not any(kind(part).drive or kind(part).root for part in parts)
    assert not any(PureWindowsPath(part).is_reserved() for part in parts)
    assert relative.isascii()
    assert not set(relative) & set("\\:*?\"<>|&;$`'%~!(){}[] \t\r\n\0")


@given(st.from_regex(r"\A[A-Za-z]{1,20}_[A-Za-z]{1,9}_[A-Za-z]{1,9}_[1-9][0-9]{0,9}\Z"), st.sampled_from(JobStatus))
def test_every_place_that_the_server_gives_a_file_is_let_through(stem: str, status: JobStatus) -> None:
    for extension in (*naming.UPLOAD_EXTENSIONS, *naming.SLICED_EXTENSIONS):
        assert helper.parts_of(layout.working_copy(status, stem, extension)) == (status.value, f"{stem}{extension}")


def test_a_reserved_name_as_a_students_is_no_device() -> None:
    place = layout.working_copy(JobStatus.UPLOADED, naming.stem("Con", "Filament", "Blue", 7), ".stl")
    assert helper.parts_of(place) == ("Uploaded", "Con_Filament_Blue_7.stl")


def test_the_helper_opens_what_the_lab_takes() -> None:
    assert set(helper.EXTENSIONS) == {*naming.UPLOAD_EXTENSIONS, *naming.SLICED_EXTENSIONS}
    assert list(helper.EXTENSIONS) == sorted(helper.EXTENSIONS, key=len, reverse=True)
    assert helper._MARK == layout._MARKER


@pytest.mark.parametrize(
    "name",
    ["part.exe", "part.stl.exe", "part", "part.lnk", "part.bat", "part.gcode.py", "part.html", "partstl", ".stl"],
)
def test_nothing_else_than_models_and_sliced_files_is_opened(name: str) -> None:
    with pytest.raises(Refused):
        helper.parts_of(f"Uploaded/{name}")


@pytest.mark.parametrize(
    ("name", "extension"),
    [("a.gcode.3mf", ".gcode.3mf"), ("a.3MF", ".3mf"), ("a.BGCODE", ".bgcode"), ("a.sl1s", ".sl1s"), ("a.sl1", ".sl1")],
)
def test_the_longest_extension_counts(name: str, extension: str) -> None:
    assert helper.extension_of(name) == extension


# ---------- on a real disk ----------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A share with one file in it, in a folder whose name a shell would read."""
    root = tmp_path / "the lab's $(prints) & more; %TEMP%"
    (root / "ReadyToPrint").mkdir(parents=True)
    (root / ".printlab-storage").touch()
    (root / GOOD).write_bytes(b"G28\n")
    return root


def test_a_file_that_is_there_is_found_as_staff_see_it(root: Path) -> None:
    assert helper.place_below(root, GOOD) == root / GOOD


def test_a_root_that_is_a_link_itself_is_somebodys_mount(root: Path, tmp_path: Path) -> None:
    mount = tmp_path / "mount"
    mount.symlink_to(root)
    assert helper.place_below(mount, GOOD) == mount / GOOD


@pytest.mark.parametrize("target", ["outside.gcode", "root/other.gcode", "missing.gcode", "loop"])
def test_a_link_in_the_place_of_the_file_is_refused_wherever_it_leads(root: Path, tmp_path: Path, target: str) -> None:
    for name in ("outside.gcode", "root/other.gcode"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"G28\n")
    (root / "other.gcode").write_bytes(b"G28\n")
    (root / GOOD).unlink()
    (root / GOOD).symlink_to(root / GOOD if target == "loop" else tmp_path / target)
    with pytest.raises(Refused):
        helper.place_below(root, GOOD)


def test_a_folder_that_is_a_link_is_refused(root: Path, tmp_path: Path) -> None:
    (root / "ReadyToPrint").rename(tmp_path / "elsewhere")
    (root / "ReadyToPrint").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match="link"):
        helper.place_below(root, GOOD)


def test_a_folder_or_a_pipe_in_its_place_is_refused(root: Path) -> None:
    (root / GOOD).unlink()
    (root / GOOD).mkdir()
    with pytest.raises(Refused, match="folder"):
        helper.place_below(root, GOOD)
    (root / GOOD).rmdir()
    os.mkfifo(root / GOOD)
    with pytest.raises(Refused):
        helper.place_below(root, GOOD)


def test_a_file_that_moved_on_is_told_so(root: Path) -> None:
    with pytest.raises(Refused, match="not there"):
        helper.place_below(root, "Printing/JaneDoe_Filament_Blue_123.gcode")


def test_only_the_bytes_that_the_lab_knows_are_opened(root: Path) -> None:
    path, content = root / GOOD, b"G28\n"
    known = hashlib.sha256(content).hexdigest()
    helper.check_content(path, len(content), known)
    for size, sha256 in ((len(content) + 1, known), (len(content), "0" * 64), (0, known)):
        with pytest.raises(Refused, match="saved over it"):
            helper.check_content(path, size, sha256)
    path.write_bytes(b"G29\n")
    with pytest.raises(Refused, match="saved over it"):
        helper.check_content(path, len(content), known)


def test_of_a_very_large_file_the_size_is_enough(root: Path) -> None:
    size = helper._HASHED_BYTES + 1
    with (root / GOOD).open("wb") as file:
        file.truncate(size)
    helper.check_content(root / GOOD, size, "0" * 64)
    with pytest.raises(Refused):
        helper.check_content(root / GOOD, size - 1, "0" * 64)


@pytest.mark.parametrize(
    ("root", "sentence"),
    [("", "does not know"), ("prints", "whole path"), ("../prints", "whole path"), ("/nowhere", "not there")],
)
def test_a_share_that_is_not_there_is_told_before_anything_is_asked(root: str, sentence: str) -> None:
    assert sentence in (helper.root_problem(root) or "")


def test_a_folder_that_is_not_the_labs_is_no_share(root: Path) -> None:
    assert helper.root_problem(str(root)) is None
    (root / ".printlab-storage").unlink()
    assert "has no .printlab-storage" in (helper.root_problem(str(root)) or "")


# ---------- links ----------


@pytest.mark.parametrize(
    "link", [f"printlab://open/{'a' * 43}", f"printlab:open/{'a' * 43}", f"printlab://open/{'a' * 43}/"]
)
def test_a_link_is_read_as_browsers_pass_it_on(link: str) -> None:
    assert helper.token_of(link) == "a" * 43


@pytest.mark.parametrize(
    "link",
    [
        "", "printlab://open/", "printlab://open/short", f"printlab://close/{'a' * 43}", f"https://open/{'a' * 43}",
        f"printlab://open/{'a' * 43}?root=/", f"printlab://open/{'a' * 43}#x", f"printlab://open/{'a' * 43}/../x",
        f"printlab://evil.example/open/{'a' * 43}", f"printlab://open/{'a' * 200}", f"printlab://open/{'a' * 43}\n",
        f'printlab://open/{"a" * 43}" --install', f"printlab://open/{'a' * 42}%00", f"PRINTLAB://open/{'é' * 43}",
    ],
)  # fmt: skip
def test_whatever_else_a_page_makes_up_is_no_link(link: str) -> None:
    with pytest.raises(Refused, match="not one of PrintLab's"):
        helper.token_of(link)


@given(st.text(max_size=80))
def test_a_token_never_holds_more_than_its_letters(link: str) -> None:
    try:
        token = helper.token_of(link)
    except Refused:
        return
    assert token.replace("-", "").replace("_", "").isalnum()
