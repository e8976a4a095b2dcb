"""Every part in the layout of its published export: tiny random networks of transformers' own classes against the same classes run by torch, and its processors for what they are shown."""

from __future__ import annotations

import numpy as np
import pytest
from parts_store import stored

from pixwright.encoders.heads import unit
from pixwright.encoders.parts import clip, clipseg, depth_anything, grounding_dino, sam
from pixwright.encoders.parts.opened import shown
from pixwright.encoders.published import CLIP_MEAN, CLIP_STD, IMAGENET_MEAN, IMAGENET_STD
from pixwright.errors import PartFailed

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
from tiny_parts import WORDS, made  # noqa: E402

CLOSE = 2e-3
"""Between onnxruntime and torch, on outputs of the order of 1."""
ALIKE = 0.06
"""Mean difference, in deviations, of two ways of making a picture smaller."""


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIXWRIGHT_HOME", str(folder))
        stored(folder, kind="random")
        yield folder


@pytest.fixture(scope="module")
def picture():
    y, x = np.mgrid[:150, :200]
    return np.stack([x * 255 / 200, y * 255 / 150, 120 + 100 * np.sin(x / 15) * np.cos(y / 11)], 2).astype(np.uint8)


def run(network, **given):
    with torch.no_grad():
        return network(**{name: torch.from_numpy(np.asarray(value)) for name, value in given.items()})


def mean_difference(ours, theirs):
    assert ours.shape == theirs.shape and ours.dtype == np.float32
    return float(np.abs(ours - theirs).mean())


def plainly_best(told):
    """The mask that a decoder is surest of. It is so by more than two libraries differ, and the masks are unlike each other; else the test would say nothing, or anything."""
    sure, masks = told.iou_scores[0, 0], told.pred_masks[0, 0]
    second, best = sure.argsort()[-2:].tolist()
    assert sure[best] - sure[second] > 2 * CLOSE and (masks[best] - masks[second]).abs().max() / sam.RAMP > 5 * CLOSE
    return best


def test_pictures_are_prepared_as_the_librarys_processors_do(picture):
    square = {"height": 96, "width": 96}
    dino = transformers.GroundingDinoImageProcessor(size=square)(images=picture, return_tensors="np")
    assert mean_difference(shown(picture, 96, 96, IMAGENET_MEAN, IMAGENET_STD), dino["pixel_values"]) < ALIKE
    # SAM 2's own processor wants torchvision; it is this one with these numbers (Sam2ImageProcessor: size, image_mean, image_std).
    vit = transformers.ViTImageProcessor(size=square, image_mean=IMAGENET_MEAN, image_std=IMAGENET_STD)
    assert (
        mean_difference(
            shown(picture, 96, 96, IMAGENET_MEAN, IMAGENET_STD),
            vit(images=picture, return_tensors="np")["pixel_values"],
        )
        < ALIKE
    )


def test_slimsam_pads_as_the_librarys_processor_does(picture):
    kept = []
    encoder = type(
        "Encoder",
        (),
        {
            "size": lambda *_: (64, 64),
            "run": lambda _, names, feeds: kept.append(feeds) or [np.zeros((1, 1, 1, 1))] * 2,
        },
    )()
    looked = sam.SlimSam(encoder, None).look(picture)
    theirs = transformers.SamImageProcessor(size={"longest_edge": 64}, pad_size={"height": 64, "width": 64})(
        images=picture, return_tensors="np"
    )
    assert mean_difference(kept[0]["pixel_values"], theirs["pixel_values"]) < ALIKE
    assert looked.used == (48 / 64, 1.0) and looked.scale == (64 / 200, 48 / 150)


@pytest.mark.parametrize("shape", [(900, 1200), (1400, 700), (300, 200), (518, 518)])
def test_depth_is_shown_at_the_librarys_size(shape):
    size = {"height": 518, "width": 518}
    prepared = transformers.DPTImageProcessor(size=size, keep_aspect_ratio=True, ensure_multiple_of=14)
    theirs = prepared(images=np.zeros((*shape, 3), np.uint8), return_tensors="np")["pixel_values"]
    assert depth_anything.shown_size(*shape) == theirs.shape[2:]


def test_grounding_dino(picture, monkeypatch):
    for name, value in (("BOX", 0.0), ("TEXT", 0.0), ("SAME", 1.0)):
        monkeypatch.setattr(grounding_dino, name, value)
    found = grounding_dino.GroundingDino.load("grounding-dino-tiny-onnx").find(picture, ["red ball", "dog"])
    ids = [[WORDS.index(word) for word in "[CLS] red ball . dog . [SEP]".split()]]
    ones = np.ones((1, 7), np.int64)
    told = run(
        made("dino"), pixel_values=shown(picture, 96, 96, IMAGENET_MEAN, IMAGENET_STD), input_ids=ids, token_type_ids=0 * ones,
        attention_mask=ones, pixel_mask=np.ones((1, 96, 96), np.int64),
    )  # fmt: skip
    odds = told.logits.sigmoid()[0].numpy()
    for boxes, tokens in zip(found, ([1, 2], [4]), strict=True):
        order = np.argsort(-odds[:, tokens].mean(1))
        assert np.allclose([each.score for each in boxes], odds[order][:, tokens].max(1), atol=CLOSE)
        middle, size = np.split(told.pred_boxes[0].numpy()[order], 2, 1)
        wanted = np.clip(np.concatenate([middle - size / 2, middle + size / 2], 1), 0, 1) * [200, 150, 200, 150]
        assert np.allclose([each.box for each in boxes], wanted, atol=0.2)


