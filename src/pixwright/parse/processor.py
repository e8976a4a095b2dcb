"""InstructEdit's language processor (paper: section 3.2 and D.1): an instruction to a segmentation prompt and two captions for each step.

A language model is asked for the paper's three lines. What kind of edit it is and in how many steps is for the rules to say, or, where they understand nothing,
for the difference of the two captions. Without a model the rules say it all.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Protocol

from pixwright.errors import UnclearInstruction
from pixwright.parse.nouns import DETERMINERS
from pixwright.parse.rules import check_length, parse_rules
from pixwright.records.instruction import Array, Instruction
from pixwright.records.kind import Aspect, EditType
from pixwright.records.plan import Plan, Relation, Step, Where
from pixwright.records.vocabulary import COLOURS
from pixwright.words import read
from pixwright.words.colours import is_colour

if TYPE_CHECKING:
    from pixwright.encoders.bundle import Encoders
    from pixwright.parse.language import Endpoint

T = EditType


class Describes(Protocol):
    """Who can see the picture and say what it shows (`encoders.captioner`)."""

    def describe(self, picture: Array, target: str = "") -> str:
        """A caption of HxWx3 uint8; more about `target` where one is named."""
        ...


@dataclass(frozen=True)
class Prompts:
    """The paper's three prompts. `segmentation` is empty where the whole picture is meant."""

    segmentation: tuple[str, ...]
    before: str
    after: str


def process(
    instruction: Instruction,
    picture: Array | None,
    encoders: Encoders,
    endpoint: Endpoint | None = None,
    captioner: Describes | None = None,
) -> Plan:
    """What the instruction means, with the phrase to segment and both captions in every step.

    `picture` (HxWx3 uint8) is described by `captioner`; without one it is only looked at where the words name nothing ("make it a lion"). A model that gives nothing
    usable is a note in the plan. Steps of one kind are one edit of several regions. Raises UnclearInstruction.
    """
    check_length(instruction.text)
    description = ""
    if captioner is not None and picture is not None:
        description = captioner.describe(picture)[:500].strip(" .")
    plan, problem = _by_rules(instruction, picture, encoders, description)
    note = ""
    if endpoint is not None:
        asked, note = _by_model(instruction, plan, endpoint, description)
        if asked is not None:
            return asked
    if plan is None:
        assert problem is not None
        raise problem
    return plan.model_copy(update={"notes": (*plan.notes, note)}) if note else plan


def read_reply(reply: str) -> Prompts:
    """The three prompts in a model's reply: labels in any case, numbered or not, with or without quotes, markdown and line breaks.

    Raises `parse.language.Unusable`, which says what is missing, cut off or empty.
    """
    from pixwright.parse.language import Unusable

    marks = list(_LABEL.finditer(reply))
    parts: dict[str, str] = {}
    for mark, following in zip(marks, [*marks[1:], None]):
        name = "segmentation" if mark["first"] else f"editing {mark['number']}"
        parts[name] = reply[mark.end() : following.start() if following else len(reply)]
    for name, said in (
        ("segmentation", "segmentation prompt"),
        ("editing 1", "editing prompt 1"),
        ("editing 2", "editing prompt 2"),
    ):
        if name not in parts:
            raise Unusable(
                f"there is no line '{said.capitalize()}:'" + (", the answer may be cut off" if parts else "")
            )
    phrases = _phrases(parts["segmentation"])
    before, after = _caption(parts["editing 1"], "editing prompt 1"), _caption(parts["editing 2"], "editing prompt 2")
    if before.lower() == after.lower():
        raise Unusable("both editing prompts say the same, so nothing would change")
    return Prompts(phrases, before, after)


_LABEL = re.compile(
    r"(?:^|(?<=[\s.,;\"'”’*]))(?:[-*#>]+\s*|\(?\d[.)]\s*)*[*_`]*"
    r"(?:(?P<first>segmentation\s*prompts?)|(?:editing\s*prompt\s*\#?(?P<number>[12])))[*_`]*\s*[:=]\s*[*_`]*",
    re.IGNORECASE,
)
_QUOTES = {'"': '"', "“": "”", "'": "'", "‘": "’", "`": "`", "«": "»"}
_EVERYTHING = re.compile(
    r"(?:the |a |an )?(?:whole |entire )?(?:picture|image|photo|photograph|scene|everything|all|none|n/a)",
    re.IGNORECASE,
)


