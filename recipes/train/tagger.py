"""Train the tagger of instructions, measure it on rows that it has not learnt, and write it into the package.

    python -m recipes.train.tagger train --out out/tagger            # holds every eighth row back, and tells how it reads them
    python -m recipes.train.tagger train --out out/tagger --all      # on every row; goes on from the state that is there
    python -m recipes.train.tagger train --out out/tagger --all --packaged    # goes on from the packaged weights
    python -m recipes.train.tagger write --out out/tagger            # into the package; then `python -m recipes.convert.register`

It learns from `instructions/*.jsonl` (labelled by hand), the phrasings of `edit_type.tsv` with their slots filled anew in every pass, the situations of
`parse/knowledge.tsv`, and the rows of `tests/golden/parse/dev*.jsonl` of one step whose words can be found again. Needs the extra `torch`, and `onnx` to write.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from tokenizers import Tokenizer

from pixwright.encoders.tagging.labels import KINDS, LENGTH, MEANINGS, ROLES, SITUATION, meanings_of
from pixwright.encoders.tagging.tagger import ALL, TaggedStep, flags_of, starts_of, steps_of, words_of
from pixwright.train.tagging.fit import train
from pixwright.train.tagging.network import TaggerNetwork, WordTable, fill, table_of
from pixwright.train.tagging.samples import Json, LabelledStep, LabelledText, labelled, read_rows

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DATA = ROOT / "src/pixwright/weights/data"
ROWS = sorted((HERE / "instructions").glob("*.jsonl"))
HELD = 8
"""Every so manieth row is held back."""
STATE = "state.pt"
SITUATIONS = 400
"""Rows of the knowledge file in a pass."""
FILLED = {"t": "target", "ts": "target", "n": "amount", "k": "amount", "d": "place", "h": "place"}
"""Slot of a phrasing -> its role; the others are values."""
CLOSED = frozenset(kind for kind in KINDS if 0 not in meanings_of(kind))
"""Kinds for which the canonical word is always given."""


def phrasings() -> tuple[list[tuple[str, str]], dict[str, list[str]]]:
    """(kind, phrasing with slots in braces) of the kinds that are tagged, and what the slots may hold."""
    slots: dict[str, list[str]] = {}
    found = []
    with (HERE / "edit_type.tsv").open(encoding="utf-8") as file:
        for kind, text in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if kind.startswith("slot:"):
                slots[kind[5:]] = text.split("|")
            elif (
                kind in KINDS
                and kind not in CLOSED
                and set(re.findall(r"{(\w+)", text)) <= {*FILLED, *"acmpbxvsf", "vi"}
            ):
                found.append((kind, text))
    return found, slots


def filled(kind: str, text: str, slots: dict[str, list[str]], rng: np.random.Generator) -> LabelledText:
    """A phrasing with its slots filled."""
    out, roles, last = "", {}, 0
    for hole in re.finditer(r"{(\w+)}", text):
        out += text[last : hole.start()]
        name = hole[1]
        word = slots[name][rng.integers(len(slots[name]))]
        role = FILLED.get(name, "value")
        if name == "f" or (role == "target" and out.rstrip().endswith(tuple(slots["f"]))):
            role = "place"
        roles.setdefault(role, []).append((len(out), len(out) + len(word)))
        out += word
        last = hole.end()
    out += text[last:]
    if len(roles.get("place", ())) > 1:
        spans = roles["place"]
        roles["place"] = [(spans[0][0], spans[-1][1])]
    return LabelledText(out, (LabelledStep((0, len(out)), kind, "", {k: tuple(v) for k, v in roles.items()}),))


def situations() -> list[LabelledText]:
    """The knowledge file's."""
    with (ROOT / "src/pixwright/parse/knowledge.tsv").open(encoding="utf-8") as file:
        texts = dict.fromkeys(row["situation"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [LabelledText(t, (LabelledStep((0, len(t)), SITUATION),)) for t in texts]


def golden() -> Iterator[LabelledText]:
    """Development rows of one step, of which every word can be found again in the instruction."""
    for file in sorted((ROOT / "tests/golden/parse").glob("dev*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            steps = row["expect"].get("steps", ())
            if len(steps) == 1 and not row.get("attachments") and (made := _refound(row["instruction"], steps[0])):
                yield made


def _refound(text: str, step: Json) -> LabelledText | None:
    kind = step.get("type")
    if kind not in KINDS:
        return None
    quoted = {"says": text, "type": kind}
    for role, value in (("target", step.get("target")), ("value", step.get("value")), ("protect", step.get("protect"))):
        if value is None:
            continue
        if not isinstance(value, str):
            return None
        at = re.search(
            rf"(?:\b(?:the|a|an|my|his|her|its|their|our|your|that|this|those|these|some) )?\b{re.escape(value)}\b",
            text,
            re.IGNORECASE,
        )
        if at is not None:
            quoted[role] = at[0]
        elif role != "value" or kind not in CLOSED | {"background_change"}:
            return None
    where = step.get("where")
    if where is not None:
        return None
    if kind in CLOSED:
        means = step.get("value") or ""
        signed = step.get("amount")
        if means + "+" in MEANINGS:
            if not isinstance(signed, dict) or "value" not in signed:
                return None
            means += "+" if signed["value"] > 0 else "-"
        if means not in MEANINGS or not means:
            return None
        quoted["means"] = means
    try:
        return labelled({"text": text, "steps": [quoted]})
    except ValueError:
        return None


def packaged() -> tuple[WordTable, TaggerNetwork, Json]:
    """MiniLM's table of words, the network that starts from its layers, and its tokenizer."""
    stored = {i.name: numpy_helper.to_array(i) for i in onnx.load(str(DATA / "minilm.onnx")).graph.initializer}
    network = TaggerNetwork()
    for i, layer in enumerate(network.layers):
        fill(layer, stored, i)
    return table_of(stored), network, Tokenizer.from_file(str(DATA / "minilm_tokenizer.json"))


def restore(network: TaggerNetwork) -> None:
    """The packaged tagger's weights, so that a training goes on from them."""
    stored = {
        i.name: numpy_helper.to_array(i) for i in onnx.load(str(DATA / "instruction_tagger.onnx")).graph.initializer
    }
    for i, layer in enumerate(network.layers):
        fill(layer, stored, i)
    network.flag.weight.data = torch.from_numpy(stored["flag.half"].astype(np.float32))
    for name in ("mixed", "starts", "roles", "kinds", "means"):
        head = getattr(network, name)
        head.weight.data = torch.from_numpy(stored[f"{name}.int8"] * stored[f"{name}.scale"])
        head.bias.data = torch.from_numpy(stored[f"{name}.bias"].copy())


@torch.no_grad()
def read(text: str, table: WordTable, network: TaggerNetwork, tokenizer: Json) -> tuple[TaggedStep, ...]:
    """What the network in training reads, as the product will."""
    encoded = tokenizer.encode(text)
    words, ids = words_of(encoded), torch.tensor([encoded.ids[:LENGTH]])
    mask = torch.ones_like(ids)
    hidden = network.trunk(table(ids), mask)
    begins, *_ = network(hidden, mask, torch.full_like(ids, ALL))
    starts = starts_of(begins[0].numpy(), words)
    flags = torch.from_numpy(flags_of([i for i, _ in starts], words, ids.shape[1]))
    _, roles, kinds, means = network(hidden.expand(len(flags), -1, -1), mask.expand(len(flags), -1), flags)
    return steps_of(starts, words, roles.numpy(), kinds.numpy(), means.numpy())


def checker(rows: list[LabelledText], table: WordTable, tokenizer: Json) -> Callable[[TaggerNetwork], str]:
    """Tells how rows that were held back are read: shares with the right number of steps; of steps with the right kind, words and canonical word; of rows with all of it."""

    def said(text: str, spans: tuple[tuple[int, int], ...]) -> list[str]:
        return re.findall(r"\w+", " ".join(text[a:b] for a, b in spans).lower())

    def check(network: TaggerNetwork) -> str:
        counts = dict.fromkeys(("steps", "kind", "roles", "means", "all"), 0.0)
        for row in rows:
            got = read(row.text, table, network, tokenizer)
            if len(got) != len(row.steps):
                continue
            counts["steps"] += 1
            right = True
            for g, s in zip(got, row.steps, strict=True):
                same = {
                    "kind": g.kind == s.kind,
                    "roles": all(
                        said(row.text, g.roles.get(r, ())) == said(row.text, s.roles.get(r, ())) for r in ROLES[1:4]
                    ),
                    "means": g.means == s.means or s.kind not in CLOSED,
                }
                for name, yes in same.items():
                    counts[name] += yes / len(got)
                right &= all(same.values())
            counts["all"] += right
        return ", ".join(f"{name} {count / max(1, len(rows)):.1%}" for name, count in counts.items())

    return check


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "write"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--passes", type=int, default=24)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--packaged", action="store_true")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    table, network, tokenizer = packaged()
    if asked.what == "write":
        from recipes.convert.tagger import write_graph

        network.load_state_dict(torch.load(asked.out / STATE, weights_only=True))
        write_graph(network.eval(), DATA / "instruction_tagger.onnx")
        return
    if (asked.out / STATE).exists():
        network.load_state_dict(torch.load(asked.out / STATE, weights_only=True))
    elif asked.packaged:
        restore(network)
    rows = read_rows(ROWS)
    held = [] if asked.all else rows[::HELD]
    taught = [row for i, row in enumerate(rows) if asked.all or i % HELD]
    refound, told, (phrases, slots) = list(golden()), situations(), phrasings()
    print(
        f"{len(taught)} labelled rows, {len(refound)} golden ones, {len(phrases)} phrasings, {len(told)} situations; {len(held)} held back"
    )

    def rows_of(rng: np.random.Generator) -> list[LabelledText]:
        some = [told[i] for i in rng.choice(len(told), SITUATIONS, replace=False)]
        return [*taught, *refound, *some, *(filled(kind, text, slots, rng) for kind, text in phrases)]

    train(
        rows_of,
        table,
        network,
        tokenizer,
        passes=asked.passes,
        rate=asked.rate,
        check=checker(held, table, tokenizer),
    )
    torch.save(network.state_dict(), asked.out / STATE)


if __name__ == "__main__":
    main()
