"""The training loop: one for every kind of run, on one process or, through accelerate's own configuration, on many (DDP, FSDP).

Every draw of a step comes from a generator that is seeded by (seed, step, micro-step, process), and the order of the data by (seed, epoch). A checkpoint
therefore needs no generator's state: step, weights, averaged weights and optimiser are all there is, and a resumed run has the losses of an uninterrupted one.
"""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pixwright.errors import InvalidOption, InvalidRecord
from pixwright.records.instruction import Array
from pixwright.train.config import Optimiser, Run


class TrainingTask(Protocol):
    """What is trained, on what, and how it is looked at."""

    module: nn.Module
    """Its `forward` returns the loss. What requires gradients learns."""

    def batch(self, indices: NDArray[np.int64], generator: torch.Generator, device: torch.device) -> tuple[Any, ...]:
        """What the module is called with for those examples."""
        ...

    def size(self) -> int:
        """How many examples there are."""
        ...

    def validate(self) -> dict[str, float]:
        """Figures on held-out examples, the same ones every time."""
        ...

    def sheet(self) -> Array:
        """A picture of what it can do, H x W x 3 uint8."""
        ...

    def export(self, folder: Path, recipe: dict[str, Any]) -> None:
        """Write the trained part's file."""
        ...


@dataclass
class TrainingProgress:
    """How far a run is."""

    step: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    """Of every step of this process's life."""


