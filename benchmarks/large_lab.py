"""A lab with as many jobs as one has after years: the demo's jobs, each many times, as other people's."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from printlab import demo
from printlab.domain.status import ENDED
from printlab.files import layout
from printlab.models import Analysis, Color, Event, Job, Material, Payment, Printer, Quote, Revision
from printlab.services import Services
from printlab.settings import Settings
from printlab.start import open_services

_FIRST_NAMES = (
    "Jane", "Zoë", "Liam", "Amara", "Mateo", "Priya", "Yusuf", "Chloé", "Noah", "Sofia", "Olena", "Ethan", "Fatima",
    "Lucas", "Hana", "Max", "Grace", "Arjun", "Ella", "Inès", "Tomás", "Aiko", "Bram", "Nadia", "Otto", "Ruth",
)  # fmt: skip
_LAST_NAMES = (
    "Doe", "Müller", "O'Brien", "Nwosu", "García", "Raman", "Demir", "Dubois", "Kim", "Rossi", "Kovalenko", "Brooks",
    "Al-Sayed", "Pereira", "Sato", "Thompson", "Patel", "Lindqvist", "Okafor", "Haddad", "Novák", "Silva", "Weber",
    "Johansson", "Costa", "Fischer", "Moreau", "Ivanova", "Larsen", "Murphy", "Nakamura", "Olsen", "Papadopoulos",
)  # fmt: skip
_COURSES = ("ME 2340 Machine Design", "ARCH 1101", "BIOE 4100 Capstone", "Robotics club", None)
_YEARS_DAYS = 4 * 365
_WEEKS_DAYS = 21
_BATCH = 500
_LAST_MOVE = sa.text(
    "UPDATE job SET last_move_id = (SELECT max(id) FROM event WHERE job_id = job.id AND from_status IS NOT NULL)"
    " WHERE id BETWEEN :first AND :last"
)


def fill(settings: Settings, open_jobs: int, ended_jobs: int) -> None:
    """Fill an empty lab with so many open and ended jobs, their quotes, payments, history and search texts.

    Every model has been looked into. Open jobs have their files, in the archive and as a working copy; those that ended
    have none of their own.
    """
    demo.fill(settings)
    services = open_services(settings)
    _look_into_models(services)
    with services.database.write() as unit:
        templates = unit.session.exec(select(Job).order_by(col(Job.id))).all()
        copies = _Copies(unit.session, settings.storage, first=len(templates) + 1)
        # The archive comes first, as it would have: low numbers are old.
        for are_ended, wanted, days_back in ((True, ended_jobs, _YEARS_DAYS), (False, open_jobs, _WEEKS_DAYS)):
            rows = [row for row in templates if (row.status in ENDED) is are_ended]
            copies.make(rows, wanted - len(rows), timedelta(days=days_back))
    services.close()


def _look_into_models(services: Services) -> None:
    """As the tasks of a server do: what is found of a model later is told to each of the many jobs that share it."""
    with services.database.read() as session:
        unknown = [row for row in session.exec(select(Analysis)) if not row.state.is_over]
    for row in unknown:
        services.intake.carry_out(row.sha256, row.attempt)


class _Copies:
    """Jobs like other ones, with everything that belongs to them."""

    def __init__(self, session: Session, storage: Path, first: int) -> None:
        self._storage = storage
        self._connection = session.connection()
        self._numbers = itertools.count(first)
        self._chance = Random(first)
        catalog = (Printer, Material, Color)
        self._names = {kind: {row.id: row.name for row in session.exec(select(kind))} for kind in catalog}
        self._file_names = session.exec(select(Job.original_name).order_by(col(Job.id))).all()
        self._extensions: dict[int | None, dict[int, str]] = defaultdict(dict)
        for row in session.exec(select(Revision)):
            self._extensions[row.job_id][row.number] = row.extension

    def make(self, templates: Sequence[Job], wanted: int, age: timedelta) -> None:
        """So many, spread evenly over the time until now."""
        made = ((row, next(self._numbers), age * (1 - at / wanted)) for at, row in zip(range(wanted), cycle(templates)))
        while some := list(islice(made, _BATCH)):
            self._connection.execute(sa.insert(Job), [self._job(*one) for one in some])
            for row, number, _ in some:
                if row.status not in ENDED:
                    self._put_files(row, number)
            copies = [(number, row.id, int(older.total_seconds())) for row, number, older in some]
            for table in (Revision, Quote, Payment, Event):
                self._connection.execute(_belongings(table, copies, self._connection.dialect.name))
            self._connection.execute(_LAST_MOVE, {"first": copies[0][0], "last": copies[-1][0]})

    def _job(self, template: Job, number: int, older: timedelta) -> dict[str, Any]:
        first, last = self._chance.choice(_FIRST_NAMES), self._chance.choice(_LAST_NAMES)
        email = f"{first}.{last}{number % 97}@example.com".replace("'", "")
        values = template.model_dump() | {
            "id": number,
            "student_name": f"{first} {last}",
            "student_email": email,
            "course": self._chance.choice(_COURSES),
            "original_name": self._chance.choice(self._file_names),
            "stem": _stem(number),
            "submission_key": None,
            "created_at": template.created_at - older,
            "status_since": template.status_since - older,
            "updated_at": template.updated_at - older,
        }
        return values | {"search_text": self._search_text(template, values)}

    def _put_files(self, template: Job, number: int) -> None:
        for revision, extension in self._extensions[template.id].items():
            content = (self._storage / layout.archived(template.id or 0, revision, extension)).read_bytes()
            places = [layout.archived(number, revision, extension)]
            if revision == template.authoritative:
                places.append(layout.working_copy(template.status, _stem(number), extension))
            for place in places:
                (self._storage / place).parent.mkdir(exist_ok=True)
                (self._storage / place).write_bytes(content)

    def _search_text(self, template: Job, job: Mapping[str, Any]) -> str:
        """As printlab.services.views writes it."""
        filename = job["stem"] + self._extensions[template.id][template.authoritative]
        chosen = (self._names[Color][job["color_id"]], self._names[Printer][job["printer_id"]])
        told = (job["student_name"], job["student_email"], filename, job["original_name"], job["course"], job["notes"])
        material = self._names[Material][job["material_id"]]
        return " ".join(part for part in (f"#{job['id']}", *told, *chosen, material) if part).casefold()


def _stem(number: int) -> str:
    return f"Student_Filament_Blue_{number}"


def _belongings(table: type[SQLModel], copies: Sequence[tuple[int, int | None, int]], dialect: str) -> sa.Insert:
    """The lines of a table that belong to a template, once more for its copy, so many seconds earlier."""
    source = SQLModel.metadata.tables[str(table.__tablename__)]
    names = ("copy", "template", "older_s")
    of = sa.values(*(sa.column(name, sa.Integer) for name in names), name="pairs").data(list(copies)).cte("copies")
    others = [column for column in source.c if column.name not in {"id", "job_id"}]
    values = [_earlier(column, of.c.older_s, dialect) if _is_moment(column) else column for column in others]
    lines = sa.select(of.c.copy, *values).join_from(source, of, source.c.job_id == of.c.template)
    return sa.insert(source).from_select(["job_id", *(column.name for column in others)], lines.order_by(source.c.id))


def _is_moment(column: sa.ColumnElement[Any]) -> bool:
    return isinstance(column.type, UTCDateTime)


def _earlier(moment: sa.ColumnElement[Any], seconds: sa.ColumnElement[int], dialect: str) -> sa.ColumnElement[Any]:
    if dialect == "sqlite":  # which keeps moments as text, with microseconds
        before = sa.literal("-").concat(sa.cast(seconds, sa.Text)).concat(" seconds")
        return sa.func.strftime("%Y-%m-%d %H:%M:%f", moment, before).concat("000")
    return moment - seconds * sa.literal_column("interval '1 second'")
