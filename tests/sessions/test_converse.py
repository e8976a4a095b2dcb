"""What a session does with words, on a real picture, and that every version of it can be made again."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.errors import NothingToUndo, UnclearInstruction
from pixwright.files import UserPlace
from pixwright.media import load_picture
from pixwright.records.result import Verdict
from pixwright.sessions.again import verify
from pixwright.sessions.converse import Saying, chain_of, say


@pytest.fixture
def talk(store, coffee, system):
    """Says something to a session of the coffee cup; the answer."""
    session = store.create(coffee)

    def talk(words, **more):
        return say(store, session.id, Saying(words, **more), system)

    talk.store, talk.id = store, session.id
    return talk


def pixels(talk, version):
    return load_picture(talk.store.picture(talk.store.get(talk.id), version)).pixels


def steps(answer):
    return [(str(step.type), str(step.target), step.value) for step in answer.made[-1].version.record.plan.steps]


def test_turns_refer_to_what_was_said_and_edited(talk):
    first = talk("make the cup blue")
    assert first.session.now.number == 1 and first.made[0].done.result.report.verdict is not Verdict.NOT_DONE
    darker = talk("now make it darker")
    assert steps(darker) == [("tone_transfer", "cup", "brightness")]
    one, two = first.session.now, darker.session.now
    assert two.parent == two.base == one.id
    # "It" is just what was blue: nothing outside of that mask became darker, whatever the words would find now.
    assert two.record.override.startswith("found:")
    cup = load_picture(talk.store.file(darker.session, one, one.places[0].mask)).pixels[..., 0]
    changed = np.any(pixels(talk, one) != pixels(talk, two), axis=2)
    assert changed.any() and not changed[cup == 0].any()

    more = talk("a bit more").session.now
    assert (more.parent, more.base) == (two.id, one.id)
    assert more.record.plan.steps[0].amount.value < two.record.plan.steps[0].amount.value
    assert pixels(talk, more)[cup > 250].mean() < pixels(talk, two)[cup > 250].mean()
    assert [version.number for version in chain_of(talk.store.get(talk.id), more)] == [1, 3]

    back = talk("undo the last one")
    assert back.session.now.number == 2 and not back.made
    assert talk("undo everything").session.now.number == 0
    assert talk("redo two steps").session.now.number == 2
    assert talk("go back to the first").session.now.number == 1

    red = talk("actually red")
    assert steps(red) == [("color_alter", "cup", "red")]
    assert red.session.now.base == red.session.original.id and red.session.now.parent == one.id
    # Every version, the corrected ones too, comes out again byte for byte.
    checked = list(verify(talk.store, talk.store.get(talk.id)))
    assert len(checked) == 5 and all(one.same for one in checked), [one.notes for one in checked]


def test_one_edit_is_taken_back_and_later_ones_are_made_again(talk):
    talk("make it warmer")
    kept = talk("flip it horizontally").session.now
    answer = talk("undo the warmth, please")
    assert answer.session.now.number == kept.number + 1
    assert "made 1 later edit again" in answer.told[-1]
    original = pixels(talk, answer.session.original)
    assert np.array_equal(pixels(talk, answer.session.now), original[:, ::-1])
    assert not np.array_equal(pixels(talk, kept), original[:, ::-1])


def test_what_was_not_done_makes_no_version(talk):
    answer = talk("remove the dog")
    assert answer.made[0].version is None and answer.made[0].done.result.report.verdict is Verdict.NOT_DONE
    assert answer.session.now.number == 0
    with pytest.raises(UnclearInstruction):
        talk("flurb the gnarl")
    assert len(talk.store.get(talk.id).versions) == 1
    folder = talk.store.picture(answer.session, answer.session.now).parents[1]
    assert [one.name for one in folder.iterdir()] == [answer.session.now.id], "drafts are removed"


def test_words_without_a_past_say_so(talk):
    for words in ("a bit more", "again", "try again", "do the same to the cat"):
        with pytest.raises(UnclearInstruction, match="this is the original"):
            talk(words)
    for words in ("undo", "redo", "go to version 7", "undo everything"):
        with pytest.raises(NothingToUndo):
            talk(words)


def test_candidates_stand_side_by_side(talk):
    answer = talk("turn it into a watercolor", candidates=2)
    one, two = (made.version for made in answer.made)
    assert one.parent == two.parent == answer.session.original.id
    assert (one.record.seed, two.record.seed) == (0, 1) and answer.session.current in (one.id, two.id)


def test_another_try_differs_or_says_that_nothing_can(talk):
    style = talk("turn it into a watercolor").session.now
    other = talk("try again").session.now
    assert other.id != style.id and other.record.seed == style.record.seed + 1
    assert not np.array_equal(pixels(talk, other), pixels(talk, style))
    exact = talk("flip it horizontally").session.now
    answer = talk("try again")
    assert answer.session.now.id == exact.id and not answer.made and "nothing to chance" in answer.told[-1]


def test_an_attachment_is_remembered_with_its_name(talk, tmp_path, coffee):
    style = tmp_path / "waves.png"
    style.write_bytes(coffee.read_bytes())
    answer = talk("make it look like the style of [1]", attachments=(style,))
    version = answer.session.now
    assert [one.file for one in version.inputs] == ["waves.png"]
    style.unlink()
    assert next(verify(talk.store, answer.session, (version,))).same
    # A later turn may name it without attaching it again; and what is kept is compared.
    again = talk("apply the style of [1]").session.now
    assert again.parent == version.id and [one.file for one in again.inputs] == ["waves.png"]
    talk.store.input(answer.session, version, version.inputs[0]).write_bytes(b"other")
    damaged = next(verify(talk.store, answer.session, (version,)))
    assert not damaged.same and "waves.png was changed" in damaged.notes[0]


def test_a_place_that_was_pointed_at_is_kept(talk, tmp_path):
    answer = talk("make it red", place=UserPlace(box="40,40,150,150"))
    version = answer.session.now
    assert version.record.override == "box:40,40,150,150"
    # Made anew, it is the same box; nothing beyond it changes.
    again = talk("actually green").session.now
    assert again.record.override == "box:40,40,150,150"
    changed = np.any(pixels(talk, again) != pixels(talk, answer.session.original), axis=2)
    assert changed[40:150, 40:150].any() and not changed[:40].any() and not changed[:, 150:].any()


def test_an_earlier_version_can_be_edited(talk):
    one = talk("make it warmer").session.now
    talk("make it night")
    answer = talk("flip it horizontally", version=one.id)
    assert answer.session.now.parent == one.id and len(answer.session.children(one.id)) == 2
