"""Embed the situations of `parse/knowledge.tsv` into `parse/knowledge.npy` (8 bits). Run it after every change of the table.

python recipes/convert/knowledge.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import pixwright.parse
from pixwright.encoders.bundle import Encoders
from pixwright.parse.about import plain
from pixwright.parse.implicit import knowledge
from pixwright.words.vectors import in_eight_bits

target = Path(pixwright.parse.__file__).with_name("knowledge.npy")
vectors = Encoders().text.embed([plain(row.situation, general=row.general) for row in knowledge()])
np.save(target, in_eight_bits(vectors))
print(f"{target}: {vectors.shape[0]} rows, {target.stat().st_size} bytes")
