"""What all pages share: who looks at them, the frame around them, live changes, and refusals said in words."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import Client, Event, app, background_tasks, core, ui

from components import design
from components.chrome import Brand, Header, Link, LiveLight, QuickReturn, Theme
from components.notice import notice
from components.palette import Palette, Place
from printlab.cookies import BROWSER_COOKIE, SESSION_COOKIE
from printlab.domain.policy import Actor
from printlab.errors import DatabaseAway, PrintLabError
from printlab.live import Changed
from printlab.offloop import off_loop
from printlab.services import Services

__all__ = [
    "EVERYTHING_CHANGED",
    "JOB_CHANGED",
    "LAB_CHANGED",
    "PATIENCE_S",
    "SESSIONS_CHANGED",
    "ChangedJobs",
    "Rereading",
    "admin_actor",
    "browser_of",
    "connect_live",
    "keep_private",
    "logged",
    "problem",
    "public_frame",
    "say",
    "shown_to_user",
    "staff_actor",
    "staff_frame",
    "visitor",
]

log = logging.getLogger("printlab.pages")

JOB_CHANGED: Event[int] = Event()
"""A job changed anywhere; carries its number."""
LAB_CHANGED: Event[[]] = Event()
"""The lab's texts, catalogue or opening changed."""
DATABASE_AWAY: Event[bool] = Event()
"""The lab's database is out of reach (True), or is back."""
EVERYTHING_CHANGED: Event[[]] = Event()
"""Changes may have been missed for a moment: read again whatever is on the screen."""
SESSIONS_CHANGED: Event[[]] = Event()
"""Somebody signed out, or a session or an account was closed: every staff page looks whether it may stay."""

PATIENCE_S = 20.0
"""How long a page may take to be built on a busy server; the framework gives up after 3 s."""

_DISK_CHECK_S = 30.0
_SESSION_CHECK_S = 30.0
_LEAVING_S = 3.0


# ---------- live ----------


def connect_live(services: Services) -> None:
    """Carry changes from the services' threads to the pages' events on the loop, until the server stops."""

    def emit(change: Changed) -> None:
        if change.everything:
            EVERYTHING_CHANGED.emit()
        elif change.job_id is None:
            LAB_CHANGED.emit()
        else:
            JOB_CHANGED.emit(change.job_id)

    def on_loop(call: Callable[..., object], *arguments: object) -> None:
        if core.loop is not None and core.loop.is_running():
            core.loop.call_soon_threadsafe(call, *arguments)

    app.on_shutdown(services.live.subscribe(partial(on_loop, emit)))
    services.listener.watch(partial(on_loop, DATABASE_AWAY.emit))


class Rereading:
    """Has a page read again what changed, one reading at a time: changes meanwhile make one more, not many.

    A page asks from the moment before its first reading, and begins when it is laid out; what changed between the two
    is read then. Nothing that was committed is missed, and no older reading overtakes a newer one.
    """

    def __init__(self, read: Callable[[], Awaitable[None]]) -> None:
        self._read = read
        self._client = ui.context.client
        self._is_wanted = False
        self._is_busy = True

    async def begin(self) -> None:
        """The page is laid out."""
        self._is_busy = False
        if self._is_wanted:
            await self.ask()

    async def ask(self) -> None:
        """Read now, or once more when a reading is under way."""
        self._is_wanted = True
        if self._is_busy:
            return
        self._is_busy = True
        try:
            while self._is_wanted:
                self._is_wanted = False
                with self._client, shown_to_user():
                    await self._read()
        finally:
            self._is_busy = False


class ChangedJobs:
    """The jobs that changed since a page last read them, read again one reading at a time.

    ``read`` gets their numbers, or None when any may have changed. What it could not read is all read the next time.
    """

    def __init__(self, read: Callable[[set[int] | None], Awaitable[None]]) -> None:
        self._read = read
        self._changed: set[int] | None = set()
        self._rereading = Rereading(self._read_again)
        JOB_CHANGED.subscribe(self._one)
        EVERYTHING_CHANGED.subscribe(self.everything)

    async def begin(self) -> None:
        """The page is laid out."""
        await self._rereading.begin()

    async def _one(self, job_id: int) -> None:
        if self._changed is not None:
            self._changed.add(job_id)
        await self._rereading.ask()

    async def everything(self) -> None:
        """Any may have changed."""
        self._changed = None
        await self._rereading.ask()

    async def _read_again(self) -> None:
        changed, self._changed = self._changed, set()
        try:
            await self._read(changed)
        except Exception:
            self._changed = None
            raise


# ---------- refusals ----------

