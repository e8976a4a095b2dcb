"""Measure `src/pixwright/edit/data/style_signatures.json`: the statistics of photographs and of their renderings in each named style.

    python recipes/style_signatures.py FOLDER_OF_PHOTOGRAPHS

Prints the share told rightly when each photograph in turn is left out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np

from pixwright.edit.editors.style_change import stylise
from pixwright.edit.styles.signature import describe
from pixwright.media.pixels import shrink
from pixwright.records.vocabulary import STYLES

PHOTOGRAPHIC = ("vintage photo", "film noir", "cyberpunk")
"""Grades of a photograph: their colours carry over without naming them."""
PHOTOGRAPH = "photograph"
TARGET = Path(__file__).parent.parent / "src/pixwright/edit/data/style_signatures.json"


def fit(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Class means and the whitening matrix of the pooled, shrunken covariance."""
    means = values.mean(0)
    rest = (values - means[None]).reshape(-1, values.shape[-1])
    covariance = np.cov(rest.T)
    covariance += 0.1 * np.diag(np.diag(covariance)) + 1e-4 * np.eye(len(covariance))
    return means, np.linalg.cholesky(np.linalg.inv(covariance))


def main() -> None:
    photographs = [cv2.imread(str(p)) for p in sorted(Path(sys.argv[1]).iterdir())]
    pictures = [shrink(cv2.cvtColor(p, cv2.COLOR_BGR2RGB), 512) for p in photographs if p is not None]
    names = [PHOTOGRAPH, *(s for s in STYLES if s not in PHOTOGRAPHIC)]
    values = np.array(
        [
            [describe(p if n == PHOTOGRAPH else stylise(p, n, np.random.default_rng(k))) for n in names]
            for k, p in enumerate(pictures)
        ]
    )
    right = np.zeros((len(pictures), len(names)), bool)
    margin = np.zeros((len(pictures), len(names)))
    for k in range(len(pictures)):
        means, whiten = fit(np.delete(values, k, 0))
        distance = (((values[k][:, None] - means[None]) @ whiten) ** 2).sum(-1)
        others = np.delete(values[:, 0], k, 0)
        distance[:, 0] = (((values[k][:, None] - others[None]) @ whiten) ** 2).sum(-1).min(1)
        right[k] = distance.argmin(1) == np.arange(len(names))
        margin[k] = distance[:, 0] - distance[:, 1:].min(1)
    print(f"{len(pictures)} photographs, left out in turn: {right.mean():.1%} right")
    print({n: round(float(r), 2) for n, r in zip(names, right.mean(0), strict=True)})
    for least in (-9, -6, -3, 0, 3, 6, 9, 12, 16):
        wrong, kept = (margin[:, 0] > least).mean(), (right & (margin > least))[:, 1:].mean()
        print(f"margin {least}: {wrong:.0%} of photographs taken for a style, {kept:.0%} of renderings named rightly")
    means, whiten = fit(values)
    record = {
        "names": names[1:],
        "means": means[1:].round(4).tolist(),
        "photographs": values[:, 0].round(4).tolist(),
        "whiten": whiten.round(5).tolist(),
    }
    TARGET.write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
