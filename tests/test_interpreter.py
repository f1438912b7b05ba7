"""What a server does to its interpreter once it is up."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import gc, weakref
from printlab.interpreter import Interpreter

class Page:
    pass

interpreter = Interpreter()
interpreter.settle()
page = Page()
page.itself = page
gone = weakref.ref(page)
gc.collect()
spared = gc.get_freeze_count()
del page
gc.collect()
print(spared > 1000, gone() is not None)
for _ in range(99):
    interpreter.page_closed()
print(gone() is not None)
interpreter.page_closed()
print(gone() is None, gc.get_freeze_count() > 1000)
"""


def test_what_outlived_a_full_collection_is_spared_until_many_pages_are_closed() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["True True", "True", "True True"]