def test_sam_2_takes_boxes_and_points(picture):
    ours = sam.Sam2.load("sam2.1-tiny-onnx")
    looked = ours.look(picture)
    assert looked.scale == (64 / 200, 64 / 150)
    network = made("sam2")
    pixels = shown(picture, 64, 64, IMAGENET_MEAN, IMAGENET_STD)
    scale = np.array([64 / 200, 64 / 150] * 2, np.float32)
    box = (40.0, 30.0, 150.0, 120.0)
    told = run(
        network,
        pixel_values=pixels,
        input_boxes=(np.array([[box]], np.float32) * scale),
        input_points=np.zeros((1, 1, 1, 2), np.float32),
        input_labels=np.full((1, 1, 1), -1),
    )
    mask, sure = ours.boxes(looked, [box])[0]
    best = plainly_best(told)
    assert np.allclose(mask, sam.soft(told.pred_masks[0, 0, best].numpy(), (1, 1)), atol=CLOSE)
    assert sure == pytest.approx(float(told.iou_scores[0, 0, best].clip(0, 1)), abs=CLOSE)
    at, off = [(60.0, 50.0), (90.0, 70.0)], [(180.0, 140.0)]
    given = np.array([[[*at, *off]]], np.float32) * scale[:2]
    told = run(
        network,
        pixel_values=pixels,
        input_points=given,
        input_labels=np.array([[[1, 1, 0]]]),
        input_boxes=(np.array([[box]], np.float32) * scale),
    )
    mask, _ = ours.points(looked, at, off, lambda: box)
    best = plainly_best(told)
    theirs = sam.soft(told.pred_masks[0, 0, best].numpy(), (1, 1))
    assert mask.shape == theirs.shape and np.allclose(mask, theirs, atol=CLOSE)
    with pytest.raises(PartFailed, match="beside a box"):
        ours.points(looked, at, off, lambda: None)


def test_slimsam_takes_points_and_gives_three_masks(picture):
    ours = sam.SlimSam.load("slimsam-onnx")
    looked = ours.look(picture)
    network = made("sam1")
    ratio = 64 / 200
    square = np.zeros((1, 3, 64, 64), np.float32)
    square[..., :48, :] = shown(picture, 48, 64, IMAGENET_MEAN, IMAGENET_STD)
    told = run(
        network,
        pixel_values=square,
        input_points=np.array([[[[100 * ratio, 60 * 48 / 150]]]], np.float32),
        input_labels=np.ones((1, 1, 1), np.int64),
    )
    best = plainly_best(told)
    mask, _ = ours.points(looked, [(100.0, 60.0)], [], lambda: pytest.fail("it needs no box"))
    theirs = told.pred_masks[0, 0, best].numpy()
    assert mask.shape == (round(theirs.shape[0] * 0.75), theirs.shape[1])
    assert np.allclose(mask, sam.soft(theirs, (0.75, 1.0)), atol=CLOSE)
    ((boxed, _),) = ours.boxes(looked, [(60.0, 20.0, 140.0, 100.0)])
    choices = [sam.soft(one, (0.75, 1.0)) for one in told.pred_masks[0, 0].numpy()]
    assert any(np.allclose(boxed, one, atol=CLOSE) for one in choices)


def test_clipseg(picture):
    ids = np.array([[1, 7, 9, 2]])
    told = run(
        made("clipseg"),
        input_ids=ids,
        attention_mask=np.ones_like(ids),
        pixel_values=shown(picture, 32, 32, IMAGENET_MEAN, IMAGENET_STD),
    )
    ours = clipseg.ClipSeg.load("clipseg-onnx").mask(picture, "red ball")
    assert ours.shape == (32, 32) and np.allclose(ours, told.logits.sigmoid().numpy().reshape(32, 32), atol=CLOSE)


def test_clip(picture):
    ours, network = clip.ClipTowers.load("clip-vit-base-patch32-onnx"), made("clip")
    texts = [[1, 12, 7, 9, 2], [1, 6, 2, 2, 2]]
    told = run(network.text_model, input_ids=np.array(texts)).pooler_output
    wanted = unit(network.text_projection(told).detach().numpy())
    assert np.allclose(ours.text(["a red ball", "dog"]), wanted, atol=CLOSE)
    prepared = transformers.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    pixels = prepared(images=picture, return_tensors="np")["pixel_values"]
    middle = np.ascontiguousarray(picture[:, 25:175])
    assert mean_difference(shown(middle, 32, 32, CLIP_MEAN, CLIP_STD), pixels) < ALIKE
    theirs = unit(
        network.visual_projection(run(network.vision_model, pixel_values=pixels).pooler_output).detach().numpy()
    )[0]
    assert float(ours.picture(picture) @ theirs) > 0.99


def test_depth_anything(picture, monkeypatch):
    rows, columns = 70, 84  # the size that the tiny export was traced at
    monkeypatch.setattr(depth_anything, "shown_size", lambda *_: (rows, columns))
    told = (
        run(made("depth"), pixel_values=shown(picture, rows, columns, IMAGENET_MEAN, IMAGENET_STD))
        .predicted_depth[0]
        .numpy()
    )
    ours = depth_anything.DepthAnything.load("depth-anything-v2-small-onnx").near(picture)
    assert ours.shape == told.shape and ours.min() == 0 and ours.max() == 1
    assert np.allclose(ours, (told - told.min()) / (told.max() - told.min()), atol=0.01)
