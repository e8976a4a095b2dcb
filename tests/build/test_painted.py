"""MM-Inst's pairs that a diffusion model paints: with the packaged mini network, in few steps."""

import numpy as np
import pytest

from pixwright.build.run import networks
from pixwright.build.run.commands import recipe_for
from pixwright.build.sets.bench import bench
from pixwright.build.sets.mm_inst import candidate
from pixwright.build.sets.painted import METHODS, PAINTED, method_of, methods_of
from pixwright.errors import InvalidOption
from pixwright.records.sample import Sample


def test_methods_are_named_once_and_shared_evenly():
    assert methods_of("plug-and-play, scene,scene") == ("plug-and-play", "scene")
    assert methods_of("") == ("scene",)
    with pytest.raises(InvalidOption, match="give some of scene, regeneration"):
        methods_of("pnp")
    recipe = recipe_for("mm-inst", pairs="scene,regeneration", weights="mini")
    assert recipe.options["pairs"] == "scene,regeneration" and recipe.options["weights"] == "mini"
    shares = [method_of(recipe.options, index) for index in range(200)]
    assert 90 <= shares.count("scene") <= 110
    assert {method_of({}, index) for index in range(20)} == {"scene"}


@pytest.mark.parametrize("method", PAINTED)
def test_a_painted_row_keeps_its_source_and_words_and_has_another_picture(method, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr(networks, "PAINTED_STEPS", 4)
    networks.painter.cache_clear()
    exact, drawn = (bench(recipe_for("mm-inst", size=64, pairs=pairs)) for pairs in ("scene", method))
    index = 2  # music fits any scene
    first, second = (candidate(one, index, np.random.default_rng(5), "row") for one in (exact, drawn))
    assert isinstance(first, Sample) and isinstance(second, Sample)
    assert np.array_equal(first.source, second.source) and first.instruction == second.instruction
    assert not np.array_equal(first.edited, second.edited) and not np.array_equal(second.edited, second.source)
    assert second.extra["method"] == method and second.mask is None
    again = candidate(drawn, index, np.random.default_rng(5), "row")
    assert isinstance(again, Sample) and np.array_equal(again.edited, second.edited)
    networks.painter.cache_clear()


def test_every_method_is_one_that_the_network_knows():
    pytest.importorskip("torch")
    from pixwright.nn.latents.sharing import METHODS as SHARED

    assert set(METHODS) == {"scene", *SHARED}
