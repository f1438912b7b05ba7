"""Jobs in a spreadsheet: as they are, and no formula of a stranger's."""

from __future__ import annotations

import csv
import io
from zoneinfo import ZoneInfo

import pytest

from printlab.services.exporting import csv_of
from tests.workbench import Workbench

_FORMULAS = ("=", "+", "-", "@", "\uff1d")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("evil", ["=1+1", "Ann;=1+cmd|'/C calc'!A0", "x; @SUM(1)", "-2", "a,+1", "\uff1d1+1", "a|=1"])
def test_no_cell_is_a_formula_whatever_the_spreadsheet_separates_by(
    bench: Workbench, evil: str, delimiter: str
) -> None:
    content = csv_of([bench.submit(course=evil)], ZoneInfo("UTC")).decode("utf-8-sig")
    _, *rows = csv.reader(io.StringIO(content), delimiter=delimiter)
    cells = [cell.strip() for row in rows for cell in row]
    assert [cell for cell in cells if cell.startswith(_FORMULAS)] == []


def test_what_is_harmless_stays_as_it_is(bench: Workbench) -> None:
    content = csv_of([bench.submit(name="Ann-Marie O'Neil", course="A=B; 3+4")], ZoneInfo("UTC")).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(content))
    assert (row["Student"], row["Course"]) == ("Ann-Marie O'Neil", "A=B; 3+4")