def _phrases(text: str) -> tuple[str, ...]:
    from pixwright.parse.language import Unusable

    bare = re.sub(r"(?<!\w)['’]|['’](?!\w)|[\"“”‘`«»*\[\]]", "", text.strip().split("\n\n")[0])
    # "box and phone" are two phrases, "black and white cat" is one: a conjunct of adjectives alone is the grounder's to read.
    found = [re.sub(r"\s+", " ", part).strip(" .;:-").lower() for part in bare.split(",")]
    phrases = tuple(dict.fromkeys(part for part in found if part))
    if not phrases:
        raise Unusable("the segmentation prompt is empty; name what is to be edited, or 'the picture'")
    if sum(map(len, phrases)) > 150:
        raise Unusable("the segmentation prompt is longer than 150 characters; it shall be a few noun phrases")
    return () if all(_EVERYTHING.fullmatch(phrase) for phrase in phrases) else phrases


def _caption(text: str, name: str) -> str:
    from pixwright.parse.language import Unusable

    text = re.sub(r"^(?:the )?(?:prompt|caption) is\s*", "", text.strip())
    closing = _QUOTES.get(text[:1], "")
    if closing:
        ends = [m.start() for m in re.finditer(rf"{re.escape(closing)}(?!\w)", text[1:])]
        if not ends:
            raise Unusable(f"{name} is cut off: its quotation is not closed")
        # The last one on the line: a quotation may hold another, or an apostrophe.
        line = text.find("\n", 1) - 1
        text = text[1 : 1 + max((end for end in ends if line < 0 or end <= line), default=ends[0])]
    text = re.sub(r"\s+", " ", re.split(r"\n\s*\n", text)[0]).strip(" *_`;,").rstrip(".")
    if not text:
        raise Unusable(f"{name} is empty")
    if len(text) > 1000:
        raise Unusable(f"{name} is longer than 1000 characters")
    return text


def _by_model(
    instruction: Instruction, plan: Plan | None, endpoint: Endpoint, description: str
) -> tuple[Plan | None, str]:
    """(plan, "") or (None, why not). Each step of the rules is asked for on its own: three lines can only describe one edit."""
    from pixwright.parse.language import Unusable, converse

    known: tuple[Step | None, ...] = plan.steps if plan is not None else (None,)
    repair = "That cannot be used: {}. Answer with the three corrected lines only."
    steps: list[Step] = []
    try:
        for step in known:
            if step is not None and step.reference is not None:
                steps.append(step)
                continue
            text = instruction.text if step is None or len(known) == 1 else step.instruction
            prompts = converse(endpoint, _messages(text, description), read_reply, repair)
            steps.append(_step_of(prompts, text) if step is None else _with_prompts(step, prompts))
    except Unusable as problem:
        return None, f"the language model at {endpoint.shown} gave no usable prompts ({problem}); the rules were used"[
            :1000
        ]
    return Plan(instruction=instruction.text, steps=tuple(steps), parser=endpoint.parser), ""


def _messages(text: str, description: str) -> list[dict[str, str]]:
    shown = bool(description)
    messages = [{"role": "system", "content": _prompt("instructedit_shown.txt" if shown else "instructedit.txt")}]
    for row in _examples():
        kind = "_shown" if shown else ""
        reply = (
            f"Segmentation prompt: {row['segmentation']}\n"
            f'Editing prompt 1: "{row["before" + kind]}"\nEditing prompt 2: "{row["after" + kind]}"'
        )
        messages.append(_wish(row["instruction"], row["shown"] if shown else ""))
        messages.append({"role": "assistant", "content": reply})
    return [*messages, _wish(text, description)]


def _wish(text: str, description: str) -> dict[str, str]:
    plain = [part.replace("<", "(").replace(">", ")") for part in (text, description)]
    seen = f"\n<picture>{plain[1]}</picture>" if description else ""
    return {"role": "user", "content": f"<instruction>{plain[0]}</instruction>{seen}"}


