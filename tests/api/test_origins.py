"""Whether a request comes from one of our own pages."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from printlab.api.origins import is_own_origin


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://lab.test", True),
        ("https://print.example.edu", True),
        ("http://lab.test.evil.example", False),
        ("http://lab.test@evil.example", False),
        ("null", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_only_the_address_that_was_asked_and_the_public_one_are_ours(origin: str, own: bool) -> None:
    headers = Headers({"host": "lab.test", "origin": origin})
    assert is_own_origin(headers, "https://print.example.edu") is own


def test_a_client_that_names_no_origin_is_neither() -> None:
    assert is_own_origin(Headers({"host": "lab.test"}), "https://print.example.edu") is None
