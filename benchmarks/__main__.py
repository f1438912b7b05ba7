"""``python -m benchmarks [NAMES] [--scale X]``: measure, and print one JSON document."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable

from benchmarks import live, moves, upload
from benchmarks.figures import load, machine

_BENCHMARKS: dict[str, Callable[[float], dict[str, object]]] = {
    "upload": upload.measure,
    "moves": moves.measure,
    "live": live.measure,
}


def main() -> None:
    """Run what was asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure PrintLab; print JSON.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(_BENCHMARKS)}; all when none is named")
    parser.add_argument("--scale", type=_scale, default=1.0, help="1 is the full measurement, 0.1 a quick look")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(_BENCHMARKS):
        parser.error(f"There is no benchmark {', '.join(sorted(unknown))}. Choose from {', '.join(_BENCHMARKS)}.")
    document: dict[str, object] = {"machine": machine(), "scale": arguments.scale}
    for name in arguments.names or _BENCHMARKS:
        before = load()
        print(f"{name} …", file=sys.stderr, flush=True)
        document[name] = _BENCHMARKS[name](arguments.scale) | {"load_before_and_after": [before, load()]}
    print(json.dumps(document, indent=2))


def _scale(text: str) -> float:
    scale = float(text)
    if not 0 < scale <= 1:
        raise argparse.ArgumentTypeError("give a number above 0 and up to 1")
    return scale


if __name__ == "__main__":
    main()
