from __future__ import annotations

from dataclasses import replace

import pytest
from scene_small import layer, scene

from pixwright.build.scene.captions import (
    FORMS,
    caption,
    name_of,
    place_phrase,
    places,
    shown,
)
from pixwright.records.kind import EditType
from pixwright.records.vocabulary import BACKGROUNDS


def named(*layers: object, **changes: object) -> list[str]:
    made = scene(*layers, width=200, height=100, **changes)  # type: ignore[arg-type]
    return [name_of(made, index) for index in range(len(made.layers))]


def test_a_name_alone_where_it_is_enough() -> None:
    assert named(layer(name="red car"), layer(name="dog", x=1.0)) == ["the red car", "the dog"]


def test_sides_of_two_and_order_of_many() -> None:
    assert named(layer(name="dog", x=1.5), layer(name="dog", x=0.2)) == ["the right dog", "the left dog"]
    assert named(*(layer(name="cup", x=x) for x in (0.9, 0.2, 1.5))) == [
        "the middle cup",
        "the leftmost cup",
        "the rightmost cup",
    ]
    four = named(*(layer(name="cup", x=x) for x in (0.2, 0.6, 1.0, 1.5)))
    assert four[1:3] == ["the second cup from the left", "the third cup from the left"]


def test_a_colour_that_only_one_has_comes_first() -> None:
    blue = layer(name="dog", x=1.5, looks=((EditType.COLOR_ALTER, "blue"),))
    assert named(layer(name="dog", x=0.2), blue) == ["the left dog", "the blue dog"]


def test_size_and_height_where_sides_do_not_tell() -> None:
    assert named(layer(name="cat", height=0.2), layer(name="cat", height=0.4)) == ["the smaller cat", "the larger cat"]
    assert named(layer(name="cat", y=0.4), layer(name="cat", y=0.9)) == ["the upper cat", "the lower cat"]


def test_a_black_cat_is_a_cat_too() -> None:
    assert named(layer(name="cat", x=0.3), layer(name="black cat", x=1.3)) == ["the left cat", "the black cat"]


def test_what_the_camera_does_not_show_is_not_counted() -> None:
    two = (layer(name="dog", x=0.2), layer(name="dog", x=1.6))
    part = scene(*two, width=100, height=100, camera=(0.5, 0.0, 1.0, 1.0))
    assert shown(part) == (1,) and name_of(part, 1) == "the dog"


def test_captions_name_everything_and_have_many_forms() -> None:
    one = replace(
        scene(layer(name="dog", x=0.3), layer(name="apple", x=1.0), layer(name="apple", x=1.6), width=200),
        place="beach",
    )
    said = {caption(replace(one, seed=seed)) for seed in range(60)}
    assert len(FORMS) >= 6 and len(said) >= 6
    for sentence in said:
        assert sentence[0].isupper() and sentence.endswith(".") and "  " not in sentence
        assert all(words in sentence.lower() for words in ("a dog", "two apples", "on the beach")), sentence
    assert caption(one) == caption(one)


def test_left_and_right_are_said_truly() -> None:
    one = replace(scene(layer(name="dog", x=1.5), layer(name="cat", x=0.3), width=200, height=100), place="street")
    said = [caption(replace(one, seed=seed)) for seed in range(80)]
    sided = [s for s in said if "on the left" in s]
    assert sided and all("cat on the left and a dog on the right" in s for s in sided)


def test_tables_signs_finish_and_emptiness_are_said() -> None:
    table = layer("table/wooden", name="wooden table", y=1.1, height=0.4)
    on = caption(scene(table, layer(name="cup")))
    assert "wooden table" in on and "a cup" in on.lower() and "two" not in on
    assert 'that says "OPEN"' in caption(scene(layer("sign/wooden", name="wooden sign", text="OPEN")))
    painted = scene(
        layer(name="cup"), finish=((EditType.STYLE_CHANGE, "oil painting"), (EditType.TONE_TRANSFER, "winter"))
    )
    assert caption(painted).startswith("An oil painting of") and "in winter" in caption(painted)
    assert "empty" in caption(scene()).lower()


def test_every_painted_place_has_its_words() -> None:
    for place in BACKGROUNDS:
        assert place == "blurred" or place in places()
    assert place_phrase("beach") == "on the beach"
    assert place_phrase("old town") == "in front of an old town" and place_phrase("") == ""


@pytest.mark.parametrize("seed", range(12))
def test_a_style_is_said_of_things_and_a_control_as_more_of_it(seed: int) -> None:
    styled = caption(
        replace(scene(layer("cat"), layer("dog", x=0.8)), seed=seed, finish=((EditType.STYLE_CHANGE, "blueprint"),))
    )
    assert styled.startswith("A blueprint of a ") and " is seen" not in styled and " of a picture" not in styled
    warm = caption(replace(scene(layer("cat")), seed=seed, finish=((EditType.TONE_TRANSFER, "warmth"),)))
    assert warm.endswith(", with more warmth.")


def test_a_caption_tells_looks_and_what_an_edit_is_about() -> None:
    def told(**changes: object) -> str:
        return caption(
            replace(scene(layer(name="green apple"), seed=0), layers=(layer(name="green apple", **changes),))
        )

    plain = told()
    looks = {
        "a red apple": ((EditType.COLOR_ALTER, "red"),),
        "a frozen green apple": ((EditType.APPEARANCE_ALTER, "frozen"),),
        "a green apple made of knitted wool": ((EditType.MATERIAL_CHANGE, "knit"),),
        "a red apple made of wood": ((EditType.MATERIAL_CHANGE, "wood"), (EditType.COLOR_ALTER, "red")),
    }
    for words, look in looks.items():
        assert told(looks=look).lower() == plain.lower().replace("a green apple", words)
    assert told(told="{} lying down").lower() == plain.lower().replace("a green apple", "a green apple lying down")
    assert told(told="large {}").lower() == plain.lower().replace("a green apple", "a large green apple")
    wooden = caption(
        scene(layer(name="dog"), layer(name="dog", x=1.2, looks=((EditType.MATERIAL_CHANGE, "wood"),)), width=200)
    )
    assert "a dog" in wooden.lower() and "a dog made of wood" in wooden and "two" not in wooden.lower()
    skis = [caption(scene(layer(name="skis", looks=((EditType.MATERIAL_CHANGE, "wood"),)), seed=n)) for n in range(20)]
    assert any("are skis made of wood" in one for one in skis) and not any("is skis" in one for one in skis)
