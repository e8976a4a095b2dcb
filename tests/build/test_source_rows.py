"""Folders, COCO annotations and data sets on disk: small made-up ones, each with planted bad rows."""

from __future__ import annotations

import io
import json
import tarfile

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright.build.run.quarantine import Quarantined
from pixwright.build.source import CocoSource, FolderSource, HubSource, MergedCatalogue
from pixwright.build.source.rle import decompress, mask_of
from pixwright.errors import InvalidMask, InvalidOption
from pixwright.records.sample import Split, split_of


def picture(seed: int, h: int = 120, w: int = 160, alpha: bool = False) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (h, w, 4 if alpha else 3), np.uint8)
    if alpha:
        pixels[..., 3] = 0
        pixels[20:100, 30:130, 3] = 255
    return cv2.imencode(".png", pixels)[1].tobytes()


def reasons(source) -> dict[str, str]:
    return {row.id: row.code for row in source.quarantined}


def rows_file(folder, rows):
    (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_folder_with_metadata_and_every_kind_of_bad_row(tmp_path):
    for name, seed in (("a.png", 1), ("b.png", 2), ("twin.png", 1), ("free.png", 3), ("mute.png", 4)):
        (tmp_path / name).write_bytes(picture(seed))
    (tmp_path / "half.png").write_bytes(picture(5)[:900])
    rows_file(
        tmp_path,
        [
            {"file_name": "a.png", "text": "a noisy wall", "license": "CC0"},
            {"file_name": "b.png", "caption": "another wall", "licence": "MIT", "name": "wall"},
            {"file_name": "b.png", "caption": "the same row again", "licence": "MIT"},
            {"file_name": "twin.png", "caption": "a again", "licence": "MIT"},
            {"file_name": "free.png", "caption": "nobody knows whose"},
            {"file_name": "mute.png", "licence": "MIT"},
            {"file_name": "gone.png", "caption": "gone", "licence": "MIT"},
            {"file_name": "half.png", "caption": "half", "licence": "MIT"},
            {"file_name": "../outside.png", "caption": "outside", "licence": "MIT"},
        ],
    )
    source = FolderSource(tmp_path, name="walls")
    assert [(a.key, a.name, a.licence) for a in source.assets] == [
        ("walls/a.png", "a noisy wall", "CC0"),
        ("walls/b.png", "wall", "MIT"),
    ]
    assert reasons(source) == {
        "b.png": "duplicate_id",
        "twin.png": "duplicate_file",
        "free.png": "no_licence",
        "mute.png": "no_caption",
        "gone.png": "missing_picture",
        "half.png": "truncated_image",
        "../outside.png": "missing_picture",
    }
    assert source.pixels(source.assets[0]).shape == (120, 160, 3)


def test_a_folder_with_texts_beside_and_cutouts(tmp_path):
    (tmp_path / "beach.png").write_bytes(picture(1))
    (tmp_path / "beach.txt").write_text("waves on a beach\nmore words")
    assert FolderSource(tmp_path, licence="MIT").assets[0].caption == "waves on a beach"
    things = tmp_path / "things"
    things.mkdir()
    (things / "red_apple_02.png").write_bytes(picture(1, alpha=True))
    (things / "solid.png").write_bytes(picture(2))
    source = FolderSource(things, kind="cutout", licence="MIT")
    (apple,) = source.assets
    assert apple.name == "red apple" and apple.caption == "a red apple" and 0.05 < apple.size_m < 0.15
    assert source.pixels(apple).shape == (80, 100, 4)
    assert reasons(source) == {"solid.png": "invalid_image"}
    with pytest.raises(InvalidOption, match="not a folder"):
        FolderSource(tmp_path / "none")


def test_the_reserved_rule_goes_by_the_files_own_name(tmp_path):
    for number in range(40):
        (tmp_path / f"place{number}.png").write_bytes(picture(number, 20, 20))
        (tmp_path / f"place{number}.txt").write_text("a place")
    source = FolderSource(tmp_path, licence="MIT")
    train, test = (MergedCatalogue(split, [source]).assets("background") for split in (Split.TRAIN, Split.TEST))
    assert len(train) + len(test) == 40 and test
    assert {a.path for a in test} == {a.path for a in source.assets if split_of(a.path) is Split.TEST}


def compress(runs) -> str:
    """The other direction of `decompress`, for the tests only."""
    out = ""
    for index, run in enumerate(runs):
        value, more = run - (runs[index - 2] if index > 2 else 0), True
        while more:
            code = value & 31
            value >>= 5
            more = value != (-1 if code & 16 else 0)
            out += chr((code | (32 if more else 0)) + 48)
    return out


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 70_000), max_size=30))
def test_run_lengths_survive_compression(runs):
    assert list(decompress(compress(runs))) == runs


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_runs_and_lists_give_the_same_mask(seed):
    mask = np.random.default_rng(seed).random((7, 11)) < 0.5
    flat = mask.T.ravel()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]])))
    runs = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    if not mask.any():
        return
    for counts in (runs, compress(runs)):
        assert np.array_equal(mask_of({"size": [7, 11], "counts": counts}, 7, 11) > 0, mask)


