"""Nothing that a student types can break out of a mail's headers, and every name arrives as it was written."""

from __future__ import annotations

import email
import email.policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from printlab.errors import InvalidInput
from printlab.mail.headers import NAME_MAX_CHARS, check_message_id, header_text, mailbox, parse_mailbox
from printlab.mail.kinds import MailKind
from tests.mail.facts import MESSAGE_ID, a_composer, facts_of

HEADERS = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]
any_text = st.text(max_size=300)
one_line = any_text.filter(lambda text: not {"\r", "\n"} & set(text))


def _to(name: str, address: str = "jane@example.com") -> EmailMessage:
    return a_composer().compose(MailKind.READY, facts_of(MailKind.READY), name, address, MESSAGE_ID)


def _decoded(header: str) -> str:
    return str(make_header(decode_header(header))) if "=?" in header else header


@given(name=one_line)
@example(name='Doe, "Jane" <evil@example.com>')
@example(name="evil@example.com,")
@example(name="000 000ࠀࠀࠀࠀࠀࠀࠀࠀࠀࠀࠀࠀࠀࠀ ¡")
@example(name="=?utf-8?q?evil=40example.com?=")
@example(name="\ud800\x00\u2028Bcc: evil@example.com\u202e")
def test_any_name_arrives_as_one_recipient_with_that_name(name: str) -> None:
    sent = _to(name).as_bytes()
    arrived = email.message_from_bytes(sent)  # the old reader: the new one misreads folded names of other scripts
    assert arrived.keys() == HEADERS
    [(shown, address)] = getaddresses([arrived["To"].replace("\r\n", "")])
    assert address == "jane@example.com"
    expected = header_text(name).replace("=?", "= ?")[:NAME_MAX_CHARS].rstrip()
    assert _decoded(shown) == expected
    [recipient] = email.message_from_bytes(sent, policy=email.policy.default)["To"].addresses
    assert recipient.addr_spec == "jane@example.com"


@pytest.mark.parametrize("name", ["=?utf-8?q?Rector=27s_office?=", "a ==??utf-8?b?Ym9zcw==?=", "=\0?utf-8?q?boss?="])
def test_a_name_is_not_decoded_into_another_one(name: str) -> None:
    composer = a_composer(lab_name=name)
    sent = composer.compose(MailKind.READY, facts_of(MailKind.READY), name, "jane@example.com", MESSAGE_ID).as_bytes()
    arrived = email.message_from_bytes(sent)
    for header in ("From", "To", "Reply-To"):
        assert "=?" not in arrived[header]


@given(before=any_text, line_break=st.sampled_from(["\r", "\n", "\r\n"]), after=any_text)
def test_a_line_break_in_a_header_is_refused(before: str, line_break: str, after: str) -> None:
    text = before + line_break + after
    with pytest.raises(InvalidInput):
        _to(text)
    with pytest.raises(InvalidInput):
        _to("Jane", text)
    with pytest.raises(InvalidInput):
        check_message_id(text)


@pytest.mark.parametrize("price", ["$3\nBcc: evil@example.com", "$3\r\n\r\n<script>", "$3\rX: y"])
def test_a_line_break_in_a_fact_does_not_become_a_header(price: str) -> None:
    with pytest.raises(InvalidInput):
        a_composer().render(MailKind.READY, facts_of(MailKind.READY, price=price))


@given(address=any_text)
@example(address="jane@example.com, evil@example.com")
@example(address="<jane@example.com>")
@example(address="jane@example.com\u2028Bcc:evil@example.com")
@example(address="jane@[127.0.0.1]")
@example(address="jane doe@example.com")
@example(address="jane\u3000doe@example.com")
@example(address='"jane doe"@example.com')
@example(address="jane@-example.com")
@example(address="jane@" + "a" * 64 + ".com")
@example(address="j" * 65 + "@example.com")
@example(address="jane@example..com")
@example(address="@example.com")
@example(address="jane@")
@example(address="jane@exa\u200bmple.com\ud800")
def test_an_address_is_refused_or_stays_one_address(address: str) -> None:
    try:
        sent = _to("Jane", address)
    except InvalidInput as refused:
        str(refused).encode()  # whatever was typed, the sentence can be stored and shown
        return
    written = sent.as_bytes().decode()
    assert email.message_from_string(written).keys() == HEADERS
    [(name, arrived)] = getaddresses([email.message_from_string(written)["To"].replace("\r\n", "")])
    assert (name, arrived.count("@")) == ("Jane", 1)


@pytest.mark.parametrize(
    "address",
    ["jane@[127.0.0.1]", "jane doe@example.com", "jane@example.com, evil@example.com", "jane@-example.com", "@b.com"],
)
def test_what_is_no_address_is_refused_with_a_sentence(address: str) -> None:
    with pytest.raises(InvalidInput, match="no e-mail address") as caught:
        mailbox("Jane", address)
    assert caught.value.field == "email"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("jane@Example.COM", "jane@example.com"),
        ("jane@bücher.example", "jane@xn--bcher-kva.example"),
        ("jane@BÜCHER.example", "jane@xn--bcher-kva.example"),
        ("jane@straße.example", "jane@xn--strae-oqa.example"),
        ("jane@例え.テスト", "jane@xn--r8jz45g.xn--zckzah"),
        ("o'neil+3d.print@sub.example.ac.uk", "o'neil+3d.print@sub.example.ac.uk"),
        ("zoë@example.com", "zoë@example.com"),
    ],
)
def test_an_international_domain_is_written_in_ascii(address: str, expected: str) -> None:
    assert mailbox("", address).addr_spec == expected


def test_only_an_address_that_needs_it_makes_headers_utf_8() -> None:
    assert _to("Zoë", "zoe@bücher.example").as_bytes().split(b"\n\n")[0].isascii()
    assert "To: Zoë\r\n <zoë@xn--bcher-kva.example>" in _to("Zoë", "zoë@bücher.example").as_bytes().decode()


@given(lab_name=one_line)
def test_any_lab_name_arrives_as_the_sender(lab_name: str) -> None:
    composer = a_composer(lab_name=lab_name)
    sent = composer.compose(MailKind.READY, facts_of(MailKind.READY), "Jane", "jane@example.com", MESSAGE_ID)
    arrived = email.message_from_bytes(sent.as_bytes(), policy=email.policy.default)
    assert [sender.addr_spec for sender in arrived["From"].addresses] == ["printlab@example.edu"]
    assert [reply.addr_spec for reply in arrived["Reply-To"].addresses] == ["help@example.edu"]


def test_a_sender_may_bring_its_own_name() -> None:
    sender = parse_mailbox('"Doe, Jane" <lab@example.edu>', default_name="Campus Print Lab")
    assert (sender.display_name, sender.addr_spec) == ("Doe, Jane", "lab@example.edu")
    assert parse_mailbox("lab@example.edu", default_name="Campus Print Lab").display_name == "Campus Print Lab"


@pytest.mark.parametrize("setting", ["nobody", "", "lab@example.edu\nBcc: evil@example.com", "größe@example.edu"])
def test_an_unusable_sender_is_found_out_at_the_start(setting: str) -> None:
    with pytest.raises(InvalidInput):
        a_composer(mail_from=setting)


@pytest.mark.parametrize("text", ["", "42", "<42>", "<a@b> <c@d>", "<a b@c>", "<a@b>\nX: y", "<ä@b>"])
def test_what_is_no_message_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        check_message_id(text)
