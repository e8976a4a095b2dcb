"""Each published layout, and the mini splits, become the examples that the protocol means."""

import io
import json
import wave

import numpy as np
import pytest
from evaluate_samples import drawn
from PIL import Image
from task_sets import magicbrush, save

from pixwright.errors import InvalidOption
from pixwright.evaluate.readers import splits
from pixwright.evaluate.run.example import pixels_of
from pixwright.evaluate.run.suites import SUITES, open_suite
from pixwright.records.instruction import PictureAttachment, SoundAttachment


def read(name, folder):
    return list(open_suite(name, folder).examples())


def png(pixels):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def parquet(path, rows):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)


def test_magicbrush_single_turn_starts_from_the_truth_of_the_turn_before(tmp_path):
    found = read("magicbrush", magicbrush(tmp_path, {"30": 1, "139": 11}))
    assert len(found) == 12 and all(one.counted and not one.previous for one in found)
    tenth = next(one for one in found if one.key == "139-10")
    assert (tenth.source.name, tenth.target.name) == ("139-output9.png", "139-output10.png")
    assert (tenth.output, tenth.caption, tenth.cluster) == ("139/139_inde_10.png", "a photo of cat 10", "139")
    assert found[0].output == "30/30_1.png"


def test_magicbrush_multi_turn_chains_and_counts_the_last(tmp_path):
    found = read("magicbrush-multi", magicbrush(tmp_path))
    assert [(one.output, one.previous, one.counted) for one in found] == [
        ("30/30_1.png", "", True),
        ("139/139_1.png", "", False),
        ("139/139_iter_2.png", "139-1", False),
        ("139/139_iter_3.png", "139-2", True),
    ]


def test_magicbrush_says_what_is_missing(tmp_path):
    with pytest.raises(InvalidOption, match="edit_sessions"):
        read("magicbrush", tmp_path)
    folder = magicbrush(tmp_path / "set")
    (folder / "images/139/139-output2.png").unlink()
    with pytest.raises(InvalidOption, match=r"139-output2\.png is not there"):
        read("magicbrush", folder)


def test_emu_edit_takes_the_split_from_the_rows_and_not_from_the_files_name(tmp_path):
    def row(idx, split):
        return {
            "instruction": f"edit {idx}", "image": {"bytes": png(drawn(idx)), "path": None}, "task": "add", "split": split,
            "idx": idx, "hash": "x", "input_caption": "a", "output_caption": f"b {idx}",
        }  # fmt: skip

    # Emu Edit's published generations call the test rows validation.
    parquet(tmp_path / "swapped/validation-0.parquet", [row(n, "test") for n in (7, 3)])
    parquet(tmp_path / "swapped/test-0.parquet", [row(n, "validation") for n in (1, 2)])
    found = read("emu-edit", tmp_path / "swapped")
    assert [(one.key, one.output, one.caption, one.target) for one in found] == [
        ("emu-7", "7.png", "b 7", None),
        ("emu-3", "3.png", "b 3", None),
    ]
    assert np.array_equal(pixels_of(found[0].source), drawn(7))
    parquet(tmp_path / "wrong/a.parquet", [row(1, "validation")])
    with pytest.raises(InvalidOption, match="split 'test'"):
        read("emu-edit", tmp_path / "wrong")


def test_anyedit_test_by_type_and_a_type_without_caption(tmp_path):
    root = tmp_path / "anybench"
    for name in ("relation", "visual_material_transfer", "outpaint"):
        items = []
        for n in range(2):
            files = {role: f"anybench/{name}/{role}/{n}.png" for role in ("image", "edited", "visual")}
            for k, file in enumerate(files.values()):
                save(tmp_path / file, drawn(n + k))
            item = {"edit": f"do {n}", "image_file": files["image"], "edited_file": files["edited"]}
            items.append(
                item
                | ({"output": "a cat"} if name == "relation" else {})
                | ({"visual_input": files["visual"]} if "visual" in name else {})
            )
        (root / name / "edit_result.json").write_text(json.dumps(items))
    found = read("anyedit-test", root)
    assert [one.groups["type"] for one in found[::2]] == ["outpaint", "relation_change", "material_transfer"]
    assert [one.groups["group"] for one in found[::2]] == ["camera", "implicit", "visual"]
    assert [one.caption for one in found[::2]] == ["", "a cat", ""]
    assert [len(one.attachments) for one in found[::2]] == [0, 0, 1]
    relation = json.loads((root / "relation/edit_result.json").read_text())
    (root / "relation/edit_result.json").write_text(json.dumps([*relation, relation[0] | {"edit": "again"}]))
    assert [one.output for one in read("anyedit-test", root)][2:5] == [
        "relation/0.png",
        "relation/1.png",
        "relation/0-2.png",
    ]
    (root / "conjure").mkdir()
    (root / "conjure/edit_result.json").write_text("[]")
    with pytest.raises(InvalidOption, match="'conjure' is no edit type"):
        read("anyedit-test", root)