def test_a_known_compressed_string():
    # Three columns of four: 5 outside, 2 inside, 5 outside.
    assert list(decompress("525")) == [5, 2, 5]
    assert (mask_of({"size": [4, 3], "counts": "525"}, 4, 3).T.ravel() > 0).nonzero()[0].tolist() == [5, 6]


@pytest.mark.parametrize(
    "wrong",
    [None, "text", [["a", "b"]], [[1, 2, 3]], {"size": [4, 3], "counts": "5"}, {"size": [9, 9], "counts": [81]}, []],
)
def test_broken_outlines_are_refused(wrong):
    with pytest.raises(InvalidMask):
        mask_of(wrong, 4, 3)


@pytest.fixture
def coco(tmp_path):
    for number in (1, 2):
        (tmp_path / f"{number:06}.png").write_bytes(picture(number, 200, 300))
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    square = [[50, 40, 150, 40, 150, 120, 50, 120]]
    runs = {
        "size": [200, 300],
        "counts": [60 * 200 + 50] + [80, 120] * 79 + [80, 200 * 300 - 60 * 200 - 50 - 200 * 79 - 80],
    }

    def note(number, **row):
        return {"id": number, "image_id": 1, "category_id": 1, "segmentation": square, "iscrowd": 0} | row

    table = {
        "licenses": [{"id": 1, "name": "CC-BY-2.0"}],
        "images": [
            {"id": 1, "file_name": "000001.png", "height": 200, "width": 300, "license": 1},
            {"id": 2, "file_name": "000002.png", "height": 200, "width": 300},
            {"id": 1, "file_name": "000001.png", "height": 200, "width": 300, "license": 1},
            {"id": 4, "file_name": "gone.png", "height": 200, "width": 300, "license": 1},
            {"id": 5, "file_name": "broken.png", "height": 200, "width": 300, "license": 1},
        ],
        "categories": [{"id": 1, "name": "dog", "supercategory": "animal"}, {"id": 2, "name": "chair", "supercategory": "furniture"}],
        "annotations": [
            note(1),
            note(2, segmentation=runs, category_id=2),
            note(3, segmentation=[[1, 2, 3]]),
            note(4, iscrowd=1),
            note(5, segmentation=[[0, 0, 100, 0, 100, 100, 0, 100]]),
            note(6, segmentation=[[50, 50, 60, 50, 60, 60, 50, 60]]),
            note(7, category_id=9),
            note(8, image_id=4),
            note(9),
            note(9),
        ],
    }  # fmt: skip
    (tmp_path / "instances.json").write_text(json.dumps(table))
    said = [{"image_id": 1, "caption": "A dog in the noise."}, {"image_id": 1, "caption": "Another."}]
    (tmp_path / "captions.json").write_text(json.dumps({"annotations": said}))
    return tmp_path


def test_coco_gives_things_and_captioned_photographs(coco):
    source = CocoSource(coco / "instances.json", coco, captions=coco / "captions.json")
    assert [(a.key, a.kind, a.name, a.category) for a in source.assets] == [
        ("coco/000001.png", "background", "A dog in the noise", "photograph"),
        ("coco/000001.png#1", "cutout", "dog", "animal"),
        ("coco/000001.png#2", "cutout", "chair", "household"),
    ]
    assert {a.licence for a in source.assets} == {"CC-BY-2.0"} and len({a.split for a in source.assets}) == 1
    dog, chair = source.assets[1:]
    assert source.pixels(dog).shape[2] == 4 and abs(source.pixels(dog).shape[1] - 100) <= 3
    assert abs(source.pixels(chair).shape[0] - 80) <= 3 and abs(source.pixels(chair).shape[1] - 80) <= 3
    assert reasons(source) == {
        "image 1": "duplicate_id",
        "image 2": "no_licence",
        "image 4": "missing_picture",
        "image 5": "truncated_image",
        "annotation 3": "corrupt_outline",
        "annotation 4": "not_a_thing",
        "annotation 5": "cut_off",
        "annotation 6": "too_small",
        "annotation 7": "no_caption",
        "annotation 8": "missing_picture",
        "annotation 9": "duplicate_id",
    }
    (coco / "000001.png").write_bytes(picture(1, 300, 200))
    with pytest.raises(InvalidMask, match="annotations 300x200"):
        source.pixels(dog)
    with pytest.raises(InvalidOption, match="no list 'images'"):
        CocoSource(coco / "captions.json", coco)


