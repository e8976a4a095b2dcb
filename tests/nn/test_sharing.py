"""Two pictures side by side: what is shared is shared, what is not is the plain network's, and nothing is left behind."""

from dataclasses import replace

import pytest
import torch
from nets import condition_of, normal, unet_of

from pixwright.errors import InvalidOption
from pixwright.nn.denoise import Denoiser
from pixwright.nn.diffedit import edit_inverted
from pixwright.nn.guidance import Scales
from pixwright.nn.inversion import invert, ladder
from pixwright.nn.latents.sharing import (
    METHODS,
    PLUG_AND_PLAY,
    PROMPT_TO_PROMPT,
    REGENERATION,
    Sharing,
    edit_beside,
    same_words,
)

SCALES = Scales(text=3.0, picture=1.0)
RUNGS = ladder(4)
EVERY = torch.arange(5)


def parts(seed: int = 0):
    unet = unet_of("sd15", seed, in_channels=4)
    both = condition_of(unet, rows=2, picture=False)
    before = replace(both, text=both.text[:1], null_text=both.null_text[:1])
    clean = normal(9, 1, 4, 16, 16)
    return unet, both, invert(Denoiser(unet, before, None), clean, RUNGS, 4), clean


def after_of(both):
    return replace(both, text=both.text[1:], null_text=both.null_text[1:])


def test_with_nothing_shared_it_is_plain_regeneration_from_the_inversion():
    unet, both, levels, _ = parts()
    found = edit_beside(unet, both, levels, RUNGS, SCALES, REGENERATION)
    whole = torch.ones(1, 1, 16, 16)
    plain = edit_inverted(unet, after_of(both), levels, whole, [1.0], RUNGS, SCALES)[0]
    assert torch.allclose(found, plain, atol=1e-4)


@pytest.mark.parametrize("name", ["prompt-to-prompt", "plug-and-play"])
def test_each_way_gives_another_picture_and_leaves_the_network_as_it_was(name):
    unet, both, levels, _ = parts()
    processors = {key: id(one) for key, one in unet.attn_processors.items()}
    shared = edit_beside(unet, both, levels, RUNGS, SCALES, METHODS[name], same=EVERY)
    plain = edit_beside(unet, both, levels, RUNGS, SCALES, REGENERATION)
    assert (shared - plain).abs().max() > 1e-3
    assert {key: id(one) for key, one in unet.attn_processors.items()} == processors
    assert torch.equal(edit_beside(unet, both, levels, RUNGS, SCALES, REGENERATION), plain)


def test_the_same_caption_shared_or_not_is_the_same_picture():
    """What would be taken over is then what is there."""
    unet, both, _, clean = parts()
    same = replace(both, text=both.text[:1].repeat(2, 1, 1), null_text=both.text[:1].repeat(2, 1, 1))
    first = replace(same, text=same.text[:1], null_text=same.null_text[:1])
    levels = invert(Denoiser(unet, first, None), clean, RUNGS, 1)
    for sharing in (PROMPT_TO_PROMPT, replace(PLUG_AND_PLAY, features=1.0)):
        plain = edit_beside(unet, same, levels, RUNGS, SCALES, REGENERATION)
        shared = edit_beside(unet, same, levels, RUNGS, SCALES, sharing, same=EVERY)
        assert torch.allclose(shared, plain, atol=1e-4)


def test_outside_the_mask_the_latents_are_the_pictures_own():
    unet, both, levels, clean = parts()
    mask = torch.zeros(1, 1, 16, 16)
    mask[..., :8] = 1
    found = edit_beside(unet, both, levels, RUNGS, SCALES, PLUG_AND_PLAY, mask=mask)
    assert torch.equal(found[..., 8:], clean[..., 8:]) and not torch.allclose(found[..., :8], clean[..., :8])


def test_words_of_both_captions_are_found_in_order_and_padding_is_padding():
    before, after = [1, 10, 11, 12, 2], [1, 10, 20, 21, 12, 2]
    assert same_words(before, after, 8).tolist() == [0, 1, -1, -1, 3, 4, 6, 7]
    assert same_words(after, before, 6).tolist()[:5] == [0, 1, -1, 4, 5]


def test_what_cannot_be_shared_is_said():
    unet, both, levels, _ = parts()
    with pytest.raises(InvalidOption, match="give `same`"):
        edit_beside(unet, both, levels, RUNGS, SCALES, PROMPT_TO_PROMPT)
    with pytest.raises(InvalidOption, match="give 0 to 1"):
        Sharing(words=1.5)
