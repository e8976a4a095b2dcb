"""Train `parse/typed.npz`, the head that says which edit type an instruction is where no rule reads it; and measure it.

    python recipes/train/edit_type.py                 measure, train on everything, write
    python recipes/train/edit_type.py --measure       measure only, also a head that sees the picture to be edited

Rows come from four places: the pair makers of `build` (training split; scenes, references and guidance pictures are rendered), the phrasings of
`edit_type.tsv` with their slots filled, the situations of `parse/knowledge.tsv`, and the development rows of `tests/golden/parse`.
Measured is what generalises: four folds over *phrasings*, none of which the head has seen in any filling, and the development rows, which
somebody else wrote, with a head that was trained without them. One core, about four minutes.
"""

from __future__ import annotations

import argparse
import csv
import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

import pixwright.parse
from pixwright.build.contract import ScenePair
from pixwright.build.pairs import attempt
from pixwright.build.pairs.conditions import condition
from pixwright.build.pairs.realise import realise
from pixwright.build.scene.compose import compose
from pixwright.build.scene.render import render
from pixwright.build.sets.bench import catalogue_of
from pixwright.encoders.bundle import Encoders
from pixwright.errors import PixwrightError
from pixwright.nn.tasks import expert_of, task_of
from pixwright.parse import parse
from pixwright.parse.typed import NOTHING, SIDE, TYPES, allowed, cues, mean_features, plain_words, probabilities
from pixwright.records.instruction import Array, Instruction, PictureAttachment, SoundAttachment
from pixwright.records.kind import EditType, Group
from pixwright.records.sample import Split

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "parse"
SEED, MADE, FILLED, FOLDS = 7, 40, 10, 4
"""Dice; scenes a type; fillings of a phrasing; parts that the phrasings are split into."""
KINDS, VIEW, HIDDEN, EPOCHS = 24, 12, 96, 30
GUIDED = dict(zip(TYPES[-5:], ("bbox", "scribble", "segment", "sketch", "depth"), strict=True))
FRAMES = ("please {}", "can you {}?", "{} please", "hey, {}", "{}!", "i want you to {}", "pls {}", "{} thanks", "so {}")
TEMPERATURES = np.arange(0.6, 3.01, 0.05)
HELD = "held out"
BLANK = np.zeros((8, 8, 3), np.uint8)


@dataclass(frozen=True)
class Row:
    """A sentence and its class. `look` and `view` are numbers in the table of features, of attachment and picture; -1: none."""

    text: str
    kind: int
    attached: str = ""
    """ "picture", "sound" or nothing."""
    phrase: str = ""
    """The phrasing that it was made from; empty for generated rows."""
    look: int = -1
    view: int = -1
    neutral: bool = False
    """Only the attachment tells the type."""

    @property
    def instruction(self) -> Instruction:
        """With an empty attachment."""
        made = {
            "picture": (PictureAttachment("reference.png", BLANK),),
            "sound": (SoundAttachment("music.wav", np.zeros(16, np.float32), 16_000),),
        }
        return Instruction(self.text, made.get(self.attached, ()))


class Features:
    """Mean features of the pictures that were looked at, and which of them are attachments of a type."""

    def __init__(self, encoders: Encoders) -> None:
        self.encoders, self.rows = encoders, []
        self.pools: dict[str, list[int]] = {}
        self.folds: list[int] = []

    def add(self, pixels: Array, pool: str, scene: int) -> int:
        """The number of a picture's features; pictures of one scene are in one fold."""
        self.rows.append(mean_features(pixels, self.encoders))
        self.pools.setdefault(pool, []).append(len(self.rows) - 1)
        self.folds.append(scene % FOLDS)
        return len(self.rows) - 1

    def one(self, pool: str, rng: np.random.Generator, fold: int | None = None) -> int:
        """Any of a pool, or of that pool's part in a fold."""
        choices = [i for i in self.pools[pool] if fold is None or self.folds[i] == fold]
        return choices[int(rng.integers(len(choices)))]


