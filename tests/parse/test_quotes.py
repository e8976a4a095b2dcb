"""Text in pictures: quoted, in capitals, or behind "write" and "says"; and what quotes keep safe."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pixwright.errors import UnclearInstruction
from pixwright.parse.rules import parse_rules

WRITTEN = {
    'write "Open" on the door': "textual_change door > Open",
    "write 'Open Late' above the door": "textual_change - > Open Late @above door",
    'write "OPEN" in red letters on the door': "textual_change door > OPEN in red",
    'add the text "Good night" at the bottom': "textual_change - > Good night @bottom",
    'replace "SALE" with "SOLD"': "textual_change - 'SALE' > SOLD",
    'change "SALE" to "SOLD"': "textual_change - 'SALE' > SOLD",
    'change the sign to say "Stop & go"': "textual_change sign > Stop & go",
    'make the sign read "Exit"': "textual_change sign > Exit",
    'the label should say "Honey"': "textual_change label > Honey",
    'remove the text "draft"': "textual_change - 'draft'",
    "remove the text": "textual_change -",
    "erase the date stamp": "textual_change -",
    "get rid of the time in the lower left": "textual_change - @bottom_left",
    "take the lettering off the van": "textual_change van",
    'replace "SALE" with ""': "textual_change - 'SALE'",
    "remove the watermark": "textual_change -",
    "change the word CLOSED to OPEN": "textual_change - 'CLOSED' > OPEN",
    'change the text on the shirt to "Yes"': "textual_change shirt > Yes",
    'put the caption "Summer, 1999" at the top': "textual_change - > Summer, 1999 @top",
    'write "remove the dog" on the wall': "textual_change wall > remove the dog",
    "write «Olé» on the fence": "textual_change fence > Olé",
    'add the title "Moon" in big white letters at the top': "textual_change - > Moon @top in white large",
    "make the text bigger": "resize text 0.6 strength",
    'make the word "SALE" blue': 'color_alter word "SALE" > blue',
    "write Hello World on the board": "textual_change board > Hello World",
    'add a speech bubble saying "Hi" above the parrot': 'add - > speech bubble saying "Hi" @above parrot',
    'write "it\'s fine" on the mug': "textual_change mug > it's fine",
    "write “50% off” on the window": "textual_change window > 50% off",
    "it should say MERCY LEADS US HOME": "textual_change - > MERCY LEADS US HOME",
    "rename it to GRANGE LIBRARY": "textual_change - > GRANGE LIBRARY",
    "rename the inn to Blue Boar": "textual_change inn > Blue Boar",
    "licence plate to read LUCKY 7": "textual_change licence plate > LUCKY 7",
    "it must read PLATFORM 12": "textual_change - > PLATFORM 12",
    "change the plate to KLM 404": "textual_change plate > KLM 404",
    "change the plate to glass": "material_change plate > glass",
    "greetings from Oslo along the bottom": "textual_change - > Greetings from Oslo @bottom",
    "welcome home across the top in big letters": "textual_change - > Welcome home @top in large",
    "Change MILLER'S to BAKER'S": "textual_change - 'MILLER'S' > BAKER'S",
    "replace DON'T RUN with WALK": "textual_change - 'DON'T RUN' > WALK",
    "change 'Miller's' to 'Baker's'": "textual_change - 'Miller's' > Baker's",
    "rename Miller's as Baker's": "textual_change - 'Miller's' > Baker's",
    "change Tuesday to Sunday": "textual_change - 'Tuesday' > Sunday",
    "MAKE THE CAT'S TAIL RED": "color_alter cat's tail > red",
    "make it say sale instead of open": "textual_change - 'open' > sale",
    "make the banner say welcome back": "textual_change banner > welcome back",
    "edit the label so it says Jam": "textual_change label > Jam",
    "change the word left to right": "textual_change - 'left' > right",
    "change the word sale on the window to sold": "textual_change window 'sale' > sold",
    "change the headline to Good News": "textual_change - > Good News",
    "change the name of the inn to Blue Boar": "textual_change inn > Blue Boar",
    "update the price to 2.49": "textual_change - > 2.49",
    "make the time 7:30": "textual_change - > 7:30",
    "change the sign to a tree": "replace sign > tree",
    "change the label to green": "color_alter label > green",
    "Replace Dog with Cat": "replace dog > cat",
    "a happy dog at the top": "add - > happy dog @top",
    "add a tattoo of a rose on his arm": "add - > tattoo of a rose @on his arm",
}


@pytest.mark.parametrize("text", WRITTEN)
def test_what_shall_be_read(text, said):
    assert said(text) == [WRITTEN[text]]


def test_what_is_asked_beside_a_text_is_another_step(said):
    assert said('make the poster say "SOLD" and the wall darker') == [
        "textual_change poster > SOLD",
        "tone_transfer wall > brightness -0.6 strength",
    ]


PLAIN = st.text(
    st.characters(codec="ascii", categories=("L", "N", "P", "Zs"), exclude_characters="\"'`"), min_size=1, max_size=40
)


PRONOUNS = (
    "something anything nothing stuff thing things somebody someone nobody that everything else it them one ones whatever"
).split()


@given(PLAIN.filter(lambda text: text.strip() and "[" not in text))
def test_quoted_text_is_kept_letter_for_letter(text):
    assume(text.strip() not in PRONOUNS)
    (step,) = parse_rules(f'write "{text}" on the door').steps
    assert step.value == " ".join(text.split())
    assert str(step.target) == "door"


@pytest.mark.parametrize("word", PRONOUNS)
def test_a_quoted_pronoun_is_text(word, said):
    assert said(f'write "{word}" on the door') == [f"textual_change door > {word}"]


@pytest.mark.parametrize("marks", ["“{}”", "«{}»", "„{}“", "‘{}’", "'{}'", '"{}"'])
def test_every_pair_of_marks_quotes(marks, said):
    assert said(f"write {marks.format('Good Day')} on the door") == ["textual_change door > Good Day"]


@pytest.mark.parametrize("text", ['write "" on the door', 'write "', 'write "  " above the gate'])
def test_nothing_in_quotes_is_refused(text):
    with pytest.raises(UnclearInstruction):
        parse_rules(text)


def test_text_replaced_by_nothing_is_not_written_again(said):
    assert said('replace the text "a" with ""') != ["textual_change - > a"]


def test_the_colour_of_the_letters_is_no_thing(said):
    assert said('add the words "Happy New Year" in gold in the center') == [
        "textual_change - > Happy New Year @center in gold"
    ]
