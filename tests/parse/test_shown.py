"""Sentences about attached pictures: references, and guidance pictures that say where."""

from __future__ import annotations

import pytest

from pixwright.records.kind import EditType

SHOWN = {
    "replace the chair with [1]": "visual_reference chair [1]",
    "put [1] on the shelf": "visual_reference - @on shelf [1]",
    "add [1] to the left of the bed": "visual_reference - @left bed [1]",
    "use [1] as the background": "background_change - [1]",
    "put the guitar from [1] next to the man": "visual_reference - > guitar @beside man [1]",
    "apply the style of [1]": "style_transfer - [1]",
    "make the picture look like [1]": "style_transfer - [1]",
    "use the texture of [1] for the bag": "material_transfer bag [1]",
    "give the bag the material of [1]": "material_transfer bag [1]",
    "replace the bag with the one in [1]": "visual_reference bag [1]",
    "make the boat red, following the sketch [1]": "visual_sketch boat > red [1]",
    "follow the mask [1] and turn the boat into a whale": "visual_segment boat > whale [1]",
    "follow the bounding box [2] and add a crow": "visual_bbox - > crow [2]",
    "use the depth map [1] to replace the hill with a castle": "visual_depth hill > castle [1]",
    "follow the scribble [1] and remove the crow": "visual_scribble crow [1]",
    "according to the outline [1] make the gate blue": "visual_sketch gate > blue [1]",
    "replace [1] with [2]": "visual_reference lamp [2]",
    "change the style to that of [2]": "style_transfer - [2]",
    "swap the chair for [1]": "visual_reference chair [1]",
}


@pytest.mark.parametrize("text", SHOWN)
def test_what_an_attachment_shows(text, said):
    assert said(text) == [SHOWN[text]]


GUIDES = [kind for kind in EditType if kind.traits.guided]


@pytest.mark.parametrize("kind", GUIDES)
@pytest.mark.parametrize(
    "way",
    [
        "follow the {} [1] and make the barn green",
        "make the barn green following the {} [1]",
        "according to the {} [1], make the barn green",
        "use the {} [1] to make the barn green",
        "make the barn green, using the {} in [1]",
    ],
)
def test_a_guide_is_called_by_its_names_in_every_frame(kind, way, said):
    word = kind.traits.called.split()[0]
    assert said(way.format(word)) == [f"{kind} barn > green [1]"]


@pytest.mark.parametrize(
    "mark",
    ["[1]", "[ 1 ]", "[image 1]", "[picture #1]", "the attached picture [1]", "[image:lamp.png]", "[image:lamp]"],
)
def test_every_mark_names_the_attachment(mark, said):
    assert said(f"replace the chair with {mark}") == ["visual_reference chair [1]"]


def test_the_base_picture_is_no_attachment(said):
    assert said("[image:base:room.jpg] remove the chair") == said("remove the chair") == ["remove chair"]