MAGIC = ("img_id", "turn_index", "source_img", "mask_img", "instruction", "target_img")


def magic_rows():
    mask = np.full((120, 160), 0, np.uint8)
    mask[10:40, 20:60] = 255
    white = cv2.imencode(".png", mask)[1].tobytes()

    def image(data):
        return {"bytes": data, "path": None}

    rows = [(f"{n}", 1, image(picture(n)), image(white), f"make it {n}", image(picture(100 + n))) for n in range(30)]
    rows += [
        ("3", 1, image(picture(3)), image(white), "the same id", image(picture(1))),
        ("50", 1, image(None), image(white), "no source", image(picture(50))),
        ("51", 1, image(picture(51)), image(white), "broken target", image(b"no")),
        ("52", 1, image(picture(52)), image(white), "", image(picture(53))),
    ]
    return [dict(zip(MAGIC, row, strict=True)) for row in rows]


def test_magicbrush_as_parquet(tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.Table.from_pylist(magic_rows()), tmp_path / "train-00000.parquet", row_group_size=8)
    source = HubSource(tmp_path, licence="CC-BY-4.0", name="magicbrush")
    both = [pair for split in Split for pair in source.pairs(split)]
    good = {pair.id: pair for pair in both if not isinstance(pair, Quarantined)}
    assert set(good) == {f"{n}-1" for n in range(30)}
    assert good["7-1"].instruction == "make it 7" and good["7-1"].split is split_of("7")
    expected = cv2.cvtColor(cv2.imdecode(np.frombuffer(picture(107), np.uint8), 1), cv2.COLOR_BGR2RGB)
    assert np.array_equal(good["7-1"].edited, expected)
    assert (good["7-1"].mask > 0).sum() == 30 * 40
    assert {pair.id for pair in both if isinstance(pair, Quarantined)} == {"51-1"}
    assert reasons(source) == {"3-1": "duplicate_id", "50-1": "missing_picture", "52-1": "no_caption"}
    assert not source.assets  # without captions they are no backgrounds
    assert {row.code for row in HubSource(tmp_path, name="m").quarantined} == {"no_licence", "missing_picture"}


def test_instructpix2pix_as_parquet_is_also_pictures(tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows = [
        {
            "original_prompt": f"a hill {n // 2}",
            "original_image": {"bytes": picture(n), "path": "x"},
            "edit_prompt": "make it night",
            "edited_prompt": f"a hill {n // 2} at night",
            "edited_image": {"bytes": picture(50 + n), "path": "y"},
        }
        for n in range(20)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "p.parquet")
    source = HubSource(tmp_path / "p.parquet", licence="MIT")
    assert len(source.assets) == 20 and source.assets[3].caption == "a hill 1"
    assert source.assets[2].split is source.assets[3].split, "two rows of one prompt are in two splits"
    assert source.pixels(source.assets[5]).shape == (120, 160, 3)
    pairs = [pair for split in Split for pair in source.pairs(split)]
    assert len(pairs) == 20 and pairs[0].edited_caption.endswith("at night") and pairs[0].mask is None


def test_webdataset_tars(tmp_path):
    members = {
        "0001.jpg": cv2.imencode(".jpg", np.full((64, 64, 3), 90, np.uint8))[1].tobytes(),
        "0001.txt": b"a grey wall",
        "0001.json": b'{"license": "CC0"}',
        "0002.source.png": picture(1),
        "0002.edited.png": picture(2),
        "0002.json": b'{"instruction": "add noise", "caption": "noise", "license": "CC0"}',
        "0003.png": b"broken",
        "0003.json": b'{"caption": "broken", "license": "CC0"}',
        "0004.txt": b"no picture",
    }
    with tarfile.open(tmp_path / "s-000.tar", "w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    source = HubSource(tmp_path / "s-000.tar")
    assert [a.caption for a in source.assets] == ["a grey wall", "noise"]
    assert source.pixels(source.assets[0])[0, 0].tolist() == [90, 90, 90]
    (pair,) = [pair for split in Split for pair in source.pairs(split)]
    assert pair.instruction == "add noise" and pair.licence == "CC0"
    assert reasons(source) == {"0003": "invalid_image", "0004": "missing_picture"}
    (tmp_path / "bad.tar").write_bytes(b"no tar at all" * 100)
    with pytest.raises(InvalidOption, match=r"bad\.tar"):
        HubSource(tmp_path / "bad.tar")
