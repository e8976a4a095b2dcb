"""Edits guided by a picture: "follow the sketch [1] and replace the horse with a zebra".

The guidance is taken off the instruction; what remains is parsed like any other, and its steps become the guided type with the attachment's number.
"""

from __future__ import annotations

from dataclasses import dataclass

from pixwright.parse.rules.visual import GUIDES
from pixwright.parse.tokens import Token
from pixwright.records.kind import EditType
from pixwright.records.plan import Step

_LEADS = tuple(
    sorted(
        (tuple(lead.split()) for lead in ("follow", "following", "watch", "watching", "refer to", "referring to", "with reference to", "in reference to", "according to", "based on", "use", "using", "given", "guided by", "under the guidance of", "with the guidance of", "with the help of", "look at", "looking at", "consider", "considering", "respect", "respecting", "obey", "stick to", "sticking to", "observe", "see", "as in", "as shown in", "as given in", "as drawn in", "like in", "take", "taking", "consult", "consulting", "by", "by following", "by using", "with", "in", "inside", "within", "on the basis of", "as per", "per", "conforming to", "in line with", "in accordance with", "for", "from", "match", "matching", "to match", "as", "the way it is in", "where", "keep to", "keeping to", "adhere to", "adhering to", "apply", "by means of", "along", "mind", "pay attention to", "as indicated by", "as marked by", "marked by", "defined by", "to follow", "so that it follows", "so it follows", "so it matches", "so that it matches")),
        key=len,
        reverse=True,
    )
)  # fmt: skip
_WEAK = frozenset(
    (
        "with",
        "in",
        "inside",
        "within",
        "for",
        "from",
        "by",
        "as",
        "take",
        "use",
        "see",
        "apply",
        "per",
        "along",
        "where",
        "given",
        "mind",
        "on",
    )
)
_BEFORE = frozenset(
    "the this that given attached provided reference supplied accompanying a my enclosed following in of hand drawn rough corresponding".split()
)
_AFTER = frozenset(
    "map maps image picture mask box boxes drawing sketch photo guide guidance area reference region regions lines hint layout estimation information contour contours".split()
)
_JOINS = frozenset("to and , then when while please : as for . guide guidance reference a order in ;".split())


_STRONG = frozenset(
    (
        "follow",
        "following",
        "watch",
        "watching",
        "refer to",
        "referring to",
        "look at",
        "looking at",
        "observe",
        "consult",
    )
)
"""Leads after which a plain "image [1]" guides as well: "watch the image [1] and replace the dog with it"."""


@dataclass(frozen=True)
class Guidance:
    """What guides, and which attachment it is."""

    kind: EditType
    reference: int


def take_guidance(tokens: list[Token], given: int) -> tuple[list[Token], Guidance | None]:
    """The tokens without the guidance, and the guidance; `given` is the number of attachments."""
    tokens = _named_first(tokens)
    for at, token in enumerate(tokens):
        if token.kind != "word" or token.text not in GUIDES:
            continue
        start, lead = _lead(tokens, at)
        end, reference = _behind(tokens, at)
        if GUIDES[token.text] is EditType.VISUAL_REFERENCE and (reference is None or lead not in _STRONG):
            continue
        if start is None and all(t.text in _BEFORE for t in tokens[:at]) and (skip := _shows(tokens, end)):
            start, end, lead = 0, skip, "follow"
        if start is None or (lead in _WEAK and reference is None and not (start == 0 and given)):
            continue
        if reference is None and not (
            given or {t.text for t in tokens[start:at]} & {"given", "attached", "provided", "reference"}
        ):
            continue
        if (
            lead in ("with", "by", "for", "into", "as")
            and start != 0
            and any(t.text in ("replace", "swap", "substitute", "turn") for t in tokens[:2])
            and not _has_value(tokens[:start])
        ):
            continue
        kind = EditType.VISUAL_BBOX if token.text == "box" and tokens[at - 1].text == "bounding" else GUIDES[token.text]
        before, after = tokens[:start], tokens[end:]
        if before and lead == "where" and after and after[0].text in ("is", "shows", "says"):
            after = after[1:]
        if not before and lead == "where" and "," in [t.text for t in after[:5]]:
            after = after[[t.text for t in after].index(",") :]
        while not before and after and after[0].text in _JOINS and after[0].kind in ("word", "stop"):
            after = after[1:]
        while before and before[-1].text in (",", "and", "please", "while", "when"):
            before = before[:-1]
        if kind is EditType.VISUAL_REFERENCE:
            after = [
                Token(str(reference), "ref")
                if t.text == "it" and i and after[i - 1].text in ("with", "by", "to", "into", "like", "of")
                else t
                for i, t in enumerate(after)
            ]
        return [*before, *after], Guidance(kind, reference or 1)
    return tokens, None


