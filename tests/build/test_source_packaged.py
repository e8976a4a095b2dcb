"""The package's own catalogue, and the rules that every catalogue keeps."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from pixwright.build.source import MergedCatalogue, PackagedCatalogue, PackagedSource
from pixwright.build.source.packaged import classes, fluent_folder, fluent_rows
from pixwright.build.source.pictures import cutout, out_of_water
from pixwright.edit.painting.scenery import PAINTERS
from pixwright.errors import InvalidOption
from pixwright.records.sample import Split, split_of


@pytest.fixture(scope="module")
def train() -> PackagedCatalogue:
    return PackagedCatalogue(Split.TRAIN)


@pytest.fixture(scope="module")
def test() -> PackagedCatalogue:
    return PackagedCatalogue(Split.TEST)


def test_the_two_splits_share_nothing_and_miss_nothing(train, test):
    for kind in ("cutout", "background", "music"):
        first, second = train.assets(kind), test.assets(kind)
        assert not {a.key for a in first} & {a.key for a in second}
        assert not {a.sha256 for a in first} & {a.sha256 for a in second}
        assert {a.key for a in (*first, *second)} == {a.key for a in PackagedSource().assets if a.kind == kind}
        assert 0.05 < len(second) / (len(first) + len(second)) < 0.2
        assert all(split_of(a.path) is Split.TEST for a in second)


def test_every_cutout_has_a_class_and_pixels_with_alpha(train):
    named = [name for names in classes()["packaged"].values() for name in names]
    assert sorted(named) == sorted(row["name"] for row in fluent_rows())
    for asset in train.assets("cutout")[::40]:
        pixels = train.pixels(asset.key)
        assert pixels.dtype == np.uint8 and pixels.shape[2] == 4 and max(pixels.shape) <= 512
        edges = pixels[0, :, 3], pixels[-1, :, 3], pixels[:, 0, 3], pixels[:, -1, 3]
        assert all(int(edge.max()) > 24 for edge in edges), f"{asset.key} is not cropped"


def test_every_painter_has_paintings_in_both_roles(train):
    assert {a.name for a in train.assets("background")} == set(PAINTERS)
    one, other = train.assets("background")[:2]
    first = train.pixels(one.key)
    assert first.shape == (512, 768, 3) and not np.array_equal(first, train.pixels(other.key))
    assert np.array_equal(first, PackagedCatalogue(Split.TRAIN).pixels(one.key))


def test_another_split_and_unknown_keys_are_refused(train, test):
    key = test.assets("cutout")[0].key
    for wrong in (key, "fluent/none"):
        with pytest.raises(InvalidOption, match=wrong):
            train.pixels(wrong)
    with pytest.raises(InvalidOption, match="kind"):
        train.assets("smell")


def test_a_catalogue_survives_pickling_and_its_pictures_cannot_be_spoilt(train):
    again = pickle.loads(pickle.dumps(PackagedCatalogue(Split.TRAIN)))  # noqa: S301
    assert again.assets("cutout") == train.assets("cutout")
    with pytest.raises(ValueError):
        train.pixels("fluent/cat")[0] = 0


class _Renamed(PackagedSource):
    """The same files under other names and keys, some with a key that is taken."""

    name = "renamed"

    @property
    def assets(self):
        rows = [a for a in super().assets if a.kind == "cutout"]
        same = [replace(a, key=f"renamed/{a.path}", path=f"x{n}.webp") for n, a in enumerate(rows)]
        return (*same, replace(rows[0], sha256="0" * 64))


def test_a_reserved_file_is_reserved_under_every_name():
    sources = (PackagedSource(), _Renamed())
    train, test = (MergedCatalogue(split, sources) for split in (Split.TRAIN, Split.TEST))
    assert not {a.sha256 for a in train.assets("cutout")} & {a.sha256 for a in test.assets("cutout")}
    assert [row.id for row in train.quarantined] == ["fluent/dog"]
    assert "duplicate" in train.quarantined[0].reason


def test_the_cache_keeps_to_its_budget():
    small = MergedCatalogue(Split.TRAIN, (PackagedSource(),), cache_bytes=3 << 20)
    for asset in small.assets("cutout")[:40]:
        small.pixels(asset.key)
    assert sum(array.nbytes for array in small._cache.values()) <= 3 << 20


@pytest.mark.parametrize("name", ["canoe", "ferry", "speedboat"])
def test_a_drawn_boat_leaves_its_piece_of_sea_behind(train, name):
    boat = next(asset for asset in train.assets("cutout") if asset.key == f"fluent/{name}")
    with_sea = cutout(fluent_folder() / boat.path)
    alone = train.pixels(boat.key)
    assert alone.shape[0] < with_sea.shape[0] - 5  # the sea lay at the foot
    foot = alone[-8:][alone[-8:, :, 3] > 200].astype(int)
    assert not (foot[:, 2] - foot[:, 0] > 90).mean() > 0.5  # what is left there is hull, not the sea's blue


def test_what_is_drawn_without_a_sea_stays_as_it_is():
    wagon = np.full((40, 40, 4), (200, 40, 40, 255), np.uint8)
    wagon[:4, :, 3] = 0
    assert out_of_water(wagon) is wagon