def varied(kind: str, pixels: Array, rng: np.random.Generator) -> Array:
    """A guidance picture as other programs write it: inverted lines, thick lines, coloured or inverted nearness, other label colours."""
    way = int(rng.integers(4))
    if kind in ("scribble", "sketch"):
        thick = cv2.erode(pixels, np.ones((3, 3), np.uint8))
        return (pixels, 255 - pixels, thick, 255 - thick)[way]
    if kind == "depth":
        maps = (cv2.COLORMAP_INFERNO, cv2.COLORMAP_JET)
        soft = cv2.GaussianBlur(pixels, (0, 0), 2.0)
        return soft if way == 0 else 255 - pixels if way == 1 else cv2.applyColorMap(pixels[..., 0], maps[way - 2])
    if kind == "segment":
        return (pixels[..., ::-1], pixels[..., [1, 2, 0]], 255 - pixels, pixels)[way].copy()
    return pixels


def generated(features: Features) -> list[Row]:
    """Rows of the pair makers with their pictures, `MADE` scenes a type; a guided scene gives all five guidance pictures."""
    catalogue, rows = catalogue_of((), Split.TRAIN), []
    for number, kind in enumerate(TYPES):
        for index in range(MADE):
            rng = np.random.default_rng([SEED, number, index])
            pair = attempt(kind, compose(catalogue, rng, 224, 168, int(rng.integers(1, 5))), catalogue, rng)
            if not isinstance(pair, ScenePair):
                continue
            sample = realise(pair, render, catalogue, "row")
            view, look = features.add(sample.source, "scene", index), -1
            if sample.references and sample.references[0].pixels is not None:
                look = features.add(sample.references[0].pixels, str(kind), index)
            if kind in GUIDED:
                before, after = render(pair.before, catalogue), render(pair.after, catalogue)
                for other, name in GUIDED.items():
                    features.add(varied(name, condition(name, pair, before, after), rng), str(other), index)
            rows.append(Row(sample.instruction, number, "picture" if look >= 0 else "", "", look, view))
            if sample.reasoning:
                rows.append(Row(sample.reasoning, TYPES.index(EditType.IMPLICIT_CHANGE), view=view))
    return rows


def situations() -> list[Row]:
    """Those of the knowledge: a wish, or a sentence that asks for nothing; as many of both."""
    text = (Path(pixwright.parse.__file__).with_name("knowledge.tsv")).read_text(encoding="utf-8")
    table = {r["situation"]: r["steps"].strip() for r in csv.DictReader(text.splitlines(), delimiter="\t", quoting=3)}
    rng = np.random.default_rng(SEED)
    rows = []
    for kind, names in (
        (NOTHING, [s for s, steps in table.items() if steps == "nothing"]),
        (TYPES.index(EditType.IMPLICIT_CHANGE), [s for s, steps in table.items() if steps != "nothing"]),
    ):
        rows += [Row(names[i], kind) for i in rng.permutation(len(names))[:350]]
    return rows


