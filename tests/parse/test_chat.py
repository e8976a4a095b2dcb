"""What people type in a chat: fillers, doubled words, arrows, complaints; and that none of it needs a network."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pixwright.parse.chat import plainly, spelt_out
from pixwright.parse.tokens import spell_out, tokenise


def said_plainly(text):
    return spell_out(plainly(tokenise(spelt_out(text))))


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("um so like can you uh remove the the cat", "so can you remove the cat"),
        ("make the dog bigger i guess", "make the dog bigger"),
        ("make it warmer but not too much", "make it warmer a bit"),
        ("not so bright", "less bright"),
        ("too much contrast", "less contrast"),
        ("not enough contrast", "more contrast"),
        ("only keep the man", "keep only the man"),
        ("i only want to see the pencil", "keep only the pencil"),
        ("just the dog please", "keep only the dog please"),
        ("crop to just the dog", "crop to the dog"),
        ("crop to the dog only", "crop to the dog"),
        ("change the car too green", "change the car to green"),
        ("car -> red", "change the car to red"),
        ("sky: sunset", "change the sky to sunset"),
    ],
)
def test_chat_is_said_plainly(typed, plain):
    assert said_plainly(typed) == plain


@pytest.mark.parametrize(
    "typed",
    [
        "make it look like a painting",
        "make the cup and the saucer blue",
        "it is too green",
        "background: white",
        "a hat for the man, and one for the boy",
    ],
)
def test_what_is_plain_stays_as_it_is(typed):
    assert said_plainly(typed) == spell_out(tokenise(typed))


def test_quoted_words_are_never_touched():
    assert [t.text for t in plainly(tokenise('write "um the the" on the sign'))][1] == "um the the"


@pytest.mark.parametrize(
    ("typed", "step"),
    [
        ("hey can someone take out the trash can on the right? thanks!!", "remove trash can on the right"),
        ("polka dot dress please", "appearance_alter dress > polka dot"),
        ("bluer sky", "color_alter sky > blue"),
        ("whiten her teeth", "color_alter her teeth > white"),
        ("make it pop", "tone_transfer - > vivid"),
        ("grayscale everything but her lips", "tone_transfer - > black and white but her lips"),
        ("censor the face", "tone_transfer face > blur 0.6 strength"),
        ("light the candle", "appearance_alter candle > glowing"),
        ("add the text happy birthday at the top", "textual_change - > happy birthday @top"),
        ("add some bokeh", "background_change - > blurred"),
        ("rotate a bit to the left", "rotation_change - -15 degrees"),
        ("make it portrait format", "resize - > crop 2:3"),
        ("remvoe the dgo", "remove dog"),
        ("can u make teh backgroud blury", "background_change - > blurred"),
    ],
)
def test_it_is_read(typed, step, said):
    assert said(typed) == [step]


def test_a_thing_is_lit_only_where_it_gives_light(said):
    assert said("turn on the lamp") == ["appearance_alter lamp > glowing"]
    with pytest.raises(ValueError, match="did not understand"):
        said("turn on the chair")


def test_no_network_is_loaded_for_what_the_grammar_reads():
    code = (
        "import sys, numpy as np\n"
        "from pixwright.encoders.bundle import Encoders\n"
        "from pixwright.parse import parse\n"
        "from pixwright.records.instruction import Instruction\n"
        "for words in ('make the car red', 'put me on a beach', 'make the sky more dramatic', 'crop to the product'):\n"
        "    parse(Instruction(words), np.zeros((8, 8, 3), np.uint8), Encoders(), use_llm=False)\n"
        "print(*({'onnxruntime', 'tokenizers', 'pixwright.parse.implicit'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
