"""Examples: of training files only, the same for the same index, mirrored only where that stays true."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from small import CODER, READERS, SIDE, TYPES, cache_in, networks

from pixwright.build.pairs import attempt
from pixwright.build.pairs.realise import realise
from pixwright.build.run.recipe import Recipe
from pixwright.build.run.shard import encode_sample, parquet_bytes
from pixwright.build.scene.render import render
from pixwright.build.sets.bench import bench
from pixwright.errors import InvalidOption
from pixwright.records.kind import EditType
from pixwright.records.sample import Split, split_of
from pixwright.train.cache import Examples, encode_parts, parts_of, write_part
from pixwright.train.example import LARGER, from_shards, may_flip, square_of
from pixwright.train.scenes import Studio, proportions


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return cache_in(tmp_path_factory.mktemp("data") / "cache")


def test_no_reserved_file_in_any_scene():
    studio = Studio(SIDE, 11)
    assert all(
        split_of(one.path) is Split.TRAIN for kind in ("cutout", "background") for one in studio.catalogue.assets(kind)
    )
    drawn = ("sign/", "table/")
    for index in range(16):
        pair = studio.pair(index)
        keys = {
            key for scene in (pair.before, pair.after) for key in (scene.background, *(la.asset for la in scene.layers))
        }
        for key in keys:
            if not key.startswith(drawn):
                assert split_of(studio.catalogue.asset(key).path) is Split.TRAIN, key


def test_shards_of_the_test_split_are_left_out(tmp_path):
    rows = []
    for split in (Split.TEST, Split.TRAIN):
        work = bench(Recipe(name="t", maker="a:b", count=1, size=64, split=split))
        rng = np.random.default_rng(5)
        pair = next(
            p
            for p in (attempt(EditType.REMOVE, work.scene(rng), work.catalogue, rng) for _ in range(20))
            if not isinstance(p, str)
        )
        sample = realise(pair, render, work.catalogue, f"t-{split}")
        rows.append(encode_sample(replace(sample, instruction=f"from {split}"), str(split)))
    (tmp_path / "shard-0.parquet").write_bytes(parquet_bytes(rows))
    (tmp_path / "shard-1.parquet").write_bytes(parquet_bytes(rows))
    shares = [[one.instruction for one in from_shards([str(tmp_path)], SIDE, k, 2)] for k in range(2)]
    assert shares == [["from train"]] * 2, "each process makes its own share of a cache"
    (tmp_path / "shard-1.parquet").unlink()
    found = list(from_shards([str(tmp_path)], SIDE))
    assert [one.instruction for one in found] == ["from train"]
    assert found[0].source.shape == (SIDE, SIDE, 3)
    with pytest.raises(InvalidOption, match="no shard"):
        list(from_shards([str(tmp_path / "nothing")], SIDE))


def test_an_example_depends_on_seed_and_index_only():
    types = {EditType.ADD: 1.0, EditType.COLOR_ALTER: 1.0}
    four = list(Studio(SIDE, 2, types).examples(0, 4))
    two = list(Studio(SIDE, 2, types).examples(2, 4))
    for a, b in zip(four[2:], two, strict=True):
        assert a.instruction == b.instruction and np.array_equal(a.edited, b.edited)
    assert set(proportions()) == set(EditType)


@pytest.mark.parametrize(
    ("text", "flips"),
    [("add a cat on the left", False), ("rotate it clockwise", False), ("shift it leftwards", False), ("the leftmost cup", False),
     ("remove the cat", True), ("brighten it", True)],
)  # fmt: skip
def test_mirroring_is_not_for_sided_words(text, flips):
    assert may_flip([text, "A cat."]) is flips


def test_cache_gives_back_what_it_was_given(cache):
    encode_parts(cache, networks().autoencoder, "d")
    parts = parts_of(cache, coded=True)
    train = Examples(parts, READERS, held_out=8, looks=True)
    held = Examples(parts, READERS, held_out=8, validation=True)
    assert len(held) == 8
    assert not {tuple(p) for p in train.places.tolist()} & {tuple(p) for p in held.places.tolist()}
    indices = np.arange(len(train))
    plain, mirrored = (train.take(indices, np.full(len(train), flip)) for flip in (False, True))
    for k in indices:
        row = train.row(k)
        np.testing.assert_allclose(plain.words[k], READERS.read([row["instruction"]])[0], atol=2e-3)
        moved = not np.array_equal(plain.edited[k], mirrored.edited[k])
        assert moved == row["flips"]
        assert plain.referenced[k] == (row["look"] >= 0)
        if plain.said[k]:
            np.testing.assert_allclose(plain.says[k], READERS.read([row["caption"]])[0], atol=2e-3)
    assert 0 < plain.said.sum() < len(train) and plain.referenced.any()
    guided = [k for k in indices if train.row(k)["type"] == "visual_bbox"]
    assert guided and not any(train.row(k)["flips"] for k in guided)


def test_latents_are_made_again_for_another_autoencoder(cache):
    coder = networks().autoencoder
    assert encode_parts(cache, coder, "one") == 2 and encode_parts(cache, coder, "one") == 0
    assert encode_parts(cache, coder, "two") == 2
    # A cache of published size keeps the pictures that validation looks at, and no others.
    assert encode_parts(cache, coder, "three", keep=False) == 2 and encode_parts(cache, coder, "three") == 0
    assert [(one.folder / "pictures.npy").exists() for one in parts_of(cache)] == [True, False]
    with pytest.raises(InvalidOption, match="make the cache again"):
        encode_parts(cache, coder, "four")
    assert parts_of(cache)[0].latents.shape[1:] == (2, 2, CODER["latent_channels"], SIDE // 4, SIDE // 4)


def test_types_without_example_are_refused(cache):
    with pytest.raises(InvalidOption, match="wanted types"):
        Examples(parts_of(cache), READERS, held_out=0, types=[EditType.STYLE_TRANSFER])
    assert EditType.STYLE_TRANSFER not in TYPES


def test_a_part_appears_whole(tmp_path):
    examples = list(Studio(SIDE, 4, {EditType.ADD: 1.0}).examples(0, 3))
    write_part(tmp_path / "part-00000", examples, READERS)
    assert [one.name for one in tmp_path.iterdir()] == ["part-00000"]
    rows = json.loads((tmp_path / "part-00000" / "rows.json").read_text())
    assert [row["instruction"] for row in rows] == [one.instruction for one in examples]


def test_pictures_are_cut_to_squares_of_many_sizes_and_not_stretched():
    source = np.zeros((60, 100, 3), np.uint8)
    edited = source.copy()
    edited[20:40, 70:90] = 200
    cuts = [square_of(source, edited, draw) for draw in np.linspace(0, 0.99, 30)]
    sides = {rows.stop - rows.start for rows, _ in cuts}
    assert all(rows.stop - rows.start == columns.stop - columns.start for rows, columns in cuts)
    assert min(sides) >= round(60 / LARGER) and max(sides) <= 60 and len(sides) > 3
    assert all(c.start <= 70 and c.stop >= 90 and r.start <= 20 and r.stop >= 40 for r, c in cuts), "the edit is shown"
    assert len({columns.start for _, columns in cuts}) > 3
