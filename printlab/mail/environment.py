"""The templates of mails: where they lie, and what they can do with a fact."""

from __future__ import annotations

import re
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

TEXT, HTML = "txt.j2", "html.j2"
_ADDRESS = re.compile(r"://|www\.|@|\w\.\w\w", re.IGNORECASE)
_PARTS_OF_ADDRESSES = re.compile(r"[.:/@](?!\s|\w*$)")  # the dot before a file's extension stays as it is
_NO_WIDTH = "\u200b"


def with_filters(environment: Environment) -> Environment:
    """The same, with all that a template may do with a fact."""
    filters = cast("dict[str, Any]", environment.filters)
    filters.update(lines=lines, indented=_indented, capital=_capital, shortened=_shortened)
    filters.update(greeting=_greeting, unlinked=unlinked)
    return environment


def lines(text: str) -> Markup:
    """``text`` for HTML, with its line breaks."""
    return Markup("<br>").join(escape(line) for line in text.strip().splitlines())


def _indented(text: str) -> str:
    """``text`` for plain text, as a block."""
    return "\n".join(f"  {line}".rstrip() for line in text.strip().splitlines())


def _capital(text: str) -> str:
    """``text`` with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def _shortened(text: str, max_chars: int) -> str:
    """``text`` on one line, cut in the middle: the end of a file's name says what it is."""
    line = " ".join(text.split())
    half = (max_chars - 1) // 2
    return line if len(line) <= max_chars else f"{line[:half]}…{line[-half:]}"


def _greeting(name: str) -> str:
    """``Hello Jane,``; without a name that is an advertisement rather than a name."""
    return "Hello," if not name.strip() or _ADDRESS.search(name) else f"Hello {_shortened(name, 80)},"


def unlinked(text: str) -> str:
    """``text`` that reads the same and in which no mail program finds an address to make a link of."""
    return _PARTS_OF_ADDRESSES.sub(lambda found: found[0] + _NO_WIDTH, text)


def _templates() -> Environment:
    return with_filters(
        Environment(
            loader=PackageLoader("printlab.mail"),
            undefined=StrictUndefined,
            autoescape=select_autoescape(enabled_extensions=(HTML,), default=False),
            trim_blocks=True,
            lstrip_blocks=True,
        )
    )


TEMPLATES = _templates()
