"""AnySD's editor on tiny random networks of the mini shape: the contract holds whatever the network paints."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.edit.networks.anysd import AnySDEditor
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.models.contract import LatentModel, Texts
from pixwright.nn import sampling
from pixwright.nn.codec import encode
from pixwright.nn.experts import inject
from pixwright.nn.guidance import Scales
from pixwright.nn.sampling import Sampler, Schedule
from pixwright.nn.shapes import shape
from pixwright.records.instruction import PictureAttachment, SoundAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit, Where
from pixwright.records.region import Region, whole

E = EditType
FEATURES = 12


def read(texts):
    """Words to tokens, the same for the same words."""
    rows = [torch.randn(6, 384, generator=torch.Generator().manual_seed(sum(map(ord, text)))) for text in texts]
    return Texts(torch.stack(rows))


def look(pictures):
    small = [cv2.resize(one, (4, 3), interpolation=cv2.INTER_AREA) for one in pictures]
    return torch.tensor(np.stack(small), dtype=torch.float32).flatten(1).reshape(len(pictures), 3, FEATURES) / 64


def make(experts=True, channels=8, dtype=torch.float32):
    torch.manual_seed(3)
    tiny = shape("mini").with_unet(
        {"block_out_channels": [8, 16, 16], "norm_num_groups": 4, "attention_head_dim": 2, "in_channels": channels}
    )
    unet = tiny.make_unet()
    coder = tiny.make_autoencoder()
    with torch.no_grad():  # untrained, it decodes everything to nearly the same grey
        last = coder.decoder.layers[-1]
        spread = coder.decode(torch.randn(4, 4, 16, 16)).sample.std((0, 2, 3))
        last.weight.mul_(0.4 / spread[:, None, None, None])
        last.bias.zero_()
        last.bias.sub_(coder.decode(torch.randn(4, 4, 16, 16)).sample.mean((0, 2, 3)) / 2)
    beside = None
    if experts:
        beside = tiny.make_experts(unet, FEATURES).to(dtype)
        for name, parameter in beside.named_parameters():
            if not name.startswith("router"):
                torch.nn.init.normal_(parameter, std=0.3)
        inject(unet, beside)
    return LatentModel(
        name="tiny",
        unet=unet.to(dtype),
        autoencoder=coder.to(dtype),
        schedule=Schedule(prediction="v_prediction"),
        side=64,
        multiple=16,
        read=lambda texts: Texts(read(texts).tokens.to(dtype)),
        device=torch.device("cpu"),
        dtype=dtype,
        look=look if experts else None,
        experts=beside,
    )


@pytest.fixture(scope="module")
def model():
    return make()


pytestmark = pytest.mark.usefixtures("noise_passes")
FAST = Sampler(solver="dpm++", steps=2, scales=Scales(picture=1.5, text=4.0, visual=4.0))


def context(seed=0, attachments=(), user=None):
    return Context(seed, Encoders(), lambda picture, phrase: whole(*picture.shape[:2]), attachments, user_region=user)


def step(kind=E.TONE_TRANSFER, words="make it night", **more):
    return Step(type=kind, instruction=words, **more)


def disc(height, width, source="phrase"):
    mask = np.zeros((height, width), np.uint8)
    cv2.circle(mask, (width // 2, height // 2), max(3, min(height, width) // 5), 255, -1)
    x, y, w, h = cv2.boundingRect(mask)
    return Region(mask, ((x, y, x + w, y + h),), 1.0, "disc", source)


def photo(height, width):
    return np.ascontiguousarray(cv2.resize(data.astronaut(), (width, height), interpolation=cv2.INTER_AREA))


@given(st.integers(64, 1100), st.integers(64, 1100), st.sampled_from(["whole", "phrase", "user"]))
@settings(max_examples=12, deadline=None)
def test_any_size_and_nothing_outside_the_mask(model, height, width, source):
    picture = photo(height, width)
    kept = picture.copy()
    region = whole(height, width) if source == "whole" else disc(height, width, source)
    proposal = AnySDEditor(model, FAST).edit(picture, step(E.REPLACE, "a dog"), region, context())
    assert proposal.refused is None, "a random network paints something"
    assert proposal.picture.shape == picture.shape and proposal.picture.dtype == np.uint8
    assert np.array_equal(proposal.picture[proposal.mask == 0], picture[proposal.mask == 0])
    after, mask = composite(picture, proposal)
    assert np.array_equal(after[mask == 0], picture[mask == 0]) and np.any(after != picture)
    assert np.array_equal(picture, kept)
    if source == "user":
        assert not np.any(proposal.mask > region.mask), "a drawn mask was grown"
    if source == "phrase":
        far = cv2.dilate(region.mask, np.ones((3, 3), np.uint8), iterations=max(height, width) // 2)
        assert not proposal.mask[far == 0].any()


def test_a_seed_is_a_picture(model):
    picture = photo(120, 90)
    for solver in ("dpm++", "euler_ancestral", "ddim"):
        editor = AnySDEditor(model, replace(FAST, solver=solver))
        one, same, other = (
            editor.edit(picture, step(), whole(120, 90), context(seed)).picture.tobytes() for seed in (5, 5, 6)
        )
        assert one == same != other


def test_fast_options_reach_the_sampler(model):
    picture = photo(64, 64)
    plain = AnySDEditor(model, replace(FAST, steps=6)).edit(picture, step(), whole(64, 64), context())
    for change in ({"reuse": 2}, {"interval": (0.2, 0.6)}, {"rescale": 0.7}):
        fast = AnySDEditor(model, replace(FAST, steps=6, **change)).edit(picture, step(), whole(64, 64), context())
        assert not np.array_equal(plain.picture, fast.picture), change


@pytest.mark.parametrize("kind", [E.TONE_TRANSFER, E.REMOVE])
@pytest.mark.parametrize("size", [(64, 64), (231, 97), (700, 1033)])
def test_a_network_that_returns_the_picture_changes_no_pixel(model, monkeypatch, kind, size):
    def returns(unet, condition, sampler, noise, **more):
        return condition.picture.float() * model.autoencoder.config.scaling_factor

    monkeypatch.setattr(sampling, "sample", returns)
    picture = photo(*size)
    for region in (whole(*size), disc(*size), disc(*size, "user")):
        proposal = AnySDEditor(model, FAST).edit(picture, step(kind), region, context())
        assert proposal.refused is not None and "left the picture as it was" in proposal.refused
        assert not proposal.mask.any() and np.array_equal(composite(picture, proposal)[0], picture)


def test_what_the_network_sees_keeps_its_proportions(model, monkeypatch):
    seen = []

    def watch(unet, condition, sampler, noise, **more):
        seen.append((condition.picture, noise.shape))
        return noise

    monkeypatch.setattr(sampling, "sample", watch)
    picture = photo(300, 900)
    AnySDEditor(model, FAST, side=96).edit(picture, step(), whole(300, 900), context())
    given_, noise = seen[0]
    assert noise == given_.shape == (1, 4, 8, 24)
    pixels = torch.from_numpy(cv2.resize(picture, (96, 32), interpolation=cv2.INTER_AREA)).permute(2, 0, 1)[None]
    with torch.no_grad():
        assert torch.allclose(given_, encode(model.autoencoder, pixels / 127.5 - 1, scaled=False), atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_dtypes(dtype):
    picture = photo(80, 64)
    attached = (PictureAttachment("a.png", photo(32, 32)),)
    proposal = AnySDEditor(make(dtype=dtype), FAST).edit(
        picture, step(E.STYLE_TRANSFER), whole(80, 64), context(0, attached)
    )
    assert proposal.refused is None and proposal.picture.dtype == np.uint8


def test_a_reference_changes_the_result(model):
    picture, editor = photo(64, 64), AnySDEditor(model, FAST)
    red, blue = (np.full((20, 30, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255)))
    clear = np.dstack([red, np.full((20, 30), 0, np.uint8)])
    white = np.full((20, 30, 3), 255, np.uint8)
    for kind in (E.STYLE_TRANSFER, E.VISUAL_SKETCH, E.MATERIAL_TRANSFER):
        of = [
            editor.edit(picture, step(kind), whole(64, 64), context(0, (PictureAttachment("r", one),))).picture
            for one in (red, blue, clear, white)
        ]
        assert not np.array_equal(of[0], of[1])
        assert np.array_equal(of[2], of[3]), "what is transparent is white"
    numbered = context(0, (PictureAttachment("r", red), PictureAttachment("b", blue)))
    second = editor.edit(picture, step(E.VISUAL_SKETCH, reference=2), whole(64, 64), numbered)
    first = editor.edit(picture, step(E.VISUAL_SKETCH), whole(64, 64), numbered)
    assert not np.array_equal(first.picture, second.picture)


@pytest.mark.parametrize(("visual", "passes"), [(4.0, 3), (2.0, 4)])
def test_equal_scales_save_a_pass(model, monkeypatch, visual, passes):
    rows, forward = [], model.unet.forward
    monkeypatch.setattr(model.unet, "forward", lambda x, *a, **k: (rows.append(len(x)), forward(x, *a, **k))[1])
    sampler = replace(FAST, scales=Scales(picture=1.5, text=4.0, visual=visual))
    AnySDEditor(model, sampler).edit(photo(64, 64), step(), whole(64, 64), context())
    assert rows == [passes, passes]


def test_hard_routing_and_no_strength_spend_nothing_on_experts_that_add_nothing(model, monkeypatch):
    rows, forward = [], model.unet.forward
    monkeypatch.setattr(model.unet, "forward", lambda x, *a, **k: (rows.append(len(x)), forward(x, *a, **k))[1])
    sampler = replace(FAST, scales=Scales(picture=1.5, text=4.0, visual=2.0))
    picture, everything = photo(64, 64), whole(64, 64)
    notes = [
        editor.edit(picture, step(kind), everything, context()).notes[0]
        for editor, kind in (
            (AnySDEditor(model, sampler, "hard"), E.REMOVE),
            (AnySDEditor(model, sampler, strength=0.0), E.TONE_TRANSFER),
            (AnySDEditor(model, sampler, "hard"), E.TONE_TRANSFER),
        )
    ]
    assert rows == [3, 3, 3, 3, 4, 4]
    assert ["experts: none" in note for note in notes] == [True, True, False]
    assert "global 1.00" in notes[2] and "64x64" in notes[2]


def test_experts_are_named_with_their_share():
    attached = (PictureAttachment("r", photo(30, 30)),)
    proposal = AnySDEditor(make(), FAST).edit(photo(64, 64), step(E.VISUAL_SKETCH), whole(64, 64), context(0, attached))
    assert "experts: sketch 0.86, " in proposal.notes[0]


def test_an_outpaint_keeps_the_old_picture_on_a_larger_canvas(model):
    picture = photo(100, 140)
    ask = step(E.OUTPAINT, "extend to the left", where=Where(relation=Relation.LEFT), amount=Amount(value=50, unit=Unit.PERCENT))  # fmt: skip
    proposal = AnySDEditor(model, FAST).edit(picture, ask, whole(100, 140), context())
    assert proposal.evidence.canvas == (70, 0, 210, 100) and proposal.picture.shape == (100, 210, 3)
    after, mask = composite(picture, proposal)
    assert np.array_equal(after[:, 70:], picture) and not mask[:, 70:].any() and mask[:, :70].all()
    nowhere = ask.model_copy(update={"where": Where(relation=Relation.BEHIND)})
    assert AnySDEditor(model, FAST).edit(picture, nowhere, whole(100, 140), context()).refused


def test_evidence_says_where_and_what(model):
    picture, region, editor = photo(200, 200), disc(200, 200), AnySDEditor(model, FAST)

    def claim(kind, **more):
        return editor.edit(picture, step(kind, **more), region, context()).evidence

    replaced = claim(E.REPLACE, target="disc", value="dog")
    assert replaced.placed and replaced.placed_phrase == "dog" and replaced.vacated == region.boxes
    assert claim(E.REMOVE, target="disc").vacated == region.boxes
    assert claim(E.COLOR_ALTER, target="disc", value="red").colour is not None
    assert claim(E.RESIZE, target="disc", amount=Amount(value=50, unit=Unit.PERCENT)).factor == 1.5
    assert claim(E.TEXTUAL_CHANGE, value="OPEN").text == "OPEN"


def test_refusals_say_what_to_do(model):
    picture, everything, editor = photo(64, 64), whole(64, 64), AnySDEditor(model, FAST)
    sound = SoundAttachment("s.wav", np.zeros(100, np.float32), 16000)
    cases = [
        (editor, step(E.RESIZE, value="crop"), context(), "--system local"),
        (editor, step(E.ROTATION_CHANGE, amount=Amount(value=90, unit=Unit.DEGREES)), context(), "--system local"),
        (editor, step(E.VISUAL_SKETCH), context(), "--attach"),
        (editor, step(E.STYLE_TRANSFER, reference=1), context(0, (sound,)), "sound"),
        (AnySDEditor(make(experts=False), FAST), step(E.VISUAL_REFERENCE), context(), "--set experts=DIR"),
        (AnySDEditor(model, FAST, strength=0.0), step(E.VISUAL_REFERENCE), context(), "strength"),
    ]
    for one, asked, around, words in cases:
        proposal = one.edit(picture, asked, everything, around)
        assert proposal.refused is not None and words in proposal.refused, asked.type
        assert np.array_equal(composite(picture, proposal)[0], picture)


def test_a_network_without_experts_edits_by_its_words():
    proposal = AnySDEditor(make(experts=False), FAST).edit(photo(64, 64), step(), whole(64, 64), context())
    assert proposal.refused is None and "experts: none" in proposal.notes[0]


def test_networks_and_sides_that_cannot_work_are_refused_at_once(model):
    with pytest.raises(InvalidOption, match=r"4 input channels.*instructedit"):
        AnySDEditor(make(channels=4), FAST)
    with pytest.raises(InvalidOption, match="side 8"):
        AnySDEditor(model, FAST, side=8)


def test_an_overflow_is_an_error_and_not_a_black_picture(model, monkeypatch):
    monkeypatch.setattr(sampling, "sample", lambda unet, condition, sampler, noise, **more: noise * float("nan"))
    with pytest.raises(InvalidOption, match="bfloat16"):
        AnySDEditor(model, FAST).edit(photo(64, 64), step(), whole(64, 64), context())