def phrased(features: Features) -> list[Row]:
    """The phrasings, filled; their pictures have nothing to do with their type."""
    lines = [x.split("\t") for x in Path(__file__).with_suffix(".tsv").read_text(encoding="utf-8").splitlines()]
    slots = {kind[5:]: text.split("|") for kind, text in lines if kind.startswith("slot:")}
    rng, rows = np.random.default_rng(SEED), []
    for label, phrase in ((k, p) for k, p in lines if not k.startswith("slot:")):
        name, _, special = label.partition(".")
        for kind in GUIDED if name == "guided" else (EditType(name) if name != "none" else None,):
            for _ in range(FILLED // 2 if name == "guided" else FILLED):
                text = framed(filled(phrase, slots, kind, rng), rng)
                attached = "sound" if special == "sound" else "picture" if "[1]" in phrase else ""
                look = features.one(str(kind), rng, fold_of(phrase)) if attached == "picture" else -1
                view = features.one("scene", rng, fold_of(phrase))
                rows.append(
                    Row(
                        text,
                        TYPES.index(kind) if kind else NOTHING,
                        attached,
                        phrase,
                        look,
                        view,
                        special == "neutral",
                    )
                )
    return rows


def fold_of(phrase: str) -> int:
    """The part that a phrasing belongs to, from its own letters."""
    return zlib.crc32(phrase.encode()) % FOLDS


def filled(phrase: str, slots: dict[str, list[str]], kind: EditType | None, rng: np.random.Generator) -> str:
    """A phrasing with something in each of its slots."""
    while "{" in phrase:
        name = phrase[phrase.index("{") + 1 : phrase.index("}")]
        choices = slots[f"g.{kind}" if name == "g" else name]
        phrase = phrase.replace(f"{{{name}}}", choices[int(rng.integers(len(choices)))], 1)
    return phrase


def framed(text: str, rng: np.random.Generator) -> str:
    """As people type: now and then polite, now and then with two letters exchanged."""
    if rng.random() < 0.25:
        text = FRAMES[int(rng.integers(len(FRAMES)))].format(text)
    if rng.random() < 0.1 and len(text) > 6:
        at = int(rng.integers(1, len(text) - 2))
        if text[at : at + 2].isalpha():
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text


def golden(features: Features) -> list[Row]:
    """The development rows of one step, and those that ask for nothing. Their attachments are of their own type."""
    rng, rows = np.random.default_rng(SEED), []
    for name in ("dev", "dev2", "dev3"):
        for line in (GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            expect, group = row["expect"], row["type_group"]
            if group in ("several", "explicit") and "steps" in expect:
                named = expect["steps"][0].get("type", "")
                group = named if len(expect["steps"]) == 1 and isinstance(named, str) else ""
            kind = NOTHING if "error" in expect else TYPES.index(EditType(group)) if group in list(TYPES) else None
            if kind is None or len(row["attachments"]) > 1:
                continue
            attached = "".join(row["attachments"])
            pool = str(TYPES[kind]) if kind != NOTHING else ""
            look = features.one(pool, rng) if attached == "picture" and pool in features.pools else -1
            view = features.one("scene", rng)
            rows.append(Row(row["instruction"], kind, attached, HELD if row.get("held_out") else name, look, view))
    return rows


@dataclass(frozen=True)
class Table:
    """Rows as arrays: text (n, 384), cues (n, c), look and view (n, 1280), what is possible (n, 27), class (n,)."""

    rows: list[Row]
    text: np.ndarray
    cues: np.ndarray
    look: np.ndarray
    view: np.ndarray
    possible: np.ndarray
    kind: np.ndarray

    def part(self, keep: np.ndarray) -> Table:
        """Those rows only."""
        rows = [row for row, kept in zip(self.rows, keep, strict=True) if kept]
        return Table(rows, *(getattr(self, f)[keep] for f in ("text", "cues", "look", "view", "possible", "kind")))


def table_of(rows: list[Row], features: Features) -> Table:
    """The arrays."""
    seen = np.array([*features.rows, np.zeros(1280, np.float32)])
    made = [row.instruction for row in rows]
    return Table(
        rows,
        features.encoders.text.embed([plain_words(row.text) for row in rows]),
        np.array([cues(one) for one in made]),
        seen[[row.look for row in rows]],
        seen[[row.view for row in rows]],
        np.array([allowed(one) for one in made]),
        np.array([row.kind for row in rows]),
    )


class Net(torch.nn.Module):
    """As `parse.typed.Head`, with the picture's own branch (`view`) for comparison."""

    def __init__(self, cue_count: int, *, view: bool) -> None:
        super().__init__()
        self.look = torch.nn.Linear(1280, KINDS)
        self.view = torch.nn.Linear(1280, VIEW) if view else None
        self.hidden = torch.nn.Linear(384 + cue_count + KINDS + (VIEW if view else 0), HIDDEN)
        self.out = torch.nn.Linear(HIDDEN, len(TYPES) + 1)

    def forward(
        self, text: torch.Tensor, cue: torch.Tensor, look: torch.Tensor, view: torch.Tensor, seen: torch.Tensor
    ) -> torch.Tensor:
        """(n, 27) logits; `seen` (n, 2) is 0 where attachment or picture count for nothing."""
        drop = torch.nn.functional.dropout
        parts = [drop(text, 0.2, self.training), cue, torch.tanh(self.look(look)) * seen[:, :1]]
        if self.view is not None:
            parts.append(torch.tanh(self.view(view)) * seen[:, 1:])
        hidden = torch.relu(self.hidden(torch.cat(parts, 1)))
        return self.out(drop(hidden, 0.3, self.training))


def fit(data: Table, *, view: bool) -> Net:
    """Trained with attachment (0.3, where the words tell enough) and picture (0.5) dropped at random."""
    torch.manual_seed(SEED)
    net = Net(data.cues.shape[1], view=view)
    neutral = torch.tensor([row.neutral for row in data.rows])
    has = torch.tensor([[row.look >= 0, row.view >= 0] for row in data.rows], dtype=torch.float32)
    parts = [torch.from_numpy(np.asarray(x, np.float32)) for x in (data.text, data.cues, data.look, data.view)]
    closed, kind = torch.from_numpy(~data.possible), torch.from_numpy(data.kind)
    counts = np.bincount(data.kind, minlength=len(TYPES) + 1)
    weight = torch.from_numpy((counts.mean() / np.maximum(counts, 1)) ** 0.5).float()
    steps = EPOCHS * (len(kind) // 128)
    optimiser = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=0.05)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        at = torch.randint(len(kind), (128,))
        kept = torch.rand(len(at), 2) > torch.tensor([0.3, 0.5])
        kept[:, 0] |= neutral[at]
        logits = net(*(part[at] for part in parts), has[at] * kept).masked_fill(closed[at], -1e4)
        loss = torch.nn.functional.cross_entropy(logits, kind[at], weight, label_smoothing=0.02)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rate.step()
    return net.eval()


def logits_of(net: Net, data: Table, *, look: bool = True, view: bool = True) -> np.ndarray:
    """(n, 27); attachment and picture may be covered up."""
    has = torch.tensor([[look and row.look >= 0, view and row.view >= 0] for row in data.rows], dtype=torch.float32)
    parts = [torch.from_numpy(np.asarray(x, np.float32)) for x in (data.text, data.cues, data.look, data.view)]
    with torch.no_grad():
        return net(*parts, has).numpy()


def refused(rows: list[Row], encoders: Encoders) -> np.ndarray:
    """Where rules and knowledge give no plan: the rows that the head is for."""
    out = []
    for row in rows:
        try:
            parse(row.instruction, None, encoders, use_llm=False)
            out.append(False)
        except PixwrightError:
            out.append(True)
    return np.array(out)


def routed(kinds: np.ndarray) -> np.ndarray:
    """The expert of table 8 for each class; -1: no edit."""
    return np.array([-1 if k == NOTHING else expert_of(task_of(TYPES[k])) for k in kinds])


def rates(name: str, kind: np.ndarray, guess: np.ndarray) -> str:
    """One line: accuracy of type and of expert."""
    right, way = guess == kind, routed(guess) == routed(kind)
    return f"{name:34} {len(kind):5} rows  type {right.mean():6.1%}  expert {way.mean():6.1%}"


def report(title: str, data: Table, odds: np.ndarray, left: np.ndarray) -> None:
    """Figures per family, and of the rows that the rules refuse."""
    guess = odds.argmax(1)
    print(f"\n{title}\n{rates('all', data.kind, guess)}")
    for group in Group:
        keep = np.array([k != NOTHING and TYPES[k].group is group for k in data.kind])
        print(rates(f"  {group}", data.kind[keep], guess[keep]))
    print(rates("  nothing asked", data.kind[data.kind == NOTHING], guess[data.kind == NOTHING]))
    edits = data.kind != NOTHING
    print(rates("refused by the rules, edits", data.kind[left & edits], guess[left & edits]))
    print(rates("refused by the rules, no edits", data.kind[left & ~edits], guess[left & ~edits]))


def calibrated(logits: np.ndarray, data: Table) -> float:
    """The temperature of greatest likelihood."""
    rows = np.arange(len(data.kind))
    score = [np.log(probabilities(logits / t, data.possible)[rows, data.kind] + 1e-9).mean() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmax(score))])


