"""Scenes -> pictures in batches, in torch: the same arithmetic as `render`, one code for CPU and GPU.

Textures are uploaded once, into banks of one size each. Layers are laid from the back to the front: those of the same place in the order and
of the same level size together, each only where it touches its picture.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pixwright.build.contract import Catalogue, LayeredScene
from pixwright.build.scene.geometry import Placed, backdrop_size, background_window, place
from pixwright.build.scene.looks import finished, table_of
from pixwright.build.scene.render import OPAQUE, check, masks_from
from pixwright.build.scene.texture import Floats, Ints, backdrop_of, texture_of
from pixwright.build.scene.truth import ground_in
from pixwright.errors import InvalidOption
from pixwright.extras import optional
from pixwright.records.instruction import Array

if TYPE_CHECKING:
    import torch
    from torch import Tensor

BANK_BYTES = {"cpu": 96 << 20, "cuda": 2 << 30}
"""What the textures of one size may take up on the device, by its type."""


class RenderedBatch(NamedTuple):
    """`pictures` B x 3 x H x W uint8; `labels` B x H x W uint8: 0 for the background, i + 1 where layer i is seen."""

    pictures: Tensor
    labels: Tensor

    def masks(self, index: int, count: int) -> Array:
        """The masks of the first `count` layers of one picture, n x H x W uint8."""
        return masks_from(np.asarray(self.labels[index].cpu().numpy()), count)


class _Bank:
    """Textures of one shape on the device. What is not in the current batch and was used longest ago makes room."""

    def __init__(self, shape: tuple[int, ...], device: torch.device, most_bytes: int) -> None:
        import torch

        self._most = max(4, most_bytes // int(np.prod(shape)))
        self.values = torch.zeros((4, *shape), dtype=torch.uint8, device=device)
        self._slots: OrderedDict[object, int] = OrderedDict()

    def slots(self, wanted: Iterable[tuple[object, Callable[[], Array]]]) -> list[int]:
        """Where in `values` the textures of these keys are; `wanted` holds a key and what makes its pixels, ... x C uint8."""
        import torch

        wanted = list(wanted)
        needed = {key for key, _ in wanted}
        for key, make in wanted:
            if key in self._slots:
                self._slots.move_to_end(key)
                continue
            slot = self._free(needed)
            self._slots[key] = slot
            self.values[slot].copy_(torch.from_numpy(np.ascontiguousarray(make().transpose(2, 0, 1))))
        return [self._slots[key] for key, _ in wanted]

    def rows(self, wanted: Iterable[tuple[object, Callable[[], Array]]]) -> Tensor:
        """The textures of these keys, n x C x S x S float32."""
        import torch

        index = torch.tensor(self.slots(wanted), device=self.values.device)
        return self.values.index_select(0, index).float()

    def _free(self, needed: set[object]) -> int:
        import torch

        if len(self._slots) >= self._most:
            oldest = next((key for key in self._slots if key not in needed), None)
            if oldest is not None:
                return self._slots.pop(oldest)
        slot = len(self._slots)
        if slot >= len(self.values):
            self.values = torch.cat([self.values, torch.zeros_like(self.values)])
        return slot


class BatchRenderer:
    """Renders batches on one device and remembers its textures, up to `bank_bytes` for each of their sizes (None: `BANK_BYTES`).

    Not to be shared between threads. Raises `MissingExtra` without torch.
    """

    def __init__(self, device: str = "cpu", bank_bytes: int | None = None) -> None:
        torch = optional("torch", "the batched renderer", "torch")
        self.device = torch.device(device)
        self._bank_bytes = bank_bytes or BANK_BYTES.get(self.device.type, BANK_BYTES["cpu"])
        self._banks: dict[tuple[int, ...], _Bank] = {}

    def render(self, scenes: Sequence[LayeredScene], catalogue: Catalogue) -> RenderedBatch:
        """Pictures and labels of scenes of one size. Equals `render.render` to within two levels.

        Raises `InvalidOption` as `scene_render.render`, and for scenes of different sizes.
        """
        import torch

        if not scenes:
            raise InvalidOption("No scene to render; give at least one.")
        sizes = {(scene.height, scene.width) for scene in scenes}
        if len(sizes) > 1:
            raise InvalidOption(f"Scenes of sizes {sorted(sizes)} in one batch; render those of one size together.")
        for scene in scenes:
            check(scene)
        with torch.inference_mode():
            canvas = self._backgrounds(scenes, catalogue)
            labels = self._lay_all(canvas, scenes, catalogue)
            return self._finish(canvas, labels, scenes, catalogue)

    def _bank(self, *shape: int) -> _Bank:
        if shape not in self._banks:
            self._banks[shape] = _Bank(shape, self.device, self._bank_bytes)
        return self._banks[shape]

    def _backgrounds(self, scenes: Sequence[LayeredScene], catalogue: Catalogue) -> Tensor:
        """3 x (B H W + 1), 0 to 255; what falls outside a picture goes to the last place. A window that repeats is sampled once."""
        import torch
        from torch.nn import functional as f

        tall, wide = scenes[0].height, scenes[0].width
        whose: dict[tuple[tuple[int, int], str, tuple[float, ...]], list[int]] = {}
        for number, scene in enumerate(scenes):
            shape = backdrop_size(scene)
            whose.setdefault((shape, scene.background, background_window(scene)), []).append(number)
        canvas = torch.empty((3, len(scenes) * tall * wide + 1), device=self.device)
        planes = canvas[:, :-1].view(3, len(scenes), tall, wide)
        for shape in sorted({key[0] for key in whose}):
            groups = [numbers for key, numbers in whose.items() if key[0] == shape]
            levels, windows = self._windows([scenes[numbers[0]] for numbers in groups], shape, catalogue)
            x = _even(windows[:, 0], windows[:, 2], wide).float()
            y = _even(windows[:, 1], windows[:, 3], tall).float()
            grid = torch.stack([x[:, None].expand(-1, tall, -1), y[:, :, None].expand(-1, -1, wide)], -1)
            drawn = f.grid_sample(levels, grid.to(self.device), padding_mode="border", align_corners=False)
            for numbers, one in zip(groups, drawn, strict=True):
                for number in numbers:
                    planes[:, number].copy_(one)
        return canvas

    def _windows(
        self, scenes: Sequence[LayeredScene], shape: tuple[int, int], catalogue: Catalogue
    ) -> tuple[Tensor, Tensor]:
        """The part of each scene's background level that is seen, all of one size n x 3 x h x w, and the windows as shares of that part."""
        import torch

        drops = [backdrop_of(scene.background, catalogue) for scene in scenes]
        slots = self._bank(3, *shape).slots((d.key, lambda d=d: d.level(*shape)) for d in drops)  # type: ignore[misc]
        edges = np.array([background_window(scene) for scene in scenes]) * np.array([shape[1], shape[0]] * 2)
        size = np.ceil(edges[:, 2:] - edges[:, :2]).max(axis=0).astype(int) + 3
        size = np.minimum(size, [shape[1], shape[0]])
        # A texel more on either side: a sample at the edge looks at its neighbour.
        first = np.clip(np.floor(edges[:, :2] - 1), 0, np.array([shape[1], shape[0]]) - size).astype(int)
        values = self._bank(3, *shape).values
        part = torch.empty((len(scenes), 3, int(size[1]), int(size[0])), device=self.device)
        for row, (slot, (left, top)) in enumerate(zip(slots, first.tolist(), strict=True)):
            part[row].copy_(values[slot, :, top : top + part.shape[2], left : left + part.shape[3]])
        shares = (edges - np.tile(first, 2)) / np.tile(size, 2)
        return part, torch.from_numpy(shares)

    def _lay_all(self, canvas: Tensor, scenes: Sequence[LayeredScene], catalogue: Catalogue) -> Tensor:
        import torch

        labels = torch.zeros(canvas.shape[1], dtype=torch.uint8, device=self.device)
        whose = [number for number, scene in enumerate(scenes) for _ in scene.layers]
        order = np.array([k for scene in scenes for k in range(len(scene.layers))], np.int64)
        placed = place(scenes, [texture_of(layer, catalogue) for scene in scenes for layer in scene.layers], whose)
        size = placed.boxes[:, 2:] - placed.boxes[:, :2]
        shown = (size > 0).all(axis=1) if len(order) else np.zeros(0, bool)
        # Patches of about the same size are padded to the largest of them.
        bucket = np.ceil(np.log2(np.maximum(size.max(axis=1, initial=1), 8)) * 2) if len(order) else order
        frame = (scenes[0].height, scenes[0].width)
        for depth in range(int(order.max(initial=-1)) + 1):
            here = shown & (order == depth)
            for side, span in sorted({(int(s), int(b)) for s, b in zip(placed.sides[here], bucket[here], strict=True)}):
                rows = np.flatnonzero(here & (placed.sides == side) & (bucket == span))
                self._lay(canvas, labels, placed, rows, np.asarray(whose, np.int64)[rows], depth, frame)
        return labels

    def _lay(
        self,
        canvas: Tensor,
        labels: Tensor,
        placed: Placed,
        rows: Ints,
        whose: Ints,
        depth: int,
        frame: tuple[int, int],
    ) -> None:
        """Lay those rows, all of one depth, level size and about one patch size."""
        import torch
        from torch.nn import functional as f

        side = int(placed.sides[rows[0]])
        boxes = placed.boxes[rows]
        wide, tall = (int(n) for n in (boxes[:, 2:] - boxes[:, :2]).max(axis=0))
        chosen = [placed.textures[row] for row in rows]
        levels = self._bank(4, side, side).rows((t.key, lambda t=t: t.level(side)) for t in chosen)  # type: ignore[misc]
        packed = np.concatenate(
            [_theta(placed, rows, side, wide, tall), boxes, placed.shadow[rows], placed.light[rows].reshape(-1, 12),
             whose[:, None]], axis=1)  # fmt: skip
        numbers = torch.from_numpy(packed.astype(np.float32)).to(self.device)
        colour = f.grid_sample(levels, _grid(numbers[:, :6], tall, wide), padding_mode="zeros", align_corners=False)
        x = numbers[:, 6, None] + torch.arange(wide, device=self.device)
        y = numbers[:, 7, None] + torch.arange(tall, device=self.device)
        rgb, full = colour[:, :3], colour[:, 3:]
        alpha = full / 255
        rgb = _lit(rgb, full, numbers[:, 15:27].view(-1, 3, 4), placed.light[rows])
        through = 1 - alpha
        if (placed.shadow[rows, 4] > 0).any():
            cx, cy, rx, ry, dark = numbers[:, 10:15, None].unbind(1)
            near = 1 - (((x - cx) / rx) ** 2)[:, None, :] - (((y - cy) / ry) ** 2)[:, :, None]
            near = near.clamp_(min=0)
            through = through * (1 - dark[..., None] * near * near)[:, None]
        inside = (x < numbers[:, 8, None])[:, None, :] & (y < numbers[:, 9, None])[:, :, None]
        start = torch.from_numpy(whose).to(self.device)[:, None, None] * (frame[0] * frame[1])
        at = start + y.long()[:, :, None] * frame[1] + x.long()[:, None, :]
        at = torch.where(inside, at, canvas.shape[1] - 1).view(-1)
        where = at.expand(3, -1)
        old = canvas.gather(1, where)
        new = torch.addcmul(_flat(rgb), old, _flat(through))
        canvas.scatter_(1, where, new)
        seen = alpha.view(-1) > OPAQUE
        labels.scatter_(0, at, torch.where(seen, depth + 1, labels.gather(0, at)).to(torch.uint8))

    def _finish(
        self, canvas: Tensor, labels: Tensor, scenes: Sequence[LayeredScene], catalogue: Catalogue
    ) -> RenderedBatch:
        """Rounded pictures; looks that are a map of colours are given to all at once, others picture by picture in numpy."""
        import torch

        tall, wide = scenes[0].height, scenes[0].width
        # Compositing stays within 0 to 255; cutting off after adding a half rounds.
        pictures = (
            canvas.add_(0.5).to(torch.uint8)[:, :-1].view(3, len(scenes), tall, wide).transpose(0, 1).contiguous()
        )
        seen = labels[:-1].view(len(scenes), tall, wide)
        batch = RenderedBatch(pictures, seen)
        for looks in sorted({scene.finish for scene in scenes if scene.finish}):
            numbers = [number for number, scene in enumerate(scenes) if scene.finish == looks]
            tables = [table_of(look) for look in looks]
            if all(table is not None for table in tables):
                part = pictures[numbers]
                for table in tables:
                    part = self._through(np.asarray(table), part)
                pictures[numbers] = part
                continue
            for number in numbers:
                scene = scenes[number]
                find = ground_in(scene, batch.masks(number, len(scene.layers)), catalogue)
                flat = np.ascontiguousarray(pictures[number].permute(1, 2, 0).cpu().numpy())
                done = finished(flat, looks, scene.seed, find)
                pictures[number].copy_(torch.from_numpy(np.ascontiguousarray(done.transpose(2, 0, 1))))
        return batch

    def _through(self, table: Array, pictures: Tensor) -> Tensor:
        """n x 3 x H x W uint8 through a table of colours."""
        import torch
        from torch.nn import functional as f

        volume = torch.from_numpy(np.ascontiguousarray(table.transpose(3, 0, 1, 2))).to(self.device).float()[None]
        # The table's last axis, blue, is grid_sample's first coordinate.
        at = (pictures.flip(1).permute(0, 2, 3, 1).float() * (2 / 255) - 1)[None]
        found = f.grid_sample(volume, at, align_corners=True, padding_mode="border")[0].transpose(0, 1)
        return found.round().clamp_(0, 255).to(torch.uint8)


