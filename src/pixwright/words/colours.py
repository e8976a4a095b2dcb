"""Colours as people write them: our names, CSS names, #rrggbb, rgb(r, g, b)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files

from pixwright.records.vocabulary import COLOURS, Rgb

CSS: dict[str, Rgb] = {
    name: ((v := int(code, 16)) >> 16, v >> 8 & 255, v & 255)
    for name, code in (
        pair.split(":")
        for pair in (
            "aliceblue:f0f8ff antiquewhite:faebd7 aqua:00ffff aquamarine:7fffd4 azure:f0ffff bisque:ffe4c4 blanchedalmond:ffebcd blueviolet:8a2be2 "
            "burlywood:deb887 cadetblue:5f9ea0 chartreuse:7fff00 cornflowerblue:6495ed cornsilk:fff8dc darkblue:00008b darkcyan:008b8b "
            "darkgoldenrod:b8860b darkgray:a9a9a9 darkgreen:006400 darkkhaki:bdb76b darkmagenta:8b008b darkolivegreen:556b2f darkorange:ff8c00 "
            "darkorchid:9932cc darkred:8b0000 darksalmon:e9967a darkseagreen:8fbc8f darkslateblue:483d8b darkslategray:2f4f4f darkturquoise:00ced1 "
            "darkviolet:9400d3 deeppink:ff1493 deepskyblue:00bfff dimgray:696969 dodgerblue:1e90ff firebrick:b22222 floralwhite:fffaf0 "
            "forestgreen:228b22 fuchsia:ff00ff gainsboro:dcdcdc ghostwhite:f8f8ff goldenrod:daa520 greenyellow:adff2f honeydew:f0fff0 hotpink:ff69b4 "
            "indianred:cd5c5c lavenderblush:fff0f5 lawngreen:7cfc00 lemonchiffon:fffacd lightblue:add8e6 lightcoral:f08080 lightcyan:e0ffff "
            "lightgray:d3d3d3 lightgreen:90ee90 lightpink:ffb6c1 lightsalmon:ffa07a lightseagreen:20b2aa lightskyblue:87cefa lightslategray:778899 "
            "lightsteelblue:b0c4de lightyellow:ffffe0 limegreen:32cd32 linen:faf0e6 mediumaquamarine:66cdaa mediumblue:0000cd mediumorchid:ba55d3 "
            "mediumpurple:9370db mediumseagreen:3cb371 mediumslateblue:7b68ee mediumspringgreen:00fa9a mediumturquoise:48d1cc mediumvioletred:c71585 "
            "midnightblue:191970 mintcream:f5fffa mistyrose:ffe4e1 moccasin:ffe4b5 navajowhite:ffdead oldlace:fdf5e6 olivedrab:6b8e23 orangered:ff4500 "
            "orchid:da70d6 palegoldenrod:eee8aa palegreen:98fb98 paleturquoise:afeeee palevioletred:db7093 papayawhip:ffefd5 peachpuff:ffdab9 peru:cd853f "
            "plum:dda0dd powderblue:b0e0e6 rebeccapurple:663399 rosybrown:bc8f8f royalblue:4169e1 saddlebrown:8b4513 salmon:fa8072 sandybrown:f4a460 "
            "seagreen:2e8b57 seashell:fff5ee sienna:a0522d skyblue:87ceeb slateblue:6a5acd slategray:708090 springgreen:00ff7f steelblue:4682b4 "
            "thistle:d8bfd8 tomato:ff6347 wheat:f5deb3 yellowgreen:9acd32"
        ).split()
    )
}
"""CSS colour names that are not ours already -> sRGB."""
CSS |= {
    name: (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16))
    for name, code in (
        pair.split(":")
        for pair in (
            "sage:87ae73 sagegreen:88b378 terracotta:ca6641 chestnutbrown:742802 taupe:b9a281 mocha:9d7651 blush:f29e8e aubergine:3d0734 "
            "petrol:005f6a rust:a83c09 brickred:8f1402 denimblue:3b5b92 eggshell:ffffd4 sand:e2ca76 caramel:af6f09 hazel:8e7618 iceblue:d7fffe dustypink:d58a94 "
            "pistachio:c0fa8b racinggreen:014600 cherry:cf0234 periwinkle:8e82fe ochre:bf9005 vermilion:f4320c dustyrose:c0737a "
            "mustard:ceb301 mustardyellow:d2bd0a cobalt:1e488f cobaltblue:0047ab plum:580f41 mauve:ae7181 auburn:9a3001 mahogany:4a2511 slate:516572"
        ).split()
    )
}
"""What people call other colours: medians of the xkcd colour survey of 2010 (CC0)."""
_NAMED = [line.split("\t") for line in files("pixwright.words").joinpath("colours.tsv").read_text("utf-8").splitlines()]
CSS |= {name.replace(" ", ""): (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)) for name, code, *_ in _NAMED}
"""Two and three words that end in a plain colour ("seafoam green", "duck egg blue"), out of the same survey; and some by eye, of hair, metals and what is a thing first."""
ALIASES: dict[str, str] = {
    alias: name
    for name, aliases in {
        "blonde": "blond",
        "red": "fire red, cherry red, blood red, fire engine red, ruby, ruby red, redder",
        "green": "greener",
        "light green": "pastel green",
        "dark green": "bottle green, hunter green",
        "olive": "olive green",
        "emerald": "emerald green",
        "mint": "mint green",
        "lime": "lime green",
        "blue": "electric blue, sapphire, azure, ocean blue, bluer",
        "navy": "navy blue",
        "light blue": "baby blue, pastel blue, powder blue",
        "turquoise": "aqua, aquamarine, turquoise blue",
        "teal": "teal blue",
        "yellow": "sunny yellow, canary yellow, yellower",
        "lemon": "lemon yellow",
        "purple": "royal purple",
        "lavender": "lilac",
        "pink": "pastel pink, baby pink, soft pink, pinker",
        "hot pink": "shocking pink",
        "magenta": "fuchsia",
        "rose": "rose pink",
        "orange": "tangerine",
        "tan": "sand colored, sandy",
        "white": "pure white, snow white, whiter, plain white, pearl white, solid white",
        "ivory": "off white, off-white",
        "black": "jet black, pitch black, pure black, plain black, solid black, matte black",
        "gray": "ash gray, ash, medium gray",
        "charcoal": "charcoal gray",
        "silver": "silvery",
        "burgundy": "wine red, wine, bordeaux",
        "coral": "coral red",
        "peach": "apricot",
        "amber": "honey",
        "gold": "gold colored",
        "copper": "copper colored",
        "crimson": "crimson red",
        "scarlet": "scarlet red",
    }.items()
    for alias in aliases.split(", ")
}
"""What people call our colours -> our name."""
_SHADES = frozenset("light dark bright deep pale pastel neon vivid soft".split())
_AS_NOUNS = frozenset(
    "salmon tomato thistle wheat seashell linen plum peru orchid bisque sienna honeydew wine honey ash slate apricot tangerine mahogany mustard ruby sapphire sandy aubergine rust sand caramel hazel pistachio cherry".split()
) | {name for name, _, *rest in _NAMED if rest}
"""CSS names that are things first: colours only when nothing else fits."""


_TONAL = re.compile(
    r"\b(colou?rs?|tones?|tonality|palette|grading|grade|look|mood|vibe|atmosphere|light|lighting|filter|hues?)\b"
)
_PAINTED = re.compile(
    r"\b(style|styled|paint(ed|ing)?|draw(n|ing)?|brush\w*|strokes?|artist|sketch(ed)?|looks? like|looking like)\b"
)
"""What is said of another picture's colours, and of how it is painted."""


