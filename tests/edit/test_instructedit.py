"""InstructEdit's editor on tiny random networks: the papers' equations, the choice of a ratio, and what is never touched."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
import torch
from skimage import data

from pixwright.edit.composite import composite
from pixwright.edit.contract import Context, UnderWay
from pixwright.edit.networks.instructedit import InstructEditor
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.models.contract import LatentModel, Texts
from pixwright.nn.guidance import Scales
from pixwright.nn.inversion import ladder, ladder_below
from pixwright.nn.sampling import Schedule
from pixwright.nn.shapes import shape
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.records.region import Region, whole

E = EditType
STEPS, SCALE = 6, 3.0
pytestmark = pytest.mark.usefixtures("noise_passes")
ENCODERS = Encoders()


def read(texts):
    rows = [torch.randn(6, 384, generator=torch.Generator().manual_seed(sum(map(ord, text)))) for text in texts]
    return Texts(3 * torch.stack(rows))


def make(channels=4, captions=False, prediction="epsilon"):
    torch.manual_seed(3)
    small = {"block_out_channels": [8, 16, 16], "norm_num_groups": 4, "attention_head_dim": 2, "in_channels": channels}
    tiny = shape("mini").with_unet(small)
    unet, coder = tiny.make_unet(), tiny.make_autoencoder()
    with torch.no_grad():  # untrained, it decodes everything to nearly the same grey
        spread = coder.decode(torch.randn(4, 4, 16, 16)).sample.std((0, 2, 3))
        coder.decoder.layers[-1].weight.mul_(0.4 / spread[:, None, None, None])
        coder.decoder.layers[-1].bias.zero_()
        coder.decoder.layers[-1].bias.sub_(coder.decode(torch.randn(4, 4, 16, 16)).sample.mean((0, 2, 3)) / 2)
        for name, parameter in unet.named_parameters():
            if "attn2.to_out" in name or "attn2.to_v" in name:
                parameter.mul_(4)  # an untrained network hardly reads its caption
    return LatentModel(
        name="tiny",
        unet=unet,
        autoencoder=coder,
        schedule=Schedule(prediction=prediction),
        side=64,
        multiple=16,
        read=read,
        device=torch.device("cpu"),
        dtype=torch.float32,
        reads_captions=captions,
    )


@pytest.fixture(scope="module")
def model():
    return make()


def editor(model, **more) -> InstructEditor:
    settings = {"steps": STEPS, "scales": Scales(text=SCALE), "ratios": (0.5, 0.9)} | more
    return InstructEditor(model, **settings)


def context(seed=0, user=None, found=None):
    nothing = Region(np.zeros((1, 1), np.uint8), (), 0.0, "")
    return Context(seed, ENCODERS, lambda picture, phrase: found or nothing, user_region=user)


STEP = Step(type=E.REPLACE, instruction="change the cup to a pot", target="cup", value="pot", source_caption="a photo of a cup", edited_caption="a photo of a pot")  # fmt: skip


def disc(height, width, source="phrase", centre=(0.5, 0.5)):
    mask = np.zeros((height, width), np.uint8)
    x, y, radius = int(width * centre[0]), int(height * centre[1]), min(height, width) // 6
    cv2.circle(mask, (x, y), radius, 255, -1)
    box = (x - radius, y - radius, x + radius + 1, y + radius + 1)
    return Region(mask, (box,), 0.9, "cup", source, (mask > 0).astype(np.uint8))


def by_hand(model, picture, mask, ratio, so_far=None, times=None):
    """Encode, invert, denoise, blend and decode from the papers' equations in plain loops; no function of ours.

    so_far: what the edit starts from inside the mask; times: what the network is told at each level.
    """
    coder, unet = model.autoencoder, model.unet
    clean, start = (
        coder.encode(torch.from_numpy(one).permute(2, 0, 1)[None] / 127.5 - 1).latents
        for one in (picture, picture if so_far is None else so_far)
    )
    cells = torch.from_numpy(mask.reshape(16, 4, 16, 4).max((1, 3)).astype(np.float32) / 255)[None, None]
    before, after, empty = read([STEP.source_caption, STEP.edited_caption, ""]).tokens.split(1)
    bar = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2, 0)
    times = times or [0] + [1 + k * (1000 // STEPS) for k in range(STEPS)]
    alpha = [float(bar[t]) for t in times]
    zeros = torch.zeros_like(clean)

    def predict(x, i, text):
        shown = torch.cat([x, zeros], 1) if unet.config.in_channels == 8 else x
        out = unet(shown, times[i], text).sample
        if model.schedule.prediction == "v_prediction":
            return alpha[i] ** 0.5 * out + (1 - alpha[i]) ** 0.5 * x
        return out

    def hop(x, eps, i, j):
        x0 = (x - (1 - alpha[i]) ** 0.5 * eps) / alpha[i] ** 0.5
        return alpha[j] ** 0.5 * x0 + (1 - alpha[j]) ** 0.5 * eps

    top = round(ratio * (len(times) - 1))
    levels = [clean]
    for i in range(top):
        levels.append(hop(levels[i], predict(levels[i], i, before), i, i + 1))
        start = hop(start, predict(start, i, before), i, i + 1)
    y = cells * start + (1 - cells) * levels[top]
    for i in range(top, 0, -1):
        rich, poor = predict(y, i, after), predict(y, i, empty)
        y = cells * hop(y, poor + SCALE * (rich - poor), i, i - 1) + (1 - cells) * levels[i - 1]
    pixels = [coder.decode(latents).sample.clamp(-1, 1)[0].permute(1, 2, 0) for latents in (clean, y)]
    return [((each + 1) * 127.5).numpy() for each in pixels]


@pytest.mark.parametrize(
    ("channels", "captions", "prediction"), [(4, False, "epsilon"), (4, False, "v_prediction"), (8, True, "v_prediction")]
)  # fmt: skip
@torch.no_grad()
def test_every_ratio_is_what_the_equations_say(channels, captions, prediction):
    model = make(channels, captions, prediction)
    picture = cv2.resize(data.astronaut(), (64, 64), interpolation=cv2.INTER_AREA)
    mask = disc(64, 64).mask
    painting = editor(model).paint(picture, mask, STEP, 0)
    for ratio, got in zip((0.5, 0.9), painting.afters, strict=True):
        before, wanted = by_hand(model, picture, mask, ratio)
        assert np.abs(painting.before - before).max() < 0.05
        assert np.abs(got - wanted).max() < 0.05
        assert np.abs(wanted - before).max() > 5, "it is edited"
    assert painting.mask.shape == (16, 16)


@pytest.mark.parametrize("size", [(64, 64), (97, 61), (40, 230), (300, 420), (9, 13)])
def test_any_size_and_nothing_outside(model, size):
    height, width = size
    picture = cv2.resize(data.coffee(), (width, height), interpolation=cv2.INTER_AREA)
    kept = picture.copy()
    region = disc(height, width)
    proposal = editor(model).edit(picture, STEP, region, context())
    assert proposal.refused is None and proposal.picture.shape == picture.shape
    after, mask = composite(picture, proposal)
    assert np.array_equal(after[mask == 0], picture[mask == 0]) and (after != picture).any()
    far = cv2.dilate(region.mask, np.ones((2 * max(3, min(size) // 3) + 1,) * 2)) == 0
    assert not mask[far].any() and np.array_equal(picture, kept)


def test_what_the_user_drew_is_the_limit(model):
    picture = data.astronaut()[:200, :200]
    user = disc(200, 200, "user")
    proposal = editor(model).edit(picture, STEP, disc(200, 200, centre=(0.2, 0.2)), context(user=user))
    assert proposal.mask.any() and not proposal.mask[user.mask == 0].any()


def test_several_masks_are_painted_in_one_go(model):
    picture = data.astronaut()[:200, :200]
    one, two = disc(200, 200, centre=(0.25, 0.5)), disc(200, 200, centre=(0.75, 0.5))
    both = Region(np.maximum(one.mask, two.mask), one.boxes + two.boxes, 0.9, "cups", "phrase")
    mask = editor(model, ratios=(0.9,)).edit(picture, STEP, both, context()).mask
    assert mask[one.mask > 0].any() and mask[two.mask > 0].any() and not mask[:, 95:105].any()


@pytest.mark.parametrize("wanted", [0.3, 0.6, 0.9])
def test_the_ratio_that_the_score_prefers_is_taken(model, wanted):
    picture = data.coffee()[:120, :160]
    seen = []

    def score(before, after, step, region, mask, evidence):
        assert before is picture and after.shape == picture.shape and step is STEP and region.found
        seen.append(after)
        return 1.0 if len(seen) == ratios.index(wanted) + 1 else 0.2

    ratios = (0.3, 0.6, 0.9)
    proposal = editor(model, ratios=ratios, score=score).edit(picture, STEP, disc(120, 160), context())
    assert proposal.notes[0].startswith(f"encoding ratio {wanted:g}, the best of 0.3 (")
    chosen = ratios.index(wanted)
    assert np.array_equal(composite(picture, proposal)[0], seen[chosen])
    assert not np.array_equal(seen[0], seen[2])
    alone = editor(model, ratios=(wanted,), score=score).edit(picture, STEP, disc(120, 160), context())
    assert np.abs(alone.picture.astype(int) - proposal.picture).max() <= 1 and len(seen) == 3


def test_equal_scores_change_least_and_no_score_takes_the_middle(model):
    picture = data.coffee()[:120, :160]
    flat = editor(model, ratios=(0.9, 0.3, 0.6), score=lambda *given: 0.5).edit(
        picture, STEP, disc(120, 160), context()
    )
    assert "the judge saw no difference, the network's own preference" in flat.notes[0]
    plain = editor(model, ratios=(0.9, 0.3, 0.6)).edit(picture, STEP, disc(120, 160), context())
    assert plain.notes[0].startswith("encoding ratio 0.6;")


def test_it_is_the_same_each_time(model):
    picture = data.coffee()[:120, :160]
    one, two = (editor(model).edit(picture, STEP, disc(120, 160), context(seed)) for seed in (0, 7))
    assert np.array_equal(one.picture, two.picture) and np.array_equal(one.mask, two.mask)


def test_diffedits_own_mask_stands_in_for_the_grounder(model):
    picture = data.coffee()[:128, :160]
    own = editor(model, own_mask=True)
    lost = Region(np.zeros((128, 160), np.uint8), (), 0.1, "cup", "phrase", None, "not found")
    proposal = own.edit(picture, STEP, lost, context())
    assert proposal.refused is None and 0 < (proposal.mask > 0).mean() < 1
    assert proposal.evidence.placed and proposal.evidence.placed_phrase == "pot"
    again = own.edit(picture, STEP, lost, context())
    assert np.array_equal(again.picture, proposal.picture)
    painted = own.paint(cv2.resize(picture, (64, 64)), None, STEP, 0).mask
    assert set(np.unique(painted)) == {0.0, 1.0}
    user = disc(128, 160, "user")
    assert not own.edit(picture, STEP, user, context()).mask[user.mask == 0].any(), "the user comes first"
    same = STEP.model_copy(update={"edited_caption": STEP.source_caption})
    assert "differ nowhere" in own.edit(picture, same, lost, context()).refused
    assert editor(model).edit(picture, STEP, lost, context()).refused == "not found"


def test_what_is_added_goes_to_what_it_is_added_to(model):
    picture = data.coffee()[:120, :160]
    nothing = Region(np.zeros((120, 160), np.uint8), (), 0.0, "", "none")
    hat = Step(type=E.ADD, instruction="x", value="hat", source_caption="a cat", edited_caption="a cat with a hat", where=Where(relation=Relation.ON, anchor="cat"))  # fmt: skip
    proposal = editor(model).edit(picture, hat, nothing, context(found=disc(120, 160)))
    assert proposal.mask[55:65, 75:85].any() and proposal.evidence.placed == disc(120, 160).boxes
    nowhere = hat.model_copy(update={"where": None})
    assert "--box" in editor(model).edit(picture, nowhere, nothing, context()).refused


def test_the_whole_picture_may_be_meant(model):
    picture = data.coffee()[:120, :160]
    tone = Step(type=E.TONE_TRANSFER, instruction="x", value="snow", source_caption="a photo", edited_caption="a photo, snow")  # fmt: skip
    proposal = editor(model).edit(picture, tone, whole(120, 160), context())
    assert proposal.refused is None and (proposal.mask > 0).mean() > 0.5 and not proposal.evidence.placed


@pytest.mark.parametrize(
    ("kind", "system"),
    [
        (E.OUTPAINT, "local or anysd"),
        (E.MOVEMENT, "local or anysd"),
        (E.COUNTING, "local"),
        (E.TEXTUAL_CHANGE, "local"),
        (E.VISUAL_SKETCH, "local or anysd"),
        (E.STYLE_TRANSFER, "local or anysd"),
    ],
)
def test_what_has_no_meaning_here_is_refused_with_who_can(model, kind, system):
    step = Step(type=kind, instruction="x", target="cup", value="x")
    refused = editor(model).edit(data.coffee()[:64, :64], step, disc(64, 64), context()).refused
    assert refused.endswith(f"--system {system}")


def test_networks_and_settings_that_cannot_work_are_refused(model):
    with pytest.raises(InvalidOption, match="--system anysd"):
        InstructEditor(make(8))
    with pytest.raises(InvalidOption, match="ratios"):
        InstructEditor(model, ratios=(0.5, 1.5))
    with pytest.raises(InvalidOption, match="ratios"):
        InstructEditor(model, ratios=())
    with pytest.raises(InvalidOption, match="side 8"):
        InstructEditor(model, side=8)
    with pytest.raises(InvalidOption, match="overflowed"):
        broken = make()
        with torch.no_grad():
            broken.unet.conv_out.bias.fill_(float("nan"))
        editor(broken).edit(data.coffee()[:64, :64], STEP, disc(64, 64), context())


def test_one_inversion_serves_all_ratios(model):
    calls = []
    hook = model.unet.register_forward_hook(lambda network, given, out: calls.append(len(given[0])))
    try:
        editor(model, ratios=(0.5, 1.0)).edit(data.coffee()[:64, :64], STEP, disc(64, 64), context())
    finally:
        hook.remove()
    assert calls == [1] * STEPS + [2] * 3 + [4] * 3, (
        "up once; down with two passes, for two ratios together from half way on"
    )


def test_little_time_is_spent_outside_the_network(model):
    """At 1 megapixel: framing, masks, latents' arithmetic, three compositions at full size."""
    picture = cv2.resize(data.coffee(), (1200, 800))
    region, spent = disc(800, 1200), []
    painter = editor(model, ratios=(0.5, 0.7, 0.9))
    painter.edit(picture, STEP, region, context())
    plain = InstructEditor.paint

    def timed(self, *given):
        start = time.process_time()
        result = plain(self, *given)
        spent.append(time.process_time() - start)
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InstructEditor, "paint", timed)
        start = time.process_time()
        painter.edit(picture, STEP, region, context())
        total = time.process_time() - start
    print(f"outside of the network: {total - spent[0]:.3f} s of {total:.3f} s")
    assert total - spent[0] < 1.5


