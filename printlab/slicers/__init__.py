"""What sliced files say of themselves, read from their first and last bytes. Runs in the sandbox."""
