"""Which mail did not arrive, and why; and that nothing else is taken for such a notice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printlab.mail.bounces import Bounce, read_bounce
from printlab.mail.kinds import MailKind
from tests.mail.facts import MESSAGE_ID, a_composer, facts_of
from tests.mail.notices import exchange, postfix


def test_the_whole_mail_comes_back_with_the_servers_words() -> None:
    words = "550 5.1.1 <jane@exmaple.edu>: Recipient address rejected: User unknown"
    assert read_bounce(postfix(MESSAGE_ID)) == Bounce(MESSAGE_ID, words)


def test_headers_alone_are_enough_and_a_status_without_words_too() -> None:
    assert read_bounce(exchange(MESSAGE_ID)) == Bounce(MESSAGE_ID, "5.1.10")


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_delay_or_a_success_is_no_bounce(action: str) -> None:
    assert read_bounce(postfix(MESSAGE_ID, action)) is None


def test_an_answer_and_a_mail_of_ours_are_none() -> None:
    ours = a_composer().compose(MailKind.RECEIVED, facts_of(MailKind.RECEIVED), "Zoë", "zoe@example.com", MESSAGE_ID)
    assert read_bounce(ours.as_bytes()) is None
    assert read_bounce(b"From: jane@example.edu\r\nSubject: Re: Job 1\r\n\r\nThank you!\r\n") is None


def test_long_words_are_one_short_line() -> None:
    found = read_bounce(postfix(MESSAGE_ID).replace(b"User unknown", b"x" * 5000 + b"\x00\x1b[31m"))
    assert found is not None
    assert len(found.words) <= 300
    assert found.words.isprintable()


@given(st.binary(max_size=2000), st.integers(min_value=0, max_value=900))
def test_whatever_comes_is_read_or_is_none(junk: bytes, at: int) -> None:
    notice = postfix(MESSAGE_ID)
    for raw in (junk, notice[:at] + junk + notice[at:], notice[:at]):
        found = read_bounce(raw)
        assert found is None or found.words.isprintable()
