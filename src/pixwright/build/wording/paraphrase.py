"""Paraphrases of instructions by a language model, where one is configured (`PIXWRIGHT_LLM_URL`, see `parse.language`).

Iterative self-enhancement after AnyEdit (paper: appendix B.2.2): the model is shown five examples drawn at random from a pool, and what it
writes well joins the pool. Well means here: the project's own parser reads it as the same step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources

import httpx
import numpy as np

from pixwright.build.wording.check import parse_back
from pixwright.parse.language import Endpoint
from pixwright.records.instruction import Attachment
from pixwright.records.plan import MAX_INSTRUCTION, Step

SHOWN = 5
"""Examples in a request."""
MOST = 2_000
"""Pairs that a pool keeps; the oldest that are no seeds go first."""
MAX_ANSWER = 50_000
"""Characters of an answer that are read."""


@dataclass(eq=False)
class Pool:
    """(instruction, paraphrase) examples; grows with every paraphrase that is accepted. Not to be shared between workers."""

    seeds: tuple[tuple[str, str], ...]
    grown: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def load(cls) -> Pool:
        """The pool as it is shipped."""
        raw = json.loads(resources.files(__package__).joinpath("seeds.json").read_text(encoding="utf-8"))
        return cls(tuple((one, other) for one, other in raw))

    def draw(self, rng: np.random.Generator) -> list[tuple[str, str]]:
        """`SHOWN` different examples."""
        every = [*self.seeds, *self.grown]
        return [every[int(i)] for i in rng.choice(len(every), min(SHOWN, len(every)), replace=False)]

    def add(self, instruction: str, paraphrase: str) -> None:
        """Remember an accepted paraphrase."""
        if (instruction, paraphrase) not in self.grown:
            self.grown = [*self.grown, (instruction, paraphrase)][-(MOST - len(self.seeds)) :]


@dataclass(frozen=True)
class Paraphrased:
    """What came of one request: accepted paraphrases; (text, why not) of the others; what went wrong with the server, or ""."""

    accepted: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    problem: str = ""


def paraphrase(
    instruction: str,
    step: Step,
    pool: Pool,
    endpoint: Endpoint,
    rng: np.random.Generator,
    *,
    count: int = 3,
    attachments: Sequence[Attachment] = (),
) -> Paraphrased:
    """Up to `count` other wordings of an instruction, each read back as `step`; they join the pool.

    A server that fails gives no paraphrase and a `problem`, never an error: the instruction that there is stays good. The answer depends on
    the server, so a build that shall be repeatable stores it.
    """
    messages = [{"role": "user", "content": _request(instruction, pool.draw(rng), count)}]
    body = {"model": endpoint.model, "messages": messages, "temperature": 0.9, "max_tokens": 600}
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    try:
        answer = httpx.post(f"{endpoint.url}/chat/completions", json=body, headers=headers, timeout=endpoint.seconds)
        answer.raise_for_status()
        text = answer.json()["choices"][0]["message"]["content"]
    except (httpx.HTTPError, ValueError, KeyError, IndexError, TypeError) as error:
        return Paraphrased(problem=f"the language model at {endpoint.url} gave no paraphrases ({type(error).__name__})")
    if not isinstance(text, str):
        return Paraphrased(problem=f"the language model at {endpoint.url} answered without text")
    return _judged(instruction, step, _lines(text)[:count], pool, attachments)


def _judged(
    instruction: str, step: Step, lines: list[str], pool: Pool, attachments: Sequence[Attachment]
) -> Paraphrased:
    accepted: list[str] = []
    refused: list[tuple[str, str]] = []
    for line in lines:
        if _same(line, instruction) or any(_same(line, one) for one in accepted):
            refused.append((line, "the same words again"))
            continue
        reason = parse_back(line, step, attachments, implicit=bool(step.why))
        if reason is None:
            accepted.append(line)
            pool.add(instruction, line)
        else:
            refused.append((line, reason))
    return Paraphrased(tuple(accepted), tuple(refused))


def _request(instruction: str, examples: list[tuple[str, str]], count: int) -> str:
    shown = "\n".join(f"{json.dumps(one)} -> {json.dumps(other)}" for one, other in examples)
    return (
        "Rewrite an image editing instruction as different people would say it. Keep its meaning exactly: the same objects, colours, numbers, "
        f"places, quoted texts and bracketed references such as [1].\nExamples:\n{shown}\n"
        f"Answer with a JSON list of {count} rewritings and nothing else.\nInstruction: {json.dumps(instruction)}"
    )


def _lines(text: str) -> list[str]:
    """The strings of the JSON list in an answer; of an answer without one, its lines without bullets and quotes."""
    text = text[:MAX_ANSWER]
    start, end = text.find("["), text.rfind("]")
    try:
        found = json.loads(text[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        found = [re.sub(r"^\s*(?:[-*•]|\d+[.)])\s*", "", line).strip().strip('"') for line in text.splitlines()]
    return [one.strip() for one in found if isinstance(one, str) and 0 < len(one.strip()) <= MAX_INSTRUCTION]


def _same(one: str, other: str) -> bool:
    return re.sub(r"\W+", " ", one.lower()).strip() == re.sub(r"\W+", " ", other.lower()).strip()
