"""Each kind of mail: both parts there, the link in both, nothing undefined, nothing that a student typed alive."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printlab.mail.kinds import TO_STAFF, WITHOUT_JOB, MailKind
from tests.mail.facts import MESSAGE_ID, TRACK_URL, VARIANTS, a_composer, facts_of

CASES = [pytest.param(kind, {}, id=kind) for kind in MailKind] + [
    pytest.param(kind, changes, id=name) for name, (kind, changes) in VARIANTS.items()
]
WRITTEN_AT = datetime(2025, 11, 3, 14, 30, tzinfo=UTC)


def _arrived(kind: MailKind, facts: dict[str, Any]) -> EmailMessage:
    sent = a_composer().compose(kind, facts, "Zoë Müller-Łukasz", "zoe@example.com", MESSAGE_ID, WRITTEN_AT)
    arrived = email.message_from_bytes(sent.as_bytes(), policy=email.policy.default)
    assert isinstance(arrived, EmailMessage)
    return arrived


class _Page(HTMLParser):
    """What a reader sees and can click."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.lang: str | None = None
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href" and value]
        if tag == "html":
            self.lang = dict(attrs).get("lang")

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(("kind", "changes"), CASES)
def test_a_mail_has_both_parts_and_the_link_in_both(kind: MailKind, changes: dict[str, Any]) -> None:
    arrived = _arrived(kind, facts_of(kind, **changes))
    assert arrived.get_content_type() == "multipart/alternative"
    plain, html = arrived.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    text, page = plain.get_content().replace("\r\n", "\n"), _Page(html.get_content())
    assert f"\n{TRACK_URL}\n" in text
    assert page.links.count(TRACK_URL) == 1
    for words in (text, page.words):
        assert ("Job 142" in words) is (kind not in WITHOUT_JOB)
        assert ("Zoë Müller-Łukasz" in words) is (kind not in TO_STAFF)
        assert not {"None", "Undefined", "{{", "{%"} & set(words.split())
    assert "\n\n\n" not in text
    assert "<" not in text + page.words


@pytest.mark.parametrize(("kind", "changes"), CASES)
def test_a_mail_needs_no_image_no_script_and_nothing_from_elsewhere(kind: MailKind, changes: dict[str, Any]) -> None:
    html = a_composer().render(kind, facts_of(kind, **changes)).html
    page = _Page(html)
    assert not page.tags & {"img", "script", "link", "iframe", "form", "svg", "object"}
    assert "url(" not in html
    assert "@import" not in html
    assert page.lang == "en"
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert html.index("charset") < 1024


def test_the_headers_are_those_of_a_mail_from_a_machine() -> None:
    arrived = _arrived(MailKind.READY, facts_of(MailKind.READY))
    assert arrived["From"] == "Campus Print Lab <printlab@example.edu>"
    assert arrived["Reply-To"] == "Campus Print Lab <help@example.edu>"
    assert arrived["To"].addresses[0].display_name == "Zoë Müller-Łukasz"
    assert arrived["Message-ID"] == MESSAGE_ID
    assert arrived["Date"].datetime == WRITTEN_AT
    assert arrived["Auto-Submitted"] == "auto-generated"


def test_without_a_contact_there_is_no_reply_to() -> None:
    composer = a_composer(contact_email=None)
    sent = composer.compose(MailKind.READY, facts_of(MailKind.READY), "Zoë", "zoe@example.com", MESSAGE_ID)
    assert sent["Reply-To"] is None
    assert sent["Date"]


