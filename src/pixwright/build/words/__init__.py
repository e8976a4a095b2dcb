"""Instructions: templates filled by a seeded grammar, read back by the project's own parser, and paraphrased by a language model where there is one."""

from pixwright.build.words.check import parse_back
from pixwright.build.words.grammar import Unsaid, say
from pixwright.build.words.names import phrase_for

__all__ = ["Unsaid", "parse_back", "phrase_for", "say"]
