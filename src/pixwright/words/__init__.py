"""Words, read once: what nouns mean, and noun phrases as `Thing` values.

`lexicon.py` is the noun table (`lexicon.tsv`, one row a noun, made to be edited by hand), `phrase.py` reads a phrase into a `Thing`, `inflection.py`,
`numbers.py` and `colours.py` know their kind of word, `nearest.py` finds a known noun for an unknown one. Nothing above this room and `parse` reads English.
Start at `phrase.read`.
"""

from pixwright.words.lexicon import Lexicon, NounEntry, lexicon
from pixwright.words.phrase import owned, read, read_plan, read_step

__all__ = ["Lexicon", "NounEntry", "lexicon", "owned", "read", "read_plan", "read_step"]
