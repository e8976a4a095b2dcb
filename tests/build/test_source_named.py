"""Sources by name."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pixwright.build.source import CocoSource, FolderSource, HubSource, MergedCatalogue, PackagedSource
from pixwright.build.source.named import identity, open_source
from pixwright.errors import InvalidOption
from pixwright.media import save_plain
from pixwright.records.sample import Split


@pytest.fixture
def folder(tmp_path):
    save_plain(np.full((40, 60, 3), 99, np.uint8), tmp_path / "wall.png")
    (tmp_path / "wall.txt").write_text("a grey wall")
    return tmp_path


def test_names_and_paths(folder, monkeypatch):
    monkeypatch.setenv("PIXWRIGHT_ASSETS", str(folder / "store"))
    assert isinstance(open_source("packaged"), PackagedSource)
    walls = open_source(f"folder:{folder};licence=CC0;name=walls")
    assert isinstance(walls, FolderSource) and [a.licence for a in walls.assets] == ["CC0"]
    (folder / "i.json").write_text(json.dumps({"images": [], "annotations": [], "categories": []}))
    assert isinstance(open_source(f"coco:{folder / 'i.json'}"), CocoSource)
    pq = pytest.importorskip("pyarrow.parquet")
    pa = pytest.importorskip("pyarrow")
    pq.write_table(pa.table({"text": ["a"]}), folder / "x.parquet")
    assert isinstance(open_source(f"hub:{folder / 'x.parquet'}"), HubSource)
    merged = [
        MergedCatalogue(split, [open_source("packaged"), open_source(f"folder:{folder};licence=CC0")])
        for split in Split
    ]
    assert any(a.caption == "a grey wall" for catalogue in merged for a in catalogue.assets("background"))


@pytest.mark.parametrize("wrong", ["nothing", "zip:/x", "folder:/no/such", "folder:.;colour=red"])
def test_what_is_no_source_is_refused(wrong):
    with pytest.raises(InvalidOption):
        open_source(wrong)


def test_the_identity_follows_the_contents(folder):
    text = f"folder:{folder};licence=CC0;name=walls"
    first = identity(open_source(text))
    assert first == identity(open_source(text)) and first.startswith("walls@")
    (folder / "wall.txt").write_text("a dark grey wall")
    assert identity(open_source(text)) != first
