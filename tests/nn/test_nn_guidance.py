from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright.errors import InvalidOption
from pixwright.nn.dropout import keep_conditions
from pixwright.nn.guidance import Pass, Scales, combine, guided_at, pass_scales
from pixwright.nn.routing import SLOTS, Router, balance_loss, hard_weights, load_balance
from pixwright.nn.tasks import EXPERTS, GENERAL, SHARED, expert_of, task_of
from pixwright.records.kind import EditType

scale = st.floats(0.0, 12.0)


def passes(seed: int = 0) -> dict[Pass, torch.Tensor]:
    made = torch.Generator().manual_seed(seed)
    return {key: torch.randn(2, 4, 3, 3, generator=made, dtype=torch.float64) for key in Pass}


@settings(max_examples=25, deadline=None)
@given(scale, scale, scale)
def test_three_conditions_are_equation_8(s_i, s_t, s_v):
    e = passes()
    wanted = (
        e[Pass.NONE]
        + s_i * (e[Pass.I] - e[Pass.NONE])
        + s_t * (e[Pass.IT] - e[Pass.I])
        + s_v * (e[Pass.ITV] - e[Pass.IT])
    )
    weights = pass_scales(Scales(picture=s_i, text=s_t, visual=s_v), picture=True, visual=True)
    assert torch.allclose(combine(e, weights), wanted, atol=1e-9)
    assert list(weights.values())[-1] == 1.0


@settings(max_examples=15, deadline=None)
@given(scale, scale)
def test_two_conditions_are_instructpix2pix(s_i, s_t):
    e = passes()
    wanted = e[Pass.NONE] + s_i * (e[Pass.I] - e[Pass.NONE]) + s_t * (e[Pass.IT] - e[Pass.I])
    got = combine(e, pass_scales(Scales(picture=s_i, text=s_t, visual=9.0), picture=True, visual=False))
    assert torch.allclose(got, wanted, atol=1e-9)


def test_passes_that_cancel_are_not_asked_for():
    assert list(pass_scales(Scales(picture=1.5, text=7.5), picture=True, visual=False)) == [Pass.IT, Pass.I, Pass.NONE]
    assert list(pass_scales(Scales(picture=2, text=3, visual=3), picture=True, visual=True)) == [
        Pass.ITV,
        Pass.I,
        Pass.NONE,
    ]
    assert list(pass_scales(Scales(picture=1, text=1, visual=1), picture=True, visual=True)) == [Pass.ITV]
    assert list(pass_scales(Scales(text=7.5), picture=False, visual=False)) == [Pass.IT, Pass.NONE]
    assert pass_scales(None, picture=True, visual=True) == {Pass.ITV: 1.0}


def test_rescale_draws_the_deviation_back():
    e = passes()
    weights = pass_scales(Scales(picture=1.5, text=7.5), picture=True, visual=False)
    full = combine(e, weights, rescale=1.0)
    assert torch.allclose(full.std((1, 2, 3)), e[Pass.IT].std((1, 2, 3)))
    plain = combine(e, weights)
    assert torch.allclose(combine(e, weights, rescale=0.3), 0.3 * full + 0.7 * plain)


def test_interval_covers_its_part_of_the_steps():
    assert [guided_at(i, 10, (0.2, 0.6)) for i in range(10)] == [False] * 2 + [True] * 4 + [False] * 4
    assert all(guided_at(i, 7, (0.0, 1.0)) for i in range(7))


def test_unusable_scales_are_refused():
    with pytest.raises(InvalidOption, match="text=-1"):
        Scales(text=-1)
    with pytest.raises(InvalidOption, match="rescale 2"):
        combine(passes(), {Pass.IT: 1.0}, rescale=2)


def test_table_8_is_complete():
    """Every type has a row; all the types that the table lists go where it says, the others to the shared path."""
    by_expert = {name: {t for t in EditType if expert_of(task_of(t)) == i} for i, name in enumerate(EXPERTS)}
    assert by_expert["global"] == {
        EditType.TONE_TRANSFER,
        EditType.BACKGROUND_CHANGE,
        EditType.STYLE_TRANSFER,
        EditType.STYLE_CHANGE,
    }
    assert by_expert["viewpoint"] == {
        EditType.MOVEMENT,
        EditType.OUTPAINT,
        EditType.RESIZE,
        EditType.ROTATION_CHANGE,
    }
    assert by_expert["material"] == {EditType.MATERIAL_TRANSFER}
    assert all(len(by_expert[name]) == 1 for name in EXPERTS[2:])
    assert expert_of(task_of(EditType.ADD)) == expert_of(GENERAL) == SHARED
    assert GENERAL == 14


def test_untrained_router_follows_table_8_and_learns_to_leave_it():
    torch.manual_seed(0)
    router = Router(16, layers=3, hidden=8)
    task = torch.arange(GENERAL + 1)
    parts = torch.randn(GENERAL + 1, 16), torch.randn(GENERAL + 1, 4, 16), torch.randn(GENERAL + 1, 5, 16)
    soft = router(task, *parts)
    assert soft.shape == (GENERAL + 1, 3, SLOTS)
    assert torch.allclose(soft.sum(-1), torch.ones(GENERAL + 1, 3))
    assert torch.equal(soft.argmax(-1), hard_weights(task, 3).argmax(-1))
    optimiser = torch.optim.SGD(router.parameters(), lr=0.3)
    for _ in range(30):
        loss = -router(task, *parts)[3, :, 6].log().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    learned = router(task, *parts)
    assert (learned[3].argmax(-1) == 6).all()
    for other in ([parts[0], -parts[1], parts[2]], [parts[0], parts[1], -parts[2]]):
        assert not torch.allclose(router(task, *other), learned, atol=1e-3), (
            "the gate looks at the picture and at the text"
        )


def test_load_balance_tells_even_from_one_sided():
    even = torch.eye(SLOTS)[torch.arange(SHARED)][:, None].expand(-1, 2, -1)
    found = load_balance(even)
    assert found.effective == pytest.approx(SHARED, abs=1e-3) and found.variation == pytest.approx(0, abs=1e-5)
    assert float(balance_loss(even)) == pytest.approx(1.0)
    one = hard_weights(torch.tensor([10, 10, 10]), 2)
    assert load_balance(one).effective == pytest.approx(1.0) and load_balance(one).share[5] == pytest.approx(1.0)
    assert float(balance_loss(one)) == pytest.approx(SHARED)
    none = load_balance(hard_weights(torch.tensor([GENERAL]), 2))
    assert none.share[SHARED] == 1.0 and none.effective == 0.0


def test_dropout_has_the_papers_shares_and_never_shows_a_prompt_without_text():
    kept = keep_conditions(40_000, generator=torch.Generator().manual_seed(1))
    share = lambda rows: float(rows.float().mean())  # noqa: E731
    assert share(~kept.text & kept.picture) == pytest.approx(0.05, abs=0.005)
    assert share(~kept.picture & kept.text) == pytest.approx(0.05, abs=0.005)
    assert share(~kept.picture & ~kept.text) == pytest.approx(0.05, abs=0.005)
    assert share(kept.visual[kept.text]) == pytest.approx(0.9, abs=0.01)
    assert not (kept.visual & ~kept.text).any()