Kind = Literal["good", "bad", "plain"]
_ICONS: dict[Kind, str | None] = {"good": "check_circle", "bad": "error", "plain": None}
_SHOWN_S: dict[Kind, float] = {"good": 4, "bad": 8, "plain": 4}
_UNDO_SHOWN_S = 10


def say(text: str, kind: Kind = "good", way_back: dict[str, Any] | None = None) -> None:
    """Show a short notification on this page, with the button that takes back what it says.

    What is done is said in the place of what was done before: an undo that it offered is no longer meant. Anything
    else that is said again takes its own place.
    """
    with suppress(RuntimeError):  # the page was left meanwhile: nobody is there to read it
        for before in [e for e in ui.context.client.elements.values() if isinstance(e, ui.notification)]:
            if before.icon == _ICONS[kind] and (kind == "good" or before.message == text):
                before.dismiss()
        ui.notification(
            text,
            position="top",
            icon=_ICONS[kind],
            classes=f"pl-toast-{kind}",
            timeout=_UNDO_SHOWN_S if way_back else _SHOWN_S[kind],
            close_button="Close" if kind == "bad" else False,
            actions=[way_back] if way_back else [],
        )


@contextmanager
def shown_to_user() -> Generator[None]:
    """A refusal inside becomes a notification in its own words; anything else is logged under an id that is shown."""
    try:
        yield
    except PrintLabError as error:
        say(str(error), "bad")
    except Exception as error:  # noqa: BLE001  (the reason is in the log)
        say(logged(error), "bad")


def logged(error: Exception) -> str:
    """Log what nobody foresaw; gives the sentence that names its place in the log."""
    error_id = secrets.token_hex(4)
    log.error("page action failed, shown as %s", error_id, exc_info=error, extra={"error_id": error_id})
    return f"Something went wrong; it is logged as {error_id}."


# ---------- who looks ----------


async def visitor(services: Services, request: Request) -> Actor:
    """Whoever the session cookie belongs to, ANONYMOUS without one."""
    return await off_loop(services.accounts.actor_of, request.cookies.get(SESSION_COOKIE))


async def staff_actor(services: Services, request: Request) -> Actor | RedirectResponse:
    """The signed-in staff member, or the way to the sign-in page and back; a page returns the latter as it is."""
    actor = await visitor(services, request)
    if actor.is_staff:
        return actor
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(wanted, safe='/')}", status_code=303)


async def admin_actor(services: Services, request: Request) -> Actor | RedirectResponse:
    """The signed-in admin; staff are sent to the board, others to the sign-in page."""
    actor = await staff_actor(services, request)
    if isinstance(actor, RedirectResponse) or actor.is_admin:
        return actor
    return RedirectResponse("/board", status_code=303)


async def is_still_in(services: Services, actor: Actor) -> bool:
    """Whether ``actor``, for whom this page was made, is still signed in, and still is what they were."""
    now = await off_loop(services.accounts.actor_of, ui.context.client.request.cookies.get(SESSION_COOKIE))
    return now.key == actor.key and now.kind is actor.kind


def browser_of(request: Request) -> str:
    """The opaque id of this browser, under which its uploads wait; the middleware sees to it that there is one."""
    return getattr(request.state, BROWSER_COOKIE, None) or request.cookies.get(BROWSER_COOKIE, "")


def _leave_when_signed_out(services: Services, actor: Actor) -> None:
    client = ui.context.client

    async def check() -> None:
        with suppress(DatabaseAway):  # asked again; until then nothing can be changed from here either
            if await is_still_in(services, actor):
                return
            ui.navigate.reload()
            background_tasks.create(_close(client), name="close a page that was signed out")

    SESSIONS_CHANGED.subscribe(check)
    ui.timer(_SESSION_CHECK_S, check, immediate=False)


async def _close(client: Client) -> None:
    """End a page that did not leave by itself: it hears of no change any more, and nothing on it can be clicked.

    Also one that is not connected at this moment: it could come back and go on reading.
    """
    await asyncio.sleep(_LEAVING_S)
    if client.id not in Client.instances:
        return
    # Else the framework deletes it once more, when it has been away for long enough.
    waiting = tuple(client._delete_tasks)  # pyright: ignore[reportPrivateUsage, reportUnknownArgumentType]  # noqa: SLF001
    for document in waiting:
        client._cancel_delete_task(document)  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
    client.delete()
    await core.sio.close_room(client.id)


# ---------- frames ----------

_NAV = (("board", "Board", "/board"), ("submit", "New job", "/"), ("mail", "Mail", "/admin/mail"))
_ADMIN_NAV = (("admin", "Admin", "/admin"),)


