"""Sessions on the disk: a tree that no kill, no second process and no stranger's id can break."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pixwright.errors import InvalidImage, InvalidOption, InvalidRecord, UnknownSession
from pixwright.records.plan import Plan
from pixwright.records.result import Record, Verdict
from pixwright.sessions.converse import back, forward
from pixwright.sessions.records import Version
from pixwright.sessions.store import TREE, Sessions, fresh, kept, now

PLAN = Plan.model_validate({"instruction": "x", "steps": [{"type": "tone_transfer", "instruction": "x"}]})
RECORD = Record(version="0", system="local", plan=PLAN, seed=0, source_name="a.png", source_sha256="0" * 64)


def grow(store, session, parent=None, words="x"):
    """A version below `parent` with a copy of the original's picture."""
    parent = parent or session.now
    with store.draft(session) as folder:
        copy = folder / "picture.png"
        copy.write_bytes(store.picture(session, session.original).read_bytes())
        version = Version(
            id=fresh("ver"), number=0, parent=parent.id, base=parent.id, instruction=words, created=now(), picture=kept(copy),
            width=300, height=200, format="PNG", verdict=Verdict.DONE, record=RECORD,
        )  # fmt: skip
        return store.add(session, folder, version)


def test_a_new_session_holds_a_copy(store, coffee):
    session = store.create(coffee)
    assert session.name == "coffee" and session.now.number == 0 and session.now.title == "original"
    assert store.picture(session, session.now).read_bytes() == coffee.read_bytes()
    assert store.create(coffee).name == "coffee-2"
    assert {one.id for one in store.all()} == {one.id for one in store.all()} and len(store.all()) == 2
    with pytest.raises(InvalidImage):
        store.create(Path(__file__))
    assert len(list(store.root.iterdir())) == 2, "what failed leaves nothing"


def test_undo_and_redo_walk_the_tree(store, coffee):
    session = store.create(coffee)
    one = (session := grow(store, session)).now
    two = (session := grow(store, session)).now
    assert [two.number, two.parent] == [2, one.id]
    target, undone = back(session, session.now, 2)
    session = store.go(session.id, target.id, undone)
    assert session.now.number == 0
    target, undone = forward(session, session.now, 1)
    assert target.id == one.id and undone == (two.id,)
    # A branch: what was undone stays in the tree, and redo goes along the newest.
    session = store.go(session.id, one.id, undone)
    three = (session := grow(store, session)).now
    assert {child.number for child in session.children(one.id)} == {2, 3} and session.undone == ()
    assert [version.number for version in session.path(three.id)] == [0, 1, 3]


def test_deleting_a_version_takes_what_came_of_it(store, coffee):
    session = grow(store, store.create(coffee))
    one = session.now
    session = grow(store, session)
    left = store.delete_version(one.id)
    assert [version.number for version in left.versions] == [0] and left.current == left.original.id
    assert len(list(store.picture(left, left.now).parents[1].iterdir())) == 1
    assert grow(store, left).now.number == 3, "a number is never given twice"
    with pytest.raises(InvalidOption, match="original"):
        store.delete_version(left.original.id)
    store.delete(left.id)
    assert store.all() == () and not list(store.root.iterdir())


def test_names_are_checked_and_versions_keep_theirs(store, coffee):
    session = grow(store, store.create(coffee, "My trip"))
    assert store.rename_version(session.now.id, " pink evening ").now.title == "pink evening"
    assert store.rename(session.id, "Lapland").name == "Lapland"
    for bad in ("", "   ", "a\nb", "x" * 81):
        with pytest.raises(InvalidOption, match="1 to 80"):
            store.rename(session.id, bad)


@pytest.mark.parametrize("id", ["", "ses_", "../etc", "ses_" + "a" * 22 + "\n", "ses_" + "a" * 22, "ver_" + "a" * 22])
def test_ids_of_strangers_lead_nowhere(store, coffee, id):
    store.create(coffee)
    with pytest.raises(UnknownSession):
        store.get(id)
    with pytest.raises(UnknownSession):
        store.holder(id)


def test_a_tree_that_was_tampered_with_is_refused(store, coffee):
    session = grow(store, store.create(coffee))
    tree = store.root / session.id / TREE
    whole = json.loads(tree.read_text())
    for change in (
        {"current": fresh("ver")},
        {"versions": whole["versions"][1:]},
        {"versions": [whole["versions"][0], whole["versions"][1] | {"base": fresh("ver")}]},
        {
            "versions": [
                whole["versions"][0],
                whole["versions"][1] | {"picture": {"file": "../../x", "sha256": "0" * 64}},
            ]
        },
        {"more": 1},
    ):
        tree.write_text(json.dumps(whole | change))
        with pytest.raises(InvalidRecord):
            store.get(session.id)
        assert store.all() == ()


def test_what_a_killed_process_left_is_removed_by_the_next_change(store, coffee):
    session = grow(store, store.create(coffee))
    versions = store.picture(session, session.now).parents[1]
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    unfinished = versions / f".{dead.stdout.strip()}-0123abcd.part"
    orphan, alive = versions / fresh("ver"), versions / f".{os.getpid()}-0123abcd.part"
    for folder in (unfinished, orphan, alive):
        folder.mkdir()
    store.rename(session.id, "still here")
    assert not unfinished.exists() and not orphan.exists() and alive.exists()


def worker(store, session):
    """A process that adds versions for ever."""
    child = os.fork()
    if child == 0:
        try:
            while True:
                grow(store, store.get(session.id))
        finally:
            os._exit(1)
    return child


def stop(child):
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_a_kill_at_any_instant_leaves_a_whole_session(store, coffee):
    session = store.create(coffee)
    seen = 0
    for pause in (0.01, 0.02, 0.03, 0.05, 0.08, 0.13, 0.21, 0.4):
        child = worker(store, session)
        time.sleep(pause)
        stop(child)
        now_ = store.get(session.id)
        assert len(now_.versions) >= max(seen, 1), "what was there is there"
        seen = len(now_.versions)
        for version in now_.versions:
            assert kept(store.picture(now_, version)) == version.picture
        assert grow(store, now_).now.number == now_.next_number
    assert seen > 1


def test_two_processes_lose_nothing_of_each_other(store, coffee):
    session = store.create(coffee)
    both = [worker(store, session) for _ in range(2)]
    time.sleep(0.5)
    for child in both:
        stop(child)
    numbers = [version.number for version in Sessions(store.root).get(session.id).versions]
    assert numbers == list(range(len(numbers))) and len(numbers) > 2
