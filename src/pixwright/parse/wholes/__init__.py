"""What is said of the whole picture, in any verb: its faults and qualities, the place that it is set in, music that it shall be like, its style.

Start at `wholly`. `roles` holds the table of words; `faults`, `scenes`, `sounding` and `styling` each read a sentence only where it is theirs to the last word that matters.
"""

from __future__ import annotations

from collections.abc import Sequence

from pixwright.parse.frames import frames
from pixwright.parse.grammar import Clause, Memory
from pixwright.parse.tokens import Token, as_written
from pixwright.parse.wholes.elsewhere import elsewhere
from pixwright.parse.wholes.faults import mended
from pixwright.parse.wholes.lights import light_complained_of
from pixwright.parse.wholes.scenes import scenery
from pixwright.parse.wholes.sounding import sounded
from pixwright.parse.wholes.styling import styled
from pixwright.records.plan import Step

__all__ = ["of_clause", "sounded", "wholly"]


def of_clause(clause: Clause) -> list[Step] | None:
    """The steps of a clause that is about the whole picture; None where it is about anything else."""
    return mended(clause) or scenery(clause) or sounded(clause) or styled(clause)


def wholly(tokens: Sequence[Token], memory: Memory) -> list[Step] | None:
    """The same of a whole sentence, before its commas and its "and" are taken for joints: "the depth and richness of an oil painting" is one style."""
    if there := elsewhere(Clause(tuple(tokens), as_written(list(tokens)), (), memory)):
        return there
    framed = frames(list(tokens))[0]
    if framed.wish or framed.about:
        return None
    if (lit := light_complained_of(" ".join(token.text for token in tokens))) is not None:
        return lit
    return of_clause(Clause(tuple(framed.tokens), as_written(list(tokens)), (), memory))
