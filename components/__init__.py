"""Pieces of screen: they take views and callbacks, and know no service."""

from components import _hashed

_hashed.install()