def threshold(data: Table, odds: np.ndarray, left: np.ndarray) -> float:
    """The least probability with the most right experts, where a wrong one costs as much as a right one gains.

    Sentences that ask for nothing weigh, together, as much as all edits: how many of either a user types is not known.
    """
    best = odds[:, :NOTHING].argmax(1)
    sure = odds[np.arange(len(best)), best]
    gain = np.where((routed(best) == routed(data.kind)) & (data.kind != NOTHING), 1.0, -1.0)
    asks, levels = data.kind != NOTHING, np.arange(0.2, 0.95, 0.01)
    gain = np.where(asks, gain, gain * (left & asks).sum() / max((left & ~asks).sum(), 1))
    least = float(levels[int(np.argmax([gain[left & (sure >= x)].sum() for x in levels]))])
    taken = left & (sure >= least)
    print(
        f"\nleast probability {least:.2f}, on what the rules refuse: {(taken & asks).sum()} of {(left & asks).sum()} edits get a plan,"
    )
    print(rates("  of these", data.kind[taken & asks], best[taken & asks]))
    print(f"  of {(left & ~asks).sum()} that ask for nothing {(taken & ~asks).sum()} get a plan")
    return least


def measured(words: Table, rest: Table, gold: Table, features: Features, *, view: bool) -> tuple[float, float]:
    """Temperature and least probability, after printing the figures; `view`: also those of a head that sees the picture."""
    encoders = features.encoders
    fold = np.array([fold_of(row.phrase) for row in words.rows])
    looked = np.array([features.folds[row.look] if row.look >= 0 else -1 for row in rest.rows])
    logits = {
        name: np.zeros((len(words.rows), len(TYPES) + 1), np.float32) for name in ("plain", "bare", "view", "dark")
    }
    for number in range(FOLDS):
        train = joined([words.part(fold != number), rest.part(looked != number)])
        test, net = words.part(fold == number), fit(train, view=False)
        logits["plain"][fold == number] = logits_of(net, test)
        logits["bare"][fold == number] = logits_of(net, test, look=False)
        if not view:
            continue
        wide = fit(train, view=True)
        logits["view"][fold == number] = logits_of(wide, test)
        logits["dark"][fold == number] = logits_of(wide, test, view=False)
    temperature = calibrated(logits["plain"], words)
    left = refused(words.rows, encoders)
    odds = probabilities(logits["plain"] / temperature, words.possible)
    report("phrasings never seen (4 folds)", words, odds, left)
    for name, what in (
        ("bare", "attachment not looked at"),
        ("view", "with the picture's features"),
        ("dark", "the same, picture withheld"),
    )[: 3 if view else 1]:
        print(rates(what, words.kind, probabilities(logits[name], words.possible).argmax(1)))
    neutral = np.array([row.neutral for row in words.rows])
    print(rates("only the attachment tells", words.kind[neutral], odds[neutral].argmax(1)))
    sure = odds.max(1)
    print("calibration:", "  ".join(_bin(odds, words.kind, sure, a, a + 0.2) for a in (0.2, 0.4, 0.6, 0.8)))
    least = threshold(words, odds, left)
    net = fit(joined([words, rest]), view=False)
    outside = refused(gold.rows, encoders)
    odds = probabilities(logits_of(net, gold) / temperature, gold.possible)
    report("development rows, written by somebody else (trained without them)", gold, odds, outside)
    if view:
        wide = logits_of(fit(joined([words, rest]), view=True), gold)
        print(rates("with the picture's features", gold.kind, probabilities(wide, gold.possible).argmax(1)))
    wrong = [
        (TYPES[k] if k < NOTHING else "nothing", g) for k, g in zip(gold.kind, odds.argmax(1), strict=True) if k != g
    ]
    confused = sorted({(a, b): sum(x == (a, b) for x in wrong) for a, b in wrong}.items(), key=lambda x: -x[1])[:14]
    print("most confused:", ", ".join(f"{a} as {TYPES[b] if b < NOTHING else 'nothing'} {n}" for (a, b), n in confused))
    best = odds[:, :NOTHING].argmax(1)
    taken, asks = outside & (odds[np.arange(len(best)), best] >= least), gold.kind != NOTHING
    print(
        f"at {least:.2f}, of what the rules refuse: {(taken & asks).sum()} of {(outside & asks).sum()} edits planned,"
    )
    print(rates("  of these", gold.kind[taken & asks], best[taken & asks]))
    print(f"  {(taken & ~asks).sum()} of {(outside & ~asks).sum()} that ask for nothing planned")
    return temperature, least


