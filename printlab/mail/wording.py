"""The words of a mail as a lab wrote them: a subject and a text, each a small template of its own.

Greeting, button, facts of the job and footer stay as they are shipped, so that no wording can lose the student's link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from printlab.errors import InvalidInput
from printlab.mail.environment import TEMPLATES, TEXT, lines, unlinked, with_filters
from printlab.mail.kinds import MailKind
from printlab.mail.samples import cases_of

KEPT_AS = "wording"
"""In a mail's context: what it says does not change when the lab changes its words later."""
SUBJECT_MAX_CHARS = 500
BODY_MAX_CHARS = 10_000
_MOST_LOOPS = 2  # one in another
_IMPORT = re.compile(r"^\{% (?:import|from) .*%\}\n?", re.MULTILINE)
_INNER = ("nothing", "verb")  # what only the shipped words ask for
_FROM_STUDENTS = ("student_name", "original_name", "filename")
_TEMPLATE_FILE = "<template>"  # as tracebacks name a template that was made of a string
_QUOTED = re.compile(r"'([^']+)'")
_NUMBERED = re.compile(r"\d+\. ")
_FACT = re.compile(r"([A-Z][^:.]{0,30}): (\S.*)")
_UNFIT = {
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from",
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """Both are Jinja templates; ``body`` is plain text with a blank line between paragraphs."""

    subject: str
    body: str

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> Wording | None:
        """The words that a mail with this context was written with, unless they are those that PrintLab comes with."""
        values = context.get(KEPT_AS)
        return cls(**values) if values else None

    @classmethod
    def shipped(cls, kind: MailKind) -> Wording:
        """The words that PrintLab comes with."""
        source, _, _ = TEMPLATES.loader.get_source(TEMPLATES, f"{kind}.{TEXT}")  # pyright: ignore[reportOptionalMemberAccess]
        return cls(" ".join(_block(source, "subject").split()), _block(source, "body"))

    def check(self, kind: MailKind) -> None:
        """Raises InvalidInput that names the line, unless both can be written in all cases of this kind of mail."""
        _check_source(self.subject, "subject", SUBJECT_MAX_CHARS)
        _check_source(self.body, "body", BODY_MAX_CHARS)
        for facts in cases_of(kind).values():
            if not _rendered(self.subject, facts, "subject").strip():
                raise InvalidInput("The subject is empty in some cases. Write one.", "subject")
            _rendered(self.body, facts, "body")

    def render_subject(self, facts: Mapping[str, Any]) -> str:
        """One line; raises TemplateError when ``facts`` lack something."""
        return " ".join(_written(self.subject, facts).split())

    def render_body(self, facts: Mapping[str, Any]) -> str:
        """Plain text; raises TemplateError when ``facts`` lack something."""
        return _written(self.body, facts).strip()

    def render_html(self, facts: Mapping[str, Any]) -> Markup:
        """The same as HTML; no mail program makes a link of a file's name."""
        safe = {name: unlinked(str(facts[name])) for name in _FROM_STUDENTS if name in facts}
        return as_html(self.render_body({**facts, **safe}))


def names_of(kind: MailKind) -> dict[str, str]:
    """The facts that the words of this kind may name, each with an example."""
    sample = cases_of(kind)["usual"]
    plain = {name: value for name, value in sample.items() if type(value) in (str, int) and name not in _INNER}
    return {name: str(value) for name, value in plain.items()} | {
        f"lab.{name}": value for name, value in sample["lab"].items()
    }


def as_html(text: str) -> Markup:
    """Plain text as paragraphs, lists, a table of facts, and set in where every line is."""
    blocks = (block.splitlines() for block in re.split(r"\n\s*\n", text.strip("\n")) if block.strip())
    return Markup("\n").join(_html_block(block) for block in blocks)


def _html_block(block: list[str]) -> Markup:
    if all(line.startswith("- ") for line in block):
        return Markup("<ul>{}</ul>").format(_items(line[2:] for line in block))
    if all(_NUMBERED.match(line) for line in block):
        return Markup("<ol>{}</ol>").format(_items(_NUMBERED.sub("", line, count=1) for line in block))
    if all(line.startswith("  ") for line in block):
        return Markup('<p class="note">{}</p>').format(lines("\n".join(line[2:] for line in block)))
    if len(block) > 1 and all(_FACT.fullmatch(line) for line in block):
        facts = [found.groups() for line in block if (found := _FACT.fullmatch(line))]
        return Markup('<div class="figures">{}</div>').format(_macros("_parts.html.j2", {}).facts(facts))
    return Markup("<p>{}</p>").format(lines("\n".join(block)))


def _items(texts: Iterable[str]) -> Markup:
    return Markup("").join(Markup("<li>{}</li>").format(text) for text in texts)


# ---------- trying ----------


def _check_source(source: str, field: str, most_chars: int) -> None:
    if not source.strip():
        raise InvalidInput("Write something here.", field)
    if len(source) > most_chars:
        raise InvalidInput(f"At most {most_chars:,} characters, please.", field)
    try:
        tree = _SANDBOX.parse(source)
    except TemplateSyntaxError as error:
        raise InvalidInput(f"Line {error.lineno}: {_sentence(_of_syntax(error.message or ''))}", field) from None
    for kind, name in _UNFIT.items():
        if (node := next(tree.find_all(kind), None)) is not None:
            raise InvalidInput(f"Line {node.lineno}: “{name}” cannot be used here.", field)
    if (deepest := next(_deep_loops(tree, 0), None)) is not None:
        raise InvalidInput(f"Line {deepest.lineno}: a loop in a loop in a loop is too much for a mail.", field)


def _of_syntax(words: str) -> str:
    """What is wrong with the braces, in words of those who do not program."""
    if "end of template" in words.lower():
        return "“{{” or “{%” is not closed: “if” ends with {% endif %}, “for” with {% endfor %}"
    if "expected an expression" in words.lower():
        return "between the braces something is missing"
    return words


def _deep_loops(node: nodes.Node, depth: int) -> Iterator[nodes.For]:
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.For) and depth >= _MOST_LOOPS:
            yield child
        yield from _deep_loops(child, depth + isinstance(child, nodes.For))


