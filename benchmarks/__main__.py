"""``python -m benchmarks [NAMES] [--scale X]``: measure, and print one JSON document."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout

from benchmarks import board, drawing, estimates, geometry, live, mails, moves, noticing, paths, soak, upload
from benchmarks.figures import load, machine

_BENCHMARKS: dict[str, Callable[[float], dict[str, object]]] = {
    "upload": upload.measure,
    "mails": mails.measure,
    "moves": moves.measure,
    "live": live.measure,
    "estimates": estimates.measure,
    "drawing": drawing.measure,
    "geometry": geometry.measure,
    "paths": paths.measure,
    "noticing": noticing.measure,
    "board": board.measure,
    "soak": soak.measure,
}
_WHEN_NAMED = {"board", "estimates", "soak"}
"""One needs a slicer and says nothing of speed: run when a profile changes. The others take 20 minutes each."""


def main() -> None:
    """Run what was asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure PrintLab; print JSON.")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"{', '.join(_BENCHMARKS)}; when none is named, all but {', '.join(sorted(_WHEN_NAMED))}",
    )
    parser.add_argument("--scale", type=_scale, default=1.0, help="1 is the full measurement, 0.1 a quick look")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(_BENCHMARKS):
        parser.error(f"There is no benchmark {', '.join(sorted(unknown))}. Choose from {', '.join(_BENCHMARKS)}.")
    document: dict[str, object] = {"machine": machine(), "scale": arguments.scale}
    for name in arguments.names or [name for name in _BENCHMARKS if name not in _WHEN_NAMED]:
        before = load()
        print(f"{name} …", file=sys.stderr, flush=True)
        with redirect_stdout(sys.stderr):  # what a service that runs in this process logs
            figures = _BENCHMARKS[name](arguments.scale)
        document[name] = figures | {"load_before_and_after": [before, load()]}
    print(json.dumps(document, indent=2))


def _scale(text: str) -> float:
    scale = float(text)
    if not 0 < scale <= 1:
        raise argparse.ArgumentTypeError("give a number above 0 and up to 1")
    return scale


if __name__ == "__main__":
    main()
