"""Signing in, out and for the first time."""

from __future__ import annotations

import asyncio

import orjson
import pytest
from httpx import URL
from nicegui import Client, ui
from nicegui.testing import User

from components.chrome import Header
from components.post_form import PostForm
from pages import _frame as frame
from printlab.cookies import SESSION_COOKIE
from printlab.services import Services
from tests.pages.acting import JSON, sign_in


async def test_staff_pages_lead_to_the_sign_in_and_back(visitor: User, password: str) -> None:
    answer = await visitor.http_client.get("/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/account")
    form = {"email": "sam@example.com", "password": password, "next": "/account"}
    answer = await visitor.http_client.post("/auth/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    await visitor.open("/account")
    await visitor.should_see("Where you are signed in")


async def test_what_is_looked_for_on_the_board_outlives_the_sign_in(visitor: User, password: str) -> None:
    answer = await visitor.http_client.get("/board?q=gear%20box&color=Red&color=Blue")
    form = {"email": "sam@example.com", "password": password}
    target = URL(answer.headers["location"]).params["next"]
    answer = await visitor.http_client.post("/auth/sign-in", data=form | {"next": target})
    assert answer.headers["location"] == "/board?q=gear%20box&color=Red&color=Blue"


async def test_the_cookie_is_out_of_reach_of_scripts(visitor: User, password: str) -> None:
    form = {"email": "sam@example.com", "password": password}
    cookie = (await visitor.http_client.post("/auth/sign-in", data=form)).headers["set-cookie"].lower()
    assert "printlab_session=" in cookie
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


async def test_a_wrong_password_is_one_sentence(visitor: User, password: str) -> None:
    form = {"email": "sam@example.com", "password": password + "x"}
    answer = await visitor.http_client.post("/auth/sign-in", data=form, headers=JSON)
    assert answer.status_code == 401
    assert "do not match" in answer.json()["detail"]
    assert "printlab_session" not in answer.headers.get("set-cookie", "")


async def test_an_empty_form_is_one_sentence_too(visitor: User, password: str) -> None:
    answer = await visitor.http_client.post("/auth/sign-in", data={}, headers=JSON)
    assert answer.status_code == 401
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "board", "", "/a\nb"])
async def test_a_sign_in_leads_to_no_other_site(visitor: User, password: str, target: str) -> None:
    form = {"email": "sam@example.com", "password": password, "next": target}
    answer = await visitor.http_client.post("/auth/sign-in", data=form, headers=JSON)
    assert answer.json() == {"next": "/board"}


