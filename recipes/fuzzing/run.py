"""The loop: take an input of the corpus, change it, run it, keep what answered in a new way and what failed."""

from __future__ import annotations

import hashlib
import random
import re
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fuzzing.mutate import changed, reworded
from pixwright.errors import PixwrightError

LONGEST = 20.0
"""Seconds of processor time that an input may take."""
MOST_KEPT = 400
"""Inputs of one target in the corpus."""


@dataclass(frozen=True)
class Target:
    """One way into the program: first inputs, what runs one, and whether an input is text."""

    seeds: Callable[[], list[bytes]]
    run: Callable[[bytes], object]
    text: bool = False


@dataclass(frozen=True)
class Corpus:
    """Where inputs are kept."""

    folder: Path

    def read(self, name: str) -> list[bytes]:
        """What is kept for a target."""
        return [path.read_bytes() for path in sorted((self.folder / "corpus" / name).glob("*"))[:MOST_KEPT]]

    def keep(self, kind: str, name: str, data: bytes, why: str = "") -> Path:
        """Keep an input under `corpus` or `failures`."""
        path = self.folder / kind / name / hashlib.sha256(data).hexdigest()[:16]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if why:
            path.with_suffix(".why").write_text(why, "utf-8", "backslashreplace")
        return path


class TooLong(BaseException):
    """An input that never ends; no `except Exception` may catch it."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooLong where the body takes more of the processor's time."""

    def ring(number: int, frame: object) -> None:
        raise TooLong(f"more than {seconds:g} seconds")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def outcome(target: Target, data: bytes) -> tuple[str, str]:
    """(kind, traceback): `ok` or a typed error's code and the kind of its message; the traceback is empty unless it is untyped, or took too long."""
    try:
        with within(LONGEST):
            answer = target.run(data)
    except PixwrightError as error:
        told = re.sub(r"'[^']*'|\"[^\"]*\"|[\d.]+", "~", str(error))[:60]
        return f"{error.code}: {told}", ""
    except (Exception, TooLong) as error:  # noqa: BLE001 - this is what is looked for
        return type(error).__name__, traceback.format_exc()
    return f"ok: {answer}", ""


def fuzz(targets: Mapping[str, Target], corpus: Corpus, seconds: float, seed: int | None = None) -> int:
    """Run for so long, turn by turn, print a table, and return how many kinds of failures there were."""
    rng = random.Random(seed)
    inputs = {name: [*target.seeds(), *corpus.read(name)] for name, target in targets.items()}
    known: dict[str, set[str]] = {name: set() for name in targets}
    runs: Counter[str] = Counter()
    failures: dict[str, str] = {}
    end = time.monotonic() + seconds
    for name, target in targets.items():
        known[name] |= {outcome(target, data)[0] for data in target.seeds()}
    spent = dict.fromkeys(targets, 0.0)
    while time.monotonic() < end:
        name = min(targets, key=lambda one: spent[one])  # each target has the same share of the time
        target, start = targets[name], time.monotonic()
        data = _next(target, inputs[name], rng)
        kind, trace = outcome(target, data)
        spent[name] += time.monotonic() - start
        runs[name] += 1
        if trace:
            place = [line for line in trace.splitlines() if line.strip().startswith("File ")][-1].strip()
            if (key := f"{name}: {kind} at {place}") not in failures:
                failures[key] = str(corpus.keep("failures", name, data, trace))
                print(f"FAILED {key}\n  {failures[key]}", flush=True)
        elif kind not in known[name]:
            known[name].add(kind)
            inputs[name].append(data)
            corpus.keep("corpus", name, data)
    for name in targets:
        print(f"{name:8} {runs[name]:6} inputs, {len(known[name]):4} kinds of answers")
    print(f"{len(failures)} kinds of failures")
    return len(failures)


def replay(path: Path, targets: Mapping[str, Target]) -> None:
    """Run a kept input again; its folder's name is the target's."""
    print(targets[path.parent.name].run(path.read_bytes()))


def _next(target: Target, inputs: list[bytes], rng: random.Random) -> bytes:
    one, other = rng.choice(inputs), rng.choice(inputs)
    if not target.text:
        return changed(one, rng, other)
    words = reworded(
        *(data.decode("utf-8", "surrogatepass") for data in (one,)), rng, other.decode("utf-8", "surrogatepass")
    )
    return words.encode("utf-8", "surrogatepass")
