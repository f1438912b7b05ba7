"""The people of a lab, each with a browser window of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.browser.lab import PASSWORD, Lab

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}
NEWEST_FIRST = "/board?order=newest"
"""The board with the jobs of a test at the top, however many others the lab of its file has."""
WIDE: dict[str, Any] = {"viewport": {"width": 1920, "height": 1080}}

# When each card of the board and the number of a sent job were first on the screen, in ms since 1970.
_WATCH = """
window.seenAt = {};
const saw = (what) => (window.seenAt[what] ??= Date.now());
new MutationObserver(() => {
  for (const card of document.querySelectorAll("[data-job]")) saw("card " + card.dataset.job);
  for (const number of document.querySelectorAll(".pl-job-number")) saw("sent " + number.textContent);
}).observe(document, {childList: true, subtree: true, characterData: true});
"""
# Whether the page takes each step into its own hands: the browser would open the file in its place.
_DROP = """([place, files]) => {
  const data = new DataTransfer();
  for (const [name, text] of files) data.items.add(new File([text], name));
  const options = {dataTransfer: data, bubbles: true, cancelable: true};
  const target = document.querySelector(place);
  return ["dragover", "drop"].map((kind) => !target.dispatchEvent(new DragEvent(kind, options)));
}"""


@dataclass
class Person:
    """Somebody with a window. ``errors`` is what the browser's console and scripts complained about."""

    lab: Lab
    context: BrowserContext
    page: Page = field(init=False)
    errors: list[str] = field(default_factory=list[str])
    requests: list[Request] = field(default_factory=list[Request])
    refusals_are_expected: bool = False

    def __post_init__(self) -> None:
        """Open the first window."""
        self.context.add_init_script(_WATCH)
        self.context.on("page", self._listen)
        self.page = self.context.new_page()

    def _listen(self, page: Page) -> None:
        page.on("console", self._complained)
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108  (Playwright marks its handlers)

    def _complained(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        # _WATCH is put into every frame, and a shown mail stands in one that lets no script run.
        if message.text.startswith("Blocked script execution in 'about:srcdoc'"):
            return
        # The 3D view's pixels are copied to the screen by the processor, which is slow only here.
        if "GL Driver Message" in message.text and "ReadPixels" in message.text:
            return
        # A page that is left while its live connection is on its way.
        if message.text.endswith("WebSocket is closed before the connection is established."):
            return
        if self.refusals_are_expected and message.text.startswith("Failed to load resource"):
            return
        self.errors.append(f"{message.type} at {message.location.get('url')}: {message.text}")

    # ---------- going places ----------

    def visit(self, address: str, page: Page | None = None) -> Page:
        """Go to a path of the lab, or a whole address, and wait until the page is alive."""
        page = page or self.page
        page.goto(address if address.startswith("http") else f"{self.lab.url}{address}")
        return alive(page)

    def reload(self) -> Page:
        """Load the page again."""
        self.page.reload()
        return alive(self.page)

    def signed_in(self, address: str) -> Person:
        """Sign in without the form; for tests that are about something else."""
        answer = self.context.request.post(
            f"{self.lab.url}/auth/sign-in",
            form={"email": address, "password": PASSWORD},
            headers={"Accept": "application/json"},
        )
        assert answer.ok, answer.text()
        return self

    # ---------- saying and seeing ----------

    def choose(self, group: str, option: str) -> None:
        """Tap one of the options of a field."""
        self.page.get_by_role("group", name=group, exact=True).get_by_text(option, exact=True).click()

    def choose_file(self, name: str, content: bytes, *, wait: bool = True) -> None:
        """Choose a file as people do: through the field that opens the system's dialog."""
        with self.page.expect_file_chooser() as chooser:
            self.page.locator("label.pl-drop:visible").click()
        chooser.value.set_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
        if wait:
            expect(self.page.locator(".pl-file-note", has_text="uploaded")).to_be_visible()

    def drop(self, place: str, *files: tuple[str, str]) -> list[bool]:
        """Drop files, a name and a text each, on what the selector finds; gives whether the page kept itself, twice."""
        self.page.locator(place).first.wait_for()
        return self.page.evaluate(_DROP, [place, files])

    def fill_order(self, name: str = "Jane Doe", address: str = "jane@example.edu", color: str = "Blue") -> None:
        """Fill in what a student must, and agree."""
        page = self.page
        self.choose("Colour", color)
        page.get_by_label("First and last name").fill(name)
        page.get_by_label("E-mail", exact=True).fill(address)
        page.get_by_role("checkbox", name="I agree to these terms").click()

    def send(self) -> int:
        """Send the form; gives the number of the job."""
        self.page.get_by_role("button", name="Send to the lab").click()
        return int(self.page.locator(".pl-job-number").inner_text())

    def upload_requests(self) -> list[str]:
        """The addresses of all uploads so far."""
        return [request.url for request in self.requests if "/upload" in request.url and request.method == "POST"]

    def said(self, text: str | re.Pattern[str]) -> Locator:
        """The short notification with this text."""
        return self.page.locator(".q-notification", has_text=text)

    def seen_at(self, what: str) -> int:
        """When ``card 7`` or ``sent 7`` was first on the screen, in ms since 1970."""
        handle = self.page.wait_for_function("what => window.seenAt[what]", arg=what)
        return int(handle.json_value())


def alive(page: Page) -> Page:
    """The page as soon as its live connection stands: before that a click is heard by nobody."""
    page.wait_for_function("window.did_handshake === true")
    return page


NewPerson = Callable[..., Person]


def newcomer(browser: Browser, lab: Lab, **window: Any) -> Person:
    """Somebody who was never here."""
    context = browser.new_context(**window, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    return Person(lab, context)
