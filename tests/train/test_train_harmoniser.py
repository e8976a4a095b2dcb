"""The harmoniser's samples and network: things have their own colours, no true colour is left about them, and what torch learns numpy computes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

torch = pytest.importorskip("torch")

from pixwright.train.harmoniser.fit import HarmoniserNetwork, change, example, mapped, rows, tallied, train  # noqa: E402
from pixwright.train.harmoniser.samples import put_back, sample, standing  # noqa: E402
from pixwright.train.harmoniser.views import BINS, place_of  # noqa: E402


class Disc:
    """Outlines one disc of a picture, wherever the part that is shown has it."""

    def outline(self, picture):
        return (picture[..., 0] > 200).astype(np.float32) * (picture[..., 1] < 60)


def things():
    picture = cv2.resize(data.coffee(), (320, 213))
    picture = np.clip(picture, 0, 180)
    cv2.circle(picture, (200, 100), 40, (230, 20, 20), -1)
    return standing(picture, [((150, 50, 250, 150), 0.9)], Disc())


def test_a_thing_is_found_once_and_its_ground_keeps_nothing_of_it():
    (one,) = things()
    assert one.pixels.shape[:2] == (one.box[3] - one.box[1], one.box[2] - one.box[0])
    assert one.pixels[40, 40, 0] == 230
    assert not ((one.ground[..., 0] > 200) & (one.ground[..., 1] < 60)).any()


def test_samples_show_the_thing_in_its_own_colours_and_depend_on_the_seed():
    stock = things()
    first, same, other = (sample(stock, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.near, same.near) and not np.array_equal(first.near, other.near)
    solid = first.near[..., 6] > 250
    assert solid.any() and np.abs(first.near[solid][:, 3:6].astype(int) - (230, 20, 20)).max() < 4
    boxes = {put_back(stock[0], np.random.default_rng(seed))[2] for seed in range(8)}
    assert len(boxes) > 2, "it stands elsewhere too"


def samples(count):
    made = [sample(things(), np.random.default_rng(seed)) for seed in range(count)]
    return np.stack([one.near for one in made]), np.stack([one.far for one in made])


def test_changes_are_one_for_scene_and_thing_and_another_for_the_thing():
    near, far = samples(6)
    generator = torch.Generator().manual_seed(0)
    places = np.arange(6)
    shown, _, truth = example(rows(near, places), rows(far, places), generator)
    assert shown.shape == (6, 4, 64, 64) and truth.shape == (6, 3, 64, 64)
    assert float(shown.min()) >= 0 and float(shown.max()) <= 1
    solid = shown[:, 3:] > 0.98
    gap = [(shown[k, :3] - truth[k])[:, solid[k, 0]].abs().mean() for k in range(6)]
    assert max(gap) > 0.05
    assert torch.equal(change(2, 0.0, generator)(truth[:2]).mul(255).round(), truth[:2].mul(255).round())


def test_a_place_has_as_much_room_as_the_thing_is_large_and_stays_in_the_frame():
    assert place_of((100, 100, 140, 120), 400, 600) == (60, 60, 180, 160)
    assert place_of((100, 100, 104, 104), 400, 600) == (76, 76, 128, 128)
    assert place_of((40, 30, 80, 90), 100, 120) == (0, 0, 120, 100)


def test_shares_of_pixels_are_told_by_weight():
    colours = torch.cat([torch.zeros(1, 3, 4, 2), torch.ones(1, 3, 4, 6)], 3)
    told = tallied(colours, (colours[:, :1] == 0).float())[0]
    assert told.shape == (6 + 2 * BINS,) and told[:3].abs().max() < 1e-3
    assert told[6] == pytest.approx(1, abs=1e-3) and told[6 + BINS - 1] == 0


def test_an_untrained_network_leaves_colours_alone_and_a_training_goes_on_where_it_was(tmp_path):
    near, far = samples(12)
    shown, wide, _ = example(rows(near, np.arange(2)), rows(far, np.arange(2)), torch.Generator().manual_seed(3))
    with torch.no_grad():
        assert torch.allclose(mapped(HarmoniserNetwork()(shown, wide), shown[:, :3]), shown[:, :3], atol=0.05)
    said: list[str] = []
    network = train(near, far, (near, far), minutes=0.01, keep=tmp_path / "state.pt", batch=8, say=said.append)
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    assert state["step"] > 2 and "of 255" in said[0]
    again = train(near, far, (near, far), minutes=0.01, keep=tmp_path / "state.pt", batch=8)
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), again.parameters(), strict=True)), "it was over"
