"""Instructions: templates filled by a seeded grammar, read back by the project's own parser, and paraphrased by a language model where there is one."""

from pixwright.build.wording.check import parse_back
from pixwright.build.wording.grammar import Unsaid, say
from pixwright.build.wording.names import phrase_for

__all__ = ["Unsaid", "parse_back", "phrase_for", "say"]
