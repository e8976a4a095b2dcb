"""Train the critic's head on the rows that `recipes.train.critic data` wrote, report, and keep it. Needs torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from recipes.fit_judge import auc

from pixwright.encoders.heads import save
from pixwright.train.critic.fit import CriticHead, CriticRows, joined, logits, train

HELD = 0.15
"""Share of the files, the last ones, on which is reported."""
STATE = "head.pt"


def rows_of(out: Path) -> tuple[CriticRows, list[str], int]:
    """All rows, the faults' names, and where the held ones begin."""
    files = sorted(out.glob("rows-*.npz"))
    parts = [dict(np.load(file)) for file in files]
    held = max(1, round(len(files) * HELD))
    return (
        joined(parts),
        [str(f) for part in parts for f in part["fault"]],
        sum(len(part["fault"]) for part in parts[:-held]),
    )


def fit_and_report(out: Path, epochs: int, device: str) -> None:
    """Writes `head.pt`; prints how well each fault is told from what is right, on rows that it was not trained on."""
    rows, faults, start = rows_of(out)
    head = train(rows.at(np.arange(start)), epochs, device=device)
    held = rows.at(np.arange(start, len(rows)))
    found = logits(head, held)
    right = held.accepted > 0
    print(
        f"{start} rows, {len(held)} held out; accepted: AUC {auc(right, found[:, 0]):.3f}; broken: AUC {auc(held.broken > 0, found[:, 1]):.3f}"
    )
    for name in sorted({f for f in faults if f}):
        this = np.array([f == name for f in faults[start:]])
        if this.any():
            told = auc(
                np.r_[np.ones(right.sum(), bool), np.zeros(this.sum(), bool)], np.r_[found[right, 0], found[this, 0]]
            )
            print(f"{name:14} {this.sum():4} AUC {told:.3f}, called broken {float((found[this, 1] > 0).mean()):.2f}")
    print(f"right ones called broken {float((found[right, 1] > 0).mean()):.3f}")
    torch.save(head.state_dict(), out / STATE)


def keep(out: Path, target: Path) -> None:
    """The head in the package's form."""
    state = torch.load(out / STATE, weights_only=True)
    head = CriticHead(np.zeros((1, len(state["mean"])), np.float32))
    head.load_state_dict(state)
    save(head.tensors(), target)
    print(f"{target}: {target.stat().st_size} bytes")