_PLACES = (
    Place("Go to the board", "view_column", "/board"),
    Place("Go to what needs you", "notification_important", "/board?view=needs"),
    Place("Go to the table of jobs", "table_rows", "/board?view=table"),
    Place("New job at the desk", "add", "/"),
    Place("Go to mail", "mail_outline", "/admin/mail"),
    Place("Set up “Open file” on this computer", "launch", "/opener"),
)
_ADMIN_PLACES = (
    Place("Go to the lab’s settings", "settings", "/admin"),
    Place("Go to printers, materials and colours", "category", "/admin/catalog"),
    Place("Go to staff accounts", "people_outline", "/admin/staff"),
    Place("Go to what is held about students", "no_accounts", "/admin/students"),
    Place("Go to health", "monitor_heart", "/admin/health"),
)


def _places(actor: Actor) -> tuple[Place, ...]:
    return _PLACES + (_ADMIN_PLACES if actor.is_admin else ())


@contextmanager
def staff_frame(
    services: Services, actor: Actor, title: str, active: str = "", *, flush: bool = False
) -> Generator[ui.element]:
    """Everything around a staff page; the block fills its main part. ``flush`` leaves the page's edges to the block.

    ``active`` names the entry of the navigation: board, submit, mail or admin.
    """
    _prepare(services, title)
    Theme(choosable=False)  # the one in the menu does not exist before the menu is opened
    _leave_when_signed_out(services, actor)
    entries = _NAV + (_ADMIN_NAV if actor.is_admin else ())
    with Header(_brand(services), "/board", [Link(text, href, key == active) for key, text, href in entries], actor):
        _live_light(services)
    Palette(_places(actor))
    if actor.is_admin:
        _disk_warning(services)
    with _main(flush=flush) as main:
        yield main


def _disk_warning(services: Services) -> None:
    """What admins are told on every page as long as it is so: a disk is filling up, or uploads are refused."""
    box, shown = ui.element("div").classes("pl-above"), [""]

    def show() -> None:
        problem = services.disk_watch.problem() or ""
        if problem != shown[0]:
            shown[0] = problem
            box.clear()
            if problem:
                with box:
                    notice(problem, "warning")

    show()
    ui.timer(_DISK_CHECK_S, show, immediate=False)


@contextmanager
def public_frame(services: Services, title: str, actor: Actor | None = None) -> Generator[ui.element]:
    """Everything around a student's page; staff who look at it see a way back to the board."""
    _prepare(services, title)
    Theme(choosable=False)
    is_staff = actor is not None and actor.is_staff
    Header(_brand(services), "/", [Link("Board", "/board")] if is_staff else [], None)
    with _main(flush=False) as main:
        yield main
    _footer(services)


@contextmanager
def problem(services: Services, title: str, text: str, status: int = 404) -> Generator[ui.element]:
    """A page that says why there is nothing to see; the block may add what to do."""
    ui.context.client.status_code = status
    with public_frame(services, title), ui.element("div").classes(design.READING):
        with ui.element("div").classes(design.STACK):
            ui.label(title).classes(design.DISPLAY).props("role=heading aria-level=1")
            ui.label(text).classes("pl-lead pl-prose")
        with ui.element("div").classes(design.ROW) as actions:
            yield actions


def keep_private() -> None:
    """Tell search engines to stay away and browsers not to pass this page's address on."""
    ui.add_head_html('<meta name="robots" content="noindex, nofollow"><meta name="referrer" content="no-referrer">')


def _prepare(services: Services, title: str) -> None:
    ui.page_title(f"{title} · {services.settings.brand_name}")
    page = ui.context.client.page
    page.language, page.dark = "en-US", None  # None: as the system says, until the theme element has been read
    if (slot := ui.context.client.content.parent_slot) is not None:
        slot.parent.tag = "div"  # the framework makes the whole page a <main>, with our header and footer in it
    QuickReturn()
    skip = ui.element("a").classes("pl-skip").props('href="#main"')
    with skip:
        ui.label("Skip to the content")


@contextmanager
def _main(*, flush: bool) -> Generator[ui.element]:
    classes = "pl-main pl-main-flush" if flush else "pl-main"
    with ui.element("main").classes(classes).props("id=main tabindex=-1") as main:
        yield main


def _live_light(services: Services) -> None:
    light = LiveLight(stale=services.listener.is_away)
    DATABASE_AWAY.subscribe(light.show_stale)


def _brand(services: Services) -> Brand:
    settings = services.settings
    lab = "" if settings.lab_name == settings.brand_name else settings.lab_name
    return Brand(settings.brand_name, lab, settings.logo)


def _footer(services: Services) -> None:
    settings = services.settings
    with ui.element("footer").classes("pl-footer").props("role=contentinfo"):
        ui.label(settings.lab_name)
        if settings.contact_email:
            ui.link(settings.contact_email, f"mailto:{settings.contact_email}")
