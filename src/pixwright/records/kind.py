"""The table of edit types: the 26 of AnyEdit (paper: section 3 and tables 7 and 8), one row each.

What is said of a type by a value is said here and nowhere else. What a type does is code, in four registries: its rule (`parse/rules`),
its editor (`edit/dispatch.py`), its check (`judge`) and its maker of pairs (`build/pairs`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

ANYWHERE = math.inf
"""The `reach` of what may come to lie anywhere in the picture."""


class Group(StrEnum):
    """AnyEdit's families of edits (paper: figure 2)."""

    LOCAL = "local"
    GLOBAL = "global"
    CAMERA = "camera"
    IMPLICIT = "implicit"
    VISUAL = "visual"


class Aspect(StrEnum):
    """What about the picture an edit changes; it also tells what kind of word a step's `value` is (`vocabulary.WORDS`)."""

    THING = "thing"
    NUMBER = "number"
    COLOUR = "colour"
    APPEARANCE = "appearance"
    MATERIAL = "material"
    ACTION = "action"
    TEXT = "text"
    BACKGROUND = "background"
    TONE = "tone"
    STYLE = "style"
    PLACE = "place"
    SIZE = "size"
    ANGLE = "angle"
    FRAME = "frame"
    ANY = "any"


class Target(StrEnum):
    """How an edit comes by the part of the picture that it is about."""

    NEEDED = "needed"
    """The step names a thing, and it must be found."""
    USUAL = "usual"
    """The step names a thing; one that names none is about the whole picture, and no data set holds such a one."""
    OPTIONAL = "optional"
    """A thing that is named, or the whole picture."""
    PICTURE = "picture"
    """The whole picture only."""
    SEARCHED = "searched"
    """The editor looks for the place itself: for the anchor of what is added, for the text that is read."""
    DRAWN = "drawn"
    """A guidance picture shows where."""


class Takes(StrEnum):
    """What an edit takes from the attachments."""

    NOTHING = "nothing"
    MAYBE = "maybe"
    """A picture, where one is named."""
    PICTURE = "picture"
    """A picture, always."""
    ANYTHING = "anything"
    """A picture or a sound, always."""


@dataclass(frozen=True)
class Traits:
    """One row of the table."""

    group: Group
    changes: Aspect
    target: Target
    takes: Takes
    example: str
    """An instruction that asks for it; `pixwright types` prints it, and a test parses it."""
    brings: bool = False
    """Whether a thing comes into the picture."""
    moves: bool = False
    """Whether a thing lands elsewhere, outside of any limit that was drawn around where it was."""
    proved: bool = False
    """Whether its check measures that it is what was asked, and not only that something changed in the right place."""
    reach: float = 0.03
    """How far the change may go beyond the outline of what was found, in longer sides of its box (set by eye)."""
    expert: str = "general"
    """The AnySD expert that serves it (paper: table 8; `general` is the plain stage-1 network). Table 8 gives style transfer to `global`."""
    task: int | None = None
    """Its row in AnySD's published table of tasks. Style transfer shares the row of style change: the table has one for both."""
    called: str = ""
    """What people call the attachment, word by word."""

    @property
    def surface(self) -> bool:
        """Whether it changes what a thing's surface looks like."""
        return self.changes in (Aspect.COLOUR, Aspect.APPEARANCE, Aspect.MATERIAL)

    @property
    def finish(self) -> bool:
        """Whether it changes how a whole picture looks, with all things where they are."""
        return self.changes in (Aspect.TONE, Aspect.STYLE)

    @property
    def whole_look(self) -> bool:
        """Whether it changes the look of the whole picture, or all that is behind its subject."""
        return self.finish or self.changes is Aspect.BACKGROUND

    @property
    def redraws(self) -> bool:
        """Whether things appear, vanish or move. The other types change what is seen of things that stay."""
        return not (self.surface or self.finish)

    @property
    def reframes(self) -> bool:
        """Whether it changes the geometry of the whole picture where no thing is named."""
        return self.changes in (Aspect.SIZE, Aspect.ANGLE, Aspect.FRAME)

    @property
    def guided(self) -> bool:
        """Whether a guidance picture says where, and the words what."""
        return self.target is Target.DRAWN

    @property
    def refers(self) -> bool:
        """Whether what is wanted is shown by an attachment instead of said."""
        return self.group is Group.VISUAL and not self.guided


LOCAL, GLOBAL, CAMERA, IMPLICIT, VISUAL = Group
THING, NUMBER, COLOUR, APPEARANCE, MATERIAL, ACTION, TEXT, BACKGROUND, TONE, STYLE, PLACE, SIZE, ANGLE, FRAME, ANY = (
    Aspect
)
NEEDED, USUAL, OPTIONAL, PICTURE, SEARCHED, DRAWN = Target
NOTHING, MAYBE, A_PICTURE, ANYTHING = Takes