def _bin(odds: np.ndarray, kind: np.ndarray, sure: np.ndarray, low: float, high: float) -> str:
    inside = (sure >= low) & (sure < high + (high >= 1))
    return f"said {sure[inside].mean():.2f} was {(odds.argmax(1) == kind)[inside].mean():.2f} (n {inside.sum()})"


def joined(parts: list[Table]) -> Table:
    """Tables, one after another."""
    names = ("text", "cues", "look", "view", "possible", "kind")
    return Table(
        [row for part in parts for row in part.rows], *(np.concatenate([getattr(p, n) for p in parts]) for n in names)
    )


def write(net: Net, temperature: float, least: float) -> None:
    """`typed.npz`, float16; the temperature is in the last layer."""

    def rows(layer: torch.nn.Linear, scale: float = 1.0) -> np.ndarray:
        joint = torch.cat([layer.weight.T, layer.bias[None]]).detach().numpy() / scale
        return joint.astype(np.float16)

    target = Path(pixwright.parse.__file__).with_name("typed.npz")
    np.savez_compressed(
        target, look=rows(net.look), hidden=rows(net.hidden), out=rows(net.out, temperature), least=np.float32(least)
    )
    print(f"\n{target.name}: {target.stat().st_size} bytes")


def main() -> None:
    """Measure; then train on all rows and write."""
    options = argparse.ArgumentParser(description="the head that predicts an edit type")
    options.add_argument(
        "--measure", action="store_true", help="write nothing, but measure also whether the picture helps"
    )
    chosen = options.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    encoders = Encoders()
    features = Features(encoders)
    made = [*generated(features), *situations()]
    rest = table_of(made, features)
    words, gold = table_of(phrased(features), features), table_of(golden(features), features)
    print(f"{len(rest.rows)} generated, {len(words.rows)} phrased, {len(gold.rows)} development rows, {SIDE} px")
    temperature, least = measured(words, rest, gold, features, view=chosen.measure)
    if not chosen.measure:
        # What is held out of the development rows stays unseen: it measured the knowledge, and may measure this again.
        seen = gold.part(np.array([row.phrase != HELD for row in gold.rows]))
        write(fit(joined([words, rest, seen]), view=False), temperature, least)


if __name__ == "__main__":
    main()
