"""Export and import: the same session elsewhere, and nothing that a stranger put into the file."""

from __future__ import annotations

import json
import zipfile

import pytest

from pixwright.errors import InvalidOption, InvalidRecord, OutputExists, PixwrightError
from pixwright.files import UserPlace
from pixwright.sessions.again import verify
from pixwright.sessions.converse import Saying, say
from pixwright.sessions.pack import INDEX, export, unpack
from pixwright.sessions.store import Sessions


@pytest.fixture(scope="module")
def full(tmp_path_factory, system, coffee):
    """A store with a session of three versions, and the file that it was exported to."""
    store = Sessions(tmp_path_factory.mktemp("full"))
    session = store.create(coffee, "Breakfast / table")
    style = coffee.with_name("style.png")
    style.write_bytes(coffee.read_bytes())
    say(store, session.id, Saying("make it red", place=UserPlace(box="40,40,150,150")), system)
    session = say(store, session.id, Saying("make it look like the style of [1]", (style,)), system).session
    target = tmp_path_factory.mktemp("out") / "breakfast.pixwright"
    return store, session, export(store, session, target)


def test_an_exported_session_is_the_same_elsewhere(full, tmp_path):
    store, session, file = full
    other = Sessions(tmp_path / "other")
    again = unpack(other, file)
    assert again.name == session.name and again.id != session.id
    assert [one.instruction for one in again.versions] == [one.instruction for one in session.versions]
    assert not {one.id for one in again.versions} & {one.id for one in session.versions}
    for old, new in zip(session.versions, again.versions, strict=True):
        assert other.picture(again, new).read_bytes() == store.picture(session, old).read_bytes()
    assert all(one.same for one in verify(other, again))
    assert unpack(other, file).name == "Breakfast / table-2"


def test_the_same_session_gives_the_same_file(full, tmp_path):
    store, session, file = full
    assert export(store, session, tmp_path / "again.pixwright").read_bytes() == file.read_bytes()
    with pytest.raises(OutputExists):
        export(store, session, tmp_path / "again.pixwright")


def test_a_folder_is_for_people_too_and_comes_back(full, tmp_path):
    store, session, _ = full
    folder = export(store, session, tmp_path / "breakfast")
    names = sorted(one.name for one in folder.iterdir())
    assert names == [
        "00-original.png", "01-make-it-red.png", "02-make-it-look-like-the-style-of-1.png", "more", INDEX
    ]  # fmt: skip
    assert unpack(Sessions(tmp_path / "other"), folder).now.title == session.now.title
    with pytest.raises(InvalidOption, match="there already"):
        export(store, session, folder)


def changed(file, target, edit):
    """The file with its index or its entries changed."""
    with zipfile.ZipFile(file) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    index = json.loads(entries[INDEX])
    edit(index, entries)
    if INDEX in entries:
        entries[INDEX] = json.dumps(index).encode()
    with zipfile.ZipFile(target, "w") as new:
        for name, data in entries.items():
            new.writestr(name, data)
    return target


@pytest.mark.parametrize(
    "edit",
    [
        lambda index, entries: entries.pop(INDEX),
        lambda index, entries: entries.pop("00-original.png"),
        lambda index, entries: entries.update({"00-original.png": b"other"}),
        lambda index, entries: index.update(format=2),
        lambda index, entries: index.update(more=1),
        lambda index, entries: index["session"]["versions"][0]["picture"].update(file="../../escaped.png"),
        lambda index, entries: index["session"]["versions"][0]["picture"].update(file=".hidden.png"),
        lambda index, entries: index["session"]["versions"][0].update(width=7),
        lambda index, entries: index["session"]["versions"][2]["inputs"].extend(index["session"]["versions"][2]["inputs"]),
        lambda index, entries: index["session"].update(current="ver_" + "a" * 22),
        lambda index, entries: index["pictures"].update(x="y"),
    ],
    ids=lambda _: "",
)  # fmt: skip
def test_what_was_tampered_with_is_refused_and_leaves_nothing(full, tmp_path, edit):
    store = Sessions(tmp_path / "sessions")
    bad = changed(full[2], tmp_path / "bad.pixwright", edit)
    with pytest.raises(PixwrightError) as caught:
        unpack(store, bad)
    assert isinstance(caught.value, InvalidRecord)
    assert not store.root.exists() or not list(store.root.iterdir())
    assert not list(tmp_path.rglob("escaped.png"))


def test_what_is_no_session_is_said(tmp_path, coffee):
    store = Sessions(tmp_path / "sessions")
    cut = tmp_path / "cut.pixwright"
    cut.write_bytes(b"PK\3\4 and no more")
    for source in (coffee, cut, tmp_path, tmp_path / "missing.pixwright"):
        with pytest.raises(InvalidRecord):
            unpack(store, source)
