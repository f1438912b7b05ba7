"""Whether a request comes from one of our own pages."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from printlab.api.origins import is_own_origin


def asked(origin: str | None, host: str = "lab.test", scheme: str = "http") -> HTTPConnection:
    """A request or live connection to ``host``, sent by a page of ``origin``."""
    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin is not None else [])
    kind = "websocket" if scheme.startswith("ws") else "http"
    return HTTPConnection({"type": kind, "scheme": scheme, "headers": headers})


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://lab.test", True),
        ("https://print.example.edu", True),
        ("https://PRINT.example.edu", True),
        ("http://print.example.edu", False),
        ("https://print.example.edu:8443", False),
        ("https://lab.test", False),
        ("http://lab.test:8080", False),
        ("http://lab.test.evil.example", False),
        ("http://lab.test@evil.example", False),
        ("//lab.test", False),
        ("javascript://lab.test", False),
        ("http://lab.test/x", False),
        ("http://lab.test/", False),
        ("lab.test", False),
        ("null", False),
        ("http://[", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "ws"])
def test_only_the_address_that_was_asked_and_the_public_one_are_ours(scheme: str, origin: str, own: bool) -> None:
    assert is_own_origin(asked(origin, scheme=scheme), "https://print.example.edu") is own


@pytest.mark.parametrize("origin", ["", "null", "http://", "https://lab.test"])
def test_without_a_public_address_and_a_host_nothing_is_ours(origin: str) -> None:
    assert is_own_origin(asked(origin, host=""), "") is False


def test_the_public_host_is_ours_only_as_it_is_published() -> None:
    """Whoever can change what comes without encryption makes a page of any host."""
    public = "https://lab.test:443"
    assert is_own_origin(asked("https://lab.test"), public) is True
    assert is_own_origin(asked("https://lab.test", scheme="wss"), public) is True
    assert is_own_origin(asked("http://lab.test"), public) is False
    assert is_own_origin(asked("http://lab.test:8080", "lab.test:8080"), public) is True


def test_a_client_that_names_no_origin_is_neither() -> None:
    assert is_own_origin(asked(None), "https://print.example.edu") is None
