"""What is wrong with a surface, what has no thickness, and what consists of several pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from printlab.domain.judging.case import FLAT_MM, Case
from printlab.domain.judging.finding import Code, Finding, Severity
from printlab.domain.judging.phrases import NAMED_ITEMS, counted, millimetres, name_of
from printlab.domain.judging.units import likeliest_unit
from printlab.domain.judging.walls import GOOD_WALL_MM


def surface(case: Case) -> Iterator[Finding]:
    """Holes, faces and bodies that look the wrong way, and edges of more than two faces."""
    facts = case.facts
    if facts.open_edges or (not facts.closed and not facts.flipped_edges):
        edges = f"{counted(facts.open_edges, 'open edge')}" if facts.open_edges else "places where it does not close"
        yield Finding(
            Code.NOT_WATERTIGHT,
            Severity.WARNING,
            f"The surface has {edges}: what is inside and what is outside is a guess there, and walls may be missing "
            "in the print. Repair it in the program that you drew it in and export it again.",
            f"Not watertight: {edges}. Small holes are often closed by the slicer’s repair; look at the layers.",
        )
    if facts.flipped_edges:
        yield Finding(
            Code.FLIPPED_FACES,
            Severity.WARNING,
            "Some faces of the surface look the wrong way. The slicer mostly turns them; if parts are missing in the "
            "preview, recalculate the outside in the program that you drew it in.",
            f"{counted(facts.flipped_edges, 'edge')} between faces that look different ways.",
        )
    if facts.inside_out:
        yield Finding(
            Code.INSIDE_OUT,
            Severity.WARNING,
            "The surface is turned inside out, as if the part were a hollow in solid material. Slicers mostly turn it "
            "back; the lab checks that before it prints.",
            "Inside out: closed, with a negative volume. Check that the slicer fills it.",
        )
    if facts.crowded_edges:
        yield Finding(
            Code.CROWDED_EDGES,
            Severity.HINT,
            "",
            f"{counted(facts.crowded_edges, 'edge')} of more than two faces, where bodies touch. It slices as it is.",
        )


def flatness(case: Case) -> Iterator[Finding]:
    """A part without thickness, whichever unit it was drawn in."""
    thinnest = case.thinnest_mm
    if thinnest < FLAT_MM and likeliest_unit(case) is None:
        yield Finding(
            Code.FLAT,
            Severity.STOPS,
            "The part has no thickness: it is a surface, and there is nothing to print. Give it a thickness of at "
            f"least {GOOD_WALL_MM} mm.",
            f"{millimetres(thinnest)} mm in one direction.",
        )


def pieces(case: Case) -> Iterator[Finding]:
    """Several items on the plate, and items of several pieces."""
    items, count = case.facts.items, case.facts.item_count
    if len(items) > 1:
        judged = f"The {len(items)} longest are judged" if case.facts.more_items else "Each is judged"
        yield Finding(
            Code.SEVERAL_ITEMS,
            Severity.HINT,
            f"The file holds {count:,} items. {judged} by itself; the estimate is for all of them.",
            f"{count:,} items; they may need more than one plate.",
        )
    several = [(name_of(item, place), item.bodies) for place, item in enumerate(items, start=1) if item.bodies > 1]
    if several:
        yield _separate_pieces(several, alone=len(items) == 1)


def _separate_pieces(several: Sequence[tuple[str, int]], *, alone: bool) -> Finding:
    if alone:
        what = f"The part consists of {several[0][1]} separate pieces"
    else:
        listed = ", ".join(f"{name} of {bodies}" for name, bodies in several[:NAMED_ITEMS])
        what = f"Some items consist of separate pieces: {listed}{' …' if len(several) > NAMED_ITEMS else ''}"
    return Finding(
        Code.SEPARATE_PIECES,
        Severity.HINT,
        f"{what}. If they should be one solid, join them before you export; if they are to be loose, all is well.",
        "Look whether a piece hangs in the air or lies inside another.",
    )
