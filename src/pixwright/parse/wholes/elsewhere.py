"""Somebody wants to be elsewhere: "make it look like I'm on my couch at home", "I want to be at the airport in this picture", "put him in an office instead of the bedroom"."""

from __future__ import annotations

import re

from pixwright.parse.effects import background
from pixwright.parse.frames import COMMANDS
from pixwright.parse.grammar import Clause
from pixwright.parse.lexicon import LEXICON
from pixwright.records.plan import Step
from pixwright.words import lexicon, read

_WHO = r"(?:i|he|she|we|they|(?:the|my|our) \w+)"
_STANDING = r"(?:(?:sitting|standing|lying|posing|relaxing|walking|staying|resting|photographed|shot|taken) )?"
_AS_IF = (
    rf"(?:make|let|have|edit|change|get) (?:it|this|that|me|him|her|them|us|(?:the |this |my )?(?:picture|photo|image|background)) (?:to )?(?:look|seem|appear) "
    rf"(?:like|as if|as though) {_WHO} (?:am|is|are|was|were|'m|'s|'re|had been) {_STANDING}"
)
_WISHED = rf"(?:i|we) (?:want|wish|would like|would love|would rather|'d like|'d love|'d rather) (?:to )?(?:be|look like (?:i am|we are)) {_STANDING}"
_PLACE = r"(?P<where>in front of|in|on|at|inside|by) (?P<place>[\w' -]+?)"
_END = r"(?: instead(?: of .*)?| in (?:this|the|my) (?:picture|photo|image|shot|pic)| please)*"
_ELSEWHERE = re.compile(rf"(?P<before>.*?)(?P<wish>{_AS_IF}|{_WISHED}){_PLACE}{_END}")
_OWN = re.compile(r"^(?:my|his|her|our|their|its|your|an?|the|some) ")
_AT_HOME = re.compile(r" at (?:home|my place)$")
_BUILT = ("place", "landscape", "structure", "building")
_SEATS = ("couch", "bed")
"""Furniture that one can be on, and that says in which room."""
_NO_COMMAND = frozenset(("do", "want", "see", "look", "need", "make", "have", "let", "show"))
"""Commands that as well are words of a reason: "I don't want people to see"."""


def elsewhere(clause: Clause) -> list[Step] | None:
    """The place that somebody says to be in, behind them; None for any other sentence."""
    words = " ".join(token.text for token in clause.tokens).replace(" '", "'").lower().rstrip(" .!")
    found = _ELSEWHERE.fullmatch(words)
    if found is None or not (COMMANDS - _NO_COMMAND).isdisjoint(re.findall(r"\w+", found["before"])):
        return None
    place = _OWN.sub("", found["place"].strip())
    at_home = _AT_HOME.search(place) is not None
    bare = _AT_HOME.sub("", place)
    head = read(bare).head
    seat = found["where"] in ("on", "in") and any(lexicon().is_(head, one) or head == one for one in _SEATS)
    if not (seat or at_home or lexicon().is_(head, *_BUILT) or LEXICON.values["background"].whole(tuple(bare.split()))):
        return None
    steps = background(clause, bare)
    return [step.model_copy(update={"value": f"{step.value} at home"}) for step in steps] if at_home else steps
