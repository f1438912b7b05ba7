"""``python -m printlab``."""

from printlab.cli import main

main()
