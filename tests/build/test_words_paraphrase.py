"""Paraphrases against a small server of our own: only what parses back is taken, and it joins the pool."""

from __future__ import annotations

import json

import numpy as np
import pytest

from language_server import answering, completion
from pixwright.build.wording.paraphrase import MOST, SHOWN, Pool, paraphrase
from pixwright.parse.language import Endpoint
from pixwright.records.kind import EditType
from pixwright.records.plan import Step

RED = Step(type=EditType.COLOR_ALTER, instruction="paint the dog red", target="dog", value="red")


def test_what_parses_back_is_kept_and_joins_the_pool() -> None:
    lines = [
        "the dog should be red",
        "paint the cat red",
        "Paint the dog red!",
        "what a lovely day",
        "dye the dog red",
    ]
    pool = Pool.load()
    with answering(f"Here: {json.dumps(lines)}", key="secret") as (endpoint, asked):
        found = paraphrase("paint the dog red", RED, pool, endpoint, np.random.default_rng(1), count=5)
    assert found.accepted == ("the dog should be red", "dye the dog red")
    reasons = dict(found.refused)
    assert "target" in reasons["paint the cat red"]
    assert reasons["Paint the dog red!"] == "the same words again"
    assert reasons["what a lovely day"]
    assert pool.grown == [("paint the dog red", one) for one in found.accepted]
    assert asked[0]["key"] == "Bearer secret"
    assert asked[0]["messages"][0]["content"].count(" -> ") == SHOWN


def test_a_list_with_bullets_is_read_too() -> None:
    with answering('1. "the dog should be red"\n- dye the dog red\n') as (endpoint, _):
        found = paraphrase("paint the dog red", RED, Pool.load(), endpoint, np.random.default_rng(1))
    assert found.accepted == ("the dog should be red", "dye the dog red")


def test_accepted_ones_are_shown_later() -> None:
    pool = Pool((("remove the dog", "lose the dog"),))
    with answering('["the dog should be red"]') as (endpoint, asked):
        for seed in range(2):
            paraphrase("paint the dog red", RED, pool, endpoint, np.random.default_rng(seed))
    assert '"the dog should be red"' not in asked[0]["messages"][0]["content"]
    assert '"the dog should be red"' in asked[1]["messages"][0]["content"]
    assert len(pool.grown) == 1


@pytest.mark.parametrize(
    "answer",
    [(500, "busy", {}), (200, "not json", {}), (200, "{}", {}), (200, "[]", {}), completion(None), completion(["a"])],
)
def test_a_bad_server_costs_nothing(answer: tuple[int, str, dict[str, str]]) -> None:
    pool = Pool.load()
    with answering(answer) as (endpoint, _):
        found = paraphrase("paint the dog red", RED, pool, endpoint, np.random.default_rng(0))
    assert (not found.accepted and "gave no" in found.problem) or "without text" in found.problem
    assert not pool.grown


def test_no_server_at_all() -> None:
    endpoint = Endpoint("http://127.0.0.1:9/v1", "none", seconds=2.0)
    found = paraphrase("paint the dog red", RED, Pool.load(), endpoint, np.random.default_rng(0))
    assert not found.accepted and found.problem


def test_the_pool_is_bounded_and_keeps_its_seeds() -> None:
    pool = Pool.load()
    for number in range(MOST + 50):
        pool.add("a", str(number))
    assert len(pool.grown) + len(pool.seeds) == MOST
    assert pool.grown[-1] == ("a", str(MOST + 49))
    assert len(set(pool.draw(np.random.default_rng(3)))) == SHOWN


def test_every_seed_means_the_same_twice() -> None:
    from pixwright.build.run.networks import encoders
    from pixwright.build.wording.check import differences
    from pixwright.parse import parse
    from pixwright.records.instruction import Instruction

    for one, other in Pool.load().seeds:
        step = parse(Instruction(one), None, encoders(), use_llm=False).steps[0]
        assert differences(parse(Instruction(other), None, encoders(), use_llm=False), step) is None, other
