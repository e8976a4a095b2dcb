"""What became of a JPEG's blocks: a crop, a turn or a flip coded all of them anew and reported nothing; now they are moved, and the share that is kept is measured."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from pixwright.canvas import Canvas, Tried
from pixwright.cli.app import app
from pixwright.edit import dispatch
from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.media import grid_of, load_picture, save_picture
from pixwright.media.formats import pngfile
from pixwright.media.picture import Kind
from pixwright.records.kind import EditType
from pixwright.records.placement import UNMOVED, CanvasPlacement, Grid, both, inverse, turn_between, turned, unturned
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.region import whole
from pixwright.records.result import StepReport, Verdict

COFFEE = Image.open(Path(__file__).parents[2] / "examples" / "coffee.png").convert("RGB")


def jpeg(width, height, orientation=1, mode="RGB", **options):
    held, exif = io.BytesIO(), Image.Exif()
    if orientation != 1:
        exif[0x0112] = orientation
    COFFEE.resize((width, height)).convert(mode).save(held, "JPEG", **({"quality": 88, "exif": exif} | options))
    return load_picture(held.getvalue())


def edited(picture, placement, size):
    """What an edit that only moves pixels would show: the input on its canvas, black where there was nothing."""
    whole_picture = turned(picture.pixels, placement.orientation)
    canvas = np.zeros((*size, 3), np.uint8)
    x0, y0, x1, y1 = placement.box(picture.size)
    rows, columns = slice(max(0, y0), min(size[0], y1)), slice(max(0, x0), min(size[1], x1))
    canvas[rows, columns] = whole_picture[rows.start - y0 : rows.stop - y0, columns.start - x0 : columns.stop - x0]
    return canvas


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("stored", [1, 3, 6, 7])
@pytest.mark.parametrize("turn", range(2, 9))
def test_a_turn_keeps_every_block(turn, stored, subsampling, tmp_path):
    picture = jpeg(96, 64, stored, subsampling=subsampling)
    placement = UNMOVED.turned(turn, picture.size, picture.size)
    after = edited(picture, placement, placement.turned_size(picture.size))
    saved = save_picture(after, picture, tmp_path / "out.jpg", placement=placement)
    assert saved.blocks_kept == 1 and not saved.notes
    now = load_picture(saved.path)
    assert now.size == after.shape[:2] and now.source.orientation == (1 if stored == 1 else both(stored, turn))
    off = np.abs(now.pixels.astype(int) - after)
    assert off.max() <= (0 if stored != 1 else 8), "only what a decoder rounds"


@pytest.mark.parametrize("stored", [1, 2, 6, 8])
def test_a_crop_on_the_grid_keeps_every_block(stored, tmp_path):
    picture = jpeg(1200, 808, stored)
    grid, (height, width) = grid_of(picture), picture.size
    x0, y0, x1, y1 = grid.box((100, 101, 700, 601), height, width)
    assert (x1 - x0, y1 - y0) == (600, 500) and max(abs(x0 - 100), abs(y0 - 101)) <= 8
    placement = CanvasPlacement(1, -x0, -y0)
    after = edited(picture, placement, (500, 600))
    saved = save_picture(after, picture, tmp_path / "out.jpg", placement=placement)
    assert saved.blocks_kept == 1 and not saved.notes
    inner = np.s_[1:-1, 1:-1]  # a decoder mixes colour over the border of what is cut off
    assert np.array_equal(load_picture(saved.path).pixels[inner], after[inner])


@pytest.mark.parametrize("stored", [1, 6])
def test_an_extension_keeps_the_old_blocks(stored, tmp_path):
    picture = jpeg(1200, 800, stored, subsampling=0)
    height, width = picture.size
    _, _, left, right = sides = grid_of(picture).added((0, 0, 301, 0), height, width)
    assert left == (304 if stored == 1 else 301) and sides == (0, 0, left, right)
    placement = CanvasPlacement(1, left, 0)
    saved = save_picture(
        edited(picture, placement, (height, width + left)), picture, tmp_path / "o.jpg", placement=placement
    )
    assert saved.blocks_kept == pytest.approx(width / (width + left), abs=0.005)
    assert np.array_equal(load_picture(saved.path).pixels[:, left:], picture.pixels)


def test_what_cannot_be_moved_by_blocks_says_so(tmp_path):
    picture = jpeg(100, 60)
    placement = UNMOVED.turned(2, picture.size, picture.size)
    saved = save_picture(picture.pixels[:, ::-1].copy(), picture, tmp_path / "out.jpg", placement=placement)
    assert saved.blocks_kept == 0 and "blocks would not lie" in saved.notes[0]
    other = save_picture(np.ascontiguousarray(picture.pixels[::2, ::2]), picture, tmp_path / "half.jpg")
    assert other.blocks_kept == 0 and "another size" in other.notes[0]


@pytest.mark.parametrize(("mode", "why"), [("L", "it was L and is now RGB"), ("CMYK", "it is CMYK")])
def test_grey_and_press_colours_say_that_they_are_coded_anew(mode, why, tmp_path):
    picture = jpeg(96, 64, mode=mode)
    after = picture.pixels.copy()
    after[:8, :8] = (200, 30, 30)
    saved = save_picture(after, picture, tmp_path / "out.jpg")
    assert saved.blocks_kept == 0 and any(why in note for note in saved.notes)


def test_other_formats_keep_their_own_samples_when_they_are_moved(tmp_path):
    """A crop of a 16-bit picture was written with 8 bits of truth."""
    deep = np.random.default_rng(5).integers(0, 65_536, (40, 50, 3), dtype=np.uint16)
    picture = load_picture(pngfile.encode_deep(deep, Kind.RGB_16))
    placement = UNMOVED.turned(6, picture.size, picture.size).moved(-7, 4)
    size = (60, 30)
    saved = save_picture(edited(picture, placement, size), picture, tmp_path / "out.png", placement=placement)
    now = load_picture(saved.path).source
    assert now.kind is Kind.RGB_16 and np.array_equal(now.native[4:54], turned(deep, 6)[:, 7:37])
    assert not now.native[:4].any() and not now.native[54:].any()
    held = io.BytesIO()
    COFFEE.resize((50, 40)).quantize(40).save(held, "PNG")
    flat = load_picture(held.getvalue())
    crop = CanvasPlacement(1, -10, -10)
    saved = save_picture(edited(flat, crop, (20, 20)), flat, tmp_path / "crop.png", placement=crop)
    assert saved.mode == "P" and np.array_equal(
        load_picture(saved.path).source.native, flat.source.native[10:30, 10:30]
    )


def test_turns_are_a_group():
    cells = np.arange(12).reshape(3, 4)
    for first in range(1, 9):
        assert np.array_equal(unturned(turned(cells, first), first), cells) and both(first, inverse(first)) == 1
        assert turn_between(cells, turned(cells, first)) == first
        for then in range(1, 9):
            assert np.array_equal(turned(cells, both(first, then)), turned(turned(cells, first), then))
    assert turn_between(cells, cells + 1) is None


def test_a_grid_never_moves_an_edge_far():
    assert Grid(16, 16).box((5, 5, 60, 60), 90, 90) == (5, 5, 60, 60), "a small picture is cropped as was asked"
    assert Grid(16, 8, from_right=True).added((0, 0, 100, 100), 900, 900) == (0, 0, 100, 96)


def test_the_canvas_knows_where_the_inputs_pixels_lie():
    pixels = np.asarray(COFFEE.resize((96, 64)))
    canvas, context = Canvas(pixels, None, None), Context(0, None, None)
    painted = np.zeros((64, 96), np.uint8)
    painted[10:20, 30:50] = 255

    def take(step):
        proposal = dispatch.edit(canvas.picture, step, whole(*canvas.picture.shape[:2]), context)
        after, mask = composite(canvas.picture, proposal, None)
        report = StepReport(type=step.type, verdict=Verdict.DONE)
        canvas.take(step, Tried(whole(*after.shape[:2]), context, proposal, after, mask, report, ""), ())
        return canvas._laid

    canvas._laid = type(canvas._laid)(UNMOVED, painted)
    crop = take(
        Step(type=EditType.RESIZE, instruction="crop", value="crop", amount=Amount(value=25, unit=Unit.PERCENT))
    )
    assert crop.placement == CanvasPlacement(1, -12, -8) and np.array_equal(crop.edited, painted[8:56, 12:84])
    quarter = take(Step(type=EditType.ROTATION_CHANGE, instruction="turn", amount=Amount(value=90, unit=Unit.DEGREES)))
    kept = quarter.kept((64, 96))
    assert quarter.placement.orientation == 6 and kept.shape == (72, 48) and kept.sum() == 72 * 48 - 200
    mirrored = take(Step(type=EditType.ROTATION_CHANGE, instruction="flip", value="flip horizontal"))
    assert mirrored.placement.orientation == both(6, 2)
    laid = edited(load_pixels(pixels), mirrored.placement, canvas.picture.shape[:2])
    assert np.array_equal(laid, canvas.picture), "the placement says how the picture came of the input"
    smaller = take(Step(type=EditType.RESIZE, instruction="half", amount=Amount(value=0.5, unit=Unit.FACTOR)))
    assert smaller is None


def load_pixels(pixels):
    held = io.BytesIO()
    Image.fromarray(pixels).save(held, "PNG")
    return load_picture(held.getvalue())


def test_the_command_says_what_is_true_of_the_file(tmp_path):
    COFFEE.resize((320, 240)).save(tmp_path / "p.jpg", quality=85)
    run = CliRunner()
    done = run.invoke(app, ["edit", str(tmp_path / "p.jpg"), "rotate the picture by 90 degrees"])
    assert done.exit_code == 0 and "all of the JPEG's blocks are the input's own" in done.output
    largest = re.search(r"outside the edit (\d+)", done.output)
    was, now = load_picture(tmp_path / "p.jpg"), load_picture(tmp_path / "p-edited.jpg")
    truth = np.abs(now.source.native.astype(int) - turned(was.source.native, 6)).max()
    assert largest and int(largest[1]) == truth <= 8
