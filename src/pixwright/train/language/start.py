"""From a run's settings to what is trained: scenes, vectors, rows, network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import torch

from pixwright.build.run.networks import encoders
from pixwright.build.sets.bench import catalogue_of
from pixwright.errors import InvalidOption
from pixwright.mllm.files import AdapterFile
from pixwright.mllm.network import Adaptation, InterleavedNetwork, usual_size
from pixwright.mllm.opening import SMALL, build, layout_for, small_folder, tokenizer_of
from pixwright.mllm.tokens import PromptLayout, Writer
from pixwright.records.sample import Split
from pixwright.train.config import LanguageSettings, Run
from pixwright.train.language.plans import plan_rows
from pixwright.train.language.rows import LanguageRow, LanguageRowMaker, Material, Task
from pixwright.train.language.scenes import make_scenes, read_scenes
from pixwright.train.language.states import TokenRow, encoded
from pixwright.train.language.task import LanguageTask
from pixwright.train.language.vectors import make_vectors, read_vectors
from pixwright.train.loop import first_process_first, where
from pixwright.weights.store import expected_digest

_PROBE = "add the thing that is shown to the picture, then make a caption"
"""Any words: the size of their states is what inputs are brought to."""


def language_task(run: Run, folder: Path, *, make: bool = True) -> LanguageTask:
    """What `Loop` trains; examples are made first, as far as they are missing. Raises InvalidOption for an unknown task, and as `opening` and `scenes` do."""
    settings = run.language
    if set(settings.rows) == {"plan"}:
        return _plan_task(run, folder)
    name = f"aligned-{expected_digest('aligned')[:12]}"
    catalogue = catalogue_of(settings.sources, Split.TRAIN)
    if make:
        first_process_first(lambda: _make(settings, folder, name))
    parts = read_scenes(folder)
    table, material = read_vectors(folder, parts, catalogue, name)
    start = Path(run.start) if run.start else None
    if start is not None and start.is_dir():
        settings = settings.model_copy(update={"base": str(start)})
    network, writer, layout = network_for(settings, table.shape[1])
    if start is not None and start.is_file():
        AdapterFile(start).fill(network)
    held = replace(material, scenes=material.scenes[: settings.held_scenes])
    rest = replace(material, scenes=material.scenes[settings.held_scenes :])
    trained = of_few_texts([encoded(row, writer) for row in rows_for(settings, rest)], settings.texts)
    checked = [encoded(row, writer) for row in LanguageRowMaker(held, settings.seed).rows("edit", settings.held_rows)]
    return LanguageTask(run, network.to(where()), layout, trained, checked, table, folder)


def _plan_task(run: Run, folder: Path) -> LanguageTask:
    """Wishes and plans show nothing, so no scene is composed for them; what is held out are the reserved situations."""
    settings, width = run.language, encoders().aligned.width
    network, writer, layout = network_for(settings, width)
    if run.start:
        AdapterFile(Path(run.start)).fill(network)
    rows = plan_rows(settings.rows["plan"], settings.seed)
    trained = of_few_texts([encoded(row, writer) for row in rows], settings.texts)
    checked = [encoded(row, writer) for row in plan_rows(settings.held_rows, settings.seed, kept=True)]
    return LanguageTask(run, network.to(where()), layout, trained, checked, np.zeros((1, width), np.float32), folder)


def network_for(settings: LanguageSettings, width: int) -> tuple[InterleavedNetwork, Writer, PromptLayout]:
    """The untrained network over the settings' model, the same every time."""
    folder = small_folder() if settings.base == SMALL else Path(settings.base)
    torch.manual_seed(settings.seed)
    slots = max(settings.picture_tokens, settings.sound_tokens)
    shape = Adaptation(width, settings.enter, settings.rank, settings.tune, slots)
    wanted = PromptLayout(picture=settings.picture_tokens, sound=settings.sound_tokens)
    layout = layout_for(tokenizer_of(folder), wanted)
    network, writer = build(folder, shape, layout)
    with torch.inference_mode():
        network.spread = usual_size(network.lower(torch.tensor([writer.prompt(_PROBE, {}).ids])))
    return network, writer, layout


def rows_for(settings: LanguageSettings, material: Material) -> list[LanguageRow]:
    """All rows of a run. Raises InvalidOption for an unknown task."""
    maker = LanguageRowMaker(material, settings.seed)
    found: list[LanguageRow] = []
    for task in get_args(Task):
        count = settings.rows.get(task, 0)
        found += plan_rows(count, settings.seed) if task == "plan" else maker.rows(task, count)
    if unknown := sorted(set(settings.rows) - set(get_args(Task))):
        raise InvalidOption(f"no task is called '{unknown[0]}'; allowed: {', '.join(get_args(Task))}")
    return found


def of_few_texts(rows: Sequence[TokenRow], most: int) -> list[TokenRow]:
    """The rows without those whose text would be one too many."""
    texts: set[tuple[int, ...]] = set()
    kept = []
    for row in rows:
        if len(texts) < most or row.ids in texts:
            texts.add(row.ids)
            kept.append(row)
    return kept


def _make(settings: LanguageSettings, folder: Path, name: str) -> None:
    make_scenes(folder, settings.scenes, settings.seed, settings.sources)
    catalogue, photographs = (catalogue_of(one, Split.TRAIN) for one in (settings.sources, settings.photographs))
    make_vectors(folder, read_scenes(folder), catalogue, encoders().aligned, name, photographs)
