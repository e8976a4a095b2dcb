"""The system `instructany2pix` from file to file: what it promises, with and without a language model, and what bad input becomes."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from PIL import Image
from skimage import data

from pixwright import systems
from pixwright.build.music.listing import play
from pixwright.encoders.bundle import Encoders
from pixwright.errors import (
    InvalidAttachment,
    InvalidOption,
    InvalidSound,
    SilentSound,
    UnclearInstruction,
    WeightsCorrupt,
)
from pixwright.files import Job, UserPlace, edit_file
from pixwright.flow import Request, edit_picture
from pixwright.media import load_attachment
from pixwright.records.instruction import Instruction, PictureAttachment, SoundAttachment
from pixwright.records.kind import EditType
from pixwright.records.result import Verdict
from pixwright.redoing import redo
from pixwright.systems.instructany2pix import shares_from
from pixwright.weights.store import expected_digest

COFFEE = np.ascontiguousarray(data.coffee()[::3, ::3])
NO_MODEL = {"language": "no"}


@pytest.fixture(scope="module")
def system():
    return systems.build("instructany2pix", Encoders(), NO_MODEL)


@pytest.fixture(scope="module")
def ball():
    pixels = np.zeros((80, 80, 4), np.uint8)
    rows, columns = np.mgrid[:80, :80]
    pixels[np.hypot(rows - 40, columns - 40) < 36] = (210, 30, 160, 255)
    return PictureAttachment("ball.png", pixels)


@pytest.fixture(scope="module")
def song():
    return SoundAttachment("song.ogg", *play("happy-00"))


def edited(system, words, *attachments, picture=COFFEE, **more):
    return edit_picture(picture, Request(Instruction(words, attachments), **more), system)


def test_a_thing_and_a_mood_in_one_instruction(system, ball, song):
    result = edited(system, "add [1] and fit the mood of [2]", ball, song)
    assert [step.type for step in result.plan.steps] == [EditType.VISUAL_REFERENCE, EditType.STYLE_TRANSFER]
    assert result.report.steps[1].verdict is Verdict.DONE
    said = " ".join(result.notes)
    assert "no language model was asked" in said and "look" in said
    assert {"style-predict", "style-transform", "musicnn-mtt"} <= set(result.report.weights)


def test_the_same_seed_is_the_same_picture_and_another_is_a_variation(system, song):
    first, again, other = (
        edited(system, "modify the design of the picture based on [1]", song, seed=seed) for seed in (0, 0, 3)
    )
    assert np.array_equal(first.picture, again.picture) and not np.array_equal(first.picture, other.picture)


def test_outside_of_a_region_every_pixel_is_exact(system, song, tmp_path):
    Image.fromarray(COFFEE).save(tmp_path / "coffee.png")
    soundfile.write(tmp_path / "song.wav", song.samples, song.rate)
    job = Job(
        tmp_path / "coffee.png",
        "fit the picture to [1]",
        attachments=(tmp_path / "song.wav",),
        place=UserPlace(box="20,20,90,90"),
        system="instructany2pix",
        options=NO_MODEL,
    )
    done = edit_file(job)
    after = np.asarray(Image.open(tmp_path / "coffee-edited.png"))
    outside = np.ones(COFFEE.shape[:2], bool)
    outside[20:90, 20:90] = False
    assert np.array_equal(after[outside], COFFEE[outside]) and not np.array_equal(after, COFFEE)
    assert done.result.report.outside_max_difference == 0
    assert redo(tmp_path / "coffee-edited.png", tmp_path / "again.png")[1], "from its record"


def test_words_without_a_file_have_a_look_and_a_picture_shows_its_own(system):
    words = edited(system, "fit [image:base:a cup] to [audio: upbeat electronic music]")
    lively = ("electronic", "upbeat", "dance", "techno", "party")
    assert words.report.verdict is Verdict.DONE and any(word in words.notes[0] for word in lively)
    paint = PictureAttachment("paint.png", np.ascontiguousarray(data.immunohistochemistry()[::4, ::4]))
    shown = edited(system, "change the picture to the style of [1]", paint)
    assert shown.plan.steps[0].type is EditType.STYLE_TRANSFER and not any(
        "language model" in note for note in shown.notes
    )


def test_bad_input_is_a_typed_error_or_stated(system, ball, song, tmp_path):
    with pytest.raises(InvalidAttachment, match=r"names \[3\], but 2 files"):
        edited(system, "add [3]", ball, song)
    with pytest.raises(UnclearInstruction, match="only English"):
        edited(system, "füge bitte [1] zu diesem Bild hinzu, und zwar unten links", ball)
    more = edited(system, "add [1]", ball, song)
    assert any("[2] 'song.ogg': attached and named nowhere" in note for note in more.notes)
    (tmp_path / "broken.ogg").write_bytes(b"OggS" + bytes(100))
    soundfile.write(tmp_path / "still.wav", np.zeros(16_000), 16_000)
    for name, error in (("broken.ogg", InvalidSound), ("still.wav", SilentSound)):
        with pytest.raises(error, match=name):
            load_attachment(tmp_path / name)


def test_ten_minutes_and_eight_kilohertz_are_heard(system, song, tmp_path):
    low = song.samples[::2]
    soundfile.write(tmp_path / "long.wav", np.resize(low, 600 * 8000), 8000)
    result = edited(system, "fit the picture to [1]", load_attachment(tmp_path / "long.wav"))
    assert result.report.verdict is Verdict.DONE and any("look" in note for note in result.notes)


def test_without_the_language_model_the_report_says_how_to_get_it(song, monkeypatch, tmp_path):
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path))
    bare = systems.build("instructany2pix", Encoders())
    said = " ".join(edited(bare, "fit the picture to [1]", song).notes)
    assert "no language model (" in said and "pixwright models pull smollm2" in said


def test_options_that_cannot_be_are_refused_in_one_line():
    assert shares_from("0.4, 0.6,0.4") == (0.4, 0.6, 0.4)
    for text in ("1", "a,b,c", "0,0,0"):
        with pytest.raises(InvalidOption, match="three numbers"):
            shares_from(text)
    with pytest.raises(InvalidOption, match="needs views=FILE"):
        systems.build("instructany2pix", options={"decoder": "yes"})
    with pytest.raises(InvalidOption, match="alpha"):
        systems.build("instructany2pix", options={"alpha": "2"})


def trained_views(path, heads):
    """A view adapter for the mini denoiser as `mini_decoder` leaves one, untrained."""
    torch = pytest.importorskip("torch")
    from pixwright.models.layouts.views import save_views
    from pixwright.models.open import open_model
    from pixwright.models.options import ModelOptions
    from pixwright.nn.experts import eject
    from pixwright.nn.views import views_for

    unet = open_model(ModelOptions(), Encoders()).unet
    eject(unet)
    torch.manual_seed(0)
    views = views_for(unet, Encoders().aligned.width)
    with torch.no_grad():
        for one in views.parameters():
            one.normal_(std=0.05)
    save_views(path, unet, views, {"trained_on": {"aligned": heads}})
    return path


def test_the_views_that_mini_decoder_leaves_are_taken_and_paint(song, tmp_path):
    file = trained_views(tmp_path / "views.safetensors", expected_digest("aligned"))
    assert file.stat().st_size < 4_000_000
    fast = {**NO_MODEL, "steps": "2", "side": "32"}
    painting = systems.build("instructany2pix", Encoders(), {**fast, "views": str(file)})
    result = edited(painting, "fit the picture to [1]", song)
    assert any("the decoder painted it" in note for note in result.notes)
    kept = edited(systems.build("instructany2pix", Encoders(), fast), "fit the picture to [1]", song)
    assert not np.array_equal(result.picture, kept.picture)
    left_out = systems.build("instructany2pix", Encoders(), {**fast, "views": str(file), "decoder": "no"})
    assert np.array_equal(edited(left_out, "fit the picture to [1]", song).picture, kept.picture)


def test_views_that_learnt_from_other_heads_are_refused_with_what_to_run(song, tmp_path):
    file = trained_views(tmp_path / "old.safetensors", "0" * 64)
    old = systems.build("instructany2pix", Encoders(), {**NO_MODEL, "views": str(file)})
    with pytest.raises(WeightsCorrupt, match="mini_decoder"):
        edited(old, "fit the picture to [1]", song)
