"""Batches: what is missing, what failed, and that nothing is decoded or embedded twice."""

import math
from pathlib import Path

import numpy as np
import pytest
from evaluate_samples import Counting, drawn, noisy
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from pixwright.errors import InvalidOption
from pixwright.evaluate.metrics.backbones import MINI, Backbones, Finder, rows
from pixwright.evaluate.metrics.batch import CaseBatch
from pixwright.evaluate.metrics.contract import Case, Description, Mean
from pixwright.evaluate.metrics.named import B32, DINO, NAMES, SPECS, available, metric
from pixwright.evaluate.metrics.pixelwise import l1
from pixwright.evaluate.metrics.score import score

ABOUT = Description("CLIP-T", True, -1, 1, "", "")


@given(st.lists(st.one_of(st.none(), st.floats(-1, 1))))
def test_the_mean_is_over_what_is_there(values):
    mean = Mean(ABOUT)
    mean.update(values[:2])
    mean.update(values[2:])
    found, there = mean.compute(), [v for v in values if v is not None]
    assert (found.count, found.missing) == (len(there), len(values) - len(there))
    assert found.mean == (pytest.approx(math.fsum(there) / len(there)) if there else None)


@pytest.mark.parametrize("value", [-100, 1.5, math.nan, math.inf])
def test_a_code_for_a_missing_value_is_an_error(value):
    # AnyEdit's evaluator stored -100 for a missing caption and averaged it.
    with pytest.raises(InvalidOption, match="never a code"):
        Mean(ABOUT).update([0.3, value])


def test_a_missing_caption_is_missing():
    backbones = Backbones(given={B32: Counting()})
    cases = [Case("a", drawn(1), drawn(1), caption="a cat"), Case("b", drawn(2), drawn(2))]
    found = score(cases, [metric("CLIP-T", backbones), metric("L1", backbones)], backbones)
    assert found.rows[1].values["CLIP-T"] is None
    assert (found.summary["CLIP-T"].count, found.summary["CLIP-T"].missing) == (1, 1)
    assert found.summary["CLIP-T"].mean == found.rows[0].values["CLIP-T"]
    assert found.summary["L1"].count == 2


def test_a_failed_or_blackened_picture_counts():
    # Skipping what the safety checker blackened raised AnyEdit's means.
    truth = drawn(1)
    backbones = Backbones()
    cases = [Case("good", truth, truth), Case("black", truth * 0, truth), Case("failed", None, truth)]
    found = score(cases, [metric(n, backbones) for n in ("L1", "SSIM", "BRISQUE", "mini-DINO")], backbones)
    assert [row.failed for row in found.rows] == [False, True, True]
    for name in found.summary:
        assert found.rows[1].values[name] == found.rows[2].values[name]
        assert (found.summary[name].count, found.summary[name].failed) == (3, 2)
    assert found.summary["L1"].mean == pytest.approx(2 * l1(truth * 0, truth) / 3)
    assert found.summary["mini-DINO"].mean < 0.9


def test_a_black_truth_is_no_failure():
    black = np.zeros((32, 32, 3), np.uint8)
    assert CaseBatch([Case("a", black, black)], Backbones()).failed == [False]


def test_each_file_is_decoded_and_embedded_once(tmp_path, monkeypatch):
    from pixwright.media import load

    for n in range(4):
        Image.fromarray(drawn(n)).save(tmp_path / f"{n}.png")
    decoded, real = [], load.load_picture
    monkeypatch.setattr(load, "load_picture", lambda path: decoded.append(path) or real(path))
    clip, dino = Counting(), Counting()
    backbones = Backbones(given={B32: clip, DINO: dino})
    files = [tmp_path / f"{n}.png" for n in range(4)]
    # The truth of each turn is the source of the next one.
    cases = [Case(str(n), files[3], files[n + 1], files[n], caption="a cat", source_caption="a dog") for n in range(3)]
    names = ("L1", "L2", "SSIM", "CLIP-I", "CLIP-I~source", "CLIP-T", f"CLIP-dir@{B32}", "DINO", "DINO_ref")
    score(cases, [metric(name, backbones) for name in names], backbones)
    assert sorted(decoded) == files
    assert (clip.runs, clip.seen) == (1, 4)
    assert (dino.runs, dino.seen) == (1, 4)
    # Both look at the same square: it is prepared once.
    assert clip.prepared + dino.prepared == 4


def test_batches_change_nothing():
    backbones = Backbones()
    cases = [
        Case(str(i), noisy(drawn(i), 8 * i), drawn(i), drawn(i + 1), caption="a cup", source_caption="a cat")
        for i in range(5)
    ]
    metrics = [metric(n, backbones) for n in ("L1", "mini-CLIP-I", "mini-CLIP-dir", "mini-DINO", "mini-LPIPS")]
    one, all_ = (score(cases, metrics, backbones, size=size) for size in (1, 16))
    for name, summary in one.summary.items():
        assert summary.mean == pytest.approx(all_.summary[name].mean, abs=1e-5)


