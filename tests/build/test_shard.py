"""Samples survive the way into a file and back, and a file's bytes are a function of its rows."""

from __future__ import annotations

import io
import json
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pa = pytest.importorskip("pyarrow")
import pyarrow.parquet as pq  # noqa: E402

from pixwright.build.run import shard  # noqa: E402
from pixwright.build.run.quarantine import Quarantined  # noqa: E402
from pixwright.build.run.recipe import Recipe  # noqa: E402
from pixwright.errors import InvalidImage, InvalidOption, InvalidRecord  # noqa: E402
from pixwright.records.kind import EditType  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
import engine_rows  # noqa: E402

TYPES = dict.fromkeys((EditType.COLOR_ALTER, EditType.OUTPAINT, EditType.TONE_TRANSFER), 1.0)
RECIPE = Recipe(name="discs", maker="engine_rows:discs", count=30, size=48, types=TYPES)


def samples(count=20):
    rows = [engine_rows.row(RECIPE, index) for index in range(count)]
    return [one for one in rows if not isinstance(one, Quarantined) and not one.rejected]


def encoded(some, jpeg_quality=None):
    return [shard.encode_sample(one, "train", jpeg_quality) for one in some]


def same(one, other):
    arrays = ("source", "edited", "mask")
    for name in arrays:
        first, second = getattr(one, name), getattr(other, name)
        assert (first is None) == (second is None)
        assert first is None or np.array_equal(first, second), name
    plain = {"source": None, "edited": None, "mask": None, "references": ()}
    assert vars(replace(one, **plain)) == vars(replace(other, **plain))
    for first, second in zip(one.references, other.references, strict=True):
        assert (first.number, first.name, first.caption, first.rate) == (
            second.number,
            second.name,
            second.caption,
            second.rate,
        )
        assert first.pixels is None or np.array_equal(first.pixels, second.pixels)
        assert first.samples is None or np.abs(first.samples - second.samples).max() <= 2 / 32768


@pytest.mark.parametrize("suffix", ["parquet", "tar"])
def test_every_field_comes_back(tmp_path, suffix):
    some = samples()
    assert any(one.mask is None for one in some) and any(one.canvas for one in some)
    write = shard.parquet_bytes if suffix == "parquet" else shard.tar_bytes
    path = tmp_path / f"shard-00000.{suffix}"
    path.write_bytes(write(encoded(some)))
    back = list(shard.read_shard(path))
    assert len(back) == len(some)
    for one, other in zip(some, back, strict=True):
        same(one, other)


def test_webdataset_reads_our_tars(tmp_path):
    webdataset = pytest.importorskip("webdataset")
    some = samples()
    path = tmp_path / "shard-00000.tar"
    path.write_bytes(shard.tar_bytes(encoded(some)))
    read = list(webdataset.WebDataset(str(path), shardshuffle=False))
    assert [one["__key__"] for one in read] == [one.id for one in some]
    for one, other in zip(some, read, strict=True):
        assert json.loads(other["json"])["instruction"] == one.instruction
        assert ("mask.png" in other) == (one.mask is not None) and "src.png" in other and "tgt.png" in other


@pytest.mark.parametrize("write", [shard.parquet_bytes, shard.tar_bytes])
def test_equal_rows_give_equal_bytes_and_other_rows_other_ones(write):
    assert write(encoded(samples())) == write(encoded(samples()))
    assert write(encoded(samples())) != write(encoded(samples())[::-1])


def test_columns_have_magicbrush_and_instructpix2pix_names(tmp_path):
    path = tmp_path / "shard-00000.parquet"
    path.write_bytes(shard.parquet_bytes(encoded(samples())))
    schema = pq.read_schema(path)
    assert schema.names[:6] == ["img_id", "turn_index", "source_img", "mask_img", "instruction", "target_img"]
    assert {"original_prompt", "edited_prompt"} < set(schema.names)
    assert schema.field("source_img").type == pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    features = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
    assert list(features) == schema.names
    assert features["source_img"] == {"_type": "Image"}
    # `datasets` takes a nested feature only if its fields stand in the schema's order
    assert list(features["references"][0]) == [field.name for field in schema.field("references").type.value_type]
    assert features["references"][0]["audio"] == {"_type": "Audio"}


def test_tar_holds_no_clock_and_no_owner_and_groups_by_key():
    with tarfile.open(fileobj=io.BytesIO(shard.tar_bytes(encoded(samples())))) as tar:
        members = tar.getmembers()
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname) for m in members} == {(0, 0, 0, "", "")}
    keys = [m.name.partition(".")[0] for m in members]
    assert len(set(keys)) == sum(keys[i] != keys[i - 1] for i in range(1, len(keys))) + 1
    kinds = {m.name.partition(".")[2] for m in members}
    assert kinds == {"src.png", "tgt.png", "mask.png", "ref1.png", "ref2.flac", "json"}


def test_jpeg_is_smaller_and_close_and_masks_stay_exact(tmp_path):
    some = samples(3)
    path = tmp_path / "shard-00000.tar"
    path.write_bytes(shard.tar_bytes(encoded(some, 92)))
    for one, other in zip(some, shard.read_shard(path), strict=True):
        assert 0 < np.abs(one.source.astype(int) - other.source).mean() < 6
        assert one.mask is None or np.array_equal(one.mask, other.mask)
        assert np.array_equal(one.references[0].pixels, other.references[0].pixels)


def test_rejected_and_quarantined_rows_keep_their_reason(tmp_path):
    big = Recipe(name="discs", maker="engine_rows:discs", count=30, size=400)
    rejected, missing = engine_rows.row(big, 6), engine_rows.row(big, 10)
    assert rejected.rejected
    path = tmp_path / "rejected-00000.parquet"
    rows = [shard.encode_rejected(one, "train") for one in (rejected, missing)]
    path.write_bytes(shard.parquet_bytes(rows, rejected=True))
    (back,) = shard.read_shard(path)
    assert (back.id, back.rejected, back.scores) == (rejected.id, rejected.rejected, rejected.scores)
    assert back.source.shape == (160, 160, 3) == back.edited.shape
    assert back.references[1].samples is None
    assert list(shard.read_quarantined(path)) == [missing]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "a.b"}, "its id may hold"),
        ({"id": "a/../b"}, "its id may hold"),
        ({"source": np.zeros((4, 4), np.uint8)}, "source is uint8 (4, 4)"),
        ({"edited": np.zeros((4, 4, 3), np.float32)}, "edited is float32"),
        ({"mask": np.zeros((5, 4), np.uint8)}, "mask is uint8 (5, 4)"),
        ({"instruction": " "}, "no instruction"),
    ],
)
def test_a_sample_that_contradicts_itself_is_refused(change, said):
    with pytest.raises(InvalidRecord, match=said.replace("(", r"\(").replace(")", r"\)")):
        shard.encode_sample(replace(samples(1)[0], **change), "train")


@pytest.mark.parametrize("name", ["a.parquet", "a.tar", "a.zip"])
def test_a_broken_file_is_one_line(tmp_path, name):
    (tmp_path / name).write_bytes(b"not a shard" * 100)
    with pytest.raises(InvalidOption, match=name):
        list(shard.read_shard(tmp_path / name))


def test_a_broken_picture_in_a_shard_is_one_line(tmp_path):
    rows = encoded(samples(2))
    rows[0]["target_img"]["bytes"] = b"\x89PNG broken"
    path = tmp_path / "shard-00000.parquet"
    path.write_bytes(shard.parquet_bytes(rows))
    with pytest.raises(InvalidImage, match=r"disc-000000\.tgt\.png"):
        list(shard.read_shard(path))
