"""The address of a script says what is in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from nicegui import dependencies

from components._hashed import compute_key


def _key(path: Path) -> str:
    compute_key.cache_clear()
    return compute_key(path, max_time=0)


def test_a_script_that_changes_has_another_address_and_else_the_same(tmp_path: Path) -> None:
    script = tmp_path / "part.js"
    script.write_text("export default 1")
    first = _key(script)
    os.utime(script, (0, 0))
    assert _key(script) == first
    script.write_text("export default 2")
    os.utime(script, (0, 0))
    assert _key(script) != first
    assert first.endswith("/part.js")


def test_so_has_the_folder_of_a_module(tmp_path: Path) -> None:
    (tmp_path / "index.js").write_text("export default 1")
    first = _key(tmp_path)
    (tmp_path / "index.js").rename(tmp_path / "main.js")
    assert _key(tmp_path) != first


@pytest.mark.parametrize("kind", ["js_components", "libraries"])
def test_all_scripts_of_ours_have_such_addresses(kind: str) -> None:
    import components.board  # noqa: PLC0415  (it defines components with libraries)

    ours = Path(components.__file__).parent
    registered = getattr(dependencies, kind)
    keys = {key for key, script in registered.items() if script.path.is_relative_to(ours)}
    assert keys
    assert keys == {compute_key(registered[key].path, max_time=None) for key in keys}