def test_an_unchanged_picture_has_no_direction():
    picture = data.chelsea()
    backbones = Backbones()
    cases = [
        Case("still", picture.copy(), picture, picture, caption="a dog", source_caption="a cat"),
        Case("unasked", drawn(1), picture, picture, caption="a cat", source_caption="a cat"),
    ]
    found = score(cases, [metric("mini-CLIP-dir", backbones)], backbones)
    assert [row.values["mini-CLIP-dir"] for row in found.rows] == [0.0, None]


def test_the_subject_is_cut_out_and_compared():
    subject, scene = drawn(7, 40, 40), drawn(8)
    made = scene.copy()
    made[20:60, 50:90] = subject
    finder = Finder("a test's finder", lambda picture, phrase: (50, 20, 90, 60) if phrase == "cup" else None)
    backbones = Backbones(given={DINO: Counting()}, finder=finder)
    cases = [
        Case("found", made, source=scene, reference=subject, subject="cup"),
        Case("lost", made, source=scene, reference=subject, subject="cat"),
        Case("failed", None, source=scene, reference=subject, subject="cup"),
        Case("plain", made, source=scene),
    ]
    found = score(cases, [metric(n, backbones) for n in ("DINO_sub", "DINO_ref", "recall")], backbones)
    values = [row.values for row in found.rows]
    assert values[0]["DINO_sub"] == pytest.approx(1, abs=1e-6)
    assert [v["DINO_sub"] is None for v in values] == [False, True, True, True]
    assert [v["recall"] for v in values] == [1.0, 0.0, 0.0, None]
    assert found.summary["recall"].mean == pytest.approx(1 / 3)
    assert found.about["recall"].backbone == "a test's finder"


def test_region_metrics_need_a_mask():
    source = drawn(1)
    made, mask = source.copy(), np.zeros(source.shape[:2], np.uint8)
    mask[10:50, 10:60] = 255
    made[10:50, 10:60] = noisy(made[10:50, 10:60], 80)
    backbones = Backbones()
    names = (
        "outside-L1",
        "outside-max",
        "outside-SSIM",
        "inside-L1",
        "mini-inside-DINO",
        "mini-outside-LPIPS",
        "mask-IoU",
    )
    cases = [Case("a", made, source=source, mask=mask, made_mask=mask), Case("b", made, source=source)]
    found = score(cases, [metric(n, backbones) for n in names], backbones)
    first, second = (row.values for row in found.rows)
    assert (first["outside-L1"], first["outside-max"], first["mask-IoU"]) == (0, 0, 1)
    assert first["outside-SSIM"] == pytest.approx(1)
    assert first["inside-L1"] > 0.05
    assert first["mini-inside-DINO"] < 0.99
    assert set(second.values()) == {None}


def test_stand_ins_have_their_own_names():
    backbones = Backbones()
    ready = available(backbones)
    assert {"mini-CLIP-I", "mini-CLIP-T", "mini-DINO", "mini-LPIPS", "mini-recall", "L1", "BRISQUE"} <= set(ready)
    for name in ready:
        about = metric(name, backbones).about
        learned = about.backbone in MINI or about.backbone == "the embedded grounder"
        assert name.startswith("mini-") == learned, name
    with pytest.raises(InvalidOption, match="mini-recall"):
        metric("recall", backbones)


def test_every_metric_says_what_it_is(tmp_path):
    backbones = Backbones(finder=Finder("detector", lambda *_: None))
    for name in NAMES:
        about = metric(name, backbones).about
        assert about.name == name
        assert about.preprocessing and about.source
        assert about.revision or about.backbone not in (*rows(), *MINI)
        assert about.low is None or about.high is None or about.low < about.high
    assert metric("CLIP-I", backbones).about.backbone == B32
    assert metric("CLIP-I@clip-vit-large-patch14", backbones).about.name == "CLIP-I (ViT-L/14)"
    assert metric("LPIPS~source", backbones).about.name == "LPIPS~source"
    assert metric("L1~target", backbones).about.name == "L1"


@pytest.mark.parametrize(
    "wrong",
    ["CLIP-J", "BRISQUE~source", "L1~mask", "L1@dino-vits16", "CLIP-I@dino-vits16", "mini-DINO@dino-vits16", "mini-L1"],
)
def test_what_a_metric_cannot_do_is_refused(wrong):
    with pytest.raises(InvalidOption):
        metric(wrong, Backbones())


def test_the_stand_ins_order_what_is_alike():
    cat, cup = data.chelsea(), data.coffee()
    backbones = Backbones()
    cases = [
        Case("right", noisy(cat, 8), cat, cup, caption="a cat", source_caption="a cup of coffee"),
        Case("wrong", noisy(cup, 8), cat, cup, caption="a cat", source_caption="a cup of coffee"),
    ]
    names = ("mini-CLIP-I", "mini-CLIP-T", "mini-CLIP-dir", "mini-DINO", "mini-LPIPS")
    found = score(cases, [metric(n, backbones) for n in names], backbones)
    right, wrong = (row.values for row in found.rows)
    for name in names:
        better = right[name] > wrong[name]
        assert better == SPECS[name.removeprefix("mini-")].up, name


def test_the_page_names_every_metric():
    page = (Path(__file__).parents[2] / "docs/metrics.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"`{name}`" not in page] == []
