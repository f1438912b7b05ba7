"""What every route needs: the services, and who asks from where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from printlab.api.downloads import Downloads
from printlab.api.origins import SAFE_METHODS, is_own_origin
from printlab.cookies import BROWSER_COOKIE, SESSION_COOKIE
from printlab.domain.policy import ANONYMOUS, Actor
from printlab.errors import NotAllowed, NotSignedIn
from printlab.limits import (
    FAILED_REDEMPTIONS_PER_MINUTE,
    UPLOADS_PER_HOUR,
    UPLOADS_PER_HOUR_IN_A_CROWD,
    RateLimiter,
    caller_from,
)
from printlab.offloop import off_loop
from printlab.services import Services

_MINUTE_S, _HOUR_S = 60.0, 3600.0
_CROWDED = "Many files come from this address within the hour, and many of them from this browser."

_bearer = HTTPBearer(
    scheme_name="token",
    description="A staff token, made with `printlab token create`.",
    auto_error=False,
)
_cookie = APIKeyCookie(
    name=SESSION_COOKIE,
    scheme_name="session",
    description="The cookie of a signed-in staff member; other methods than GET need this site's own Origin header.",
    auto_error=False,
)


@dataclass(frozen=True, slots=True)
class Api:
    """The services, how often the public may send files and what is no link, and the files that are given out."""

    services: Services
    uploads: RateLimiter = field(default_factory=lambda: RateLimiter(UPLOADS_PER_HOUR, _HOUR_S))
    uploads_of_browsers: RateLimiter = field(
        default_factory=lambda: RateLimiter(UPLOADS_PER_HOUR_IN_A_CROWD, _HOUR_S, _CROWDED)
    )
    failed_redemptions: RateLimiter = field(
        default_factory=lambda: RateLimiter(FAILED_REDEMPTIONS_PER_MINUTE, _MINUTE_S)
    )
    downloads: Downloads = field(default_factory=Downloads)

    def caller(self, request: Request) -> str:
        """Who is counted for the limits: the client's address, or its network."""
        return caller_from(request)

    def count_upload(self, request: Request) -> None:
        """Count a file that a stranger sends; raises TooManyRequests.

        The second half of what an address may send is for browsers that have sent little: one does not use up the hour
        of everybody there. What brings no id of ours, a program, counts as one of its address.
        """
        caller = self.caller(request)
        browser = browser_of(request, self) or caller
        self.uploads.check(caller)
        if self.uploads.taken(caller) >= UPLOADS_PER_HOUR // 2:
            self.uploads_of_browsers.check(browser)
        self.uploads.take(caller)
        self.uploads_of_browsers.count(browser)


def browser_of(request: Request, api: Api) -> str:
    """The id that this browser got with an earlier answer; empty when it brings none, or one that it made up."""
    brought = request.cookies.get(BROWSER_COOKIE, "")
    return brought if api.services.keyring.is_browser(brought) else ""


async def api_of(request: Request) -> Api:
    """What ``install`` left in the application."""
    return request.app.state.printlab_api


ApiOf = Annotated[Api, Depends(api_of)]


def require_own_origin(request: Request, api: Api) -> None:
    """Refuse what another site's page may have sent with this person's cookie; raises NotAllowed."""
    if not is_own_origin(request, api.services.settings.base_url):
        raise NotAllowed("With a session cookie this works only from PrintLab's own pages. Use a staff token.")


async def token_actor(request: Request, api: ApiOf) -> Actor:
    """Whoever the bearer token stands for, ANONYMOUS without one; raises NotSignedIn for a wrong one."""
    header = request.headers.get("authorization")
    if header is None:
        return ANONYMOUS
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("Send the staff token as “Authorization: Bearer …”.")
    return await off_loop(api.services.accounts.actor_of_token, token.strip())


async def key_actor(request: Request, api: ApiOf) -> Actor:
    """The staff member whose token a slicer sends as its API key, or as a bearer; raises NotSignedIn."""
    if key := request.headers.get("x-api-key", "").strip():
        return await off_loop(api.services.accounts.actor_of_token, key)
    actor = await token_actor(request, api)
    if actor is ANONYMOUS:
        raise NotSignedIn("Enter a PrintLab token as the API key. An admin makes one.")
    return actor


async def session_actor(request: Request, api: ApiOf) -> Actor:
    """Whoever is signed in in this browser, ANONYMOUS when nobody is."""
    return await off_loop(api.services.accounts.actor_of, request.cookies.get(SESSION_COOKIE))


async def staff_actor(request: Request, api: ApiOf) -> Actor:
    """The staff member of the token, or of the session cookie; raises NotSignedIn, NotAllowed."""
    actor = await token_actor(request, api)
    if actor is ANONYMOUS:
        actor = await session_actor(request, api)
        if actor is not ANONYMOUS and request.method not in SAFE_METHODS:
            require_own_origin(request, api)
    if actor is ANONYMOUS:
        raise NotSignedIn("This is for lab staff. Send a staff token as “Authorization: Bearer …”.")
    return actor


async def program_or_session_actor(request: Request, api: ApiOf) -> Actor:
    """Whoever the bearer token stands for when there is one, else whoever is signed in in this browser."""
    is_program = request.headers.get("authorization", "").lower().startswith("bearer ")
    return await (token_actor if is_program else session_actor)(request, api)


async def session_staff(request: Request, api: ApiOf) -> Actor:
    """The staff member who is signed in in this browser; raises NotSignedIn."""
    actor = await session_actor(request, api)
    if not actor.is_staff:
        raise NotSignedIn
    return actor


StaffActor = Annotated[Actor, Depends(staff_actor)]
KeyActor = Annotated[Actor, Depends(key_actor)]
TokenActor = Annotated[Actor, Depends(token_actor)]
SessionActor = Annotated[Actor, Depends(session_actor)]
SessionStaff = Annotated[Actor, Depends(session_staff)]

# For the documentation only: the dependencies above read the headers themselves, to answer in our words.
STAFF_SECURITY = [Security(_bearer), Security(_cookie)]