@torch.no_grad()
def test_an_edit_that_is_under_way_starts_from_what_there_is(model):
    """Inside the mask from the render, outside at the photograph's own levels, on a ladder that ends at the given share of noise."""
    picture = cv2.resize(data.astronaut(), (64, 64), interpolation=cv2.INTER_AREA)
    render = cv2.resize(data.coffee(), (64, 64), interpolation=cv2.INTER_AREA)
    mask = disc(64, 64).mask
    painting = editor(model).paint(picture, mask, STEP, 0, UnderWay(render, 0.6, 3))
    before, wanted = by_hand(model, picture, mask, 1.0, render, [0, 200, 399, 599])
    begun = by_hand(model, picture, mask, 1.0, picture, [0, 200, 399, 599])[1]
    assert painting.ratios == (0.6,)
    assert np.abs(painting.before - before).max() < 0.05
    assert np.abs(painting.afters[0] - wanted).max() < 0.05
    assert np.abs(begun - wanted).max() > 1, "the render counts"


def test_a_ladder_below_a_share_of_noise():
    below, whole = ladder_below(0.5, 20), ladder(1000)
    assert below.steps == 20 and below.timesteps[-1] == 499 and below.timesteps[0] == 0
    assert torch.isclose(below.alphas[-1], whole.alphas[whole.timesteps.index(499)])
    assert ladder_below(0.02, 40).steps == 19, "there are no more timesteps"
    with pytest.raises(InvalidOption, match="between 0 and 1"):
        ladder_below(1.0, 20)
