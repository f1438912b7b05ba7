"""The board in Chromium: until it can be used, its size, scrolling, and what is typed or changed until it shows."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Generator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.board_changes import Changes, shown_jobs
from benchmarks.figures import in_ms, percentile, scaled
from benchmarks.live import ARGUMENTS, CHROMIUM
from benchmarks.servers import Lab

_LOADS = 10
_CHANGES = 20
_SEARCHES = ("ella", "müller", "gear", "#1000", "red", "zzz")
_SCROLL_S = 3
# Resolves when the board hears from its server and shows its first cards; gives ms since the navigation began.
_USABLE = """
() => new Promise(resolve => {
  const look = () => window.did_handshake === true && document.querySelector("[data-job]")
    ? requestAnimationFrame(() => resolve(performance.now())) : setTimeout(look, 2);
  look();
})
"""
_SCROLL = """
seconds => new Promise(resolve => {
  const list = document.querySelector(".plb-column__cards");
  const times = [], end = performance.now() + seconds * 1000;
  const step = now => {
    times.push(now);
    list.scrollTop += 30;
    if (now < end) requestAnimationFrame(step);
    else resolve(times);
  };
  requestAnimationFrame(step);
})
"""
# From a text that is typed until what it finds is drawn: the address says so in the same moment.
_TYPED = """
text => new Promise(resolve => {
  const field = document.querySelector(".plb-search input");
  const began = performance.now();
  const observer = new MutationObserver(() => {
    if (!new URLSearchParams(location.search).get("q")?.includes(text)) return;
    observer.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - began));
  });
  observer.observe(document.body, {childList: true, subtree: true, characterData: true, attributes: true});
  field.value = text;
  field.dispatchEvent(new Event("input", {bubbles: true}));
})
"""
_WATCH = """
() => {
  window.seenMarks = {};
  new MutationObserver(() => {
    for (const [, mark] of document.body.textContent.matchAll(/change (\\d+) of the benchmark/g)) {
      window.seenMarks[mark] ??= Date.now();
    }
  }).observe(document.body, {childList: true, subtree: true, characterData: true});
}
"""


def in_a_browser(lab: Lab, scale: float) -> dict[str, object]:
    """A window of 1366 × 768 px; the first load is with an empty cache."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or CHROMIUM, args=ARGUMENTS)
        with _page(browser, lab) as page:
            cold = _load(page, lab)
            warm = [_load(page, lab) for _ in range(scaled(_LOADS, scale))]
            figures: dict[str, object] = {
                "cold_ms": round(cold),
                "warm_ms": round(percentile(warm, 50)),
                "warm_slowest_ms": round(max(warm)),
                "dom_nodes": page.evaluate("document.querySelectorAll('*').length"),
                "scrolling": _scrolled(page),
                "dom_nodes_scrolled": page.evaluate("document.querySelectorAll('*').length"),
            }
            _load(page, lab)
            figures["change_to_dom"] = in_ms(_changed(page, lab, scaled(_CHANGES, scale)))
            figures["search_to_dom"] = in_ms([page.evaluate(_TYPED, text) / 1000 for text in _SEARCHES])
        browser.close()
        return figures


@contextmanager
def _page(browser: Browser, lab: Lab) -> Generator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.add_cookies([{"name": "printlab_session", "value": lab.session, "url": f"http://127.0.0.1:{lab.port}"}])
    yield context.new_page()
    context.close()


def _load(page: Page, lab: Lab) -> float:
    page.goto(f"http://127.0.0.1:{lab.port}/board", wait_until="commit")
    return float(page.evaluate(_USABLE))


def _scrolled(page: Page) -> dict[str, float]:
    times: list[float] = page.evaluate(_SCROLL, _SCROLL_S)
    frames_ms = [after - before for before, after in itertools.pairwise(times)]
    return {
        "frames_per_s": round(len(frames_ms) / (times[-1] - times[0]) * 1000, 1),
        "p99_ms": round(percentile(frames_ms, 99), 1),
    }


def _changed(page: Page, lab: Lab, count: int) -> list[float]:
    """From the commit of a change until the card in the document says it."""
    job_id, *_ = shown_jobs(lab)
    made = Changes(lab, [job_id])
    page.evaluate(_WATCH)
    for _ in range(count):
        made.several(job_id, 1)
        time.sleep(0.3)
    seen: dict[str, float] = page.evaluate("window.seenMarks")
    committed = made.committed()
    missing = [mark for mark in committed if str(mark) not in seen]
    assert not missing, f"changes {missing} did not show"
    return [seen[str(mark)] / 1000 - moment for mark, moment in committed.items()]
