"""Uploads: the form's path and the API against a bare handler on the same disk, and what they cost meanwhile."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from urllib.parse import quote

from benchmarks.figures import in_ms, paired_ratio, percentile, scaled
from benchmarks.sending import Answer, box, send_form, send_raw, sliced, stl
from benchmarks.servers import Bare, Lab, running_bare, running_lab
from benchmarks.watching import memory_watched, probed, rss_mb
from printlab.keyring import open_keyring

_MB = 1_000_000
_SMALL_MB, _LARGE_MB = 50, 500
_SMALL_ROUNDS, _LARGE_ROUNDS = 7, 5
_IDLE_S = 2.0
ORDER = {
    "name": "Jane Doe",
    "email": "jane@example.com",
    "method": "Filament",
    "printer": "Prusa MK4S",
    "material": "PLA",
    "color": "Blue",
    "accept_terms": "true",
}
_BARE, _HASHING = "bare", "bare_hashing"
_FORM, _JOB, _REVISION = "form", "api_job", "api_revision"


@dataclass
class _Ways:
    """The five ways of getting a file onto the disk."""

    lab: Lab
    bare: Bare
    folder: Path
    revised_job: int = 0

    def send(self, way: str, size: int) -> Answer:
        """Send a file of ``size`` bytes and take away what nothing needs any more."""
        senders: dict[str, Callable[[int], Answer]] = {
            _BARE: lambda size: self._bare("/plain", size),
            _HASHING: lambda size: self._bare("/hashing", size),
            _FORM: self._form,
            _JOB: self.job,
            _REVISION: self._revision,
        }
        return senders[way](size)

    @cached_property
    def _browser(self) -> str:
        """The id of a browser that has been here before."""
        return open_keyring(self.lab.data).new_browser()

    def _bare(self, path: str, size: int) -> Answer:
        answer = send_raw(self.bare.port, path, stl(size))
        (self.folder / answer.body["name"]).unlink()
        return answer

    def _form(self, size: int) -> Answer:
        file = stl(size)
        headers = {"Cookie": f"printlab_browser={self._browser}", "Origin": f"http://127.0.0.1:{self.lab.port}"}
        answer = send_raw(self.lab.port, f"/upload?name={quote(file.name)}", file, headers)
        assert answer.body["bytes"] == size
        for path in (self.lab.data / "staging").glob(f"{answer.body['id']}.*"):
            path.unlink()
        return answer

    def job(self, size: int) -> Answer:
        """A new job through the API."""
        return send_form(self.lab.port, "/api/v1/jobs", stl(size), ORDER, self.lab.token)

    def _revision(self, size: int) -> Answer:
        address = f"/api/v1/jobs/{self.revised_job}/revisions"
        answer = send_form(self.lab.port, address, sliced(size), {}, self.lab.token)
        assert answer.body["revisions"][-1]["bytes"] == size
        return answer


def measure(scale: float) -> dict[str, object]:
    """Throughput, memory and the latency of others, for files of 50 and 500 MB."""
    small_mb, large_mb = scaled(_SMALL_MB, scale), scaled(_LARGE_MB, scale)
    with tempfile.TemporaryDirectory(prefix="printlab-benchmark-") as name:
        folder = Path(name)
        (folder / "lab").mkdir()
        (folder / "bare").mkdir()
        with running_lab(folder / "lab", max_upload_mb="500") as lab, running_bare(folder / "bare") as bare:
            ways = _Ways(lab, bare, folder / "bare")
            # Noise is no model, and its job is rejected once it has been looked into; this one takes files to the end.
            ways.revised_job = send_form(lab.port, "/api/v1/jobs", box(), ORDER, lab.token).body["id"]
            for way in (_BARE, _HASHING, _FORM, _JOB, _REVISION):
                ways.send(way, _MB)
            idle_mb = rss_mb(lab.pid)
            large = _throughput(ways, large_mb, scaled(_LARGE_ROUNDS, scale), idle_mb)
            small = _throughput(ways, small_mb, scaled(_SMALL_ROUNDS, scale), idle_mb)
            return {
                f"{small_mb}_mb": small,
                f"{large_mb}_mb": large,
                "others_meanwhile": _others(ways, large_mb * _MB, scale),
            }


def _throughput(ways: _Ways, size_mb: int, rounds: int, idle_mb: float) -> dict[str, object]:
    """Every way once in each round, each round beginning with another one."""
    names = [_BARE, _HASHING, _FORM, _JOB, _REVISION]
    answers: dict[str, list[Answer]] = {name: [] for name in names}
    memory: dict[str, list[list[float]]] = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            with memory_watched(ways.lab.pid) as samples:
                answers[name].append(ways.send(name, size_mb * _MB))
            memory[name].append(samples)
    answered = {name: [answer.answered_s for answer in given] for name, given in answers.items()}
    taken = {name: [answer.taken_s for answer in given] for name, given in answers.items()}
    figures: dict[str, object] = {
        name: {"mb_per_s": round(size_mb / median(answered[name]), 1)} for name in (_BARE, _HASHING)
    }
    for name in (_FORM, _JOB, _REVISION):
        figures[name] = {
            "of_bare": paired_ratio(answered[_BARE], answered[name]),
            "of_bare_hashing": paired_ratio(answered[_HASHING], answered[name]),
            "receiving_of_bare": paired_ratio(taken[_BARE], taken[name]),
            "receiving_of_bare_hashing": paired_ratio(taken[_HASHING], taken[name]),
            "mb_per_s": round(size_mb / median(answered[name]), 1),
            "memory": _memory(memory[name], idle_mb),
        }
    return {"rounds": rounds, **figures}


def _memory(rounds: list[list[float]], idle_mb: float) -> dict[str, float]:
    """The server's resident memory in the round in which it rose most."""
    worst = max(rounds, key=lambda samples: max(samples) - samples[0])
    return {
        "before_mb": round(worst[0], 1),
        "peak_mb": round(max(worst), 1),
        "after_mb": round(worst[-1], 1),
        "rise_mb": round(max(worst) - worst[0], 1),
        "highest_above_idle_mb": round(max(map(max, rounds)) - idle_mb, 1),
    }


def _others(ways: _Ways, size: int, scale: float) -> dict[str, object]:
    """How long a small request takes while a large file arrives, against an idle server."""
    with probed(ways.lab.port) as idle:
        time.sleep(_IDLE_S * max(scale, 0.2))
    figures: dict[str, object] = {"idle": in_ms(idle)}
    for name in (_FORM, _REVISION):
        with probed(ways.lab.port) as samples:
            ways.send(name, size)
        figures[name] = {
            "p99_against_idle": round(percentile(samples, 99) / percentile(idle, 99), 2),
            **in_ms(samples),
            "requests": len(samples),
        }
    return figures