def _named_first(tokens: list[Token]) -> list[Token]:
    """ "With [1] as depth, ..." and "[1] is the depth map; ..." in the order of "following the depth [1], ..."."""
    at = 1 if tokens and tokens[0].text in ("with", "use", "using", "take", "taking", "given", "have") else 0
    if (
        len(tokens) < at + 4
        or tokens[at].kind != "ref"
        or tokens[at + 1].text not in ("as", "is", "being", "holds", "shows")
    ):
        return tokens
    end = at + 2
    while end < len(tokens) and tokens[end].text in _BEFORE:
        end += 1
    if end >= len(tokens) or tokens[end].text not in GUIDES or GUIDES[tokens[end].text] is EditType.VISUAL_REFERENCE:
        return tokens
    rest = end + 1
    while rest < len(tokens) and tokens[rest].text in _AFTER:
        rest += 1
    return [Token("follow", "word"), Token("the", "word"), tokens[end], tokens[at], *tokens[rest:]]


def guided(steps: list[Step], guidance: Guidance) -> list[Step]:
    """The same steps as guided edits."""
    if guidance.kind is EditType.VISUAL_REFERENCE and any(step.reference for step in steps):
        return steps
    return [step.model_copy(update={"type": guidance.kind, "reference": guidance.reference}) for step in steps]


def _shows(tokens: list[Token], at: int) -> int:
    """The end of "shows where to", "marks where you should"; 0 if it is not there."""
    words = [t.text for t in tokens[at : at + 6]]
    if words[:1] and words[0] in ("shows", "show", "marks", "tells", "says", "indicates", "gives") and "where" in words:
        end = at + words.index("where") + 1
        while end < len(tokens) and tokens[end].text in ("to", "you", "should", "i", "want"):
            end += 1
        return end
    return 0


def _has_value(tokens: list[Token]) -> bool:
    """Whether "replace X" has its "with Y" already."""
    return any(t.text in ("with", "by", "for", "into", "to") for t in tokens)


def _lead(tokens: list[Token], at: int) -> tuple[int | None, str]:
    """Where the guiding phrase begins, and the words that lead it."""
    i = at
    if at > 2 and tokens[at - 1].text in ("the", "a") and tokens[at - 2].text == "as" and tokens[at - 3].kind == "ref":
        i = at - 3
    while (
        i and (tokens[i - 1].text in _BEFORE or tokens[i - 1].kind == "ref") and tokens[i - 1].text not in ("follow",)
    ):
        if (
            tokens[i - 1].text in ("in", "following", "given")
            and any(_ends_with(tokens, i, lead) for lead in _LEADS)
            and not _ends_with(tokens, i - 1, ("follow",))
        ):
            longer = i - 1
            if not any(_ends_with(tokens, longer, lead) for lead in _LEADS) and tokens[longer - 1].text not in _BEFORE:
                break
        i -= 1
    for stop in (i, i + 1, i + 2):
        for lead in _LEADS:
            if stop <= at and _ends_with(tokens, stop, lead):
                return stop - len(lead), " ".join(lead)
    return None, ""


def _ends_with(tokens: list[Token], end: int, words: tuple[str, ...]) -> bool:
    return end >= len(words) and tuple(t.text for t in tokens[end - len(words) : end]) == words


def _behind(tokens: list[Token], at: int) -> tuple[int, int | None]:
    """Where the guiding phrase ends, and its attachment's number."""
    end = at + 1
    while (
        end < len(tokens) and (tokens[end].text in _AFTER or tokens[end].text in GUIDES) and tokens[end].kind == "word"
    ):
        end += 1
    step = end
    while (
        step < len(tokens)
        and step < end + 4
        and tokens[step].text
        in (
            "in",
            "of",
            "from",
            "shown",
            "given",
            "on",
            "picture",
            "image",
            "the",
            "at",
            "by",
            "reference",
            "attached",
            "attachment",
        )
        and tokens[step].kind == "word"
    ):
        step += 1
    if step < len(tokens) and tokens[step].kind == "ref":
        number, end = int(tokens[step].text), step + 1
        while end < len(tokens) and tokens[end].text in ("image", "picture", "map", "mask"):
            end += 1
        return end, number
    before = next((t for t in tokens[max(0, at - 4) : at] if t.kind == "ref"), None)
    return end, int(before.text) if before else None
