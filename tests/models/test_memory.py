"""What fits where, told before anything is read."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from pixwright.errors import InvalidOption
from pixwright.models.memory import free_on, plan, weigh
from pixwright.models.options import ModelOptions, options_from
from pixwright.models.presets import PRESETS, with_preset
from pixwright.nn.solvers import SOLVERS
from pixwright.systems.options import AnySDOptions
from pixwright.weights.registry import packaged

CARD, PROCESSOR = torch.device("cuda:0"), torch.device("cpu")
PARTS = {"unet": 3.4, "text_encoder": 0.5, "vae": 0.3}


def options(**more):
    return ModelOptions(**more)


def test_networks_are_weighed_by_their_headers_and_of_variants_one_counts(tmp_path):
    for name in ("unet/a.safetensors", "unet/a.fp16.safetensors", "unet/b.fp16.safetensors", "vae/a.safetensors"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        save_file({"w": torch.zeros(1000, 10, dtype=torch.float16)}, tmp_path / name)
    found = weigh(tmp_path, torch.float32)
    assert found == pytest.approx({"unet": 8e-5, "vae": 4e-5})
    assert weigh(tmp_path / "vae/a.safetensors", torch.bfloat16) == pytest.approx({"a": 2e-5})


@pytest.mark.parametrize(("free", "turns"), [(24.0, False), (4.5, True), (None, False)])
def test_networks_take_turns_where_they_do_not_fit_beside_each_other(free, turns):
    chosen = plan(PARTS, options(), CARD, free)
    assert chosen.offload is turns and chosen.said.startswith("4.2 GB of weights for cuda:0")
    assert chosen.said.endswith("each network in turn" if turns else "all stay there")


def test_what_is_asked_for_is_kept_to_and_what_cannot_fit_is_refused_with_what_helps():
    assert plan(PARTS, options(offload=True), CARD, 24.0).offload
    with pytest.raises(InvalidOption, match=r"4\.2 GB.*3\.0 GB free.*quantised=int8"):
        plan(PARTS, options(offload=False), CARD, 3.0)
    assert plan(PARTS, options(quantised="int8"), CARD, 4.5).offload is False
    with pytest.raises(InvalidOption, match="dtype=bfloat16"):
        plan(PARTS, options(), PROCESSOR, 2.0)
    assert not plan(PARTS, options(), PROCESSOR, 5.0).offload
    free = free_on(PROCESSOR)
    assert free is None or free > 0
    assert options_from(ModelOptions, {"offload": "yes"}).offload is True and options().offload == "auto"


def test_presets_fill_in_what_was_not_given_and_name_what_there_is():
    for values in PRESETS.values():
        assert values.get("lora", "lcm-lora-sd1.5") in packaged() and values.get("solver", "lcm") in SOLVERS
    few = with_preset(options_from(AnySDOptions, {"preset": "lcm", "steps": "6"}))
    assert (few.steps, few.solver, few.lora, few.text) == (6, "lcm", "lcm-lora-sd1.5", 1.5)
    fast = with_preset(options_from(AnySDOptions, {"preset": "fast", "compare": "1"}))
    assert (fast.steps, fast.reuse, fast.compare, fast.guided_until, fast.text) == (20, 2, 1, 1.0, "auto")
    plain = with_preset(options_from(AnySDOptions, {}))
    assert plain.steps == 25 and plain.text == "auto"
