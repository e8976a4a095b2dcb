"""Pickle that papers published becomes safetensors, and what is more than tensors is refused without being run."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from stand_in_hub import served

from pixwright.errors import InvalidOption, WeightsCorrupt
from pixwright.weights import commands, pull, unpickle
from pixwright.weights.convert import convert

torch = pytest.importorskip("torch")
safetensors = pytest.importorskip("safetensors.torch")


def adapter():
    """An IP-Adapter's file, small: `image_proj` and `ip_adapter`, as its trainer saves them."""
    proj = {"latents": torch.arange(6.0).reshape(1, 2, 3), "norm_out.weight": torch.ones(3)}
    return {
        "image_proj": proj,
        "ip_adapter": {"1.to_k_ip.weight": torch.rand(4, 3).half(), "1.to_v_ip.weight": torch.rand(4, 3)},
    }


def test_an_adapters_file_keeps_its_tensors_and_names_both_hashes(tmp_path):
    source = tmp_path / "ip-adapter.bin"
    torch.save(adapter(), source)
    target = tmp_path / "out" / "ip-adapter.safetensors"
    line = commands.convert(source, target)
    sums = {"pickle": line.split()[-1], "safetensors": line.split()[2].rstrip(",")}
    assert sums == {
        one: hashlib.sha256(path.read_bytes()).hexdigest()
        for one, path in (("pickle", source), ("safetensors", target))
    }
    kept = safetensors.load_file(target)
    expected = {f"{group}.{name}": tensor for group, rows in adapter().items() for name, tensor in rows.items()}
    assert kept.keys() == expected.keys() and torch.equal(kept["image_proj.latents"], expected["image_proj.latents"])
    assert kept["ip_adapter.1.to_k_ip.weight"].dtype == torch.float16
    with safetensors.safe_open(target, "pt") as opened:
        assert opened.metadata()["pickle_sha256"] == sums["pickle"]


def test_only_tensors_and_plain_values_are_taken():
    one = torch.rand(2)
    assert unpickle.tensors_of({"a": [one, {"b": one}], "epoch": 3, "name": "x", "none": None}).keys() == {
        "a.0",
        "a.1.b",
    }
    assert unpickle.tensors_of(one, "task_embs").keys() == {"task_embs"}
    with pytest.raises(ValueError, match="'a' is a set"):
        unpickle.tensors_of({"a": {1}})


class Evil:
    """Runs a command where pickle is simply loaded."""

    def __init__(self, touched):
        self.touched = touched

    def __reduce__(self):
        return os.system, (f"touch {self.touched}",)


def test_what_is_not_tensors_is_refused_and_nothing_runs_or_stays(tmp_path):
    source = tmp_path / "net.bin"
    torch.save({"a": Evil(tmp_path / "touched")}, source)
    with pytest.raises(WeightsCorrupt, match=r"holds posix\.system"):
        convert(source, tmp_path / "net.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["net.bin"]


def test_a_file_that_is_not_there_and_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(InvalidOption, match="is no file"):
        convert(tmp_path / "absent.bin", tmp_path / "x.safetensors")
    torch.save(adapter(), tmp_path / "a.bin")
    (tmp_path / "plain").write_text("a file")
    with pytest.raises(InvalidOption, match="choose another place"):
        convert(tmp_path / "a.bin", tmp_path / "plain" / "x.safetensors")


@pytest.mark.parametrize(
    "deed",
    [
        "import socket; socket.create_connection(('127.0.0.1', PORT), 2)",
        "import os; os.fork()",
        "import subprocess; subprocess.run(['true'])",
        "open('other', 'w')",
        "import os; os.remove('pickle')",
        "import os; os.open('other', os.O_CREAT | os.O_WRONLY)",
        "bytearray(1 << 45)",
    ],
)
def test_the_child_has_no_rights(tmp_path, deed):
    (tmp_path / "pickle").write_bytes(b"x")
    with served() as (_, address):
        program = f"""
import sys; sys.path.insert(0, {str(Path(unpickle.__file__).parent)!r})
import unpickle
PORT = {address.rpartition(":")[2]}
unpickle.without_rights(1, 'target')
open('target', 'wb').write(b'y')
try:
    {deed}
except (OSError, MemoryError) as problem:
    print('refused')
"""
        done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "refused\n", done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pickle", "target"]


def test_a_pull_converts_what_is_published_as_pickle_only(tmp_path, monkeypatch):
    one = torch.rand(4, 4)
    torch.save({"state_dict": {"a": one, "b": one, "c": one.T}, "epoch": 3}, tmp_path / "one.bin")
    home = tmp_path / "store"
    home.mkdir()
    (home / "registry.json").write_text(
        '[{"name": "mine", "about": "", "kind": "hub", "licence": "MIT", "repo": "a/b", "revision": "main", "patterns": ["*.json"], "pickled": ["experts/*.bin"]}]'
    )
    monkeypatch.setenv("PIXWRIGHT_HOME", str(home))
    with served() as (hub, address):
        monkeypatch.setenv("HF_ENDPOINT", address)
        hub.repositories["a/b"] = {
            "experts/one.bin": (tmp_path / "one.bin").read_bytes(),
            "config.json": b"{}",
            "other.bin": b"x",
        }
        where = pull.pull("mine")
    assert sorted(path.relative_to(where).as_posix() for path in where.rglob("*.*")) == [
        "config.json",
        "experts/one.safetensors",
    ]
    kept = safetensors.load_file(where / "experts/one.safetensors")
    assert kept.keys() == {"a", "b", "c"} and torch.equal(kept["c"], one.T)