def _grid(theta: Tensor, tall: int, wide: int) -> Tensor:
    """What `affine_grid` gives, n x tall x wide x 2, without its matrix product, which is slow on a CPU."""
    import torch

    u = (2 * torch.arange(wide, device=theta.device) + 1) / wide - 1
    v = (2 * torch.arange(tall, device=theta.device) + 1) / tall - 1
    m = theta.view(-1, 2, 3)[:, None, None]
    return torch.addcmul(m[..., 2] + v[:, None, None] * m[..., 1], u[:, None], m[..., 0])


def _lit(rgb: Tensor, full: Tensor, light: Tensor, known: Floats) -> Tensor:
    """The light matrices on premultiplied colours 0 to 255, whose alpha on the same scale is `full`; `known` are the same on the host."""
    import torch

    if (known == np.eye(3, 4)).all():
        return rgb
    if (known[:, :, :3] * (1 - np.eye(3)) == 0).all():
        gain = light[:, :, :3].diagonal(dim1=1, dim2=2)[:, :, None, None]
        lit = torch.addcmul(rgb * gain, full, light[:, :, 3, None, None])
    else:
        lit = torch.einsum("nij,njhw->nihw", light, torch.cat([rgb, full], 1))
    return torch.minimum(lit.clamp_(min=0), full)


