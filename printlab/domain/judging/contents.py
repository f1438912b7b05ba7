"""What is odd about the file itself."""

from __future__ import annotations

from collections.abc import Iterator

from printlab.domain.judging.case import Case
from printlab.domain.judging.finding import Code, Finding, Severity
from printlab.domain.model_facts import Remark

MANY_TRIANGLES = 1_000_000
"""A part of 100 mm with triangles of 0.2 mm; a printer lays lines of 0.45 mm. The viewer thins such models out."""


def oddities(case: Case) -> Iterator[Finding]:
    """More triangles than it needs, and what was remarked on while it was read."""
    if case.facts.triangles > MANY_TRIANGLES:
        yield Finding(
            Code.MANY_TRIANGLES,
            Severity.HINT,
            f"The model has {case.facts.triangles / 1e6:.1f} million triangles, far more than a printer can show. It "
            "prints; exported more coarsely (0.05 mm is fine) everything goes faster.",
            "Slicing will be slow; simplify it if the slicer struggles.",
        )
    yield from (_REMARKS[remark] for remark in Remark if remark in case.facts.remarks and remark in _REMARKS)


# Corners that were merged at 2e-6 of the extent are rounding in the file: nothing to say.
_REMARKS: dict[Remark, Finding] = {
    Remark.TRUNCATED: Finding(
        Code.TRUNCATED,
        Severity.WARNING,
        "The file ends too early, so some of the model is missing. Export it again and send the new file.",
        "Fewer triangles than the file promises; what is there was read.",
    ),
    Remark.BAD_FACES: Finding(
        Code.BAD_FACES,
        Severity.WARNING,
        "",
        "Faces that name corners which do not exist were left out; look for holes.",
    ),
    Remark.WRONG_COUNT: Finding(
        Code.WRONG_COUNT, Severity.HINT, "", "The file’s own count of triangles is wrong. All that are there were read."
    ),
    Remark.LEFT_OUT: Finding(
        Code.LEFT_OUT, Severity.HINT, "", "Items that are not for printing (supports, helpers) were left out."
    ),
    Remark.MIRRORED: Finding(
        Code.MIRRORED, Severity.HINT, "", "An item is mirrored by its placement; its faces were turned back."
    ),
}
