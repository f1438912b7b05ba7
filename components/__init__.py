"""Pieces of screen: they take views and callbacks, and know no service."""
