"""A language model as parser: any OpenAI-compatible endpoint, asked for JSON, believed only as far as the schema goes.

InstructEdit's language processor (paper: section 3.2) with a closed schema in place of its three text lines. What the model writes is
validated here, whatever the server promised; a wrong answer is repaired once, and then the rules take over.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError

from pixwright.errors import InvalidOption, UnclearInstruction
from pixwright.parse.places import place_and_time
from pixwright.parse.rules import parse_rules
from pixwright.records import vocabulary
from pixwright.records.instruction import Instruction, PictureAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Plan, Relation, Step, Unit
from pixwright.words import read_plan

T = TypeVar("T")
MAX_ANSWER = 200_000
"""Bytes of an answer that are read; a longer one is cut off and counts as wrong."""
_MOST_BRACES = 100
"""Opening braces of an answer at which no JSON begins before it is given up."""
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?(</\1>|\Z)", re.DOTALL)
"""What a model writes of its thinking before the answer."""


@dataclass(frozen=True)
class Endpoint:
    """Where the model is. `seconds` is the deadline for the whole conversation, the repair included."""

    url: str
    model: str
    key: str = ""
    seconds: float = 30.0

    @property
    def shown(self) -> str:
        """The address as a note may tell it: notes travel in the pictures, so user, password and query are left out."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"

    @property
    def parser(self) -> str:
        """The name that a plan bears as its parser."""
        name = "".join(c if c.isalnum() or c in "_.:/-" else "-" for c in self.model.lower())
        return f"llm:{name[:90] or 'default'}"


class Unusable(ValueError):
    """The server or its answer cannot be used; the message says why, for the repair and for the plan's notes."""


def endpoint_from(environment: Mapping[str, str] = os.environ) -> Endpoint | None:
    """The endpoint that PIXWRIGHT_LLM_URL, _MODEL, _KEY and _SECONDS name, or None without a URL.

    The URL is the API's base, such as `http://127.0.0.1:8080/v1`. Raises InvalidOption for one that is not http(s), or a bad number.
    """
    url = environment.get("PIXWRIGHT_LLM_URL", "").rstrip("/")
    if not url:
        return None
    if not url.startswith(("http://", "https://")):
        raise InvalidOption(
            f"PIXWRIGHT_LLM_URL is {url!r}; it must be an http(s) address such as http://127.0.0.1:8080/v1"
        )
    text = environment.get("PIXWRIGHT_LLM_SECONDS", "30")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 600:
        raise InvalidOption(f"PIXWRIGHT_LLM_SECONDS is {text!r}; allowed: a number above 0, up to 600")
    model = environment.get("PIXWRIGHT_LLM_MODEL", "default")
    return Endpoint(url, model, environment.get("PIXWRIGHT_LLM_KEY", ""), seconds)


def plan_by_llm(instruction: Instruction, endpoint: Endpoint, *, shown: str = "") -> tuple[Plan | None, str]:
    """(plan, "") from the model, or (None, why not) when it gave nothing usable in time.

    `shown` says what the picture shows, in words (InstructEdit's BLIP2 step); it is passed as quoted data.
    """
    messages = [{"role": "system", "content": _system_prompt()}, *_examples(), _question(instruction, shown)]
    repair = "That is not a valid plan: {}. Answer with the corrected JSON object only."
    try:
        return converse(endpoint, messages, lambda a: _validated(a, instruction, endpoint), repair, _schema()), ""
    except Unusable as problem:
        return None, f"the language model at {endpoint.shown} gave no usable plan ({problem}); the rules were used"


def converse(
    endpoint: Endpoint,
    messages: list[dict[str, str]],
    read: Callable[[str], T],
    repair: str,
    schema: dict[str, Any] | None = None,
) -> T:
    """What `read` makes of the model's answer; where it raises `Unusable` the model is told why, in the words of `repair`, and asked once more.

    `schema`: the JSON that is asked for. Raises `Unusable`: no answer within the deadline, or nothing usable twice.
    """
    deadline = time.monotonic() + endpoint.seconds
    with httpx.Client(follow_redirects=False) as client:
        answer = _ask(client, endpoint, messages, deadline, schema)
        try:
            return read(answer)
        except Unusable as problem:
            again = [
                {"role": "assistant", "content": answer[:4000]},
                {"role": "user", "content": repair.format(problem)},
            ]
        return read(_ask(client, endpoint, [*messages, *again], deadline, schema))


