"""A video as one canonical picture and a map into it for each frame: content deformation fields (CoDeF, Ouyang et al. 2023, arXiv 2308.07926).

Two networks are fitted to the frames: one says for (x, y, time) how far from its own place a pixel lies in the canonical picture, the other which colour is there. An edit of
the canonical picture is then an edit of every frame. With masks there are two such pairs, one for what is inside and one for the rest. Needs the extra `torch`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pixwright.errors import InvalidOption
from pixwright.models.device import device_named
from pixwright.models.fits import resume_fit, save_fit
from pixwright.nn.fields import AnnealedEncoding, HashGrid, mlp
from pixwright.nn.fitting import Fit, FittingPace
from pixwright.records.instruction import Array
from pixwright.video.codef.layers import CanonicalLayer, CanonicalVideo, Maps

_CHUNK = 2**16
"""Points that are asked at once where nothing learns."""
_SEED_OF_A_LAYER = 101
"""Between the seeds of two layers."""
_SAVED_EVERY = 500
"""Steps between two checkpoints."""
_SOLID = 128
"""Level of a mask from which a pixel belongs to its inside."""

Watch = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class CanonicalSettings:
    """How a video is fitted. The defaults are the published ones, for a GPU."""

    steps: int = 10_000
    rate: float = 1e-3
    end: float = 0.125
    """Part of the rate that is left at the end; the published schedule halves it three times."""
    patches: int = 32
    side: int = 16
    """A step looks at `patches` squares of `side` pixels, each of any frame."""
    width: int = 128
    depth: int = 6
    """Of the deformation's MLP."""
    bands: int = 6
    annealed: float = 0.4
    """The part of the fit in which the deformation's octaves open."""
    canvas: float = 0.25
    """How far the canonical picture reaches beyond the frame on each side, in the frame's longer side."""
    levels: int = 12
    table: int = 2**17
    finest: int = 1024
    """Of the canonical picture's hash grid; `finest` in cells along the canvas."""
    hidden: int = 64
    """Width of the colour's MLP."""
    flow: float = 1.0
    """Weight of: what the flow follows stays at its place of the canonical picture."""
    gradient: float = 0.1
    """Weight of: neighbouring pixels differ as they do in the frame."""
    seed: int = 0


PRESETS = {
    "codef-large": CanonicalSettings(),
    "codef-small": CanonicalSettings(
        steps=1500, rate=4e-3, patches=16, width=64, depth=4, levels=8, table=2**15, finest=512, hidden=32
    ),
}
"""By the name that `--canonical` takes: what is published, for a graphics card, and what a processor fits in some minutes."""


def fit_canonical(
    frames: Sequence[Array],
    *,
    masks: Sequence[Array] | None = None,
    flows: Sequence[NDArray[np.float32]] | None = None,
    settings: CanonicalSettings = CanonicalSettings(),
    device: str = "auto",
    checkpoint: Path | None = None,
    watch: Watch = lambda step, steps: None,
) -> CanonicalVideo:
    """Fit frames HxWx3 uint8 of one size and shot.

    masks: HxW uint8 for each frame; then layer 0 is their inside and layer 1 the rest. flows: HxWx2 float32 from each frame to the next (one fewer than frames), x and y in
    pixels, NaN where it is not to be trusted. checkpoint: a folder; a fit that finds its own files there goes on. `watch(step, steps)` is called before each step, over all
    layers; what it raises stops the fit after a checkpoint. Raises InvalidOption for inputs that do not fit together, and for a device that is not there.
    """
    _check(frames, masks, flows, settings)
    where = device_named(device)
    clip = _Clip(frames, flows, where)
    inside = None if masks is None else np.stack([mask >= _SOLID for mask in masks])
    kept = [np.ones((len(frames), *frames[0].shape[:2]), np.bool_)] if inside is None else [inside, ~inside]
    layers = []
    for number, held in enumerate(kept):
        field = _CanonicalField(settings, frames[0].shape[:2], settings.seed + _SEED_OF_A_LAYER * number).to(where)
        fit = Fit(
            field, FittingPace(settings.steps, settings.rate, settings.end), settings.seed + _SEED_OF_A_LAYER * number
        )
        path = None if checkpoint is None else checkpoint / f"canonical-{number}.safetensors"
        about = {**asdict(settings), "frames": len(frames), "size": list(frames[0].shape[:2]), "layer": number}
        _fit(fit, field, clip, held, settings, path, about, lambda step, n=number: watch(n * settings.steps + step, len(kept) * settings.steps))  # type: ignore[misc]  # fmt: skip
        layers.append(_layer(field, clip, held, settings))
    return CanonicalVideo(tuple(frames), tuple(layers), None if masks is None else tuple(masks))


