"""The funnel: counts add up, and the drawing is a drawing."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter

from pixwright.build.run.engine import make_shard
from pixwright.build.run.manifest import Seconds, ShardManifest
from pixwright.build.run.quarantine import Quarantined
from pixwright.build.run.recipe import anyedit
from pixwright.build.run.report import drawing, funnels, markdown


def manifest(shard: int) -> ShardManifest:
    return ShardManifest(
        shard=shard,
        start=shard * 10,
        stop=shard * 10 + 10,
        identity="x",
        files={},
        types={"remove": 6, "add": 3},
        rejected={"remove": {"outside_l1": 2, "words": 1}, "counting": {"count_error": 4}},
        quarantined={"no_pair": 1},
        seconds=Seconds(rows=1, files=0.1, cpu=1),
    )


def test_the_funnel_adds_up() -> None:
    found = {one.type: one for one in funnels([manifest(0), manifest(1)])}
    assert list(found) == ["remove", "add", "counting"]
    assert (found["remove"].tried, found["remove"].kept) == (18, 12)
    assert found["remove"].reasons == (("outside_l1", 4), ("words", 2))
    assert (found["counting"].tried, found["counting"].kept) == (8, 0)


def test_the_page_says_all_of_it() -> None:
    manifests = [manifest(0), manifest(1)]
    text = markdown(anyedit(), manifests, funnels(manifests), None)
    assert "| remove | 18 | 12 | 67% | outside_l1 4, words 2 |" in text
    assert "| counting | 8 | 0 | 0% | count_error 8 |" in text
    assert "| no_pair | 2 |" in text
    assert "18 kept (56.2%)" in text


def test_refused_tries_are_in_the_funnel() -> None:
    def make(recipe, start, stop):  # type: ignore[no-untyped-def]
        yield Quarantined("a-0-0", "unfit: nothing here", type="remove", trial=True)
        yield Quarantined("a-0-1", "words: not read", trial=True)
        yield Quarantined("a-0", "no_pair: 2 tries")

    rows = make_shard(anyedit().model_copy(update={"count": 1}), 0, make)
    assert rows.rejected_by == {"any": {"words": 1}, "remove": {"unfit": 1}} and rows.quarantined_by == {"no_pair": 1}
    whole = manifest(0).model_copy(update={"rejected": rows.rejected_by, "types": {"remove": 3}})
    assert [(one.type, one.tried) for one in funnels([whole])] == [("remove", 4), ("any", 1)]


def test_bars_are_as_long_as_their_counts() -> None:
    found = funnels([manifest(0)])
    root = ET.fromstring(drawing(found))
    bars = [node for node in root.iter("{http://www.w3.org/2000/svg}rect") if len(node)]
    counts = Counter(node[0].text.split(":")[0] for node in bars if node[0].text)
    assert counts["kept"] == 3 and counts["outside_l1"] == 1
    width = {node[0].text: float(node.get("width", 0)) for node in bars}
    assert abs(width["kept: 6"] - 3 * width["outside_l1: 2"]) < 0.5
