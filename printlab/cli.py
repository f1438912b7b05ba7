"""``printlab …`` for operators. Each command loads what it needs itself: most of them need little, and all is slow."""

from __future__ import annotations

import argparse
import getpass
import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from printlab.domain.policy import SYSTEM, ActorKind
from printlab.errors import PrintLabError
from printlab.opener.packing import ARCHIVE_NAME, packed

if TYPE_CHECKING:
    from printlab.services import Services

_MAIN = Path(__file__).parent.parent / "main.py"
_MOST_PROCESSES = 16
_ROLES = (ActorKind.STAFF.value, ActorKind.ADMIN.value)


def main() -> None:
    """Run one command; a refusal is one line on stderr and exit status 1."""
    arguments = _parser().parse_args()
    from printlab.log import configure_console

    configure_console("WARNING")
    try:
        arguments.run(arguments)
    except PrintLabError as error:
        sys.exit(f"printlab: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="printlab", description="Run a university print lab.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _command(commands, "serve", "start the web server", _serve)
    several = _command(
        commands, "cluster", "start several processes behind nginx on this machine, for trying", _cluster
    )
    several.add_argument("--processes", type=int, choices=range(1, _MOST_PROCESSES + 1), default=2, metavar="N")
    several.add_argument("--port", type=int, default=8080)
    _command(commands, "migrate", "bring the database to this version", _migrate)
    _command(commands, "demo", "fill an empty lab with believable jobs", _demo)
    users = commands.add_parser("user", help="staff accounts").add_subparsers(required=True, metavar="COMMAND")
    add = _command(users, "add", "add a staff account", _add_user)
    add.add_argument("email")
    add.add_argument("--name", required=True)
    add.add_argument("--role", choices=_ROLES, default=_ROLES[0])
    add.add_argument("--password-stdin", action="store_true", help="read the password from the first line of stdin")
    password = _command(users, "password", "set a new password for somebody who forgot theirs", _set_password)
    password.add_argument("email")
    password.add_argument(
        "--password-stdin", action="store_true", help="read the password from the first line of stdin"
    )
    tokens = commands.add_parser("token", help="API tokens").add_subparsers(required=True, metavar="COMMAND")
    create = _command(tokens, "create", "make an API token and print it once", _create_token)
    create.add_argument("--name", required=True)
    create.add_argument("--role", choices=_ROLES, default=_ROLES[0])
    look = _command(commands, "inspect", "say what is in a model or sliced file, as the lab would find it", _inspect)
    look.add_argument("file", type=Path)
    look.add_argument("--json", action="store_true", help="print one JSON document")
    look.add_argument("--printer", metavar="NAME", help="judge it for this printer of the lab (default: the first)")
    cleanup = _command(commands, "cleanup", "archive, delete and forget what the lab's rules say", _cleanup)
    cleanup.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    students = commands.add_parser("student", help="what is held about one student").add_subparsers(
        required=True, metavar="COMMAND"
    )
    export = _command(students, "export", "write all that is held about a student into a zip file", _export_student)
    export.add_argument("email")
    export.add_argument("--to", type=Path, required=True, metavar="FILE")
    anonymise = _command(students, "anonymise", "remove for good who the student was; numbers stay", _anonymise_student)
    anonymise.add_argument("email")
    anonymise.add_argument("--yes", action="store_true", help="do not ask first")
    opener = commands.add_parser("opener", help="the helper that opens files on staff PCs").add_subparsers(
        required=True, metavar="COMMAND"
    )
    build = _command(opener, "build", "write the helper for this lab's address", _build_opener)
    build.add_argument("--output", type=Path, default=Path(ARCHIVE_NAME), metavar="FILE")
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],  # pyright: ignore[reportPrivateUsage]  (no public name)
    name: str,
    help_text: str,
    run: Callable[[argparse.Namespace], None],
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help_text)
    parser.set_defaults(run=run)
    return parser


def _serve(_arguments: argparse.Namespace) -> None:
    """Become the server; where a process cannot be replaced (Windows), run it in this one."""
    if os.name == "nt":
        runpy.run_path(str(_MAIN), run_name="__main__")
    else:
        os.execv(sys.executable, [sys.executable, str(_MAIN)])  # noqa: S606  (our own file, no shell)


def _cluster(arguments: argparse.Namespace) -> None:
    from printlab import cluster

    cluster.run(arguments.processes, arguments.port)