def test_instruct_pix2pix_takes_the_last_twentieth(tmp_path):
    listed = [[f"p{n:03}", [f"{n}1", f"{n}2"]] for n in range(41)]
    (tmp_path / "seeds.json").write_text(json.dumps(listed))
    for name, seeds in listed[38:]:
        for k in (0, 1):
            save(tmp_path / name / f"{seeds[0]}_{k}.jpg", drawn(k))
        (tmp_path / name / "prompt.json").write_text(json.dumps({"input": "a", "edit": f"e {name}", "output": "b"}))
    found = read("instructpix2pix", tmp_path)
    assert [(one.instruction, one.source_caption, one.caption) for one in found] == [
        (f"e p0{n}", "a", "b") for n in (38, 39, 40)
    ]


def test_a_list_of_examples_with_wordings_reasons_and_words_for_pictures(tmp_path):
    for n in range(3):
        save(tmp_path / f"{n}.png", drawn(n))
    mask = np.zeros((96, 128), np.uint8)
    mask[:10] = 255
    save(tmp_path / "m.png", mask)
    rows = [
        {"id": "a", "picture": "0.png", "instruction": "put [1] in", "attachments": ["1.png"], "attachment_captions": ["a cat"], "mask": "m.png",
         "subject": "cat", "reasoning": "it is lonely", "variations": ["add [1]", "insert [1]"]},
        {"picture": "2.png", "instruction": "remove it", "reasoning": "too much"},
    ]  # fmt: skip
    (tmp_path / "examples.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = read("instructedit-85", tmp_path)
    assert [(one.key, one.groups.get("wording")) for one in found] == [
        ("a", "1"),
        ("a-v2", "2"),
        ("a-v3", "3"),
        ("00002", None),
    ]
    assert {one.cluster for one in found[1:3]} == {"a"} and int(found[0].mask.max()) == 255
    assert np.array_equal(found[0].reference, drawn(1))
    assert [one.instruction for one in read("reasonpix2pix-reasoning", tmp_path)] == ["it is lonely", "too much"]
    assert [(one.instruction, one.attachments) for one in read("mm-inst-test-text", tmp_path)] == [
        ("put a cat in", ()),
        ("remove it", ()),
    ]
    for bad, told in (
        ({"picture": "../x.png", "instruction": "y"}, "leads out"),
        ({"picture": "0.png", "instruction": "y", "z": 1}, "'z'"),
    ):
        (tmp_path / "examples.jsonl").write_text(json.dumps(bad))
        with pytest.raises(InvalidOption, match=told):
            read("mm-inst-test", tmp_path)


def test_multi_modal_lines_in_the_papers_own_notation(tmp_path):
    (tmp_path / "instructions.txt").write_text(
        "add [image:fireworks] to [image:base:a city at night] == [image:result:a city at night with fireworks]\n\n"
        "turn [image:base:a lake] into a night scene with the sound of [audio: water stream] == [image:result:a lake at night]\n"
    )
    for name in ("1-base", "1-1", "3-base"):
        save(tmp_path / "media" / f"{name}.png", drawn(len(name)))
    with pytest.raises(InvalidOption, match=r"3-1\.\* is not there"):
        read("mm-inst-test", tmp_path)
    with wave.open(str(tmp_path / "media" / "3-1.wav"), "wb") as held:
        held.setparams((1, 2, 16000, 0, "NONE", ""))
        held.writeframes((np.sin(np.arange(8000) / 9) * 9000).astype("<i2").tobytes())
    first, second = read("mm-inst-test", tmp_path)
    assert first.instruction == "add [1] to the picture" and second.instruction.endswith("with the sound of [1]")
    assert isinstance(first.attachments[0], PictureAttachment) and isinstance(second.attachments[0], SoundAttachment)
    assert (first.source_caption, first.caption) == ("a city at night", "a city at night with fireworks")
    assert first.target is None and [one.groups["kind"] for one in (first, second)] == ["add", "others"]
    assert next(iter(read("mm-inst-test-text", tmp_path))).instruction == "add fireworks to the picture"
    (tmp_path / "instructions.txt").write_text("add [image:fireworks] == [image:result:a city]")
    with pytest.raises(InvalidOption, match="line 1 needs one"):
        read("mm-inst-test", tmp_path)


def test_every_subject_on_every_background(tmp_path):
    (tmp_path / "prompts.txt").write_text("a photo of {} on the beach\n{} in the snow\n")
    for name in ("subjects/teddy_bear", "subjects/owl", "backgrounds/1", "backgrounds/2"):
        save(tmp_path / f"{name}.png", drawn(len(name)))
    single, multi = (read(f"dreamboothpp-{kind}", tmp_path) for kind in ("single", "multi"))
    assert [one.key for one in single] == ["owl-01", "owl-02", "teddy_bear-01", "teddy_bear-02"]
    assert single[1].caption == "an owl in the snow" and single[2].source_caption == "a teddy bear"
    assert np.array_equal(pixels_of(multi[3].source), drawn(len("backgrounds/2"))) and multi[3].subject == "teddy bear"
    assert np.array_equal(multi[0].attachments[0].pixels, pixels_of(single[0].source))
    assert {one.cluster for one in multi} == {"owl", "teddy_bear"}
    (tmp_path / "prompts.txt").write_text("on the beach")
    with pytest.raises(InvalidOption, match=r"line 1 needs one \{\}"):
        read("dreamboothpp-single", tmp_path)


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    """Rows of the four splits by their real makers, small and few."""
    pytest.importorskip("pyarrow")
    from pixwright.build.run.engine import build
    from pixwright.build.sets.splits import SPLITS

    root = tmp_path_factory.mktemp("splits")
    for name, recipe in SPLITS.items():
        count = 3 if name == "dreamboothpp-mini" else 1
        small = recipe().model_copy(update={"size": 96, "count": count, "shard_size": 2, "filters": False})
        assert not build(small, root / name, workers=0, show=False).failed
    return root


def test_every_mini_split_is_read_as_its_protocols(mini):
    for suite in SUITES.values():
        if not suite.mini:
            continue
        opened = open_suite(suite.name, mini / suite.mini)
        found = list(opened.examples())
        assert "(mini split)" in opened.title and 0 < len(found) <= 3
        assert len({one.key for one in found}) == len(found) and all(one.instruction and one.caption for one in found)
        assert [one.fingerprint() for one in found] == [one.fingerprint() for one in opened.examples()]
        assert all(one.mask is None or one.mask.shape == pixels_of(one.source).shape[:2] for one in found)
    with pytest.raises(InvalidOption, match="needs 'mm-inst-test-mini'"):
        open_suite("mm-inst-test", mini / "anyedit-test-mini").examples()
    with pytest.raises(InvalidOption, match="no mini split"):
        open_suite("magicbrush", mini / "anyedit-test-mini")


def test_dreambooth_from_one_picture_and_from_two(mini):
    folder = mini / "dreamboothpp-mini"
    samples = list(splits.samples(folder))
    assert len(samples) > 1
    single, multi = (list(open_suite(f"dreamboothpp-{n}", folder).examples()) for n in ("single", "multi"))
    for sample, one, two in zip(samples, single, multi, strict=True):
        subject = sample.references[0].pixels[..., :3]
        assert np.array_equal(pixels_of(one.source), subject) and one.target is None and not one.attachments
        assert "background" in one.instruction and one.caption == sample.extra["prompt"]
        assert np.array_equal(pixels_of(two.source), sample.source) and np.array_equal(two.reference, subject)
        assert isinstance(two.attachments[0], PictureAttachment) and two.subject == sample.references[0].name


def test_multi_modal_instructions_and_their_words(mini):
    folder = mini / "mm-inst-test-mini"
    samples = list(splits.samples(folder))
    told, words = (list(open_suite(f"mm-inst-test{n}", folder).examples()) for n in ("", "-text"))
    for sample, one, two in zip(samples, told, words, strict=True):
        kinds = [SoundAttachment if r.pixels is None else PictureAttachment for r in sample.references]
        assert [type(a) for a in one.attachments] == kinds and one.groups["references"] == str(len(kinds))
        assert "[" not in two.instruction and all(r.caption in two.instruction for r in sample.references)
    direct, reason = (
        list(open_suite(f"reasonpix2pix-{n}", mini / "reasonpix2pix-test-mini").examples())
        for n in ("direct", "reasoning")
    )
    assert all(a.instruction != b.instruction and a.key == b.key for a, b in zip(direct, reason, strict=True))


def test_a_suite_without_its_data_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidOption, match="pixwright build splits"):
        open_suite("anyedit-test")
    with pytest.raises(InvalidOption, match="--data"):
        open_suite("magicbrush")
    with pytest.raises(InvalidOption, match="there are: magicbrush"):
        open_suite("magic")
