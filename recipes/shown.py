"""What the gallery shows: edits that a stranger would keep and, on a page of their own, edits that fail, with a sentence of why.

All are of the photographs of `examples/`. Look at every picture after `make gallery`: one that is no longer good belongs into `FAILURES`.
"""

from __future__ import annotations

from cases import (
    ASTRONAUT,
    CAT,
    CHAIR,
    COFFEE,
    HAMMER,
    PAGODA,
    PANDA,
    ROCKET,
    SCREWDRIVER,
    WRENCH,
    Case,
    attached,
    happy_music,
    sad_music,
)
from pixwright.records.kind import EditType as T

OVERVIEW = (
    Case(T.COLOR_ALTER, COFFEE, 'make the cup and the saucer blue and write "GOOD MORNING" at the bottom'),
    Case(T.REMOVE, ROCKET, "remove the rocket"),
    Case(T.BACKGROUND_CHANGE, PAGODA, "change the sky to a sunset"),
    Case(T.COLOR_ALTER, CHAIR, "make the chair red"),
    Case(T.STYLE_CHANGE, CAT, "turn it into a watercolor"),
    Case(T.TONE_TRANSFER, PANDA, "make it winter"),
)
"""What the README shows."""

SHOWN: dict[str, tuple[Case, ...]] = {
    "One thing taken away": (
        Case(T.REMOVE, WRENCH, "remove the wrench"),
        Case(T.REMOVE, ROCKET, "remove the rocket"),
    ),
    "Another colour or material": (
        Case(T.COLOR_ALTER, COFFEE, "make the cup and the saucer blue"),
        Case(T.COLOR_ALTER, SCREWDRIVER, "make the screwdriver blue"),
        Case(T.COLOR_ALTER, HAMMER, "make the handle blue"),
        Case(T.COLOR_ALTER, ASTRONAUT, "make the suit green"),
        Case(T.MATERIAL_CHANGE, WRENCH, "make the wrench out of gold"),
        Case(T.MATERIAL_CHANGE, HAMMER, "make the handle wooden"),
    ),
    "Background and sky": (
        Case(T.BACKGROUND_CHANGE, PAGODA, "change the sky to a sunset"),
        Case(T.BACKGROUND_CHANGE, PAGODA, "change the sky to a stormy sky"),
        Case(T.BACKGROUND_CHANGE, ASTRONAUT, "make the background black and white"),
    ),
    "Cut-outs": (
        Case(T.BACKGROUND_CHANGE, COFFEE, "remove the background"),
        Case(T.BACKGROUND_CHANGE, HAMMER, "remove the background"),
    ),
    "Weather, season and light": (
        Case(T.TONE_TRANSFER, PAGODA, "make it autumn"),
        Case(T.TONE_TRANSFER, PAGODA, "make it a rainy day"),
        Case(T.TONE_TRANSFER, PAGODA, "make it night"),
        Case(T.TONE_TRANSFER, PANDA, "make it winter"),
        Case(T.TONE_TRANSFER, ASTRONAUT, "make it look like an old photo"),
        Case(T.TONE_TRANSFER, COFFEE, "make everything except the cup black and white"),
    ),
    "Style": (
        Case(T.STYLE_CHANGE, CAT, "turn it into a watercolor"),
        Case(T.STYLE_CHANGE, PANDA, "turn it into a pencil drawing"),
        Case(T.STYLE_CHANGE, ASTRONAUT, "make it look like a comic"),
        Case(T.STYLE_CHANGE, PAGODA, "turn it into a japanese woodblock print"),
        Case(T.STYLE_TRANSFER, CAT, "fit the picture to the music [1]", (happy_music,)),
        Case(T.STYLE_TRANSFER, CAT, "fit the picture to the music [1]", (sad_music,)),
    ),
    "Words": (
        Case(T.TEXTUAL_CHANGE, ROCKET, 'write "LIFT OFF" at the top'),
        Case(T.TEXTUAL_CHANGE, CAT, 'write "MEOW" at the bottom right in white'),
        Case(T.TEXTUAL_CHANGE, WRENCH, 'write "TO WORK" at the top'),
    ),
    "One thing moved, turned or made smaller": (
        Case(T.MOVEMENT, WRENCH, "move the wrench up"),
        Case(T.ROTATION_CHANGE, WRENCH, "rotate the wrench by 15 degrees"),
        Case(T.ROTATION_CHANGE, WRENCH, "flip the wrench"),
        Case(T.RESIZE, WRENCH, "make the wrench half as large"),
        Case(T.RESIZE, ROCKET, "make the rocket twice as small"),
    ),
    "One thing more": (
        Case(T.ADD, ROCKET, "add a full moon in the sky"),
        Case(T.VISUAL_REFERENCE, CHAIR, "put the cup from [1] on the chair", (attached(COFFEE),)),
    ),
    "The whole frame": (
        Case(T.ROTATION_CHANGE, PAGODA, "mirror the picture"),
        Case(T.OUTPAINT, WRENCH, "extend the picture on every side by 30%"),
    ),
}
"""Heading -> edits."""

FAILURES: tuple[tuple[Case, str], ...] = (
    (
        Case(T.REMOVE, COFFEE, "remove the spoon"),
        "A small thing, half hidden, is not found by its name. With `--box` it is, but the fill draws its outline on.",
    ),
    (
        Case(T.REMOVE, PANDA, "remove the panda"),
        "A large thing of two colours: its outline takes one colour and leaves the other, and the fill has little ground to copy from.",
    ),
    (
        Case(T.COUNTING, ROCKET, "there should be two rockets"),
        "The outline takes a part of the tower for the rocket, and the second one has no room at its size.",
    ),
    (
        Case(T.REMOVE, CHAIR, "remove the chair"),
        "The chair goes, but of its soft shadows on the plain wall and the floor much stays.",
    ),
    (
        Case(T.BACKGROUND_CHANGE, PANDA, "change the background to a forest"),
        "The white back is taken for background. The report says that the outline is not sure.",
    ),
    (
        Case(T.BACKGROUND_CHANGE, ASTRONAUT, "put her in a football stadium"),
        "Backgrounds are painted, and there are some twenty of them; any other place is refused, unless a picture of it is attached.",
    ),
    (
        Case(T.TONE_TRANSFER, ROCKET, "make it a sunset"),
        "The sky is seen through the bars of the towers: patches of the old blue stay between them.",
    ),
    (
        Case(T.MATERIAL_CHANGE, COFFEE, "make the cup out of marble"),
        "The mask takes the shadow below the cup and a part of the spoon for the cup, and in so small a place the stone has no veins.",
    ),
    (
        Case(T.ADD, COFFEE, "put a croissant next to the cup"),
        "Of a croissant there is a drawing alone among the shipped cut-outs, and it looks like one.",
    ),
    (
        Case(T.ADD, COFFEE, "add steam over the cup"),
        "There is no steam among the cut-outs; the nearest name wins, and it is a steam train.",
    ),
    (
        Case(T.OUTPAINT, CHAIR, "extend the picture on both sides by 40%"),
        "Both sides are read as every side, and a wall that grows lighter downwards is continued in one tone, so that the old frame shows.",
    ),
)
"""Edits that come out badly, and why."""
