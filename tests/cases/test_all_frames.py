"""Of an animation the first frame was edited and the others went; now one plan is for all of them, and durations, loop, disposal and pages stay."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from pixwright.cli.app import app
from pixwright.errors import InvalidImage, InvalidOption, TruncatedImage
from pixwright.files import Job, UserPlace, edit_file
from pixwright.media import Limits, load_frames, load_picture, save_plain
from pixwright.media.formats import animation, heif, pngfile
from pixwright.records.region import Region
from pixwright.records.result import Verdict
from pixwright.redoing import redo
from pixwright.sequence import RegionTrack, account, edit_sequence
from pixwright.systems import local

SYSTEM = local()
COFFEE = Image.open(Path(__file__).parents[2] / "examples" / "coffee.png").convert("RGB").resize((420, 280))
WORDS = "make it black and white"
DURATIONS = [40, 80, 120, 300]


def pan(count=4, step=8):
    """A camera that moves over a still life."""
    return [COFFEE.crop((step * k, 4 * k, step * k + 240, 4 * k + 180)) for k in range(count)]


def animated(path, frames=None, **options):
    frames = frames or pan()
    frames[0].save(path, save_all=True, append_images=frames[1:], **({"duration": DURATIONS, "loop": 3} | options))
    return path


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_every_frame_is_edited_and_nothing_else_changes(ending, tmp_path):
    options = {"lossless": True} if ending == "webp" else {}
    frames = [image.quantize(64) for image in pan()] if ending == "gif" else None
    source = animated(tmp_path / f"a.{ending}", frames, **options)
    mask = np.zeros((180, 240), np.uint8)
    mask[40:120, 60:160] = 255
    save_plain(mask, tmp_path / "m.png")
    done = edit_file(Job(source, WORDS, place=UserPlace(mask=tmp_path / "m.png")), SYSTEM)
    was, now = list(load_frames(source)), list(load_frames(done.output))
    assert [one.milliseconds for one in now] == DURATIONS == [one.milliseconds for one in was]
    assert load_frames(done.output).plays == 3 and [one.disposal for one in now] == [one.disposal for one in was]
    for one, two in zip(was, now, strict=True):
        a, b = one.picture.pixels[..., :3].astype(int), two.picture.pixels[..., :3].astype(int)
        assert np.ptp(b[60:100, 80:140], axis=2).max() <= (2 if ending != "gif" else 40), "grey inside"
        assert np.array_equal(a[mask == 0], b[mask == 0])
    report = done.result.report
    assert report.verdict is Verdict.DONE and report.file_outside_max_difference == 0
    assert any("all 4 frames" in note for note in done.notes) and not any("frame 1 of" in note for note in done.notes)
    again, same, why = redo(done.output, given=(tmp_path / "m.png",))
    assert same, why


def test_an_avif_sequence_is_edited_whole_and_can_become_another_animation(tmp_path):
    source = animated(tmp_path / "a.avif", quality=100, subsampling="4:4:4", loop=None)
    mask = np.zeros((*Image.open(source).size[::-1],), np.uint8)
    mask[40:120, 60:160] = 255
    Image.fromarray(mask).save(tmp_path / "m.png")
    for ending, most in (("avif", 2), ("webp", 0)):
        done = edit_file(Job(source, WORDS, tmp_path / f"o.{ending}", place=UserPlace(mask=tmp_path / "m.png")), SYSTEM)
        was, now = list(load_frames(source)), list(load_frames(done.output))
        assert [one.milliseconds for one in now] == DURATIONS and load_frames(done.output).plays == 0
        for one, two in zip(was, now, strict=True):
            away = np.abs(one.picture.pixels.astype(int) - two.picture.pixels[..., :3])
            away[40:120, 60:160] = 0
            assert away.max() <= most
            assert np.ptp(two.picture.pixels[60:100, 80:140, :3].astype(int), axis=2).max() <= 4, "grey inside"
        assert any("the AVIF was lossy" in note for note in done.notes)
        assert done.result.report.file_outside_max_difference <= most
    gif = animated(tmp_path / "b.gif", [image.quantize(64) for image in pan()])
    done = edit_file(Job(gif, WORDS, tmp_path / "c.avif"), SYSTEM)
    assert any("3 times is not kept" in note for note in done.notes)


def test_frames_that_look_alike_are_not_joined(tmp_path):
    """Other writers make one of them, and a shorter file that plays otherwise."""
    still = [animation.Still(_png(pan(1)[0]), 100) for _ in range(3)]
    path = tmp_path / "a.png"
    path.write_bytes(animation.apng(still, 0))
    assert load_frames(path).count == 3
    for target in ("o.png", "o.webp", "o.gif"):
        done = edit_file(Job(path, WORDS, tmp_path / target), SYSTEM)
        frames = load_frames(done.output)
        assert (frames.count, frames.plays) == (3, 0)
        assert [one.milliseconds for one in frames] == [100] * 3


def _png(image):
    held = io.BytesIO()
    image.convert("RGBA").save(held, "PNG")
    return held.getvalue()


def test_each_frame_of_a_gif_keeps_its_own_colours(tmp_path):
    """A palette of 200 colours a frame, other ones in each: no edit outside a box, no change outside it."""
    frames = [image.quantize(200) for image in pan(3)]
    source = animated(tmp_path / "a.gif", frames, duration=50, disposal=2)
    done = edit_file(Job(source, "make it pure red", place=UserPlace(box="10,10,60,60")), SYSTEM)
    assert done.output is not None
    for one, two in zip(load_frames(source), load_frames(done.output), strict=True):
        outside = np.ones((180, 240), bool)
        outside[10:60, 10:60] = False
        assert np.array_equal(one.picture.pixels[..., :3][outside], two.picture.pixels[..., :3][outside])
        assert two.disposal == 2
    assert done.result.report.file_outside_max_difference == 0


def test_transparency_of_an_animation_stays_and_can_be_made(tmp_path):
    hole = np.full((180, 240), 255, np.uint8)
    hole[:30] = 0
    frames = []
    for image in pan(3):
        image = image.convert("RGBA")
        image.putalpha(Image.fromarray(hole))
        frames.append(image)
    source = animated(tmp_path / "a.webp", frames, duration=50, lossless=True)
    done = edit_file(Job(source, WORDS), SYSTEM)
    for one in load_frames(done.output):
        assert np.array_equal(one.picture.pixels[..., 3], hole)
    other = edit_file(Job(source, WORDS, tmp_path / "o.gif"), SYSTEM)
    assert [one.disposal for one in load_frames(other.output)] == [2, 2, 2]
    for one in load_frames(other.output):
        assert np.array_equal(one.picture.pixels[..., 3], hole)


def test_pages_keep_their_kind_size_and_resolution(tmp_path):
    pages = [pan(1)[0], pan(2)[1].convert("L").resize((200, 160)), pan(3)[2].convert("1")]
    source = tmp_path / "a.tif"
    pages[0].save(source, save_all=True, append_images=pages[1:], compression="tiff_lzw", dpi=(300, 300))
    done = edit_file(Job(source, "flip the picture"), SYSTEM)
    was, now = list(load_frames(source)), list(load_frames(done.output))
    assert [one.picture.size for one in now] == [(180, 240), (160, 200), (180, 240)]
    assert [one.picture.source.kind.value for one in now] == ["RGB", "L", "1"]
    for one, two in zip(was, now, strict=True):
        a, b = one.picture.source, two.picture.source
        assert np.array_equal(b.native, a.native[:, ::-1]) and (b.dpi, b.compression) == (a.dpi, a.compression)
    _, same, why = redo(done.output)
    assert same, why
    with pytest.raises(InvalidOption, match="another size"):
        edit_file(Job(source, WORDS, tmp_path / "b.tif", place=UserPlace(box="10,10,60,60")), SYSTEM)
    assert not (tmp_path / "b.tif").exists()


def test_one_frame_alone(tmp_path):
    source, out = animated(tmp_path / "a.gif"), tmp_path / "o.png"
    run = CliRunner()
    done = run.invoke(app, ["edit", str(source), WORDS, "--frame", "3", "-o", str(out)])
    assert done.exit_code == 0 and load_frames(out).count == 1
    third = list(load_frames(source))[2].picture.pixels[..., :3]
    grey = cv2.cvtColor(np.ascontiguousarray(third), cv2.COLOR_RGB2GRAY).astype(int)
    assert np.abs(load_picture(out).pixels[..., 0].astype(int) - grey).mean() < 12
    assert "identical" in run.invoke(app, ["redo", str(out), "-o", str(tmp_path / "again.png")]).output
    first = run.invoke(app, ["edit", str(source), WORDS, "--first-frame", "-o", str(tmp_path / "first.jpg")])
    assert first.exit_code == 0
    assert "no frame 9" in str(run.invoke(app, ["edit", str(source), WORDS, "--frame", "9"]).exception)
    lost = run.invoke(app, ["edit", str(source), WORDS, "-o", str(tmp_path / "all.jpg")])
    assert "--frame" in str(lost.exception) and not (tmp_path / "all.jpg").exists()


@pytest.mark.parametrize("ending", ["gif", "webp", "png", "tif"])
def test_half_of_an_animation_is_a_typed_error(ending, tmp_path):
    if ending == "tif":
        frames = pan()
        frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
        data = (tmp_path / "a.tif").read_bytes()
    else:
        data = animated(tmp_path / f"a.{ending}").read_bytes()
    broken = 0
    for share in (0.3, 0.55, 0.8, 0.97):
        part = data[: int(share * len(data))]
        try:
            seen = len(list(load_frames(part)))
        except (TruncatedImage, InvalidImage):
            broken += 1
        else:  # a format that does not say how many there are may end between two
            assert ending in ("gif", "tif") and seen < 4
    assert broken >= 2


def test_too_many_frames_are_refused_at_once(tmp_path):
    source = animated(tmp_path / "a.gif")
    with pytest.raises(Exception, match="over 3 frames"):
        load_frames(source, limits=Limits(max_frames=3))


def test_what_a_phrase_names_is_followed():
    big = np.random.default_rng(1).integers(0, 255, (60, 80, 3)).astype(np.uint8)
    big = cv2.GaussianBlur(cv2.resize(big, (320, 240)), (0, 0), 2)
    mask = np.zeros((240, 320), np.uint8)
    mask[80:140, 100:180] = 255
    region = Region(mask, ((100, 80, 180, 140),), 1.0, "cup", labels=(mask > 0).astype(np.uint8))
    track, before = RegionTrack((region, Region(mask, ((100, 80, 180, 140),), 1.0, "", "user"))), big
    for number in range(1, 9):
        after = np.roll(big, (2 * number, 3 * number), (0, 1))
        thing, other = track.follow(before, after)
        before = after
        assert other is None and not track.lost
        wanted = np.roll(mask, (2 * number, 3 * number), (0, 1)) > 0
        both = ((thing.mask > 127) & wanted).sum() / ((thing.mask > 127) | wanted).sum()
        assert both > 0.93 and max(np.abs(np.subtract(thing.boxes[0], _box(wanted)))) <= 4
    cut = 255 - big
    assert track.follow(before, cut)[0] is None and track.lost, "another scene: it must be found again"
    assert track.follow(cut, cut)[0] is None


def _box(wanted):
    rows, columns = np.flatnonzero(wanted.any(1)), np.flatnonzero(wanted.any(0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def test_a_surface_changes_alike_in_every_frame(tmp_path):
    from pixwright.flow import Request
    from pixwright.records.instruction import Instruction

    frames = [np.asarray(image) for image in pan(4, 6)]
    results = list(edit_sequence(frames, Request(Instruction("make the cup blue")), SYSTEM))
    shares = [one.report.changed_fraction for one in results]
    assert len(results) == 4 and max(shares) < 1.25 * min(shares), "what is meant of a thing does not flicker"
    same = list(edit_sequence([frames[0], frames[0]], Request(Instruction(WORDS)), SYSTEM))
    assert same[0] is same[1], "a frame that equals the one before is not edited again"


def test_the_account_names_frames_where_a_step_was_not_done():
    frames = [np.asarray(pan(1)[0]), np.full((180, 240, 3), 90, np.uint8)]
    from pixwright.flow import Request
    from pixwright.records.instruction import Instruction

    results = list(edit_sequence(frames, Request(Instruction("make the cup blue")), SYSTEM))
    whole = account([one.report for one in results])
    assert whole.verdict is Verdict.PARTLY and "not done in 1 of 2 frames (2)" in whole.reasons[0] and not whole.missed


def test_png_frames_have_one_kind():
    data = animation.apng([animation.Still(_png(image), 40) for image in pan(2)], 5)
    names = [name for name, _ in pngfile.chunks(data)]
    assert names[:2] == [b"IHDR", b"acTL"] and names.count(b"fcTL") == 2


def test_a_sequence_holds_no_time_of_day():
    """libavif writes when a sequence was made: the same edit a second later would be another file, and `redo` would say so."""
    held = io.BytesIO()
    first, second = pan(2)
    first.save(held, "AVIF", save_all=True, append_images=[second])
    bare = heif.without_times(held.getvalue())
    assert len(bare) == len(held.getvalue()) and bare != held.getvalue()
    for name in (b"mvhd", b"tkhd", b"mdhd"):
        at = bare.index(name) + len(name)
        assert bare[at] == 1 and not any(bare[at + 4 : at + 20])
    with Image.open(io.BytesIO(bare)) as image:
        assert image.n_frames == 2
