"""`auto`: the measured order, who is tried and who did it; with what the package brings alone it does what `local` does."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import skimage.data as data

from pixwright.edit.contract import Proposal
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, MissingExtra
from pixwright.flow import Request, edit_picture
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Instruction
from pixwright.records.kind import EditType
from pixwright.records.result import Verdict
from pixwright.systems import build, local
from pixwright.systems.auto import FEWEST, TRIED_FROM, Acceptance, Measured, Table, auto_with, read_table, told

GOLDEN = Path(__file__).parents[1] / "golden"
ENCODERS = Encoders()
CAT = shrink(data.chelsea(), 320)
FOUND, NOWHERE = "make the cat pink", "make the zebra pink"


def table(**editors):
    """`name=(accepted, results)` in every type; each is built with the options it would need."""
    rows = [Measured(name, name, {}, dict.fromkeys(EditType, Acceptance(*pair))) for name, pair in editors.items()]
    return Table(tuple(rows), "digest")


def painter(colour):
    """A system that paints the whole of what it is shown in one colour, wherever the thing may be."""

    def make(name, encoders, options):
        def edit(picture, step, region, context):
            new = np.full_like(picture, colour)
            new[::2] //= 2
            return Proposal(new, np.full(picture.shape[:2], 255, np.uint8))

        return replace(local(encoders), name=name, edit=edit)

    return make


def edited(words, made, options=None):
    system = auto_with(ENCODERS, options or {}, *made)
    return edit_picture(CAT, Request(Instruction(words)), system)


def test_an_interval_narrows_with_results_and_holds_the_share():
    few, many = Acceptance(3, 6).interval, Acceptance(300, 600).interval
    assert few[0] < many[0] < 0.5 < many[1] < few[1]
    assert Acceptance(0, 0).interval == (0.0, 1.0)
    assert Acceptance(0, 10).interval[0] == 0 and Acceptance(10, 10).interval[1] == 1


def test_the_surest_comes_first_and_what_is_not_good_enough_not_at_all():
    there = frozenset({"local", "good", "some", "few", "bad"})
    found = table(local=(22, 30), good=(29, 30), some=(4, FEWEST), few=(2, 2), bad=(3, 30))
    assert Acceptance(3, 30).interval[0] < TRIED_FROM < Acceptance(2, 2).interval[0]
    assert found.order(EditType.REMOVE, there) == ("good", "local", "some")
    assert found.order(EditType.REMOVE, there - {"good"}) == ("local", "some")
    assert table(good=(9, 10)).order(EditType.ADD, there) == ("good", "local"), "local is always there"


def test_the_packages_table_is_of_known_types_and_systems():
    found = read_table()
    assert found.editors[0].name == "local" and len(found.digest) == 64
    assert all(0 <= share.accepted <= share.results for one in found.editors for share in one.types.values())
    assert len(told(found)) == sum(len(one.types) for one in found.editors)


def test_the_mini_weights_stand_in_the_table_as_they_were_rated():
    rows = [json.loads(line) for line in (GOLDEN / "judge" / "painted.jsonl").read_text().splitlines()]
    assert {one.name for one in read_table(GOLDEN / "none").editors} == {"local"} | {row["system"] for row in rows}
    for one in read_table(GOLDEN / "none").editors[1:]:
        mine = [row for row in rows if row["system"] == one.name]
        made, good = Counter(row["type"] for row in mine), Counter(row["type"] for row in mine if row["grade"] in "AB")
        assert one.types == {EditType(kind): Acceptance(good[kind], count) for kind, count in made.items()}, one.name


def test_with_the_packages_own_editors_alone_it_is_never_worse_than_local():
    """No packaged editor but `local` is tried in any type; and what `local` gives is what comes out, bit for bit."""
    system, plain = build("auto", ENCODERS), build("local", ENCODERS)
    for kind in EditType:
        assert [one.name for one in system.order(step_of(kind))] == ["local"], kind
    for words in (FOUND, "make it night", "remove the zebra"):
        one, other = (edit_picture(CAT, Request(Instruction(words)), made) for made in (system, plain))
        assert one.report.verdict == other.report.verdict and np.array_equal(one.picture, other.picture), words
        assert one.report.steps[0].by == "local" and other.report.steps[0].by == ""
        assert one.report.steps[0].model_copy(update={"by": "", "tries": ()}) == other.report.steps[0].model_copy(
            update={"tries": ()}
        )


def step_of(kind):
    from pixwright.records.plan import Step

    return Step(type=kind, instruction="")


def test_another_editor_is_tried_where_local_cannot_and_the_report_names_both():
    report = edited(
        "paint it in the manner of zorbism", (painter((250, 160, 190)), table(local=(9, 10), other=(5, 10)))
    ).report.steps[0]
    assert report.by == "other" and report.verdict is not Verdict.NOT_DONE
    ways = [one.way for one in report.tries]
    assert ways[0].startswith("by local, ") and ways[-1].startswith("by other, ")
    assert "done by other" in report.lines()


def test_a_later_editor_must_do_better_by_verdict():
    def same(name, encoders, options):
        return replace(local(encoders), name=name)

    step = edited(NOWHERE, (same, table(local=(9, 10), twin=(5, 10)))).report.steps[0]
    assert step.by == "local" and step.verdict is Verdict.NOT_DONE and len(step.tries) >= 2
    assert "tried by local" in step.lines()


def test_the_better_one_goes_first_and_local_is_asked_only_if_it_fails():
    seen = []

    def watched(name, encoders, options):
        inner = local(encoders)
        return replace(inner, name=name, edit=lambda *given: (seen.append(name), inner.edit(*given))[1])

    step = edited("make it night", (watched, table(local=(5, 10), better=(10, 10)))).report.steps[0]
    assert (
        seen
        and step.by == "better"
        and not any("by local" in one.way for one in step.tries if step.verdict is Verdict.DONE)
    )


def test_what_is_not_there_is_left_out():
    def missing(name, encoders, options):
        raise MissingExtra("needs torch")

    far = Table((Measured("far", "anysd", {"weights": "/no/such/folder"}, {EditType.REMOVE: Acceptance(9, 9)}),), "x")
    for made in ((missing, table(local=(1, 2), far=(9, 9))), (painter(0), far)):
        system = auto_with(ENCODERS, {}, *made)
        assert [one.name for one in system.order(step_of(EditType.REMOVE))] == ["local"]


def test_editors_can_be_chosen_by_name():
    made = (painter(0), table(local=(5, 10), one=(9, 10), two=(9, 10)))
    system = auto_with(ENCODERS, {"editors": "two"}, *made)
    assert [one.name for one in system.order(step_of(EditType.ADD))] == ["two", "local"]
    with pytest.raises(InvalidOption, match="'three' was not measured; there is: local, one, two"):
        auto_with(ENCODERS, {"editors": "three"}, *made)


def test_the_users_table_adds_to_the_packages(tmp_path):
    own = tmp_path / "auto.json"
    own.write_text(
        json.dumps({"mine": {"system": "anysd", "options": {"weights": "~/anysd"}, "types": {"add": [8, 10]}}})
    )
    found = {one.name: one for one in read_table(own).editors}
    assert found["mine"].types == {EditType.ADD: Acceptance(8, 10)} and "local" in found
    assert read_table(own).digest != read_table(tmp_path / "none.json").digest
    for wrong in ("[]", "{", '{"mine": {}}', '{"mine": {"system": "anysd", "options": {}, "types": {"fly": [1, 2]}}}'):
        own.write_text(wrong)
        with pytest.raises(InvalidOption, match=r"recipes/auto\.py"):
            read_table(own)


def test_the_record_names_the_table():
    system = auto_with(ENCODERS, {}, painter(0), table(local=(1, 2)))
    assert system.weights_used()["auto-table"] == "digest" and system.name == "auto"