def _check(
    frames: Sequence[Array],
    masks: Sequence[Array] | None,
    flows: Sequence[NDArray[np.float32]] | None,
    settings: CanonicalSettings,
) -> None:
    sizes = {frame.shape for frame in frames}
    if len(sizes) != 1:
        raise InvalidOption(
            f"{len(frames)} frames of {len(sizes)} sizes; a canonical picture needs one or more of one size"
        )
    height, width = frames[0].shape[:2]
    if min(height, width) < settings.side:
        raise InvalidOption(f"frames of {width}x{height} pixels are smaller than a patch of {settings.side}")
    for name, given, count in (("masks", masks, len(frames)), ("flows", flows, len(frames) - 1)):
        if given is not None and (len(given) != count or any(one.shape[:2] != (height, width) for one in given)):
            raise InvalidOption(f"{name}: {len(given)} given, {count} of {width}x{height} pixels needed")


class _CanonicalField(nn.Module):
    """One layer: where a pixel of a time lies on the canvas, and the colour there."""

    def __init__(self, settings: CanonicalSettings, size: tuple[int, ...], seed: int) -> None:
        super().__init__()
        self.longer, self.margin = max(size), settings.canvas
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.encoding = AnnealedEncoding(3, settings.bands)
            self.deformation = mlp(self.encoding.width, 2, width=settings.width, depth=settings.depth, still=True)
            self.grid = HashGrid(2, levels=settings.levels, table=settings.table, finest=settings.finest)
            self.colours = mlp(self.grid.width, 3, width=settings.hidden, depth=2)

    def place(self, points: Tensor, opened: float = 1.0) -> Tensor:
        """(N, 3): x, y in pixels of the frame and time 0..1 -> (N, 2) on the canvas, which is 0..1 along the frame's longer side and both margins."""
        flat = points[:, :2] / self.longer
        moved = self.deformation(self.encoding(torch.cat([flat, points[:, 2:]], dim=1), opened))
        return self.on_canvas(flat + moved)

    def on_canvas(self, flat: Tensor) -> Tensor:
        """Places in longer sides of the frame, from its corner -> 0..1 of the canvas."""
        return (flat + self.margin) / (1 + 2 * self.margin)

    def pixels(self, places: Tensor) -> Tensor:
        """Places on the canvas -> pixels of the frame's scale, from the frame's own corner."""
        return (places * (1 + 2 * self.margin) - self.margin) * self.longer

    def colour(self, places: Tensor) -> Tensor:
        """(N, 2) on the canvas -> (N, 3) in 0..1."""
        return torch.sigmoid(self.colours(self.grid(places)))


