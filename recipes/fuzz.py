"""Try odd inputs at random for some minutes; only typed errors may come out.

make fuzz, or: python recipes/fuzz.py [--minutes 5] [--only decode,words,...] [--seed N] [--corpus .cache/fuzz]

What gave an answer of a new kind is kept in the corpus and changed further the next time; what ended in an untyped error, or took too long, is kept under `failures`, and
`--replay FILE` runs it again with the traceback. The targets are in `fuzzing/targets.py`.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from fuzzing.run import Corpus, fuzz, replay
from fuzzing.targets import TARGETS


def main() -> int:
    """0 where nothing but typed errors came out, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--only", default=",".join(TARGETS), help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--seed", type=int, default=None, help="default: another one each time")
    parser.add_argument("--corpus", type=Path, default=Path(".cache/fuzz"))
    parser.add_argument("--replay", type=Path, default=None, metavar="FILE")
    given = parser.parse_args()
    warnings.simplefilter("ignore")  # of the decoders: the command line catches them
    if given.replay is not None:
        replay(given.replay, TARGETS)
        return 0
    chosen = {name: TARGETS[name] for name in given.only.split(",")}
    return 1 if fuzz(chosen, Corpus(given.corpus), given.minutes * 60, given.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
