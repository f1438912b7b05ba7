"""The words of a mail as a lab writes them: what can be said with the facts, and what is refused, with its line."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest

from printlab.errors import InvalidInput
from printlab.mail.compose import render_subject
from printlab.mail.kinds import MailKind
from printlab.mail.samples import cases_of, facts_of
from printlab.mail.wording import KEPT_AS, Wording, as_html, names_of
from tests.mail.facts import TRACK_URL, a_composer

_CASES = [(kind, case) for kind in MailKind for case in cases_of(kind)]


@pytest.mark.parametrize(("kind", "case"), _CASES)
def test_the_shipped_words_can_be_taken_over_and_say_the_same(kind: MailKind, case: str) -> None:
    facts, shipped = cases_of(kind)[case], Wording.shipped(kind)
    shipped.check(kind)
    own = facts | {KEPT_AS: asdict(shipped)}
    assert render_subject(kind, own) == render_subject(kind, facts)
    assert a_composer().render_text(kind, own) == a_composer().render_text(kind, facts)
    assert "&lt;" not in a_composer().render_html(kind, own)


def test_own_words_stand_between_greeting_and_button_in_both_parts() -> None:
    own = Wording(
        "{{ price }}, please", "It is <b>{{ price }}</b>.\n\n- one\n- two\n\nPrice: {{ price }}\nWeight: 38 g"
    )
    mail = a_composer().render(MailKind.QUOTE, facts_of(MailKind.QUOTE) | {KEPT_AS: asdict(own)})
    assert mail.subject == "$3.86, please"
    assert (
        "Hello Zoë Müller-Łukasz,\n\nIt is <b>$3.86</b>.\n\n- one\n- two\n\nPrice: $3.86\nWeight: 38 g\n\n" in mail.text
    )
    assert f"Accept or decline the quote:\n{TRACK_URL}" in mail.text
    assert "It is &lt;b&gt;$3.86&lt;/b&gt;." in mail.html
    assert re.search(r"<ul[^>]*><li[^>]*>one</li><li[^>]*>two</li></ul>", mail.html)
    assert re.search(r"<td[^>]*>Weight</td>\s*<td[^>]*>38 g</td>", mail.html)
    assert TRACK_URL in mail.html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One.\nTwo.\n\nThree.", "<p>One.<br>Two.</p>\n<p>Three.</p>"),
        ("1. First\n2. Then", "<ol><li>First</li><li>Then</li></ol>"),
        ("  As the student wrote\n  it", '<p class="note">As the student wrote<br>it</p>'),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("- <b>", "<ul><li>&lt;b&gt;</li></ul>"),
        ("", ""),
    ],
)
def test_plain_text_becomes_html(text: str, html: str) -> None:
    assert as_html(text) == html


def test_no_mail_program_makes_a_link_of_a_files_name() -> None:
    facts = facts_of(MailKind.QUOTE, original_name="www.example.com.stl", student_name="http://example.com")
    html = Wording("x", "{{ original_name }} {{ student_name }}").render_html(facts)
    assert "www.example" not in html
    assert "http://" not in html


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ("All is\n{{ prise }}", "Line 2: “prise” is no fact of this mail."),
        ("{{ lab.hours }}", "Line 1: “hours” is no fact of this mail."),
        ("\n\n{% if %}", "Line 3: between the braces something is missing."),
        ("{% if price %}", "Line 1: “{{” or “{%” is not closed"),
        ("{{ price | loud }}", "Line 1: no filter named 'loud'."),
        ("{{ 'a' * 10000000 }}", "Line 1: this cannot be used here."),
        ("{{ 9 ** 999999 }}", "Line 1: this cannot be used here."),
        ("{{ student_name.__class__.__mro__ }}", "Line 1: this cannot be used here."),
        ("{% include '_base.txt.j2' %}", "Line 1: “include” cannot be used here."),
        ("a\n{% macro m() %}{% endmacro %}", "Line 2: “macro” cannot be used here."),
        ("{{ range(9) }}", "Line 1: “range” is no fact of this mail."),
        ("{{ 1 / 0 }}", "Line 1: this cannot be worked out (division by zero)."),
        ("{% for a in price %}{% for b in price %}{% for c in price %}{% endfor %}{% endfor %}{% endfor %}", "a loop"),
        (" \n ", "Write something here"),
        ("x" * 10_001, "At most 10,000 characters"),
    ],
)
def test_what_cannot_be_written_is_refused_with_its_line(body: str, refusal: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(refusal)) as refused:
        Wording("A subject", body).check(MailKind.QUOTE)
    assert refused.value.field == "body"


def test_a_fact_that_is_missing_in_one_case_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Line 1:") as refused:
        Wording("{{ changes[0] }}", "x").check(MailKind.QUOTE)
    assert refused.value.field == "subject"


def test_a_subject_that_is_empty_in_one_case_is_refused() -> None:
    with pytest.raises(InvalidInput, match="empty in some cases"):
        Wording("{% if previous_price %}New{% endif %}", "x").check(MailKind.QUOTE)


@pytest.mark.parametrize("kind", MailKind)
def test_every_name_that_is_offered_can_be_used(kind: MailKind) -> None:
    body = " ".join(f"{{{{ {name} }}}}" for name in names_of(kind))
    Wording("A subject", body).check(kind)
