"""Public reports of transparency that was painted under, or refused; each with a neighbour of its kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import pixwright

CAT = Path(__file__).parents[2] / "examples" / "cat.png"


@pytest.fixture(scope="module")
def cutout():
    cut = pixwright.cut(CAT)
    cut[cut[..., 3] == 0, :3] = 0
    return cut


@pytest.mark.parametrize("words", ["change the background to a beach", "make the background white"])
def test_what_is_put_behind_a_cut_out_can_be_seen(cutout, words):
    """A beach was painted under alpha 0: the file looked as before."""
    result = pixwright.edit(cutout, words)
    clear = cutout[..., 3] == 0
    alpha = result.picture[..., 3] if result.picture.shape[2] == 4 else np.full(clear.shape, 255)
    assert (alpha[clear] == 255).mean() > 0.95
    solid = cutout[..., 3] == 255
    assert np.abs(result.picture[solid][:, :3].astype(int) - cutout[solid][:, :3]).mean() < 40


@pytest.mark.parametrize("words", ["remove the background", "make the background transparent"])
def test_a_background_that_is_taken_away_is_transparent(words):
    """ "a transparent background needs an alpha channel, which is not edited"."""
    result = pixwright.edit(CAT, words)
    assert result.picture.shape[2] == 4
    assert 0.2 < (result.picture[..., 3] == 0).mean() < 0.9


def test_two_files_that_look_alike_give_the_same_result(cutout):
    """What is under alpha 0 is no part of the picture."""
    other = cutout.copy()
    other[cutout[..., 3] == 0, :3] = (255, 0, 200)
    a, b = (pixwright.edit(one, "make the background white").picture for one in (cutout, other))
    assert np.array_equal(a[..., :3][a[..., -1] > 0], b[..., :3][b[..., -1] > 0])
