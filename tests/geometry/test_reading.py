"""Whatever the bytes are, they become a model or a refusal in words; what was written is what is read."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from printlab.domain.model_facts import ModelFormat
from printlab.geometry.numerals import decimals, integers
from printlab.geometry.reading import read
from printlab.geometry.refusals import ModelRefused
from tests.geometry import model_files
from tests.geometry.model_files import binary_stl, model_xml, obj, text_stl, threemf

CORNERS, FACES = model_files.cube()
SAMPLES = (
    binary_stl(CORNERS[FACES]),
    text_stl(CORNERS[FACES]),
    obj(CORNERS, FACES.tolist()),
    threemf(),
    threemf().replace(b"PK\1\2", b"PK\1\3"),
)
BEGINNINGS = (
    b"",
    b"solid ",
    b"v 1 2 3\nf ",
    b"PK\3\4",
    b"\xff\xfe",
    b"GCDE",
    b"; G1\nG1 ",
    b"facet normal ",
    b"x" * 80,
)
SECONDS = 5

shared_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def check_ends_well(folder: Path, content: bytes) -> None:
    path = folder / "upload.bin"
    path.write_bytes(content)
    before = time.process_time()
    try:
        model = read(path)
    except ModelRefused as refused:
        sentence = refused.message
    else:
        assert model.triangles > 0
        for part in model.parts:
            assert np.isfinite(part.vertices).all()
            assert part.faces.min() >= 0
            assert part.faces.max() < len(part.vertices)
        sentence = "It is a model."
    assert sentence.endswith(".")
    assert time.process_time() - before < SECONDS


@shared_folder
@given(beginning=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=300))
def test_any_bytes(tmp_path: Path, beginning: bytes, rest: bytes) -> None:
    check_ends_well(tmp_path, beginning + rest)


@shared_folder
@given(sample=st.sampled_from(SAMPLES), changes=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), max_size=8))
def test_any_change_of_a_good_file(tmp_path: Path, sample: bytes, changes: list[tuple[float, bytes]]) -> None:
    for where, new in changes:
        at = int(where * len(sample))
        sample = sample[:at] + new + sample[at + len(new) :]
    check_ends_well(tmp_path, sample)


XML = model_xml(f'<object id="1">{model_files.mesh_xml(np.tile(CORNERS, (20, 1)), np.tile(FACES, (20, 1)))}</object>')


@shared_folder
@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from(["", " ", '"', "<", ">", "/>", "1", ".", "&#x31;", "-", "é"])),
        max_size=4,
    )
)
def test_any_change_of_a_good_model(tmp_path: Path, changes: list[tuple[float, str]]) -> None:
    xml = XML
    for where, new in changes:
        at = int(where * len(xml))
        xml = xml[:at] + new + xml[at + 1 :]
    check_ends_well(tmp_path, threemf(xml))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", list(ModelFormat))
def test_what_was_written_is_read(tmp_path: Path, kind: ModelFormat, seed: int) -> None:
    chance = np.random.default_rng(seed)
    corners = chance.normal(scale=10.0 ** chance.integers(-3, 4), size=(700, 3))
    faces = np.concatenate([chance.permutation(700)[:699], chance.integers(0, 700, 3000)]).reshape(-1, 3)
    content = {
        ModelFormat.STL: lambda: binary_stl(corners[faces]),
        ModelFormat.OBJ: lambda: obj(corners, faces.tolist()),
        ModelFormat.THREE_MF: lambda: threemf(
            model_xml(f'<object id="1">{model_files.mesh_xml(corners, faces)}</object>')
        ),
    }[kind]()
    model = model_files.read_bytes(tmp_path, content)
    assert model.format is kind
    found = model.parts[0].vertices[model.parts[0].faces]
    exact = corners[faces] if kind is not ModelFormat.STL else corners[faces].astype(np.float32)
    np.testing.assert_array_max_ulp(found, exact, maxulp=1)


words = st.lists(st.text("0123456789+-.eE", min_size=1, max_size=9), max_size=6)


@given(words)
@example(["+"])
@example(["1.5.2"])
@example([".-5"])
@example(["6E-"])
@example(["1e5.2"])
@example(["9223372036854775807"])
@example(["1e-320", "5e-324"])
def test_numbers_are_what_float_makes_of_them(given_words: list[str]) -> None:
    try:
        expected = [float(word) for word in given_words]
    except ValueError:
        with pytest.raises(ModelRefused):
            decimals(" ".join(given_words).encode())
        return
    found = decimals("\n".join(given_words).encode())
    assert found.tolist() == pytest.approx(expected, rel=3e-16, abs=0)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_written_numbers_come_back(numbers: list[float]) -> None:
    found = decimals(" ".join(map(repr, numbers)).encode())
    assert found.tolist() == pytest.approx(numbers, rel=3e-16, abs=0)


@given(st.lists(st.text("0123456789+-.", min_size=1, max_size=8), max_size=6))
@example(["-"])
def test_whole_numbers_are_what_int_makes_of_them(given_words: list[str]) -> None:
    try:
        expected = [int(word) for word in given_words]
    except ValueError:
        with pytest.raises(ModelRefused):
            integers(" ".join(given_words).encode())
    else:
        assert integers(" ".join(given_words).encode()).tolist() == expected
