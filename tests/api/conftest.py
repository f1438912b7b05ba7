"""One lab a module: tests there make jobs of their own. ``fresh_lab`` is for those that count or use up limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from tests.api.lab import Lab, open_lab
from tests.api.serving import serving
from tests.databases import SqliteTemplate


def _closing(lab: Lab) -> Iterator[Lab]:
    yield lab
    lab.services.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, sqlite_template: SqliteTemplate) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    sqlite_template.copy_to(folder)
    yield from _closing(open_lab(folder))


@pytest.fixture
def fresh_lab(tmp_path: Path, sqlite_template: SqliteTemplate) -> Iterator[Lab]:
    sqlite_template.copy_to(tmp_path / "lab")
    yield from _closing(open_lab(tmp_path / "lab", max_upload_mb=1, max_sliced_mb=3))


@pytest.fixture
def served(fresh_lab: Lab) -> Iterator[int]:
    """The port of a real server of ``fresh_lab`` on 127.0.0.1."""
    with serving(uvicorn.Config(fresh_lab.app, log_level="warning", lifespan="off")) as port:
        yield port
