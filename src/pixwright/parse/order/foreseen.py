"""What a picture would become: "draw what it will look like after it has melted" says a state; what only a seer could draw says none."""

from __future__ import annotations

import re

from pixwright.parse.lexicon import LEXICON
from pixwright.words import lexicon

_ASKED = re.compile(
    r"^(please |can you |could you )*(draw|show|generate|depict|sketch|illustrate|render|imagine|create|paint|visualize|predict|make|produce)( me| us)?( an? (image|picture|photo|drawing)( of)?)?"
    r" (what|how) (?P<who>.+?) (will|would|might|could|should|is going to|are going to) (look|appear)( like)?\b(?P<then>.*)$"
)
_TO_ME = re.compile(
    r"^(show me |imagine )?(what|how) (will|would|might|could|should) (?P<who>.+?) (look|appear|be)( like)?\b(?P<then>.*)$"
)
"""The same as a question: "what will she look like in ten years"."""
_THEN = re.compile(
    r"^ ?(if|after|when|once|as if|as though)( (it|they|he|she|this|that|the [a-z ]+?))?( (is|are|was|were|has|have|had|gets|get|got|becomes|become|turns|turned))?( (been|being|become|became))?"
    r"( (fully|completely|entirely|totally|partly|all))? (?P<state>[a-z-]+)( (away|up|down))?$"
)
_TIME = r"in [a-z0-9]+ (\w+ )?(hours?|days?|weeks?|months?|years?|decades?)|\w+ (\w+ )?(later|from now)"
_LATER = re.compile(f"^ ({_TIME})")
_HAPPENS = re.compile(f"^( ?$| (if|after|when|once|as|{_TIME}))")
"""What is asked after is what time or an event would do. Only who asks for a drawing of it asks for no more: "what would it look like as pixel art"."""
_YEARS = re.compile(r"^ ?(after |in )?([a-z0-9]+ )?(many |several |a few )?(years|decades)( later| from now| older)?$")
_OBJECT = {"he": "him", "she": "her"}
_IMAGES = re.compile(
    r"^(please |can you |could you )*(draw|generate|create|produce|sketch)( me| us)? ((an?|one|another)( [a-z]+){0,2}? (image|picture|diagram|drawing)|(an?|the|only the|your)( [a-z]+){0,2}?"
    r" (view|solution|answer|result|shortest path|path from|route|shape represented|next move))\b(?! (frame|book|window|rail|hook))"
)
"""No thing to put into the picture: another picture, or what a riddle asks for."""


def foreseen(sentence: str) -> str | None:
    """The command that a question after what will be stands for: "make it melted". Empty where no state is named that can be made; None for any other sentence."""
    said = " ".join(re.sub(r"[^a-z0-9' -]", " ", sentence.lower()).split())
    drawn = _ASKED.match(said)
    if asked := drawn or _TO_ME.match(said):
        then = _THEN.match(asked["then"])
        state = LEXICON.values["appearance"].whole((then["state"],)) if then else None
        who = asked["who"].strip()
        years = _YEARS.match(asked["then"])
        if years and (lexicon().is_(who.split()[-1], "person") or who in ("he", "she", "him", "her")):
            return f"make {_OBJECT.get(who, who)} old"
        named = "it" if who in ("it", "this", "that", "they", "these") else who
        if state:
            return f"make {named} {state}"
        # "How would the sofa look in leather" is no question after what happens: other rules read it.
        return "" if (_HAPPENS if drawn else _LATER).match(asked["then"]) else None
    return "" if _IMAGES.match(said) else None
