"""Faults and qualities of the photograph itself: "dispel the misty veil", "improve the picture by removing noise", "boosting the radiance".

A fault is no thing that is looked for: whoever takes it away, in whatever verb, wants the picture mended. That is read only where every word of the sentence
has a role in it, so that "the snow on the roof" and "the man's shadow" stay things.
"""

from __future__ import annotations

from pixwright.parse.effects import control
from pixwright.parse.grammar import Clause
from pixwright.parse.wholes.roles import roles
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.words import read
from pixwright.words.inflection import bases

_RAISED = {"sharpness": ("sharpness", 1), "brightness": ("brightness", 1)}
_TAKEN = {
    "haze": ("haze", -1),
    "blur": ("sharpness", 1),
    "noise": ("denoise", 1),
    "dark": ("brightness", 1),
    "grain": ("grain", -1),
}
"""Faults that a control mends, and its direction."""
_REPAIRED = {"rain": "rain removal", "snow": "snow removal"}
_OF_IT = frozenset(("it", "its"))
_DETERMINERS = frozenset("the a an any all some this that of more".split())
_JOINTS = frozenset(("and", "or", ",", "by", "to", "through", "via", "for", "so"))
"""Words between two verbs, or two faults, of a sentence."""
_PURPOSE = frozenset(("for", "by", "to", "so", "through", "via", "with"))
"""Words behind which it is said why or how."""


def mended(clause: Clause) -> list[Step] | None:
    """The steps of a sentence that takes faults of the picture away, or raises a quality of it; None where it is about anything else."""
    words = tuple(token.text for token in clause.tokens)
    if not words or any(token.kind not in ("word", "stop") for token in clause.tokens):
        return None
    if not all(map(roles().accounted, words)) or (clause.memory.targets and not _OF_IT.isdisjoint(words)):
        return None
    found = _taken(words)
    return _steps(clause, found) if found else _raised(clause, words)


def fault_steps(clause: Clause, words: tuple[str, ...]) -> list[Step] | None:
    """The steps that take away what a noun phrase names, if that is a fault of the picture and nothing else: "no more rain"."""
    table = roles()
    if not all(word in table.faults or word in table.classes["heads"] | _DETERMINERS for word in words):
        return None
    found = _faults(words)
    return _steps(clause, found) if found else None


def _faults(words: tuple[str, ...]) -> list[str]:
    """The faults that are named, each once. Of two that stand together the first says which: "rain shadows" are rain."""
    table = roles()
    named = [(at, table.faults[word]) for at, word in enumerate(words) if word in table.faults]
    plain = [
        (at, fault.name)
        for at, fault in named
        if not fault.weak and not (at and words[at - 1] in table.faults and not table.faults[words[at - 1]].weak)
    ]
    if plain:
        return list(dict.fromkeys(name for _, name in plain))
    supported = len(named) > 1 or any(word in table.classes["picture"] | table.classes["heads"] for word in words)
    return [named[0][1].name] if named and supported else []


def _taken(words: tuple[str, ...]) -> list[str]:
    """What a sentence whose every word is accounted for takes away."""
    table = roles()
    verbs = [(at, kinds) for at, word in enumerate(words) if (kinds := _as_verb(words, at))]
    if not verbs:
        return []
    alone = [table.alone[one] for at, _ in verbs for one in bases(words[at]) if one in table.alone]
    faults = _faults(words)
    mends = [name for name in alone if name not in table.qualities.values()]
    if not faults:
        return list(dict.fromkeys(mends))
    first, kinds = verbs[0]
    away = words[first + 1 : first + 2] in (("away",), ("off",))
    if kinds & {"raise"} and not kinds & {"rid", "lessen"} and not away and _object(words, first) in table.faults:
        return []  # "enhance the fog"
    rid = away or any(kinds & {"rid"} for _, kinds in verbs)
    lessens = any(kinds & {"lessen"} for _, kinds in verbs)
    mend = any(kinds & {"mend"} for _, kinds in verbs)
    if not rid:  # the shadows of a picture are one of its controls, too
        faults = [name for name in faults if name != "shadow"] if lessens or mend or mends else []
    more = [
        name for at, kinds in verbs[1:] if "raise" in kinds and words[at - 1] == "and" for name in _after(words, at)
    ]
    if lessens and not rid and not more and faults == ["noise"]:
        return ["grain"]  # a control, of which there can be less
    return list(dict.fromkeys((*faults, *mends, *(more if faults else ()))))


def _after(words: tuple[str, ...], verb: int) -> list[str]:
    """The quality that is the object of the verb at `verb`."""
    quality = roles().qualities.get(_object(words, verb), "any")
    return [] if quality == "any" else [quality]


def _as_verb(words: tuple[str, ...], at: int) -> frozenset[str]:
    """The classes of the verb at `at`. A word that may be an adjective or a noun as well is a verb at the head, and behind "to", "by" and "and"."""
    kinds = roles().verb(words[at])
    word = words[at]
    doubtful = word in roles().classes["praise"] or word in roles().classes["heads"] or word in roles().qualities
    if doubtful and at and words[at - 1] not in _JOINTS:
        return frozenset()
    return kinds


def _object(words: tuple[str, ...], verb: int) -> str:
    """The first word behind a verb that is more than glue and praise."""
    passed = roles().classes["glue"] | roles().classes["praise"]
    return next((word for word in words[verb + 1 :] if word not in passed), "")


def _raised(clause: Clause, words: tuple[str, ...]) -> list[Step] | None:
    """The step of "boost the radiance", "restore clarity to the image": a quality, of which there shall be more."""
    table = roles()
    verbs = [(at, kinds) for at in range(len(words)) if (kinds := _as_verb(words, at))]
    if not verbs or not verbs[0][1] & {"raise", "mend", "alone"} or any(word in table.faults for word in words):
        return None
    at, kinds = verbs[0]
    if at and not all(word in table.classes["glue"] for word in words[:at]):
        return None
    stop = next((i for i in range(at + 1, len(words)) if words[i] in _PURPOSE), len(words))
    said = [table.qualities[word] for word in words[at + 1 : stop] if word in table.qualities]
    own = [table.alone[one] for one in bases(words[at]) if one in table.alone]
    said = said or own or [table.qualities[word] for word in words[stop:] if word in table.qualities]
    if not said and kinds >= {"mend", "raise"} and _object(words, at) in table.classes["picture"]:
        said = ["any"]
    if not said:
        return None
    name = next((one for one in said if one != "any"), "any")
    if name == "any" or (name == "brightness" and "raise" not in kinds and not own):
        return [Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value="auto exposure")]
    return control(clause, None, *_RAISED[name], None)


def _steps(clause: Clause, names: list[str]) -> list[Step]:
    out: list[Step] = []
    for name in names:
        if name in _TAKEN or name in _RAISED:
            out += control(clause, None, *(_TAKEN | _RAISED)[name], None)
        elif name in _REPAIRED:
            out.append(Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value=_REPAIRED[name]))
        elif name == "watermark":
            out.append(Step(type=EditType.TEXTUAL_CHANGE, instruction=clause.sentence))
        else:
            words = (token.text for token in clause.tokens)
            what = next((word for word in words if word in ("shadow", "shadows")), "shadow")
            out.append(Step(type=EditType.REMOVE, instruction=clause.sentence, target=read(what)))
    kept = {(step.type, step.value): step for step in out}
    return list(kept.values())
