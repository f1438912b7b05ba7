"""Jobs as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import tzinfo

from printlab.domain.views import JobView

_HEAD = (
    "Job",
    "Status",
    "Since",
    "Sent",
    "Student",
    "E-mail",
    "Course",
    "File",
    "Printer",
    "Material",
    "Colour",
    "Copies",
    "Weight (g)",
    "Time (min)",
    "Price",
    "Currency",
    "Needed by",
    "Assigned to",
)
# Where a cell begins for a spreadsheet, whichever separator it takes, and what makes a formula of it,
# also as wide as a Chinese character.
_FORMULA = re.compile(r"(^|[;,|\t\r\n])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def csv_of(jobs: Iterable[JobView], zone: tzinfo) -> bytes:
    """One line a job below a line of headings: UTF-8 with the mark by which spreadsheets know it, times of the lab."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(_HEAD)
    table.writerows([_harmless(value) for value in _line(job, zone)] for job in jobs)
    return text.getvalue().encode("utf-8-sig")


def _line(job: JobView, zone: tzinfo) -> Iterator[object]:
    yield from (job.id, job.status.label)
    yield from (moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") for moment in (job.status_since, job.created_at))
    yield from (job.student_name, job.student_email, job.course, job.original_name)
    yield from (job.printer, job.material, job.color, job.quantity)
    yield "" if job.weight_cg is None else f"{job.weight_cg / 100:.2f}"
    yield job.time_min
    yield "" if job.price_cents is None else f"{job.price_cents / 100:.2f}"
    yield from (job.currency, job.needed_by, job.assignee)


def _harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula, or a part of it for one, is one no more."""
    return _FORMULA.sub(r"\1\2'", value) if isinstance(value, str) else value
