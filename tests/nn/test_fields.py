"""Networks of places and how they are fitted: what the papers' formulas say, and a fit that was stopped is the fit that was not."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from pixwright.errors import InvalidRecord
from pixwright.models.fits import resume_fit, save_fit
from pixwright.nn.fields import AnnealedEncoding, HashGrid, mlp
from pixwright.nn.fitting import Fit, FittingPace


def test_octaves_open_one_after_the_other():
    encoding = AnnealedEncoding(1, 4)
    point = torch.tensor([[0.3]])

    def shown(opened):
        sines = encoding(point, opened)[0, 1:5]
        return [not math.isclose(float(one), 0, abs_tol=1e-6) for one in sines]

    assert encoding(point, 0.0)[0, 0] == point[0, 0] and not any(shown(0.0))
    assert shown(0.5) == [True, True, False, False]
    half = encoding(point, 0.375)[0, 2]  # octave 1 is half open
    assert math.isclose(float(half), 0.5 * math.sin(2 * math.pi * 0.3), rel_tol=1e-5)
    assert math.isclose(float(encoding(point)[0, 4]), math.sin(8 * math.pi * 0.3), rel_tol=1e-5)


@pytest.mark.parametrize("dims", [2, 3])
def test_a_grid_without_collisions_is_a_plain_interpolated_picture(dims):
    """Against torch's own interpolation of the same corners."""
    grid = HashGrid(dims, levels=1, features=2, table=2**12, coarsest=7, finest=7)
    with torch.no_grad():
        grid.values.normal_()
    corners = grid.values[: 8**dims].reshape(*[8] * dims, 2).movedim(-1, 0)[None]
    points = torch.rand(50, dims, generator=torch.Generator().manual_seed(1))
    places = (points * 2 - 1).reshape(1, *[1] * (dims - 1), 50, dims)
    wanted = F.grid_sample(corners, places, align_corners=True).reshape(2, 50).T
    assert torch.allclose(grid(points), wanted, atol=1e-5)


def test_the_gradient_of_a_hashed_grid_is_the_slope_of_its_values():
    torch.manual_seed(0)
    grid = HashGrid(2, levels=3, table=16, coarsest=4, finest=12).double()
    with torch.no_grad():
        grid.values.normal_()
    points = (torch.rand(5, 2, dtype=torch.float64) * 0.9 + 0.05).requires_grad_()
    assert torch.autograd.gradcheck(grid, (points,))
    rows = torch.tensor([[0, 1], [1, 1]])
    weights = torch.tensor([[0.25, 0.75], [0.5, 0.5]])
    from pixwright.nn.fields import _WeightedRows

    values = torch.eye(3, requires_grad=True)
    _WeightedRows.apply(values, rows, weights).sum().backward()
    assert values.grad[:, 0].tolist() == [0.25, 1.75, 0.0]


def line(seed=0):
    torch.manual_seed(seed)
    return mlp(1, 1, width=8, depth=1, still=True)


def learn(fit, steps):
    losses = []
    for _ in range(steps):
        x = torch.from_numpy(fit.draws().random((16, 1), np.float32))
        losses.append(fit.learn((fit.module(x) - 3 * x).square().mean()))
    return losses


def test_a_fit_goes_on_where_it_was_stored(tmp_path):
    pace = FittingPace(60, 0.05)
    whole = Fit(line(), pace, 4)
    losses = learn(whole, 60)
    assert whole.done and losses[-1] < losses[0] / 20
    assert pace.at(0) == 0.05 and math.isclose(pace.at(60), 0.005) and pace.at(30) > pace.at(31)
    first = Fit(line(), pace, 4)
    learn(first, 25)
    save_fit(tmp_path / "fit.safetensors", first, {"of": "a line"})
    again = Fit(line(1), pace, 4)
    assert resume_fit(tmp_path / "fit.safetensors", again, {"of": "a line"}) and again.step == 25
    assert learn(again, 35) == losses[25:], "to the bit"
    assert not resume_fit(tmp_path / "none.safetensors", again, {})
    with pytest.raises(InvalidRecord, match="of differ"):
        resume_fit(tmp_path / "fit.safetensors", again, {"of": "a curve"})
    (tmp_path / "torn.safetensors").write_bytes(b"half")
    with pytest.raises(InvalidRecord, match="no stored fit"):
        resume_fit(tmp_path / "torn.safetensors", again, {})
    with pytest.raises(InvalidRecord, match="another network"):
        Fit(mlp(1, 1, width=9, depth=1), pace, 4).restore(first.state())


def test_a_fit_that_diverges_says_so():
    fit = Fit(line(), FittingPace(2, 1.0), 0)
    with pytest.raises(InvalidRecord, match="diverged at step 0"):
        fit.learn(fit.module(torch.full((1, 1), torch.inf)).sum())
