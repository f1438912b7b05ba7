"""Signing in, out and for the first time."""

from __future__ import annotations

import pytest
from nicegui.testing import User

from printlab.services import Services

JSON = {"Accept": "application/json"}


async def sign_in(user: User, password: str, **more: str) -> int:
    """Post the form; the answer's status code."""
    form = {"email": "sam@example.com", "password": password, **more}
    return (await user.http_client.post("/auth/sign-in", data=form, headers=JSON)).status_code


async def test_staff_pages_lead_to_the_sign_in_and_back(visitor: User, password: str) -> None:
    answer = await visitor.http_client.get("/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/account")
    form = {"email": "sam@example.com", "password": password, "next": "/account"}
    answer = await visitor.http_client.post("/auth/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    await visitor.open("/account")
    await visitor.should_see("Where you are signed in")


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
