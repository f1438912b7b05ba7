"""File names: legal, readable and unique, whatever people are called."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from printlab.domain.naming import (
    SLICED_EXTENSIONS,
    UPLOAD_EXTENSIONS,
    accepted_sentence,
    display_name,
    extension,
    job_id_of,
    kind_of,
    likely_owner,
    owner,
    stem,
)
from printlab.domain.views import RevisionKind

ALL_EXTENSIONS = (*UPLOAD_EXTENSIONS, *SLICED_EXTENSIONS)
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))}
NASTY = (
    "", " ", ".", "..", "../../etc/passwd", "..\\..\\boot.ini", "CON", "con.stl", "NUL", "COM1", "a/b", "a\\b", "a\0b",
    "😀", "👩‍👩‍👧‍👦" * 50, "李小龙", "Владимир", "محمد", "שרה", "สมชาย", "ﬁ", "ß", "İstanbul",
    "\u202egpj.exe", "\ud800", "-rf *", "%s%n", "name.", "name ", "'; DROP TABLE job;--", "<script>", "x" * 300,
    "Ω" * 300, "\u0301" * 40, "_", "__",
)  # fmt: skip

anything = st.one_of(
    st.text(max_size=300), st.sampled_from(NASTY), st.text(st.characters(), min_size=300, max_size=300)
)
job_ids = st.integers(1, 2_147_483_647)


def is_legal_everywhere(name: str) -> bool:
    """On POSIX, on Windows and on shares between them."""
    return (
        re.fullmatch(r"[A-Za-z0-9_.]+", name) is not None
        and name.isascii()
        and not name.startswith(".")
        and not name.endswith((".", " "))
        and name.split(".", maxsplit=1)[0].upper() not in RESERVED
        and len(name) < 120
    )


@given(anything, anything, anything, job_ids)
@example("Jane Doe", "Filament", "Blue", 2_147_483_647)
def test_every_name_is_legal_readable_and_short(name: str, method: str, color: str, job_id: int) -> None:
    made = stem(name, method, color, job_id)
    parts = made.split("_")
    assert len(parts) == 4
    assert all(re.fullmatch(r"[A-Za-z0-9]+", part) for part in parts)
    assert parts[3] == str(job_id)
    for ext in ALL_EXTENSIONS:
        assert is_legal_everywhere(made + ext)
    assert is_legal_everywhere(f"{made}.json")


@given(anything, anything, job_ids, job_ids)
def test_two_jobs_never_share_a_name(one: str, other: str, first: int, second: int) -> None:
    same = stem(one, "Filament", "Blue", first).lower() == stem(other, "Filament", "Blue", second).lower()
    assert not same or first == second


@given(anything, job_ids, st.sampled_from(ALL_EXTENSIONS))
def test_the_job_is_found_in_its_name(name: str, job_id: int, ext: str) -> None:
    made = stem(name, "Filament", "Blue", job_id)
    assert job_id_of(made + ext) == job_id
    assert job_id_of(f"{made}_0.2mm_PLA_MK4S{ext}") == job_id


def test_a_file_is_of_the_job_whose_whole_stem_it_begins_with() -> None:
    stems = {3: "Jane_Filament_Blue_3", 12: "Jane_Filament_Blue_12", 7: "Kim_3_Blue_7"}
    assert owner("jane_filament_blue_3_0.2mm_12.gcode", stems) == 3
    assert owner("Kim_3_Blue_7.gcode", stems) == 7
    assert owner("Jane_Filament_Blue_123.gcode", stems) is None
    assert owner("Jane_Filament_Black_12.gcode", stems) is None
    assert owner("Jane_Filament_Blue_4.gcode", stems) is None


def test_a_number_alone_says_of_which_job_a_file_may_be() -> None:
    stems = {3: "Jane_Filament_Blue_3", 12: "Jane_Filament_Blue_12", 2: "Kim_Filament_Blue_2"}
    assert likely_owner("bracket_12.gcode", stems) == 12
    assert likely_owner("Jane_Filament_Black_12_v_3.gcode", stems) == 12
    assert likely_owner("Jane_Filament_Blue_3_0.2mm_12.gcode", stems) == 3
    assert likely_owner("Jane_Filament_Blue_123 (2).gcode", stems) is None
    assert likely_owner("bracket_4.gcode", stems) is None


@given(st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=3, max_size=30))
def test_a_name_of_letters_gives_letters(name: str) -> None:
    """Whatever the script, what comes out has something of the name, or says Student; never an empty part."""
    assert stem(name, "Filament", "Blue", 5).split("_")[0]


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Jane Doe", "JaneDoe"),
        ("Zoë Müller-Łukasz", "ZoeMullerLukasz"),
        ("jane doe", "JaneDoe"),
        ("JANE DOE", "JANEDOE"),
        ("O'Brien, Conor", "OBrienConor"),
        ("Владимир Ленин", "VladimirLenin"),
        ("Αλέξανδρος", "Alexandros"),
        ("CON", "CON"),
        ("", "Student"),
        ("../..", "Student"),
        ("\0", "Student"),
    ],
)
def test_names_as_people_have_them(name: str, made: str) -> None:
    assert stem(name, "Filament", "Blue", 123) == f"{made}_Filament_Blue_123"


def test_a_name_composed_or_decomposed_is_the_same() -> None:
    for name in ("Zoë Müller", "José Núñez", "Åsa Öberg"):
        assert stem(unicodedata.normalize("NFD", name), "Resin", "Grey", 1) == stem(name, "Resin", "Grey", 1)


def test_the_example_of_the_product() -> None:
    assert stem("Jane Doe", "Filament", "Blue", 123) + ".stl" == "JaneDoe_Filament_Blue_123.stl"


@pytest.mark.parametrize(
    ("filename", "found"),
    [
        ("a.stl", ".stl"), ("A.STL", ".stl"), ("a.gcode.3mf", ".gcode.3mf"), ("a.3mf", ".3mf"), ("a.bgcode", ".bgcode"),
        ("a.sl1s", ".sl1s"), ("a.sl1", ".sl1"), ("a.stl.png", None), ("stl", None), ("a", None), ("", None),
    ],
)  # fmt: skip
def test_the_longest_extension_counts(filename: str, found: str | None) -> None:
    assert extension(filename, ALL_EXTENSIONS) == found


@given(anything)
def test_a_shown_name_is_one_short_line_without_tricks(name: str) -> None:
    shown = display_name(name)
    assert 0 < len(shown) <= 120
    assert not any(unicodedata.category(c) == "Cc" or c in "\u061c\u200b\u200f\u202e\u2066\ufeff/\\" for c in shown)
    shown.encode()


def test_a_shown_name_keeps_what_the_student_called_it() -> None:
    assert display_name("camera bracket v3 (final).stl") == "camera bracket v3 (final).stl"
    assert display_name("C:\\Users\\me\\part.stl") == "part.stl"
    assert display_name("x" * 300 + ".gcode.3mf").endswith("….gcode.3mf")


@pytest.mark.parametrize(
    "name",
    [
        "part.stl",
        "Jane_Filament_Blue_.stl",
        "Jane_Filament_Blue_0.stl",
        "_Filament_Blue_3.stl",
        f"Jane_Filament_Blue_{'9' * 11}.stl",
    ],
)
def test_other_names_carry_no_job(name: str) -> None:
    assert job_id_of(name) is None


@pytest.mark.parametrize("ext", dict.fromkeys(ALL_EXTENSIONS))
def test_what_a_file_is_by_its_extension(ext: str) -> None:
    """A project holds the model; one with G-code in it is called ``.gcode.3mf``."""
    assert kind_of(ext) is (RevisionKind.CORRECTED if ext in (".stl", ".obj", ".3mf") else RevisionKind.SLICED)


@pytest.mark.parametrize("mark", "\u061c\u200b\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff")
def test_a_mark_that_nobody_sees_does_not_show_another_name(mark: str) -> None:
    assert display_name(f"part{mark}lts.exe.stl") == "partlts.exe.stl"
    assert display_name(mark) == "file"


@pytest.mark.parametrize("joiner", "\u200c\u200d")
def test_a_joiner_belongs_to_the_name(joiner: str) -> None:
    assert display_name(f"part{joiner}1.stl") == f"part{joiner}1.stl"


@pytest.mark.parametrize(
    ("extensions", "sentence"),
    [
        ((".stl",), "This lab accepts .stl files."),
        ((".stl", ".3mf"), "This lab accepts .stl and .3mf files."),
        (UPLOAD_EXTENSIONS, "This lab accepts .stl, .obj and .3mf files."),
    ],
)
def test_what_the_lab_accepts_is_one_sentence(extensions: tuple[str, ...], sentence: str) -> None:
    assert accepted_sentence(extensions) == sentence