class EditType(StrEnum):
    """What kind of change a step makes. The value is the name used in files, JSON and on the command line."""

    traits: Traits

    # fmt: off
    #                                               family     changes      its target  attachment  example
    REMOVE            = "remove",            Traits(LOCAL,    THING,      NEEDED,   NOTHING,   "remove the spoon",                                    proved=True, reach=0.12)
    REPLACE           = "replace",           Traits(LOCAL,    THING,      NEEDED,   NOTHING,   "replace the cup with a teapot",                       brings=True, proved=True, reach=0.25)
    ADD               = "add",               Traits(LOCAL,    THING,      SEARCHED, MAYBE,     "put a hat on the cat",                                brings=True, proved=True, reach=0.8)
    COUNTING          = "counting",          Traits(LOCAL,    NUMBER,     USUAL,    NOTHING,   "there should be two rockets",                         brings=True, moves=True, proved=True, reach=ANYWHERE)
    COLOR_ALTER       = "color_alter",       Traits(LOCAL,    COLOUR,     USUAL,    NOTHING,   "make the cup blue",                                   proved=True)
    APPEARANCE_ALTER  = "appearance_alter",  Traits(LOCAL,    APPEARANCE, USUAL,    NOTHING,   "make the cup striped",                                reach=0.08)
    MATERIAL_CHANGE   = "material_change",   Traits(LOCAL,    MATERIAL,   USUAL,    NOTHING,   "make the table out of marble")
    ACTION_CHANGE     = "action_change",     Traits(LOCAL,    ACTION,     NEEDED,   NOTHING,   "make the cat face left",                              moves=True, reach=0.35)
    TEXTUAL_CHANGE    = "textual_change",    Traits(LOCAL,    TEXT,       SEARCHED, NOTHING,   'change the text "NASA" to "MOON"',                    proved=True)
    BACKGROUND_CHANGE = "background_change", Traits(GLOBAL,   BACKGROUND, PICTURE,  MAYBE,     "change the background to a beach",                    expert="global", task=0)
    TONE_TRANSFER     = "tone_transfer",     Traits(GLOBAL,   TONE,       OPTIONAL, NOTHING,   "what would it look like if it were snowing?",         proved=True, expert="global", task=1)
    STYLE_CHANGE      = "style_change",      Traits(GLOBAL,   STYLE,      OPTIONAL, NOTHING,   "turn it into an oil painting",                        expert="global", task=2)
    MOVEMENT          = "movement",          Traits(CAMERA,   PLACE,      NEEDED,   NOTHING,   "move the rocket to the left",                         moves=True, proved=True, reach=ANYWHERE, expert="viewpoint", task=3)
    RESIZE            = "resize",            Traits(CAMERA,   SIZE,       OPTIONAL, NOTHING,   "make the cup twice as large",                         moves=True, proved=True, reach=0.6, expert="viewpoint", task=4)
    OUTPAINT          = "outpaint",          Traits(CAMERA,   FRAME,      PICTURE,  NOTHING,   "extend the picture to the left by 30%",               expert="viewpoint", task=5)
    ROTATION_CHANGE   = "rotation_change",   Traits(CAMERA,   ANGLE,      OPTIONAL, NOTHING,   "rotate the spoon by 30 degrees",                      moves=True, proved=True, reach=0.3, expert="viewpoint", task=6)
    IMPLICIT_CHANGE   = "implicit_change",   Traits(IMPLICIT, ANY,        PICTURE,  NOTHING,   "it is the middle of December in Lapland",             reach=ANYWHERE)
    RELATION_CHANGE   = "relation_change",   Traits(IMPLICIT, PLACE,      NEEDED,   NOTHING,   "swap the cup and the spoon",                          moves=True, reach=ANYWHERE)
    VISUAL_REFERENCE  = "visual_reference",  Traits(VISUAL,   THING,      OPTIONAL, A_PICTURE, "replace the cup with [1]",                            brings=True, reach=0.3, expert="reference", task=10, called="image picture photo")
    MATERIAL_TRANSFER = "material_transfer", Traits(VISUAL,   MATERIAL,   USUAL,    A_PICTURE, "use the material of [1] for the cup",                 expert="material", task=9)
    STYLE_TRANSFER    = "style_transfer",    Traits(VISUAL,   STYLE,      OPTIONAL, ANYTHING,  "fit the picture to [1]",                              expert="global", task=2)
    VISUAL_BBOX       = "visual_bbox",       Traits(VISUAL,   ANY,        DRAWN,    A_PICTURE, "follow the bounding box in [1] and add a ball",       reach=ANYWHERE, expert="bbox", task=7, called="box bbox bounding rectangle")
    VISUAL_SCRIBBLE   = "visual_scribble",   Traits(VISUAL,   ANY,        DRAWN,    A_PICTURE, "follow the scribble [1] and add a balloon",           reach=ANYWHERE, expert="scribble", task=11, called="scribble scribbles doodle scrawl")
    VISUAL_SEGMENT    = "visual_segment",    Traits(VISUAL,   ANY,        DRAWN,    A_PICTURE, "follow the segmentation [1] and make the sky purple", reach=ANYWHERE, expert="segment", task=12, called="segmentation segment segments mask")
    VISUAL_SKETCH     = "visual_sketch",     Traits(VISUAL,   ANY,        DRAWN,    A_PICTURE, "follow the sketch [1] and make the cup gold",         reach=ANYWHERE, expert="sketch", task=13, called="sketch drawing outline edges lines")
    VISUAL_DEPTH      = "visual_depth",      Traits(VISUAL,   ANY,        DRAWN,    A_PICTURE, "follow the depth map [1] and add fog",                reach=ANYWHERE, expert="depth", task=8, called="depth depthmap")
    # fmt: on

    def __new__(cls, name: str, traits: Traits | None = None) -> EditType:
        self = str.__new__(cls, name)
        self._value_ = name
        assert traits is not None, "every row has its traits"
        self.traits = traits
        return self

    @property
    def group(self) -> Group:
        """The family of this type."""
        return self.traits.group


def type_for(aspect: Aspect) -> EditType:
    """The type by which words alone change an aspect: for a colour, `color_alter`. Of several the first in the table."""
    return next(one for one in EditType if one.traits.changes is aspect and one.group is not VISUAL)
