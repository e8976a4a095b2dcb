"""Rows of the language model in detail: what they say, where what is learnt lies in them, and how they become a batch."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("accelerate")

from test_train_language import WIDTH, material, settings, table  # noqa: E402

from pixwright.mllm.tokens import BASE, GEN, SUB  # noqa: E402
from pixwright.parse.implicit import knowledge, plan_words  # noqa: E402
from pixwright.train.config import Run  # noqa: E402
from pixwright.train.language.plans import plan_rows, shown_as  # noqa: E402
from pixwright.train.language.rows import LanguageRow, LanguageRowMaker  # noqa: E402
from pixwright.train.language.scenes import wordings  # noqa: E402
from pixwright.train.language.start import network_for  # noqa: E402
from pixwright.train.language.states import encoded  # noqa: E402
from pixwright.train.language.task import LanguageTask  # noqa: E402
from tiny_language import tiny_folder  # noqa: E402

ROW = LanguageRow(
    "edit",
    "put [1] beside [2]",
    {0: ("picture", 0), 1: ("picture", 2), 2: ("sound", 18)},
    (BASE, SUB, SUB, GEN),
    (0, 2, 18, 1),
    "A cow.",
)


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tiny_folder(tmp_path_factory.mktemp("rows"))
    network, writer, layout = network_for(settings(folder), WIDTH)
    return folder, network, writer, layout


def rows_of(scene, count=300):
    """Edit rows about one scene of the material."""
    made = LanguageRowMaker(material(), 5).rows("edit", 6 * count)
    return [row for index, row in enumerate(made) if index % 6 == scene]


def test_what_is_learnt_lies_behind_the_prompt(parts):
    _, _, writer, _ = parts
    found = encoded(ROW, writer)
    assert found.learnt.stop == len(found.ids)
    answer = found.ids[found.learnt.start :]
    assert answer[:4] == writer.controls((BASE, SUB, SUB, GEN))
    assert answer[-1] == writer.end
    assert [number for _, number in found.controls] == [0, 2, 18, 1]
    assert [place for place, _ in found.controls] == list(range(found.learnt.start, found.learnt.start + 4))
    assert [number for *_, number in found.slots] == [0, 2, 18]
    assert all(place < found.learnt.start for place, *_ in found.slots)


def test_a_row_without_words_ends_at_gen(parts):
    _, _, writer, _ = parts
    short = LanguageRow("edit", "make it night", {}, (GEN,), (1,))
    found = encoded(short, writer)
    assert found.ids[-1] == writer.controls((GEN,))[0]
    assert len(found.learnt) == 1


@pytest.fixture(scope="module")
def task(parts, tmp_path_factory):
    folder, network, writer, layout = parts
    rows = [encoded(ROW, writer), *(encoded(row, writer) for row in rows_of(0, 12))]
    run = Run(name="rows", kind="language", language=settings(folder))
    return LanguageTask(run, network, layout, rows[:9], rows[9:], table(), tmp_path_factory.mktemp("states"))


def test_a_batch_is_padded_and_points_at_the_right_places(parts, task):
    _, network, writer, _ = parts
    long, short = encoded(ROW, writer), task.held[0]
    batch = task.tensors([long, short])
    length = max(len(long.ids), len(short.ids))
    assert batch["states"].shape == (2, length, network.size)
    assert batch["mask"].sum(1).tolist() == [len(long.ids), len(short.ids)]
    assert len(batch["places"]) == len(batch["vectors"]) == len(long.slots) + len(short.slots)
    first = batch["from_row"] == 0
    assert batch["from_place"][first].tolist() == [place - 1 for place in long.learnt]
    np.testing.assert_allclose(batch["target"][:4].numpy(), table()[[0, 2, 18, 1]])
    assert (batch["ids"][batch["control_row"], batch["control_place"]] >= network.vocabulary).all()


def test_noise_leaves_vectors_at_length_one_and_depends_on_the_step(task):
    def drawn(seed):
        return task.batch(np.array([0]), torch.Generator().manual_seed(seed), torch.device("cpu"))[0]["vectors"]

    one, same, other = drawn(1), drawn(1), drawn(2)
    torch.testing.assert_close(one.norm(dim=-1), torch.ones(len(one)))
    torch.testing.assert_close(one, same)
    assert (one - other).abs().max() > 0


def test_groups_hold_every_trained_row_once_by_length(task):
    rows = [row for group in task.groups for row in group]
    assert len(rows) == 9 and task.size() == 2
    lengths = [len(row.ids) for row in rows]
    assert lengths == sorted(lengths)


def test_validation_is_the_same_every_time(task):
    task.module.eval()
    first = task.validate()
    assert first == task.validate()
    assert 0 <= first["controls_right"] <= 1 and -1 <= first["cosine"] <= 1
    picture = task.sheet()
    assert picture.ndim == 3 and picture.shape[2] == 3 and picture.dtype == np.uint8


def test_a_replaced_reference_is_said_and_neither_given_nor_asked_for():
    said = [row for row in rows_of(0) if "a dog" in row.words]
    assert said
    assert all(SUB not in row.controls and "[1]" not in row.words.replace("[0]", "") for row in said)


def test_a_further_attachment_is_given_but_not_mentioned():
    spare = [row for row in rows_of(0) if len(row.inputs) == 3]
    assert spare
    assert all("[2]" not in row.words and row.controls.count(SUB) == 1 for row in spare)


def test_a_photograph_is_a_base_whose_result_nobody_knows(parts):
    _, _, writer, _ = parts
    shown = replace(material(), photographs=(20, 21))
    rows = list(LanguageRowMaker(shown, 5).rows("edit", 400))
    taken = [row for row in rows if 0 in row.inputs and row.inputs[0][1] in (20, 21)]
    assert 0.1 < len(taken) / len(rows) < 0.3
    for row in taken:
        assert row.controls[0] == BASE and row.controls[-1] == GEN and row.said == ""
        assert row.targets == (row.inputs[0][1], *row.targets[1:]) and len(row.targets) == len(row.controls) - 1
        found = encoded(row, writer)
        assert len(found.controls) == len(found.learnt) - 1


def test_two_attachments_have_either_order():
    both = [row for row in rows_of(2) if len(row.inputs) >= 3 and "[2]" in row.words]
    kinds = {(row.inputs[1][0], row.inputs[2][0]) for row in both}
    assert kinds == {("picture", "sound"), ("sound", "picture")}
    assert all(row.targets[-2] in (18, 19) for row in both)


def test_music_is_never_a_subject():
    assert all(SUB not in row.controls for row in rows_of(4))
    assert any(kind == "music" for row in rows_of(4) for kind, _ in row.inputs.values())


def test_every_kind_has_its_share_and_its_words():
    table_ = wordings()
    shares = {**table_["single"], **table_["pairs"]}
    assert sum(shares.values()) == pytest.approx(1)
    assert all("{1}" in words and "{2}" in words for kind in table_["pairs"] for words in table_[kind])
    assert all("{" not in words for task in ("describe_picture", "describe_sound") for words in table_[task])


def test_a_plan_says_the_steps_and_why():
    by_words = {plan_words(row): row for row in knowledge()}
    for row in plan_rows(50, 3):
        known = by_words[row.said]
        assert row.words.endswith(f": {known.situation}") or known.why in row.said
        assert row.said.split(" because ")[0] and not row.inputs
    assert shown_as(next(row for row in knowledge() if row.when == "any")) == ""
