"""The box outliner's samples and decoder: outlines are of what is seen, samples depend on the seed, and what torch computes the product is shown alike."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from skimage import data

torch = pytest.importorskip("torch")

from pixwright.encoders.boxed.frames import SIDE, place_of  # noqa: E402
from pixwright.train.boxed import network  # noqa: E402
from pixwright.train.boxed.fit import FrozenEncoder, Stream, loss_of, train  # noqa: E402
from pixwright.train.boxed.samples import OutlineStock, sample  # noqa: E402


def stock(things=()):
    """Grey photographs, and one cut-out: a red disc."""
    disc = np.zeros((120, 120, 4), np.uint8)
    cv2.circle(disc, (60, 60), 58, (230, 20, 20, 255), -1)
    greys = [
        np.repeat(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY)[..., None], 3, 2) for one in (data.coffee(), data.astronaut())
    ]
    return OutlineStock(greys, [disc], things)


def test_samples_depend_on_the_seed_alone():
    first, same, other = (sample(stock(), np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert (first.picture == same.picture).all() and (first.outline == same.outline).all() and first.box == same.box
    assert (first.picture != other.picture).any()


@pytest.mark.parametrize("seed", range(12))
def test_the_outline_lies_about_its_box(seed):
    made = sample(stock(), np.random.default_rng(seed))
    assert made.picture.shape == (SIDE, SIDE, 3) and made.outline.shape == (SIDE, SIDE)
    x, y, wide, tall = cv2.boundingRect((made.outline > 127).astype(np.uint8))
    own = np.array([x, y, x + wide, y + tall]) / SIDE
    sides = np.array([made.box[2] - made.box[0], made.box[3] - made.box[1]] * 2)
    assert (np.abs(own - made.box) < 0.25 * sides).all()
    assert 0.1 < (made.outline > 127).mean() / (sides[0] * sides[1]) < 1.3


def test_of_a_photographs_own_thing_what_lies_before_it_is_left_out():
    picture = np.full((300, 300, 3), 90, np.uint8)
    cv2.circle(picture, (150, 150), 90, (20, 20, 230), -1)
    outline = np.zeros((300, 300), np.uint8)
    cv2.circle(outline, (150, 150), 90, 255, -1)
    plain = OutlineStock([picture], stock().cutouts, [(picture, outline)])
    seen = [sample(plain, np.random.default_rng(seed)) for seed in range(40)]
    blue = [(s.picture[..., 2].astype(int) - s.picture[..., 0])[s.outline > 250].mean() for s in seen]
    # Some are the red disc, or a silhouette with a surface of the picture; most are the blue one, and nearly all of it is blue.
    assert sum(b > 60 for b in blue) > 10


def test_the_box_is_told_in_training_as_in_the_product():
    picture, outline, place = next(iter(Stream(stock(), 3, 0)))
    made = sample(stock(), np.random.default_rng([3, 0, 0]))
    assert (picture == made.picture).all() and (outline == made.outline).all()
    assert place.shape == (network.PLACE, 112, 112) and np.abs(place - place_of(made.box, 112)).max() < 1e-5


def small_encoder():
    """Of one convolution a stride, with weights by chance."""
    draw = np.random.default_rng(0)
    sizes = [3, *network.TAPS.values()]
    layers = [
        (draw.normal(0, (2 / (9 * a)) ** 0.5, (b, a, 3, 3)).astype(np.float32), np.zeros(b, np.float32), 2, 1, True)
        for a, b in itertools.pairwise(sizes)
    ]
    return FrozenEncoder(layers, [0, 3, 6, 14, 23])


def test_a_right_outline_costs_less_than_a_wrong_one():
    truth = torch.zeros(1, 1, 112, 112)
    truth[..., 30:80, 30:80] = 1
    right, wrong = (loss_of(sign * 14 * (truth - 0.5), torch.zeros(1, 1, 28, 28), truth) for sign in (1, -1))
    assert float(right) < 0.3 < float(wrong)


def test_training_goes_on_where_it_was_and_learns(tmp_path):
    said: list[str] = []
    keep = tmp_path / "state.pt"
    arguments = {"keep": keep, "batch": 2, "workers": 0, "say": said.append}
    train(stock(), small_encoder(), minutes=0.02, **arguments)
    first = torch.load(keep, weights_only=True)
    decoder = train(stock(), small_encoder(), minutes=0.05, **arguments)
    again = torch.load(keep, weights_only=True)
    assert again["step"] > first["step"] > 0 and again["spent"] > first["spent"]
    assert not decoder.training and said
    changed = [not torch.equal(a, b) for a, b in zip(first["network"].values(), again["network"].values(), strict=True)]
    assert any(changed)
