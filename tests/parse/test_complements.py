"""What "make", "turn", "give" and their like make of a thing, and what the other verbs do, in made-up sentences."""

from __future__ import annotations

import pytest

from pixwright.errors import UnclearInstruction

BECOMES = {
    "make the balcony green": "color_alter balcony > green",
    "turn the balcony green": "color_alter balcony > green",
    "the balcony should be green": "color_alter balcony > green",
    "I want a green balcony": "add - > green balcony",
    "could the balcony be green": "color_alter balcony > green",
    "make the balcony greener": "color_alter balcony > green",
    "make the pot copper": "color_alter pot > copper",
    "make the pot out of copper": "material_change pot > copper",
    "make the gate wooden": "material_change gate > wood",
    "make the statue glow": "appearance_alter statue > glowing",
    "make the penguin fly": "action_change penguin > fly",
    "make the goat jump": "action_change goat > jump",
    "make the tractor rusty": "appearance_alter tractor > rusty",
    "make the rug striped": "appearance_alter rug > striped",
    "make the picture look like a mosaic": "style_change - > mosaic",
    "make it look like a comic": "style_change - > comic",
    "turn the goose into a swan": "replace goose > swan",
    "make the puppy a wolf": "replace puppy > wolf",
    "make the lake frozen": "appearance_alter lake > frozen",
    "make the street wet": "appearance_alter street > wet",
    "give the horse wings": "add - > wings @on horse",
    "give the girl a red umbrella": "add - > red umbrella @on girl",
    "give the knight a beard": "add - > beard @on knight",
    "give the castle a marble look": "material_change castle > marble",
    "dress the monkey in a tuxedo": "add - > tuxedo @on monkey",
    "color the tulips purple": "color_alter tulips > purple",
    "colour the tulips purple": "color_alter tulips > purple",
    "tint the lake turquoise": "color_alter lake > turquoise",
    "paint the wall with polka dots": "appearance_alter wall > polka dot",
    "have the squirrel sleep": "action_change squirrel > lie down",
    "let the tiger lie down": "action_change tiger > lie down",
    "make the swan face right": "action_change swan > face right",
    "make it night": "tone_transfer - > night",
    "make it a rainy day": "tone_transfer - > rain",
    "make it autumn": "tone_transfer - > autumn",
    "give it a dreamy mood": "tone_transfer - > dreamy",
    "set the scene at sunset": "tone_transfer - > sunset",
    "make the sky cloudy": "tone_transfer - > cloudy",
    "turn winter into summer": "tone_transfer - > summer",
}


@pytest.mark.parametrize("text", BECOMES)
def test_what_a_thing_becomes(text, said):
    assert said(text) == [BECOMES[text]]


GONE = {
    "get rid of the billboard": "remove billboard",
    "take away the bucket": "remove bucket",
    "the bucket needs to go": "remove bucket",
    "lose the bucket": "remove bucket",
    "I don't want the bucket": "remove bucket",
    "there should be no bucket": "remove bucket",
    "erase the bucket from the picture": "remove bucket",
    "cut the bucket out": "remove bucket",
    "wipe the stain off the shirt": "remove stain on the shirt",
    "hide the bucket": "remove bucket",
    "take the crown off the queen": "remove crown of the queen",
    "without the bucket, please": "remove bucket",
    "no more bucket": "remove bucket",
    "clean up the stains on the carpet": "remove stains on the carpet",
    "remove the second bucket from the right": "remove second bucket from the right",
    "remove the bucket that is closest to the door": "remove bucket that is closest to the door",
    "remove both buckets": "remove both buckets",
    "remove every bucket": "remove every bucket",
    "remove the left bucket": "remove left bucket",
    "remove the biggest bucket": "remove biggest bucket",
    "remove his glasses": "remove his glasses",
}


@pytest.mark.parametrize("text", GONE)
def test_what_is_taken_away(text, said):
    assert said(text) == [GONE[text]]


NEW = {
    "add an anchor": "add - > anchor",
    "insert an anchor next to the ship": "add - > anchor @beside ship",
    "draw an anchor on the sail": "add - > anchor @on sail",
    "there should be an anchor on the ship": "add - > anchor @on ship",
    "let there be an anchor": "add - > anchor",
    "I would like an anchor on the ship": "add - > anchor @on ship",
    "place an anchor in the sand": "add - > anchor @inside sand",
    "include an anchor": "add - > anchor",
    "how about an anchor on the ship": "add - > anchor @on ship",
    "give him a moustache": "add - > moustache @on man",
    "put glasses on her": "add - > glasses @on woman",
    "hang a painting on the wall": "add - > painting @on wall",
    "plant a palm on the beach": "add - > palm @on beach",
    "fill the bowl with cherries": "add - > cherries @inside bowl",
    "throw in an anchor": "add - > anchor",
}


@pytest.mark.parametrize("text", NEW)
def test_what_comes_in(text, said):
    assert said(text) == [NEW[text]]


OTHER = {
    "replace the truck by a tram": "replace truck > tram",
    "substitute a tram for the truck": "replace truck > tram",
    "swap the truck for a tram": "replace truck > tram",
    "exchange the truck with a tram": "replace truck > tram",
    "turn the truck into a tram": "replace truck > tram",
    "change the truck to a tram": "replace truck > tram",
    "let the truck become a tram": "replace truck > tram",
    "instead of the truck show a tram": "replace truck > tram",
    "a tram instead of the truck": "replace truck > tram",
    "make the truck a tram": "replace truck > tram",
    "what if the truck were a tram": "replace truck > tram",
    "swap out the truck for two trams": "replace truck > two trams",
    "switch the truck and the tram": "relation_change truck @swap tram",
}


