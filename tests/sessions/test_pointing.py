"""Which of two things is meant, where words alone could mean both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixwright.errors import NothingFound
from pixwright.media import load_picture
from pixwright.sessions.converse import Saying, say

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def cats(tmp_path_factory):
    """Two cats, the right one the mirror image of the left one."""
    one = Image.open(EXAMPLES / "cat.png").convert("RGB").resize((225, 150))
    both = np.concatenate([np.asarray(one), np.asarray(one)[:, ::-1]], axis=1)
    path = tmp_path_factory.mktemp("cats") / "cats.png"
    Image.fromarray(both).save(path)
    return path


def changed(store, session, version):
    """Which half of the picture differs from the base's: shares of the left and of the right half."""
    before, after = (
        load_picture(store.picture(session, one)).pixels for one in (session.version(version.base), version)
    )
    different = np.any(before != after, axis=2)
    middle = different.shape[1] // 2
    return different[:, :middle].mean(), different[:, middle:].mean()


def test_the_other_one_is_not_the_one_that_was_edited(store, system, cats):
    session = store.create(cats)

    def talk(words):
        return say(store, session.id, Saying(words), system)

    first = talk("make the left cat blue").session
    left, right = changed(store, first, first.now)
    assert left > 0.05 > right
    too = talk("the other one too").session
    left, right = changed(store, too, too.now)
    assert right > 0.05 > left and too.now.base == first.current
    talk("undo")
    wrong = talk("no, the other one").session
    left, right = changed(store, wrong, wrong.now)
    assert right > 0.05 > left and wrong.now.base == first.original.id
    named = talk("make the other one green").session
    left, right = changed(store, named, named.now)
    assert left > 0.05 > right, "now the left one is the other one"


def test_where_there_is_no_other_one_it_is_said(store, system, coffee):
    session = store.create(EXAMPLES / "cat.png")
    say(store, session.id, Saying("make the cat blue"), system)
    with pytest.raises(NothingFound, match="no other cat"):
        say(store, session.id, Saying("now the other one"), system)
    assert len(store.get(session.id).versions) == 2


def test_what_moved_is_looked_for_again(store, system, cats):
    session = store.create(cats)
    say(store, session.id, Saying("make the left cat blue"), system)
    say(store, session.id, Saying("flip the picture horizontally"), system)
    answer = say(store, session.id, Saying("make the left cat darker"), system)
    record = answer.session.now.record
    assert record.override is None, "the mask from before the flip means nothing any more"