def _ask(
    client: httpx.Client,
    endpoint: Endpoint,
    messages: list[dict[str, str]],
    deadline: float,
    schema: dict[str, Any] | None,
) -> str:
    """One answer's text. A 429 or 5xx is tried once more; a 400 once without the schema, which not every server knows."""
    body: dict[str, Any] = {"model": endpoint.model, "messages": messages, "temperature": 0, "max_tokens": 2000}
    if schema is not None:
        named = {"name": "plan", "strict": False, "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    for attempt in (1, 2):
        status, retry_after, text = _post(client, endpoint, body, deadline)
        if status == 200:
            return _content(text)
        if attempt == 1 and status == 400 and "response_format" in body:
            del body["response_format"]
        elif attempt == 1 and (status == 429 or status >= 500):
            pause = min(max(retry_after, 0.2), 5.0)
            if time.monotonic() + pause >= deadline:
                break
            time.sleep(pause)
        else:
            break
    raise Unusable(f"it answered with status {status}")


def _post(client: httpx.Client, endpoint: Endpoint, body: dict[str, Any], deadline: float) -> tuple[int, float, str]:
    """(status, Retry-After in seconds, body), read piece by piece so that a slow or endless answer meets the deadline."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise Unusable(f"no answer within {endpoint.seconds:g} s")
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    chunks: list[bytes] = []
    try:
        with client.stream(
            "POST", f"{endpoint.url}/chat/completions", json=body, headers=headers, timeout=left
        ) as response:
            for chunk in response.iter_bytes():
                chunks.append(chunk)
                if time.monotonic() > deadline:
                    raise Unusable(f"no whole answer within {endpoint.seconds:g} s")
                if sum(map(len, chunks)) > MAX_ANSWER:
                    raise Unusable(f"its answer is longer than {MAX_ANSWER} bytes")
    except httpx.TimeoutException:
        raise Unusable(f"no answer within {endpoint.seconds:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unusable(f"{type(error).__name__}: {error}") from None
    try:
        retry_after = float(response.headers.get("Retry-After", "0"))
    except ValueError:
        retry_after = 0.0
    if not retry_after >= 0:  # "nan" is a float too
        retry_after = 0.0
    return response.status_code, retry_after, b"".join(chunks).decode("utf-8", "replace")


def _content(text: str) -> str:
    """The text of a completion: its content, also in parts, else what stands in a field of reasoning."""
    try:
        message = json.loads(text)["choices"][0]["message"]
        fields = [message.get(name) for name in ("content", "reasoning_content", "reasoning")]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise Unusable("its answer is not an OpenAI-style completion") from None
    texts = [_joined(field) for field in fields]
    if not isinstance(fields[0], str | list) and not any(texts):
        raise Unusable("its answer holds no text")
    return next((text for text in texts if text.strip()), "")


def _joined(content: object) -> str:
    """A text, or the texts of a list of parts."""
    parts = content if isinstance(content, list) else [content]
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    return "".join(text for text in texts if isinstance(text, str))


def _object_in(answer: str) -> dict[str, object]:
    """The last JSON object of an answer that has steps, else the first one. What the model thought aloud is left out. Raises `Unusable` if there is none."""
    said = _THOUGHT.sub("", answer)
    found: list[dict[str, object]] = []
    at, broken = said.find("{"), 0
    if at < 0:
        raise Unusable("there is no JSON object in it")
    while at >= 0 and broken < _MOST_BRACES:
        try:
            data, end = json.JSONDecoder().raw_decode(said, at)
            found.append(data)
        except (ValueError, RecursionError):
            end, broken = at + 1, broken + 1
        at = said.find("{", end)
    plans = [data for data in found if "steps" in data]
    if not plans and broken:
        raise Unusable("the JSON is broken")
    return plans[-1] if plans else found[0]


def _validated(answer: str, instruction: Instruction, endpoint: Endpoint) -> Plan:
    """The plan in the answer, checked against the schema and against the attachments that there are."""
    data = _object_in(answer)
    steps = data.get("steps")
    if not isinstance(steps, list):
        raise Unusable("'steps' is missing")
    try:
        plan = Plan.model_validate(
            {"instruction": instruction.text, "steps": [_tidy(s) for s in steps], "parser": endpoint.parser}
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise Unusable(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    for step in plan.steps:
        if step.reference is not None and instruction.attachment(step.reference) is None:
            raise Unusable(f"[{step.reference}] is used, but there are {len(instruction.attachments)} attachments")
    return read_plan(plan.model_copy(update={"steps": tuple(map(_placed, plan.steps))}))


def _placed(step: Step) -> Step:
    """ "A forest in winter", said in one, as the place and its conditions."""
    if step.type is not EditType.BACKGROUND_CHANGE or step.conditions or not step.value:
        return step
    place, conditions = place_and_time(step.value)
    return step.model_copy(update={"value": place, "conditions": conditions})


def _in_words(record: dict[str, Any]) -> dict[str, Any]:
    """A step's JSON with its things as the phrases that they were: a model writes phrases, and `read_plan` reads them."""
    return {
        name: (value.get("text") or _in_words(value)) if isinstance(value, dict) else value
        for name, value in record.items()
    }


def _tidy(step: object) -> object:
    """Nulls where the schema has an empty sentence, and empty strings where it has null: both mean 'nothing'."""
    if not isinstance(step, dict):
        return step
    sentences = {"source_caption", "edited_caption", "why", "instruction"}
    return {k: ("" if v is None else v) if k in sentences else (None if v == "" else v) for k, v in step.items()}


@lru_cache
def _system_prompt() -> str:
    template = (resources.files(__package__) / "prompts" / "system.txt").read_text(encoding="utf-8")
    return template.format(
        types=", ".join(EditType),
        tones=", ".join((*vocabulary.TONES, vocabulary.BROODING, *vocabulary.MENDED)),
        styles=", ".join(vocabulary.STYLES),
        materials=", ".join(vocabulary.MATERIALS),
        conditions=", ".join(vocabulary.CONDITIONS),
        relations=", ".join(Relation),
        units=", ".join(Unit),
    )


@lru_cache
def _examples() -> tuple[dict[str, str], ...]:
    """One worked example per edit type, made by the rules themselves, so that they can never disagree with the schema."""
    import numpy as np

    picture = (PictureAttachment("reference", np.zeros((8, 8, 3), np.uint8)),)
    turns: list[dict[str, str]] = []
    for text in (one.traits.example for one in EditType):
        try:
            plan = parse_rules(text, picture if "[1]" in text else ())
        except UnclearInstruction:
            continue  # the implicit example: it is for a model's own reasoning
        steps = [_in_words(step.model_dump(mode="json", exclude_none=True)) for step in plan.steps]
        turns.append(_question(Instruction(text, picture if "[1]" in text else ()), ""))
        turns.append({"role": "assistant", "content": json.dumps({"steps": steps})})
    return tuple(turns)


def _question(instruction: Instruction, shown: str) -> dict[str, str]:
    kinds = ["picture" if isinstance(a, PictureAttachment) else "sound" for a in instruction.attachments]
    attached = "; ".join(f"[{i}] is a {kind}" for i, kind in enumerate(kinds, 1)) or "none"
    text = instruction.text.replace("<", "(").replace(">", ")")
    seen = f"\nThe picture shows: {json.dumps(shown[:500])}" if shown else ""
    earlier = [step.instruction for step in instruction.before if step.instruction]
    seen += f"\nEdits so far: {json.dumps(earlier)}" if earlier else ""
    seen += "\nThe user marked a place in the picture: a pronoun means what is marked." if instruction.pointed else ""
    return {"role": "user", "content": f"Attachments: {attached}{seen}\n<instruction>{text}</instruction>"}


@lru_cache
def _schema() -> dict[str, Any]:
    schema = Plan.model_json_schema()
    schema["properties"] = {"steps": schema["properties"]["steps"]}
    schema["required"] = ["steps"]
    for name in ("Thing", "Link", "Order", "Rank", "Tie"):
        schema["$defs"].pop(name)
    schema["$defs"]["Thing"] = {"type": "string", "description": "A noun phrase."}
    return schema
