"""The canonical words that every room shares. A parser maps what people write onto these; editors and judges know only these.

Canonical words are lower case with spaces ("oil painting"). A value outside a list is allowed in a `Step`; the editor that cannot honour it
says so.
"""

from __future__ import annotations

from typing import TypeAlias

from pixwright.records.kind import Aspect

Rgb: TypeAlias = tuple[int, int, int]

COLOURS: dict[str, Rgb] = {
    "red": (200, 30, 35),
    "crimson": (220, 20, 60),
    "scarlet": (230, 40, 25),
    "maroon": (115, 15, 25),
    "burgundy": (110, 10, 40),
    "orange": (245, 130, 25),
    "coral": (255, 127, 80),
    "peach": (255, 203, 164),
    "amber": (255, 176, 20),
    "yellow": (245, 215, 40),
    "lemon": (250, 240, 70),
    "cream": (250, 240, 210),
    "beige": (225, 205, 170),
    "khaki": (190, 175, 115),
    "tan": (205, 170, 125),
    "brown": (120, 75, 40),
    "chestnut": (140, 70, 45),
    "olive": (115, 120, 40),
    "lime": (150, 220, 40),
    "green": (40, 140, 60),
    "dark green": (10, 80, 35),
    "light green": (145, 220, 145),
    "emerald": (25, 160, 100),
    "mint": (160, 230, 190),
    "teal": (10, 125, 125),
    "turquoise": (55, 205, 195),
    "cyan": (30, 200, 220),
    "sky blue": (120, 190, 235),
    "light blue": (160, 205, 240),
    "blue": (35, 75, 190),
    "dark blue": (15, 30, 105),
    "navy": (20, 30, 85),
    "indigo": (70, 20, 130),
    "violet": (140, 70, 210),
    "purple": (125, 40, 150),
    "lavender": (200, 180, 235),
    "magenta": (215, 35, 150),
    "pink": (245, 145, 180),
    "hot pink": (255, 80, 165),
    "rose": (225, 85, 120),
    "white": (245, 245, 245),
    "ivory": (250, 248, 232),
    "silver": (190, 192, 196),
    "gray": (128, 128, 128),
    "light gray": (195, 195, 195),
    "dark gray": (70, 70, 72),
    "charcoal": (54, 58, 62),
    "black": (22, 22, 24),
    "gold": (212, 170, 55),
    "golden": (222, 175, 60),
    "bronze": (165, 110, 50),
    "copper": (190, 110, 65),
    "blonde": (224, 190, 130),
}
"""Colour name -> sRGB. `grey` is spelt `gray`."""

MATERIALS: tuple[str, ...] = (
    "wood",
    "gold",
    "silver",
    "copper",
    "bronze",
    "steel",
    "rust",
    "stone",
    "marble",
    "brick",
    "concrete",
    "glass",
    "ice",
    "crystal",
    "fabric",
    "denim",
    "knit",
    "leather",
    "paper",
    "plastic",
    "ceramic",
    "fur",
    "leaves",
    "chocolate",
    "lava",
    "strawberry",
)

STYLES: tuple[str, ...] = (
    "oil painting",
    "watercolor",
    "pencil sketch",
    "charcoal drawing",
    "ink drawing",
    "comic",
    "anime",
    "pop art",
    "pixel art",
    "mosaic",
    "stained glass",
    "pointillism",
    "impressionism",
    "van gogh",
    "ukiyo-e",
    "cyberpunk",
    "low poly",
    "cross stitch",
    "blueprint",
    "vintage photo",
    "film noir",
    "poster",
    "engraving",
    "pastel drawing",
)

SEASONS: tuple[str, ...] = ("spring", "summer", "autumn", "winter")
TIMES: tuple[str, ...] = ("sunrise", "noon", "golden hour", "sunset", "blue hour", "night")
WEATHERS: tuple[str, ...] = ("sunny", "cloudy", "rain", "snow", "fog", "storm")
CONDITIONS: tuple[str, ...] = SEASONS + TIMES + WEATHERS
"""What a place can be in: "a forest in winter"."""
LOOKS: tuple[str, ...] = (
    "warm",
    "cool",
    "sepia",
    "black and white",
    "faded",
    "vivid",
    "dramatic",
    "dreamy",
    "dark",
    "bright",
    "underwater",
    "sandstorm",
)
MOODS: tuple[str, ...] = (
    "happy",
    "sad",
    "calm",
    "romantic",
    "mysterious",
    "scary",
    "energetic",
    "melancholic",
    "cozy",
    "epic",
)
CONTROLS: tuple[str, ...] = (
    "brightness",
    "contrast",
    "saturation",
    "sharpness",
    "blur",
    "warmth",
    "exposure",
    "highlights",
    "shadows",
    "hue",
    "vignette",
    "grain",
    "denoise",
    "haze",
)
"""Photographic controls; the step's `amount` says how much and, by its sign, in which direction."""

TONES: tuple[str, ...] = CONDITIONS + LOOKS + MOODS + CONTROLS
"""Every `value` that a `tone_transfer` may have."""

REPAIRS: tuple[str, ...] = (
    "auto exposure",
    "auto white balance",
    "red eye removal",
    "scratch removal",
    "colorization",
    "rain removal",
    "snow removal",
)
"""What a `tone_transfer` may mend instead: a fault of the photograph, measured on it. `scratch removal` is of dust and spots, too."""

EVENED: tuple[str, ...] = ("smooth", "clean", "clear")
"""Looks of skin that was evened out: nothing is laid on it."""