async def test_another_sites_form_is_refused(visitor: User, password: str) -> None:
    form = {"email": "sam@example.com", "password": password}
    answer = await visitor.http_client.post("/auth/sign-in", data=form, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


async def test_signing_out_ends_the_session(visitor: User, password: str) -> None:
    assert await sign_in(visitor, password) == 200
    token = visitor.http_client.cookies["printlab_session"]
    assert (await visitor.http_client.post("/auth/sign-out")).status_code == 303
    visitor.http_client.cookies.set("printlab_session", token)
    assert (await visitor.http_client.get("/account")).status_code == 303


async def test_signing_in_again_ends_the_session_before(visitor: User, password: str) -> None:
    assert await sign_in(visitor, password) == 200
    first = visitor.http_client.cookies["printlab_session"]
    assert await sign_in(visitor, password) == 200
    assert visitor.http_client.cookies["printlab_session"] != first
    visitor.http_client.cookies.clear()
    visitor.http_client.cookies.set("printlab_session", first)
    assert (await visitor.http_client.get("/account")).status_code == 303


async def test_the_first_admin_comes_in_by_the_one_time_link(visitor: User, services: Services) -> None:
    token = services.accounts.first_admin_token()
    await visitor.open(f"/first-run/{token}")
    await visitor.should_see("Create the account")
    form = {"setup_token": token, "name": "Sam", "email": "sam@example.com", "password": "too short"}
    answer = await visitor.http_client.post("/auth/first-admin", data=form, headers=JSON)
    assert answer.status_code == 401
    form["password"] = "a short sentence"
    answer = await visitor.http_client.post("/auth/first-admin", data=form, headers=JSON)
    assert answer.json() == {"next": "/board"}
    assert (await visitor.http_client.get(f"/first-run/{token}")).status_code == 303


async def test_a_guessed_first_run_link_shows_no_form(visitor: User) -> None:
    answer = await visitor.http_client.get("/first-run/guessed")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def errors(user: User) -> dict[str, str | None]:
    """The sentence beside each field."""
    return {field.props["name"]: field.error for field in user.find(kind=ui.input).elements}


async def test_what_is_missing_in_the_first_form_is_said_beside_each_field(visitor: User, services: Services) -> None:
    await visitor.open(f"/first-run/{services.accounts.first_admin_token()}")
    next(f for f in visitor.find(kind=ui.input).elements if f.props["name"] == "password").value = "too short"
    visitor.find(kind=PostForm).trigger("refused", {"detail": "Enter your first and last name."})
    assert errors(visitor) == {
        "name": "Enter your first and last name.",
        "email": "Enter your e-mail address.",
        "password": "Choose a password of 10 to 200 characters.",
    }
    assert [e for e in visitor.find(kind=ui.element).elements if "pl-notice" in e.classes] == []


async def test_what_no_field_of_the_first_form_is_to_blame_for_is_said_above_them(
    visitor: User, services: Services
) -> None:
    await visitor.open(f"/first-run/{services.accounts.first_admin_token()}")
    good = {"name": "Sam Rivera", "email": "sam@example.com", "password": "a short sentence"}
    for field in visitor.find(kind=ui.input).elements:
        field.value = good[field.props["name"]]
    visitor.find(kind=PostForm).trigger("refused", {"detail": "There is an account already. Sign in."})
    assert set(errors(visitor).values()) == {None}
    await visitor.should_see(kind=ui.label, content="There is an account already. Sign in.")


async def test_an_empty_sign_in_names_both_fields(visitor: User, password: str) -> None:
    await visitor.open("/login")
    visitor.find(kind=PostForm).trigger("refused", {"detail": "E-mail address and password do not match. Check both."})
    assert errors(visitor) == {"email": "Enter your e-mail address.", "password": "Enter your password."}
    for field in visitor.find(kind=ui.input).elements:
        field.value = "sam@example.com"
    visitor.find(kind=PostForm).trigger("refused", {"detail": "E-mail address and password do not match. Check both."})
    assert errors(visitor) == {"email": None, "password": "E-mail address and password do not match. Check both."}


@pytest.mark.parametrize("path", ["/login", "/first-run/{token}"])
async def test_the_browser_adds_no_bubbles_of_its_own(visitor: User, services: Services, path: str) -> None:
    token = services.accounts.first_admin_token()
    if path == "/login":
        services.accounts.create_first_admin(token, "sam@example.com", "Sam Rivera", "a short sentence")
    await visitor.open(path.format(token=token))
    assert next(iter(visitor.find(kind=PostForm).elements)).props["novalidate"] is True


async def test_a_fresh_installation_names_itself_once(visitor: User) -> None:
    await visitor.open("/")
    (header,) = visitor.find(kind=Header).elements
    assert orjson.loads(orjson.dumps(header.props["brand"])) == {"name": "PrintLab", "lab": "", "logo": None}


@pytest.mark.parametrize("path", ["/auth/sign-in", "/auth/first-admin"])
async def test_a_browser_without_scripts_is_told_why_too(visitor: User, services: Services, path: str) -> None:
    form = {"setup_token": services.accounts.first_admin_token(), "email": "nobody", "name": "Sam", "password": "x"}
    answer = await visitor.http_client.post(path, data=form)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert ("do not match" if path.endswith("sign-in") else "not an e-mail address") in answer.text
    assert "Back to the form" in answer.text


async def test_half_a_character_is_a_wrong_password_and_no_error(visitor: User, password: str) -> None:
    """A form may name the encoding in which it is written."""
    head = 'Content-Disposition: form-data; name="{}"'
    parts = (("_charset_", "unicode_escape"), ("email", "sam@example.com"), ("password", r"\ud800"))
    body = "".join(f"--B\r\n{head.format(name)}\r\n\r\n{value}\r\n" for name, value in parts) + "--B--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=B; charset=unicode_escape"}
    answer = await visitor.http_client.post("/auth/sign-in", content=body, headers=JSON | kind)
    assert answer.status_code == 401


async def test_a_page_that_does_not_leave_after_signing_out_is_ended(
    visitor: User, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would go on hearing of every change, and draw it."""
    monkeypatch.setattr("pages._frame._LEAVING_S", 0)
    assert await sign_in(visitor, password) == 200
    await visitor.open("/board")
    assert visitor.client is not None
    ended = asyncio.Event()
    visitor.client.on_delete(ended.set)
    assert (await visitor.http_client.post("/auth/sign-out")).status_code == 303
    await asyncio.wait_for(ended.wait(), 10)


async def test_a_page_that_was_away_when_it_was_signed_out_does_not_come_back(
    visitor: User, services: Services, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would hear of jobs for as long as it likes, whoever was locked out."""
    monkeypatch.setattr(frame, "_LEAVING_S", 0.1)
    assert await sign_in(visitor, password) == 200
    client, gone = await visitor.open("/board"), asyncio.Event()
    client.on_delete(gone.set)
    client.handle_disconnect(next(iter(client._socket_to_document_id)))
    assert not client.has_socket_connection
    services.accounts.sign_out(visitor.http_client.cookies[SESSION_COOKIE])
    frame.SESSIONS_CHANGED.emit()
    async with asyncio.timeout(5):
        await gone.wait()
    assert client.id not in Client.instances
