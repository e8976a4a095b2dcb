"""Make `src/pixwright/parse/protected.txt`: the English words that a spelling repair would wrongly take for a word of the grammar.

    python recipes/parse_words.py WORDLIST

WORDLIST is one word a line; the packaged file was made from SCOWL as Debian's `wamerican` 2020.12.07 ships it. Run it again after every change of the lexicon.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pixwright.parse.lexicon import LEXICON
from pixwright.parse.spelling import SHORTEST, edits, reach

TARGET = Path(__file__).parents[1] / "src/pixwright/parse/protected.txt"
HEADER = """\
# English words that lie within the reach of the spelling repair; made by recipes/parse_words.py from SCOWL.
# SCOWL: Copyright 2000-2011 by Kevin Atkinson. Permission to use, copy, modify, distribute and sell these word lists, the associated scripts, the
# output created from the scripts, and its documentation for any purpose is hereby granted without fee, provided that the above copyright notice appears
# in all copies and that both that copyright notice and this permission notice appear in supporting documentation. Kevin Atkinson makes no
# representations about the suitability of this array for any purpose. It is provided "as is" without express or implied warranty.
"""


def main() -> None:
    words = {
        w.lower()
        for w in Path(sys.argv[1]).read_text("utf-8").split()
        if w.isascii() and w.isalpha() and len(w) >= SHORTEST
    }
    known = [w for w in LEXICON.known if len(w) >= SHORTEST]
    sets = {w: frozenset(w) for w in known}
    near = []
    for word in sorted(words - LEXICON.known):
        limit, letters = reach(len(word)), frozenset(word)
        close = (k for k in known if abs(len(k) - len(word)) <= limit and len(letters ^ sets[k]) <= 2 * limit)
        if any(edits(word, k, limit) <= limit for k in close):
            near.append(word)
    TARGET.write_text(HEADER + "\n".join(near) + "\n", "ascii")
    print(f"{len(near)} words protected")


if __name__ == "__main__":
    main()