CASTS: tuple[str, ...] = (
    "yellow cast",
    "orange cast",
    "red cast",
    "pink cast",
    "purple cast",
    "blue cast",
    "green cast",
)
"""Colours of the light that a person names: a repair that knows which way the light is off, where `auto white balance` must find out."""
CLEAR_SKY, BROODING = "cloud removal", "brooding"
"""The picture's own sky without its clouds; and the light before a storm, in which nothing falls yet."""
MENDED: tuple[str, ...] = (*REPAIRS, *CASTS, CLEAR_SKY)
"""Every repair. The learned tagger has labels for REPAIRS alone, in their order; the others are told from the words beside them."""

MILD: tuple[str, ...] = (*CONTROLS, *MENDED, "vivid", "bright")
"""Tones that mend a photograph, or move it by a little, and set no other scene: what may be made of a complaint that is understood by half."""

OPPOSITES: dict[str, str] = {
    one: other
    for pair in (
        ("dark", "bright"), ("warm", "cool"), ("vivid", "faded"), ("happy", "sad"), ("sunny", "cloudy"), ("dramatic", "calm"), ("scary", "cozy"), ("winter", "summer"), ("night", "noon"), ("melancholic", "happy"), ("energetic", "calm"), ("mysterious", "bright"),
    )
    for one, other in (pair, pair[::-1])
}  # fmt: skip
"""What less of a tone is."""

APPEARANCES: tuple[str, ...] = (
    "striped",
    "polka dot",
    "checkered",
    "plaid",
    "floral",
    "camouflage",
    "spotted",
    "leopard print",
    "zebra print",
    "tiger print",
    "rainbow",
    "starry",
    "old",
    "new",
    "rusty",
    "wet",
    "dirty",
    "dusty",
    "shiny",
    "matte",
    "glowing",
    "transparent",
    "burnt",
    "frozen",
    "snow covered",
    "mossy",
    "cracked",
    "blurry",
    "sharp",
    "wrinkled",
    "muddy",
    "glittery",
    "metallic",
)

ACTIONS: tuple[str, ...] = (
    "face left",
    "face right",
    "turn around",
    "lie down",
    "stand up",
    "tilt",
    "jump",
    "lean",
    "flip",
    "fly",
)

BACKGROUNDS: tuple[str, ...] = (
    "beach",
    "forest",
    "mountains",
    "desert",
    "city",
    "night sky",
    "space",
    "underwater",
    "snow",
    "meadow",
    "sunset sky",
    "blue sky",
    "office",
    "studio",
    "brick wall",
    "wooden wall",
    "bokeh",
    "blurred",
    "clouds",
    "ocean",
    "garden",
    "street",
)
"""Backgrounds that can be painted from words; a colour's name is a plain background."""

FRAMES: tuple[str, ...] = ("crop", "zoom in", "zoom out", "fit", "fill", "stretch", "trim")
"""Values of a `resize` whose target is the whole picture. `fit` keeps all of it and its proportion, `fill` cuts what is over on two sides,
`stretch` distorts; a `crop` keeps the pixels as they are, and a `trim` cuts the empty edges off but for a margin, its amount. One without a value has more or fewer pixels, by its amount."""

LEVEL, UPRIGHT = "level", "upright"
"""Values of a `rotation_change` that straighten the picture by its own lines: turned until they lie level; or seen as if the camera had not been tipped either, so that walls stand parallel."""

CLEAR, CLEAR_BUT_SHADOW = "transparent", "transparent but for the shadow"
"""Values of a `background_change` that take the background away."""

SHADOW = "shadow"
"""Head of a target that is no thing but light that is kept away: it is looked for beside what casts it, and lit instead of filled."""

MATERIAL_ALIASES: dict[str, str] = {
    "wooden": "wood",
    "hardwood": "wood",
    "parquet": "wood",
    "golden": "gold",
    "metal": "steel",
    "metallic": "steel",
    "iron": "steel",
    "stainless steel": "steel",
    "rusted": "rust",
    "rock": "stone",
    "granite": "stone",
    "cement": "concrete",
    "frozen": "ice",
    "diamond": "crystal",
    "cloth": "fabric",
    "cotton": "fabric",
    "silk": "fabric",
    "velvet": "fabric",
    "wool": "knit",
    "woollen": "knit",
    "woolen": "knit",
    "knitted": "knit",
    "jeans": "denim",
    "suede": "leather",
    "porcelain": "ceramic",
    "clay": "ceramic",
    "furry": "fur",
    "fluffy": "fur",
    "cardboard": "paper",
    "brass": "bronze",
    "strawberries": "strawberry",
    "bricks": "brick",
    "leaf": "leaves",
    "stainless": "steel",
    "rubber": "plastic",
}
WORDS: dict[Aspect, tuple[str, ...]] = {
    Aspect.COLOUR: tuple(COLOURS),
    Aspect.MATERIAL: MATERIALS,
    Aspect.APPEARANCE: APPEARANCES,
    Aspect.STYLE: STYLES,
    Aspect.TONE: TONES,
    Aspect.ACTION: ACTIONS,
    Aspect.BACKGROUND: BACKGROUNDS,
}
"""The canonical words for what an edit type changes; the aspects that are not here have none."""


def material_in(words: str) -> str | None:
    """The material that words name, also where they say its form or colour: "gold foil" and "brushed gold" are gold, "dark wood" is wood. None for none."""
    words = words.lower()
    each = (words, *reversed(words.split()))
    return next((name for word in each if (name := MATERIAL_ALIASES.get(word, word)) in MATERIALS), None)


def aspect_of(word: str) -> Aspect | None:
    """What a canonical word, or another name of a material, is said of: "red" of a colour. Of two meanings the first in `WORDS` counts."""
    known = (
        (aspect, (*words, *MATERIAL_ALIASES) if aspect is Aspect.MATERIAL else words) for aspect, words in WORDS.items()
    )
    return next((aspect for aspect, words in known if word in words), None)
