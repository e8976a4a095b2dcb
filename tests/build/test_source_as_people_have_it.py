"""Public reports of data sets that were read in part, or not at all, without a word; each with a neighbour of its kind."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pixwright.build.source.folder import FolderSource
from pixwright.build.source.named import account, check, open_source
from pixwright.errors import InvalidOption
from pixwright.media import save_plain


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
