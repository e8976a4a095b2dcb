"""What is said of the whole picture: faults and qualities of the photograph, the place that it is set in, its style; and things that are none of it."""

from __future__ import annotations

import pytest

from pixwright.parse.rules import parse_rules
from pixwright.parse.wholes.roles import roles, spoken
from pixwright.parse.wholes.scenes import named_place
from pixwright.words.inflection import bases

HAZE, SHARP, NOISE = ["tone_transfer haze -"], ["tone_transfer sharpness +"], ["tone_transfer denoise +"]
BRIGHT, RAIN, SNOW = ["tone_transfer brightness +"], ["tone_transfer rain removal"], ["tone_transfer snow removal"]
SHADOW, MARK, AUTO = ["remove @shadow"], ["textual_change"], ["tone_transfer auto exposure"]
FAULTS = {
    "Lift the curtain of mist off the picture": HAZE, "Disperse the smoggy film": HAZE, "Unmask the details hidden by fog": HAZE, "Uncloud the shot": HAZE,
    "Rid the photograph of murkiness": HAZE, "Sweep the haze away for a crisper view": HAZE, "Polish away the misty coat": HAZE, "Reveal the scene by defogging": HAZE,
    "Rescue the frame from motion blur": SHARP, "Get rid of any unfocused regions": SHARP, "Deblur the snapshot for a better look": SHARP, "Fix the fuzzy parts of the photo": SHARP,
    "Bolster the crispness of the shot": SHARP, "Restore definition to the photo": SHARP, "Refine the picture's clarity and focus": SHARP, "Sharpen up the focus of the picture": SHARP,
    "Refine the photo through noise reduction": NOISE, "Attain a smoother look by eliminating graininess": NOISE, "Cleanse the image of unwanted noise": NOISE,
    "Boosting the luminance of the shot": BRIGHT, "Fortifying the glow": BRIGHT, "Brightening the photograph": BRIGHT, "Illuminating with great care": BRIGHT, "Escalate the radiance": BRIGHT,
    "Expunge the drizzle": RAIN, "Clear the frame of rainfall": RAIN, "Void the wet atmosphere": RAIN, "Purify the shot from raindrops": RAIN, "Disentangle from the downpour": RAIN,
    "no more rain please": RAIN, "get the rain out of the picture": RAIN, "Wipe off the rain streaks": RAIN, "Annul the watery effect": RAIN,
    "Purge the snapshot of snowflakes": SNOW, "Omit the snow-covered regions of the photo": SNOW, "Efface all traces of the blizzard": SNOW,
    "Dispel the shadowy cast on the photo": SHADOW, "Nullify the shaded area in the image": SHADOW, "Exclude the silhouette obstructing the photo": SHADOW,
    "Obliterate the watermark logo": MARK, "Wipe clean the watermark": MARK, "Scrub the shot of the watermark": MARK, "Disregard the watermark figure": MARK,
    "Improve the overall appeal of the photo": AUTO, "Refine the snapshot": AUTO,
    "Remove the noise and boost the clarity": [*NOISE, *SHARP], "Eliminate any haziness or blurriness": [*HAZE, *SHARP],
}  # fmt: skip
THINGS = {
    "remove the snow from the roof": ["remove @snow on the roof"], "remove the man's shadow": ["remove @man's shadow"], "remove the wet floor sign": ["remove @wet floor sign"],
    "remove the water bottle": ["remove @water bottle"], "remove the veil from the bride": ["remove @veil of the bride"], "remove the smear on the window": ["remove @smear on the window"],
    "remove the shadow under the bench": ["remove @shadow under the bench"], "lift the shadows": ["tone_transfer shadows +"],
    "remove the noise and make the sky blue": [*NOISE, "color_alter blue @sky"], "sharpen the dog": ["tone_transfer sharpness + @dog"],
}  # fmt: skip
PLACES = {
    "Customize the scenery of the shot to evoke an alpine vista": "mountains", "Rearrange the elements in the photo to portray a duney backdrop": "dunes",
    "Make changes to the setting of the photo to simulate a forest scene": "forest", "Revise the surroundings so that it resembles a sandy beach": "sandy beach",
    "Reconfigure the background to depict coast": "coast", "Overhaul the environment in the photo to reflect an oceanic landscape": "ocean",
    "Change the cluttered garage background to a calm lake scene": "calm lake", "Change the bus in the photo from the city to the countryside": "countryside",
    "Change the valley in the photo to a desert landscape": "desert", "Set the old man in a snowy landscape": "snow", "Change the tower to be set in a jungle environment": "jungle",
    "Refashion the setting of the picture to show a meadow with poppies": "meadow with poppies",
}  # fmt: skip
STYLES = {
    "Bathe the photo in the soft washes and gentle glow of watercolor": "watercolor", "Weave a tale with the raw strokes and boldness of an engraving": "engraving",
    "Tell a quiet story through the medium of charcoal": "charcoal drawing", "Immerse the shot in the neon-soaked alleys and grit of cyberpunk": "cyberpunk",
    "Saturate the picture with the rich, layered depth of an oil painting": "oil painting", "Craft a moody narrative with pop-art styling": "pop art",
    "Transfer the picture into a delicate pastel-drawing style": "pastel drawing", "Step into the playful world of pixel art": "pixel art",
}  # fmt: skip
NO_STYLE = {
    "Give the jacket the look of a watercolor": ["style_change watercolor @jacket"], "make the house look like a blueprint": ["style_change blueprint @house"],
    "Make it look like a watercolor but keep the face": ["style_change watercolor"], "add color to this old black and white photo": ["tone_transfer colorization"],
    "Make the picture an oil painting, and remove the car": ["style_change oil painting", "remove @car"],
    "change the setting to night": ["tone_transfer night"], "change the grass to snow": ["appearance_alter snow covered @grass"], "turn the river into a road": ["replace road @river"],
    "change the house in the background to a church": ["replace church @house in the background"],
}  # fmt: skip