def _migrate(_arguments: argparse.Namespace) -> None:
    from printlab.migrate import migrate
    from printlab.settings import load_settings

    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.sqlalchemy_url, settings.locks)
    _say("The database is up to date.")


def _demo(_arguments: argparse.Namespace) -> None:
    from printlab.demo import fill
    from printlab.settings import load_settings

    count = fill(load_settings())
    _say(f"{count} demo jobs are in the lab. Open the board to see them.")


def _add_user(arguments: argparse.Namespace) -> None:
    password = _password(arguments)
    services = _services()
    user = services.accounts.add_user(arguments.email, arguments.name, ActorKind(arguments.role), password, SYSTEM)
    _say(f"{user.name} <{user.email}> can sign in as {user.role.value}.")


def _set_password(arguments: argparse.Namespace) -> None:
    password = _password(arguments)
    services = _services()
    user = services.accounts.reset_password(arguments.email, password, SYSTEM)
    deactivated = "" if user.active else " The account is deactivated: an admin can activate it under Admin, Staff."
    _say(f"{user.name} <{user.email}> has a new password and is signed out everywhere.{deactivated}")


def _password(arguments: argparse.Namespace) -> str:
    return sys.stdin.readline().rstrip("\r\n") if arguments.password_stdin else getpass.getpass("Password: ")


def _create_token(arguments: argparse.Namespace) -> None:
    services = _services()
    _say(services.accounts.create_token(arguments.name, ActorKind(arguments.role), SYSTEM))


def _inspect(arguments: argparse.Namespace) -> None:
    from printlab.inspection import as_json, as_text, inspect

    found = inspect(arguments.file, arguments.printer)
    _say(as_json(found) if arguments.json else as_text(found))
    if found["outcome"] != "ok":
        sys.exit(1)


def _cleanup(arguments: argparse.Namespace) -> None:
    services = _services()
    if arguments.dry_run:
        for due in services.retention.dry_run():
            _say(f"{due.kind.label}: {due.sentence}")
        _say_orphans(services)
        return
    runs = services.retention.run()
    for run in runs:
        _say(f"{run.kind.label}: {run.problem or run.sentence}")
    _say_orphans(services)
    if any(run.problem for run in runs):
        sys.exit(1)


def _say_orphans(services: Services) -> None:
    """They are listed here and deleted by an admin only."""
    from printlab.domain import words

    found = services.orphans.look()
    if found.count:
        _say(f"Files of no job: {found.count} ({words.size(found.bytes)}). An admin deletes them under Admin, Health.")


def _export_student(arguments: argparse.Namespace) -> None:
    pieces = _services().students.export(arguments.email, SYSTEM)
    try:
        with arguments.to.open("xb") as file:
            arguments.to.chmod(0o600)
            file.writelines(pieces)
    except OSError as error:
        sys.exit(f"printlab: {arguments.to} cannot be written ({error.strerror or error})")
    _say(f"{arguments.to} has all that is held about {arguments.email}.")


def _anonymise_student(arguments: argparse.Namespace) -> None:
    services = _services()
    held = services.students.held(arguments.email, SYSTEM)
    if not arguments.yes:
        _say(f"{len(held.ended)} jobs of {held.email} ended, {len(held.still_open)} are open. It cannot be taken back.")
        if input("Type yes to anonymise those that ended: ").strip().lower() != "yes":
            sys.exit("printlab: nothing was changed")
    done = services.students.anonymise(arguments.email, SYSTEM)
    if done.jobs:
        _say(f"Anonymised: {', '.join(f'job {job_id}' for job_id in done.jobs)}.")
    for sentence in done.left.values():
        _say(sentence)
    if done.left:
        sys.exit(1)


def _build_opener(arguments: argparse.Namespace) -> None:
    from printlab.settings import load_settings

    server = load_settings().public_url
    try:
        arguments.output.write_bytes(packed(server))
    except OSError as error:
        sys.exit(f"printlab: {arguments.output} cannot be written ({error.strerror or error})")
    _say(f"{arguments.output} opens files of {server}. On each staff PC: python3 {arguments.output.name} --install")


def _services() -> Services:
    from printlab.settings import load_settings
    from printlab.start import open_services

    return open_services(load_settings())


def _say(text: str) -> None:
    print(text)
