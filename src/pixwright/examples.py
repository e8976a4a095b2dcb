"""One instruction for every edit type: what `pixwright types` prints, and what the documentation and the tests use."""

from __future__ import annotations

from pixwright.records.edit_type import EditType

EXAMPLES: dict[EditType, str] = {
    EditType.REMOVE: "remove the spoon",
    EditType.REPLACE: "replace the cup with a teapot",
    EditType.ADD: "put a hat on the cat",
    EditType.COUNTING: "there should be two rockets",
    EditType.COLOR_ALTER: "make the cup red",
    EditType.APPEARANCE_ALTER: "make the cup striped",
    EditType.MATERIAL_CHANGE: "make the table out of marble",
    EditType.ACTION_CHANGE: "make the cat face left",
    EditType.TEXTUAL_CHANGE: 'change the text "NASA" to "MOON"',
    EditType.BACKGROUND_CHANGE: "change the background to a beach",
    EditType.TONE_TRANSFER: "what would it look like if it were snowing?",
    EditType.STYLE_CHANGE: "turn it into an oil painting",
    EditType.MOVEMENT: "move the rocket to the left",
    EditType.RESIZE: "make the cup twice as large",
    EditType.OUTPAINT: "extend the picture to the left by 30%",
    EditType.ROTATION_CHANGE: "rotate the spoon by 30 degrees",
    EditType.IMPLICIT_CHANGE: "it is the middle of December in Lapland",
    EditType.RELATION_CHANGE: "swap the cup and the spoon",
    EditType.VISUAL_REFERENCE: "replace the cup with [1]",
    EditType.MATERIAL_TRANSFER: "use the material of [1] for the cup",
    EditType.STYLE_TRANSFER: "fit the picture to [1]",
    EditType.VISUAL_BBOX: "follow the bounding box in [1] and add a ball",
    EditType.VISUAL_SCRIBBLE: "follow the scribble [1] and add a balloon",
    EditType.VISUAL_SEGMENT: "follow the segmentation [1] and make the sky purple",
    EditType.VISUAL_SKETCH: "follow the sketch [1] and make the cup gold",
    EditType.VISUAL_DEPTH: "follow the depth map [1] and add fog",
}
