"""The mail server's address: what it means, and what is said about a wrong one."""

from __future__ import annotations

import pytest

from printlab.mail.smtp import TIMEOUT_S, Security, SmtpUrl


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("smtp://localhost", SmtpUrl("localhost", 25, Security.NONE)),
        ("smtp://127.0.0.1:1025", SmtpUrl("127.0.0.1", 1025, Security.NONE)),
        ("smtp://[::1]:1025", SmtpUrl("::1", 1025, Security.NONE)),
        ("smtps://mail.example.edu", SmtpUrl("mail.example.edu", 465, Security.TLS)),
        ("smtp+starttls://mail.example.edu/", SmtpUrl("mail.example.edu", 587, Security.STARTTLS)),
        (
            "smtps://lab%40example.edu:p%40ss%3Aword@mail.example.edu:4650?timeout=7.5",
            SmtpUrl("mail.example.edu", 4650, Security.TLS, "lab@example.edu", "p@ss:word", 7.5),
        ),
        ("smtp://lab:secret@127.0.0.1", SmtpUrl("127.0.0.1", 25, Security.NONE, "lab", "secret")),
    ],
)
def test_an_address_is_read(text: str, expected: SmtpUrl) -> None:
    assert SmtpUrl.parse(text) == expected


def test_without_a_word_about_it_the_timeout_is_twenty_seconds() -> None:
    assert SmtpUrl.parse("smtps://mail.example.edu").timeout_s == TIMEOUT_S == 20


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mail.example.edu:25", "starts with"),
        ("https://mail.example.edu", "starts with"),
        ("smtps://", "host"),
        ("smtps://mail.example.edu:99999", "port"),
        ("smtps://mail.example.edu/inbox", "nothing after it"),
        ("smtps://mail example.edu", "nothing after it"),
        ("smtps://:hunter2@mail.example.edu", "no user"),
        ("smtp://lab:hunter2@mail.example.edu", "unprotected"),
        ("smtps://lab:hunter2@mail.example.edu?tls=no", "tls"),
        ("smtps://lab:hunter2@mail.example.edu?timeout=soon", "1 to 300"),
        ("smtps://mail.example.edu?timeout=0", "1 to 300"),
        ("smtps://mail.example.edu?timeout=nan", "1 to 300"),
        ("", "starts with"),
    ],
)
def test_a_wrong_address_is_refused_without_giving_the_password_away(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        SmtpUrl.parse(text)
    assert "hunter2" not in str(caught.value)


def test_the_password_is_in_no_log_line() -> None:
    assert "hunter2" not in repr(SmtpUrl.parse("smtps://lab:hunter2@mail.example.edu"))
