"""Words that are said of a noun, and the closed words about it: what each of them does in a noun phrase."""

from __future__ import annotations

from pixwright.records.thing import Place, Rank

DEFINITE = frozenset("the this that these those my your our his her its their all both every each".split())
"""Determiners of what is in the picture already."""
INDEFINITE = frozenset("a an some another any several few many more".split())
QUALITIES = frozenset("pattern patterns texture print folds shading detail details shape style lighting design".split())
"""Nouns of what a surface has, which are no place in a picture."""
SUBJECTS = frozenset("he she they i we you".split())
"""Pronouns that can only be the subject of a clause."""
VIEWERS = frozenset("camera viewer us me you lens photographer".split())
"""Who looks at the picture, from where it was taken."""
AUXILIARIES = frozenset("is are was were has have had am".split())
"""Verbs that stand before another verb's form."""
ARTICLES = frozenset("the a an some this that these those my your our any".split())
"""Determiners that leave nothing out when they go; "his", "all", "another" say more."""
POSSESSIVES: dict[str, tuple[str, str]] = {
    "his": ("him", "person"),
    "her": ("her", "person"),
    "its": ("it", "object"),
    "their": ("them", "object"),
}
"""Possessive -> the pronoun, and the head of the owner that it stands for."""
PRONOUNS: dict[str, tuple[str, bool]] = {
    "it": ("object", False), "itself": ("object", False), "this": ("object", False), "that": ("object", False), "these": ("object", True), "those": ("object", True),
    "they": ("object", True), "them": ("object", True), "he": ("person", False), "him": ("person", False), "she": ("person", False), "her": ("person", False),
    "everyone": ("person", True), "everybody": ("person", True), "someone": ("person", False), "somebody": ("person", False), "me": ("person", False),
    "us": ("person", True), "one": ("object", False), "ones": ("object", True),
}  # fmt: skip
"""Pronoun -> head, and whether it is plural."""
EVERY = frozenset("all every each both".split())
EVERYBODY = frozenset("everyone everybody anyone anybody".split())
"""Words before "else" for all other people."""
PLACES: dict[str, tuple[Place, ...]] = {
    "left": ("left",), "leftmost": ("left",), "lefthand": ("left",), "left-hand": ("left",), "right": ("right",), "rightmost": ("right",),
    "righthand": ("right",), "right-hand": ("right",), "top": ("top",), "topmost": ("top",), "upper": ("top",), "highest": ("top",), "bottom": ("bottom",),
    "bottommost": ("bottom",), "lower": ("bottom",), "lowest": ("bottom",), "middle": ("middle",), "center": ("middle",), "centre": ("middle",),
    "central": ("middle",), "background": ("background",), "back": ("background",), "rear": ("background",), "distance": ("background",),
    "foreground": ("foreground",), "front": ("foreground",), "top-left": ("top", "left"), "top-right": ("top", "right"), "bottom-left": ("bottom", "left"),
    "bottom-right": ("bottom", "right"), "upper-left": ("top", "left"), "upper-right": ("top", "right"), "lower-left": ("bottom", "left"),
    "lower-right": ("bottom", "right"),
}  # fmt: skip
"""Word -> where in the picture."""
SIDE_NOUNS = frozenset("side edge half part corner end third area section".split())
RANKS: dict[str, Rank] = {
    **dict.fromkeys("bigger biggest larger largest main".split(), Rank.LARGEST),
    **dict.fromkeys("smaller smallest tinier tiniest littlest".split(), Rank.SMALLEST),
    **dict.fromkeys("taller tallest".split(), Rank.TALLEST),
    **dict.fromkeys("wider widest".split(), Rank.WIDEST),
    **dict.fromkeys("closer closest nearer nearest frontmost".split(), Rank.NEAREST),
    **dict.fromkeys("farther farthest further furthest".split(), Rank.FARTHEST),
    **dict.fromkeys("brighter brightest lightest".split(), Rank.BRIGHTEST),
    **dict.fromkeys("darker darkest".split(), Rank.DARKEST),
}
"""Comparatives and superlatives: which of several."""
SIZES: dict[str, float] = {
    "tiny": 0.5, "miniature": 0.5, "mini": 0.5, "small": 0.7, "little": 0.7, "short": 0.8, "medium": 1.0, "tall": 1.3, "long": 1.3, "wide": 1.3, "big": 1.4,
    "large": 1.4, "great": 1.4, "huge": 1.9, "giant": 2.2, "gigantic": 2.2, "enormous": 2.2, "massive": 2.2, "oversized": 1.9,
}  # fmt: skip
"""Size said of one thing -> how many times its usual size."""
MEASURED: dict[str, Rank] = {
    **dict.fromkeys("big large huge giant gigantic enormous massive".split(), Rank.LARGEST),
    **dict.fromkeys("small little tiny".split(), Rank.SMALLEST),
    "tall": Rank.TALLEST,
    "wide": Rank.WIDEST,
}
"""What a size picks where several are there: "the small boat"."""
YOUNG: dict[str, float] = {"newborn": 0.4, "baby": 0.5, "juvenile": 0.65, "young": 0.7}
"""Age said of one animal -> how many times the usual size of its kind it is."""
AGES = frozenset(
    "old young older younger oldest youngest elderly ancient new modern antique adult teenage newborn aged".split()
)
STATES = frozenset(
    "wet dry broken open closed shut empty full dirty clean lit unlit folded rolled burnt burning rusty rusted dusty muddy mossy cracked torn frozen melted melting ripe rotten "
    "dead sleeping standing sitting lying flying running walking parked striped spotted patterned checkered checked plaid floral dotted shiny matte glowing transparent blurry "
    "steaming smiling bare naked shirtless blooming withered fallen falling hanging floating leaning upside-down upright sliced cut peeled half-eaten snowy snow-covered wooded "
    "cloudy crumpled wrinkled faded painted knitted curly straight fluffy furry hairy bald bearded seated kneeling jumping swimming laughing crying smoking round square".split()
)
STRESS = frozenset("very really quite way far just directly exactly same only single whole entire".split())
"""Words that only stress what follows."""
PREPOSITIONS = frozenset(
    "of with without in on from at near behind under above below over beside besides inside around along against beneath underneath between by for atop within nearby across among "
    "onto upon into alongside amid amidst amongst outside past through".split()
)
RELATIVE = frozenset("that which who whose whom where".split())
BE = frozenset("is are was were".split())
POSTURES = frozenset(
    "sitting standing lying laying riding walking running flying eating looking leaning hanging parked located playing swimming growing resting sleeping drinking floating placed "
    "coming going facing watching swaying seated perched attached mounted painted written printed waiting sitting crossing jumping climbing reading talking smiling shining "
    "reflected reflecting lurking hovering sticking poking peeking dangling protruding stuck mounted visible seen shown pictured".split()
)
"""Participles that may follow a noun; what stands behind them is read like any place."""
HAVING = frozenset("wearing holding carrying having wears holds carries has have with pulling pushing dressed".split())
WORN = frozenset("wearing holding carrying".split())
"""What somebody has on or in hand: "wearing a cap and scarf" is one man's."""
MEASURES = frozenset(
    "sheet piece slice bundle bunch pair row pile stack group pack loaf couple cluster heap lump chunk bit set lot number flock herd school swarm dozen body line drop strip cube "
    "kind type sort collection handful string gathering bounty assortment array trio quartet family batch fleet litter troop pod variety selection squad band team crew duo".split()
)
"""What "of" follows without naming a thing of its own: two slices of pizza are pizza."""
ADJUNCTS: tuple[tuple[str, ...], ...] = tuple(
    tuple(text.split())
    for text in (
        "over there", "in there", "up there", "down there", "out there", "there", "here", "in here", "please", "nearby", "flying by", "walking by", "passing by", "driving by",
        "in it", "on it", "as well", "too", "in question", "for me", "at all", "you can see", "you see", "i mentioned", "mentioned above", "in view",
    )
)  # fmt: skip
"""Ends of a phrase that pick nothing out."""
PICTURES = frozenset("picture image photo photograph scene frame shot snapshot composition".split())
ALL_WORDS = frozenset("whole entire full complete overall given original input base".split())
REPEATED = frozenset("that had is no very so bye ha".split())
"""Words that English may say twice in a row."""
