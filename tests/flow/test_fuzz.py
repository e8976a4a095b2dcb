"""`make fuzz`: every way in takes odd inputs with typed errors alone, and a planted fault is found and kept."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes"))
from fuzzing.mutate import changed, reworded
from fuzzing.run import Corpus, Target, fuzz, outcome
from fuzzing.targets import TARGETS

SOME = {"decode": 60, "words": 25, "masks": 60, "plans": 12, "jobs": 60, "replies": 120, "commands": 6}


@pytest.mark.parametrize("name", SOME)
def test_odd_inputs_end_in_typed_errors(name):
    target = TARGETS[name]
    rng = random.Random(name)
    seeds = target.seeds()
    for _ in range(SOME[name]):
        one, other = rng.choice(seeds), rng.choice(seeds)
        data = (
            reworded(one.decode(), rng, other.decode()).encode("utf-8", "surrogatepass")
            if target.text
            else changed(one, rng, other)
        )
        kind, trace = outcome(target, data)
        assert not trace, f"{kind}: {data!r}\n{trace}"


def test_a_planted_fault_is_found_and_kept(tmp_path, capsys):
    def fragile(data):
        if data.count(b"\xff") > 1:
            raise KeyError("planted")
        return len(data) % 3

    found = fuzz({"planted": Target(lambda: [b"\xffabc"], fragile)}, Corpus(tmp_path), 1.0, seed=1)
    assert found == 1 and "KeyError" in capsys.readouterr().out
    (kept,) = [path for path in (tmp_path / "failures" / "planted").iterdir() if path.suffix != ".why"]
    assert kept.read_bytes().count(b"\xff") > 1 and "planted" in kept.with_suffix(".why").read_text()
    assert list((tmp_path / "corpus" / "planted").iterdir()), "answers of a new kind are kept"


def test_what_never_ends_is_a_failure(monkeypatch):
    from fuzzing import run

    monkeypatch.setattr(run, "LONGEST", 0.05)

    def endless(data):
        while True:
            pass

    kind, trace = outcome(Target(lambda: [b""], endless), b"x")
    assert kind == "TooLong" and "endless" in trace