class _Clip:
    """The frames as tensors on the device, and what a step sees of them."""

    def __init__(
        self, frames: Sequence[Array], flows: Sequence[NDArray[np.float32]] | None, device: torch.device
    ) -> None:
        self.device = device
        self.frames = torch.from_numpy(np.stack(frames)).to(device)
        self.flows = None if flows is None or not len(flows) else torch.from_numpy(np.stack(flows)).to(device)
        self.count, self.height, self.width = self.frames.shape[:3]

    def time(self, number: Tensor) -> Tensor:
        """Of frames, in 0..1."""
        return number.float() / max(self.count - 1, 1)

    def patches(self, held: NDArray[np.bool_], settings: CanonicalSettings, draws: np.random.Generator) -> Tensor:
        """(P * side * side, 3) of frame, row and column: squares about pixels that the layer holds."""
        side = settings.side
        frame = draws.integers(0, self.count, settings.patches)
        corners = np.empty((settings.patches, 3), np.int64)
        for i, number in enumerate(frame.tolist()):
            rows, columns = np.nonzero(held[number])
            if not len(rows):
                rows, columns = np.array([self.height // 2]), np.array([self.width // 2])
            pick = int(draws.integers(len(rows)))
            shift = draws.integers(0, side, 2)
            top = int(np.clip(rows[pick] - shift[0], 0, self.height - side))
            left = int(np.clip(columns[pick] - shift[1], 0, self.width - side))
            corners[i] = number, top, left
        y, x = np.mgrid[:side, :side]
        offsets = np.stack([np.zeros_like(y), y, x], axis=-1).reshape(1, -1, 3)
        return torch.from_numpy((corners[:, None] + offsets).reshape(-1, 3)).to(self.device)


def _fit(
    fit: Fit,
    field: _CanonicalField,
    clip: _Clip,
    held: NDArray[np.bool_],
    settings: CanonicalSettings,
    path: Path | None,
    about: dict[str, Any],
    watch: Callable[[int], None],
) -> None:
    """All steps of one layer that are still to be done."""
    if path is not None:
        resume_fit(path, fit, about)
    weight = torch.from_numpy(held).to(clip.device)
    try:
        while not fit.done:
            watch(fit.step)
            where = clip.patches(held, settings, fit.draws())
            opened = min(1.0, fit.step / max(1.0, settings.annealed * settings.steps))
            fit.learn(_loss(field, clip, weight, where, opened, settings))
            if path is not None and fit.step % _SAVED_EVERY == 0:
                save_fit(path, fit, about)
    finally:
        if path is not None:
            save_fit(path, fit, about)


def _loss(
    field: _CanonicalField, clip: _Clip, held: Tensor, where: Tensor, opened: float, settings: CanonicalSettings
) -> Tensor:
    number, y, x = where.unbind(1)
    mine = held[number, y, x].float()
    points = torch.stack([x.float(), y.float(), clip.time(number)], dim=1)
    places = field.place(points, opened)
    off = field.colour(places) - clip.frames[number, y, x].float() / 255
    total = (off.square().mean(1) * mine).sum() / mine.sum().clamp_min(1)
    squares = (off * mine[:, None]).reshape(settings.patches, settings.side, settings.side, 3)
    total = total + settings.gradient * (squares.diff(dim=1).abs().mean() + squares.diff(dim=2).abs().mean())
    if clip.flows is None:
        return total
    last = number < clip.count - 1
    step = clip.flows[number.clamp_max(clip.count - 2), y, x]
    # The other end of the way must be the layer's own, too.
    to = torch.stack([x, y], dim=1) + torch.nan_to_num(step)
    known = last & step.isfinite().all(1) & (mine > 0) & _inside(held, number, to)
    following = torch.cat([to, clip.time(number + 1)[:, None]], dim=1)
    apart = (field.place(following, opened) - places).abs().sum(1)
    return total + settings.flow * (apart * known).sum() / known.sum().clamp_min(1)


def _inside(held: Tensor, number: Tensor, to: Tensor) -> Tensor:
    """Whether places (N, 2) of the frames after `number` are pixels that the layer holds."""
    count, height, width = held.shape
    x, y = to.round().long().unbind(1)
    within = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    there = held[(number + 1).clamp_max(count - 1), y.clamp(0, height - 1), x.clamp(0, width - 1)]
    return within & there


@torch.no_grad()
def _layer(field: _CanonicalField, clip: _Clip, held: NDArray[np.bool_], settings: CanonicalSettings) -> CanonicalLayer:
    """The canonical picture at the frames' scale, cut to what they reach, and the maps into it."""
    rows, columns = torch.meshgrid(
        torch.arange(clip.height, device=clip.device), torch.arange(clip.width, device=clip.device), indexing="ij"
    )
    maps = []
    for number in range(clip.count):
        time = clip.time(torch.full((rows.numel(),), number, device=clip.device))
        points = torch.stack([columns.flatten().float(), rows.flatten().float(), time], dim=1)
        found = torch.cat([field.pixels(field.place(part)) for part in torch.split(points, _CHUNK)])
        maps.append(found.reshape(clip.height, clip.width, 2).cpu().numpy().astype(np.float32))
    reached = np.concatenate([one[mine] for one, mine in zip(maps, held)]) if held.any() else maps[0].reshape(-1, 2)
    longest = max(clip.height, clip.width) * settings.canvas
    low = np.floor(np.maximum(reached.min(0), -longest)).astype(int)
    high = np.ceil(np.minimum(reached.max(0), [clip.width - 1 + longest, clip.height - 1 + longest])).astype(int) + 1
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]]
    flat = torch.from_numpy(np.stack([x.ravel(), y.ravel()], 1).astype(np.float32)).to(clip.device) / field.longer
    colours = torch.cat([field.colour(field.on_canvas(part)) for part in torch.split(flat, _CHUNK)]).cpu().numpy()
    picture = np.rint(colours.reshape(*y.shape, 3) * 255).astype(np.uint8)
    shifted: list[Maps] = [np.ascontiguousarray(one - low.astype(np.float32)) for one in maps]
    seen = _seen(shifted, held, picture.shape)
    return CanonicalLayer(_completed(picture, seen), seen, tuple(shifted))


def _completed(picture: Array, seen: Array) -> Array:
    """What no frame shows is noise of the fit: it gets the colour of the nearest place that one shows, so that whoever edits the picture sees no edges there."""
    known = seen > 0
    if not known.any():
        return picture
    _, nearest = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    colours = np.zeros((int(nearest.max()) + 1, picture.shape[2]), np.uint8)
    colours[nearest[known]] = picture[known]
    return np.where(known[..., None], picture, colours[nearest])


def _seen(maps: Sequence[Maps], held: NDArray[np.bool_], shape: tuple[int, ...]) -> Array:
    """HxW uint8: 255 where some frame's pixel lies."""
    seen = np.zeros(shape[:2], np.uint8)
    for one, mine in zip(maps, held):
        places = np.rint(one[mine]).astype(int)
        seen[np.clip(places[:, 1], 0, shape[0] - 1), np.clip(places[:, 0], 0, shape[1] - 1)] = 255
    return np.asarray(cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