def _rendered(source: str, facts: Mapping[str, Any], field: str) -> str:
    try:
        return _written(source, facts)
    except Exception as error:  # noqa: BLE001  (whatever a template can raise is told to whoever wrote it)
        raise InvalidInput(f"Line {_line_of(error)}: {_sentence(_words(error))}", field) from None


def _line_of(error: Exception) -> int:
    """Jinja gives tracebacks the template's own lines."""
    line, at = 1, error.__traceback__
    while at is not None:
        if at.tb_frame.f_code.co_filename == _TEMPLATE_FILE:
            line = at.tb_lineno
        at = at.tb_next
    return line


def _words(error: Exception) -> str:
    match error:
        case UndefinedError() if names := _QUOTED.findall(str(error)):
            return f"“{names[-1]}” is no fact of this mail"
        case SecurityError():
            return "this cannot be used here"
        case TemplateError():
            return str(error)
        case _:
            return f"this cannot be worked out ({error})"


def _sentence(words: str) -> str:
    return words[:1].lower() + words[1:].rstrip(".") + "."


# ---------- templates ----------


class _Sandbox(ImmutableSandboxedEnvironment):
    """Nothing but the facts, and nothing that makes a mail endless."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401
        """Refuse to repeat texts."""
        if operator == "**" or not all(isinstance(side, int | float) for side in (left, right)):
            raise SecurityError(f"{operator} cannot be used here")
        return super().call_binop(context, operator, left, right)


def _sandbox() -> _Sandbox:
    sandbox = _Sandbox(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    sandbox.globals.clear()
    with_filters(sandbox)
    return sandbox


_SANDBOX = _sandbox()


@cache
def _compiled(source: str) -> Template:
    return _SANDBOX.from_string(source)


def _written(source: str, facts: Mapping[str, Any]) -> str:
    parts = _macros("_parts.txt.j2", facts)
    shared = {name: getattr(parts, name) for name in ("job_facts", "receipt_lines", "pickup")}
    shared |= {"withdrawn": _macros("_rejected.j2", facts), "reminder": _macros("_collect.j2", facts)}
    return _compiled(source).render({**facts, **shared})


def _macros(template: str, facts: Mapping[str, Any]) -> Any:  # noqa: ANN401  (a template's module has any names)
    return TEMPLATES.get_template(template).make_module(dict(facts))


def _block(source: str, name: str) -> str:
    """What stands in a block of a shipped template, without what it imports."""
    _, found, rest = source.partition(f"{{% block {name} %}}")
    assert found, name  # noqa: S101  (every template has both)
    return _IMPORT.sub("", rest.partition("{% endblock %}")[0]).strip("\n")
