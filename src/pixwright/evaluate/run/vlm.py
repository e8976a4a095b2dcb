"""Language models that see, as judges: VIEScore (Ku et al. 2023) and ImgEdit-Bench (Ye et al. 2025) over any OpenAI-compatible endpoint.

The protocols are the papers', the prompts are ours: figures of another prompt or model are another measurement, so both are kept with every
answer. What cannot be had after the retries is missing, never a low score.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import cv2
import httpx

from pixwright.errors import InvalidOption, WeightsMissing
from pixwright.evaluate.metrics.contract import Description
from pixwright.evaluate.run.example import pixels_of
from pixwright.evaluate.run.judging import Asked, Judged
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

MAX_ANSWER = 200_000
"""Bytes of an answer that are read."""
SIDE = 1_024
"""Longer side, in pixels, of the pictures that are sent."""


@dataclass(frozen=True)
class JudgeEndpoint:
    """Where the model is. `seconds` is the deadline of one answer, `tries` how often a question is asked at most."""

    url: str
    model: str
    key: str = ""
    seconds: float = 60.0
    tries: int = 3
    pause: float = 1.0
    """Seconds before the second try; twice as long before each further one."""


def endpoint_from(environment: Mapping[str, str] = os.environ) -> JudgeEndpoint:
    """The endpoint that PIXWRIGHT_JUDGE_URL (the API's base), _MODEL, _KEY, _SECONDS and _TRIES name.

    Raises `WeightsMissing` without a URL or a model, `InvalidOption` for a bad value.
    """
    url, model = environment.get("PIXWRIGHT_JUDGE_URL", "").rstrip("/"), environment.get("PIXWRIGHT_JUDGE_MODEL", "")
    if not url or not model:
        raise WeightsMissing(
            "a judge that sees needs PIXWRIGHT_JUDGE_URL, such as http://127.0.0.1:8080/v1, and PIXWRIGHT_JUDGE_MODEL; set both"
        )
    if not url.startswith(("http://", "https://")):
        raise InvalidOption(f"PIXWRIGHT_JUDGE_URL is {url!r}; it must be an http(s) address")
    seconds = _number(environment, "SECONDS", 60.0, 600.0)
    tries = _number(environment, "TRIES", 3.0, 10.0)
    if tries != int(tries):
        raise InvalidOption(f"PIXWRIGHT_JUDGE_TRIES is {tries:g}; allowed: whole numbers from 1 to 10")
    return JudgeEndpoint(url, model, environment.get("PIXWRIGHT_JUDGE_KEY", ""), seconds, int(tries))


@dataclass(frozen=True)
class Question:
    """A prompt and the numbers that it wants. `both`: the source is shown before the result."""

    name: str
    prompt: str
    both: bool
    numbers: int
    low: int
    high: int

    def text(self, instruction: str) -> str:
        """The prompt as it is sent; marks in the instruction cannot close the quotation."""
        template = resources.files("pixwright.evaluate").joinpath("prompts", self.prompt).read_text("utf-8")
        return template.format(instruction=instruction.replace("<", "(").replace(">", ")"))


_SC = Question("SC", "viescore-sc.txt", True, 2, 0, 10)
_PQ = Question("PQ", "viescore-pq.txt", False, 2, 0, 10)
_IMGEDIT = Question("ImgEdit", "imgedit.txt", True, 3, 1, 5)
RUBRICS = ("viescore", "imgedit")


class VlmJudge:
    """One rubric over one endpoint. Values are None where the model gave no usable answer; `record` tells what was asked and answered."""

    def __init__(self, rubric: str, endpoint: JudgeEndpoint) -> None:
        if rubric not in RUBRICS:
            raise InvalidOption(f"no judge is called {rubric!r}; there are: {', '.join(RUBRICS)}")
        self.name = rubric
        self.endpoint = endpoint
        self._questions = (_SC, _PQ) if rubric == "viescore" else (_IMGEDIT,)

    def about(self) -> dict[str, Description]:
        prompts = hashlib.sha256("".join(q.text("") for q in self._questions).encode()).hexdigest()[:12]

        def told(name: str, low: float, high: float, source: str) -> Description:
            return Description(
                name,
                True,
                low,
                high,
                f"longer side at most {SIDE}, PNG; temperature 0",
                source,
                self.endpoint.model,
                f"prompt {prompts}",
            )

        if self.name == "viescore":
            source = "VIEScore (Ku et al. 2023); as GEdit-Bench"
            return {
                "VIE-SC": told("VIE-SC", 0, 10, f"{source}: the lower of success and restraint"),
                "VIE-PQ": told("VIE-PQ", 0, 10, f"{source}: the lower of naturalness and cleanness"),
                "VIE-O": told("VIE-O", 0, 10, f"{source}: the root of SC times PQ, an edit at a time"),
            }
        source = "ImgEdit-Bench (Ye et al. 2025): three scores, the second and third capped by the first"
        return {name: told(name, 1, 5, source) for name in ("ImgEdit-1", "ImgEdit-2", "ImgEdit-3", "ImgEdit")}

    def judge(self, asked: Sequence[Asked]) -> list[Judged]:
        with httpx.Client(follow_redirects=False) as client:
            return [self._one(client, one) for one in asked]

    def weights(self) -> dict[str, str]:
        return {}

    def _one(self, client: httpx.Client, asked: Asked) -> Judged:
        made, source = pixels_of(asked.made), pixels_of(asked.source)
        found: dict[str, list[float] | None] = {}
        told: list[dict[str, Any]] = []
        tokens: dict[str, int] = {}
        for question in self._questions:
            shown = [source, made] if question.both else [made]
            scores, account = ask(client, self.endpoint, question, asked.example.instruction, shown)
            found[question.name] = scores
            told.append(account)
            for attempt in account["attempts"]:
                for name, count in attempt.get("tokens", {}).items():
                    tokens[name] = tokens.get(name, 0) + count
        record = {"model": self.endpoint.model, "url": self.endpoint.url, "asked": told, "tokens": tokens}
        return Judged(
            viescore(found["SC"], found["PQ"]) if self.name == "viescore" else imgedit(found["ImgEdit"]), record=record
        )


def vlm_judge(name: str) -> VlmJudge:
    """`viescore` or `imgedit` over the configured endpoint. Raises as `endpoint_from`, and `InvalidOption` for another name."""
    if name not in RUBRICS:
        raise InvalidOption(f"no judge is called {name!r}; there are: {', '.join(RUBRICS)}")
    return VlmJudge(name, endpoint_from())


def viescore(sc: Sequence[float] | None, pq: Sequence[float] | None) -> dict[str, float | None]:
    """SC and PQ are the lowest of their numbers, O is sqrt(SC PQ) (VIEScore, section 3); None where one is missing."""
    low_sc, low_pq = (None if numbers is None else float(min(numbers)) for numbers in (sc, pq))
    both = None if low_sc is None or low_pq is None else math.sqrt(low_sc * low_pq)
    return {"VIE-SC": low_sc, "VIE-PQ": low_pq, "VIE-O": both}


def imgedit(numbers: Sequence[float] | None) -> dict[str, float | None]:
    """The three numbers, the second and third no higher than the first, and their mean; None where they are missing."""
    if numbers is None:
        return dict.fromkeys(("ImgEdit-1", "ImgEdit-2", "ImgEdit-3", "ImgEdit"))
    first, second, third = numbers[0], min(numbers[1], numbers[0]), min(numbers[2], numbers[0])
    return {"ImgEdit-1": first, "ImgEdit-2": second, "ImgEdit-3": third, "ImgEdit": (first + second + third) / 3}


def ask(
    client: httpx.Client, endpoint: JudgeEndpoint, question: Question, instruction: str, shown: Sequence[Array]
) -> tuple[list[float] | None, dict[str, Any]]:
    """(the numbers, or None after the last try; the account: prompt, pictures' hashes, every raw reply and what was wrong with it)."""
    prompt = question.text(instruction)
    encoded = [_encoded(picture) for picture in shown]
    content: list[dict[str, Any]] = [{"type": "text", "text": prompt}]
    content += [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(data).decode()}"}}
        for data in encoded
    ]
    body = {
        "model": endpoint.model,
        "messages": [{"role": "user", "content": content}],
        "temperature": 0,
        "max_tokens": 600,
    }
    account: dict[str, Any] = {
        "question": question.name,
        "prompt": prompt,
        "pictures": [hashlib.sha256(data).hexdigest()[:16] for data in encoded],
        "attempts": [],
    }
    for number in range(endpoint.tries):
        if number:
            time.sleep(endpoint.pause * 2 ** (number - 1))
        attempt = _post(client, endpoint, body)
        account["attempts"].append(attempt)
        if attempt.get("problem"):
            if attempt.get("final"):
                break
            continue
        scores, problem = read_scores(attempt["reply"], question)
        if scores is not None:
            account["scores"] = scores
            return scores, account
        attempt["problem"] = problem
    return None, account


def read_scores(reply: str, question: Question) -> tuple[list[float] | None, str]:
    """(the numbers of a reply, "") or (None, what is wrong): the last JSON object with `scores`, of the right length, whole and in range."""
    for start in reversed([i for i, c in enumerate(reply) if c == "{"]):
        try:
            found, _ = json.JSONDecoder().raw_decode(reply, start)
        except (ValueError, RecursionError):
            continue
        if not isinstance(found, dict) or "scores" not in found:
            continue
        scores = found["scores"]
        if not isinstance(scores, list) or len(scores) != question.numbers:
            return None, f"'scores' is not a list of {question.numbers} numbers"
        if any(
            isinstance(s, bool) or not isinstance(s, int | float) or s != s or not question.low <= s <= question.high
            for s in scores
        ):
            return None, f"a score is no number from {question.low} to {question.high}"
        return [float(s) for s in scores], ""
    return None, "there is no JSON object with 'scores' in it"


def _post(client: httpx.Client, endpoint: JudgeEndpoint, body: dict[str, Any]) -> dict[str, Any]:
    """One try: `reply`, or `problem`, which is `final` where asking again cannot help."""
    deadline = time.monotonic() + endpoint.seconds
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    data = bytearray()
    try:
        with client.stream(
            "POST", f"{endpoint.url}/chat/completions", json=body, headers=headers, timeout=endpoint.seconds
        ) as response:
            for chunk in response.iter_bytes():
                data += chunk
                if time.monotonic() > deadline:
                    return {"problem": f"no whole answer within {endpoint.seconds:g} s"}
                if len(data) > MAX_ANSWER:
                    return {"problem": f"the answer is longer than {MAX_ANSWER} bytes"}
    except httpx.TimeoutException:
        return {"problem": f"no answer within {endpoint.seconds:g} s"}
    except httpx.HTTPError as error:
        return {"problem": f"{type(error).__name__}: {error}"}
    text = data.decode("utf-8", "replace")
    status = response.status_code
    if status != 200:
        again = status in (408, 409, 429) or status >= 500
        return {
            "status": status,
            "problem": f"status {status}",
            "raw": text[:2000],
            **({} if again else {"final": True}),
        }
    return _completion(text)


def _completion(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
        reply = found["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return {"status": 200, "problem": "not an OpenAI-style completion", "raw": text[:2000]}
    if not isinstance(reply, str):
        return {"status": 200, "problem": "the answer holds no text", "raw": text[:2000]}
    usage = found.get("usage")
    counts = usage.items() if isinstance(usage, dict) else ()
    tokens = {
        name: count
        for name, count in counts
        if name.endswith("_tokens") and isinstance(count, int) and name != "total_tokens"
    }
    served = found.get("model")
    return {"status": 200, "reply": reply, "tokens": tokens, **({"served": served} if isinstance(served, str) else {})}


def _encoded(pixels: Array) -> bytes:
    return bytes(cv2.imencode(".png", cv2.cvtColor(shrink(pixels, SIDE), cv2.COLOR_RGB2BGR))[1])


def _number(environment: Mapping[str, str], name: str, default: float, most: float) -> float:
    text = environment.get(f"PIXWRIGHT_JUDGE_{name}", f"{default:g}")
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= most:
        raise InvalidOption(f"PIXWRIGHT_JUDGE_{name} is {text!r}; allowed: a number above 0, up to {most:g}")
    return value