@pytest.mark.parametrize("text", OTHER)
def test_what_takes_the_place(text, said):
    assert said(text) == [OTHER[text]]


TONES = {
    "make it look like winter": "tone_transfer - > winter",
    "make it snow": "tone_transfer - > snow",
    "let it rain": "tone_transfer - > rain",
    "add fog": "tone_transfer - > fog",
    "add some fog to the valley": "tone_transfer - > fog",
    "make it foggy": "tone_transfer - > fog",
    "make it look like early morning": "tone_transfer - > sunrise",
    "give the photo a vintage look": "style_change - > vintage photo",
    "desaturate the photo": "tone_transfer - > saturation -0.6 strength",
    "sharpen the photo": "tone_transfer - > sharpness 0.6 strength",
    "blur the photo": "tone_transfer - > blur 0.6 strength",
    "make the colors pop": "tone_transfer - > saturation 0.6 strength",
    "add a vignette": "tone_transfer - > vignette 0.6 strength",
    "add film grain": "tone_transfer - > grain 0.6 strength",
    "remove the haze": "tone_transfer - > haze -0.6 strength",
    "make the photo cooler": "tone_transfer - > warmth -0.6 strength",
    "reduce the noise": "tone_transfer - > grain -0.6 strength",
    "make the photo more dramatic": "tone_transfer - > dramatic",
    "make it less warm": "tone_transfer - > warmth -0.6 strength",
    "turn off the lights": "tone_transfer - > dark",
    "make it golden hour": "tone_transfer - > golden hour",
    "convert to black and white": "tone_transfer - > black and white",
}


@pytest.mark.parametrize("text", TONES)
def test_how_the_whole_looks(text, said):
    assert said(text) == [TONES[text]]


STYLES = {
    "make it an oil painting": "style_change - > oil painting",
    "render it as pixel art": "style_change - > pixel art",
    "as a pencil sketch": "style_change - > pencil sketch",
    "in the style of van gogh": "style_change - > van gogh",
    "make it look like a stained glass window": "style_change - > stained glass",
    "turn the photo into a comic": "style_change - > comic",
    "paint it like monet": "style_change - > impressionism",
    "give it a cyberpunk style": "style_change - > cyberpunk",
    "make the dog look like a cartoon": "style_change dog > comic",
    "stylize it as ukiyo-e": "style_change - > ukiyo-e",
}


@pytest.mark.parametrize("text", STYLES)
def test_how_it_is_drawn(text, said):
    assert said(text) == [STYLES[text]]


BEHIND = {
    "change the background to a forest": "background_change - > forest",
    "put the horse in a desert": "background_change horse > desert",
    "make the background white": "background_change - > white",
    "make the background transparent": "background_change - > transparent",
    "remove the background": "background_change - > transparent",
    "blur the background": "background_change - > blurred",
    "use a plain blue background": "background_change - > blue",
    "set the background to outer space": "background_change - > space",
    "the background should be a beach": "background_change - > beach",
}


@pytest.mark.parametrize("text", BEHIND)
def test_what_stands_behind(text, said):
    assert said(text) == [BEHIND[text]]


GEOMETRY = {
    "flip the photo": "rotation_change - > flip horizontal",
    "mirror the photo vertically": "rotation_change - > flip vertical",
    "rotate the photo by 180 degrees": "rotation_change - 180 degrees",
    "tilt the vase by 10 degrees": "rotation_change vase 10 degrees",
    "move the vase next to the window": "relation_change vase @beside window",
    "swap the vase and the lamp": "relation_change vase @swap lamp",
    "put the vase where the lamp is": "relation_change vase @swap lamp",
    "shift the vase up a bit": "movement vase @top 0.3 strength",
    "enlarge the vase": "resize vase 0.6 strength",
    "make the vase tiny": "resize vase -0.6 strength",
    "make the vase taller": "resize vase 0.6 strength",
    "make the vase 20% wider": "resize vase 1.2 factor",
    "zoom out by 30%": "resize - > zoom out 0.7 factor",
    "crop to the center": "resize - > crop @center",
    "extend the canvas on all sides": "outpaint - @every_side",
    "widen the picture": "outpaint - @every_side",
    "bring the vase to the front": "movement vase @foreground",
}


@pytest.mark.parametrize("text", GEOMETRY)
def test_how_it_lies(text, said):
    assert said(text) == [GEOMETRY[text]]


@pytest.mark.parametrize("colour", ["green", "navy", "light blue", "#ff8800", "hot pink"])
@pytest.mark.parametrize(
    "way", ["make the kite {}", "the kite should be {}", "paint the kite {}", "I want the kite to be {}"]
)
def test_a_colour_in_every_frame(colour, way, said):
    assert said(way.format(colour)) == [f"color_alter kite > {colour}"]


def test_a_colour_change_without_a_colour_is_refused(said):
    with pytest.raises(UnclearInstruction):
        said("change the color of the vase")


def test_a_background_with_a_time_of_day(said):
    assert said("replace the background with a city at night")[0].startswith("background_change - > city")
