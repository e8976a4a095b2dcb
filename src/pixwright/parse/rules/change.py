"""The general verbs: "make X ...", "turn X into ...", "X should be ...", "let X jump"; what X becomes is read by `parse.complements`."""

from __future__ import annotations

from pixwright.parse.complements import Frame, become
from pixwright.parse.grammar import Build, Caught, Clause, Rule, rule
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import is_background, resolve, steps
from pixwright.parse.nouns import Noun
from pixwright.parse.tokens import Token
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.vocabulary import SEASONS, TIMES, WEATHERS
from pixwright.words.adjectives import PLACES


def _to(frame: Frame) -> Build:
    def build(clause: Clause, caught: Caught) -> list[Step] | None:
        if "old" in caught and caught["old"].head in PLACES:
            return None  # "the third umbrella from the right to gray"
        return become(clause, caught["rest"], caught.get("target"), frame)

    return build


def _wished(clause: Clause, caught: Caught) -> list[Step] | None:
    """A plain statement is an edit only where it is wished."""
    return become(clause, caught["rest"], caught.get("target"), "state") if clause.wish else None


def _imagined(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "I want the car red"; "imagine the tower made of chocolate", where a verb would rather tell a story."""
    found = _wished(clause, caught)
    if found is None or clause.wish == "want":
        return found
    plain = found[0].type in (EditType.COLOR_ALTER, EditType.MATERIAL_CHANGE) or clause.words[caught["rest"]].endswith(
        "ing"
    )
    return found if plain and caught["target"].definite else None


def _should(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "X should be ..." asks; "X would be ...", "X could jump" only as a wish."""
    asked = (
        clause.wish
        or caught["@modal"].split()[0] not in ("to", "would", "could", "can", "may", "might", "will")
        or (caught["@modal"] == "could" and clause.words[caught["rest"]] == "be")
    )
    if clause.words[caught["rest"]] == "like":
        return None
    return become(clause, caught["rest"], caught["target"], "state") if asked else None


def _so(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "scuff up the suitcase so it looks worn": whatever the verb, the purpose says what is wanted."""
    at = caught["rest"]
    if not caught["target"].definite:
        return None
    tokens = list(clause.tokens)
    word = tokens[at].text
    if word.endswith("s") and word[:-1] in LEXICON.values["action"].by_first:
        tokens[at] = Token(word[:-1], "word", tokens[at].raw)
    plain = Clause(tuple(tokens), clause.sentence, clause.attachments, clause.memory, clause.wish)
    return become(plain, at, caught["target"], "state")


def _turned(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun = caught["target"]
    if is_background(target) or resolve(clause, target) is None:
        return None
    return steps(clause, EditType.ACTION_CHANGE, target, value=caught["act"])


def _bare(clause: Clause, caught: Caught) -> list[Step] | None:
    """A lone "brighter", "winter please", "as a watercolor": said of the whole picture."""
    if clause.words[-1].endswith("exposed") and not clause.wish:
        return None  # said of a photograph it is a complaint
    found = become(clause, caught["rest"], None, "make")
    if clause.words[0] == "it" and not clause.wish and found and found[0].value not in (*SEASONS, *TIMES, *WEATHERS):
        return None
    kinds = (EditType.TONE_TRANSFER, EditType.STYLE_CHANGE)
    return found if found and found[0].type in kinds else None


RULES: tuple[Rule, ...] = (
    rule("(@turn|change|make|go|switch) (from)? (day/night/summer/winter/spring/autumn/sunset/noon/daytime/sunny/cloudy) (in)? (into|to) <rest>", _to("into")),
    rule("(the)? <noun:target> <rest>", lambda c, k: become(c, k["rest"], k["target"], "state") if is_background(k["target"]) and c.words[k["rest"]] not in ("is", "was", "looks") else None),
    rule("@turn <np:target> from <np:old> (to|into) <rest>", _to("into")),
    rule("(convert/go/change/turn/switch/transform) (to|into) <rest>", _to("into")),
    rule("@turn <np:target> (into|to|in to) (look like)? <rest>", _to("into")),
    rule("(@make|@turn|@change|paint|color) <snp:target> (be|to be|become|to|appear|all|now|so it is|so that it is|so it looks|so that it looks|as)? <rest>", _to("make")),
    rule("(@have|convert|transform|@turn|ask|tell|want|cause|need|see) <snp:target> (to)? <rest>", _to("state")),
    rule("<snp:target> (would/could/might) look (really|so|very)? (good/great/nice/nicer/better/cool/cooler/lovely/awesome/amazing/best/prettier/fun) (in/as/with) <rest>", _to("make")),
    rule("<word> (up/down/around/over)? <snp:target> so (that)? (it/he/she/they) (now)? <rest>", _so),
    rule("(tilt/lean) <np:target> (to the left|to the right|a bit|slightly)?", lambda c, k: _turned(c, {**k, "act": c.words[0]})),
    rule("(turn) <np:target> (around|round)", lambda c, k: _turned(c, {**k, "act": "turn around"})),
    rule("<snp:target> @modal (now|all|really|actually)? <rest>", _should),
    rule("(should|could|can|would|must) <snp:target> <rest>", _to("state")),
    rule("<snp:target> (is|are|was|were|be|being|had been|to be|turned|became|becomes) (now|all|suddenly|really|actually)? <rest>", _wished),
    rule("<snp:target> <rest>", _imagined),
    rule("(as|like|in|into|to|at|with|more|go)? <rest>", _bare),
    rule("<rest>", _bare),
)  # fmt: skip