def _flat(planes: Tensor) -> Tensor:
    """n x C x H x W -> C x (n H W)."""
    return planes.transpose(0, 1).reshape(planes.shape[1], -1)


def _even(first: Tensor, last: Tensor, count: int) -> Tensor:
    """The middles of `count` equal parts from `first` to `last` (shares of a texture), as `grid_sample` wants them, -1 to 1."""
    import torch

    middles = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    return 2 * (first[:, None] + middles * (last - first)[:, None]) - 1


def _theta(placed: Placed, rows: Ints, side: int, wide: int, tall: int) -> Floats:
    """n x 6: patch coordinates from -1 to 1 -> level coordinates from -1 to 1, as `affine_grid` and `grid_sample` count."""
    transform, boxes = placed.transform[rows], placed.boxes[rows].astype(np.float64)
    # Patch [-1, 1] -> picture pixels -> texels -> level [-1, 1].
    half = np.array([wide / 2, tall / 2])
    middle = boxes[:, :2] + half - 0.5
    linear = transform[:, :, :2] * half[None, None, :]
    shift = np.einsum("nij,nj->ni", transform[:, :, :2], middle) + transform[:, :, 2]
    level = np.concatenate([linear * 2 / side, ((2 * shift + 1) / side - 1)[..., None]], axis=2)
    return level.reshape(len(rows), 6)
