"""PrusaSlicer as a tool of the server: the settings that an admin exported, and slicing with them for an estimate."""