@lru_cache
def _prompt(name: str) -> str:
    return (resources.files(__package__) / "prompts" / name).read_text(encoding="utf-8")


@lru_cache
def _examples() -> tuple[dict[str, str], ...]:
    return tuple(json.loads(_prompt("instructedit_examples.json")))


def _with_prompts(step: Step, prompts: Prompts) -> Step:
    """The rules' step in the model's words."""
    target = ", ".join(prompts.segmentation) or None
    update: dict[str, object] = {"source_caption": prompts.before, "edited_caption": prompts.after}
    if step.type.group in ("local", "implicit"):
        update["target"] = read(target) if target else None
    if step.type is T.ADD and target and (step.where is None or step.where.anchor is None):
        update["where"] = Where(relation=step.where.relation if step.where else Relation.ON, anchor=read(target))
    return step.model_copy(update=update)


_GONE = frozenset("empty clean clear bare plain without no nothing background".split())
_EMPTY = DETERMINERS | frozenset(
    "a an the of and in on at by to with is are photo picture image who that which".split()
)


def _step_of(prompts: Prompts, text: str) -> Step:
    """The kind of edit, read off what the second caption changes in the first. Where the target's noun stays, what is new is its appearance."""
    old, new = (re.findall(r"[\w'-]+", caption.lower()) for caption in (prompts.before, prompts.after))
    gone = [word for word in old if word not in new and word not in _EMPTY]
    come = [word for word in new if word not in old and word not in _EMPTY]
    heads = {phrase.split()[-1] for phrase in prompts.segmentation}
    lost = bool(heads) and not heads & set(new)
    value = " ".join(come)[:200] or None
    target = ", ".join(prompts.segmentation) or None
    if target is None:
        kind = T.STYLE_CHANGE if "photo" in old and "photo" not in new else T.TONE_TRANSFER
        value = value or prompts.after[:200]
    elif value is None or (lost and set(come) <= _GONE):
        kind, value = T.REMOVE, None
    elif lost:
        kind, value = T.REPLACE, _span(new, come)
    elif not gone and value and is_colour(value):
        kind = T.COLOR_ALTER
    else:
        kind, value = T.APPEARANCE_ALTER, _span(new, come)
    return Step(
        type=kind,
        instruction=text[:1000],
        target=read(target) if target else None,
        value=value,
        source_caption=prompts.before,
        edited_caption=prompts.after,
    )


def _span(words: list[str], come: list[str]) -> str:
    """The words from the first new one to the last, as they stand in the caption, without articles before them."""
    at = [i for i, word in enumerate(words) if word in come]
    return " ".join(words[at[0] : at[-1] + 1])[:200]


def _by_rules(
    instruction: Instruction, picture: Array | None, encoders: Encoders, description: str
) -> tuple[Plan | None, UnclearInstruction | None]:
    from pixwright.parse import parse

    plan: Plan | None = None
    problem: UnclearInstruction | None = None
    try:
        # What "it" is, the description tells better than a look at the picture.
        plan = parse(instruction, None if description else picture, encoders, use_llm=False)
    except UnclearInstruction as unclear:
        problem = unclear
    notes: tuple[str, ...] = ()
    if _POINTED.search(instruction.text) and (
        plan is None or plan.parser != "rules" or any(map(_pointless, plan.steps))
    ):
        noun = _meant(picture, encoders, description)
        named = _POINTED.sub(f"the {noun}", instruction.text, count=1)
        try:
            plan = parse_rules(named, instruction.attachments) if noun else plan
            notes = (f"'{noun}' was taken to be meant, by what the picture shows",) if noun else ()
        except UnclearInstruction:
            pass
    if plan is None:
        return None, problem
    steps = tuple(_finished(step, description) for step in _merged(plan.steps))
    return Plan(instruction=instruction.text, steps=steps, parser=plan.parser, notes=notes), None


_POINTED = re.compile(r"\b(?:it|this|that|them)\b(?! (?:were|was|looks?|is|be)\b)", re.IGNORECASE)


def _pointless(step: Step) -> bool:
    """A local step without a target: "make it red"."""
    return step.type.group == "local" and step.target is None and step.type is not T.ADD