@pytest.mark.parametrize(
    ("kind", "changes", "subject"),
    [
        (MailKind.RECEIVED, {}, "Job 142: we have your file"),
        (MailKind.QUOTE, {"previous_price": None}, "Job 142: your quote is $3.86, please confirm"),
        (MailKind.QUOTE, {"price": "€3.86"}, "Job 142: your new quote is €3.86, please confirm"),
        (MailKind.REJECTED, {}, "Job 142: we cannot print it like this"),
        (*VARIANTS["cancelled"], "Job 142: cancelled as you asked"),
        (*VARIANTS["cancelled-by-staff"], "Job 142: cancelled for you"),
        (*VARIANTS["declined"], "Job 142: you declined the quote"),
        (*VARIANTS["declined-by-staff"], "Job 142: the quote was declined for you"),
        (MailKind.READY, {}, "Job 142: ready for pickup, $3.86 to pay"),
        (*VARIANTS["free"], "Job 142: ready for pickup, nothing to pay"),
        (MailKind.RECEIPT, {}, "Job 142: receipt for $3.00"),
        (MailKind.RECEIPT, {"outcome": "waived"}, "Job 142: picked up, nothing to pay"),
        (*VARIANTS["free-receipt"], "Job 142: picked up, nothing to pay"),
        (MailKind.RECEIPT, {"outcome": "disposed"}, "Job 142: closed, not collected"),
        (MailKind.CORRECTION, {}, "Job 142: correction, it is “Printing” again"),
    ],
)
def test_the_subject_says_everything(kind: MailKind, changes: dict[str, Any], subject: str) -> None:
    assert a_composer().render(kind, facts_of(kind, **changes)).subject == subject
    assert _arrived(kind, facts_of(kind, **changes))["Subject"] == subject


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        (MailKind.RECEIVED, {}, ["camera bracket v3 (final).stl", "Prusa MK4S", "Black", "Nothing is printed before"]),
        (*VARIANTS["brought-to-the-desk"], ["You agree on the price at the desk, or get it by mail."]),
        (MailKind.QUOTE, {}, ["$3.86 for 2 copies", "38 g in total", "2 h 10 min", "Was Blue, now Black", "$3.60"]),
        (*VARIANTS["same-price"], ["This replaces the quote of $3.86", "The price is the same."]),
        (MailKind.REJECTED, {}, ["thinner than 0.8 mm", "The mesh has holes.", "Make them 1 mm", "corrected file"]),
        (*VARIANTS["cancelled"], ["You cancelled job 142", "costs nothing", "If it was not you, tell the lab."]),
        (*VARIANTS["cancelled-by-staff"], ["On your word the lab cancelled job 142", "If you did not ask for this"]),
        (*VARIANTS["declined"], ["You declined the quote for job 142", "costs nothing"]),
        (*VARIANTS["declined-by-staff"], ["On your word the lab declined the quote for job 142"]),
        (MailKind.READY, {}, ["You pay $3.86", "room 1.204", "Friday 9:00–13:00", "Your student card."]),
        (*VARIANTS["free"], ["There is nothing to pay."]),
        (*VARIANTS["no-lab-texts"], ["Ask the lab where and when you can collect it."]),
        (MailKind.RECEIPT, {}, ["$3.00", "Card", "3 Nov 2025", "T-20931", "Jane Doe", "One copy had a scratch."]),
        (MailKind.RECEIPT, {"outcome": "waived"}, ["The lab waived the charge", "Jane Doe"]),
        (*VARIANTS["free-receipt"], ["is picked up, and there was nothing to pay."]),
        (
            MailKind.RECEIPT,
            {"outcome": "disposed"},
            ["was not collected", "Nothing is charged.", "One copy had a scratch."],
        ),
        (MailKind.CORRECTION, {}, ["Printing", "“Job 142: ready for pickup, $3.86 to pay”", "The lab took back"]),
        (*VARIANTS["taken-back-by-the-student"], ["“Job 142: you declined the quote”", "You took back the step"]),
    ],
)
def test_both_parts_tell_the_facts(kind: MailKind, changes: dict[str, Any], words: list[str]) -> None:
    rendered = a_composer().render(kind, facts_of(kind, **changes))
    seen = _Page(rendered.html).words
    assert [word for word in words if word not in rendered.text or word not in seen] == []


@pytest.mark.parametrize("kind", MailKind)
def test_a_link_that_is_not_shown_cannot_be_clicked(kind: MailKind) -> None:
    rendered = a_composer().render(kind, facts_of(kind, track_url="(not shown here)"))
    assert "(not shown here)" in rendered.text
    assert [link for link in _Page(rendered.html).links if not link.startswith("mailto:")] == []


def test_the_student_who_cancelled_reads_no_reproach() -> None:
    rendered = a_composer().render(MailKind.REJECTED, facts_of(MailKind.REJECTED, by="student", verb="cancel"))
    assert "thinner" not in rendered.text + rendered.html
    assert "cannot print" not in rendered.text + rendered.html


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_line_breaks_of_the_labs_texts_stay(line_break: str) -> None:
    lab = {"opening_hours": "", "contact_email": "", "pickup_bring": "", "pickup_where": f"Hall A{line_break}Room 2"}
    rendered = a_composer().render(MailKind.READY, facts_of(MailKind.READY, lab=lab))
    assert "  Hall A\n  Room 2\n" in rendered.text
    assert "Hall A<br>Room 2" in rendered.html


