"""What painting by a denoiser offers besides a picture: progress, looks, several seeds at once, words for parts, tiles; and noise is no picture."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from skimage import data
from test_anysd_editor import FAST, E, context, make, photo, step

from pixwright.edit.networks.anysd import AnySDEditor, GivenScales, RegionalWords
from pixwright.edit.networks.choosing import NOISE
from pixwright.flow import Progress, Request, edit_picture
from pixwright.models.contract import UsualScales
from pixwright.nn.denoise import Condition
from pixwright.nn.latents.coherence import coherence, is_noise
from pixwright.nn.latents.mixing import JoinedPart, by_regions, by_tiles, joined
from pixwright.records.instruction import Instruction, PictureAttachment
from pixwright.records.region import whole


@pytest.fixture(scope="module")
def model():
    return make()


def edited(model, picture, seed=0, kind=E.TONE_TRANSFER, ctx=None, **more):
    editor = AnySDEditor(model, FAST, **more)
    return editor.edit(picture, step(kind), whole(*picture.shape[:2]), ctx or context(seed))


def test_noise_is_refused(model):
    """The network is untrained, and nothing stands in its place."""
    picture = photo(64, 64)
    # Louder, so that what it paints is its own noise rather than its grey.
    with torch.no_grad():
        loud = make()
        loud.unet.conv_out.weight.mul_(0)
    refused = edited(loud, picture)
    assert refused.refused == NOISE and not refused.mask.any()


def test_coherence_tells_pictures_from_noise():
    picture = torch.from_numpy(cv2.resize(data.astronaut(), (32, 32), interpolation=cv2.INTER_AREA) / 64.0)
    latents = picture.permute(2, 0, 1)[None].float()
    noise = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert coherence(latents)[0] > 0.6 and coherence(noise).abs().max() < 0.1
    assert is_noise(latents, torch.cat([latents, noise])) == [False, True, True]
    mask = torch.zeros(1, 1, 32, 32)
    mask[..., 4:20, 4:20] = 1
    half = torch.where(mask > 0, noise[:1], latents)
    assert is_noise(latents, half, mask) == [True] and is_noise(
        latents, torch.where(mask > 0, latents, noise[:1]), mask
    ) == [False]
    assert is_noise(latents, noise, mask[..., :8, :8].new_zeros(1, 1, 32, 32)) == [False, False], "nothing to say"


@pytest.mark.usefixtures("noise_passes")
class TestPainting:
    def test_every_step_is_told_with_a_look_and_what_is_raised_ends_the_edit(self, model):
        picture, told = photo(64, 96), []
        edited(model, picture, ctx=replace(context(), working=told.append))
        assert [(one.done, one.of) for one in told] == [(1, 2), (2, 2)]
        look = told[-1].preview()
        assert look.dtype == np.uint8 and look.shape == (12, 16, 3) and look.std() > 0
        tiny = replace(model, glimpse=model.autoencoder)
        edited(tiny, picture, ctx=replace(context(), working=told.append))
        assert told[-1].preview().shape == (48, 64, 3)

        def stop(working):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            edited(model, picture, ctx=replace(context(), working=stop))

    def test_a_look_of_the_picture_itself_has_its_colours(self, model):
        from pixwright.edit.networks.coding import Coder
        from pixwright.edit.networks.previewing import previewer

        picture, coder = photo(64, 64), Coder(model)
        latents = coder.scaled(coder.known(picture))
        look = previewer(model, picture, latents)(latents)
        small = cv2.resize(picture, look.shape[1::-1], interpolation=cv2.INTER_AREA).astype(float)
        assert np.abs(look - small).mean() < 0.8 * np.abs(small - small.mean((0, 1))).mean()

    def test_seeds_of_one_batch_are_what_each_is_alone_and_the_score_chooses(self, model):
        picture, seen = photo(64, 64), []

        def score(before, after, step, region, mask, evidence):
            seen.append(after)
            return float(len(seen) == 2)

        for solver in ("dpm++", "euler_ancestral"):
            seen.clear()
            editor = AnySDEditor(model, replace(FAST, solver=solver), seeds=3, score=score)
            best = editor.edit(picture, step(), whole(64, 64), context(5))
            alone = AnySDEditor(model, replace(FAST, solver=solver)).edit(picture, step(), whole(64, 64), context(6))
            assert len(seen) == 3 and "seed 6, the best of 0.00, 1.00, 0.00" in best.notes[0]
            assert np.abs(best.picture.astype(int) - alone.picture).max() <= 1

    def test_what_shall_not_be_there_and_the_weights_own_scales_change_the_picture(self, model):
        picture = photo(64, 64)
        plain = edited(model, picture).picture
        assert not np.array_equal(plain, edited(model, picture, negative="fog").picture)
        own = replace(model, scales=UsualScales(1.5, 4.0, 1.5, 4.0))
        assert np.array_equal(plain, edited(own, picture, scales=GivenScales()).picture)
        assert not np.array_equal(plain, edited(own, picture, scales=GivenScales(text=9.0)).picture)

    def test_words_for_a_part_change_that_part(self, model, tmp_path):
        picture, mask = photo(64, 64), np.zeros((64, 64), np.uint8)
        mask[:, :24] = 255
        cv2.imwrite(str(tmp_path / "left.png"), mask)
        plain = edited(model, picture).picture.astype(int)
        regional = (RegionalWords("a red roof", tmp_path / "left.png"),)
        change = np.abs(edited(model, picture, regional=regional).picture - plain)
        assert change[:, :20].mean() > 3 * change[:, 44:].mean()

    def test_large_pictures_are_painted_in_tiles_of_the_networks_own_size(self, model):
        picture, sizes = photo(96, 160), []
        hook = model.unet.register_forward_hook(lambda net, given, out: sizes.append(given[0].shape[2:]))
        try:
            made = edited(replace(model, tiles=True), picture)
        finally:
            hook.remove()
        assert set(sizes) == {(16, 16)} and made.picture.shape == picture.shape
        assert "96x160" in made.notes[0] or "160x96" in made.notes[0]

    def test_the_next_try_at_a_picture_does_not_encode_it_again(self, model):
        editor, calls = AnySDEditor(model, FAST), []
        coder, encode, plain = model.autoencoder, model.autoencoder.encode, model.autoencoder.decode
        coder.encode = lambda *given: calls.append("encode") or encode(*given)
        coder.decode = lambda *given: calls.append("decode") or plain(*given)
        try:
            first = editor.edit(photo(64, 64), step(), whole(64, 64), context(1)).picture
            editor.edit(photo(64, 64), step(), whole(64, 64), context(2))
            again = editor.edit(photo(64, 64), step(), whole(64, 64), context(1)).picture
        finally:
            del coder.encode, coder.decode
        assert sorted(calls) == ["decode"] * 4 + ["encode"] and np.array_equal(first, again)

    def test_experts_follow_their_training(self, model):
        picture, asked = photo(64, 64), []
        look = model.look

        def watched(pictures):
            asked.append([one is None for one in pictures])
            return look([np.zeros((8, 8, 3), np.uint8) if one is None else one for one in pictures])

        published = replace(
            model, look=watched, routing="hard", unreferenced="zero_picture", missing=frozenset({"sketch"})
        )
        assert "global" in edited(published, picture).notes[0] and asked == [[True]]
        attached = context(0, (PictureAttachment("r", photo(20, 20)),))
        assert "experts: none" in edited(published, picture, kind=E.VISUAL_SKETCH, ctx=attached).notes[0]
        adapter = replace(published, unreferenced="plain")
        assert "experts: none" in edited(adapter, picture).notes[0]

    def test_flow_passes_it_on(self, model):
        from pixwright.systems import local

        editor, seen = AnySDEditor(model, FAST), []
        system = replace(local(), edit=editor.edit)

        def watch(progress: Progress) -> None:
            seen.append(progress)

        edit_picture(photo(64, 64), Request(Instruction("make it darker")), system, watch=watch)
        steps = [one for one in seen if one.working is not None]
        assert [(one.working.done, one.stage, one.step) for one in steps[:2]] == [(1, "edit", 1), (2, "edit", 1)]


def test_parts_join_to_what_the_whole_would_be():
    like = torch.zeros(1, 4, 20, 30)
    picture = torch.arange(600.0).reshape(1, 1, 20, 30).expand(1, 4, 20, 30)
    condition = Condition(text=torch.zeros(1, 2, 3), null_text=torch.zeros(1, 2, 3), picture=picture)
    tiles = by_tiles([JoinedPart(condition, torch.ones(1, 1, 20, 30))], 12, 3)
    assert all(one.condition.picture.shape[-2:] == (12, 12) == tuple(one.weight.shape[-2:]) for one in tiles)
    assert torch.allclose(joined(tiles, [one.condition.picture for one in tiles], like), picture, rtol=1e-5)
    mask = torch.zeros(1, 1, 20, 30)
    mask[..., :10] = 1
    parts = by_regions(condition, [(replace(condition, picture=picture + 1000), mask)], like)
    mixed = joined(parts, [one.condition.picture for one in parts], like)
    assert torch.equal(mixed[..., :10], picture[..., :10] + 1000) and torch.equal(mixed[..., 10:], picture[..., 10:])
    assert len(by_regions(condition, [(condition, torch.ones_like(mask))], like)) == 1
