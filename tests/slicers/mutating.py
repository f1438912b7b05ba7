"""Files that were damaged at random."""

from __future__ import annotations

from random import Random


def mutated(random: Random, content: bytearray) -> bytes:
    for _ in range(random.randint(1, 8)):
        at = random.randrange(len(content) + 1)
        piece = content[at : at + random.randint(1, 40)]
        how = random.randrange(4)
        if how == 0:
            content[at : at + len(piece)] = bytes(byte ^ 1 << random.randrange(8) for byte in piece)
        elif how == 1:
            del content[at : at + len(piece)]
        elif how == 2:
            content[at:at] = piece * random.randint(1, 50)
        else:
            content[at:at] = random.randbytes(random.randint(1, 20))
    return bytes(content)