@pytest.mark.parametrize("kind", MailKind)
def test_a_missing_fact_is_an_error_and_never_a_gap(kind: MailKind) -> None:
    facts = facts_of(kind)
    del facts["track_url"]
    with pytest.raises(jinja2.UndefinedError):
        a_composer().render(kind, facts)


@pytest.mark.parametrize("kind", MailKind)
def test_what_people_typed_stays_text(kind: MailKind) -> None:
    evil = "<script>alert(1)</script><a href='https://evil.example'>{{ 7*7 }}</a>\x00\ud800"
    changes: dict[str, Any] = {
        key: evil
        for key, value in facts_of(kind).items()
        if isinstance(value, str) and key not in {"track_url", "by", "outcome"}
    }
    changes |= {key: [evil] for key in ("reasons", "changes") if key in facts_of(kind)}
    changes["lab"] = dict.fromkeys(facts_of(kind)["lab"], evil)
    arrived = _arrived(kind, facts_of(kind, **changes))
    _plain, html = arrived.iter_parts()
    page = _Page(html.get_content())
    assert "script" not in page.tags
    assert not [link for link in page.links if link.startswith("https://evil")]
    assert "49" not in page.words


@pytest.mark.parametrize("kind", sorted(set(MailKind) - TO_STAFF))
@pytest.mark.parametrize(
    "name",
    [
        "VICTIM, your mailbox is full: http://evil.example",
        "Log in at WWW.evil.example",
        "write to help@evil.example",
        "evil.example",
        "  ",
    ],
)
def test_a_name_that_advertises_an_address_is_not_greeted(kind: MailKind, name: str) -> None:
    rendered = a_composer().render(kind, facts_of(kind, student_name=name, collected_by=None))
    assert "\nHello,\n" in rendered.text
    assert "Hello,</p>" in rendered.html
    assert "evil" not in rendered.text + rendered.html


@pytest.mark.parametrize("kind", sorted(set(MailKind) - WITHOUT_JOB))
@pytest.mark.parametrize(
    "file",
    ["PAY at https://evil.example/fix.stl", "www.evil.example.stl", "evil.com/a.b.stl", "mailto:x@evil.com .3mf"],
)
def test_no_mail_program_finds_a_link_in_a_file_name(kind: MailKind, file: str) -> None:
    """Programs make links of text; a space without width ends what they take for an address, and nobody sees it."""
    rendered = a_composer().render(kind, facts_of(kind, original_name=file, student_name="Jane of evil.com"))
    words = _Page(rendered.html).words
    assert not re.search(r"://|www\.e|@evil|mailto:x|evil\.(com|example)", words)
    assert file in words.replace("\u200b", "")


@given(
    name=st.text(max_size=200),
    file=st.text(max_size=300),
    note=st.text(max_size=2000),
    long=st.integers(min_value=0, max_value=5000),
)
def test_any_words_travel_unharmed_in_short_lines(name: str, file: str, note: str, long: int) -> None:
    facts = facts_of(
        MailKind.REJECTED, student_name=name, original_name=file, note=note + "x" * long, reasons=["y" * long]
    )
    sent = a_composer().compose(MailKind.REJECTED, facts, "Jane", "jane@example.com", MESSAGE_ID)
    written = sent.as_bytes()
    assert written.isascii()
    assert max(len(line) for line in written.split(b"\r\n")) <= 78
    arrived = email.message_from_bytes(written, policy=email.policy.default)
    assert isinstance(arrived, EmailMessage)
    plain, html = arrived.iter_parts()
    rendered = a_composer().render(MailKind.REJECTED, facts)
    assert plain.get_content().splitlines() == rendered.text.splitlines()
    assert html.get_content().split() == rendered.html.split()


def test_a_very_long_file_name_keeps_its_extension() -> None:
    rendered = a_composer().render(MailKind.RECEIVED, facts_of(MailKind.RECEIVED, original_name="a" * 300 + ".stl"))
    assert "…" in rendered.text
    assert "a.stl" in rendered.text
    assert max(len(line) for line in rendered.text.splitlines()) < 200
