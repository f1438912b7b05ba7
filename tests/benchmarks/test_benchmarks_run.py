"""The benchmarks run from end to end and print what their README describes; how fast things are is not tested."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.serial

_MEASURED = ("upload", "mails", "moves", "live", "drawing", "geometry", "paths", "noticing")
_REPOSITORY = Path(__file__).parents[2]
_RATIOS = ("of_", "time_of_", "memory_of_", "p50_against_", "p99_against_", "p99_of_", "receiving_of_")


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=_REPOSITORY,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """What a run on a tenth of the scale prints."""
    done = _run("--scale", "0.1")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_names_the_machine_and_the_load(document: dict[str, Any]) -> None:
    assert set(document) == {"machine", "scale", *_MEASURED}
    assert document["scale"] == 0.1
    assert document["machine"]["cores"] >= 1
    assert document["machine"]["memory_gb"] >= 1
    for name in _MEASURED:
        assert len(document[name]["load_before_and_after"]) == 2


def test_every_upload_path_is_compared_with_the_bare_handler(document: dict[str, Any]) -> None:
    for size in ("5_mb", "50_mb"):
        figures = document["upload"][size]
        for way in ("form", "api_job", "api_revision"):
            assert {"of_bare", "of_bare_hashing", "mb_per_s", "memory"} <= set(figures[way])
            assert figures[way]["memory"]["peak_mb"] >= figures[way]["memory"]["before_mb"] > 0
        assert figures["bare"]["mb_per_s"] > 0
    assert {"idle", "form", "api_revision"} <= set(document["upload"]["others_meanwhile"])


def test_mails_are_sent_and_looked_for_on_both_databases(document: dict[str, Any]) -> None:
    for database in ("sqlite", "postgresql"):
        figures = document["mails"][database]
        assert figures["mails_per_s"] > 0
        assert figures["with_old_mails_per_s"] > 0
        assert figures["look_with_old_mails"]["p50_ms"] > 0


def test_moves_are_measured_on_both_databases_alone_and_together(document: dict[str, Any]) -> None:
    for database in ("sqlite", "postgresql"):
        for threads in ("1_thread", "8_threads"):
            figures = document["moves"][database][threads]
            assert figures["moves"] >= 5
            assert 0 < figures["move"]["p50_ms"] <= figures["move"]["p99_ms"]
            assert figures["moves_per_s"] > 0


def test_submissions_reach_the_second_board(document: dict[str, Any]) -> None:
    for place in ("websocket_frame", "card_in_browser"):
        figures = document["live"][place]
        assert 0 < figures["from_send"]["p50_ms"] <= figures["from_send"]["p99_ms"]
        assert {"from_commit", "from_answer"} <= set(figures)


def test_both_draw_the_part_and_the_glb_is_smaller_than_the_file(document: dict[str, Any]) -> None:
    for name in ("printlab", "f3d"):
        figures = document["drawing"]["thumbnail"][name]
        assert 0 < figures["warm"]["p50_ms"] / 1000 < figures["cold_s"]
    assert document["drawing"]["thumbnail"]["printlab"]["bytes"] <= 30_000
    assert 0 < document["drawing"]["glb"]["of_stl"] < 1


def test_both_read_the_same_part_and_a_file_goes_all_the_way(document: dict[str, Any]) -> None:
    for kind in ("stl", "3mf"):
        figures = document["geometry"][kind]
        assert figures["triangles"] == pytest.approx(100_000, rel=0.02)
        assert {"time_of_trimesh", "memory_of_trimesh"} <= set(figures)
    pipeline = document["geometry"]["pipeline"]
    for triangles in ("6000", "100000", "1000000"):
        figures = pipeline[f"{triangles}_triangles"]
        assert 0 < figures["measure_s"] <= figures["total_s"]


def test_a_tool_path_is_far_smaller_than_its_file(document: dict[str, Any]) -> None:
    figures = document["paths"]
    assert figures["gcode_bytes"] == pytest.approx(5_000_000, rel=0.05)
    assert figures["layers"] > 50
    assert 0 < figures["of_gzip"] < 0.5
    assert 0 < figures["of_limit"] < 1
    assert figures["bgcode"]["file_bytes"] < figures["gcode_bytes"] / 2
    assert figures["bgcode"]["of_gcode"] > 0


def test_a_look_at_the_open_jobs_leaves_the_archive_out(document: dict[str, Any]) -> None:
    figures = document["noticing"]
    assert (figures["files"], figures["archived"]) == (1500, 10_000)
    assert 0 < figures["s"] < figures["with_archive_s"]


def test_every_ratio_is_a_positive_number(document: dict[str, Any]) -> None:
    ratios = dict(_ratios(document))
    assert len(ratios) > 30
    assert [name for name, value in ratios.items() if not (isinstance(value, int | float) and value > 0)] == []


def test_two_minutes_of_a_busy_lab_log_no_error() -> None:
    done = _run("soak", "--scale", "0.1")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)["soak"]
    assert figures["errors_in_log"] == []
    assert figures["viewers_opened"] > 0
    assert figures["changes"] > 0


def test_the_board_of_a_small_lab_is_told_of_every_change_on_both_databases() -> None:
    done = _run("board", "--scale", "0.004")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)["board"]
    for database in ("sqlite", "postgresql"):
        figures = document[database]
        assert figures["opening"]["html_gzip_bytes"] <= 30_000
        assert figures["change"]["arrived"] == 1.0
        assert figures["change"]["wire_bytes"] <= 1000
        for burst in figures["burst"].values():
            assert burst["right_in_the_end"] == burst["viewers"] == 2
        assert figures["browser"]["dom_nodes_scrolled"] <= 1500
        assert {"question", "next_page", "in_memory", "search_with_cards"} <= set(figures["finding"])
    assert {"nicegui_label", "nicegui_element"} <= set(document["others"])


def test_an_unknown_name_is_refused() -> None:
    done = _run("speed")
    assert done.returncode == 2
    assert "There is no benchmark speed" in done.stderr


def test_a_scale_outside_its_range_is_refused() -> None:
    done = _run("--scale", "0")
    assert done.returncode == 2
    assert "above 0" in done.stderr


def _ratios(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401  (any JSON)
    """Every figure that is a ratio, under its path."""
    for name, inner in value.items() if isinstance(value, dict) else ():
        if name.startswith(_RATIOS):
            yield f"{path}/{name}", inner
        yield from _ratios(inner, f"{path}/{name}")
