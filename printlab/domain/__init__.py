"""The rules: pure functions and frozen values. No I/O, no database, no clock that was not given."""