def rgb(said: str) -> Rgb | None:
    """The sRGB of a colour's name, `#rgb`, `#rrggbb` or `rgb(r, g, b)`; None if it is no colour."""
    text = said.strip().lower().replace("grey", "gray")
    text = ALIASES.get(text, text)
    if text in COLOURS:
        return COLOURS[text]
    if found := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", text):
        code = found[1] if len(found[1]) == 6 else "".join(c * 2 for c in found[1])
        return (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16))
    if found := re.fullmatch(r"rgb\(\s*(\d{1,3})\s*,?\s*(\d{1,3})\s*,?\s*(\d{1,3})\s*\)", text):
        r, g, b = (min(int(part), 255) for part in found.groups())
        return (r, g, b)
    return CSS.get(text.replace(" ", "").replace("-", ""))


_BORN: dict[str, dict[str, Rgb]] = {
    "eye": {"blue": (84, 128, 166), "green": (92, 126, 84), "brown": (92, 62, 40), "gray": (118, 128, 136), "amber": (168, 118, 52), "violet": (108, 94, 146)},
    "hair": {"red": (156, 58, 30)},
    "coat": {"ginger": (186, 136, 94), "orange": (186, 136, 94), "golden": (204, 160, 98), "brown": (104, 74, 50), "chestnut": (124, 70, 44), "gray": (124, 121, 118), "cream": (228, 210, 180), "beige": (206, 184, 152)},
}  # fmt: skip
"""Part of a body -> what a colour's plain name means there: blue eyes are not the blue of a flag, red hair is copper, and a ginger cat no orange. `coat` is that of animals."""


def born(said: str, part: str) -> Rgb | None:
    """The sRGB that a colour's plain name means of a part of a body, where it has another sense there; None elsewhere, and for a name with a shade ("neon blue")."""
    text = said.strip().lower().replace("grey", "gray")
    return _BORN.get(part, {}).get(ALIASES.get(text, text))


def about_colours(sentence: str) -> bool:
    """Whether a sentence about another picture asks for its colours and light, and for nothing of how it is painted: "the same look as in [1]"."""
    said = sentence.lower()
    return _TONAL.search(said) is not None and _PAINTED.search(said) is None


def canonical(said: str) -> str:
    """Our own name of a colour that is called otherwise ("navy blue" is navy, "hotpink" hot pink); any other colour as it was written."""
    text = said.strip().lower().replace("grey", "gray")
    joined = {name.replace(" ", ""): name for name in COLOURS}
    return ALIASES.get(text) or joined.get(text.replace(" ", "").replace("-", ""), text)


def is_colour(said: str) -> bool:
    """Whether the words say a colour and nothing else."""
    return rgb(said) is not None


def is_shaded(words: Sequence[str]) -> bool:
    """Whether the words are a colour of two words and nothing else: "dark brown", "navy blue"."""
    return len(words) > 1 and colour_at(list(words), 0) == len(words)


def colour_at(words: list[str], start: int) -> int:
    """How many words from `start` are one colour that is said of a noun ("dark red" in "dark red car": 2); 0 if there is none."""
    if len(words) > start + 2 and "".join(words[start : start + 3]) in CSS:
        return 3
    pair = " ".join(words[start : start + 2])
    if len(words) > start + 1 and (pair in COLOURS or pair in ALIASES or pair.replace(" ", "") in CSS):
        return 2
    if start >= len(words):
        return 0
    word = words[start]
    if word in _SHADES and start + 1 < len(words) and is_colour(words[start + 1]) and words[start + 1] not in _AS_NOUNS:
        return 2
    return 1 if is_colour(word) and word not in _AS_NOUNS else 0
