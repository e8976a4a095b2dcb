"""The makers of the three data sets and of the mini benchmarks, on what the package brings."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from pixwright.build.pairs.stage import Stage, Unfit
from pixwright.build.run.commands import recipe_for
from pixwright.build.run.quarantine import Quarantined
from pixwright.build.run.recipe import Recipe, anyedit, mm_inst, reasonpix2pix
from pixwright.build.sets import anyedit as direct
from pixwright.build.sets import dreambooth
from pixwright.build.sets import mm_inst as interleaved
from pixwright.build.sets import reasonpix2pix as reasoning
from pixwright.build.sets.bench import bench, catalogue_of
from pixwright.build.sets.splits import SPLITS, leaks, near, perceptual_hash
from pixwright.build.wording.names import head
from pixwright.build.wording.paraphrase import Paraphrased
from pixwright.build.wording.reasoning import problem
from pixwright.errors import InvalidOption
from pixwright.records.kind import EditType
from pixwright.records.sample import Sample, Split, split_of

SIZE = 128


def small(recipe: Recipe, **changes: object) -> Recipe:
    return recipe.model_copy(update={"size": SIZE, "filters": False, **changes})


def same(one: Sample, other: Sample) -> bool:
    return (
        one.id == other.id
        and one.instruction == other.instruction
        and np.array_equal(one.edited, other.edited)
        and one.scores == other.scores
    )


def test_a_place_does_not_depend_on_where_the_span_begins() -> None:
    recipe = small(anyedit(), types={EditType.REMOVE: 1.0, EditType.COLOR_ALTER: 1.0, EditType.ADD: 2.0})
    whole = [row for row in direct.make(recipe, 0, 4) if isinstance(row, Sample)]
    alone = [row for row in direct.make(recipe, 3, 4) if isinstance(row, Sample)]
    assert len(whole) >= 4
    assert all(same(a, b) for a, b in zip(alone, whole[-len(alone) :], strict=True))
    for row in whole:
        assert row.mask is not None
        assert np.array_equal(row.source[row.mask == 0], row.edited[row.mask == 0])
        assert row.scores["outside_l1"] == 0
        assert row.source_caption and row.edited_caption and row.parts


def test_no_training_row_holds_a_reserved_asset_and_no_test_row_another() -> None:
    for split in Split:
        recipe = small(anyedit(), split=split, types={EditType.REPLACE: 1.0, EditType.VISUAL_REFERENCE: 1.0})
        held = catalogue_of(recipe.sources, split)
        keys = {a.key for kind in ("cutout", "background") for a in held.assets(kind)}  # type: ignore[arg-type]
        for row in direct.make(recipe, 0, 3):
            if isinstance(row, Sample):
                used = [p.key for p in row.parts if p.key.split("/")[0] not in ("table", "sign")]
                assert used and set(used) <= keys
                assert all(split_of(held.asset(key).path) is split for key in used)


def test_filters_only_mark_and_the_kept_row_comes_last() -> None:
    recipe = small(anyedit(), filters=True, types={EditType.REMOVE: 1.0})
    strict = recipe.model_copy(update={"thresholds": {"all": {"contrast": (0.9, None)}}})
    rows = list(direct.make(strict, 0, 1))
    assert len(rows) > 1
    assert all(isinstance(row, Sample) and row.rejected.startswith("contrast: ") for row in rows)
    assert len({row.id for row in rows}) == len(rows)
    kept = [row for row in direct.make(recipe, 0, 1) if isinstance(row, Sample) and not row.rejected]
    assert len(kept) <= 1


def test_a_place_that_no_scene_can_fill_is_quarantined() -> None:
    work = bench(small(anyedit()))
    *tries, row = work.fill(7, lambda index, rng, name: "unfit: nothing here", "remove")
    assert row == Quarantined("anyedit-00000007", "no_pair: 8 tries; the last: unfit: nothing here")
    assert [one.id[-2:] for one in tries] == [f"-{at}" for at in range(8)]
    assert all(isinstance(one, Quarantined) and one.trial and one.type == "remove" for one in tries)


def test_data_sets_of_one_seed_share_no_source() -> None:
    made = [
        next(row for row in maker.make(small(recipe()), 0, 1) if isinstance(row, Sample))
        for maker, recipe in ((direct, anyedit), (interleaved, mm_inst), (reasoning, reasonpix2pix))
    ]
    assert len({row.source.tobytes() for row in made}) == 3


def test_interleaved_instructions_name_every_reference_in_both_notations() -> None:
    rows = [row for row in interleaved.make(small(mm_inst()), 0, 12) if isinstance(row, Sample)]
    assert {row.extra["kind"] for row in rows} >= {"add", "replace"}
    for row in rows:
        numbers = [int(n) for n in re.findall(r"\[(\d+)\]", row.instruction)]
        assert sorted(numbers) == [one.number for one in row.references] != []
        assert f"[image:base:{row.source_caption}]" in row.multimodal
        assert len(re.findall(r"\[(?:image|audio):", row.multimodal)) == 1 + len(row.references)
        assert row.target.startswith("[base] ") and row.target.endswith(f"[gen:{row.edited_caption}]")
        heard = [one for one in row.references if one.samples is not None]
        assert row.multimodal.count("[audio:") == len(heard)
        assert "{" not in row.instruction + row.multimodal
    music = [row for row in rows if row.extra["kind"] == "fit_music"]
    assert all(row.references[0].rate == 16_000 and row.mask is None for row in music)


def test_there_are_two_hundred_ways_to_say_an_interleaved_instruction() -> None:
    said = interleaved.table()
    frames = set(said["frames"])
    kinds = [said[kind] for kind in ("add", "replace", "replace_named", "remove", "fit_music", "fit_style")]
    templates = {words for bank in (*kinds, *said["other"].values()) for words in bank}
    assert len(frames) * len(templates) >= 200
    assert all("{base}" in words for words in templates)


def test_the_one_that_a_picture_means_is_the_only_one_of_its_kind() -> None:
    work = bench(small(mm_inst()))
    told = 0
    for at in range(40):
        stage = Stage(work.scene(np.random.default_rng(at), 3, 5), work.catalogue, np.random.default_rng(at))
        try:
            found = interleaved.tell(("remove", "replace", "other")[at % 3], stage)
        except Unfit:
            continue
        told += 1
        assert 1 <= len(found.subjects) <= interleaved.MOST_REFERENCES
        for one in found.subjects:
            if not one.new and one.layer is not None:
                assert [head(layer.name) for layer in found.draft.before.layers].count(head(one.layer.name)) == 1
    assert told > 10


def test_the_kinds_have_their_shares_at_any_length() -> None:
    shares = interleaved.table()["kinds"]
    assert sum(shares.values()) == pytest.approx(1)
    for length in (100, 1000):
        kinds = [interleaved.kind_of(i) for i in range(length)]
        for kind, share in shares.items():
            assert abs(kinds.count(kind) / length - share) < 0.03
        parts = [reasoning.part_of(i, photographs=True) for i in range(length)]
        assert abs(parts.count("III") / length - 28_058 / 40_212) < 0.03
    assert "III" not in {reasoning.part_of(i, photographs=False) for i in range(50)}


def test_the_parts_of_reasoning_may_have_other_shares() -> None:
    shares = reasoning.shares_of({"shares": "I=6, II=3, III=2"})
    assert shares == {"I": 6, "II": 3, "III": 2} and reasoning.shares_of({}) == reasoning.SHARES
    parts = [reasoning.part_of(at, photographs=True, shares=shares) for at in range(110)]
    assert [parts.count(part) for part in shares] == pytest.approx([60, 30, 20], abs=3)
    alone = [reasoning.part_of(at, photographs=False, shares={"III": 1}) for at in range(5)]
    assert set(alone) == {"I"}, "without photographs there is no part III"
    for wrong in ("IV=1", "I", "I=0", "I=x"):
        with pytest.raises(InvalidOption, match="no shares"):
            reasoning.shares_of({"shares": wrong})


def test_reasoning_never_names_what_it_leads_to() -> None:
    rows = [row for row in reasoning.make(small(reasonpix2pix()), 0, 6) if isinstance(row, Sample)]
    assert {row.extra["part"] for row in rows} <= {"I", "II"}
    assert len(rows) >= 4
    for row in rows:
        assert row.reasoning and row.reasoning != row.instruction
        assert row.step.why and row.instruction not in row.step.why
        assert problem(row.reasoning, row.step) is None


def test_an_editor_is_told_where_the_thing_is_and_what_it_touched_is_held_against_that() -> None:
    work = bench(small(reasonpix2pix()))
    made = [reasoning.own_edit(work, at, np.random.default_rng(at), "x") for at in range(1, 6)]
    local = [one for one in made if isinstance(one, Sample) and one.mask is not None]
    assert local and all(one.scores["known_overlap"] > 0.3 for one in local if "known_overlap" in one.scores)
    wrong = replace(local[0], scores={**local[0].scores, "known_overlap": 0.1})
    filtering = replace(work, recipe=work.recipe.model_copy(update={"filters": True}))
    assert filtering.judged(wrong).rejected.startswith(("known_overlap: 0.1 < ", "contrast", "inside_changed"))


def test_test_splits_hold_no_systems_own_choice() -> None:
    assert {reasoning.part_of(at, photographs=True, split=Split.TEST) for at in range(60)} == {"I"}


def test_a_near_duplicate_is_no_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    work = bench(small(reasonpix2pix()))
    (row,) = [r for r in direct.make(small(anyedit(), types={EditType.REMOVE: 1.0}), 0, 1) if isinstance(r, Sample)][:1]
    monkeypatch.setitem(reasoning._PARTS, "I", lambda *_: replace(row, edited=row.source))
    found = reasoning.candidate(work, "I", 0, np.random.default_rng(1), "x")
    assert isinstance(found, str) and found.startswith("near_duplicate: ")
    monkeypatch.setitem(reasoning._PARTS, "I", lambda *_: row)
    assert isinstance(reasoning.candidate(work, "I", 0, np.random.default_rng(1), "x"), Sample)


def test_thirty_subjects_on_thirty_backgrounds() -> None:
    recipe = SPLITS["dreamboothpp-mini"]().model_copy(update={"size": SIZE})
    held = catalogue_of((), Split.TEST)
    assert len(set(dreambooth.subjects(held))) == 30
    assert len(dreambooth.backgrounds(held)) == 30
    assert len({a.name for a in dreambooth.backgrounds(held)}) >= 15
    rows = [row for index in (0, 31, 899) for row in dreambooth.place(held, recipe, index)]
    assert len(rows) == 3
    for row in rows:
        assert isinstance(row, Sample)
        assert row.references[0].pixels is not None and "prompt" in row.extra
        assert row.extra["subject"] != rows[0].extra["subject"] or row is rows[0]


def test_the_splits_do_not_leak_and_a_leak_would_be_found() -> None:
    train, test = catalogue_of((), Split.TRAIN), catalogue_of((), Split.TEST)
    assert leaks(train, test) == []
    assert all(recipe().split is Split.TEST for recipe in SPLITS.values())
    planted = leaks(test, test)
    assert any(line.startswith("name: ") for line in planted)
    assert any(line.startswith("bytes: ") for line in planted)
    assert any(line.startswith("looks: ") for line in planted)


def test_perceptual_hashes_are_near_for_copies_and_far_for_others() -> None:
    held = catalogue_of((), Split.TEST)
    pictures = [held.pixels(a.key) for a in held.assets("cutout")[:12]]
    copies = [np.clip(p.astype(np.int16) + np.array([2, 2, 2, 0], np.int16), 0, 255).astype(np.uint8) for p in pictures]
    pairs = near([perceptual_hash(p) for p in pictures], [perceptual_hash(p) for p in copies])
    assert {(i, i) for i in range(12)} <= set(pairs)
    assert all(i == j for i, j in pairs)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"types": "remov"}, "no edit type"),
        ({"proportions": "mine"}, "uniform, paper"),
        ({"split": "dev"}, "train, test"),
        ({"count": 0}, "count"),
        ({"size": 5}, "size"),
        ({"sources": ("nowhere",)}, "nowhere"),
        ({"sources": ("folder:/no/such/folder",)}, "no/such/folder"),
        ({"formats": "csv"}, "formats"),
    ],
)
def test_a_wrong_option_is_one_line(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidOption) as error:
        recipe_for("anyedit", **changes)  # type: ignore[arg-type]
    assert words in str(error.value) and "\n" not in str(error.value)


def test_the_command_line_changes_a_recipe() -> None:
    recipe = recipe_for("anyedit", count=40, types="add, remove", proportions="paper", photographs=0.25)
    assert (recipe.count, set(recipe.types)) == (40, {EditType.ADD, EditType.REMOVE})
    assert recipe.types[EditType.ADD] == 390_049
    assert recipe.options == {"photographs": "0.25"}
    named = recipe_for("anyedit", sources=("packaged",))
    assert named.options["sources"].startswith("packaged@")


def test_a_language_models_words_are_taken_where_they_parse_back(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = recipe_for("anyedit", types="remove", size=SIZE, filters=False, paraphrase=True)
    plain = next(row for row in direct.make(recipe, 0, 1) if isinstance(row, Sample))
    monkeypatch.setenv("PIXWRIGHT_LLM_URL", "http://127.0.0.1:9/v1")
    dead = next(row for row in direct.make(recipe, 0, 1) if isinstance(row, Sample))
    assert same(plain, dead), "a server that is away changes nothing"

    def told(instruction: str, *_: object, **__: object) -> Paraphrased:
        return Paraphrased((f"kindly {instruction}",))

    monkeypatch.setattr(direct, "paraphrase", told)
    row = next(row for row in direct.make(recipe, 0, 1) if isinstance(row, Sample))
    assert row.instruction == f"kindly {plain.instruction}" == row.step.instruction
    assert np.array_equal(row.edited, plain.edited)
