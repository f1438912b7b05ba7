"""What tests share: a lab on a temporary folder, its clock, its people, and both databases.

``services`` work on SQLite. A test that also names ``database_url`` (or uses ``BOTH``) runs twice: on SQLite and on
PostgreSQL.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pwdlib.hashers.argon2 import Argon2Hasher

from printlab.domain.policy import Actor
from printlab.domain.views import JobView
from printlab.geometry.sandbox import Sandbox
from printlab.services import Services, accounts, build_services
from printlab.settings import Settings, load_settings
from tests.databases import PostgresServer, SqliteTemplate, postgres_server
from tests.readers import SlicedReader
from tests.workbench import ADMIN, COLLEAGUE, STAFF, Clock, Workbench

hypothesis_settings.register_profile(
    "printlab", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
hypothesis_settings.load_profile("printlab")


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own .env and PRINTLAB_* variables decide nothing here."""
    for name in [name for name in os.environ if name.startswith("PRINTLAB_") and name != "PRINTLAB_TEST_SCALE"]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture(scope="session", autouse=True)
def _passwords_are_hashed_quickly() -> Iterator[None]:
    """By the lab's algorithm at its lowest cost; at the lab's own a third of a second goes into each hash."""
    cheap = partial(Argon2Hasher, time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(accounts, "Argon2Hasher", cheap)
        yield


@pytest.fixture(scope="module", autouse=True)
def _garbage_of_this_module_only() -> None:
    """What earlier modules left is as large as a server with hundreds of pages, and looked through as often."""
    gc.freeze()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """A migrated SQLite file to copy."""
    return SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The address of a fresh, migrated PostgreSQL database."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The lab's data folder."""
    return tmp_path / "data"


@pytest.fixture
def sqlite_url(sqlite_template: SqliteTemplate, data_dir: Path) -> str:
    """The address of a fresh, migrated SQLite database, where the default settings look for it."""
    return sqlite_template.copy_to(data_dir)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database of each kind in turn."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture
def settings(request: pytest.FixtureRequest, data_dir: Path) -> Settings:
    """The defaults, on ``data_dir``; overridden by ``@pytest.mark.parametrize`` on ``changed_settings``."""
    everywhere = "database_url" in request.fixturenames
    url = request.getfixturevalue("database_url" if everywhere else "sqlite_url")
    return load_settings(data_dir=data_dir, database_url=url, **request.getfixturevalue("changed_settings"))


@pytest.fixture
def changed_settings() -> dict[str, object]:
    """Which settings differ from the defaults: none. A module or test overrides this fixture."""
    return {}


@pytest.fixture
def clock() -> Clock:
    """The lab's clock."""
    return Clock()


@pytest.fixture
def sandbox() -> Sandbox:
    """What models are read in. A module whose tests want it to fail overrides this fixture."""
    return Sandbox()


@pytest.fixture
def sliced_sandbox() -> SlicedReader:
    """What sliced files are read in, until a test gives it a problem."""
    return SlicedReader()


@pytest.fixture
def services(settings: Settings, clock: Clock, sandbox: Sandbox, sliced_sandbox: SlicedReader) -> Iterator[Services]:
    """All services of a new lab."""
    built = build_services(settings, clock, sandbox, sliced_sandbox)
    built.filing.prepare()
    yield built
    built.close()


@pytest.fixture
def bench(services: Services, clock: Clock) -> Workbench:
    """Short ways to bring jobs where a test needs them."""
    return Workbench(services, clock)


@pytest.fixture
def submit(bench: Workbench) -> Callable[..., JobView]:
    """Make a job: ``submit()``, ``submit(files_made.obj(), "part.obj", name="Zoë")``."""
    return bench.submit


@pytest.fixture
def staff() -> Actor:
    """A staff member."""
    return STAFF


@pytest.fixture
def colleague() -> Actor:
    """Another staff member."""
    return COLLEAGUE


@pytest.fixture
def admin() -> Actor:
    """An admin."""
    return ADMIN
