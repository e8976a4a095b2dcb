"""Pulling from a hub, over real HTTP from a server on this machine: what goes well, and every way in which it fails."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import select
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from stand_in_hub import COMMIT, served

from pixwright.errors import AccessDenied, InvalidOption, NoRoom, WeightsCorrupt, WeightsMissing
from pixwright.weights import commands, pull, registry, sets, store

LARGE = bytes(range(256)) * 40
SAFE = {"unet/model.safetensors": LARGE, "config.json": b"{}", "tokenizer/merges.txt": b"a b"}


@pytest.fixture
def hub(tmp_path, monkeypatch):
    for name in ("HF_TOKEN", "PIXWRIGHT_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path / "store"))
    (tmp_path / "store").mkdir()
    with served() as (hub, address):
        monkeypatch.setenv("HF_ENDPOINT", address)
        hub.address, hub.home = address, tmp_path / "store"
        hub.repositories["a/b"] = dict(SAFE)
        yield hub


def own(hub, *rows, **row):
    rows = rows or (row,)
    base = {"name": "mine", "about": "test", "kind": "hub", "licence": "MIT", "repo": "a/b", "revision": "main"}
    (hub.home / "registry.json").write_text(json.dumps([base | one for one in rows]))


def names(where):
    return sorted(path.relative_to(where).as_posix() for path in where.rglob("*") if path.is_file())


def test_a_pull_brings_every_safe_file_and_records_the_commit(hub):
    own(hub)
    hub.repositories["a/b"] |= {"unet/model.bin": b"pickle", "readme.md": b"words"}
    where = pull.pull("mine")
    assert names(where) == ["config.json", "tokenizer/merges.txt", "unet/model.safetensors"]
    assert (where / "unet/model.safetensors").read_bytes() == LARGE
    assert store.pins()["mine"]["revision"] == COMMIT
    assert not list((hub.home / pull.PARTIAL).iterdir())
    (where / "config.json").write_bytes(b"{ }")
    with pytest.raises(WeightsCorrupt, match="expected"):
        store.verify("mine")


def test_a_branch_with_a_slash_is_asked_for_whole(hub):
    own(hub, revision="refs/pr/2")
    assert pull.pull("mine").is_dir()


def test_named_files_alone_are_taken_and_compared_with_the_registry(hub):
    own(hub, files={"unet/model.safetensors": hashlib.sha256(LARGE).hexdigest(), "config.json": ""})
    assert names(pull.pull("mine")) == ["config.json", "unet/model.safetensors"]
    own(hub, name="other", files={"unet/model.safetensors": "0" * 64})
    with pytest.raises(WeightsCorrupt, match=r"another unet/model\.safetensors"):
        pull.pull("other")
    own(hub, name="third", files={"absent.onnx": ""})
    with pytest.raises(WeightsMissing, match=r"holds no absent\.onnx"):
        pull.pull("third")
    assert not (hub.home / "other").exists() and not (hub.home / "third").exists()


def test_a_broken_line_is_taken_up_again_where_it_broke(hub):
    own(hub, files={"unet/model.safetensors": ""})
    hub.breaks = 3000
    assert (pull.pull("mine") / "unet/model.safetensors").read_bytes() == LARGE
    assert [asked for _, asked in hub.asked] == [None, "bytes=3000-", "bytes=6000-", "bytes=9000-"]


def test_a_pull_that_ended_goes_on_in_the_next_one(hub, monkeypatch):
    own(hub, files={"config.json": "", "unet/model.safetensors": ""})
    hub.breaks = 2000
    monkeypatch.setattr("pixwright.weights.hub.TRIES", 1)
    hub.lies["a/b", "unet/model.safetensors"] = LARGE[:2001]
    with pytest.raises(WeightsMissing, match=r"broke off at \d+ of 10240 bytes.*goes on from there"):
        pull.pull("mine")
    part = hub.home / pull.PARTIAL / f"mine@{COMMIT[:12]}" / "unet/model.safetensors"
    size = part.stat().st_size
    assert 0 < size < len(LARGE) and not (hub.home / "mine").exists()
    hub.breaks, hub.lies, hub.asked = 0, {}, []
    assert (pull.pull("mine") / "unet/model.safetensors").read_bytes() == LARGE
    assert hub.asked == [("unet/model.safetensors", f"bytes={size}-")]


def test_a_hub_that_cannot_continue_files_sends_all_of_it_again(hub):
    own(hub, files={"unet/model.safetensors": ""})
    part = hub.home / pull.PARTIAL / f"mine@{COMMIT[:12]}" / "unet/model.safetensors"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    hub.ranges = False
    assert (pull.pull("mine") / "unet/model.safetensors").read_bytes() == LARGE


def test_what_another_commit_left_is_not_continued(hub):
    own(hub)
    old = hub.home / pull.PARTIAL / "mine@0123456789ab"
    old.mkdir(parents=True)
    pull.pull("mine")
    assert not old.exists()


@pytest.mark.parametrize("path", ["unet/model.safetensors", "config.json"])
def test_content_that_is_not_what_the_hub_names_is_deleted(hub, path):
    own(hub)
    hub.lies["a/b", path] = bytes(len(SAFE[path]))
    with pytest.raises(WeightsCorrupt, match="damaged"):
        pull.pull("mine")
    assert not list(hub.home.rglob(Path(path).name))


def test_a_half_file_that_is_too_long_begins_again(hub):
    own(hub, files={"unet/model.safetensors": ""})
    part = hub.home / pull.PARTIAL / f"mine@{COMMIT[:12]}" / "unet/model.safetensors"
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(len(LARGE) + 1))
    assert (pull.pull("mine") / "unet/model.safetensors").read_bytes() == LARGE


def test_pickle_under_another_name_is_not_put_in_place(hub):
    own(hub)
    hub.repositories["a/b"]["unet/model.safetensors"] = b"\x80\x04" + bytes(100)
    with pytest.raises(WeightsCorrupt, match="is pickle"):
        pull.pull("mine")
    assert not (hub.home / "mine").exists()


def test_a_name_that_leads_out_of_the_store_is_refused(hub):
    own(hub)
    hub.repositories["a/b"]["../evil.json"] = b"{}"
    with pytest.raises(WeightsMissing, match="does not answer as a model hub does"):
        pull.pull("mine")


def test_gated_private_and_wrong_tokens_are_told_apart(hub, monkeypatch):
    own(hub)
    hub.gated.add("a/b")
    with pytest.raises(
        AccessDenied, match=r"a/b@main is gated: accept its terms at https://huggingface\.co/a/b, then set HF_TOKEN"
    ):
        pull.pull("mine")
    monkeypatch.setenv("HF_TOKEN", "good")
    with pytest.raises(AccessDenied, match="is gated"):
        pull.pull("mine")
    hub.gated.clear()
    hub.token = "other"
    with pytest.raises(AccessDenied, match=r"the token \(HF_TOKEN\) is not accepted"):
        pull.pull("mine")
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(AccessDenied, match="it is private, or there is none"):
        pull.pull("mine")
    Path(os.environ["HF_TOKEN_PATH"]).write_text("other\n")
    assert pull.pull("mine").is_dir()


def test_a_token_stays_with_the_hub_and_a_half_file_goes_on_where_files_are_stored(hub, monkeypatch):
    own(hub, files={"unet/model.safetensors": ""})
    monkeypatch.setenv("HF_TOKEN", "secret")
    with served() as (store_, address):
        store_.repositories = hub.repositories
        hub.redirect = address.replace("127.0.0.1", "localhost")
        store_.breaks = 4000
        assert (pull.pull("mine") / "unet/model.safetensors").read_bytes() == LARGE
        assert set(hub.bearers) == {"secret"} and set(store_.bearers) == {""}
        assert [asked for _, asked in store_.asked] == [None, "bytes=4000-", "bytes=8000-"]


def test_no_network_and_a_wrong_mirror_are_told(hub, monkeypatch):
    own(hub)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(WeightsMissing, match=r"http://127\.0\.0\.1:9 cannot be reached .*HF_ENDPOINT"):
        pull.pull("mine")
    monkeypatch.setattr(hub, "described", lambda repo: {"message": "hello"})
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    with pytest.raises(WeightsMissing, match="does not answer as a model hub does"):
        pull.pull("mine")


def test_offline_nothing_is_asked(hub, monkeypatch):
    own(hub)
    monkeypatch.setenv("PIXWRIGHT_OFFLINE", "1")
    with pytest.raises(WeightsMissing, match="nothing is fetched offline"):
        pull.pull("mine")
    assert not hub.asked


def test_what_does_not_fit_on_the_disk_is_not_begun(hub):
    own(hub)
    hub.claims["a/b", "unet/model.safetensors"] = 10**17
    with pytest.raises(NoRoom, match=r"100000000\.0 GB do not fit .* make room"):
        pull.pull("mine")
    assert not hub.asked


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_disk_that_fills_up_is_told(hub):
    own(hub, files={"unet/model.safetensors": ""})
    part = hub.home / pull.PARTIAL / f"mine@{COMMIT[:12]}" / "unet/model.safetensors"
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    with pytest.raises(NoRoom, match=r"the disk is full after a part of unet/model\.safetensors"):
        pull.pull("mine")


def test_a_set_is_shown_asked_for_and_fetched(hub, monkeypatch):
    own(
        hub,
        {"name": "one", "size": 5, "files": {"config.json": ""}},
        {"name": "two", "files": {"unet/model.safetensors": ""}},
    )
    monkeypatch.setattr(sets, "weight_sets", lambda: {"pair": sets.WeightSet("pair", "both", ("one", "two"))})
    monkeypatch.setattr(commands, "weight_sets", sets.weight_sets)
    told, asked = [], []
    with pytest.raises(InvalidOption, match="nobody agreed; add --yes"):
        list(commands.pull(["pair"], agreed=False, told=told.append))
    assert (
        told[0] == "one: test; MIT; 0.0 MB"
        and "a/b@c0ffeec0ffee config.json" in told[1]
        and "recorded at this pull" in told[1]
    )
    assert hashlib.sha256(LARGE).hexdigest()[:16] in told[3] and not hub.asked
    rows = list(commands.pull(["pair"], agreed=False, ask=lambda line: asked.append(line) or True, told=told.append))
    assert asked == ["fetch 0.0 MB?"] and len(rows) == 2 and "two is at" in rows[1]
    assert list(commands.pull(["pair"], agreed=False, told=told.append)) == rows


def test_one_gated_member_does_not_keep_the_others_from_coming(hub, monkeypatch):
    own(hub, {"name": "one"}, {"name": "two", "repo": "c/d"})
    hub.repositories["c/d"] = dict(SAFE)
    real = pull.pull
    monkeypatch.setattr(
        commands.pulling, "pull", lambda name: hub.gated.add("a/b") or real(name) if name == "one" else real(name)
    )
    rows = commands.pull(["one", "two"])
    assert "one was not fetched" in next(rows) and "two is at" in next(rows)
    with pytest.raises(AccessDenied, match="gated"):
        next(rows)


def test_a_set_for_cards_takes_what_the_card_holds(hub):
    rows, told = sets.chosen(["gpu"], 6)
    assert [row.name for row in rows] == ["stable-diffusion-1.5", "instruct-pix2pix", "ip-adapter-plus"]
    assert any("flux2-klein-4b is left out: it needs 13 GB, the card has 6" in line for line in told)
    assert {row.name for row in sets.chosen(["gpu"], 80)[0]} == set(sets.weight_sets()["gpu"].weights)
    with pytest.raises(InvalidOption, match="--memory GB"):
        sets.chosen(["gpu"], 0)


@pytest.mark.skipif(sys.platform == "win32", reason="a program of a line needs a shell")
def test_the_card_is_asked_by_its_own_tool(tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sets.card_memory() == 0
    for said, gigabytes in (("8192\n24564", 23.99), ("No devices were found", 0)):
        tool.write_text(f"#!/bin/sh\necho '{said}'\n")
        tool.chmod(0o755)
        assert sets.card_memory() == pytest.approx(gigabytes, abs=0.01)


def test_every_set_names_known_weights_with_their_files(hub):
    for known in sets.weight_sets().values():
        assert known.about and all(name in registry.packaged() for name in known.weights)
    for name in sets.weight_sets()["laptop"].weights:
        row = registry.entry(name)
        assert row.files and row.part in commands.IMPROVES and len(row.revision) == 40 and row.memory == 0
        assert all(len(sha) in (0, 64) for sha in row.files.values())


def test_the_bar_shows_size_and_time_on_a_terminal_only(hub):
    own(hub)
    command = [sys.executable, "-m", "pixwright", "models", "pull", "mine"]
    outer, inner = pty.openpty()
    termios.tcsetwinsize(inner, (24, 100))
    try:
        done = subprocess.run(command, stderr=inner, stdout=subprocess.PIPE, check=True)
        shown = b""
        while select.select([outer], [], [], 0)[0]:
            shown += os.read(outer, 100_000)
    finally:
        os.close(outer)
        os.close(inner)
    assert b"mine is at" in done.stdout and b"100%" in shown and b"10.2k" in shown and b"B/s" in shown
    (hub.home / "mine").rename(hub.home / "gone")
    quiet = subprocess.run(command, capture_output=True, check=True)
    assert quiet.stderr == b""
