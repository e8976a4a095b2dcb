"""What ordinary people say of faults, edges, numbers and several things in one breath; each with what is meant."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from pixwright.encoders.bundle import Encoders
from pixwright.errors import PixwrightError
from pixwright.parse import parse
from pixwright.parse.rules import parse_rules
from pixwright.records.instruction import Instruction

ENCODERS = Encoders()


def plan(words):
    """Each step as "type value target amount"."""
    steps = parse(Instruction(words), None, ENCODERS, use_llm=False).steps
    return [_short(step) for step in steps]


def _short(step):
    amount = f"{step.amount.value:g}{step.amount.unit.value[0]}" if step.amount else None
    frame = f"{step.frame.width}x{step.frame.height}" if step.frame else None
    place = step.where.relation.value if step.where else None
    return " ".join(str(one) for one in (step.type, step.value, step.target, amount, frame, place) if one is not None)


EXPOSURE, BALANCE = "tone_transfer auto exposure", "tone_transfer auto white balance"
EYES, MARKS = "tone_transfer red eye removal", "tone_transfer scratch removal"
LEVEL, UPRIGHT = "rotation_change level", "rotation_change upright"
COLOUR, TRIM = "tone_transfer colorization", "resize trim"
CLEAR, SHADOW = "background_change transparent", "background_change transparent but for the shadow"
FAULTS = {
    "fix the exposure": [EXPOSURE], "correct the exposure of the photo": [EXPOSURE], "auto levels": [EXPOSURE], "enhance the photo": [EXPOSURE], "auto enhance": [EXPOSURE],
    "fix the white balance": [BALANCE], "fix the colors": [BALANCE], "remove the color cast": [BALANCE], "fix the white balance and exposure": [BALANCE, EXPOSURE],
    "remove red eyes": [EYES], "fix red eye": [EYES], "get rid of the red-eye effect": [EYES], "take out the red eyes and make it sepia": [EYES, "tone_transfer sepia"],
    "remove the dust and scratches": [MARKS], "fix the scratches in this old photo": [MARKS], "clean the dust off the scan": [MARKS], "remove dust spots from the sensor": [MARKS],
    "remove the dust from the shelf": ["remove dust on the shelf"], "remove the spots from the leopard": ["remove spots of the leopard"], "remove the hair": ["remove hair"],
    "straighten the horizon": [LEVEL], "level the horizon": [LEVEL], "fix the tilted horizon": [LEVEL], "make the horizon level": [LEVEL], "the horizon is not straight, fix it": [LEVEL],
    "rotate the photo so the horizon is straight": [LEVEL], "straighten the picture by 3 degrees": ["rotation_change 3d"], "make the horizon orange": ["color_alter orange horizon"],
    "straighten the church": [UPRIGHT], "the barn is leaning. rotate it upright": [UPRIGHT], "fix the perspective": [UPRIGHT], "correct the converging verticals": [UPRIGHT],
    "make the tower stand straight": [UPRIGHT], "remove the perspective distortion": [UPRIGHT], "make the man stand straight": ["action_change stand up man"], "make it upright": [LEVEL],
    "colourise this photo": [COLOUR], "colorize the black and white photo": [COLOUR], "add color to this old black and white photo": [COLOUR],
    "clear up the haze": ["tone_transfer haze -0.6s"], "lift the fog": ["tone_transfer haze -0.6s"], "fix the noise": ["tone_transfer denoise 0.6s"],
    "fix the faded colors": ["tone_transfer saturation 0.6s"], "denoise strongly": ["tone_transfer denoise 0.9s"], "lift the cup": ["movement cup top"],
}  # fmt: skip
EDGES = {
    "trim it": [TRIM], "trim the white borders": [TRIM], "auto crop": [TRIM], "crop away the empty space around the product": [TRIM],
    "trim the right third off": ["resize crop 0.6667f left"],
    "remove the background, trim to the product with a 20 px margin": [CLEAR, f"{TRIM} 20p"], "trim it with a margin of 5%": [f"{TRIM} 5p"],
    "make the background white and trim it, leave a 30 px margin": ["background_change white", f"{TRIM} 30p"],
    "remove the background and keep the shadow": [SHADOW], "delete the background but leave the shadow": [SHADOW],
    "make the background transparent with the shadow kept": [SHADOW], "remove the background but keep the bottle and its shadow": [f"{SHADOW} bottle"],
    "extend on both sides": ["outpaint both_sides"], "extend it on both sides by 20%": ["outpaint 20p both_sides"], "widen it on the left side only": ["outpaint left"],
    "extend to the left and right by 15 %": ["outpaint 15p both_sides"], "expand the canvas by 200 pixels on either side": ["outpaint 200p both_sides"],
    "remove the watermark": ["textual_change"], "get rid of the watermark in the corner": ["textual_change"], "remove the text and the watermark": ["textual_change"],
    "remove the watermark in the bottom right corner": ["textual_change bottom_right"],
}  # fmt: skip
NUMBERS = {
    "increase brightness by 15": ["tone_transfer brightness 15p"], "raise saturation 30": ["tone_transfer saturation 30p"], "lower the contrast by 1/4": ["tone_transfer contrast -25p"],
    "contrast -20%": ["tone_transfer contrast -20p"], "rotate -3.5 degrees": ["rotation_change -3.5d"], "turn it 90 degrees to the left": ["rotation_change -90d"],
    "upscale to 4k": ["resize fit 3840x3840"], "convert to full hd": ["resize fit 1920x1920"], "increase the resolution by 2": ["resize 2f"], "resize to half": ["resize 0.5f"],
    "reduce the file to 800x600": ["resize fill 800x600"], "crop 100 pixels from the top": ["resize crop 100p bottom"], "make it starry night": ["tone_transfer night"],
    "turn it into a starry night": ["tone_transfer night"], "make it a starry night painting": ["style_change van gogh"],
}  # fmt: skip
AT_ONCE = {
    "make the fork green remove the spoon": ["color_alter green fork", "remove spoon"], "remove the lamp make the sofa blue": ["remove lamp", "color_alter blue sofa"],
    "make the car red the bike blue the bus green": ["color_alter red car", "color_alter blue bike", "color_alter green bus"],
    "crop it to a square make it black and white": ["resize crop 1x1", "tone_transfer black and white"], "turn the sky pink remove the clouds": ["color_alter pink sky", "tone_transfer cloud removal"],
    "resize to 800 px wide make it sepia": ["resize fit 800xNone", "tone_transfer sepia"],
    "make the sky blue and the grass greener remove the dog": ["color_alter blue sky", "color_alter green grass", "remove dog"],
}  # fmt: skip


@pytest.mark.parametrize("words", [*FAULTS, *EDGES, *NUMBERS, *AT_ONCE])
def test_what_ordinary_people_say(words):
    assert plan(words) == (FAULTS | EDGES | NUMBERS | AT_ONCE)[words]


def test_many_commands_in_one_breath_are_read_soon():
    start = time.process_time()
    for words in ("make the cup red " * 12, "add a cat remove the dog " * 10, "the cup the cup make " * 20):
        with suppress(PixwrightError):
            parse_rules(words)
    assert time.process_time() - start < 10
