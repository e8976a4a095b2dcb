"""Pairing by what a name says: never by the order of a listing, never by the name of a split."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixwright.errors import InvalidOption
from pixwright.evaluate.metrics.pairs import pair_rows, pairs, read_turns


def picture(path, value=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 4, 3), value, np.uint8)).save(path)


def session(root, name, turns):
    for n in range(1, turns + 1):
        picture(root / "truth" / name / f"{name}-output{n}.png", n)
        picture(root / "made" / name / (f"{name}_1.png" if n == 1 else f"{name}_inde_{n}.png"), n)
        if n > 1:
            picture(root / "made" / name / f"{name}_iter_{n}.png", 100 + n)


def value(path):
    return int(np.asarray(Image.open(path))[0, 0, 0])


def test_turn_10_is_paired_with_turn_10_and_comes_after_turn_2(tmp_path):
    session(tmp_path, "139306", 11)
    session(tmp_path, "16-2", 1)
    found = pairs(tmp_path / "made", tmp_path / "truth")
    mine = [pair for pair in found if pair.session == "139306"]
    assert [pair.number for pair in mine] == list(range(1, 12))
    assert all(value(pair.made) == value(pair.target) == pair.number for pair in mine)


def test_the_chain_ends_with_its_last_turn(tmp_path):
    session(tmp_path, "a", 3)
    session(tmp_path, "b", 1)
    found = {pair.session: pair for pair in pairs(tmp_path / "made", tmp_path / "truth", "multi-turn")}
    assert (found["a"].made.name, found["a"].target.name) == ("a_iter_3.png", "a-output3.png")
    assert (found["b"].made.name, found["b"].target.name) == ("b_1.png", "b-output1.png")
    every = pairs(tmp_path / "made", tmp_path / "truth", "every-turn")
    assert [pair.made.name for pair in every] == ["a_1.png", "a_iter_2.png", "a_iter_3.png", "b_1.png"]


def test_a_missing_result_is_a_pair_without_a_picture(tmp_path):
    session(tmp_path, "a", 3)
    (tmp_path / "made/a/a_inde_2.png").unlink()
    found = pairs(tmp_path / "made", tmp_path / "truth")
    assert [(pair.number, pair.made is None) for pair in found] == [(1, False), (2, True), (3, False)]


def test_results_of_another_split_are_refused(tmp_path):
    session(tmp_path, "a", 1)
    picture(tmp_path / "made/z/z_1.png")
    with pytest.raises(InvalidOption, match=r"'z'.*split"):
        pairs(tmp_path / "made", tmp_path / "truth")
    with pytest.raises(InvalidOption, match="output"):
        pairs(tmp_path / "truth", tmp_path / "made")
    with pytest.raises(InvalidOption, match="not a folder"):
        read_turns(tmp_path / "nowhere")


def test_two_files_of_one_turn_are_refused(tmp_path):
    session(tmp_path, "a", 1)
    picture(tmp_path / "made/a/a_01.png")
    with pytest.raises(InvalidOption, match="same turn"):
        pairs(tmp_path / "made", tmp_path / "truth")


@given(st.permutations([("cat", 1), ("cat", 2), ("dog", 1), ("dog", 10)]))
def test_rows_are_joined_by_what_they_say_in_any_order(made):
    truth = [("cat", 1), ("cat", 2), ("dog", 1), ("dog", 10)]
    assert pair_rows(truth, made, key=lambda row: row) == [(row, row) for row in truth]


def test_swapped_splits_are_noticed():
    # Emu Edit's published generations have test and validation the other way round.
    test, validation = (
        [{"idx": i, "instruction": f"t{i}"} for i in range(5)],
        [{"idx": i, "instruction": f"v{i}"} for i in range(5)],
    )

    def key(row):
        return row["idx"], row["instruction"]

    with pytest.raises(InvalidOption, match="swapped"):
        pair_rows(test, validation, key)
    joined = pair_rows(test, test[:3], key)
    assert [row is None for _, row in joined] == [False, False, False, True, True]
    with pytest.raises(InvalidOption, match="one row"):
        pair_rows(test, [test[0], test[0]], key)