def brief(words):
    """Each step as "type value sign @target"."""
    steps = parse_rules(words).steps
    return [
        " ".join(
            (
                step.type,
                *([step.value] if step.value else []),
                *(["+" if step.amount.value > 0 else "-"] if step.amount else []),
                *([f"@{step.target}"] if step.target else []),
            )
        )
        for step in steps
    ]


@pytest.mark.parametrize("words", [*FAULTS, *THINGS])
def test_a_fault_is_mended_and_a_thing_stays_a_thing(words):
    assert brief(words) == (FAULTS | THINGS)[words]


@pytest.mark.parametrize("words", PLACES)
def test_another_place_in_any_verb(words):
    assert brief(words) == [f"background_change {PLACES[words]}"]


@pytest.mark.parametrize("words", STYLES)
def test_a_style_in_flowery_words(words):
    assert brief(words) == [f"style_change {STYLES[words]}"]


@pytest.mark.parametrize("words", NO_STYLE)
def test_what_names_a_thing_is_about_the_thing(words):
    assert brief(words) == NO_STYLE[words]


def test_black_and_white_in_flowery_words_is_a_tone():
    assert brief("Craft a stark tale with the timeless contrasts of black and white") == [
        "tone_transfer black and white"
    ]


@pytest.mark.parametrize(
    ("said", "place", "scenic"),
    [("a glacial vista", "glacier", True), ("meadowed", "meadow", False), ("a sandy dune", "sandy dune", False), ("the scene", "", False)],
)  # fmt: skip
def test_the_place_that_a_phrase_names(said, place, scenic):
    found = named_place(tuple(said.split()))
    assert (found.words, found.scenic) == (place, scenic)


def test_a_verb_is_known_in_any_form():
    assert (
        {"remov", "remove"} <= set(bases("removing")) and "trim" in bases("trimmed") and "purify" in bases("purifies")
    )
    assert "rid" in roles().verb("dispelling") and "raise" in roles().verb("boosts") and not roles().verb("table")


def test_no_word_of_the_table_is_taken_for_a_slip():
    assert {"dehaze", "watermark", "glacial", "luminosity"} <= spoken()


def test_every_fault_has_a_step():
    for name in {fault.name for fault in roles().faults.values()}:
        word = next(word for word, fault in roles().faults.items() if fault.name == name and not fault.weak)
        assert brief(f"remove the {word} effect from the picture"), name