class ExampleOrder:
    """Which examples a micro-step sees: every epoch a new permutation, the same for every process."""

    def __init__(self, size: int, seed: int) -> None:
        self._size, self._seed = size, seed
        self._held: dict[int, NDArray[np.int64]] = {}

    def at(self, first: int, count: int) -> NDArray[np.int64]:
        """Examples `first`..`first + count - 1` of the endless row."""
        places = np.arange(first, first + count)
        return np.array([self._epoch(place // self._size)[place % self._size] for place in places.tolist()], np.int64)

    def _epoch(self, number: int) -> NDArray[np.int64]:
        if number not in self._held:
            while len(self._held) > 1:
                self._held.pop(min(self._held))
            self._held[number] = np.random.default_rng([self._seed, 7, number]).permutation(self._size)
        return self._held[number]


class Average:
    """Exponential moving average of what learns; shards are averaged as shards."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.live = [one for one in module.parameters() if one.requires_grad]
        self.kept = [one.detach().clone() for one in self.live]
        self.decay = decay

    @torch.no_grad()
    def update(self, step: int) -> None:
        """After step `step` (0, 1, ...)."""
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self.kept, [one.detach() for one in self.live], 1 - decay)

    @contextmanager
    def swapped(self) -> Iterator[None]:
        """The averaged weights in the module's place, for as long as it lasts."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for live, kept in zip(self.live, self.kept, strict=True):
            held = live.detach().clone()
            live.copy_(kept)
            kept.copy_(held)


def rate(optimiser: Optimiser, step: int, progress: float) -> float:
    """The learning rate of a step; progress in [0, 1] is the share of the run that is over."""
    warm = min(1.0, (step + 1) / max(optimiser.warm_up, 1))
    fall = 0.5 * (1 + math.cos(math.pi * min(progress, 1.0))) if optimiser.cosine else 1.0
    return optimiser.lr * warm * fall


def draws(seed: int, *where: int) -> torch.Generator:
    """The generator of a step, micro-step and process."""
    state = np.random.SeedSequence([seed, *where]).generate_state(2, np.uint32)
    return torch.Generator().manual_seed(int(state[0]) << 31 | int(state[1]) >> 1)


class Loop:
    """One run of a task in the folder `out`."""

    def __init__(self, run: Run, task: TrainingTask, out: Path, *, resume: bool = False) -> None:
        """`resume` goes on from the folder's checkpoint, if there is one; without it an existing one is an error."""
        self.run, self.task, self.out = run, task, out
        self.accelerator = _accelerator(run.optimiser)
        self.sharded = str(self.accelerator.distributed_type.value) == "FSDP"
        # A sharded network answers only where all processes call it. So a copy is sharded, and the task's own stays whole for the process that looks at it.
        trained = copy.deepcopy(task.module) if self.sharded else task.module
        if self.sharded and not self.main:
            task.module.to("cpu")
        learning = [one for one in trained.parameters() if one.requires_grad]
        fused = all(one.device.type in ("cpu", "cuda") for one in learning)
        settings = run.optimiser
        optimiser = torch.optim.AdamW(
            learning, lr=settings.lr, betas=settings.betas, weight_decay=settings.weight_decay, fused=fused
        )
        self.module, self.optimiser = self.accelerator.prepare(trained, optimiser)
        self.average = Average(self.module, settings.ema)
        self.order = ExampleOrder(task.size(), run.seed)
        self.progress = TrainingProgress()
        self.checkpoint = out / f"checkpoint-{run.kind}.safetensors"
        if resume and self.checkpoint.exists():
            self._load()
        elif self.checkpoint.exists():
            raise InvalidOption(f"{self.checkpoint} is there already; go on with --resume, or choose another folder")
        out.mkdir(parents=True, exist_ok=True)

    @property
    def main(self) -> bool:
        """Whether this process writes."""
        return bool(self.accelerator.is_main_process)

    def __call__(self, until: Callable[[int], bool] | None = None) -> TrainingProgress:
        """Train to the end of the recipe's length, or until `until(step)` says so; a checkpoint and an export are written at the end."""
        began = time.monotonic() - self.progress.seconds
        checked = time.monotonic()
        marks = (time.monotonic(), self.progress.step)
        while not self._over() and not (until is not None and until(self.progress.step)):
            loss = self._step()
            self.progress.step += 1
            self.progress.seconds = time.monotonic() - began
            self.progress.losses.append(loss)
            if self.progress.step % self.run.length.log_every == 0:
                now = time.monotonic()
                speed = (self.progress.step - marks[1]) * self._per_step() / (now - marks[0])
                recent = self.progress.losses[-self.run.length.log_every :]
                self._log(loss=float(np.mean(recent)), lr=self._rate(), pictures_per_second=speed)
                marks = (now, self.progress.step)
            if self._agreed(time.monotonic() - checked > 60 * self.run.length.check_every):
                self.check()
                checked = time.monotonic()
                marks = (checked, self.progress.step)
        self.check()
        return self.progress

    def check(self) -> None:
        """Checkpoint, figures, sample sheet and export."""
        averaged = self.save()
        if self.main:
            with self._averaged(averaged):
                self._log(**self.task.validate())
                folder = self.out / "sheets"
                folder.mkdir(exist_ok=True)
                name = f"{self.run.kind}-{self.progress.step:07d}.png"
                cv2.imwrite(str(folder / name), np.ascontiguousarray(self.task.sheet()[..., ::-1]))
                self.task.export(self.out, self.recipe())
        self.accelerator.wait_for_everyone()

    @contextmanager
    def _averaged(self, averaged: Mapping[str, Tensor]) -> Iterator[None]:
        """The averaged weights in the task's own module, for the first process alone: nothing here may wait for the others."""
        module = self.task.module.eval()
        if self.sharded:
            module.load_state_dict(dict(averaged), strict=False)
            yield
            return
        with self.average.swapped():
            yield
        module.train()

    def recipe(self) -> dict[str, Any]:
        """What goes into every file that this run writes."""
        about = {"step": self.progress.step, "seconds": round(self.progress.seconds, 1)}
        return {"run": self.run.model_dump(mode="json"), **about, "processes": self.accelerator.num_processes}

    def _per_step(self) -> int:
        settings = self.run.optimiser
        return settings.batch * settings.accumulate * int(self.accelerator.num_processes)

    def _step(self) -> float:
        settings, step = self.run.optimiser, self.progress.step
        rank, world = int(self.accelerator.process_index), int(self.accelerator.num_processes)
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        total = 0.0
        for micro in range(settings.accumulate):
            place = ((step * settings.accumulate + micro) * world + rank) * settings.batch
            generator = draws(self.run.seed, step, micro, rank)
            given = self.task.batch(self.order.at(place, settings.batch), generator, self.accelerator.device)
            last = micro == settings.accumulate - 1
            with _together(self.accelerator, self.module, last):
                loss = self.module(*given) / settings.accumulate
                self.accelerator.backward(loss)
            total += float(loss.detach())
        self.accelerator.clip_grad_norm_(self.average.live, settings.clip)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.average.update(step)
        return total

    def _rate(self) -> float:
        return rate(self.run.optimiser, self.progress.step, self._share())

    def _share(self) -> float:
        length = self.run.length
        timed = self.progress.seconds / (60 * length.minutes) if length.minutes else 0.0
        return max(self.progress.step / length.steps, timed)

    def _over(self) -> bool:
        return self._agreed(self._share() >= 1.0)

    def _agreed(self, mine: bool) -> bool:
        """What the first process says: clocks differ."""
        if self.accelerator.num_processes == 1:
            return mine
        import accelerate.utils as utils

        said = [mine]
        utils.broadcast_object_list(said)
        return bool(said[0])

    def _log(self, **values: float) -> None:
        if not self.main:
            return
        line = {"step": self.progress.step, "seconds": round(self.progress.seconds, 1)}
        line |= {name: float(f"{value:.6g}") for name, value in values.items()}
        with (self.out / f"log-{self.run.kind}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def save(self) -> dict[str, Tensor]:
        """Write the checkpoint; it is whole or the last one. The averaged weights by name, on the processor (of the first process; others get none)."""
        weights, moments, groups = self._states()
        with self.average.swapped():
            # On a processor what is found are the live tensors themselves, which hold the average only until they are swapped back.
            averaged = {name: value.detach().clone() for name, value in self._weights().items() if self.main}
        if not self.main:
            return {}
        import safetensors.torch

        tensors = {f"model.{name}": value for name, value in weights.items()}
        tensors |= {f"ema.{name}": value for name, value in averaged.items()}
        tensors |= {f"optimiser.{name}": value for name, value in moments.items()}
        tensors = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
        about = {"recipe": json.dumps(self.recipe()), "groups": json.dumps(groups)}
        draft = self.checkpoint.with_name(f".{self.checkpoint.name}.{os.getpid()}.part")
        safetensors.torch.save_file(tensors, str(draft), metadata=about)
        draft.replace(self.checkpoint)
        return averaged

    def _weights(self) -> dict[str, Any]:
        """What learns, by name; whole also where it is sharded."""
        from torch.distributed.checkpoint import state_dict as dcp

        options = dcp.StateDictOptions(full_state_dict=True, cpu_offload=True, ignore_frozen_params=True)
        return dcp.get_model_state_dict(self.module, options=options)

    def _states(self) -> tuple[dict[str, Any], dict[str, Tensor], list[Any]]:
        """Weights; the optimiser's tensors as `NAME/exp_avg`; its groups."""
        from torch.distributed.checkpoint import state_dict as dcp

        options = dcp.StateDictOptions(full_state_dict=True, cpu_offload=True)
        found: Any = dcp.get_optimizer_state_dict(self.module, self.optimiser.optimizer, options=options)
        moments = {
            f"{name}/{kind}": torch.as_tensor(value)
            for name, row in found.get("state", {}).items()
            for kind, value in row.items()
        }
        return self._weights(), moments, found.get("param_groups", [])

    def _load(self) -> None:
        import safetensors
        from torch.distributed.checkpoint import state_dict as dcp

        with safetensors.safe_open(str(self.checkpoint), framework="pt") as opened:
            about = opened.metadata() or {}
            held = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a mapping
        recipe = json.loads(about["recipe"])
        other = Run.model_validate(recipe["run"])
        differs = [k for k in Run.model_fields if k != "length" and getattr(other, k) != getattr(self.run, k)]
        if differs:
            raise InvalidRecord(
                f"{self.checkpoint.name} is another run's ({', '.join(differs)} differ); resume it with its own recipe"
            )
        options = dcp.StateDictOptions(full_state_dict=True, strict=False)

        def named(prefix: str) -> dict[str, Any]:
            return {name.removeprefix(prefix): value for name, value in held.items() if name.startswith(prefix)}

        dcp.set_model_state_dict(self.module, named("ema."), options=options)
        self.average.kept = [one.detach().clone() for one in self.average.live]
        dcp.set_model_state_dict(self.module, named("model."), options=options)
        moments: dict[str, dict[str, Tensor]] = {}
        for key, value in named("optimiser.").items():
            name, _, kind = key.rpartition("/")
            moments.setdefault(name, {})[kind] = value
        state: Any = {"state": moments, "param_groups": json.loads(about["groups"])}
        dcp.set_optimizer_state_dict(self.module, self.optimiser.optimizer, state, options=options)
        # The fused kernel walks weights and moments in memory's order: a moment must lie as its weight does.
        for weight, row in self.optimiser.optimizer.state.items():
            for kind, value in row.items():
                if value.shape == weight.shape:
                    row[kind] = torch.empty_like(weight).copy_(value)
        self.progress = TrainingProgress(int(recipe["step"]), float(recipe["seconds"]))


def _together(accelerator: Any, module: nn.Module, last: bool) -> Any:
    """Gradients of all but the last micro-step stay where they are."""
    from contextlib import nullcontext

    return nullcontext() if last else accelerator.no_sync(module)


def _accelerator(settings: Optimiser) -> Any:
    import accelerate

    return accelerate.Accelerator(mixed_precision=settings.precision, cpu=_on_processor())


def _on_processor() -> bool:
    """Without a GPU several processes find each other only if they are told that they work on processors."""
    return not torch.accelerator.is_available()


def where() -> torch.device:
    """This process's device."""
    import accelerate

    state: Any = accelerate.PartialState(cpu=_on_processor())
    device: torch.device = state.device
    return device


def first_process_first(work: Callable[[], object]) -> None:
    """The first of a machine's processes does the work; the others, after it, find it done."""
    import accelerate

    state: Any = accelerate.PartialState(cpu=_on_processor())
    with state.local_main_process_first():
        work()


def shared_out(work: Callable[[int, int], object]) -> None:
    """Every process does its share, told its number and how many there are; all go on when the last is done."""
    import accelerate

    state: Any = accelerate.PartialState(cpu=_on_processor())
    work(int(state.process_index), int(state.num_processes))
    state.wait_for_everyone()


def tiled(rows: Sequence[Sequence[Array]], gap: int = 2) -> Array:
    """Pictures of one size in rows, H x W x 3 uint8, with light gaps."""
    high, wide = rows[0][0].shape[:2]
    most = max(len(row) for row in rows)
    out = np.full((len(rows) * (high + gap) - gap, most * (wide + gap) - gap, 3), 230, np.uint8)
    for i, row in enumerate(rows):
        for k, one in enumerate(row):
            out[i * (high + gap) : i * (high + gap) + high, k * (wide + gap) : k * (wide + gap) + wide] = one
    return out
