"""The helper as one archive that Python runs, with the lab's address in it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

ARCHIVE_NAME = "printlab-open.pyz"
_SOURCE = Path(__file__).with_name("printlab_open.py")
_MAIN = "from printlab_open import run\n\nrun()\n"
_SHEBANG = b"#!/usr/bin/env python3\n"
_EPOCH = (2020, 1, 1, 0, 0, 0)


def packed(server: str) -> bytes:
    """A zipapp for the lab at ``server``: the same bytes for the same lab and version."""
    files = {
        "__main__.py": _MAIN,
        "printlab_open.py": _SOURCE.read_text(encoding="utf-8"),
        "open.json": json.dumps({"server": server}),
    }
    content = io.BytesIO()
    content.write(_SHEBANG)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
    return content.getvalue()