_FIRST = re.compile(
    r"\s*(?:(?:a|an|the|one|two|some) )?([a-z-]+(?: [a-z-]+){0,2}?)(?= (?:with|in|on|of|by|and|at|that|who|near|is|are|[a-z]+ing)\b|[,.]|$)"
)
_STANDS = re.compile(r" (?:on|in) the (?!left|right|top|bottom|middle|cent|back|front|fore)([a-z]+)$")


def _meant(picture: Array | None, encoders: Encoders, description: str) -> str:
    """The noun of what the picture is of, or nothing."""
    from pixwright.parse.about import shown

    if description:
        caption = re.sub(r"^.*?\b(?:photo\w*|painting|picture|image|drawing|art) of\b", "", description.lower())
        if found := _FIRST.match(caption):
            return found[1]
    seen = shown(description, None if description else picture, encoders)
    return seen.noun if seen else ""


def _merged(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Neighbours that differ in nothing but their target are one step: their masks are united and painted in one go."""
    merged: list[Step] = []
    for step in steps:
        last = merged[-1] if merged else None
        alike = last is not None and step.type.group == "local" and _shape(last) == _shape(step)
        if alike and last is not None and last.target and step.target and len(f"{last.target}{step.target}") < 190:
            before = f"{last.source_caption} and {_tail(step.source_caption)}"
            after = (
                last.edited_caption
                if step.type is not T.REMOVE
                else f"{last.edited_caption} and {_tail(step.edited_caption)}"
            )
            update = {
                "target": read(f"{last.target}, {step.target}"),
                "source_caption": before,
                "edited_caption": after,
            }
            merged[-1] = last.model_copy(update=update)
        else:
            merged.append(step)
    return tuple(merged)


def _shape(step: Step) -> tuple[object, ...]:
    return step.type, step.value, step.where, step.amount, step.count, step.reference, step.old_text


def _tail(caption: str) -> str:
    """What stands behind "a photo of" or "a photo without"."""
    return re.sub(r"^a photo (?:of|without) ", "", caption)


def _finished(step: Step, description: str) -> Step:
    """Captions that a text-to-image network can follow: what is added to is the target, no second colour, the description's other things kept."""
    update: dict[str, object] = {}
    before, after = step.source_caption, step.edited_caption
    target = str(step.target or "")
    if step.type is T.ADD and step.target is None and step.where is not None and step.where.anchor:
        update["target"], target = step.where.anchor, str(step.where.anchor)
        before = f"a photo of {_some(target)}"
        after = f"{before} with {_some(step.value or '')}"
    if step.type is T.COLOR_ALTER and target and step.value:
        plain = (" ".join(w for w in part.split() if w not in COLOURS) for part in target.split(", "))
        after = "a photo of " + " and ".join(f"the {step.value} {part}".strip() for part in plain)
    if step.type is T.REMOVE and target and (place := _STANDS.search(target)):
        after = f"a photo of the empty {place[1]}"
    if description and target and (told := _told(step, target, description)):
        before, after = description, told
    return step.model_copy(update=update | {"source_caption": before[:1000], "edited_caption": after[:1000]})


def _some(phrase: str) -> str:
    return (
        phrase
        if phrase.split()[0] in DETERMINERS or re.search(r"[^s]s$", phrase)
        else f"{'an' if phrase[:1] in 'aeiou' else 'a'} {phrase}"
    )


def _told(step: Step, target: str, description: str) -> str:
    """The description after the step, if the target is in it; else nothing."""
    found = next(
        (
            f
            for p in (target, target.split()[-1])
            if (f := re.search(rf"\b(an? )?({re.escape(p)})\b", description, re.IGNORECASE))
        ),
        None,
    )
    value = step.value or ""
    if found is None or not value or step.type.group != "local":
        return ""
    new = {
        Aspect.THING: _some(value) if found[1] else value,
        Aspect.COLOUR: f"{found[1] or ''}{value} {found[2].split()[-1]}",
        Aspect.APPEARANCE: f"{found[1] or ''}{value} {found[2]}",
        Aspect.MATERIAL: f"{found[0]} made of {value}",
    }.get(step.type.traits.changes)
    if step.type is T.ADD:
        new = f"{found[0]} with {_some(value)}"
    return "" if new is None else description[: found.start()] + new + description[found.end() :]
