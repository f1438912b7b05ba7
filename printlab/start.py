"""From settings to running services, for the server and for the command line."""

from __future__ import annotations

import socket
import sys

import structlog
from filelock import FileLock, Timeout
from sqlalchemy.exc import SQLAlchemyError

from printlab.errors import PrintLabError
from printlab.files import disk
from printlab.log import configure_logging
from printlab.migrate import migrate
from printlab.prusa.running import NotSliced
from printlab.services import Clock, Services, build_services, utc_now
from printlab.settings import Settings, WrongSetting, load_settings

_log = structlog.get_logger(__name__)


class AlreadyRunning(PrintLabError):
    """Another server has this data folder."""


def open_services(settings: Settings, clock: Clock = utc_now) -> Services:
    """Migrate, wire the services and make the folders. Raises PrintLabError with one line for the console."""
    _make_private_folders(settings)
    migrate(settings.sqlalchemy_url, settings.locks)
    try:
        services = build_services(settings, clock)
    except ValueError as error:
        raise WrongSetting(f"PRINTLAB_SMTP_URL: {error}") from None
    services.filing.prepare()
    return services


def start_server() -> tuple[Services, FileLock]:
    """All that has to be done before the first page; the lock is held as long as the server lives.

    Ends the process with one line when it cannot start.
    """
    try:
        settings = load_settings()
        _make_private_folders(settings)
        configure_logging(settings.data_dir / "logs" / f"{settings.process_title}.log", settings.log_level)
        lock = _only_server(settings)
        _check_address(settings)
        services = open_services(settings)
        _check_slicer(services)
    except PrintLabError as error:
        sys.exit(f"PrintLab cannot start. {error}")
    _count_rows(services)
    services.filing.reconcile()
    services.read_ahead()
    services.disk_watch.look()
    _welcome(services)
    return services, lock


def _make_private_folders(settings: Settings) -> None:
    """Logs, locks and uploads hold names and addresses: other accounts of the machine do not look into them.

    So does the storage root. When it lies in the data folder, nobody mounts it, and the folder is closed as a whole;
    elsewhere it is a share, whose rights are the operator's.
    """
    try:
        if settings.storage.resolve().is_relative_to(settings.data_dir.resolve()):
            disk.close_folder(settings.data_dir)
        for folder in (settings.data_dir / "logs", settings.locks, settings.staging):
            disk.private_folder(folder)
    except OSError as error:
        raise WrongSetting(f"PRINTLAB_DATA_DIR: {settings.data_dir} cannot be made ({error.strerror})") from None


def _only_server(settings: Settings) -> FileLock:
    """SQLite and the files belong to one server at a time; the command line may run beside it."""
    lock = FileLock(settings.data_dir / "serve.lock", timeout=0, mode=0o600)
    if settings.database_url is None or settings.sqlalchemy_url.startswith("sqlite"):
        try:
            lock.acquire()
        except Timeout:
            raise AlreadyRunning(f"Another PrintLab serves {settings.data_dir.resolve()} already.") from None
    return lock


def _check_address(settings: Settings) -> None:
    """Find out before anything is promised: raises WrongSetting when nobody can be served at the address."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        where, why = f"port {settings.port} of {settings.host}", error.strerror or error
        raise WrongSetting(f"PRINTLAB_HOST, PRINTLAB_PORT: {where} cannot be used ({why}). Choose another.") from None


def _count_rows(services: Services) -> None:
    """A disk that is full, or another process that writes for long, is no reason not to start."""
    try:
        services.database.count_rows()
    except (PrintLabError, SQLAlchemyError):
        _log.exception("start.rows_not_counted")


def _check_slicer(services: Services) -> None:
    """Raises WrongSetting when the program for the automatic estimate is another one."""
    try:
        services.estimates.begin()
    except NotSliced as problem:
        raise WrongSetting(f"PRINTLAB_PRUSA_SLICER: {problem}") from None


def _welcome(services: Services) -> None:
    """Say where it is, and on the first run where to begin."""
    url = services.settings.public_url
    print(f"PrintLab serves {url}", flush=True)  # noqa: T201  (the operator reads the console)
    if services.accounts.needs_first_admin():
        token = services.accounts.first_admin_token()
        print(f"First run: make the first admin at {url}/first-run/{token}", flush=True)  # noqa: T201
