"""The tagger's rows and its training: quotations are found, variations keep their labels, and a small network learns what it is shown."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tokenizers import Tokenizer  # noqa: E402

from pixwright.encoders.tagging.labels import KINDS, ROLES  # noqa: E402
from pixwright.train.tagging.fit import batch_of, train  # noqa: E402
from pixwright.train.tagging.network import TaggerNetwork, WordTable  # noqa: E402
from pixwright.train.tagging.samples import SKIPPED, labelled, pieces_of, read_rows, tagged, varied  # noqa: E402
from pixwright.weights.store import path  # noqa: E402

TOKENIZER = Tokenizer.from_file(str(path("minilm-tokenizer")))
ROW = {
    "text": "sky should be pinker and lose that bin next to the door pls",
    "steps": [
        {"says": "sky should be pinker", "type": "color_alter", "target": "sky", "value": "pinker", "means": "pink"},
        {"says": "lose that bin next to the door pls", "type": "remove", "target": "that bin next to the door"},
    ],
}


def quoted(row):
    """What each step says and what is in each of its roles."""
    return [
        (row.text[s.says[0] : s.says[1]], {k: [row.text[a:b] for a, b in v] for k, v in s.roles.items()})
        for s in row.steps
    ]


def test_quotations_are_found_in_their_step():
    row = labelled({"text": "dog left, dog right", "steps": [{"says": "dog left", "type": "movement", "target": "dog", "place": "left"}, {"says": "dog right", "type": "movement", "target": "dog", "place": "right"}]})  # fmt: skip
    assert [s.roles["target"][0][0] for s in row.steps] == [0, 10]


def test_a_whole_word_is_meant():
    row = labelled({"text": "category: cat", "steps": [{"says": "category: cat", "type": "remove", "target": "cat"}]})
    assert row.steps[0].roles["target"] == ((10, 13),)


@pytest.mark.parametrize("wrong", [{"says": "nothing of it"}, {"target": "a tree"}, {"type": "explode"}, {"means": "pinkish"}])  # fmt: skip
def test_what_is_not_there_is_refused(wrong):
    with pytest.raises(ValueError, match=r"is not in|unknown"):
        labelled({**ROW, "steps": [{**ROW["steps"][0], **wrong}]})


def test_a_file_names_the_row_that_is_wrong(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps(ROW) + "\n" + json.dumps({"text": "a", "steps": [{"says": "b", "type": "remove"}]}))
    with pytest.raises(ValueError, match=r"rows\.jsonl:2"):
        read_rows([file])


def test_variations_keep_every_quotation_whole():
    """What stands in a role after a phrase was lent, a noun changed, a row joined and a letter lost is what stood there, but for these."""
    row, rng = labelled(ROW), np.random.default_rng(0)
    for _ in range(200):
        made = varied(row, [row], pieces_of([row]), rng)
        for (_, roles), (_, was) in zip(quoted(made), quoted(row) * 2, strict=False):
            assert roles.keys() == was.keys()
            for role, pieces in roles.items():
                assert len(pieces) == len(was[role]) and all(p == p.strip() and p for p in pieces)
        assert all(0 <= a < b <= len(made.text) for s in made.steps for a, b in (s.says, *sum(s.roles.values(), ())))


def test_a_lent_phrase_is_of_the_same_role_and_brings_what_it_means():
    """Pronouns are lent to nobody: they stand for something in their own row."""
    lender = labelled({"text": "make the old gate teal, and her smile", "steps": [
        {"says": "make the old gate teal", "type": "color_alter", "target": "the old gate", "value": "teal", "means": "teal"},
        {"says": "her smile", "type": "action_change", "target": "her", "means": "smile"},
    ]})  # fmt: skip
    pieces = pieces_of([lender])
    assert pieces["color_alter", "value"] == [("teal", "teal")] and ("action_change", "target") not in pieces
    row, rng = labelled(ROW), np.random.default_rng(1)
    made = [varied(row, [row], pieces, rng) for _ in range(200)]
    teal = [m for m in made if "teal" in m.text]
    assert teal and all(m.steps[0].means == "teal" and quoted(m)[0][1]["value"] == ["teal"] for m in teal)
    assert any("the old gate" in quoted(m)[0][1]["target"] for m in made)


def test_labels_are_by_token():
    made = tagged(labelled(ROW), TOKENIZER)
    words = TOKENIZER.encode(ROW["text"]).tokens
    assert [words[i] for i in np.flatnonzero(made.begins == 1)] == ["sky", "lose"]
    assert made.kinds.tolist() == [KINDS.index("color_alter"), KINDS.index("remove")]
    target = [words[i] for i in np.flatnonzero(made.roles[1] == ROLES.index("target"))]
    assert target == ["that", "bin", "next", "to", "the", "door"]
    assert (made.roles[:, 0] == SKIPPED).all() and words[0] == "[CLS]"


def test_a_batch_is_padded_with_what_counts_for_nothing():
    one, two = (tagged(labelled(row), TOKENIZER) for row in (ROW, {"text": "cat gone", "steps": [{"says": "cat gone", "type": "remove", "target": "cat"}]}))  # fmt: skip
    batch = batch_of([one, two])
    assert batch.of.tolist() == [0, 0, 1]
    assert (batch.begins[1, len(two.ids) :] == SKIPPED).all() and not batch.mask[1, len(two.ids) :].any()


def test_a_network_learns_what_it_is_shown():
    """Toy: two rows, a table and layers at random."""
    torch.manual_seed(0)
    rows = [labelled(ROW), labelled({"text": "make it night", "steps": [{"says": "make it night", "type": "tone_transfer", "means": "night"}]})]  # fmt: skip
    told = []
    train(
        lambda rng: rows * 8,
        WordTable().eval(),
        TaggerNetwork(),
        TOKENIZER,
        passes=6,
        size=8,
        say=told.append,
    )
    losses = [float(line.split("loss ")[1].split()[0]) for line in told]
    assert losses[-1] < losses[0] - 1
