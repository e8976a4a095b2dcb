"""The pieces of a sentence between its commas and conjunctions: joined again, gapped, told apart."""

from __future__ import annotations

from pixwright.parse.grammar import Understood
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import DETERMINERS, INDEFINITE, Reader, predicated
from pixwright.parse.tokens import Token, as_written
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.words import adjectives as adj

_DISLIKED = (("i", "do", "not", "like"), ("we", "do", "not", "like"))


def thing_alone(tokens: list[Token]) -> bool:
    """ "Stray hairs around her head": no command and nothing new, so that what follows says what to do with it."""
    if tuple(t.text for t in tokens[:4]) in _DISLIKED:
        return True  # "i do not like the bag, make it a basket"
    return (
        not LEXICON.begins(tokens[0].text)
        and tokens[0].text not in INDEFINITE
        and LEXICON.number(tokens[0].text) is None
    )


def takes_all(tokens: list[Token]) -> bool:
    """ "Remove everything"."""
    words = tuple(t.text for t in tokens)
    return words[-1:] == ("everything",) and any(
        end == len(words) - 1 for end, _ in LEXICON.classes["remove"].matches(words, 0)
    )


def excepting(tokens: list[Token]) -> list[Token]:
    """ "All people but the bride" with "except" for the "but" that takes out of a group, and "everyone else" as "the other people"."""
    words = [token.text for token in tokens]
    at = next((i for i in range(len(words) - 1) if words[i] in adj.EVERYBODY and words[i + 1] == "else"), None)
    if at is not None:
        others = [Token(word, "word", tokens[at].raw) for word in ("the", "other", "people")]
        return excepting([*tokens[:at], *others, *tokens[at + 2 :]])
    for at, token in enumerate(tokens):
        group = {t.text for t in tokens[:at]} & {
            "all",
            "every",
            "everyone",
            "everybody",
            "each",
            "any",
        }
        if token.text != "but" or token.kind == "quote" or not group or at + 1 == len(tokens):
            continue
        ends = Reader(tuple(tokens[at + 1 :])).ends(0, "phrase")
        noun = next((noun for end, noun in ends if end == len(tokens) - at - 1), None)
        if noun is not None and noun.definite and noun.pronoun in (None, "me") and not predicated(noun):
            return [*tokens[:at], Token("except", "word", token.raw), *tokens[at + 1 :]]
    return tokens


def gapped(head: list[Token], tokens: list[Token]) -> list[list[Token]]:
    """ "let the man wear a hat and the woman a scarf": the verb in the middle is left out."""
    verb = next(
        (i for i, t in enumerate(head) if i > 1 and t.text in ("wear", "hold", "wearing", "holding", "carry", "have")),
        None,
    )
    if verb is None:
        return []
    return [
        [head[0], *tokens[:j], head[verb], *tokens[j:]] for j in range(1, len(tokens)) if tokens[j].text in DETERMINERS
    ]


def vague(steps: list[Step]) -> bool:
    """Whether a step is about no thing in particular."""
    return any(
        str(name) in _NO_THING
        for step in steps
        for name in (step.target, None if step.type is EditType.TEXTUAL_CHANGE else step.value)
    )


_NO_THING = frozenset(
    "something anything nothing stuff thing things somebody someone nobody that everything else it them one ones".split()
) | {"other things", "some stuff", "whatever"}
BORROWED = frozenset(
    "on in to of with for by from into onto behind above below under beside near over around at inside".split()
)


_DEGREES = frozenset("more less high higher low lower strong stronger extra added increased reduced".split())


def controlled(tokens: list[Token], i: int) -> bool:
    """Whether " with high contrast" begins here and ends the sentence: what it asks for stands for itself."""
    words = tuple(t.text for t in tokens[i:])
    if i < 2 or len(words) < 3 or words[0] != "with" or words[1] not in _DEGREES:
        return False
    return LEXICON.values["control"].whole(words[2:]) is not None


def glued(pieces: list[tuple[list[Token], list[Token]]]) -> list[Token]:
    """Pieces joined again; whatever stood between them, a single "and" or comma."""
    out: list[Token] = []
    for i, (separator, piece) in enumerate(pieces):
        if i:
            said = any(t.text != "," for t in separator)
            out.append(Token("and", "word", "and") if said else Token(",", "stop", ","))
        out += piece
    return out


def sentence_of(tokens: list[Token]) -> str:
    """The tokens as they were written, for a step."""
    return as_written(tokens)[:1000]


def merged(parts: list[Understood]) -> list[Understood]:
    """Neighbouring clauses that no rule knows, as one."""
    out: list[Understood] = []
    for part in parts:
        if part.steps is None and out and out[-1].steps is None:
            out[-1] = Understood(f"{out[-1].sentence}, {part.sentence}", None)
        else:
            out.append(part)
    return out
