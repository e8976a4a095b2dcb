"""Built rows sifted by the papers' filters: CLIP, the aesthetic score and a detector, with tiny random networks in their published layout."""

import numpy as np
import pytest
from evaluate_samples import drawn, save_clip, write_tensors

from pixwright.build.run.shard import encode_sample, parquet_bytes, read_rows, read_shard
from pixwright.errors import InvalidOption
from pixwright.evaluate.metrics.backbones import Backbones, Finder
from pixwright.evaluate.metrics.named import L14
from pixwright.evaluate.run.sift import rule, sift
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.sample import Sample, Split
from pixwright.records.vocabulary import COLOURS


def row(number: int, kind: EditType = EditType.ADD, value: str = "cat") -> Sample:
    step = Step(type=kind, instruction="do it", value=value)
    return Sample(
        id=f"row-{number}", dataset="small", type=kind, source=drawn(number), edited=drawn(number + 50), instruction="do it",
        step=step, source_caption="a dog", edited_caption="a cat", scores={"similarity": 0.5},
    )  # fmt: skip


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    for shard in range(2):
        rows = [encode_sample(row(10 * shard + number), Split.TRAIN) for number in range(3)]
        (folder / f"shard-{shard:05d}.parquet").write_bytes(parquet_bytes(rows))
    return folder


def weights(folder):
    save_clip(folder / L14, 2)
    rng = np.random.default_rng(0)
    head = {"layers.0.weight": rng.normal(size=(1, 16)), "layers.0.bias": np.zeros(1)}
    write_tensors(folder / "aesthetic-v2.safetensors", head)
    return folder


def test_published_filters_decide_row_by_row_and_say_why(run, tmp_path):
    pytest.importorskip("transformers")
    seen = Finder("a detector", lambda picture, phrase: (0, 0, 4, 4) if picture.mean() > 127 else None)
    backbones = Backbones(weights(tmp_path), finder=seen)
    names = ("aesthetic", "CLIP-dir", "recall")
    open_rules = [rule(f"{name}>=-999", backbones) for name in names]
    assert sift(run, tmp_path / "all", open_rules, backbones).kept == 6
    scored = [one for shard in sorted((tmp_path / "all").glob("shard-*")) for one in read_shard(shard)]
    middle = float(np.median([one.scores["aesthetic"] for one in scored]))
    rules = [rule(f"aesthetic >= {middle:.5f}", backbones), rule("recall>=1", backbones)]
    done = sift(run, tmp_path / "some", rules, backbones)
    wanted = [one for one in scored if one.scores["aesthetic"] >= round(middle, 5) and one.edited.mean() > 127]
    kept = [one for shard in sorted((tmp_path / "some").glob("shard-*")) for one in read_shard(shard)]
    assert [one.id for one in kept] == [one.id for one in wanted] and done.kept == len(wanted) < 6
    assert sum(done.gone.values()) == 6 - done.kept and set(done.gone) <= {"aesthetic", "recall"}
    reasons = [one["reason"] for file in (tmp_path / "some").glob("rejected-*") for one in read_rows(file)]
    assert len(reasons) == 6 - done.kept and all("<" in one for one in reasons)


def test_it_goes_on_where_it_was_and_gives_the_same_bytes(run, tmp_path):
    backbones = Backbones()
    rules = [rule("L1~source>=0.05", backbones), rule("SSIM~source<=0.99", backbones)]
    out = tmp_path / "out"
    first = sift(run, out, rules, backbones)
    files = {path.name: path.read_bytes() for path in out.iterdir()}
    (out / "shard-00001.parquet").unlink()
    again = sift(run, out, rules, backbones)
    assert again.found == 1 and again.kept <= first.kept
    assert {path.name: path.read_bytes() for path in out.iterdir()} == files
    assert next(read_shard(out / "shard-00000.parquet")).scores["similarity"] == 0.5  # what was measured before stays


def test_what_a_row_lacks_is_no_fault_of_it(run, tmp_path):
    step = row(1, EditType.COLOR_ALTER, next(iter(COLOURS)))
    (run / "shard-00000.parquet").write_bytes(parquet_bytes([encode_sample(step, Split.TRAIN)]))
    (run / "shard-00001.parquet").unlink()
    backbones = Backbones(finder=Finder("a detector", lambda picture, phrase: None))
    assert sift(run, tmp_path / "out", [rule("recall>=1", backbones)], backbones).kept == 1


@pytest.mark.parametrize("text", ["aesthetic", "aesthetic>4", ">=4", "nothing>=1"])
def test_what_is_no_rule_is_said(text):
    with pytest.raises(InvalidOption):
        rule(text, Backbones())


def test_folders_that_cannot_be_sifted_are_said(run, tmp_path):
    rules = [rule("L1>=0", Backbones())]
    for place, out in ((tmp_path / "none", tmp_path / "out"), (run, run)):
        with pytest.raises(InvalidOption):
            sift(place, out, rules, Backbones())
