"""Public reports of data sets that were read in part, or not at all, without a word; each with a neighbour of its kind."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from pixwright.build.source.folder import FolderSource
from pixwright.build.source.named import account, check, open_source
from pixwright.errors import InvalidOption
from pixwright.media import save_plain
from pixwright.records.sample import Split


def picture(path, seed=0, size=(40, 60)):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_plain(np.random.default_rng(seed).integers(0, 255, (*size, 3)).astype(np.uint8), path)
    return path


def pictures(folder, *names):
    for number, name in enumerate(names):
        picture(folder / name, number)
    return folder


def captions(source):
    return sorted(asset.caption for asset in source.assets)


def test_a_list_in_a_sub_folder_is_read(tmp_path):
    folder = pictures(tmp_path, "train/a.png", "train/b.png", "test/c.png")
    for split, names in (("train", "ab"), ("test", "c")):
        rows = [json.dumps({"file_name": f"{name}.png", "text": f"a cat, {name}"}) for name in names]
        (folder / split / "metadata.jsonl").write_bytes(b"\xef\xbb\xbf" + "\n".join(rows).encode())
    assert captions(FolderSource(folder, licence="CC0")) == ["a cat, a", "a cat, b", "a cat, c"]


def test_a_list_with_commas_is_read(tmp_path):
    folder = pictures(tmp_path, "a.png", "b.png")
    (folder / "metadata.csv").write_text('file_name,text\na.png,"a cat, asleep"\nb.png,a dog\n', encoding="utf-8-sig")
    assert captions(FolderSource(folder, licence="CC0")) == ["a cat, asleep", "a dog"]


def test_folders_named_by_what_they_hold_are_captions(tmp_path):
    folder = pictures(tmp_path, "train/red_fox/1.png", "train/owl/2.png", "val/owl/3.png", "train/4.png")
    source = FolderSource(folder, licence="CC0")
    assert captions(source) == ["a red fox", "an owl", "an owl"]
    assert account(source).endswith("3 of 4 pictures taken: no caption (1)")


def test_a_source_that_gives_nothing_is_an_error_that_says_why(tmp_path):
    folder = pictures(tmp_path / "pics", "a.png", "b.png")
    (folder / "metadata.jsonl").write_text(
        "\n".join(json.dumps({"file_name": f"{n}.png", "text": "a cup"}) for n in "ab")
    )
    with pytest.raises(InvalidOption, match=r"pics: 0 of 2 pictures taken: no licence \(2\); add ;licence="):
        check(open_source(f"folder:{folder}"))
    assert len(open_source(f"folder:{folder};licence=CC0").assets) == 2
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidOption, match="holds no picture"):
        check(open_source(f"folder:{tmp_path / 'empty'};licence=CC0"))


def test_a_struct_that_is_no_picture_is_a_value(tmp_path):
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    data = [{"bytes": picture(tmp_path / f"{n}.png", n).read_bytes(), "path": None} for n in range(2)]
    table = pa.table(
        {
            "image": data,
            "text": ["a cat", "a dog"],
            "meta": [{"width": 60, "height": 40}, None],
            "score": [{"clip": {"image": 0.5}}, {"clip": {"image": 0.1}}],
        }
    )
    parquet.write_table(table, tmp_path / "rows.parquet")
    assert captions(open_source(f"hub:{tmp_path / 'rows.parquet'};licence=CC0")) == ["a cat", "a dog"]


def unpack_coco(root, *splits):
    for number, split in enumerate(splits):
        picture(root / split / f"{number}.png", number, (320, 480))
        image = {"id": 1, "file_name": f"{number}.png", "width": 480, "height": 320, "license": 1}
        outline = [40, 40, 360, 40, 360, 240, 40, 240]
        thing = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [outline], "bbox": [40, 40, 320, 200], "area": 64000, "iscrowd": 0}  # fmt: skip
        table = {"images": [image], "annotations": [thing], "categories": [{"id": 1, "name": "cat"}]}
        (root / "annotations").mkdir(exist_ok=True)
        (root / "annotations" / f"instances_{split}.json").write_text(json.dumps(table))
        told = {"annotations": [{"id": 1, "image_id": 1, "caption": f"a cat of {split}"}]}
        (root / "annotations" / f"captions_{split}.json").write_text(json.dumps(told))
    return root


def test_coco_is_read_as_it_is_unpacked(tmp_path):
    root = unpack_coco(tmp_path, "train2017")
    for named in (root, root / "annotations" / "instances_train2017.json"):
        source = open_source(f"coco:{named};licence=CC-BY-4.0")
        assert {asset.kind for asset in source.assets} == {"background", "cutout"}, account(source)
        assert "a cat of train2017" in captions(source)


def test_of_several_splits_one_must_be_named(tmp_path):
    root = unpack_coco(tmp_path, "train2017", "val2017")
    with pytest.raises(
        InvalidOption, match=r"several splits with pictures \(train2017, val2017\); name one with ;split="
    ):
        open_source(f"coco:{root};licence=CC0")
    assert "a cat of val2017" in captions(open_source(f"coco:{root};split=val2017;licence=CC0"))
    with pytest.raises(InvalidOption, match="holds no annotations/instances_NAME"):
        open_source(f"coco:{tmp_path / 'train2017'};licence=CC0")


COLUMNS = {
    "InstructPix2Pix": ("original_image", "edited_image", "edit_prompt", "original_prompt", "edited_prompt"),
    "MagicBrush": ("source_img", "target_img", "instruction", None, None),
    "UltraEdit": ("source_image", "edited_image", "edit_prompt", "source_caption", "target_caption"),
    "AnyEdit": ("image_file", "edited_file", "edit", "input", "output"),
    "OmniEdit": ("src_img", "edited_img", "edited_prompt_list", None, None),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_editing_sets_are_read_by_their_own_columns(name, tmp_path):
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    source, edited, words, before, after = COLUMNS[name]
    blobs = [{"bytes": picture(tmp_path / f"{n}.png", n).read_bytes(), "path": None} for n in range(2)]
    said = ["make it red", "please make it red"] if words.endswith("_list") else "make it red"
    columns = {source: blobs[:1], edited: blobs[1:], words: [said]}
    columns |= {role: [text] for role, text in ((before, "a cat"), (after, "a red cat")) if role}
    parquet.write_table(pa.table(columns), tmp_path / "rows.parquet")
    found = open_source(f"hub:{tmp_path / 'rows.parquet'};licence=CC0")
    (pair,) = [pair for split in Split for pair in found.pairs(split)]
    assert pair.instruction in ("make it red", "please make it red")
    assert (pair.source_caption, pair.edited_caption) == (("a cat", "a red cat") if before else ("", ""))
    assert pair.source.shape == pair.edited.shape and (pair.source != pair.edited).any()


def test_an_outline_turns_with_a_photograph_that_exif_turns(tmp_path):
    """The annotations are of the picture as it is stored, 480x320; it is shown upright, 320x480."""
    root = unpack_coco(tmp_path, "train2017")
    stored = np.full((320, 480, 3), (200, 200, 200), np.uint8)
    stored[40:240, 40:360] = (180, 30, 30)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(stored).save(root / "train2017" / "0.png", exif=exif)
    source = open_source(f"coco:{root};licence=CC0")
    (thing,) = [asset for asset in source.assets if asset.kind == "cutout"]
    cut = source.pixels(thing)
    seen = cut[cut[..., 3] > 250]
    assert cut.shape[0] > cut.shape[1] and np.abs(seen[:, :3].astype(int) - (180, 30, 30)).max() < 12
